import { InvalidArgumentError } from 'commander'
import type { CardText } from '../core/card.ts'
import { parseDate } from '../core/day.ts'

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
