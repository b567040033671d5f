import { randomUUID } from 'node:crypto'
import { check } from '../core/generate/check.ts'
import type { JobOptions } from '../core/generate/job.ts'
import { promptFor } from '../core/generate/prompt.ts'
import { costOf } from '../core/generate/report.ts'
import type { FailureCode } from '../core/generate/trouble.ts'
import type { Database } from '../db/connect.ts'
import type { Author } from '../db/user.ts'
import { CliError, type ErrorKind } from '../errors.ts'
import type { World } from '../world.ts'
import { finish } from './finish.ts'
import {
  account,
  buryDead,
  expected,
  giveBack,
  halt,
  LEASE_S,
  postpone,
  renew,
  type Standing,
  settle,
  standing,
  type Taken,
  take,
  type WorkingJob,
  workerName,
} from './job.ts'
import { type Answered, nothingUsed, type Provider } from './provider.ts'

/** What a worker is, and whom it tells how it goes. */
export interface Worker {
  db: Database
  user: Author
  here: World['here']
  provider: Provider
  /** How many sections may be in flight now: a provider that complains gets fewer. */
  concurrency(): number
  signal: AbortSignal
  now(): Date
  /** Called after each change worth showing. */
  onProgress(standing: Standing): void
}

/** How a worker's turn at a job came to its end. */
export type Turn =
  /** Every section is settled, by whomever. */
  | { kind: 'finished' }
  /** Something is left, which others hold, or which came up just now: to be looked at again. */
  | { kind: 'others' }
  /** It is pointless to go on now, for a reason that no other section can help. */
  | { kind: 'stopped'; code: string; error: CliError }
  /** The provider asked to wait. */
  | { kind: 'later'; until: Date }
  /** Somebody has cancelled it. */
  | { kind: 'cancelled' }

/** Failures that may be over in a minute, without anybody doing anything about them. */
const PASSING: ReadonlySet<string> = new Set([
  'unreachable',
  'unavailable',
  'limited',
] satisfies FailureCode[])

/** How a run ends for what has stopped a job, as far as that is more than that the provider was of no use. */
const KINDS = { limit: 'partial', auth: 'denied', limited: 'try_later' } as const satisfies Record<
  string,
  ErrorKind
>

const kindOf = (code: string): ErrorKind =>
  code in KINDS ? KINDS[code as keyof typeof KINDS] : 'unavailable'

/** A provider that fails for so many sections on end is not asked about more. */
const FAILURES_IN_A_ROW = 3

/**
 * Works on a job until nothing of it is left to take. Everything is in the database when it returns, whatever ended it.
 * Rejects with the signal's reason when that is raised; what was in flight is given back then, and can be taken by others
 * at once.
 */
