import type { Grade } from './card.ts'
import { nextSchedule, type Schedule, type ScheduleOptions } from './schedule.ts'

/*
 * One sitting, as a state machine. The time comes in with every event; ⇒ marks the effects that go out.
 *
 *              ┌──────────┐   reveal   ┌────────┐
 *   start ───▶ │ question │ ─────────▶ │ answer │
 *     │        └──────────┘            └────────┘
 *     │             ▲                      │ grade ⇒ attempt
 *     │ no cards    │     a card is left   │
 *     │             └──────────────────────┤
 *     ▼                                    │ none is left ⇒ end
 *  ┌──────┐                                │
 *  │ done │ ◀──────────────────────────────┘
 *  └──────┘ ◀── quit ⇒ end ── question, answer, help
 *
 *   question, answer ── help ──▶ help ── close ──▶ what it covers
 *
 * gone takes the card on the screen out of the sitting and shows the next: somebody has deleted it.
 * An event that a phase has no use for leaves the session as it is, the very same object, and has no effect.
 */

/** A card as it is studied: its text, its schedule so far (null when new), and the deck's name to show. */
export interface StudyCard {
  card_id: string
  deck_id: string
  deck: string
  question: string
  answer: string
  schedule: Schedule | null
}

export interface SessionOptions extends ScheduleOptions {
  /** A card that falls due before this instant, the end of the study day, comes back in this sitting. */
  day_end: Date
}

/** A card on the screen. `first` is true until its first grade of this sitting. */
interface Shown {
  card: StudyCard
  shown_at: Date
  first: boolean
}

export type Showing =
  | ({ phase: 'question' } & Shown)
  | ({ phase: 'answer' } & Shown)
  | { phase: 'help'; covers: Exclude<Showing, { phase: 'help' | 'done' }> }
  | { phase: 'done'; ended_at: Date }

export type Phase = Showing['phase']

/** What has been answered in this sitting. */
interface Tally {
  /** Cards answered at least once. */
  cards: number
  /** Cards whose first grade was got_it. */
  first_try: number
  grades: Readonly<Record<Grade, number>>
  /** Time spent between question and grade, in ms, as counted for the attempts. */
  duration_ms: number
}

export interface Session {
  readonly showing: Showing
  /** Cards not answered yet, next one first. */
  readonly queue: readonly StudyCard[]
  /** Cards answered but not known yet, soonest due first. */
  readonly waiting: readonly StudyCard[]
  readonly total: number
  /** Cards that were deleted, or not shared any more, while they were studied. */
  readonly gone: number
  readonly tally: Tally
  readonly started_at: Date
  readonly options: SessionOptions
}

export type SessionEvent =
  | { type: 'reveal' }
  | { type: 'grade'; grade: Grade }
  | { type: 'help' }
  | { type: 'close' }
  | { type: 'gone' }
  | { type: 'quit' }

/** What the world outside must now do: store an answer, or take the summary to the screen. */
export type Effect =
  | {
      type: 'attempt'
      card_id: string
      deck_id: string
      confidence_status: Grade
      attempted_at: Date
      duration_ms: number
      schedule: Schedule
    }
  | { type: 'end' }

/** What a step gives: the session after it, and what is to be done about it, in order. */
type Step = [session: Session, effects: Effect[]]

/**
 * Longer than this nobody thinks about one card: they went for coffee. Anki stops its clock at the same
 * point.
 */
const LONGEST_ANSWER_MS = 60_000

/**
 * Begins a sitting with the cards in the order given: due ones first, then new ones. It is done at once
 * without cards.
 */
export function startSession(cards: readonly StudyCard[], options: SessionOptions, at: Date): Session {
  const session: Session = {
    showing: { phase: 'done', ended_at: at },
    queue: cards,
    waiting: [],
    total: cards.length,
    gone: 0,
    tally: { cards: 0, first_try: 0, grades: { again: 0, almost: 0, got_it: 0 }, duration_ms: 0 },
    started_at: at,
    options,
  }
  return showNext(session, at)
}

/**
 * What happens to the session when `event` comes at `at`. Pure, and total: every event is allowed at any
 * time.
 */
export function step(session: Session, event: SessionEvent, at: Date): Step {
  const { showing } = session
  switch (event.type) {
    case 'reveal':
      if (showing.phase !== 'question') return [session, []]
      return [{ ...session, showing: { ...showing, phase: 'answer' } }, []]
    case 'grade':
      if (showing.phase !== 'answer') return [session, []]
      return grade(session, showing, event.grade, at)
    case 'help':
      if (showing.phase !== 'question' && showing.phase !== 'answer') return [session, []]
      return [{ ...session, showing: { phase: 'help', covers: showing } }, []]
    case 'close':
      if (showing.phase !== 'help') return [session, []]
      return [{ ...session, showing: showing.covers }, []]
    case 'gone': {
      if (showing.phase !== 'question' && showing.phase !== 'answer') return [session, []]
      const without = { ...session, total: session.total - 1, gone: session.gone + 1 }
      const next = showNext(without, at, showing.card.card_id)
      return [next, next.showing.phase === 'done' ? [{ type: 'end' }] : []]
    }
    case 'quit':
      if (showing.phase === 'done') return [session, []]
      return [putBack(session, showing.phase === 'help' ? showing.covers : showing, at), [{ type: 'end' }]]
    default:
      return event satisfies never
  }
}

