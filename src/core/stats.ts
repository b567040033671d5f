import { type Direction, GRADES, type Grade } from './card.ts'
import { addDays, daysBetween, offsetOf } from './day.ts'

// What a person's answers come to; docs/stats.md says what each number means. PostgreSQL has added up the answers of
// each study day, the rest is arithmetic.

const HOUR = 60 * 60 * 1000

/** How far the forecast looks, and the period when nobody asks for another: days. */
export const HORIZON = 30

/** The answers of one study day. */
export interface StudiedDay extends Record<Grade, number> {
  /** ISO. */
  date: string
  /** Answers to cards that were being reviewed: learnt before, and for the schedule. */
  reviews: number
  /** Those of them that were not `again`. */
  recalled: number
  duration_ms: number
  /** Where the person was that day: IANA names. */
  time_zones: readonly string[]
}

/** Days in a row with an answer. */
export interface Streak {
  /** Up to today, or up to yesterday while today has none yet. */
  current: number
  longest: number
  /** Whether today has an answer. */
  today: boolean
}

/**
 * The days up to today, and tomorrow's, which somebody has lived already who flew back over the date line. Nobody is
 * further ahead: what else there is was written by a clock that went wrong. `days` are in order, as everywhere here.
 */
export function daysUntil(days: readonly StudiedDay[], today: string): StudiedDay[] {
  const tomorrow = addDays(today, 1)
  return days.filter(({ date }) => date <= tomorrow)
}

type Place = Pick<StudiedDay, 'date' | 'time_zones'>

/**
 * The streak that ends today, and the longest there was. A date between two others is no gap when the person never had
 * it: when their clock was put forward by twelve hours or more, so that less than half of it was left. That is a flight
 * west over the date line. `now` is the study day that it is, and where the person is.
 */
export function streak(days: readonly Place[], now: Place): Streak {
  const ahead = clocks()
  const inARow = (before: Place, after: Place) => {
    const apart = daysBetween(before.date, after.date)
    return apart <= 1 || (apart === 2 && putForward(before, after, ahead) >= 12 * HOUR)
  }
  let length = 0
  let longest = 0
  for (const [index, day] of days.entries()) {
    const before = days[index - 1]
    length = before && inARow(before, day) ? length + 1 : 1
    longest = Math.max(longest, length)
  }
  const last = days.at(-1)
  return {
    current: last && inARow(last, now) ? length : 0,
    longest,
    today: days.some(({ date }) => date === now.date),
  }
}

/** By how many ms the clock after is ahead of the clock before: the most, when there were several. */
function putForward(before: Place, after: Place, ahead: ReturnType<typeof clocks>): number {
  if (before.time_zones.join() === after.time_zones.join()) return 0
  const offsets = ({ date, time_zones }: Place) =>
    time_zones.map((zone) => ahead(zone, date)).filter((ms) => ms !== undefined)
  return Math.max(...offsets(after)) - Math.min(...offsets(before))
}

/** How far zones are ahead of UTC at noon of a date, each zone's clock made once; undefined for no such zone. */
function clocks(): (zone: string, date: string) => number | undefined {
  const made = new Map<string, ReturnType<typeof offsetOf>>()
  return (zone, date) => {
    const offset = made.get(zone) ?? offsetOf(zone)
    made.set(zone, offset)
    return offset?.(new Date(`${date}T12:00:00Z`))
  }
}

/** How much was remembered of what was due: a share, and the 95 % interval around it; null without any review. */
export interface Retention {
  reviews: number
  recalled: number
  rate: number | null
  low: number | null
  high: number | null
}

/** The 97.5th percentile of the normal distribution: 95 % lie between it and its opposite. */
const Z = 1.959964

/**
 * The retention with its Wilson score interval, which holds for few reviews and for shares near 1 too, and never leaves
 * 0 to 1. E. B. Wilson, Probable inference, the law of succession, and statistical inference, 1927. Four decimals.
 */
export function retention({ reviews, recalled }: { reviews: number; recalled: number }): Retention {
  if (reviews === 0) return { reviews, recalled, rate: null, low: null, high: null }
  const rate = recalled / reviews
  const squared = Z ** 2
  const centre = (rate + squared / (2 * reviews)) / (1 + squared / reviews)
  const half =
    (Z / (1 + squared / reviews)) * Math.sqrt((rate * (1 - rate)) / reviews + squared / (4 * reviews ** 2))
  return {
    reviews,
    recalled,
    rate: rounded(rate),
    low: rounded(Math.max(0, centre - half)),
    high: rounded(Math.min(1, centre + half)),
  }
}

const rounded = (share: number) => Math.round(share * 10_000) / 10_000

/**
 * From how many answers on a day is of each of the four levels of the heatmap: the first from 1, the others from the
 * quartiles of the days that have any, so that the picture shows differences however much a person studies. Two levels
 * that begin at the same count leave the lower one empty.
 */
