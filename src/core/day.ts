import { usage } from '../errors.ts'

const HOUR = 60 * 60 * 1000
const DAY = 24 * HOUR

/**
 * A study day: the instants from `start` up to, not including, `end`, and the calendar date they count for.
 */
export interface StudyDay {
  start: Date
  end: Date
  /** ISO, such as `2026-03-29`. */
  date: string
}

/** Where a machine is. */
export interface MachineZone {
  /** The IANA name. To ask for it loads ICU's tables, a third of what Node itself takes. */
  readonly name: string
  /** Its wall clock, without them. */
  readonly clock: WallClock
}

/**
 * The study day that `at` falls into. It runs from `dayStartHour` (0–23) on the learner's clock to the same
 * hour of the next date, so an answer at half past midnight still counts for the evening before. The days of
 * a zone follow each other without gap or overlap whatever its clocks do: a day lasts 23 or 25 hours where
 * they change, and starts the moment they jump when the start hour itself is skipped. `zone` is a name or a
 * clock; throws a usage error for a name that no time zone has.
 */
export function dayBounds(at: Date, zone: string | WallClock, dayStartHour: number): StudyDay {
  return dayOf(at, clockOf(zone), dayStartHour)
}

/** The study day that `at` falls into and those after it, `count` in all; as `dayBounds`, with a clock made once. */
export function daysFrom(
  at: Date,
  zone: string | WallClock,
  dayStartHour: number,
  count: number,
): StudyDay[] {
  const clock = clockOf(zone)
  const days: StudyDay[] = []
  for (let next = at; days.length < count; ) {
    const day = dayOf(next, clock, dayStartHour)
    days.push(day)
    next = day.end
  }
  return days
}

/** The dates of the days that `dayOf` gives, for so many instants that each day is worth reckoning only once. */
export function datesBy(dayOf: (at: Date) => StudyDay): (at: Date) => string {
  /** By the days of UTC that they reach into. */
  const known = new Map<number, { start: number; end: number; date: string }[]>()
  return (at) => {
    const time = at.getTime()
    const utc = Math.floor(time / DAY)
    const days = known.get(utc) ?? []
    for (const { start, end, date } of days) if (start <= time && time < end) return date
    const { start, end, date } = dayOf(at)
    if (days.push({ start: start.getTime(), end: end.getTime(), date }) === 1) known.set(utc, days)
    return date
  }
}

function dayOf(at: Date, clock: WallClock, dayStartHour: number): StudyDay {
  const startOf = (midnight: number) => firstAt(clock, midnight + dayStartHour * HOUR)

  let midnight = Math.floor(clock(at.getTime()) / DAY) * DAY
  if (at.getTime() < startOf(midnight)) midnight -= DAY
  // Clocks that go back over midnight show yesterday's date again after today has begun.
  else if (at.getTime() >= startOf(midnight + DAY)) midnight += DAY

  return {
    start: new Date(startOf(midnight)),
    end: new Date(startOf(midnight + DAY)),
    date: isoDate(midnight),
  }
}

/** The date so many days after another, or before it; both ISO, such as `2026-03-29`. */
export function addDays(date: string, days: number): string {
  return isoDate(Date.parse(date) + days * DAY)
}

/** How many days lie between two ISO dates: 1 from one date to the next, negative backwards. */
export function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / DAY
}

/** The text when it is a date of the calendar, such as `2026-03-29`; null for anything else. */
export function parseDate(text: string): string | null {
  if (!/^[1-9]\d{3}-\d\d-\d\d$/.test(text)) return null
  const time = Date.parse(text)
  // the 30th of February would be one of March
  return !Number.isNaN(time) && isoDate(time) === text ? text : null
}

/** Tells by how many ms the clocks of a zone are ahead of UTC at an instant; null when there is no such zone. */
export function offsetOf(timeZone: string): ((at: Date) => number) | null {
  try {
    const clock = wallClock(timeZone)
    return (at) => clock(at.getTime()) - at.getTime()
  } catch {
    return null
  }
}

function isoDate(midnight: number): string {
  return new Date(midnight).toISOString().slice(0, 10)
}

/**
 * What a wall clock shows at an instant, as the instant at which a clock in UTC shows the same; both in epoch
 * ms.
 */
export type WallClock = (instant: number) => number

const clockOf = (zone: string | WallClock) => (typeof zone === 'string' ? wallClock(zone) : zone)

function wallClock(timeZone: string): WallClock {
  const format = dateTimeFormat(timeZone)
  return (instant) => {
    const part = Object.fromEntries(
      format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]),
    )
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part
    return Date.UTC(year, month - 1, day, hour, minute, second) + modulo(instant, 1000)
  }
}

function dateTimeFormat(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw usage(
      `Unknown time zone "${timeZone}".`,
      'Use a name such as Europe/Berlin, America/New_York or UTC.',
    )
  }
}

/**
 * The first instant at which the clock shows `wall` or later. `wall` is read with the offset of the day
 * before and with that of the day after; where they differ the clock changes in between, and one reading
 * holds, or neither in a gap.
 */
function firstAt(clock: WallClock, wall: number): number {
  const earlier = wall - (clock(wall - DAY) - (wall - DAY))
  const later = wall - (clock(wall + DAY) - (wall + DAY))
  if (clock(earlier) === wall) return earlier
  if (clock(later) === wall) return later
  return changeBetween(clock, later, earlier)
}

/** The instant in (low, high] at which the clock jumps forward; it must jump just once there. */
function changeBetween(clock: WallClock, low: number, high: number): number {
  const offset = clock(low) - low
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (clock(middle) - middle === offset) low = middle
    else high = middle
  }
  return high
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor
}
