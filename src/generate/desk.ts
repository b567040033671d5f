import { randomUUID } from 'node:crypto'
import type { Candidate, Refusal, ReviewEffect } from '../core/generate/review.ts'
import type { Database } from '../db/connect.ts'
import { insistently } from '../db/insist.ts'
import type { Author } from '../db/user.ts'
import { accept, type CandidateCard, proposeAgain, reject, rewrite } from './decide.ts'
import { loadCandidate, loadReview, sectionText } from './waiting.ts'

/** An effect that becomes rows. */
export type Stored = Exclude<ReviewEffect, { type: 'regenerate' | 'source' }>

/** Where a review is written down. Every promise resolves when it is safe. */
export interface Desk {
  /** Does what an effect says; what could not be done comes back. */
  carryOut(effect: Stored): Promise<Refusal[]>
  /** As the effect of that name, with the cards that were made. */
  accept(candidates: readonly Candidate[]): Promise<{ accepted: CandidateCard[]; refusals: Refusal[] }>
  /** Whether a candidate still waits, as it is given. */
  isCurrent(candidate: Candidate): Promise<boolean>
  /** All that waits now. */
  load(): Promise<Candidate[]>
  /** The text of the section that a candidate is from; null once it is not kept any more. */
  source(candidate: Candidate): Promise<string | null>
}

/** A desk for one sitting with a job. The ids of cards are made here, so that sending again makes no second card. */
export function createDesk(db: Database, user: Author, job_id: string): Desk {
  // the whole sitting is one change
  const author = { ...user, change_id: randomUUID() }
  const ids = new Map<string, string>()
  const withCard = ({ candidate_id, card_id }: Candidate): CandidateCard => {
    const id = ids.get(candidate_id) ?? card_id ?? randomUUID()
    ids.set(candidate_id, id)
    return { candidate_id, card_id: id }
  }
  const safely = <T>(work: () => Promise<T>) =>
    insistently(work, 'Your last decision could not be saved; those before it are.')

  const acceptAll = (candidates: readonly Candidate[]) => {
    const chosen = candidates.map(withCard)
    return safely(() => accept(db, author, job_id, chosen))
  }
  const carryOut = async (effect: Stored): Promise<Refusal[]> => {
    switch (effect.type) {
      case 'accept':
        return (await acceptAll(effect.candidates)).refusals
      case 'reject': {
        const chosen = effect.candidates.map(({ candidate_id }) => candidate_id)
        return safely(() => reject(db, user, job_id, chosen))
      }
      case 'propose': {
        const chosen = effect.candidates.map(withCard)
        return safely(() => proposeAgain(db, author, job_id, chosen, effect.was))
      }
      case 'replace':
        await safely(() => rewrite(db, user, job_id, effect.candidate))
        return []
      default:
        return effect satisfies never
    }
  }
  return {
    carryOut,
    accept: acceptAll,
    async isCurrent(candidate) {
      const now = await safely(() => loadCandidate(db, user, job_id, candidate.candidate_id))
      return now !== null && contentOf(now) === contentOf(candidate)
    },
    load: () => safely(() => loadReview(db, user, job_id)),
    source: ({ section }) => safely(() => sectionText(db, user, job_id, section)),
  }
}

/** All of a candidate that the person sees. */
function contentOf({ question, answer, quote, page, grounding, flags, duplicate_of }: Candidate): string {
  return JSON.stringify([question, answer, quote, page, grounding, flags, duplicate_of])
}
