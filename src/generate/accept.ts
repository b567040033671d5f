import { isVerified } from '../core/generate/candidate.ts'
import { cardProblem } from '../core/generate/review.ts'
import type { Database } from '../db/connect.ts'
import type { Author } from '../db/user.ts'
import { createDesk } from './desk.ts'
import { jobDeck, loadReview } from './waiting.ts'

/** What may be accepted without a person before a screen. */
export const ACCEPTS = ['verified', 'all', 'none'] as const
export type Accepts = (typeof ACCEPTS)[number]

/** A card that was made of a candidate. */
export interface AcceptedCard {
  card_id: string
  candidate_id: string
  question: string
  answer: string
  quote: string | null
  page: number | null
}

/** A statement for so many cards at once. */
const BATCH = 500

/**
 * Accepts what waits of a job: what is verified and has no flags, or all that can be a card. `same` were left because the
 * deck has their questions already. Throws as `jobDeck` does.
 */
export async function acceptWaiting(
  db: Database,
  user: Author,
  job_id: string,
  which: Accepts,
): Promise<{ accepted: AcceptedCard[]; same: number; waiting: number; deck: string }> {
  const { name: deck } = await jobDeck(db, user, job_id)
  const candidates = await loadReview(db, user, job_id)
  const chosen = candidates.filter(
    (candidate) => which !== 'none' && (which === 'all' || isVerified(candidate)) && !cardProblem(candidate),
  )
  const desk = createDesk(db, user, job_id)
  const accepted: AcceptedCard[] = []
  let [same, elsewhere] = [0, 0]
  for (let from = 0; from < chosen.length; from += BATCH) {
    const batch = chosen.slice(from, from + BATCH)
    const made = await desk.accept(batch)
    const cardOf = new Map(made.accepted.map(({ candidate_id, card_id }) => [candidate_id, card_id]))
    for (const { candidate_id, question, answer, quote, page } of batch) {
      const card_id = cardOf.get(candidate_id)
      if (card_id) accepted.push({ card_id, candidate_id, question, answer, quote, page })
    }
    same += made.refusals.filter(({ why }) => why === 'same').length
    elsewhere += made.refusals.filter(({ why }) => why === 'elsewhere').length
  }
  return { accepted, same, waiting: candidates.length - accepted.length - elsewhere, deck }
}
