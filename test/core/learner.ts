import { default_w, forgetting_curve } from 'ts-fsrs'
import { dayBounds, type StudyDay } from '../../src/core/day.ts'
import { type ExamPlan, planExam } from '../../src/core/exam.ts'
import { type Schedule, scheduler } from '../../src/core/schedule.ts'

/*
 * A learner whose memory is the one that FSRS describes, for trying plans out on: they answer as chance and the curve of
 * forgetting decide, and rote's own scheduler takes note of it.
 */

const DAY = 24 * 60 * 60 * 1000
const START = new Date('2026-05-04T09:00:00Z')

/** A card and what its learner's schedule says of it. */
export interface LearntCard {
  id: number
  schedule: Schedule | null
}

/** What kind of deck: nothing seen yet, two fifths unseen, kept up for months, or left alone for long. */
export type DeckKind = 'new' | 'mixed' | 'kept up' | 'neglected'

const instant = (day: number) => new Date(START.getTime() + day * DAY)

/** The study day so many days after the first. */
export const dayAt = (day: number): StudyDay => dayBounds(instant(day), 'UTC', 4)

/** A deck of so many cards. `chance` gives numbers in [0, 1). */
export function makeDeckOf(kind: DeckKind, count: number, chance: () => number): LearntCard[] {
  const unseen = { new: 1, mixed: 0.4, 'kept up': 0.02, neglected: 0 }[kind]
  return Array.from({ length: count }, (_, id) => {
    if (chance() < unseen) return { id, schedule: null }
    const stability = Math.exp(kind === 'kept up' ? 2 + 3.5 * chance() : 4.5 * chance())
    const recall = kind === 'neglected' ? 0.3 + 0.4 * chance() : 0.86 + 0.14 * chance()
    // the curve of forgetting the other way round, with the published weights
    const days = Math.max(1, Math.round(((recall ** (1 / -0.1542) - 1) / 0.9804) * stability))
    const last_review = instant(-days)
    const difficulty = 1 + 9 * chance()
    const due = new Date(last_review.getTime() + Math.ceil(stability) * DAY)
    const counts = { learning_steps: 0, reps: 5, lapses: 0 }
    return { id, schedule: { due, stability, difficulty, state: 'review', ...counts, last_review } }
  })
}

/** What became of a deck by the day of the exam. */
export interface Outcome {
  /** The mean chance of recall. */
  recall: number
  /** The part of the cards that are recalled less probably than wanted, by more than half a percent. */
  below: number
  unseen: number
  /** Cards seen on each day. */
  loads: number[]
}

export interface Attempt {
  cards: readonly LearntCard[]
  days: number
  retention: number
  chance: () => number
  /** How much longer than FSRS believes a memory lasts. */
  strength?: number
}

/** Follows the plan, made anew each day. */
export function followPlan(attempt: Attempt): Outcome & { first: ExamPlan<LearntCard> } {
  const { days, retention } = attempt
  const exam = dayAt(days).date
  let first: ExamPlan<LearntCard> | undefined
  const outcome = learn(attempt, (cards, day) => {
    const plan = planExam(cards, { today: dayAt(day), exam, retention })
    first ??= plan
    return plan.today
  })
  if (!first) throw new Error('there is no day to plan')
  return { ...outcome, first }
}

/** Studies what is due, with the retention of the exam, and so many new cards a day. */
export function studyDue(attempt: Attempt, newPerDay: number): Outcome {
  return learn(attempt, (cards, day) => {
    const { end } = dayAt(day)
    const due = cards.filter(({ schedule }) => schedule && schedule.due < end)
    return [...due, ...cards.filter(({ schedule }) => !schedule).slice(0, newPerDay)]
  })
}

function learn(
  { cards: deck, days, retention, chance, strength = 1 }: Attempt,
  choose: (cards: LearntCard[], day: number) => LearntCard[],
): Outcome {
  const cards = deck.map((card) => ({ ...card }))
  const { next } = scheduler({ desired_retention: retention })
  const recall = ({ schedule }: LearntCard, day: number) => {
    if (!schedule?.last_review) return 0
    const elapsed = Math.max(0, Math.round((instant(day).getTime() - schedule.last_review.getTime()) / DAY))
    return forgetting_curve([...default_w], elapsed, schedule.stability * strength)
  }
  /** One card on one day, until its steps are done: a card that was missed is shown again in the same sitting. */
  const answer = (card: LearntCard, day: number, end: Date) => {
    let at = instant(day)
    const luck = chance()
    // half of the new cards are known at once, three of ten not at all
    const grade = card.schedule
      ? luck < recall(card, day)
        ? 'got_it'
        : 'again'
      : luck < 0.3
        ? 'again'
        : luck < 0.5
          ? 'almost'
          : 'got_it'
    card.schedule = next(card.schedule, grade, at)
    while (card.schedule.state !== 'review' && card.schedule.due < end) {
      at = new Date(at.getTime() + 10 * 60_000)
      card.schedule = next(card.schedule, 'got_it', at)
    }
  }
  const loads = Array.from({ length: days }, (_, day) => {
    const chosen = choose(cards, day)
    const { end } = dayAt(day)
    for (const card of chosen) answer(card, day, end)
    return chosen.length
  })
  const recalls = cards.map((card) => recall(card, days))
  return {
    recall: recalls.reduce((sum, recall) => sum + recall, 0) / cards.length,
    below: recalls.filter((recall) => recall < retention - 0.005).length / cards.length,
    unseen: cards.filter(({ schedule }) => !schedule).length,
    loads,
  }
}
