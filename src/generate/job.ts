import { and, eq, inArray, isNotNull, or, sql } from 'drizzle-orm'
import type { Checked, DropReason } from '../core/generate/candidate.ts'
import type { JobOptions, Section, SourceNote, SourceType } from '../core/generate/job.ts'
import type { Database } from '../db/connect.ts'
import { inlineJson } from '../db/inline.ts'
import { sqlState, UNIQUE_VIOLATION } from '../db/problem.ts'
import { aiJobSections, aiJobs } from '../db/schema.ts'
import type { User } from '../db/user.ts'
import { conflict, notFound } from '../errors.ts'
import type { World } from '../world.ts'

/*
 *                  a worker takes            its commit, which
 *   enqueue        a section                 names its lease
 *  ─────────▶ pending ───────────▶ leased ─────────────────────▶ done │ failed
 *                ▲                   │
 *                └───────────────────┘
 *        the lease is over, or given back
 *
 * The job is `processing` from the first section that is taken until none is pending. What a worker does between taking
 * and committing is in no transaction, and counts for nothing if its lease is no longer there.
 */

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */

/** How long a lease holds without being renewed, in seconds. */
export const LEASE_S = 60
/** A section that so many workers have taken without an end is what ends them. */
const MOST_ATTEMPTS = 5

/** A job as it is made. */
export interface NewJob {
  user_id: string
  deck_id: string
  source_type: SourceType
  source_url: string
  source_title: string | null
  source_pages: number | null
  source_notes: SourceNote[]
  fingerprint: string | null
  options: JobOptions
  prompt_version: number
  base_url: string | null
  model: string | null
}

/** So many sections go into one statement: their texts are its parameter. */
const SECTIONS_AT_ONCE = 500

/** Days after its end that a job's text is kept, for a look at where a card came from. */
const KEEP_TEXT_DAYS = 30

/** Makes a job with all its sections, or nothing; null when one with this fingerprint is there and has not ended. */
export function enqueue(db: Database, job: NewJob, sections: readonly Section[]): Promise<string | null> {
  return db.transaction(async (db) => {
    const [made] = await db
      .insert(aiJobs)
      .values(job)
      .onConflictDoNothing()
      .returning({ job_id: aiJobs.job_id })
    if (!made) return null
    await db.execute(sql`
      update ai_job_sections s set text = null from ai_jobs j
      where j.job_id = s.job_id and j.user_id = ${job.user_id} and j.status in ('done', 'failed')
        and j.finished_at < now() - ${`${KEEP_TEXT_DAYS} days`}::interval and s.text is not null
        and not exists (select from ai_candidates c where c.job_id = j.job_id and c.decision = 'proposed')`)
    for (let from = 0; from < sections.length; from += SECTIONS_AT_ONCE) {
      await db.insert(aiJobSections).values(
        sections.slice(from, from + SECTIONS_AT_ONCE).map((section, i) => ({
          job_id: made.job_id,
          section: from + i,
          ...section,
          status: section.quota > 0 ? ('pending' as const) : ('skipped' as const),
        })),
      )
    }
    return made.job_id
  })
}

/** A job as a worker sees it. */
export type WorkingJob = Pick<
  typeof aiJobs.$inferSelect,
  'job_id' | 'deck_id' | 'source_title' | 'status' | 'options' | 'base_url' | 'model'
>

const WORKING = {
  job_id: aiJobs.job_id,
  deck_id: aiJobs.deck_id,
  source_title: aiJobs.source_title,
  status: aiJobs.status,
  options: aiJobs.options,
  base_url: aiJobs.base_url,
  model: aiJobs.model,
}

/** A job of the person's, for a worker. */
export async function readWorkingJob(db: Database, user: User, job_id: string): Promise<WorkingJob> {
  const [job] = await db
    .select(WORKING)
    .from(aiJobs)
    .where(and(eq(aiJobs.job_id, job_id), eq(aiJobs.user_id, user.user_id)))
  if (!job) throw notFound('job', job_id, 'See what there is: rote generate list')
  return job
}

/** The person's jobs in which there is something to do now, the oldest first. */
export function openJobs(db: Database, user: User): Promise<WorkingJob[]> {
  return db
    .select(WORKING)
    .from(aiJobs)
    .where(
      and(
        eq(aiJobs.user_id, user.user_id),
        isNotNull(aiJobs.base_url),
        sql`${aiJobs.status} in ('pending', 'processing') and coalesce(${aiJobs.run_after}, now()) <= now()`,
      ),
    )
    .orderBy(aiJobs.created_at, aiJobs.job_id)
}

/** A section that a worker has taken. */
export interface Taken {
  section: number
  attempts: number
  heading: string | null
  page_from: number | null
  page_to: number | null
  text: string
  tokens: number
  quota: number
  /** The last questions that the job's candidates ask, the newest last. */
  asked: string[]
}

