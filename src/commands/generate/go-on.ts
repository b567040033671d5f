import type { Context } from '../../context.ts'
import { placeOf } from '../../core/generate/report.ts'
import { startReview } from '../../core/generate/review.ts'
import { plural } from '../../core/plural.ts'
import type { Database } from '../../db/connect.ts'
import type { Author } from '../../db/user.ts'
import { CliError, usage } from '../../errors.ts'
import { acceptWaiting } from '../../generate/accept.ts'
import { rewrite } from '../../generate/decide.ts'
import { createDesk } from '../../generate/desk.ts'
import type { ProviderSettings } from '../../generate/endpoint.ts'
import { markDuplicates } from '../../generate/finish.ts'
import { type NewOptions, readWorkingJob, reopen, type WorkingJob } from '../../generate/job.ts'
import { regeneratorFor } from '../../generate/regenerate.ts'
import { playReview } from '../../generate/review.ts'
import { reviewSummary } from '../../generate/review-screen.ts'
import { countCandidates, jobDeck, loadReview } from '../../generate/waiting.ts'
import type { Turn } from '../../generate/work.ts'
import { program } from '../../program.ts'
import { forgetTyped } from '../../ui/interrupt.ts'
import { textLines } from '../../ui/markup.ts'
import { editSides } from '../draft.ts'
import { type Accept, type ProviderFlags, providerOf } from './options.ts'
import { type JobRow, jobView, readJob, reportLines, short } from './shared.ts'

/** Goes on with a job: with its provider, or by hand when it has none. */
export async function goOn(
  context: Context,
  job_id: string,
  settings: ProviderSettings | null,
  options: WorkOptions,
): Promise<void> {
  if (settings) return workAndReport(context, job_id, settings, options)
  const { db, user, out, term } = context
  if (options.async) throw nobodyPastes()
  if (options.reopen) await reopen(db, user, job_id, options.reopen)
  const job = await readWorkingJob(db, user, job_id)
  if (term.interactive && out.mode === 'table') {
    const { byHand } = await import('../../generate/copy.ts')
    await byHand(db, user, job, term, (text) => out.say(text)).catch((error: unknown) => {
      if (!(error instanceof CliError) || error.kind !== 'interrupted') throw error
      throw new CliError('interrupted', error.message, hintFor(job_id))
    })
    return report(context, job_id, { kind: 'finished' }, options.accept)
  }
  await tellPrompt(context, job)
}

/** Prints the next prompt of a job, for a pipe; false when there is none left. */
export async function tellPrompt({ db, user, out, term }: Context, job: WorkingJob): Promise<boolean> {
  const { nextPrompt } = await import('../../generate/copy.ts')
  const next = await nextPrompt(db, user, job, term.here)
  if (!next) return false
  const { section, text } = next
  out.say(
    `The prompt for ${placeOf(section)}. Hand in the answer: … | rote generate paste ${short(job.job_id)}`,
  )
  const { page_from, page_to } = section
  await out.answer(text.trimEnd(), {
    job_id: job.job_id,
    section: section.section,
    page_from,
    page_to,
    prompt: text,
  })
  return true
}

interface WorkOptions extends ProviderFlags {
  async?: true
  accept?: Accept
  /** The job is made open again first, with these options besides its own. */
  reopen?: NewOptions
}

/**
 * Works on a job until it has ended, or sets a worker on it in the background, and says what came of it. Throws what its
 * end is when that is not a whole one: partial, failure for no cards at all, try_later, and what stopped it.
 */
