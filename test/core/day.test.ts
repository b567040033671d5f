import { describe, expect, test } from 'vitest'
import {
  addDays,
  datesBy,
  dayBounds,
  daysBetween,
  daysFrom,
  offsetOf,
  parseDate,
} from '../../src/core/day.ts'
import { CliError } from '../../src/errors.ts'

const HOUR = 60 * 60 * 1000

/** Zone, start hour, an instant; then the day that it belongs to, with its length in hours. */
test.each([
  ['UTC', 4, '2026-05-04T12:00Z', '2026-05-04', '2026-05-04T04:00Z', 24],
  ['UTC', 4, '2026-05-04T03:59:59.999Z', '2026-05-03', '2026-05-03T04:00Z', 24],
  ['UTC', 4, '2026-05-04T04:00Z', '2026-05-04', '2026-05-04T04:00Z', 24],
  ['UTC', 0, '2027-01-01T00:00Z', '2027-01-01', '2027-01-01T00:00Z', 24],
  ['UTC', 23, '2026-05-04T22:00Z', '2026-05-03', '2026-05-03T23:00Z', 24],
  // Berlin: 02:00 jumps to 03:00 on 29 March, 03:00 falls back to 02:00 on 25 October.
  ['Europe/Berlin', 4, '2026-03-28T20:00Z', '2026-03-28', '2026-03-28T03:00Z', 23],
  ['Europe/Berlin', 4, '2026-03-29T02:00Z', '2026-03-29', '2026-03-29T02:00Z', 24],
  ['Europe/Berlin', 0, '2026-03-29T12:00Z', '2026-03-29', '2026-03-28T23:00Z', 23],
  ['Europe/Berlin', 2, '2026-03-29T00:59Z', '2026-03-28', '2026-03-28T01:00Z', 24],
  ['Europe/Berlin', 2, '2026-03-29T01:00Z', '2026-03-29', '2026-03-29T01:00Z', 23],
  ['Europe/Berlin', 4, '2026-10-25T01:30Z', '2026-10-24', '2026-10-24T02:00Z', 25],
  ['Europe/Berlin', 4, '2026-10-25T03:00Z', '2026-10-25', '2026-10-25T03:00Z', 24],
  ['Europe/Berlin', 2, '2026-10-25T00:00Z', '2026-10-25', '2026-10-25T00:00Z', 25],
  ['Europe/Berlin', 2, '2026-10-25T01:30Z', '2026-10-25', '2026-10-25T00:00Z', 25],
  ['America/New_York', 4, '2026-03-08T07:30Z', '2026-03-07', '2026-03-07T09:00Z', 23],
  ['America/New_York', 4, '2026-11-01T06:30Z', '2026-10-31', '2026-10-31T08:00Z', 25],
  ['America/New_York', 4, '2026-07-05T03:59Z', '2026-07-04', '2026-07-04T08:00Z', 24],
  ['Asia/Kolkata', 4, '2026-05-03T22:30Z', '2026-05-04', '2026-05-03T22:30Z', 24],
  // Lord Howe moves by half an hour: 02:00 to 02:30 on 4 October, and back on 5 April.
  ['Australia/Lord_Howe', 4, '2026-10-03T12:00Z', '2026-10-03', '2026-10-02T17:30Z', 23.5],
  ['Australia/Lord_Howe', 2, '2026-10-03T15:30Z', '2026-10-04', '2026-10-03T15:30Z', 23.5],
  ['Australia/Lord_Howe', 4, '2026-04-04T12:00Z', '2026-04-04', '2026-04-03T17:00Z', 24.5],
  // Apia crossed the date line: 29 December 2011 was followed by the 31st.
  ['Pacific/Apia', 4, '2026-05-04T00:00Z', '2026-05-04', '2026-05-03T15:00Z', 24],
  ['Pacific/Apia', 4, '2011-12-30T09:00Z', '2011-12-29', '2011-12-29T14:00Z', 20],
  ['Pacific/Apia', 4, '2011-12-30T11:00Z', '2011-12-30', '2011-12-30T10:00Z', 4],
  ['Pacific/Apia', 4, '2011-12-30T14:00Z', '2011-12-31', '2011-12-30T14:00Z', 24],
  // Before 2008, Newfoundland's clocks fell back one minute after midnight, to 23:01 of the day before.
  ['America/St_Johns', 0, '2006-10-29T02:30:30Z', '2006-10-29', '2006-10-29T02:30Z', 25],
  ['America/St_Johns', 0, '2006-10-29T03:00Z', '2006-10-29', '2006-10-29T02:30Z', 25],
])('%s, day from %d:00: %s is in %s', (zone, hour, at, date, start, hours) => {
  const day = dayBounds(new Date(at), zone, hour)
  expect(day.date).toBe(date)
  expect(day.start).toEqual(new Date(start))
  expect((day.end.getTime() - day.start.getTime()) / HOUR).toBe(hours)
})

