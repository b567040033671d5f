import type { Command } from 'commander'
import { and, desc, eq, sql } from 'drizzle-orm'
import type { Config } from '../../config.ts'
import type { Context } from '../../context.ts'
import { isVerified } from '../../core/generate/candidate.ts'
import type { JobOptions } from '../../core/generate/job.ts'
import {
  allDropped,
  coverage,
  droppedText,
  placeOf,
  type ReportedSection,
  usageText,
} from '../../core/generate/report.ts'
import { startReview } from '../../core/generate/review.ts'
import { plural } from '../../core/plural.ts'
import type { Database } from '../../db/connect.ts'
import { calledBy } from '../../db/find.ts'
import { aiCandidates, aiJobSections, aiJobs, decks, users } from '../../db/schema.ts'
import type { User } from '../../db/user.ts'
import { readableBy } from '../../db/where.ts'
import { CliError, notFound, usage } from '../../errors.ts'
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
import type { View } from '../../ui/output.ts'
import { editSides } from '../draft.ts'
import { count } from '../verb.ts'

/** A job as commands publish it. */
export type JobRow = Awaited<ReturnType<typeof selectJobs>>[number]

/** The person's jobs with how far they are, the newest first. A query to narrow. */
export function selectJobs(db: Database, user: User) {
  const sections = (what: string) =>
    sql<number>`(select ${sql.raw(what)} from ai_job_sections s where s.job_id = ${aiJobs.job_id})`.mapWith(
      Number,
    )
  const candidates = (where: string) =>
    sql<number>`(select count(*) from ai_candidates c where c.job_id = ${aiJobs.job_id} and ${sql.raw(where)})`.mapWith(
      Number,
    )
  return db
    .select({
      job_id: aiJobs.job_id,
      status: aiJobs.status,
      outcome: aiJobs.outcome,
      deck_id: aiJobs.deck_id,
      deck: sql<string | null>`case when ${readableBy(user)} then ${calledBy(user)} end`,
      source_type: aiJobs.source_type,
      source_url: aiJobs.source_url,
      source_title: aiJobs.source_title,
      source_pages: aiJobs.source_pages,
      source_notes: aiJobs.source_notes,
      base_url: aiJobs.base_url,
      model: aiJobs.model,
      options: aiJobs.options,
      sections: sections("count(*) filter (where s.status <> 'skipped')"),
      sections_done: sections("count(*) filter (where s.status = 'done')"),
      sections_failed: sections("count(*) filter (where s.status = 'failed')"),
      working: sql<boolean>`exists (select from ai_job_sections s
        where s.job_id = ${aiJobs.job_id} and s.status = 'pending' and s.lease_until > now())`,
      proposed: candidates("c.decision <> 'dropped'"),
      dropped: candidates("c.decision = 'dropped'"),
      waiting: candidates("c.decision = 'proposed'"),
      accepted: candidates("c.decision = 'accepted'"),
      rejected: candidates("c.decision = 'rejected'"),
      prompt_tokens: sections('coalesce(sum(s.prompt_tokens), 0)'),
      completion_tokens: sections('coalesce(sum(s.completion_tokens), 0)'),
      requests: sections('coalesce(sum(s.requests), 0)'),
      usage_missing: sections('coalesce(sum(s.usage_missing), 0)'),
      run_after: aiJobs.run_after,
      error_code: aiJobs.error_code,
      error_message: aiJobs.error_message,
      created_at: aiJobs.created_at,
      updated_at: aiJobs.updated_at,
      finished_at: aiJobs.finished_at,
    })
    .from(aiJobs)
    .leftJoin(decks, eq(decks.deck_id, aiJobs.deck_id))
    .leftJoin(users, eq(users.user_id, decks.user_id))
    .$dynamic()
}

/** Jobs are the person's own: to anybody else they are not there. */
export const ownJob = (user: User) => eq(aiJobs.user_id, user.user_id)

/** One job by its id. */
export async function readJob(db: Database, user: User, job_id: string): Promise<JobRow> {
  const [row] = await selectJobs(db, user).where(and(ownJob(user), eq(aiJobs.job_id, job_id)))
  if (!row) throw notFound('job', job_id, 'See what there is: rote generate list')
  return row
}

