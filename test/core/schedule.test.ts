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
