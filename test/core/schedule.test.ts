import { createEmptyCard, fsrs, Rating, State, StrategyMode } from 'ts-fsrs'
import { describe, expect, test } from 'vitest'
import { GRADES, type Grade } from '../../src/core/card.ts'
import { nextSchedule, previewSchedules, type Schedule, scheduler } from '../../src/core/schedule.ts'
import { pick, random } from './random.ts'

const options = { desired_retention: 0.9 }
const start = new Date('2026-05-04T09:00:00Z')
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

const later = (at: Date, ms: number) => new Date(at.getTime() + ms)
const wait = (next: () => number) => pick(next, [1000, 10 * MINUTE, DAY, 5 * DAY, 40 * DAY]) * (0.5 + next())

/** A random life of a card: the time of each answer and its grade. */
function history(seed: number, length = 20): { at: Date; grade: Grade }[] {
  const next = random(seed)
  let at = start
  return Array.from({ length }, () => {
    at = later(at, Math.round(wait(next)))
    return { at, grade: pick(next, GRADES) }
  })
}

const replay = (answers: { at: Date; grade: Grade }[]) =>
  answers.reduce<Schedule | null>(
    (schedule, { at, grade }) => nextSchedule(schedule, grade, at, options),
    null,
  )

describe('a new card', () => {
  test.each([
    ['again', 'learning', MINUTE],
    ['almost', 'learning', 6 * MINUTE],
    ['got_it', 'learning', 10 * MINUTE],
  ] as const)('%s: %s, back after %d ms', (grade, state, ms) => {
    const schedule = nextSchedule(null, grade, start, options)
    expect(schedule).toMatchObject({ state, reps: 1, lapses: 0, last_review: start, due: later(start, ms) })
  })

  test('graduates when it is known twice, and a lapse sends it to relearning', () => {
    const learning = nextSchedule(null, 'got_it', start, options)
    const review = nextSchedule(learning, 'got_it', later(start, 10 * MINUTE), options)
    expect(review).toMatchObject({ state: 'review', learning_steps: 0, reps: 2 })
    const lapsed = nextSchedule(review, 'again', review.due, options)
    expect(lapsed).toMatchObject({ state: 'relearning', lapses: 1, due: later(review.due, 10 * MINUTE) })
  })
})

/**
 * The examples that ts-fsrs publishes for FSRS-6, as far as they use our three grades.
 * https://github.com/open-spaced-repetition/ts-fsrs/blob/main/packages/fsrs/__tests__/FSRS-6.test.ts
 */
describe('published examples of FSRS-6', () => {
  const w = [
    0.212, 1.2931, 2.3065, 8.2956, 6.4133, 0.8334, 3.0194, 0.001, 1.8722, 0.1666, 0.796, 1.4835, 0.0614,
    0.2629, 1.6483, 0.6014, 1.8729, 0.5425, 0.0912, 0.0658, 0.1542,
  ]
  const published = [
    ['with these weights given', { ...options, weights: w, fuzz: false }],
    ['which are those we use without any', { ...options, fuzz: false }],
  ] as const
  const begun = new Date('2022-12-29T12:30:00Z')
  const names = { A: 'again', H: 'almost', G: 'got_it' } as const
  const grades = (letters: string) => [...letters].map((letter) => names[letter as keyof typeof names])

  test.each(published)('the first answer, %s', (_, options) => {
    const first = previewSchedules(null, begun, options)
    expect(GRADES.map((grade) => first[grade].stability)).toEqual([0.212, 1.2931, 2.3065])
    expect(GRADES.map((grade) => first[grade].difficulty)).toEqual([6.4133, 5.11217071, 2.11810397])
    expect(GRADES.map((grade) => first[grade].state)).toEqual(['learning', 'learning', 'learning'])
    expect(GRADES.map((grade) => [first[grade].reps, first[grade].lapses])).toEqual([
      [1, 0],
      [1, 0],
      [1, 0],
    ])
  })

  test.each(published)('intervals, each answer when it is due, %s', (_, options) => {
    let card: Schedule | null = null
    let at = begun
    const days: number[] = []
    for (const grade of grades('GGGGGGAAGGGGG')) {
      card = nextSchedule(card, grade, at, options)
      days.push(Math.floor((card.due.getTime() - at.getTime()) / DAY))
      at = card.due
    }
    expect(days).toEqual([0, 2, 11, 46, 163, 498, 0, 0, 2, 4, 7, 12, 21])
  })

  // fuzz is about days, not about memory
  test.each([...published, ['also with fuzz', options] as const])(
    'memory after given days, %s',
    (_, options) => {
      let card: Schedule | null = null
      let at = begun
      const days = [0, 0, 1, 3, 8, 21]
      for (const [index, grade] of grades('AGGGGG').entries()) {
        at = later(at, (days[index] ?? 0) * DAY)
        card = nextSchedule(card, grade, at, options)
      }
      expect(card?.stability).toBeCloseTo(53.62691, 4)
      expect(card?.difficulty).toBeCloseTo(6.3574867, 4)
    },
  )
})