describe.each([
  'Europe/Berlin',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Africa/Casablanca',
])('in %s', (zone) => {
  test.each([0, 2])('days from %d:00 follow each other without gap or overlap', (hour) => {
    let day = dayBounds(new Date('2010-10-15T12:00Z'), zone, hour)
    for (let count = 0; count < 450; count++) {
      const next = dayBounds(day.end, zone, hour)
      expect(next.start).toEqual(day.end)
      expect(dayBounds(new Date(day.end.getTime() - 1), zone, hour)).toEqual(day)
      expect(next.date > day.date).toBe(true)
      day = next
    }
  })
})

test('an unknown zone is a usage error', () => {
  const bounds = () => dayBounds(new Date('2026-05-04T12:00Z'), 'Mars/Olympus', 4)
  expect(bounds).toThrow(CliError)
  expect(bounds).toThrow('Unknown time zone "Mars/Olympus".')
})

test('days in a row are those that are asked for one by one', () => {
  const days = daysFrom(new Date('2026-03-27T12:00Z'), 'Europe/Berlin', 4, 4)
  expect(days.map(({ date }) => date)).toEqual(['2026-03-27', '2026-03-28', '2026-03-29', '2026-03-30'])
  expect(days).toEqual(days.map(({ start }) => dayBounds(start, 'Europe/Berlin', 4)))
})

test('dates are counted on the calendar', () => {
  expect(addDays('2026-03-28', 2)).toBe('2026-03-30')
  expect(addDays('2024-03-01', -1)).toBe('2024-02-29')
  expect(daysBetween('2026-03-28', '2026-03-30')).toBe(2)
  expect(daysBetween('2026-01-01', '2025-01-01')).toBe(-365)
})

test.each(['2026-03-29', '2024-02-29', '1999-12-31'])('%s is a date', (text) => {
  expect(parseDate(text)).toBe(text)
})

test.each([
  '',
  'today',
  '2026-02-29',
  '2026-13-01',
  '2026-3-1',
  '2026-03-29T10:00',
  '29.03.2026',
  '0000-01-01',
  '12026-01-01',
])('"%s" is none', (text) => {
  expect(parseDate(text)).toBeNull()
})

test('how far ahead of UTC a clock is', () => {
  const summer = new Date('2026-07-01T12:00Z')
  expect(offsetOf('Europe/Berlin')?.(summer)).toBe(2 * HOUR)
  expect(offsetOf('Asia/Kolkata')?.(summer)).toBe(5.5 * HOUR)
  expect(offsetOf('Pacific/Honolulu')?.(summer)).toBe(-10 * HOUR)
  expect(offsetOf('Mars/Olympus')).toBeNull()
})

test('dates that are remembered are those that are reckoned, around changes of the clock too', () => {
  const reckon = (at: Date) => dayBounds(at, 'Europe/Berlin', 2)
  const dateOf = datesBy(reckon)
  const from = Date.UTC(2026, 2, 27)
  const hours = Array.from({ length: 96 }, (_, i) => new Date(from + ((i * 37) % 96) * 3_600_000))
  expect(hours.map(dateOf)).toEqual(hours.map((at) => reckon(at).date))
})
