import { InvalidArgumentError } from 'commander'
import type { CardText } from '../core/card.ts'
import { parseDate } from '../core/day.ts'
import { DELIMITER_NAMES } from '../formats/delimiters.ts'
import { valued } from './verb.ts'

const FIELDS = [
  'question',
  'answer',
  'tags',
  'difficulty_level',
  'accepted_answers',
  'external_id',
] as const satisfies (keyof CardText)[]

/** `question=expression,answer=3` → which column holds which field. */
export function columnMap(text: string): Partial<Record<keyof CardText, string>> {
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const at = pair.indexOf('=')
      const field = FIELDS.find((name) => name === pair.slice(0, at).trim())
      if (at < 0 || !field || pair.slice(at + 1).trim() === '') {
        throw new InvalidArgumentError(
          `"${pair}" is not field=column, where field is one of ${FIELDS.join(', ')}.`,
        )
      }
      return [field, pair.slice(at + 1).trim()]
    }),
  )
}

/** A date of the calendar, ISO. */
export function date(text: string): string {
  const found = parseDate(text)
  if (!found) throw new InvalidArgumentError('It must be a date such as 2026-03-29.')
  return found
}

const HOUR = 3_600_000
const AGES: Record<string, number> = { h: HOUR, d: 24 * HOUR, w: 7 * 24 * HOUR }

/** An age such as `30d`, in milliseconds: hours, days or weeks. */
export function age(text: string): number {
  const [, number, unit = ''] = /^(\d{1,6})\s*([hdw])/i.exec(text.trim()) ?? []
  const each = AGES[unit.toLowerCase()]
  if (!each || !/^\d+\s*(h|hours?|d|days?|w|weeks?)$/i.test(text.trim()))
    throw new InvalidArgumentError('It must be an age such as 12h, 30d or 2w.')
  return Number(number) * each
}

/** What stands between columns: one of the names, or a character. */
export const delimiter = valued(Object.keys(DELIMITER_NAMES), (text: string): string => {
  const named = Object.entries(DELIMITER_NAMES).find(([name]) => name === text.toLowerCase())?.[1]
  const character = named ?? separator(text)
  if (character.length !== 1 || /["\r\n]/.test(character)) {
    throw new InvalidArgumentError(
      `It must be ${Object.keys(DELIMITER_NAMES).join(', ')}, or one character that is no quote and no line break.`,
    )
  }
  return character
})

/** A separator of any length; `\\t` and `\\n` are a tab and a line break, which shells make hard to type. */
export function separator(text: string): string {
  if (text === '') throw new InvalidArgumentError('It must be one character or more.')
  return text.replaceAll('\\t', '\t').replaceAll('\\r', '\r').replaceAll('\\n', '\n')
}