export function heatLevels(counts: readonly number[]): number[] {
  const sorted = counts.filter((count) => count > 0).sort((a, b) => a - b)
  return [1, ...[0.25, 0.5, 0.75].map((share) => sorted[Math.floor(sorted.length * share)] ?? 1)]
}

/** The level of a day, from 0, without answers, to 4. */
export function heatLevel(count: number, levels: readonly number[]): number {
  return count === 0 ? 0 : levels.filter((from) => from <= count).length
}

/** The Monday of the week of a date. */
export function mondayOf(date: string): string {
  return addDays(date, -((new Date(date).getUTCDay() + 6) % 7))
}

/** The first date of the heatmap: the Monday 52 weeks before that of this week. */
function heatmapStart(today: string): string {
  return addDays(mondayOf(today), -52 * 7)
}

/** The answers of each day of the last year, oldest first, up to today or the last day with any. */
export function heatmap(days: readonly StudiedDay[], today: string): { date: string; answers: number }[] {
  const answers = new Map(days.map((day) => [day.date, answersOf(day)]))
  const start = heatmapStart(today)
  return Array.from({ length: daysBetween(start, endOf(days, today)) + 1 }, (_, n) => {
    const date = addDays(start, n)
    return { date, answers: answers.get(date) ?? 0 }
  })
}

function endOf(days: readonly StudiedDay[], today: string): string {
  const last = days.at(-1)?.date ?? today
  return last > today ? last : today
}

/** How answers went in a stretch of time that begins with `from`. */
export interface Confidence extends Record<Grade, number> {
  from: string
}

const STRETCHES = ['week', 'month', 'year'] as const
type Stretch = (typeof STRETCHES)[number]

/**
 * How answers went from the first of these days up to today: by week for half a year, by month for two, by year for
 * more. A stretch without answers is there all the same.
 */
export function confidenceOver(
  days: readonly StudiedDay[],
  today: string,
): { by: Stretch; periods: Confidence[] } {
  const first = days[0]?.date ?? addDays(today, 1)
  const end = endOf(days, today)
  const length = daysBetween(first, end)
  const by = length < 183 ? 'week' : length < 731 ? 'month' : 'year'
  const periods: Confidence[] = []
  for (let from = first; from <= end; ) {
    const next = nextStretch(from, by)
    periods.push({ from, ...gradesOf(days.filter(({ date }) => date >= from && date < next)) })
    from = next
  }
  return { by, periods }
}

function nextStretch(date: string, by: Stretch): string {
  if (by === 'week') return addDays(mondayOf(date), 7)
  const [year, month] = [Number(date.slice(0, 4)), by === 'year' ? 12 : Number(date.slice(5, 7))]
  return new Date(Date.UTC(year, month, 1)).toISOString().slice(0, 10)
}

/** The answers of some days by grade. */
export function gradesOf(days: readonly StudiedDay[]): Record<Grade, number> {
  return { again: total(days, 'again'), almost: total(days, 'almost'), got_it: total(days, 'got_it') }
}

/** One number of some days, added up. */
export function total<K extends string>(days: readonly Record<K, number>[], key: K): number {
  return days.reduce((sum, day) => sum + day[key], 0)
}

/** All answers, whatever their grade. */
export function answersOf(day: Record<Grade, number>): number {
  return GRADES.reduce((sum, grade) => sum + day[grade], 0)
}

/** Time spent on answers, and how many they were. */
export interface Spent {
  duration_ms: number
  answers: number
  studied_days: number
}

/** What some days come to. */
export function spent(days: readonly StudiedDay[]): Spent {
  return {
    duration_ms: total(days, 'duration_ms'),
    answers: days.reduce((sum, day) => sum + answersOf(day), 0),
    studied_days: days.length,
  }
}

/** A card that was forgotten often. */
export interface HardCard {
  /** 1 for the hardest; a card that is asked both ways can be there twice. */
  rank: number
  card_id: string
  question: string
  deck_id: string
  deck: string
  direction: Direction
  lapses: number
  difficulty: number
  leech: boolean
  suspended: boolean
}

/** What the numbers are about. */
export interface Scope {
  /** The first date of the period, ISO. It goes up to today. */
  since: string
  playlist: string | null
  /** Null: all decks, also those that the person may no longer see. */
  decks: { deck_id: string; name: string }[] | null
}

/** What `rote stats` publishes. */
export interface Statistics {
  scope: Scope & { until: string }
  today: { date: string; cards: number; new: number; answers: number; duration_ms: number }
  streak: Streak
  retention: Retention & {
    all_time: Retention
    decks: ({ deck_id: string | null; name: string | null } & Retention)[]
  }
  /** Of the period, and since the first answer. */
  time: Spent & { days: number; all_time: Spent & { since: string | null } }
  confidence: {
    by: Stretch
    periods: Confidence[]
    now: Record<Grade | 'unseen', number>
  }
  heatmap: { date: string; answers: number }[]
  forecast: { date: string; due: number }[]
  leeches: { lapses: number; cards: number }
  hardest: HardCard[]
}