/**
 * How far the sitting is. A card is done when it does not come back today, so `done` never falls and `left`
 * never grows.
 */
interface Progress {
  total: number
  done: number
  left: number
  /** Of those left, the ones that were answered and have to come back. */
  returning: number
}

/** See `Progress`; the card on the screen counts as left. */
export function progress({ showing, queue, waiting, total }: Session): Progress {
  const shown = showing.phase === 'help' ? showing.covers : showing
  const onScreen = shown.phase === 'done' ? null : shown
  const left = queue.length + waiting.length + (onScreen ? 1 : 0)
  const returning = waiting.length + (onScreen && !onScreen.first ? 1 : 0)
  return { total, done: total - left, left, returning }
}

/** The account of a sitting, at its end or so far. */
export interface Summary extends Tally, Progress {
  answers: number
  gone: number
  started_at: Date
  ended_at: Date
}

/** Adds the sitting up; `at` is taken as its end while it is still going on. */
export function summary(session: Session, at: Date): Summary {
  const { tally, started_at, showing, gone } = session
  const { again, almost, got_it } = tally.grades
  const ended_at = showing.phase === 'done' ? showing.ended_at : at
  return { ...tally, ...progress(session), answers: again + almost + got_it, gone, started_at, ended_at }
}

function grade(session: Session, { card, shown_at, first }: Shown, grade: Grade, at: Date): Step {
  const attempted_at = after(at, card.schedule?.last_review)
  const duration_ms = clamp(at.getTime() - shown_at.getTime(), 0, LONGEST_ANSWER_MS)
  const schedule = nextSchedule(card.schedule, grade, attempted_at, session.options)
  const { tally, waiting, options } = session

  const next = showNext(
    {
      ...session,
      waiting: comesBack(schedule, options) ? [...waiting, { ...card, schedule }].sort(bySoonest) : waiting,
      tally: {
        cards: tally.cards + (first ? 1 : 0),
        first_try: tally.first_try + (first && grade === 'got_it' ? 1 : 0),
        grades: { ...tally.grades, [grade]: tally.grades[grade] + 1 },
        duration_ms: tally.duration_ms + duration_ms,
      },
    },
    at,
    card.card_id,
  )
  const { card_id, deck_id } = card
  const attempt: Effect = {
    type: 'attempt',
    card_id,
    deck_id,
    confidence_status: grade,
    attempted_at,
    duration_ms,
    schedule,
  }
  return [next, next.showing.phase === 'done' ? [attempt, { type: 'end' }] : [attempt]]
}

/**
 * Chooses what to show: a waiting card that is due, else the next of the queue, else the waiting card that is
 * due soonest, ahead of its time, so that nobody sits and waits. The card just answered returns at once only
 * when it is the last one.
 */
function showNext(session: Session, at: Date, justAnswered?: string): Session {
  const { queue, waiting } = session
  const [soonest = waiting[0]] = waiting.filter((card) => card.card_id !== justAnswered)
  const [fresh] = queue
  const isDue = soonest?.card_id !== justAnswered && dueTime(soonest) <= at.getTime()

  if (fresh && !isDue) {
    return { ...session, queue: queue.slice(1), showing: question(fresh, at, true) }
  }
  if (soonest) {
    return {
      ...session,
      waiting: waiting.filter((card) => card !== soonest),
      showing: question(soonest, at, false),
    }
  }
  return { ...session, showing: { phase: 'done', ended_at: at } }
}

/**
 * Ends the sitting early. The unanswered card goes back where it came from, so that it still counts as left.
 */
function putBack(session: Session, { card, first }: Shown, at: Date): Session {
  const { queue, waiting } = session
  return {
    ...session,
    queue: first ? [card, ...queue] : queue,
    waiting: first ? waiting : [...waiting, card].sort(bySoonest),
    showing: { phase: 'done', ended_at: at },
  }
}

function question(card: StudyCard, at: Date, first: boolean): Showing {
  return { phase: 'question', card, shown_at: at, first }
}

/** Whether a card is still being learnt and falls due within this study day. */
function comesBack({ state, due }: Schedule, { day_end }: SessionOptions): boolean {
  return state !== 'review' && due < day_end
}

function bySoonest(one: StudyCard, other: StudyCard): number {
  return dueTime(one) - dueTime(other)
}

function dueTime(card: StudyCard | undefined): number {
  return card?.schedule?.due.getTime() ?? Infinity
}

/**
 * `at`, or the instant after the card's last review when the clock says it is not later: keys typed ahead on
 * a pipe are read within one millisecond, and sorting a card's attempts by time must give back their order.
 */
function after(at: Date, last: Date | null | undefined): Date {
  return last && last >= at ? new Date(last.getTime() + 1) : at
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high)
}
