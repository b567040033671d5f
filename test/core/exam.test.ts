import { default_w } from 'ts-fsrs'
import { describe, expect, test } from 'vitest'
import { checkExam, type ExamOptions, planExam } from '../../src/core/exam.ts'
import type { Schedule } from '../../src/core/schedule.ts'
import { type DeckKind, dayAt, followPlan, makeDeckOf, studyDue } from './learner.ts'
import { random } from './random.ts'

const DAY = 24 * 60 * 60 * 1000
const today = dayAt(0)
const dateIn = (days: number) => dayAt(days).date

/** A schedule of which nothing counts here but the memory and the last answer, so many days ago. */
const learnt = (stability: number, daysAgo: number, more: Partial<Schedule> = {}): Schedule => ({
  due: new Date(today.start.getTime() + 5 * DAY),
  stability,
  difficulty: 5,
  state: 'review',
  learning_steps: 0,
  reps: 3,
  lapses: 0,
  last_review: new Date(today.start.getTime() + 5 * 60 * 60 * 1000 - daysAgo * DAY),
  ...more,
})
const cards = (...schedules: (Schedule | null)[]) => schedules.map((schedule, id) => ({ id, schedule }))
const fresh = (count: number) => cards(...Array.from({ length: count }, () => null))

const plan = (deck: ReturnType<typeof cards>, days: number, options: Partial<ExamOptions> = {}) =>
  planExam(deck, { today, exam: dateIn(days), retention: 0.9, ...options })
const ids = (deck: { id: number }[]) => deck.map(({ id }) => id)
/** The load as it is read: reviews+new of each day. */
const loads = ({ days }: ReturnType<typeof plan>) =>
  days.map(({ reviews, fresh }) => `${reviews}+${fresh}`).join(' ')

const NINE_OF_TEN = '0.9 means that nine cards of ten are known on that day.'

describe('an exam', () => {
  test.each([
    ['2026-05-04', 0.7],
    ['2026-05-05', 0.99],
    ['2028-02-29', 0.9],
  ])('on %s with %d is accepted', (date, retention) => {
    expect(() => checkExam(date, retention, '2026-05-04')).not.toThrow()
  })

  test.each<[date: string, retention: number, message: string, hint: string]>([
    ['2026-05-03', 0.9, '2026-05-03 is in the past.', 'Today is 2026-05-04.'],
    ['2062-05-04', 0.9, '2062-05-04 is more than 1,000 days away.', 'Today is 2026-05-04.'],
    ['2027-02-29', 0.9, '"2027-02-29" is not a date.', 'Write it as year, month and day: 2026-05-04'],
    ['2026-13-01', 0.9, '"2026-13-01" is not a date.', 'Write it as year, month and day: 2026-05-04'],
    ['4 May', 0.9, '"4 May" is not a date.', 'Write it as year, month and day: 2026-05-04'],
    ['', 0.9, '"" is not a date.', 'Write it as year, month and day: 2026-05-04'],
    ['2026-06-01', 0.69, 'A retention is a number from 0.7 to 0.99, not 0.69.', NINE_OF_TEN],
    ['2026-06-01', 1, 'A retention is a number from 0.7 to 0.99, not 1.', NINE_OF_TEN],
    ['2026-06-01', 90, 'A retention is a number from 0.7 to 0.99, not 90.', NINE_OF_TEN],
    ['2026-06-01', Number.NaN, 'A retention is a number from 0.7 to 0.99, not NaN.', NINE_OF_TEN],
  ])('on %j with %d is refused', (date, retention, message, hint) => {
    expect(() => checkExam(date, retention, '2026-05-04')).toThrow(
      expect.objectContaining({ kind: 'usage', message, hint }),
    )
  })
})

