import { textProblem } from '../core/card.ts'
import { parseCloze } from '../core/cloze.ts'
import { CliError } from '../errors.ts'
import type { FileCard, ParsedRecord } from './format.ts'
import { plainRecord, withMore } from './record.ts'

/** Whether a text has deletions such as `{{c1::text}}`. */
export const hasDeletions = (text: string) => /\{\{c\d+::/i.test(text)

/** A note whose text has deletions; `extra` is shown with each answer. */
interface ClozeNote {
  text: string
  extra: string
  tags?: string[]
  /** The note's key, for those of its cards. */
  external_id?: string
}

/** The cards of a text with deletions, as `card add --cloze` makes them: siblings, each with a key of its own. */
export function clozeRecords(
  line: number,
  { text, extra, tags = [], external_id = '' }: ClozeNote,
  raw: string,
  more: Partial<FileCard> = {},
): ParsedRecord[] {
  const problem = textProblem('question', text) ?? (extra === '' ? null : textProblem('answer', extra))
  if (problem !== null) return [{ line, problem, raw }]
  try {
    return parseCloze(text).map(({ number, question, answer }, nth) => {
      const card = {
        question,
        answer: extra === '' ? answer : `${answer}\n\n${extra}`,
        tags,
        accepted_answers: extra === '' ? [] : [answer],
        external_id: external_id === '' ? '' : `${external_id}/${number - 1}`,
      }
      const record = withMore(plainRecord(line, card, raw), { ...more, note: `line ${line}` })
      // the text is there once, for all of its cards
      if (nth > 0) delete record.raw
      return record
    })
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    return [{ line, problem: inSentence(error.message), raw }]
  }
}

/** A sentence as it goes on behind a place. */
function inSentence(sentence: string): string {
  return `${sentence.charAt(0).toLowerCase()}${sentence.slice(1).replace(/\.$/, '')}`
}
