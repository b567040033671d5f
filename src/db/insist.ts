import { setTimeout as sleep } from 'node:timers/promises'
import { CliError } from '../errors.ts'
import { databaseProblem } from './problem.ts'

const RETRY_AFTER_MS = [100, 500, 2000]

/**
 * Tries again when the connection was lost on the way: a server that was restarted in between is no reason to stop. For
 * statements that change nothing when they come twice. What is thrown in the end begins with `lost`.
 */
export async function insistently<T>(work: () => Promise<T>, lost: string): Promise<T> {
  for (const wait of RETRY_AFTER_MS) {
    try {
      return await work()
    } catch (error) {
      const problem = databaseProblem(error)
      if (problem?.kind !== 'unavailable' && problem?.kind !== 'try_later') throw error
    }
    await sleep(wait)
  }
  try {
    return await work()
  } catch (error) {
    const problem = databaseProblem(error)
    if (!problem) throw error
    throw new CliError(problem.kind, `${lost} ${problem.message}`, problem.hint)
  }
}
