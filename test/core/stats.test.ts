import { describe, expect, test } from 'vitest'
import { addDays } from '../../src/core/day.ts'
import {
  confidenceOver,
  daysUntil,
  heatLevel,
  heatLevels,
  heatmap,
  mondayOf,
  retention,
  type StudiedDay,
  streak,
} from '../../src/core/stats.ts'

/** A day with three answers, which a test about something else does not ask about. */
function day(date: string, fields: Partial<StudiedDay> = {}): StudiedDay {
  const none = { reviews: 0, recalled: 0, duration_ms: 0 }
  return { date, again: 0, almost: 1, got_it: 2, ...none, time_zones: ['UTC'], ...fields }
}
const days = (...dates: string[]) => dates.map((date) => day(date))
const at = (date: string, zone = 'UTC') => ({ date, time_zones: [zone] })
const placed = (...places: [date: string, ...zones: string[]][]) =>
  places.map(([date, ...time_zones]) => ({ date, time_zones }))

describe('streak', () => {
  test('nothing yet', () => {
    expect(streak([], at('2026-03-02'))).toEqual({ current: 0, longest: 0, today: false })
  })

  test('it is alive until the end of today', () => {
    const three = days('2026-02-28', '2026-03-01', '2026-03-02')
    expect(streak(three, at('2026-03-02'))).toEqual({ current: 3, longest: 3, today: true })
    expect(streak(three, at('2026-03-03'))).toEqual({ current: 3, longest: 3, today: false })
    expect(streak(three, at('2026-03-04'))).toEqual({ current: 0, longest: 3, today: false })
  })

  test('the longest may be long ago', () => {
    const past = days('2024-02-28', '2024-02-29', '2024-03-01', '2025-12-31', '2026-01-01')
    expect(streak(past, at('2026-01-02'))).toEqual({ current: 2, longest: 3, today: false })
  })

  test('daylight saving, both ways, is nothing to it', () => {
    const berlin = (date: string) => ({ date, time_zones: ['Europe/Berlin'] })
    const spring = ['2026-03-28', '2026-03-29', '2026-03-30'].map(berlin)
    expect(streak(spring, berlin('2026-03-30')).current).toBe(3)
    // an hour that was put forward excuses nobody
    const missed = ['2026-03-28', '2026-03-30'].map(berlin)
    expect(streak(missed, berlin('2026-03-30'))).toEqual({ current: 1, longest: 1, today: true })
    const autumn = ['2026-10-24', '2026-10-25', '2026-10-26'].map(berlin)
    expect(streak(autumn, berlin('2026-10-27')).current).toBe(3)
  })

  test('a date that a flight west over the date line leaves out is not missed', () => {
    const flight = placed(
      ['2026-03-01', 'America/Los_Angeles'],
      ['2026-03-02', 'America/Los_Angeles'],
      ['2026-03-04', 'Asia/Tokyo'],
    )
    expect(streak(flight, at('2026-03-04', 'Asia/Tokyo'))).toEqual({ current: 3, longest: 3, today: true })
    // just landed: there is all of today to go on
    expect(streak(flight.slice(0, 2), at('2026-03-04', 'Asia/Tokyo'))).toEqual({
      current: 2,
      longest: 2,
      today: false,
    })
    // two dates without answers are one too many, and so is one on the day after
    expect(streak(flight.slice(0, 1), at('2026-03-04', 'Asia/Tokyo')).current).toBe(0)
    expect(streak(flight, at('2026-03-06', 'Asia/Tokyo')).current).toBe(0)
  })

  test('a date that a flight east over the date line gives twice counts once', () => {
    const flight = placed(
      ['2026-03-01', 'Pacific/Auckland'],
      ['2026-03-02', 'Pacific/Auckland', 'Pacific/Honolulu'],
      ['2026-03-03', 'Pacific/Honolulu'],
    )
    expect(streak(flight, at('2026-03-03', 'Pacific/Honolulu')).current).toBe(3)
    // studied tomorrow already, over there
    const early = placed(
      ['2026-03-01', 'Pacific/Auckland'],
      ['2026-03-02', 'Pacific/Auckland'],
      ['2026-03-03', 'Pacific/Auckland'],
    )
    expect(streak(early, at('2026-03-02', 'Pacific/Honolulu'))).toEqual({
      current: 3,
      longest: 3,
      today: true,
    })
    // flying back does not excuse a day
    const missed = placed(['2026-03-01', 'Pacific/Auckland'], ['2026-03-03', 'Pacific/Honolulu'])
    expect(streak(missed, at('2026-03-03', 'Pacific/Honolulu')).current).toBe(1)
  })

  test('a short flight excuses nothing', () => {
    const flight = placed(['2026-03-01', 'Europe/Berlin'], ['2026-03-03', 'Asia/Tokyo'])
    expect(streak(flight, at('2026-03-03', 'Asia/Tokyo')).current).toBe(1)
  })

  test('a zone that is not known, or none, excuses nothing and breaks nothing', () => {
    const strange = placed(['2026-03-01', 'Mars/Olympus'], ['2026-03-03'])
    expect(streak(strange, at('2026-03-03')).current).toBe(1)
    expect(streak(placed(['2026-03-01', '\u001b[31m'], ['2026-03-02']), at('2026-03-02')).current).toBe(2)
  })
})

