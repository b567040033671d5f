import { CliError } from '../errors.ts'
import { interrupted } from '../generate/abort.ts'
import { networkProblem, readBody, withoutCredentials } from '../generate/web.ts'
import { IMAGE_MS, MOST_BYTES } from './image.ts'

/** What a store's server answered. */
export interface Answer {
  status: number
  body: Uint8Array
}

/**
 * One request to the server of a store, redirects not followed, with a limit of time and size. Throws unavailable when
 * it cannot be reached, and interrupted.
 */
export async function request(
  url: string,
  init: RequestInit,
  signal: AbortSignal,
  ms = IMAGE_MS,
): Promise<Answer> {
  const clock = AbortSignal.timeout(ms)
  const either = AbortSignal.any([signal, clock])
  const name = withoutCredentials(url)
  try {
    const response = await fetch(url, { ...init, redirect: 'manual', signal: either })
    const { bytes } = await readBody(name, response, MOST_BYTES, either)
    return { status: response.status, body: bytes }
  } catch (error) {
    if (signal.aborted) throw interrupted(signal)
    if (clock.aborted)
      throw new CliError(
        'unavailable',
        `${new URL(url).host} took longer than ${ms / 1000} s.`,
        'Try again later.',
      )
    if (error instanceof CliError)
      throw new CliError('unavailable', error.message, undefined, { cause: error })
    throw networkProblem(new URL(url), error, 'unavailable')
  }
}
