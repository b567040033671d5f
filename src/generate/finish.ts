import { and, asc, eq, isNull, or, sql } from 'drizzle-orm'
import { duplicates } from '../core/generate/near.ts'
import type { Database } from '../db/connect.ts'
import { aiCandidates, aiJobs, cards, decks } from '../db/schema.ts'
import { live, readableBy } from '../db/where.ts'
import type { WorkingJob } from './job.ts'

/**
 * Marks the candidates that are like one before them, or like a card of the deck, and drops those that are the same. The
 * result depends on what there is and not on who made it first: doing it again changes nothing.
 */
export async function markDuplicates(db: Database, job_id: string): Promise<void> {
  const found = await db
    .select({
      candidate_id: aiCandidates.candidate_id,
      question: aiCandidates.question,
      answer: aiCandidates.answer,
      flags: aiCandidates.flags,
      duplicate_of: aiCandidates.duplicate_of,
      decision: aiCandidates.decision,
    })
    .from(aiCandidates)
    .where(eq(aiCandidates.job_id, job_id))
    .orderBy(asc(aiCandidates.section), asc(aiCandidates.position))
  if (found.length === 0) return
  const existing = await deckCards(db, job_id)
  const marks = duplicates(found, existing)
  const sets = { candidates: found, existing }
  const changed = found.flatMap((candidate, i) => {
    if (candidate.decision !== 'proposed') return []
    const mark = marks[i] ?? null
    const flags = candidate.flags.filter((flag) => flag !== 'duplicate')
    const after = {
      candidate_id: candidate.candidate_id,
      question: candidate.question,
      answer: candidate.answer,
      flags: mark ? [...flags, 'duplicate'] : flags,
      duplicate_of: mark ? (sets[mark.of.among][mark.of.index]?.question ?? null) : null,
      decision: mark?.exact ? 'dropped' : 'proposed',
    }
    const same = after.duplicate_of === candidate.duplicate_of && after.decision === candidate.decision
    return same ? [] : [after]
  })
  if (changed.length === 0) return
  await db.execute(sql`
    update ai_candidates c
    set flags = array(select jsonb_array_elements_text(m.flags)), duplicate_of = m.duplicate_of, decision = m.decision,
      decided_at = case when m.decision = 'dropped' then now() end
    from jsonb_to_recordset(${JSON.stringify(changed)}::text::jsonb)
      as m (candidate_id uuid, question text, answer text, flags jsonb, duplicate_of text, decision text)
    -- somebody may have written it anew in this very moment
    where c.candidate_id = m.candidate_id and c.decision = 'proposed' and c.question = m.question and c.answer = m.answer`)
}

/** What the deck of a job has from elsewhere, in its order; nothing when its person may not see the deck any more. */
export function deckCards(db: Database, job_id: string): Promise<{ question: string; answer: string }[]> {
  return db
    .select({ question: cards.question, answer: cards.answer })
    .from(cards)
    .innerJoin(aiJobs, and(eq(aiJobs.deck_id, cards.deck_id), eq(aiJobs.job_id, job_id)))
    .innerJoin(decks, eq(decks.deck_id, cards.deck_id))
    .where(and(readableBy(aiJobs), live, or(isNull(cards.job_id), sql`${cards.job_id} <> ${job_id}`)))
    .orderBy(cards.position, cards.card_id)
}

/** With fewer cards than this part of what was wanted, a job asks a second time. */
const ENOUGH = 0.8

/**
 * Asks a second time for what is missing of the cards that were wanted, where most had come from: models give fewer than they
 * are asked for, and duplicates drop out. False when there is no need, or when it has been done before.
 */
async function topUp(db: Database, { job_id, options }: WorkingJob): Promise<boolean> {
  // nobody wants to carry the same text to and fro twice
  if (options.count === undefined || options.copy) return false
  const [again] = await db.execute(sql`
    with made as (
      select s.section, count(c.candidate_id)::integer as cards
      from ai_job_sections s
      left join ai_candidates c on c.job_id = s.job_id and c.section = s.section and c.decision <> 'dropped'
      where s.job_id = ${job_id} and s.status = 'done' group by 1
    ), missing as (
      select ${options.count}::integer - coalesce(sum(cards), 0)::integer as cards, count(*) filter (where cards > 0) as sections from made
    ), job as (
      update ai_jobs set options = options || '{"topped_up": true}'
      from missing
      where job_id = ${job_id} and ai_jobs.status = 'processing' and not options ? 'topped_up' and missing.sections > 0
        and missing.cards > ${options.count * (1 - ENOUGH)}::float8
        and not exists (select from ai_job_sections s where s.job_id = ${job_id} and s.status = 'pending')
      returning job_id
    ), best as (
      select section, row_number() over (order by made.cards desc, section) as place
      from made, job where made.cards > 0
    )
    update ai_job_sections s
    set status = 'pending', attempts = 0, error_code = null, error_message = null,
      -- what is missing, spread over the best sections from the first on, a card each at least
      quota = missing.cards / least(missing.cards, missing.sections)
        + case when place <= missing.cards % least(missing.cards, missing.sections) then 1 else 0 end
    from best, missing
    where s.job_id = ${job_id} and s.section = best.section and place <= missing.cards
    returning s.section`)
  return again !== undefined
}

/**
 * Brings a job to its end when no section is pending any more, unless somebody else has. Marks come first: a job that is
 * done is whole. False when more has to be asked for before.
 */
export async function finish(db: Database, job: WorkingJob): Promise<boolean> {
  const { job_id } = job
  await markDuplicates(db, job_id)
  if (await topUp(db, job)) return false
  await db.execute(sql`
    with sections as (
      select count(*) filter (where status = 'pending') as pending,
        count(*) filter (where status = 'failed' or error_code = 'incomplete') as failed,
        count(*) filter (where status = 'done') as done
      from ai_job_sections where job_id = ${job_id}
    ), candidates as (
      select count(*) as made from ai_candidates where job_id = ${job_id} and decision <> 'dropped'
    ), why as (
      select error_code, error_message from ai_job_sections
      where job_id = ${job_id} and status = 'failed' group by 1, 2 order by count(*) desc, 1 limit 1
    )
    update ai_jobs
    set status = case when done = 0 and failed > 0 then 'failed' else 'done' end,
      outcome = case when made = 0 and failed = 0 then 'empty' when failed > 0 then 'partial' else 'complete' end,
      error_code = case when done = 0 then (select error_code from why) end,
      error_message = case when done = 0 then (select error_message from why) end,
      finished_at = now()
    from sections, candidates
    where job_id = ${job_id} and ai_jobs.status in ('pending', 'processing') and pending = 0`)
  return true
}