/** The newest come first. */
export const newestFirst = [desc(aiJobs.created_at), desc(aiJobs.job_id)] as const

/** How jobs are shown. */
export const jobView: View<JobRow> = {
  columns: [
    { header: 'id', value: (job) => job.job_id, show: (job) => job.job_id.slice(0, 8) },
    { header: 'status', value: (job) => job.status, show: stateOf },
    { header: 'deck', value: (job) => job.deck, flexible: true },
    { header: 'source', value: (job) => job.source_url, show: sourceOf, flexible: true },
    {
      header: 'sections',
      value: (job) => job.sections_done,
      show: (job) => `${job.sections_done}/${job.sections}`,
      align: 'right',
    },
    { header: 'waiting', value: (job) => job.waiting, align: 'right' },
    { header: 'accepted', value: (job) => job.accepted, align: 'right' },
    { header: 'rejected', value: (job) => job.rejected, hidden: true },
    { header: 'outcome', value: (job) => job.outcome, hidden: true },
    { header: 'of', value: (job) => job.sections, hidden: true },
    { header: 'failed', value: (job) => job.sections_failed, hidden: true },
    { header: 'type', value: (job) => job.source_type, hidden: true },
    { header: 'title', value: (job) => job.source_title, hidden: true },
    { header: 'model', value: (job) => job.model, hidden: true },
    { header: 'prompt tokens', value: (job) => job.prompt_tokens, hidden: true },
    { header: 'completion tokens', value: (job) => job.completion_tokens, hidden: true },
    { header: 'error', value: (job) => job.error_message, hidden: true },
    { header: 'created', value: (job) => job.created_at, hidden: true },
    { header: 'finished', value: (job) => job.finished_at, hidden: true },
  ],
  key: (job) => job.job_id,
  empty: 'No jobs yet. Make cards with: rote generate <file|url> --deck <name>',
}

/** What a person is told about a job in a word. */
function stateOf(job: JobRow): string {
  if (job.outcome === 'cancelled' || job.outcome === 'empty') return job.outcome
  // of one that has failed no part is there
  if (job.outcome === 'partial' && job.status === 'done') return job.outcome
  if (job.status !== 'processing' || job.working) return job.status
  // without a provider it is the person who is waited for
  return job.options.copy ? 'pending' : 'interrupted'
}

function sourceOf({ source_url }: JobRow): string {
  return source_url === '-' ? 'standard input' : ((source_url?.split('/').at(-1) || source_url) ?? '')
}

/** The sections of a job, for its report. */
export async function readSections(db: Database, job_id: string): Promise<ReportedSection[]> {
  return db
    .select({
      section: aiJobSections.section,
      page_from: aiJobSections.page_from,
      page_to: aiJobSections.page_to,
      status: aiJobSections.status,
      error_code: aiJobSections.error_code,
      error_message: aiJobSections.error_message,
      dropped: aiJobSections.dropped,
    })
    .from(aiJobSections)
    .where(eq(aiJobSections.job_id, job_id))
    .orderBy(aiJobSections.section)
}

/** What became of a job's source, its cards and its money, in lines for a person. */
export async function reportLines(db: Database, job: JobRow): Promise<string[]> {
  const sections = await readSections(db, job.job_id)
  const candidates = await db
    .select({ grounding: aiCandidates.grounding, flags: aiCandidates.flags, decision: aiCandidates.decision })
    .from(aiCandidates)
    .where(eq(aiCandidates.job_id, job.job_id))
  const shown = candidates.filter(({ decision }) => decision !== 'dropped')
  const verified = shown.filter(isVerified).length
  const twins = candidates.length - shown.length
  const dropped = allDropped(sections)
  const lines = coverage({ ...job, pages: job.options.pages }, sections)
  if (shown.length > 0)
    lines.push(
      `${plural(shown.length, 'card')} proposed: ${verified} verified, ${shown.length - verified} with remarks.`,
    )
  const without = droppedText(
    twins > 0 ? { ...dropped, duplicate: (dropped.duplicate ?? 0) + twins } : dropped,
  )
  if (without) lines.push(without)
  if (job.requests > 0) lines.push(`Used: ${usageText(job, job.options)}.`)
  return lines
}

