import { CliError } from '../errors.ts'

/** What is thrown when the person has had enough. */
export function interrupted(signal: AbortSignal): Error {
  return signal.reason instanceof CliError ? signal.reason : new CliError('interrupted', 'Stopped.')
}

/** The promise, or interrupted as soon as the signal says so; whatever it waits for is then left to itself. */
export async function abortable<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  if (signal.aborted) {
    promise.catch(() => {})
    throw interrupted(signal)
  }
  let stop = () => {}
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(interrupted(signal))
  })
  signal.addEventListener('abort', stop)
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