describe('a plan', () => {
  test('has the days from today to the one before the exam', () => {
    const { days, exam, retention } = plan(fresh(1), 3)
    expect(days.map(({ date }) => date)).toEqual(['2026-05-04', '2026-05-05', '2026-05-06'])
    expect({ exam, retention }).toEqual({ exam: '2026-05-07', retention: 0.9 })
  })

  test('goes on over the end of a year and over a changed clock', () => {
    const start = new Date('2026-12-31T04:00:00Z')
    const end = new Date(start.getTime() + DAY)
    const newYear = planExam(fresh(1), {
      today: { start, end, date: '2026-12-31' },
      exam: '2027-01-02',
      retention: 0.9,
    })
    expect(newYear.days.map(({ date }) => date)).toEqual(['2026-12-31', '2027-01-01'])
    // the evening before, in a night that has one hour more
    const back = { start: new Date('2026-10-25T03:00:00Z'), end: new Date('2026-10-26T03:00:00Z') }
    const evening = learnt(2, 0, { last_review: new Date('2026-10-24T02:30:00Z') })
    const long = { today: { ...back, date: '2026-10-25' }, exam: '2026-10-26', retention: 0.9 }
    expect(planExam(cards(evening), long).without).toBe(plan(cards(learnt(2, 1)), 1).without)
  })

  test('of no cards asks for nothing', () => {
    expect(plan([], 2)).toEqual({
      exam: '2026-05-06',
      retention: 0.9,
      days: [
        { date: '2026-05-04', reviews: 0, fresh: 0 },
        { date: '2026-05-05', reviews: 0, fresh: 0 },
      ],
      today: [],
      expected: 1,
      without: 1,
      late: false,
    })
  })

  test('leaves alone what will be known anyway', () => {
    // 100 days of stability: 90 % after 100 days
    const known = plan(cards(learnt(100, 70)), 30)
    expect(loads(known)).toBe(Array.from({ length: 30 }, () => '0+0').join(' '))
    expect(known.today).toEqual([])
    expect(known.expected).toBeCloseTo(0.9, 4)
    expect(known.without).toBeCloseTo(0.9, 4)
    expect(known.late).toBe(false)
    expect(loads(plan(cards(learnt(100, 71)), 30))).toContain('1+0')
  })

  test('lets a young card wait until one success lasts to the exam, and does it at once when it does so today', () => {
    const young = plan(cards(learnt(20, 0)), 60)
    expect(young.today).toEqual([])
    expect(young.days.reduce((sum, { reviews }) => sum + reviews, 0)).toBe(1)
    expect(young.expected).toBeGreaterThanOrEqual(0.9)
    const old = plan(cards(learnt(40, 40)), 60)
    expect(old.days.map(({ reviews }) => reviews).indexOf(1)).toBe(0)
    expect(old.days.reduce((sum, { reviews }) => sum + reviews, 0)).toBe(1)
  })

  test('shows a new card at least twice, and none of them first in the last week', () => {
    const { days } = plan(fresh(100), 30)
    expect(days.slice(-7).every(({ fresh }) => fresh === 0)).toBe(true)
    expect(days.reduce((sum, { fresh }) => sum + fresh, 0)).toBe(100)
    expect(days.reduce((sum, { reviews }) => sum + reviews, 0)).toBeGreaterThan(150)
  })

  test('for today takes what must be seen now, the most at risk first, and new cards last', () => {
    const deck = cards(null, learnt(8, 12), learnt(8, 20), learnt(500, 10), learnt(8, 16))
    expect(ids(plan(deck, 1).today)).toEqual([2, 4, 1, 0])
  })

  test('on the day itself asks for what is not known well enough', () => {
    const now = plan(cards(learnt(10, 20), learnt(10, 5), null), 0)
    expect(now.days).toEqual([{ date: '2026-05-04', reviews: 1, fresh: 1 }])
    expect(ids(now.today)).toEqual([0, 2])
    expect(now.late).toBe(false)
  })

  test('goes on with learning steps that are not finished', () => {
    const steps = learnt(2.3, 0, {
      state: 'learning',
      due: new Date(today.start.getTime() + 6 * 60 * 60 * 1000),
    })
    expect(ids(plan(cards(steps), 30).today)).toEqual([0])
    expect(ids(plan(cards({ ...steps, due: today.end }), 30).today)).toEqual([])
  })

  test('says when there is not enough time', () => {
    expect(plan(fresh(10), 1, { retention: 0.95 })).toMatchObject({ late: true, without: 0 })
    expect(plan(fresh(10), 30, { retention: 0.95 })).toMatchObject({ late: false })
    expect(ids(plan(fresh(10), 1, { retention: 0.95 }).today)).toHaveLength(10)
    // and then it is done: to see a card twice on one day helps little
    expect(plan(cards(learnt(2.3, 0)), 1, { retention: 0.95 })).toMatchObject({ today: [], late: true })
  })

  test('is the same for the same cards', () => {
    const deck = makeDeckOf('mixed', 200, random(1))
    const options = { today, exam: dateIn(30), retention: 0.9 }
    expect(planExam(deck, options)).toEqual(planExam(deck, options))
  })

  test('made again after a part of today asks for the rest of it', () => {
    const deck = makeDeckOf('mixed', 400, random(1))
    const options = { today, exam: dateIn(30), retention: 0.9 }
    const before = planExam(deck, options)
    const done = new Set(before.today.slice(0, 20))
    const later = deck.map((card) =>
      done.has(card) ? { ...card, schedule: learnt((card.schedule?.stability ?? 1) * 2.5, 0) } : card,
    )
    const after = planExam(later, options)
    const rest = before.today.length - 20
    expect(after.today.length).toBeGreaterThanOrEqual(rest - 3)
    expect(after.today.length).toBeLessThanOrEqual(rest + 3)
    const all = deck.map((card) =>
      before.today.includes(card)
        ? { ...card, schedule: learnt((card.schedule?.stability ?? 1) * 2.5, 0) }
        : card,
    )
    expect(planExam(all, options).today.length).toBeLessThanOrEqual(3)
  })

  test('takes the person’s own weights', () => {
    const forgetful = default_w.map((weight, index) => (index < 4 ? weight / 2 : weight))
    expect(sum(plan(fresh(100), 30, { weights: forgetful }))).toBeGreaterThan(sum(plan(fresh(100), 30)))
  })

  test('bears odd schedules', () => {
    const odd = cards(
      learnt(0.001, 4000),
      learnt(0, 5, { difficulty: 0 }),
      learnt(1e9, 5, { difficulty: 11 }),
      learnt(36_500, 1),
      learnt(1, -3),
      learnt(5, 1, { difficulty: 10 }),
      learnt(5, 1, { difficulty: 1 }),
      learnt(0, 0, { state: 'new', last_review: null }),
    )
    for (const days of [0, 1, 2, 1000]) {
      for (const retention of [0.7, 0.99]) {
        const { days: load, expected, today: now } = plan(odd, days, { retention })
        expect(load).toHaveLength(Math.max(1, days))
        expect(expected).toBeGreaterThan(0)
        expect(expected).toBeLessThanOrEqual(1)
        expect(load[0]).toMatchObject({ reviews: now.filter(({ schedule }) => schedule?.last_review).length })
      }
    }
  })
})