/**
 * Takes the next section of a job that nobody holds; null when there is none, or the job is not to be worked on. One that
 * nobody ever came to the end of is not given out any more: it is settled as failed.
 */
export async function take(
  db: Database,
  user: User,
  job_id: string,
  token: string,
  worker: string,
): Promise<Taken | null> {
  for (;;) {
    const [taken] = (await db.execute(sql`
      with next as materialized (
        select s.job_id, s.section from ai_job_sections s join ai_jobs j using (job_id)
        where j.job_id = ${job_id} and j.user_id = ${user.user_id} and j.status in ('pending', 'processing')
          and coalesce(j.run_after, now()) <= now()
          and s.status = 'pending' and (s.lease_until is null or s.lease_until < now())
        -- those that have ended a worker come last: it may have been their fault
        order by s.attempts, s.section limit 1 for update of s skip locked
      ), begun as (
        update ai_jobs j set status = 'processing', error_code = null, error_message = null
        from next where j.job_id = next.job_id and j.status = 'pending'
      )
      update ai_job_sections s
      set lease_token = ${token}::uuid, lease_until = now() + ${`${LEASE_S} s`}::interval, worker = ${worker},
        attempts = s.attempts + 1
      from next where s.job_id = next.job_id and s.section = next.section
      returning s.section, s.attempts, s.heading, s.page_from, s.page_to, s.text, s.tokens, s.quota, to_jsonb(array(
        select question from (
          select question, created_at, section, position from ai_candidates where job_id = s.job_id
          order by created_at desc, section desc, position desc limit 30
        ) latest order by created_at, section, position
      )) as asked`)) as unknown as (Omit<Taken, 'text'> & { text: string | null })[]
    if (!taken) return null
    if (taken.text !== null && taken.attempts <= MOST_ATTEMPTS) return { ...taken, text: taken.text }
    const [error_code, error_message] =
      taken.text === null
        ? ['text_gone', 'Its text is no longer kept.']
        : ['worker_crashed', `${MOST_ATTEMPTS} attempts ended before an answer came.`]
    await settle(db, job_id, taken.section, token, { status: 'failed', error_code, error_message })
  }
}

/** What becomes of a section. */
export interface Settled {
  status: 'done' | 'failed'
  cards?: readonly Checked[]
  dropped?: Partial<Record<DropReason, number>>
  error_code?: string
  error_message?: string
  reply?: string
}

/** What requests have used. */
export interface Used {
  requests: number
  usage_missing: number
  prompt_tokens: number
  completion_tokens: number
}

/**
 * Commits a section with its candidates, in one statement, as long as the lease holds and nobody has cancelled the job; else
 * nothing of it, and false. A job that was stopped for another reason keeps what was in flight: it is paid for.
 */
export async function settle(
  db: Database,
  job_id: string,
  section: number,
  token: string,
  { status, cards = [], dropped = {}, error_code, error_message, reply }: Settled,
): Promise<boolean> {
  const [settled] = await db.execute(sql`
    with settled as (
      update ai_job_sections s
      set status = ${status}, lease_token = null, lease_until = null, worker = null,
        -- one that is asked about again has dropped some before
        dropped = (
          select coalesce(jsonb_object_agg(reason, times), '{}') from (
            select key as reason, sum(value::integer)::integer as times
            from (select * from jsonb_each_text(s.dropped) union all
              select * from jsonb_each_text(${JSON.stringify(dropped)}::text::jsonb)) every group by key
          ) sums
        ), error_code = ${error_code ?? null},
        error_message = ${storable(error_message)}, reply = ${storable(reply)}
      from ai_jobs j
      where j.job_id = s.job_id and j.outcome is distinct from 'cancelled' and s.job_id = ${job_id} and s.section = ${section}
        and s.lease_token = ${token}::uuid and s.status = 'pending'
      returning s.job_id, s.section
    ), made as (
      insert into ai_candidates (job_id, section, position, question, answer, quote, page, grounding, flags)
      select job_id, section, card.position + (
          -- a section that is asked about again adds to what it has
          select coalesce(max(c.position) + 1, 0) from ai_candidates c
          where c.job_id = settled.job_id and c.section = settled.section
        ), question, answer, quote, page, grounding,
        array(select jsonb_array_elements_text(flags))
      from settled, jsonb_to_recordset(${inlineJson(cards.map((card, position) => ({ ...card, position })))})
        as card (position integer, question text, answer text, quote text, page integer, grounding text, flags jsonb)
    )
    select from settled`)
  return settled !== undefined
}

/** What a server said, without the one character that PostgreSQL has no place for. */
const storable = (text: string | undefined) => text?.replaceAll('\0', '') ?? null

