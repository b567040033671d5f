import { and, desc, eq, sql } from 'drizzle-orm'
import { isVerified } from '../../core/generate/candidate.ts'
import {
  allDropped,
  coverage,
  droppedText,
  type ReportedSection,
  usageText,
} from '../../core/generate/report.ts'
import { plural } from '../../core/plural.ts'
import type { Database } from '../../db/connect.ts'
import { calledBy } from '../../db/find.ts'
import { aiCandidates, aiJobSections, aiJobs, decks, users } from '../../db/schema.ts'
import type { User } from '../../db/user.ts'
import { readableBy } from '../../db/where.ts'
import { notFound } from '../../errors.ts'
import type { View } from '../../ui/output.ts'

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
    { header: 'in all', value: (job) => job.sections, hidden: true },
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