export async function workOn(job: WorkingJob, worker: Worker): Promise<Turn> {
  const { db, user, here, provider, signal, now, onProgress } = worker
  const { job_id, options } = job
  const about = { title: job.source_title, options }
  const token = randomUUID()
  // ends what is in flight: the person's wish, a job that was cancelled, a failure that all sections would meet
  const ending = new AbortController()
  const onAbort = () => ending.abort(signal.reason)
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  const flying = new Map<number, Promise<void>>()
  // an object: what the flights change, the loop has to see
  const so: { turn: Turn | null; failed: { error: unknown } | null; inARow: number } = {
    turn: null,
    failed: null,
    inARow: 0,
  }
  const heartbeat = setInterval(() => void beat().catch(() => {}), (LEASE_S * 1000) / 3)

  try {
    await buryDead(db, user, here)
    for (;;) {
      // filled again whenever one of them has come down
      while (!so.turn && !ending.signal.aborted && flying.size < worker.concurrency()) {
        if (!(await takeOff())) break
      }
      if (flying.size === 0) break
      await Promise.race(flying.values())
      onProgress(await standing(db, job_id))
    }
    signal.throwIfAborted()
    if (so.failed) throw so.failed.error
    if (so.turn) return so.turn
    const after = await standing(db, job_id)
    const ended = over(after, now())
    if (ended) return ended
    if (after.pending > 0) return { kind: 'others' }
    return (await finish(db, job)) ? { kind: 'finished' } : { kind: 'others' }
  } finally {
    clearInterval(heartbeat)
    signal.removeEventListener('abort', onAbort)
    // nothing is in flight any more, unless the database was lost
    ending.abort()
    // a database that is lost lets the leases run out by themselves
    await giveBack(db, token).catch(() => {})
  }

  /** Takes a section and asks about it; false when there is none to take now. */
  async function takeOff(): Promise<boolean> {
    const before = await standing(db, job_id)
    onProgress(before)
    so.turn = over(before, now())
    if (so.turn?.kind === 'cancelled') ending.abort(so.turn)
    if (so.turn) return false
    const taken = await take(db, user, job_id, token, workerName(here))
    if (!taken) return false
    const limit = limitReached(before, taken, options)
    if (limit) {
      await giveBack(db, token, taken.section)
      await stop('limit', new CliError(KINDS.limit, `Stopped at ${limit}.`))
      return false
    }
    const flight = ask(taken)
      .catch((error: unknown) => {
        so.failed ??= { error }
        ending.abort(error)
      })
      .finally(() => flying.delete(taken.section))
    flying.set(taken.section, flight)
    return true
  }

  async function ask(taken: Taken): Promise<void> {
    let answered: Answered
    const used = nothingUsed()
    try {
      answered = await provider.ask(taken, about, taken.asked, ending.signal, used)
    } catch (error) {
      if (!ending.signal.aborted) throw error
      if (used.requests > 0) await account(db, job_id, taken.section, used)
      return
    }
    await account(db, job_id, taken.section, answered.usage)
    await land(taken, answered)
  }

  async function land(taken: Taken, answered: Answered): Promise<void> {
    if (answered.kind === 'cards') {
      so.inARow = 0
      const { system } = promptFor(taken, about, [])
      const { cards, dropped } = check(answered.proposals, taken, options, system)
      const { incomplete } = answered
      const note = incomplete === undefined ? {} : { error_code: 'incomplete', error_message: incomplete }
      await settle(db, job_id, taken.section, token, { status: 'done', cards, dropped, ...note })
      return
    }
    if (answered.kind === 'later') {
      await giveBack(db, token, taken.section)
      await postpone(db, job_id, answered.waitMs)
      so.turn = { kind: 'later', until: new Date(now().getTime() + answered.waitMs) }
      return
    }
    const { scope, code, message, hint, error, reply } = answered
    if (scope !== 'section') so.inARow++
    if (scope === 'job' || so.inARow >= FAILURES_IN_A_ROW) {
      await giveBack(db, token, taken.section)
      await stop(code, new CliError(error, message, hint))
      ending.abort(so.turn)
      return
    }
    const settled = { status: 'failed', error_code: code, error_message: message } as const
    await settle(db, job_id, taken.section, token, { ...settled, ...(reply !== undefined && { reply }) })
  }

  /** Ends the work of all workers on the job, for what this one has met first. */
  async function stop(code: string, error: CliError): Promise<void> {
    so.turn = { kind: 'stopped', code, error }
    await halt(db, job_id, { code, message: error.message, rests: PASSING.has(code) })
  }

  /**
   * Renews the leases. When one is no longer ours, because somebody has cancelled the job or this machine has slept for
   * longer than it held, there is perhaps nothing left to do here.
   */
  async function beat(): Promise<void> {
    const held = await renew(db, token)
    if ([...flying.keys()].every((section) => held.includes(section))) return
    const ended = over(await standing(db, job_id), now())
    if (!ended) return
    so.turn = ended
    ending.abort(ended)
  }
}

/** Whether a job has come to an end without this worker, or to a rest. */
function over({ status, outcome, error_code, error_message, run_after }: Standing, now: Date): Turn | null {
  if (outcome === 'cancelled') return { kind: 'cancelled' }
  if (status === 'done') return { kind: 'finished' }
  const rests = run_after !== null && run_after > now
  if (status === 'failed' || (rests && error_code !== null)) {
    const code = error_code ?? 'failed'
    const error = new CliError(kindOf(code), error_message ?? 'The job has failed.')
    return { kind: 'stopped', code, error }
  }
  return rests ? { kind: 'later', until: run_after } : null
}

/** The limit that a section would take a job over, as a flag: what is in flight counts as it is expected. */
function limitReached(standing: Standing, next: Taken, options: JobOptions): string | null {
  const { max_tokens, max_cost } = options
  const more = expected(next)
  const prompt_tokens = standing.prompt_tokens + standing.reserved_prompt + more.prompt
  const completion_tokens = standing.completion_tokens + standing.reserved_completion + more.completion
  const cost = costOf({ prompt_tokens, completion_tokens }, options)
  if (max_tokens !== undefined && prompt_tokens + completion_tokens > max_tokens)
    return `--max-tokens ${max_tokens}`
  return max_cost !== undefined && cost !== null && cost > max_cost ? `--max-cost ${max_cost}` : null
}