/** Adds to what a section has used, whoever holds it: what was paid for is counted, whatever became of it. */
export async function account(db: Database, job_id: string, section: number, used: Used): Promise<void> {
  await db
    .update(aiJobSections)
    .set({
      requests: sql`${aiJobSections.requests} + ${used.requests}`,
      usage_missing: sql`${aiJobSections.usage_missing} + ${used.usage_missing}`,
      prompt_tokens: sql`${aiJobSections.prompt_tokens} + ${used.prompt_tokens}`,
      completion_tokens: sql`${aiJobSections.completion_tokens} + ${used.completion_tokens}`,
    })
    .where(and(eq(aiJobSections.job_id, job_id), eq(aiJobSections.section, section)))
}

/** Renews all leases of a token; gives the sections that it still holds. */
export async function renew(db: Database, token: string): Promise<number[]> {
  const held = await db.execute(sql`
    update ai_job_sections s set lease_until = now() + ${`${LEASE_S} s`}::interval
    from ai_jobs j
    where j.job_id = s.job_id and j.outcome is distinct from 'cancelled' and s.lease_token = ${token}::uuid
    returning s.section`)
  return held.map(({ section }) => section as number)
}

/** Gives back what a token holds, as if it had not been taken. */
export async function giveBack(db: Database, token: string, section?: number): Promise<void> {
  await db
    .update(aiJobSections)
    .set({
      lease_token: null,
      lease_until: null,
      worker: null,
      attempts: sql`greatest(${aiJobSections.attempts} - 1, 0)`,
    })
    .where(
      and(
        eq(aiJobSections.lease_token, token),
        section === undefined ? undefined : eq(aiJobSections.section, section),
      ),
    )
}

/** Who a worker is, in the rows: another of the same machine can see whether it still lives. */
export function workerName({ host, pid }: World['here']): string {
  return `${host}:${pid}`
}

/**
 * Ends the leases of workers of this machine that are no more: after a crash nobody has to wait for the lease to run out.
 * One that lives on unseen, in a container of the same name, say, loses its sections: its commits no longer count.
 */
export async function buryDead(db: Database, user: User, here: World['here']): Promise<void> {
  const holders = await db
    .selectDistinct({ worker: aiJobSections.worker })
    .from(aiJobSections)
    .innerJoin(aiJobs, eq(aiJobs.job_id, aiJobSections.job_id))
    .where(
      and(
        eq(aiJobs.user_id, user.user_id),
        sql`${aiJobs.status} in ('pending', 'processing')`,
        sql`starts_with(${aiJobSections.worker}, ${`${here.host}:`})`,
      ),
    )
  for (const { worker } of holders) {
    const pid = Number(worker?.slice(here.host.length + 1))
    if (!worker || !Number.isInteger(pid) || pid === here.pid || here.isRunning(pid)) continue
    await db
      .update(aiJobSections)
      .set({ lease_token: null, lease_until: null, worker: null })
      .where(
        and(
          eq(aiJobSections.worker, worker),
          sql`${aiJobSections.job_id} in (select job_id from ai_jobs where user_id = ${user.user_id})`,
        ),
      )
  }
}

/** How far a job is. */
export interface Standing {
  status: (typeof aiJobs.$inferSelect)['status']
  outcome: (typeof aiJobs.$inferSelect)['outcome']
  error_code: string | null
  error_message: string | null
  run_after: Date | null
  /** Sections that are asked about at all. */
  sections: number
  pending: number
  failed: number
  /** Sections that a worker holds now. */
  leased: number
  /** The last page of the sections that are settled; null for a source without pages. */
  page: number | null
  source_pages: number | null
  candidates: number
  prompt_tokens: number
  completion_tokens: number
  usage_missing: number
  /** Tokens, estimated, of what is in flight and of requests that came without a count. */
  reserved_prompt: number
  reserved_completion: number
}

/** Tokens of a request beside the section's text, and those of a card in the reply. Estimates. */
const PROMPT_TOKENS = 500
const CARD_TOKENS = 70

/** What a section is expected to use, in tokens: its prompt and its reply. */
export function expected({ tokens, quota }: { tokens: number; quota: number }): {
  prompt: number
  completion: number
} {
  return { prompt: tokens + PROMPT_TOKENS, completion: quota * CARD_TOKENS }
}

