import { stripVTControlCharacters } from 'node:util'
import { Chalk } from 'chalk'
import { describe, expect, test } from 'vitest'
import type { ExamDay, ExamPlan } from '../../src/core/exam.ts'
import { examTable } from '../../src/study/exam.ts'
import { width } from '../../src/ui/text.ts'

const noColour = new Chalk({ level: 0 })
const DAY = 24 * 60 * 60 * 1000

/** A plan of which the days have so many reviews and new cards, from 4 May 2026 on. */
function planOf(
  loads: [reviews: number, fresh: number][],
  more: Partial<ExamPlan<string>> = {},
): ExamPlan<string> {
  const date = (day: number) => new Date(Date.UTC(2026, 4, 4) + day * DAY).toISOString().slice(0, 10)
  const days: ExamDay[] = loads.map(([reviews, fresh], day) => ({ date: date(day), reviews, fresh }))
  return {
    exam: date(loads.length),
    retention: 0.9,
    days,
    today: [],
    expected: 0.9493,
    without: 0.52,
    late: false,
    ...more,
  }
}

const shown = (plan: ExamPlan<string>, columns = 80) => `\n${examTable(plan, columns, noColour)}\n`

describe('the load per day', () => {
  test('with bars that tell reviews and new cards apart', () => {
    expect(
      shown(
        planOf(
          [
            [11, 21],
            [24, 8],
            [1200, 0],
            [0, 0],
            [1, 0],
          ].map(pair),
        ),
      ),
    ).toBe(`
                █ reviews  ░ new
Mon 2026-05-04         11     21  ░
Tue 2026-05-05         24      8  █
Wed 2026-05-06      1,200      0  ████████████████████████████████████████
Thu 2026-05-07          0      0
Fri 2026-05-08          1      0

1,265 cards to see in 5 days. On 2026-05-09 you will know 94% of yours; without
studying 52%.
`)
  })

  test('in narrow windows without the year, the bars and the day of the week', () => {
    const plan = planOf(
      [
        [11, 21],
        [24, 8],
      ].map(pair),
    )
    expect(shown(plan, 40)).toBe(`
           █ reviews  ░ new
Mon 05-04         11     21  ████░░░░░░░
Tue 05-05         24      8  ████████░░░

64 cards to see in 2 days. On 2026-05-06
you will know 94% of yours; without
studying 52%.
`)
    expect(shown(plan, 24)).toBe(`
       █ reviews  ░ new
05-04         11     21
05-05         24      8

64 cards to see in 2
days. On 2026-05-06 you
will know 94% of yours;
without studying 52%.
`)
  })

  test('of more than two weeks by the week, of more by the month, a day of each on average', () => {
    expect(
      shown(planOf(Array.from({ length: 17 }, (_, day) => [day < 14 ? 12 : 4, day < 10 ? 1 : 0]))),
    ).toBe(`
each day            █ reviews  ░ new
2026-05-04 – 05-10         12      1  █████████████████████████████████████░░░
2026-05-11 – 05-17         12      ·  █████████████████████████████████████░
2026-05-18 – 05-20          4      0  ████████████

190 cards to see in 17 days. On 2026-05-21 you will know 94% of yours; without
studying 52%.
`)
    const rows = (days: number) =>
      examTable(planOf(Array.from({ length: days }, () => [1, 0])), 80, noColour)
        .split('\n')
        .filter((line) => /^\d{4}|^[A-Z][a-z]{2} /.test(line))
    expect(rows(14)).toHaveLength(14)
    expect(rows(98)).toHaveLength(14)
    expect(rows(99)).toHaveLength(4)
    expect(rows(400)).toHaveLength(5)
    expect(rows(1000)).toHaveLength(11)
    expect(rows(15)[2]).toContain('2026-05-18  ')
  })

  test('says when there is not enough time, and never promises more than is true', () => {
    const late = planOf([[0, 1]], { expected: 0.8999, without: 0, late: true })
    expect(shown(late)).toBe(`
                █ reviews  ░ new
Mon 2026-05-04          0      1  ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░

1 card to see in 1 day. On 2026-05-05 you will know 89% of yours; without
studying 0%. There is not enough time left for 90%.
`)
  })

  test('colours change nothing but colours, and nothing is too wide', () => {
    const plan = planOf(
      [
        [3, 4],
        [100_000, 100_000],
      ].map(pair),
    )
    for (let columns = 1; columns <= 120; columns++) {
      const coloured = examTable(plan, columns, new Chalk({ level: 1 }))
      expect(stripVTControlCharacters(coloured)).toBe(examTable(plan, columns, noColour))
      for (const line of coloured.split('\n')) expect(width(line)).toBeLessThanOrEqual(columns)
    }
  })
})

/** What is told to be two numbers. */
function pair(numbers: number[]): [number, number] {
  return [numbers[0] ?? 0, numbers[1] ?? 0]
}
