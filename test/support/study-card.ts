import type { StudyCard } from '../../src/core/study-card.ts'

/** A card as the study loop has it, new unless something else is said. */
export function studyCard(given: Partial<StudyCard> & { card_id: string }): StudyCard {
  return {
    direction: 'forward',
    deck_id: 'capitals',
    deck: 'Capitals',
    question: `${given.card_id}?`,
    answer: `${given.card_id}!`,
    accepted_answers: [],
    tags: [],
    difficulty_level: null,
    note_id: null,
    source: null,
    source_page: null,
    source_quote: null,
    editable: true,
    typed: false,
    desired_retention: 0.9,
    schedule: null,
    ...given,
  }
}