async function workAndReport(
  context: Context,
  job_id: string,
  settings: ProviderSettings,
  options: WorkOptions,
): Promise<void> {
  const { db, user, out, term, now } = context
  if (options.reopen) await reopen(db, user, job_id, options.reopen)
  if (options.async) {
    await startWorker(context, job_id, options)
    const sentence = `The job ${short(job_id)} goes on in the background. See how far: rote generate view ${short(job_id)}`
    return out.done(jobView, await readJob(db, user, job_id), sentence)
  }
  // the other verbs ask nobody
  const { carryOut } = await import('../../generate/carry-out.ts')
  const visible = out.mode === 'table' || out.mode === 'tsv'
  const say = (text: string) => out.say(text)
  const asked = await readJob(db, user, job_id)
  out.say(
    `Asking ${settings.model} at ${hostOf(settings.baseURL)} about ${plural(asked.sections - asked.sections_done, 'section')}.`,
  )
  const turn = await carryOut(await readWorkingJob(db, user, job_id), settings, {
    db,
    user,
    term,
    now,
    say,
    visible,
  }).catch(async (error: unknown) => {
    if (!(error instanceof CliError) || error.kind !== 'interrupted') throw error
    const saved = savedOf(await readJob(db, user, job_id))
    throw new CliError('interrupted', `Stopped. ${saved}`, hintFor(job_id))
  })
  await report(context, job_id, turn, options.accept)
}

/** Says what came of a job, decides what was to be decided, and ends as the job did. */
async function report(
  context: Context,
  job_id: string,
  turn: Turn,
  accept: Accept | undefined,
): Promise<void> {
  const { db, user, out, term } = context
  const { options, status } = await readJob(db, user, job_id)
  // one that is done has its marks
  if (status !== 'done') await markDuplicates(db, job_id)
  const which = accept ?? options.accept
  let taken: Awaited<ReturnType<typeof acceptWaiting>> | null = null
  let refused: unknown = null
  if (which === 'verified' || which === 'all') {
    // whatever became of the deck, the work was done and is told of
    taken = await acceptWaiting(db, user, job_id, which).catch((error: unknown) => {
      refused = error
      return null
    })
  }
  const job = await readJob(db, user, job_id)
  for (const line of await reportLines(db, job)) out.say(line)
  if (refused) throw refused
  const asks = term.interactive && out.mode === 'table' && (accept === undefined || accept === 'review')
  const told = [
    taken && taken.accepted.length > 0
      ? `${plural(taken.accepted.length, 'card')} added to "${job.deck}".`
      : null,
    taken && taken.same > 0 ? `The deck has the questions of ${taken.same} already.` : null,
    job.waiting > 0 && !asks
      ? `${plural(job.waiting, 'card')} ${job.waiting === 1 ? 'waits' : 'wait'} for you: rote generate review ${short(job_id)}`
      : null,
  ]
  const sentences = told.filter(Boolean).join('\n')
  const ended = endOf(turn, job)
  if (out.mode !== 'table' && sentences) out.say(sentences)
  // what stands on stdout is the answer, and an error has none; a part is one
  if (out.mode !== 'table' || sentences) {
    if (!ended || ended.kind === 'partial') await out.done(jobView, job, sentences)
  }
  if (asks && job.waiting > 0) {
    await forgetTyped(term)
    await reviewCandidates(context, job_id, false)
  }
  if (ended) throw ended
}

/** The error that a job's end is; null for a good one. */
function endOf(turn: Turn, job: JobRow): CliError | null {
  const id = short(job.job_id)
  const done = savedOf(job)
  switch (turn.kind) {
    case 'later': {
      const until = turn.until.toTimeString().slice(0, 5)
      return new CliError(
        'try_later',
        `The provider asks to wait until ${until}. ${done}`,
        hintFor(job.job_id),
      )
    }
    case 'cancelled':
      return new CliError('failure', `The job ${id} was cancelled. ${done}`)
    case 'stopped': {
      const { kind, message, hint } = turn.error
      return new CliError(
        kind,
        // what a provider says does not always end
        `${message}${/[.!?…]$/.test(message) ? '' : '.'} ${done}`,
        hint ? `${hint}\n${hintFor(job.job_id)}` : hintFor(job.job_id),
      )
    }
    default:
  }
  if (job.status === 'failed')
    return new CliError('unavailable', `Nothing was made: ${job.error_message}`, hintFor(job.job_id))
  if (job.outcome === 'empty') {
    const why =
      job.dropped > 0
        ? `all ${job.dropped} that were proposed were there already`
        : job.options.copy
          ? 'there were none in the answers'
          : 'the model proposed none that could be kept'
    return new CliError('failure', `No cards were made: ${why}.`, `See: rote generate view ${id}`)
  }
  if (job.outcome === 'partial')
    return new CliError('partial', 'A part of the source has no cards yet.', hintFor(job.job_id))
  return null
}

