import type { Candidate } from '../../src/core/generate/review.ts'

/** A candidate as a review has it: verified and without flags unless something else is said. */
export function candidate(given: Partial<Candidate> & { candidate_id: string }): Candidate {
  return {
    section: 0,
    position: 0,
    question: `${given.candidate_id}?`,
    answer: `${given.candidate_id}!`,
    quote: `The quote of ${given.candidate_id}.`,
    page: 77,
    grounding: 'verified',
    flags: [],
    duplicate_of: null,
    card_id: null,
    ...given,
  }
}
