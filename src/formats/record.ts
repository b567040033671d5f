import { DIFFICULTY_LEVELS, textProblem } from '../core/card.ts'
import { CliError } from '../errors.ts'
import type { FileCard, ParsedRecord } from './format.ts'

/** A card as a file states it, before anyone has checked it. Empty text means that the file says nothing. */
interface RawCard {
  question: string
  answer: string
  tags: string[]
  difficulty_level: string
  accepted_answers: string[]
  external_id: string
}

/** The longest record that a reader waits for, in UTF-16 code units; what keeps memory bounded. */
export const RECORD_LIMIT = 10_000_000

const EXTERNAL_ID_LIMIT = 500

/** The record that `raw` makes: a card, or the first thing that is wrong with it. `text` is what it says in the file. */
export function toRecord(line: number, raw: RawCard, text: string): ParsedRecord {
  const level = raw.difficulty_level.trim().toLowerCase()
  const difficulty_level = DIFFICULTY_LEVELS.find((known) => known === level) ?? null
  const problem =
    textProblem('question', raw.question) ??
    textProblem('answer', raw.answer) ??
    (difficulty_level === null && level !== ''
      ? `the difficulty_level "${raw.difficulty_level}" is none of ${DIFFICULTY_LEVELS.join(', ')}`
      : smallPrintProblem(raw))
  if (problem !== null) return { line, problem, raw: text }
  const { question, answer, tags, accepted_answers } = raw
  return {
    line,
    card: {
      question,
      answer,
      difficulty_level,
      tags,
      accepted_answers,
      external_id: raw.external_id || null,
    },
    raw: text,
  }
}

/** A card of a format that has nothing but questions, answers and at most tags. */
export function plainRecord(
  line: number,
  { question, answer, tags = [], accepted_answers = [], external_id = '' }: PlainCard,
  text: string,
): ParsedRecord {
  return toRecord(line, { question, answer, tags, difficulty_level: '', accepted_answers, external_id }, text)
}

interface PlainCard extends Partial<Omit<RawCard, 'difficulty_level'>> {
  question: string
  answer: string
}

/** The record, with what else the file says of its card; a problem stays one. */
export function withMore(record: ParsedRecord, more: Partial<FileCard>): ParsedRecord {
  return 'card' in record ? { ...record, card: { ...record.card, ...more } } : record
}

function smallPrintProblem(raw: RawCard): string | null {
  if (raw.external_id.length > EXTERNAL_ID_LIMIT) {
    return `the external_id is longer than ${EXTERNAL_ID_LIMIT} characters`
  }
  if (raw.external_id.includes('\0')) return 'the external_id contains a NUL character'
  if (raw.tags.some((tag) => tag.includes('\0'))) return 'a tag contains a NUL character'
  if (raw.accepted_answers.some((answer) => answer.includes('\0'))) {
    return 'an accepted answer contains a NUL character'
  }
  return null
}

/** A record that goes on and on, usually because something in it was opened and never closed. */
export function tooLong(line: number): CliError {
  return new CliError(
    'failure',
    `line ${line}: the record that begins here is longer than ${RECORD_LIMIT / 1e6} million characters`,
    'A quote or bracket that is never closed is the usual reason.',
  )
}