test('days after tomorrow were written by a clock that went wrong', () => {
  const past = days('2026-03-01', '2026-03-03', '2026-03-04', '2099-01-01')
  expect(daysUntil(past, '2026-03-02').map(({ date }) => date)).toEqual(['2026-03-01', '2026-03-03'])
})

describe('retention', () => {
  test('Wilson, as published examples have it', () => {
    // R. G. Newcombe, Two-sided confidence intervals for the single proportion, 1998, table I
    expect(retention({ reviews: 263, recalled: 81 })).toMatchObject({ low: 0.2553, high: 0.3662 })
    expect(retention({ reviews: 148, recalled: 15 })).toMatchObject({ low: 0.0624, high: 0.1605 })
    expect(retention({ reviews: 20, recalled: 0 })).toMatchObject({ rate: 0, low: 0, high: 0.1611 })
    expect(retention({ reviews: 29, recalled: 1 })).toMatchObject({ low: 0.0061, high: 0.1718 })
  })

  test('it stays between 0 and 1', () => {
    expect(retention({ reviews: 1, recalled: 1 })).toEqual({
      reviews: 1,
      recalled: 1,
      rate: 1,
      low: 0.2065,
      high: 1,
    })
  })

  test('without reviews there is none', () => {
    expect(retention({ reviews: 0, recalled: 0 })).toEqual({
      reviews: 0,
      recalled: 0,
      rate: null,
      low: null,
      high: null,
    })
  })
})

describe('heatmap', () => {
  test('levels are quartiles of the days that have answers', () => {
    const counts = Array.from({ length: 101 }, (_, n) => n)
    expect(heatLevels(counts)).toEqual([1, 26, 51, 76])
    expect([0, 1, 25, 26, 75, 76, 100].map((count) => heatLevel(count, [1, 26, 51, 76]))).toEqual([
      0, 1, 1, 2, 3, 4, 4,
    ])
  })

  test('days that are all the same are all full', () => {
    expect(heatLevels([20, 0, 20, 20])).toEqual([1, 20, 20, 20])
    expect(heatLevel(20, [1, 20, 20, 20])).toBe(4)
    expect(heatLevels([])).toEqual([1, 1, 1, 1])
  })

  test('it begins on a Monday 52 weeks ago and ends today', () => {
    const year = heatmap(days('2025-03-02', '2025-03-03', '2026-03-01'), '2026-03-02')
    expect(year.length).toBe(52 * 7 + 1)
    expect(year[0]).toEqual({ date: '2025-03-03', answers: 3 })
    expect(year.slice(-2)).toEqual([
      { date: '2026-03-01', answers: 3 },
      { date: '2026-03-02', answers: 0 },
    ])
    expect(new Set(year.map(({ date }) => date)).size).toBe(year.length)
    // what was answered tomorrow, before a flight back over the date line, is there
    expect(heatmap(days('2026-03-03'), '2026-03-02').at(-1)).toEqual({ date: '2026-03-03', answers: 3 })
  })

  test('weeks begin on Monday', () => {
    expect(mondayOf('2026-03-02')).toBe('2026-03-02')
    expect(mondayOf('2026-03-08')).toBe('2026-03-02')
    expect(mondayOf('2026-03-01')).toBe('2026-02-23')
  })
})

describe('confidence', () => {
  test('by week, with those that have no answers, up to today', () => {
    const { by, periods } = confidenceOver(days('2026-02-10', '2026-02-15', '2026-02-23'), '2026-03-02')
    expect(by).toBe('week')
    expect(periods).toEqual([
      { from: '2026-02-10', again: 0, almost: 2, got_it: 4 },
      { from: '2026-02-16', again: 0, almost: 0, got_it: 0 },
      { from: '2026-02-23', again: 0, almost: 1, got_it: 2 },
      { from: '2026-03-02', again: 0, almost: 0, got_it: 0 },
    ])
  })

  test('by month, then by year', () => {
    const months = confidenceOver(days('2025-06-15', '2026-02-28'), '2026-03-02')
    expect(months.by).toBe('month')
    expect(months.periods.map(({ from }) => from)).toEqual([
      '2025-06-15',
      ...['07', '08', '09', '10', '11', '12'].map((month) => `2025-${month}-01`),
      ...['01', '02', '03'].map((month) => `2026-${month}-01`),
    ])
    const years = confidenceOver(days('2022-06-15', '2026-02-28'), '2026-03-02')
    expect(years.by).toBe('year')
    expect(years.periods.map(({ from }) => from)).toEqual([
      '2022-06-15',
      '2023-01-01',
      '2024-01-01',
      '2025-01-01',
      '2026-01-01',
    ])
  })

  test('every answer is in one stretch', () => {
    for (const length of [1, 7, 100, 182, 183, 400, 731, 3000]) {
      const today = '2026-03-02'
      const all = Array.from({ length }, (_, n) => day(addDays(today, n + 1 - length)))
      const { periods } = confidenceOver(all, today)
      expect(periods.reduce((sum, { got_it }) => sum + got_it, 0)).toBe(2 * length)
      expect(periods.length).toBeLessThanOrEqual(28)
    }
  })

  test('no answers, no stretch', () => {
    expect(confidenceOver([], '2026-03-02')).toEqual({ by: 'week', periods: [] })
  })
})