function savedOf({ sections, sections_done }: JobRow): string {
  return `${sections_done} of ${plural(sections, 'section')} ${sections === 1 ? 'is' : 'are'} saved.`
}

function hintFor(job_id: string): string {
  return `Go on with it: rote generate retry ${short(job_id)}`
}

/** Where a provider is, in short. */
export function hostOf(baseURL: string): string {
  return URL.canParse(baseURL) ? new URL(baseURL).host : baseURL
}

/** A job without a provider cannot go on by itself. */
export function nobodyPastes(): CliError {
  return usage('Nobody pastes answers in the background.', 'Leave --async out.')
}

/** Leaves a worker behind that works on a job until it has ended. */
async function startWorker(
  { config, term, user }: Context,
  job_id: string,
  { concurrency, idleTimeout }: ProviderFlags,
): Promise<void> {
  const flags = [
    // whatever made this run theirs: the other must not be somebody else's
    '--user',
    user.username,
    ...(concurrency === undefined ? [] : ['--concurrency', String(concurrency)]),
    ...(idleTimeout === undefined ? [] : ['--idle-timeout', String(idleTimeout)]),
  ]
  // a password in an address is nobody's business who lists the processes
  const env = { ROTE_HOME: config.home, ...(config.databaseUrl && { DATABASE_URL: config.databaseUrl }) }
  await term.background(program.executable, ['generate', 'worker', '--job', job_id, '--quiet', ...flags], env)
}

/** A review in a terminal: what waits, one by one, until the person leaves. Throws interrupted after Ctrl-C. */
export async function reviewCandidates(context: Context, job_id: string, plain: boolean): Promise<void> {
  const { db, user, config, out, term } = context
  const job = await readWorkingJob(db, user, job_id)
  const candidates = await loadReview(db, user, job_id)
  if (candidates.length === 0) return out.say(await nothingWaits(db, user, job))
  const { name: deck } = await jobDeck(db, user, job_id)
  const texts = candidates.flatMap(({ question, answer }) => [question, answer])
  const { review, interrupted } = await playReview(startReview(candidates), {
    desk: createDesk(db, user, job_id),
    term,
    look: { style: term.style, lines: await textLines(texts) },
    plain,
    write: out.write,
    edit: (candidate) =>
      editSides(term, candidate, async (sides) => {
        await rewrite(db, user, job_id, { ...candidate, ...sides })
        return sides
      }),
    regenerate: regeneratorFor(db, job, () => providerOf(config, job, {})),
  })
  await out.answer(reviewSummary(review, deck, short(job_id)), null)
  if (interrupted) throw new CliError('interrupted', 'Stopped. Every decision you made is saved.')
}

/** Why there is nothing to decide. */
export async function nothingWaits(
  db: Database,
  user: Author,
  { job_id, status }: Pick<WorkingJob, 'job_id' | 'status'>,
): Promise<string> {
  const { accepted, rejected } = await countCandidates(db, user, job_id)
  const decided = accepted + rejected > 0 ? `: ${accepted} accepted, ${rejected} rejected` : ''
  return status === 'pending' || status === 'processing'
    ? `Nothing waits yet${decided}. The job is not done: rote generate list`
    : `Nothing waits any more${decided}.`
}
