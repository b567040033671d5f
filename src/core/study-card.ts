import type { DifficultyLevel, Direction } from './card.ts'
import type { Schedule } from './schedule.ts'

/** A card as it is studied, in one direction: what is on it, and its schedule so far (null when new). */
export interface StudyCard {
  card_id: string
  direction: Direction
  deck_id: string
  /** What the person calls the deck. */
  deck: string
  question: string
  answer: string
  accepted_answers: readonly string[]
  tags: string[]
  difficulty_level: DifficultyLevel | null
  /** The same for siblings. */
  note_id: string | null
  /** The file or address that it came from, the page there, and the sentence that it was made of. */
  source: string | null
  source_page: number | null
  source_quote: string | null
  /** The person may change it. */
  editable: boolean
  /** Its answer is typed. */
  typed: boolean
  desired_retention: number
  schedule: Schedule | null
}

/** What a card asks in its direction. */
export function asked(card: StudyCard): string {
  return card.direction === 'forward' ? card.question : card.answer
}

/** What it wants to hear. */
export function expected(card: StudyCard): string {
  return card.direction === 'forward' ? card.answer : card.question
}

/** Tells the cards of a sitting apart: a card can be in it in both directions. */
export function keyOf({ card_id, direction }: { card_id: string; direction: Direction }): string {
  return `${card_id} ${direction}`
}

/** From so many lapses on a card is called a leech: it takes more time than it is worth as it is. As in Anki. */
export const LEECH_LAPSES = 8