const sum = ({ days }: ReturnType<typeof plan>) =>
  days.reduce((sum, { reviews, fresh }) => sum + reviews + fresh, 0)

describe('who follows the plan day after day', () => {
  const DECKS: [kind: DeckKind, days: number, retention: number][] = [
    ['new', 60, 0.9],
    ['new', 14, 0.9],
    ['mixed', 30, 0.9],
    ['mixed', 30, 0.95],
    ['mixed', 90, 0.85],
    ['kept up', 30, 0.9],
    ['kept up', 60, 0.95],
    ['neglected', 30, 0.9],
  ]

  test.each(DECKS)(
    'a %s deck, %d days, %d: knows it, with an even load and without more work',
    (kind, days, retention) => {
      for (const seed of [1, 2]) {
        const deck = makeDeckOf(kind, 300, random(seed))
        const attempt = { cards: deck, days, retention }
        const planned = followPlan({ ...attempt, chance: random(seed + 100) })
        const total = planned.loads.reduce((sum, load) => sum + load, 0)
        expect(planned.unseen).toBe(0)
        expect(planned.recall).toBeGreaterThanOrEqual(retention)
        expect(planned.below).toBeLessThanOrEqual(0.06)
        expect(Math.max(...planned.loads)).toBeLessThanOrEqual((1.5 * total) / days)
        // the first plan was near to what came of it: 300 cards leave something to luck
        expect(Math.abs(sum(planned.first) - total) / total).toBeLessThan(0.25)
        expect(Math.abs(planned.first.expected - planned.recall)).toBeLessThan(0.03)

        const unseen = deck.filter(({ schedule }) => !schedule).length
        const due = studyDue({ ...attempt, chance: random(seed + 100) }, Math.ceil(unseen / (0.8 * days)))
        // much fewer, but in a short time for new cards
        expect(total).toBeLessThan((days < 30 ? 1.02 : 0.97) * due.loads.reduce((sum, load) => sum + load, 0))
        expect(planned.below).toBeLessThanOrEqual(due.below)
      }
    },
  )

  test('even with a memory that is worse than FSRS believes', () => {
    const attempt = {
      cards: makeDeckOf('mixed', 300, random(1)),
      days: 30,
      retention: 0.9,
      chance: random(2),
    }
    expect(followPlan({ ...attempt, strength: 0.7 }).recall).toBeGreaterThan(0.9)
  })
})
