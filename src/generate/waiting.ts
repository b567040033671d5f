import { and, asc, eq, type SQL, sql } from 'drizzle-orm'
import type { Candidate } from '../core/generate/review.ts'
import type { Database } from '../db/connect.ts'
import { type FoundDeck, findDeck } from '../db/find.ts'
import { aiCandidates, aiJobSections, aiJobs } from '../db/schema.ts'
import type { User } from '../db/user.ts'
import { CliError } from '../errors.ts'

// What waits for a decision. A job is there only for the person whose it is.

const COLUMNS = {
  candidate_id: aiCandidates.candidate_id,
  section: aiCandidates.section,
  position: aiCandidates.position,
  question: aiCandidates.question,
  answer: aiCandidates.answer,
  quote: aiCandidates.quote,
  page: aiCandidates.page,
  grounding: aiCandidates.grounding,
  flags: aiCandidates.flags,
  duplicate_of: aiCandidates.duplicate_of,
  card_id: aiCandidates.card_id,
}

/** The candidates of a job that wait, in the order of the source, as a query to narrow. */
export function selectWaiting(db: Database, user: User, job_id: string, wanted?: SQL) {
  return db
    .select(COLUMNS)
    .from(aiCandidates)
    .innerJoin(aiJobs, eq(aiJobs.job_id, aiCandidates.job_id))
    .where(
      and(
        eq(aiCandidates.job_id, job_id),
        eq(aiJobs.user_id, user.user_id),
        eq(aiCandidates.decision, 'proposed'),
        wanted,
      ),
    )
    .orderBy(asc(aiCandidates.section), asc(aiCandidates.position))
    .$dynamic()
}

/** All of a job that waits, for a sitting: texts of a few hundred characters each. What the source says comes on demand. */
export function loadReview(db: Database, user: User, job_id: string): Promise<Candidate[]> {
  return selectWaiting(db, user, job_id)
}

/** A candidate as it is now; null when it does not wait any more. */
export async function loadCandidate(
  db: Database,
  user: User,
  job_id: string,
  candidate_id: string,
): Promise<Candidate | null> {
  const [candidate] = await selectWaiting(db, user, job_id, eq(aiCandidates.candidate_id, candidate_id))
  return candidate ?? null
}

/** The text of a section of a job; null once it is not kept any more. */
export async function sectionText(
  db: Database,
  user: User,
  job_id: string,
  section: number,
): Promise<string | null> {
  const [found] = await db
    .select({ text: aiJobSections.text })
    .from(aiJobSections)
    .innerJoin(aiJobs, eq(aiJobs.job_id, aiJobSections.job_id))
    .where(
      and(
        eq(aiJobSections.job_id, job_id),
        eq(aiJobSections.section, section),
        eq(aiJobs.user_id, user.user_id),
      ),
    )
  return found?.text ?? null
}

/**
 * The deck that the cards of a job go into. Throws not_found when it is gone, or not shared with the person any more, and
 * denied when they may only look at it.
 */
export async function jobDeck(db: Database, user: User, job_id: string): Promise<FoundDeck> {
  const [job] = await db
    .select({ deck_id: aiJobs.deck_id })
    .from(aiJobs)
    .where(and(eq(aiJobs.job_id, job_id), eq(aiJobs.user_id, user.user_id)))
  try {
    if (job?.deck_id) return await findDeck(db, user, job.deck_id, 'edit')
  } catch (error) {
    if (!(error instanceof CliError) || error.kind !== 'not_found') throw error
  }
  throw new CliError(
    'not_found',
    'The deck of these cards is gone, or not shared with you any more.',
    'Nothing was changed. The candidates wait.',
  )
}

/** How many candidates of a job there are of each decision. */
export async function countCandidates(
  db: Database,
  user: User,
  job_id: string,
): Promise<{ proposed: number; accepted: number; rejected: number }> {
  const rows = await db
    .select({ decision: aiCandidates.decision, count: sql<number>`count(*)::int` })
    .from(aiCandidates)
    .innerJoin(aiJobs, eq(aiJobs.job_id, aiCandidates.job_id))
    .where(and(eq(aiCandidates.job_id, job_id), eq(aiJobs.user_id, user.user_id)))
    .groupBy(aiCandidates.decision)
  const of = (wanted: string) => rows.find(({ decision }) => decision === wanted)?.count ?? 0
  return { proposed: of('proposed'), accepted: of('accepted'), rejected: of('rejected') }
}