/** How far a job is, and what it has used. */
export async function standing(db: Database, job_id: string): Promise<Standing> {
  const leased = sql`s.status = 'pending' and s.lease_until > now()`
  const uncounted = sql`(s.usage_missing + case when ${leased} then 1 else 0 end)`
  const [row] = (await db.execute(sql`
    select j.status, j.outcome, j.error_code, j.error_message, j.run_after,
      count(s.section) filter (where s.status <> 'skipped')::integer as sections,
      count(*) filter (where s.status = 'pending')::integer as pending,
      count(*) filter (where s.status = 'failed')::integer as failed,
      count(*) filter (where ${leased})::integer as leased,
      max(s.page_to) filter (where s.status in ('done', 'failed')) as page, j.source_pages,
      (select count(*)::integer from ai_candidates c where c.job_id = j.job_id) as candidates,
      coalesce(sum(s.prompt_tokens), 0)::float8 as prompt_tokens,
      coalesce(sum(s.completion_tokens), 0)::float8 as completion_tokens,
      coalesce(sum(s.usage_missing), 0)::integer as usage_missing,
      coalesce(sum((s.tokens + ${PROMPT_TOKENS}) * ${uncounted}), 0)::float8 as reserved_prompt,
      coalesce(sum(s.quota * ${CARD_TOKENS} * ${uncounted}), 0)::float8 as reserved_completion
    from ai_jobs j left join ai_job_sections s using (job_id)
    where j.job_id = ${job_id} group by j.job_id`)) as unknown as (Omit<Standing, 'run_after'> & {
    run_after: string | null
  })[]
  if (!row) throw new Error(`job ${job_id} vanished`)
  return { ...row, run_after: row.run_after === null ? null : new Date(row.run_after) }
}

/**
 * Ends a job's work for a reason that no section can help. What is done stays. A provider that does not answer may do so
 * in a minute: then the job only rests, and any worker goes on with it; else it has failed, until somebody retries it.
 */
export async function halt(
  db: Database,
  job_id: string,
  { code, message, rests }: { code: string; message: string; rests: boolean },
): Promise<void> {
  await db
    .update(aiJobs)
    .set({
      error_code: code,
      error_message: message,
      ...(rests
        ? { status: 'pending', run_after: sql`now() + interval '1 minute'` }
        : { status: 'failed', finished_at: sql`now()` }),
    })
    .where(and(eq(aiJobs.job_id, job_id), inArray(aiJobs.status, ['pending', 'processing'])))
}

/** Lets a job rest for as long as its provider asked. */
export async function postpone(db: Database, job_id: string, waitMs: number): Promise<void> {
  await db
    .update(aiJobs)
    .set({ status: 'pending', run_after: sql`now() + ${`${Math.ceil(waitMs / 1000)} s`}::interval` })
    .where(and(eq(aiJobs.job_id, job_id), eq(aiJobs.status, 'processing')))
}

/** Options that take the place of those that a job has; null takes one away. */
export type NewOptions = { [Name in keyof JobOptions]?: JobOptions[Name] | null }

/**
 * Makes what is left of a job open again: sections that failed or came to no whole end, and the job itself, whatever ended
 * it. Limits and prices can be set anew. Throws conflict when a newer job is at the same.
 */
export async function reopen(db: Database, user: User, job_id: string, options: NewOptions): Promise<void> {
  try {
    await reopenAll(db, user, job_id, options)
  } catch (error) {
    if (sqlState(error) !== UNIQUE_VIOLATION) throw error
    throw conflict('A newer job is at the same already.', 'See which one: rote generate list')
  }
}

function reopenAll(db: Database, user: User, job_id: string, options: NewOptions): Promise<void> {
  return db.transaction(async (db) => {
    const [job] = await db
      .update(aiJobs)
      .set({
        status: 'pending',
        outcome: null,
        run_after: null,
        error_code: null,
        error_message: null,
        finished_at: null,
        options: sql`jsonb_strip_nulls(${aiJobs.options} || ${JSON.stringify(options)}::text::jsonb)`,
      })
      .where(and(eq(aiJobs.job_id, job_id), eq(aiJobs.user_id, user.user_id)))
      .returning({ job_id: aiJobs.job_id })
    if (!job) return
    await db
      .update(aiJobSections)
      .set({ status: 'pending', attempts: 0, error_code: null, error_message: null, reply: null })
      .where(
        and(
          eq(aiJobSections.job_id, job_id),
          isNotNull(aiJobSections.text),
          or(eq(aiJobSections.status, 'failed'), eq(aiJobSections.error_code, 'incomplete')),
        ),
      )
  })
}

/** Cancels a job that has not ended; what is in flight will not count. False when it had ended. */
export async function cancel(db: Database, user: User, job_id: string): Promise<boolean> {
  const [cancelled] = await db
    .update(aiJobs)
    .set({
      status: 'failed',
      outcome: 'cancelled',
      error_code: 'cancelled',
      error_message: 'Cancelled.',
      finished_at: sql`now()`,
    })
    .where(
      and(
        eq(aiJobs.job_id, job_id),
        eq(aiJobs.user_id, user.user_id),
        inArray(aiJobs.status, ['pending', 'processing']),
      ),
    )
    .returning({ job_id: aiJobs.job_id })
  return cancelled !== undefined
}
