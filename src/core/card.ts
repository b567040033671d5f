import { usage } from '../errors.ts'

/** How hard a card is, as a person judged it. */
export const DIFFICULTY_LEVELS = ['easy', 'medium', 'hard'] as const
export type DifficultyLevel = (typeof DIFFICULTY_LEVELS)[number]

/** How an answer went; the closed set of grades, worst first. */
export const GRADES = ['again', 'almost', 'got_it'] as const
export type Grade = (typeof GRADES)[number]

/** From question to answer, or back. Each direction of a card has a schedule of its own. */
export const DIRECTIONS = ['forward', 'reverse'] as const
export type Direction = (typeof DIRECTIONS)[number]

/** The content of a card: what a person writes, what a file carries, nothing about progress. */
export interface CardText {
  question: string
  answer: string
  difficulty_level: DifficultyLevel | null
  tags: string[]
  accepted_answers: string[]
  /** The key of this card in the file that it came from; null when that file has no keys. */
  external_id: string | null
}

/** The longest question or answer we store, in UTF-16 code units: a page of text, not a book. */
const TEXT_LIMIT = 100_000

type TextField = 'question' | 'answer' | 'accepted answer'

/** What is wrong with a text of a card, in words that follow "line 17:"; null when it is fine. */
export function textProblem(field: TextField, text: string): string | null {
  if (text.trim() === '') return `the ${field} is empty`
  if (text.includes('\0')) return `the ${field} contains a NUL character, which PostgreSQL cannot store`
  if (!text.isWellFormed()) return `the ${field} contains half of a character (a lone surrogate)`
  if (text.length > TEXT_LIMIT)
    return `the ${field} is longer than ${TEXT_LIMIT.toLocaleString('en')} characters`
  return null
}

/** The same check for text that was typed rather than imported. Throws a usage error. */
export function checkText(field: TextField, text: string): string {
  const problem = textProblem(field, text)
  if (problem) throw usage(`${problem[0]?.toUpperCase()}${problem.slice(1)}.`)
  return text
}
