import { expect, test } from 'vitest'
import { backupName, backupsToDrop, backupTime, newestBackup } from '../../src/core/backups.ts'

const at = (text: string) => Date.parse(text)
const names = (...times: string[]) => times.map((time) => backupName(at(time)))
const DAY = 86_400_000

test('a name says when, and only one of ours does', () => {
  expect(backupName(at('2026-03-02T09:08:07.654Z'))).toBe('2026-03-02T09-08-07Z.rote')
  expect(backupTime('2026-03-02T09-08-07Z.rote')).toBe(at('2026-03-02T09:08:07Z'))
  for (const name of [
    'mine.rote',
    '2026-03-02T09-08-07Z.rote.part',
    '2026-03-02T09-08-07Z.backup',
    'x2026-03-02T09-08-07Z.rote',
    '2026-03-02T09:08:07Z.rote',
    '2026-02-30T09-08-07Z.rote',
    '2026-03-02T25-08-07Z.rote',
    '2026-03-02T24-00-00Z.rote',
    '',
  ])
    expect(backupTime(name), name).toBe(null)
})

test('the newest is the newest of ours, and not from the future', () => {
  const now = at('2026-03-02T10:00:00Z')
  const [old, newer, ahead] = names('2026-02-01T10:00:00Z', '2026-03-02T10:00:00Z', '2031-01-01T00:00:00Z')
  expect(newestBackup([newer, 'zebra.rote', old, ahead] as string[], now)).toBe(newer)
  expect(newestBackup(['zebra.rote', ahead as string], now)).toBe(null)
})

/** What is there after somebody has been there on every day that `there` says, and what was dropped on the way. */
function lived(from: string, days: number, there: (day: number) => boolean = () => true) {
  const dropped: string[] = []
  let kept: string[] = []
  for (let day = 0; day < days; day++) {
    if (!there(day)) continue
    const now = at(from) + day * DAY
    kept.push(backupName(now))
    const drop = new Set(backupsToDrop(kept, now))
    dropped.push(...drop)
    kept = kept.filter((name) => !drop.has(name))
  }
  return { kept: kept.map((name) => name.slice(0, 10)), dropped }
}

test('of a year of days: five days, four weeks, three months', () => {
  // a Wednesday is the last of them
  expect(lived('2025-12-01T20:00:00Z', 367).kept).toEqual([
    '2026-10-31',
    '2026-11-15',
    '2026-11-22',
    '2026-11-28',
    '2026-11-29',
    '2026-11-30',
    '2026-12-01',
    '2026-12-02',
  ])
})

test('whoever comes once a month keeps more than three months: the weeks and days that there are', () => {
  expect(lived('2026-01-15T10:00:00Z', 365, (day) => day % 30 === 0).kept).toHaveLength(5)
})

test('a pause of years, or a clock that jumps ahead, drops nothing but what a day in between would', () => {
  const before = lived('2026-01-01T10:00:00Z', 90).kept.map((date) => backupName(at(`${date}T10:00:00Z`)))
  const now = at('2036-05-05T10:00:00Z')
  const dropped = backupsToDrop([...before, backupName(now)], now)
  expect(dropped.length).toBeLessThan(4)
  expect(before.slice(-4).filter((name) => dropped.includes(name))).toEqual([])
})

test('a clock that jumps back drops nothing of what is ahead, and what is ahead takes no place of today', () => {
  const ahead = Array.from({ length: 30 }, (_, day) => backupName(at('2036-05-05T10:00:00Z') + day * DAY))
  const today = names('2026-03-02T10:00:00Z', '2026-03-01T10:00:00Z', '2026-03-01T09:00:00Z')
  expect(backupsToDrop([...ahead, ...today], at('2026-03-02T10:00:00Z'))).toEqual([today[2]])
})

test('the one just made is never dropped, nor what is not ours', () => {
  const foreign = [
    'diary.txt',
    '2020-01-01T00-00-00Z.rote.part',
    'before-the-exam.rote',
    '2020-13-01T00-00-00Z.rote',
  ]
  for (let day = 0; day < 400; day++) {
    const now = at('2026-01-01T23:59:59Z') + day * DAY
    const many = Array.from({ length: 60 }, (_, i) => backupName(now - i * 7_200_000))
    const dropped = backupsToDrop([...foreign, ...many], now)
    expect(dropped).not.toContain(many[0])
    expect(dropped.filter((name) => foreign.includes(name))).toEqual([])
  }
})

test('more than one of a day: the newest stays', () => {
  const [first, second, third] = names('2026-03-02T00:00:00Z', '2026-03-02T12:00:00Z', '2026-03-02T23:59:59Z')
  expect(backupsToDrop([first, second, third] as string[], at('2026-03-03T00:00:00Z'))).toEqual([
    second,
    first,
  ])
})

test('nothing from nothing', () => {
  expect(backupsToDrop([], 0)).toEqual([])
  expect(newestBackup([], 0)).toBe(null)
})