test('a stored schedule goes on exactly as the card of ts-fsrs itself, in 200 random lives', () => {
  const rating = { again: Rating.Again, almost: Rating.Hard, got_it: Rating.Good } as const
  for (let seed = 1; seed <= 200; seed++) {
    // Our schedule passes through JSON, as through a database; theirs keeps all its fields.
    let ours: Schedule | null = null
    let theirs = createEmptyCard(start)
    const engine = fsrs({ enable_fuzz: true, request_retention: 0.9 }).useStrategy(StrategyMode.SEED, () => {
      const { last_review, reps, difficulty, stability } = theirs
      return last_review ? `${last_review.getTime()}_${reps}_${difficulty * stability}` : 'new'
    })
    for (const { at, grade } of history(seed)) {
      ours = revive(nextSchedule(ours, grade, at, options))
      theirs = engine.next(theirs, at, rating[grade]).card
      const { elapsed_days, scheduled_days, state, ...rest } = theirs
      expect(ours).toEqual({ ...rest, state: State[state].toLowerCase() })
    }
  }
})

function revive(schedule: Schedule): Schedule {
  const { due, last_review, ...rest } = JSON.parse(JSON.stringify(schedule))
  return { ...rest, due: new Date(due), last_review: new Date(last_review) }
}

test('the same answers always give the same schedule, in every time zone', () => {
  const zone = process.env.TZ
  const schedules = ['Pacific/Kiritimati', 'America/Los_Angeles', 'UTC'].map((name) => {
    process.env.TZ = name
    return Array.from({ length: 20 }, (_, seed) => replay(history(seed)))
  })
  if (zone === undefined) delete process.env.TZ
  else process.env.TZ = zone
  expect(schedules[1]).toEqual(schedules[0])
  expect(schedules[2]).toEqual(schedules[0])
})

test('an answer gives what the preview showed, even when it comes some seconds later', () => {
  const { next, preview } = scheduler(options)
  let fuzzed = 0
  for (let seed = 1; seed <= 100; seed++) {
    const card = replay(history(seed, 8))
    if (!card) continue
    // At noon, so that no midnight lies between look and answer: days are counted in UTC.
    const at = new Date(`${later(card.due, DAY).toISOString().slice(0, 10)}T12:00:00Z`)
    const shown = preview(card, at)
    for (const grade of GRADES) {
      expect(next(card, grade, at)).toEqual(shown[grade])
      const given = next(card, grade, later(at, 7123))
      expect(given.due.getTime() - shown[grade].due.getTime()).toBe(7123)
      if (given.state === 'review') fuzzed++
    }
  }
  expect(fuzzed).toBeGreaterThan(100)
})

test('cards answered alike are spread over neighbouring days', () => {
  const days = Array.from({ length: 50 }, (_, card) => {
    const at = later(start, card * 1000)
    const learning = nextSchedule(null, 'got_it', at, options)
    const review = nextSchedule(learning, 'got_it', later(at, 10 * MINUTE), options)
    const known = nextSchedule(review, 'got_it', later(at, 3 * DAY), options)
    return (known.due.getTime() - (known.last_review?.getTime() ?? 0)) / DAY
  })
  expect(new Set(days).size).toBeGreaterThan(2)
})

test('a higher desired retention brings the card back sooner', () => {
  const card = replay(history(3))
  const due = (desired_retention: number) =>
    previewSchedules(card, later(start, 900 * DAY), { desired_retention }).got_it.due.getTime()
  expect(due(0.97)).toBeLessThan(due(0.8))
})

test('a clock that was set back counts as one that stood still', () => {
  const card = replay(history(5))
  const last = card?.last_review ?? start
  expect(nextSchedule(card, 'got_it', later(last, -3 * DAY), options)).toEqual(
    nextSchedule(card, 'got_it', last, options),
  )
})
