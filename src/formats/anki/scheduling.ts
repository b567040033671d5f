import type { Direction, Grade } from '../../core/card.ts'
import { type Schedule, type ScheduleState, scheduler } from '../../core/schedule.ts'
import type { FileAttempt } from '../format.ts'

const SECOND = 1000
const DAY = 86_400_000
/** Anki's factor of a card whose ease has not changed, in thousandths. */
const FACTOR = 2500
/** The last place in the queue of new cards that Anki takes. */
const LAST_PLACE = 1_000_000

const EASE = { again: 1, almost: 2, got_it: 3 } as const satisfies Record<Grade, number>
/** The kind of answer, by where the card stood before it. */
const KIND = { new: 0, learning: 0, review: 1, relearning: 2 } as const satisfies Record<
  ScheduleState,
  number
>

/** Columns of Anki's `cards`. */
export interface CardColumns {
  type: number
  queue: number
  due: number
  ivl: number
  factor: number
  reps: number
  lapses: number
  left: number
  data: string
}

/** Columns of Anki's `revlog`, without ids. */
export interface ReviewColumns {
  at: number
  ease: number
  ivl: number
  lastIvl: number
  factor: number
  time: number
  type: number
}

/** The answers of one card of Anki's, and where it stands after them. */
export interface Past {
  reviews: ReviewColumns[]
  schedule: Schedule | null
}

/** Works out Anki's columns of what rote knows of a card. */
export class Scheduling {
  /** `col.crt`, in seconds: a day begins at four in the morning, as Anki's does, where this machine is. */
  readonly created: number
  readonly #engine = scheduler({ desired_retention: 0.9, fuzz: false })

  /** `offset` is minutes behind UTC. */
  constructor(offset: number) {
    // before any answer, so that no day is a negative one
    this.created = Date.UTC(2000, 0, 1, 4, offset) / SECOND
  }

  /**
   * The answers of one direction as rows, oldest first. Intervals and kinds are those of a replay; where the card stands is what
   * rote says, or else the end of the replay.
   */
  past(attempts: readonly FileAttempt[], direction: Direction, stated: Schedule | undefined): Past {
    const reviews: ReviewColumns[] = []
    let schedule: Schedule | null = null
    let lastIvl = 0
    for (const { attempted_at, confidence_status, duration_ms, direction: asked } of attempts) {
      if (asked !== direction) continue
      const at = Date.parse(attempted_at)
      const state: ScheduleState = schedule?.state ?? 'new'
      schedule = this.#engine.next(schedule, confidence_status, new Date(at))
      const ivl = interval(schedule.due.getTime() - at)
      reviews.push({
        at,
        ease: EASE[confidence_status],
        ivl,
        lastIvl,
        factor: KIND[state] === 0 ? 0 : FACTOR,
        time: Math.min(duration_ms ?? 0, 2 ** 31 - 1),
        type: KIND[state],
      })
      lastIvl = ivl
    }
    return { reviews, schedule: stated ?? schedule }
  }

  /** Where a card stands. `place` is its place among new ones. */
  columns({ schedule, reviews }: Past, place: number, suspended: boolean): CardColumns {
    const { type, queue, due, ivl } = this.#standing(schedule, place)
    return {
      type,
      queue: suspended ? -1 : queue,
      due,
      ivl,
      factor: ivl > 0 ? FACTOR : 0,
      reps: schedule?.reps ?? 0,
      lapses: schedule?.lapses ?? 0,
      // of the steps of a minute and ten, one is left
      left: type === 1 || type === 3 ? 1 : 0,
      data: type === 0 || schedule === null ? '{}' : memory(schedule, reviews.at(-1)?.at),
    }
  }

  #standing(schedule: Schedule | null, place: number) {
    if (schedule === null || schedule.state === 'new') {
      return { type: 0, queue: 0, due: Math.min(place, LAST_PLACE), ivl: 0 }
    }
    const { state, due, last_review, stability } = schedule
    if (state === 'learning') return { type: 1, queue: 1, due: Math.floor(due.getTime() / SECOND), ivl: 0 }
    if (state === 'relearning') {
      const ivl = Math.max(1, Math.round(stability))
      return { type: 3, queue: 1, due: Math.floor(due.getTime() / SECOND), ivl }
    }
    const days = Math.round((due.getTime() - (last_review ?? due).getTime()) / DAY)
    return { type: 2, queue: 2, due: this.#day(due), ivl: Math.max(1, days) }
  }

  #day(at: Date): number {
    return Math.max(0, Math.floor((at.getTime() / SECOND - this.created) / (DAY / SECOND)))
  }
}

/** Days from a day on, and seconds below zero else. */
function interval(ms: number): number {
  return ms >= DAY / 2 ? Math.max(1, Math.round(ms / DAY)) : -Math.max(1, Math.round(ms / SECOND))
}

/** What FSRS knows of a card, as Anki keeps it. Anki sees to it that the last answer in its log was the last at all. */
function memory({ stability, difficulty, last_review }: Schedule, answered: number | undefined): string {
  const last = answered ?? last_review?.getTime()
  return JSON.stringify({
    s: rounded(stability, 4),
    d: rounded(difficulty, 3),
    ...(last !== undefined && { lrt: Math.floor(last / SECOND) }),
  })
}

const rounded = (value: number, digits: number) => Number(value.toFixed(digits))