/** How a job is named in a hint: short, and still its own. */
export const short = (job_id: string) => job_id.slice(0, 8)

/** What becomes of the cards: in a terminal they are reviewed unless something else is said, elsewhere they wait. */
export const ACCEPT = ['review', 'verified', 'all', 'none'] as const
export type Accept = (typeof ACCEPT)[number]

/** What a job keeps of that, for a worker who ends it in the background; a word that means a look takes it back. */
export function acceptOption(accept: Accept | undefined): Pick<NewOptions, 'accept'> {
  if (accept === undefined) return {}
  return { accept: accept === 'verified' || accept === 'all' ? accept : null }
}

/** Prices for a job, if the config has them. Throws usage for a limit of money that could not be kept without. */
export function pricesFor(
  { provider: { priceIn, priceOut } }: Config,
  maxCost: number | undefined,
): Pick<JobOptions, 'price_in' | 'price_out'> {
  if (priceIn !== null && priceOut !== null) return { price_in: priceIn, price_out: priceOut }
  if (maxCost === undefined) return {}
  throw usage(
    '--max-cost needs the prices of the model.',
    'Per million tokens, say: rote config set price_in 0.25 && rote config set price_out 2',
  )
}

/** What of the provider is not part of the job, but of who works on it. */
export interface ProviderFlags {
  concurrency?: number
  idleTimeout?: number
}

/** What can be said about the provider in all. */
export interface ChoiceFlags extends ProviderFlags {
  baseUrl?: string | null
  model?: string | null
  temperature?: number | undefined
  reasoningEffort?: string | undefined
}

/** The provider that flags and configuration come to. Throws as `providerSettings` does. */
export async function chooseProvider({ provider }: Config, flags: ChoiceFlags): Promise<ProviderSettings> {
  // listing a server's models is all that it can wait for, and Ctrl-C ends the program here
  const { signal } = new AbortController()
  const { providerSettings } = await import('../../generate/endpoint.ts')
  const { temperature, reasoningEffort, idleTimeout } = flags
  return providerSettings(
    {
      baseURL: flags.baseUrl ?? provider.baseURL,
      model: flags.model ?? provider.model,
      key: provider.key,
      keyHost: provider.keyHost,
      concurrency: flags.concurrency ?? provider.concurrency,
      ...(temperature !== undefined && { temperature }),
      ...(reasoningEffort !== undefined && { reasoningEffort }),
      ...(idleTimeout !== undefined && { idleMs: idleTimeout * 1000 }),
    },
    signal,
  )
}

/** The provider of a job that was made before, which is part of it. */
export function providerOf(
  config: Config,
  { base_url, model, options }: Pick<WorkingJob, 'base_url' | 'model' | 'options'>,
  flags: ProviderFlags,
): Promise<ProviderSettings> {
  const { temperature, reasoning_effort: reasoningEffort } = options
  return chooseProvider(config, { ...flags, baseUrl: base_url, model, temperature, reasoningEffort })
}

/** Adds the flags that are about how the provider is asked, not what. */
export function providerFlags(command: Command): Command {
  return command
    .option('--concurrency <n>', 'sections to ask about at a time (default: 4, and 1 on this machine)', count)
    .option('--idle-timeout <seconds>', 'how long a reply may stand still (default: 60)', count)
}

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
        : 'the model gave none that is one'
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
  user: User,
  { job_id, status }: Pick<WorkingJob, 'job_id' | 'status'>,
): Promise<string> {
  const { accepted, rejected } = await countCandidates(db, user, job_id)
  const decided = accepted + rejected > 0 ? `: ${accepted} accepted, ${rejected} rejected` : ''
  return status === 'pending' || status === 'processing'
    ? `Nothing waits yet${decided}. The job is not done: rote generate list`
    : `Nothing waits any more${decided}.`
}
