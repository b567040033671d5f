import { type Card, createEmptyCard, fsrs, Rating, State, StrategyMode } from 'ts-fsrs'
import type { Grade } from './card.ts'

/** Where a card stands, in the order of ts-fsrs. */
export const SCHEDULE_STATES = ['new', 'learning', 'review', 'relearning'] as const
export type ScheduleState = (typeof SCHEDULE_STATES)[number]

/** When a person sees a card next, and the memory model behind it: the columns of card_schedules. */
export interface Schedule {
  due: Date
  /** Days until the chance of recall has fallen to 90 %. */
  stability: number
  /** From 1, easy, to 10, hard. */
  difficulty: number
  state: ScheduleState
  /** How many of the short steps (1 and 10 minutes) the card has behind it while it is being learnt. */
  learning_steps: number
  reps: number
  lapses: number
  /** Null only while the card is new. */
  last_review: Date | null
}

export interface ScheduleOptions {
  /** The chance of recall at which a card falls due: over 0, up to 1. */
  desired_retention: number
  /** The 21 weights of FSRS-6; without them the published ones. */
  weights?: readonly number[] | null
  /** False: intervals are not spread over neighbouring days, as in published examples. */
  fuzz?: boolean
}

/** One person's scheduling: their options, turned into arithmetic once. */
interface Scheduler {
  /** The schedule after answering at `at`; null stands for a card that was never answered. */
  next(schedule: Schedule | null, grade: Grade, at: Date): Schedule
  /** What `next` would give for each grade. */
  preview(schedule: Schedule | null, at: Date): Record<Grade, Schedule>
}

const RATING = { again: Rating.Again, almost: Rating.Hard, got_it: Rating.Good } as const

const STATE = {
  new: State.New,
  learning: State.Learning,
  review: State.Review,
  relearning: State.Relearning,
} as const satisfies Record<ScheduleState, State>

/**
 * FSRS-6 with the published learning steps, by ts-fsrs. The same arguments always give the same
 * schedule, on any machine in any time zone: days are counted in UTC, and the fuzz that spreads cards over
 * neighbouring days is drawn from the schedule before the answer. ts-fsrs would draw it from the moment of
 * the answer as well; then the interval shown next to a key would not be the one that pressing it a second
 * later gives.
 * https://github.com/open-spaced-repetition/awesome-fsrs/wiki/The-Algorithm
 */
export function scheduler(options: ScheduleOptions): Scheduler {
  let seed = ''
  const engine = fsrs({
    request_retention: options.desired_retention,
    ...(options.weights && { w: [...options.weights] }),
    enable_fuzz: options.fuzz ?? true,
    enable_short_term: true,
  }).useStrategy(StrategyMode.SEED, () => seed)

  const next = (schedule: Schedule | null, grade: Grade, at: Date): Schedule => {
    seed = fuzzSeed(schedule)
    const card = schedule ? toCard(schedule) : createEmptyCard(at)
    return toSchedule(engine.next(card, notBefore(at, card.last_review), RATING[grade]).card)
  }
  const preview = (schedule: Schedule | null, at: Date): Record<Grade, Schedule> => ({
    again: next(schedule, 'again', at),
    almost: next(schedule, 'almost', at),
    got_it: next(schedule, 'got_it', at),
  })
  return { next, preview }
}

/** `scheduler(options).next`, for a single answer. */
export function nextSchedule(
  schedule: Schedule | null,
  grade: Grade,
  at: Date,
  options: ScheduleOptions,
): Schedule {
  return scheduler(options).next(schedule, grade, at)
}

/** `scheduler(options).preview`, for a single card. */
export function previewSchedules(
  schedule: Schedule | null,
  at: Date,
  options: ScheduleOptions,
): Record<Grade, Schedule> {
  return scheduler(options).preview(schedule, at)
}

/**
 * A number that differs between cards and between the answers of a card, and stays while the answer is
 * pending.
 */
function fuzzSeed(schedule: Schedule | null): string {
  if (!schedule) return 'new'
  const memory = schedule.difficulty * schedule.stability
  return `${schedule.last_review?.getTime()}_${schedule.reps}_${memory}`
}

/** A clock that was set back must not end the sitting: ts-fsrs refuses negative time, so none has passed. */
function notBefore(at: Date, last: Date | undefined): Date {
  return last && last > at ? last : at
}

/**
 * ts-fsrs reads neither `elapsed_days` nor `scheduled_days` before an answer: both only pass through to its
 * log.
 */
function toCard(schedule: Schedule): Card {
  const { due, stability, difficulty, state, learning_steps, reps, lapses, last_review } = schedule
  return {
    due,
    stability,
    difficulty,
    state: STATE[state],
    learning_steps,
    reps,
    lapses,
    elapsed_days: 0,
    scheduled_days: 0,
    ...(last_review && { last_review }),
  }
}

function toSchedule(card: Card): Schedule {
  return {
    due: card.due,
    stability: card.stability,
    difficulty: card.difficulty,
    state: SCHEDULE_STATES[card.state],
    learning_steps: card.learning_steps,
    reps: card.reps,
    lapses: card.lapses,
    last_review: card.last_review ?? null,
  }
}
