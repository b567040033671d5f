import type { World } from '../../src/world.ts'
import { databaseEnv } from './database.ts'
import { type Circumstances, type Ran, runMain } from './world.ts'

interface Options extends Circumstances {
  /** Added to the environment, in which there is otherwise only the worker's own database. */
  env?: World['env']
}

/** Runs one command line on the worker's database, in this process. A line is split at spaces outside quotes. */
export async function rote(
  line: string | readonly string[],
  { env, ...options }: Options = {},
): Promise<Ran> {
  return runMain(typeof line === 'string' ? words(line) : line, { ...(await databaseEnv()), ...env }, options)
}

/** `rote`, for a command that is only a step towards what is tested: gives its stdout, and throws when it fails. */
export async function did(line: string | readonly string[], options: Options = {}): Promise<string> {
  const { code, stdout, stderr } = await rote(line, options)
  if (code !== 0) throw new Error(`rote ${line} ended with ${code}: ${stderr}`)
  return stdout.trimEnd()
}

function words(line: string): string[] {
  return Array.from(
    line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g),
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  )
}
