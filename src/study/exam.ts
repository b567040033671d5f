import type { ChalkInstance } from 'chalk'
import type { ExamDay, ExamPlan } from '../core/exam.ts'
import { plural } from '../core/plural.ts'
import { padEnd, truncate, width, wrap } from '../ui/text.ts'

/** More rows than these nobody reads before studying. */
const MOST_ROWS = 14
/** Days that may stand in one row: the smallest of these with which the rows suffice. */
const SPANS = [1, 7, 28, 91]
const WIDEST_BAR = 40
const NARROWEST_BAR = 4
/** Narrower windows leave out the year, and even narrower ones the day of the week. */
const NARROW = 48
const NARROWER = 32

const GAP = '  '
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const REVIEW = '█'
const FRESH = '░'

/** Some days of the plan in one row. */
interface Row {
  label: string
  reviews: number
  fresh: number
}

/**
 * What each day asks for until an exam, as a table with bars, and below it what comes of it. Longer plans have several
 * days in a row, which then says what one of them asks for on average. At most 17 lines, none wider than `columns`;
 * colours only repeat what the signs say.
 */
export function examTable(plan: ExamPlan<unknown>, columns: number, style: ChalkInstance): string {
  const span = SPANS.find((days) => plan.days.length <= days * MOST_ROWS) ?? plan.days.length
  const rows = grouped(plan.days, span, columns)
  const several = span > 1
  const heads = { reviews: `${REVIEW} reviews`, fresh: `${FRESH} new` }
  const label = Math.max(width(several ? 'each day' : ''), ...rows.map((row) => width(row.label)))
  const widest = (kind: 'reviews' | 'fresh') =>
    Math.max(width(heads[kind]), ...rows.map((row) => amount(row[kind]).length))
  const numbers = { reviews: widest('reviews'), fresh: widest('fresh') }
  const room = columns - label - numbers.reviews - numbers.fresh - 3 * GAP.length
  const longest = room < NARROWEST_BAR ? 0 : Math.min(WIDEST_BAR, room)
  const most = Math.max(...rows.map(({ reviews, fresh }) => reviews + fresh)) || 1

  const head = [
    padEnd(several ? 'each day' : '', label),
    heads.reviews.padStart(numbers.reviews),
    heads.fresh.padStart(numbers.fresh),
  ].join(GAP)
  const body = rows.map(({ label: name, reviews, fresh }) => {
    const cells = [
      padEnd(name, label),
      amount(reviews).padStart(numbers.reviews),
      amount(fresh).padStart(numbers.fresh),
    ].join(GAP)
    const known = Math.round((reviews / most) * longest)
    const all = Math.round(((reviews + fresh) / most) * longest)
    const bar = style.green(REVIEW.repeat(known)) + style.cyan(FRESH.repeat(all - known))
    return { cells, bar: all > 0 ? GAP + bar : '' }
  })
  return [
    style.dim(truncate(head, columns)),
    ...body.map(({ cells, bar }) => (width(cells) > columns ? truncate(cells, columns) : cells + bar)),
    '',
    ...wrap(outcome(plan), columns),
  ].join('\n')
}

/** Some numbers of cards a day are small fractions; a dot says that there are any. */
function amount(perDay: number): string {
  return perDay > 0 && perDay < 0.5 ? '·' : Math.round(perDay).toLocaleString('en')
}

function grouped(days: readonly ExamDay[], span: number, columns: number): Row[] {
  return Array.from({ length: Math.ceil(days.length / span) }, (_, index) => {
    const some = days.slice(index * span, (index + 1) * span)
    const [first, last] = [some[0]?.date ?? '', some.at(-1)?.date ?? '']
    const shown = (date: string) => (columns < NARROW ? date.slice(5) : date)
    const weekday = columns < NARROWER ? '' : `${WEEKDAYS[new Date(first).getUTCDay()]} `
    const several = first === last ? shown(first) : `${shown(first)} – ${last.slice(5)}`
    return {
      label: span === 1 ? weekday + shown(first) : several,
      reviews: some.reduce((sum, { reviews }) => sum + reviews, 0) / some.length,
      fresh: some.reduce((sum, { fresh }) => sum + fresh, 0) / some.length,
    }
  })
}

function outcome({ exam, expected, without, late, retention, days }: ExamPlan<unknown>): string {
  const total = days.reduce((sum, { reviews, fresh }) => sum + reviews + fresh, 0)
  // never more than is true
  const percent = (chance: number) => `${Math.floor(chance * 100 + 1e-9)}%`
  const result = `${plural(total, 'card')} to see in ${plural(days.length, 'day')}. On ${exam} you will know ${percent(expected)} of yours; without studying ${percent(without)}.`
  const warning = ` There is not enough time left for ${percent(retention)}.`
  return late ? result + warning : result
}
