import { expect, test } from 'vitest'
import { formatDuration, formatInterval } from '../../src/core/interval.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

test.each([
  [-hour, '<1m'],
  [0, '<1m'],
  [59 * second, '<1m'],
  [minute, '1m'],
  [10 * minute, '10m'],
  [59 * minute + 29 * second, '59m'],
  [59 * minute + 40 * second, '1h'],
  [3 * hour, '3h'],
  [23.6 * hour, '1d'],
  [day, '1d'],
  [12 * day, '12d'],
  [29.6 * day, '1mo'],
  [30 * day, '1mo'],
  [45 * day, '1.5mo'],
  [300 * day, '10mo'],
  [363 * day, '12.1mo'],
  [364.6 * day, '1y'],
  [365 * day, '1y'],
  [2.1 * 365 * day, '2.1y'],
  [36500 * day, '100y'],
])('an interval of %d ms is %s', (ms, text) => {
  expect(formatInterval(ms)).toBe(text)
})

test.each([
  [-5, '0 s'],
  [0, '0 s'],
  [499, '0 s'],
  [45 * second, '45 s'],
  [59_600, '1 min'],
  [3 * minute + 20 * second, '3 min 20 s'],
  [hour - 1, '1 h'],
  [65 * minute, '1 h 5 min'],
  [2 * hour + 59 * minute + 40 * second, '3 h'],
  [25 * hour, '25 h'],
])('a duration of %d ms is %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text)
})
