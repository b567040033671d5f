import { and, asc, eq, isNull, or, sql } from 'drizzle-orm'
import { duplicates } from '../core/generate/near.ts'
import type { Database } from '../db/connect.ts'
import { aiCandidates, aiJobs, cards } from '../db/schema.ts'
import { live } from '../db/where.ts'

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
  const changed = found.flatMap((candidate, i) => {
    if (candidate.decision !== 'proposed') return []
    const mark = marks[i] ?? null
    const flags = candidate.flags.filter((flag) => flag !== 'duplicate')
    const after = {
      candidate_id: candidate.candidate_id,
      flags: mark ? [...flags, 'duplicate'] : flags,
      duplicate_of: mark
        ? (('existing' in mark ? existing[mark.existing] : found[mark.candidate])?.question ?? null)
        : null,
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
      as m (candidate_id uuid, flags jsonb, duplicate_of text, decision text)
    where c.candidate_id = m.candidate_id and c.decision = 'proposed'`)
}

/** What the deck of a job has from elsewhere, in its order. */
export function deckCards(db: Database, job_id: string): Promise<{ question: string; answer: string }[]> {
  return db
    .select({ question: cards.question, answer: cards.answer })
    .from(cards)
    .innerJoin(aiJobs, and(eq(aiJobs.deck_id, cards.deck_id), eq(aiJobs.job_id, job_id)))
    .where(and(live, or(isNull(cards.job_id), sql`${cards.job_id} <> ${job_id}`)))
    .orderBy(cards.position, cards.card_id)
}

/**
 * Brings a job to its end when no section is pending any more, unless somebody else has. Marks come first: a job that is
 * done is whole.
 */
export async function finish(db: Database, { job_id }: { job_id: string }): Promise<void> {
  await markDuplicates(db, job_id)
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
}
