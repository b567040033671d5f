import { type Judgement, judgeAnswer } from './answer.ts'
import { DIFFICULTY_LEVELS, type DifficultyLevel, type Direction, type Grade } from './card.ts'
import type { Draft } from './draft.ts'
import { type Erased, erased } from './erase.ts'
import { nextSchedule, type Schedule } from './schedule.ts'
import { expected, keyOf, LEECH_LAPSES, type StudyCard } from './study-card.ts'

/*
 * One sitting, as a state machine. The time comes in with every event; ⇒ marks the effects that go out.
 *
 *              ┌──────────┐   reveal    ┌────────┐
 *   start ───▶ │ question │ ──────────▶ │ answer │ ◀─┐ accept ⇒ accept
 *     │        │          │             │        │ ──┘
 *     │        └──────────┘             └────────┘
 *     │         ▲  ▲    escape              │ grade, take ⇒ attempt
 *     │         │  └──────── ┌────────┐     │
 *     │         │            │ typing │ ◀─┐ │
 *     │         │            │        │ ──┘ │ type, erase
 *     │         │            └────────┘     │
 *     │         │             ▲    └────────│──── reveal ──▶ answer
 *     │ no cards│ a card      │ a card whose│
 *     │         │ is left     │ answer is   │
 *     │         └─────────────┴─ typed ─────┤
 *     ▼                                     │ none is left, or the time is up ⇒ end
 *  ┌──────┐                                 │
 *  │ done │ ◀───────────────────────────────┘
 *  └──────┘ ◀── quit ⇒ end ── any other phase
 *
 *   question, typing, answer ── help, source ──▶ help, source ── close ──▶ what it covers
 *
 * suspend, bury and skip leave the card and show the next; difficulty and edited change it where it is. Each of them, a
 * grade and accept can be undone, as often as there was one: the session before is kept, and what undoes the effect
 * outside. gone takes the card on the screen out of the sitting: somebody has deleted it. refreshed brings what somebody
 * else has changed. An event that a phase has no use for leaves the session as it is, the very same object, and has no
 * effect.
 */

export interface SessionOptions {
  /** A card that falls due before this instant, the end of the study day, comes back in this sitting. */
  day_end: Date
  /** FSRS weights of the person; without them the published ones. */
  weights?: readonly number[] | null
  /** False: answers leave the schedules alone, as in cramming. */
  scheduled: boolean
  /** No further card is shown from then on; null: the queue is the only end. */
  ends_at: Date | null
  /** Typed answers count only exactly as they are written on the card. */
  strict: boolean
}

/** A card on the screen. `first` is true until its first grade of this sitting. */
interface Shown {
  card: StudyCard
  shown_at: Date
  first: boolean
}

export type Showing =
  | ({ phase: 'question' } & Shown)
  | ({ phase: 'typing'; text: string } & Shown)
  | ({ phase: 'answer'; judgement: Judgement | null; typed: string | null } & Shown)
  | { phase: 'help' | 'source'; covers: Covered }
  | { phase: 'done'; ended_at: Date }

type Covered = Extract<Showing, { card: StudyCard }>
export type Phase = Showing['phase']

/** What has been answered in this sitting. */
export interface Tally {
  /** Cards answered at least once. */
  cards: number
  /** Cards whose first grade was got_it. */
  first_try: number
  grades: Readonly<Record<Grade, number>>
  /** Time spent between question and grade, in ms, as counted for the attempts. */
  duration_ms: number
}

/** A card answered but not known yet, and when it comes back, in epoch ms. */
interface Waiting {
  card: StudyCard
  due: number
}

export interface Session {
  readonly showing: Showing
  /** Cards not answered yet, next one first. */
  readonly queue: readonly StudyCard[]
  /** Soonest due first. */
  readonly waiting: readonly Waiting[]
  readonly total: number
  /** Cards that were deleted, not shared any more, or answered elsewhere, while they were studied. */
  readonly gone: number
  /** Cards that the person has suspended or buried. */
  readonly set_aside: number
  readonly tally: Tally
  /** Cards that have become leeches, or go on being some. */
  readonly leeches: readonly StudyCard[]
  readonly started_at: Date
  readonly options: SessionOptions
  /** What can be undone, latest last; null: nothing. */
  readonly past: Past | null
  /** A sentence about what was just done, for the screen; null: nothing to say. */
  readonly notice: string | null
}

interface Past {
  before: Session
  /** What takes the effect back outside; null when there was none. */
  inverse: Effect | null
  /** What is undone, as a notice says it. */
  what: string
  /** It changed the card where it was, and is undone there. */
  inPlace: boolean
}

export type SessionEvent =
  | { type: 'reveal' }
  | { type: 'type'; text: string }
  | { type: 'erase'; what: Erased }
  | { type: 'escape' }
  /** The id comes from outside, as the time does: chance has no place in here. */
  | { type: 'grade'; grade: Grade; attempt_id: string }
  | { type: 'take'; attempt_id: string }
  | { type: 'accept' }
  | { type: 'undo' }
  | { type: 'suspend' }
  | { type: 'bury' }
  | { type: 'skip' }
  | { type: 'difficulty' }
  | { type: 'edited'; draft: Draft }
  | { type: 'help' }
  | { type: 'source' }
  | { type: 'close' }
  | { type: 'gone' }
  | { type: 'refreshed'; card: StudyCard }
  | { type: 'notice'; text: string }
  | { type: 'quit' }

export type Attempt = {
  type: 'attempt'
  attempt_id: string
  card: StudyCard
  confidence_status: Grade
  user_answer: string | null
  attempted_at: Date
  duration_ms: number
  /** The schedule after it; null when it leaves the schedule alone. */
  schedule: Schedule | null
}

/** What the world outside must now do, in order. */
export type Effect =
  | Attempt
  | { type: 'unattempt'; attempt_id: string; card: StudyCard }
  | { type: 'suspend'; card: StudyCard; on: boolean }
  | { type: 'bury'; card: StudyCard; until: Date | null }
  | { type: 'difficulty'; card: StudyCard; level: DifficultyLevel | null }
  | { type: 'accept'; card: StudyCard; accepted_answers: readonly string[] }
  | { type: 'rewrite'; card: StudyCard; draft: Draft }
  | { type: 'end' }

/** What a step gives: the session after it, and what is to be done about it. */
type Step = [session: Session, effects: Effect[]]

/**
 * Longer than this nobody thinks about one card: they went for coffee. Anki stops its clock at the same
 * point.
 */
const LONGEST_ANSWER_MS = 60_000

/** While cramming there is no schedule to say when a card comes back. */
const CRAM_AGAIN_MS: Record<Grade, number | null> = { again: 60_000, almost: 300_000, got_it: null }

/** Begins a sitting with the cards in the order given. It is done at once without cards. */
export function startSession(cards: readonly StudyCard[], options: SessionOptions, at: Date): Session {
  const session: Session = {
    showing: { phase: 'done', ended_at: at },
    queue: cards,
    waiting: [],
    total: cards.length,
    gone: 0,
    set_aside: 0,
    tally: { cards: 0, first_try: 0, grades: { again: 0, almost: 0, got_it: 0 }, duration_ms: 0 },
    leeches: [],
    started_at: at,
    options,
    past: null,
    notice: null,
  }
  return showNext(session, at)
}

/** An answer that was given in a sitting before it was broken off. */
export interface GivenAnswer {
  attempt_id: string
  card_id: string
  direction: Direction
  confidence_status: Grade
  user_answer: string | null
  attempted_at: Date
  duration_ms: number
}

/**
 * Goes on with a sitting that was broken off: `cards` as they were when it began, and what was answered since, oldest
 * first. The result is the session as it was, what can be undone included; the time in between does not count. An answer
 * to a card that is not among them any more is passed over.
 */
export function resumeSession(
  cards: readonly StudyCard[],
  answers: readonly GivenAnswer[],
  options: SessionOptions,
  begun: Date,
  at: Date,
): Session {
  const start = startSession(cards, options, begun)
  const resumed = answers.reduce((session, answer) => {
    const shown = bring(session, keyOf(answer), answer.attempted_at)
    if (!shown) return session
    const { showing } = shown
    return gradeShown(
      shown,
      showing,
      answer.confidence_status,
      answer.user_answer,
      answer.attempted_at,
      answer,
    )[0]
  }, start)
  return { ...reshown(resumed, at), notice: null }
}

/**
 * What happens to the session when `event` comes at `at`. Pure, and total: every event is allowed at any
 * time.
 */
export function step(session: Session, event: SessionEvent, at: Date): Step {
  // what was said about the step before has been read, unless it is only news from outside that comes
  const isNews = event.type === 'refreshed' || event.type === 'gone'
  const read = session.notice === null || isNews ? session : { ...session, notice: null }
  const [next, effects] = react(read, event, at)
  return [next === read ? session : next, effects]
}

function react(session: Session, event: SessionEvent, at: Date): Step {
  const { showing } = session
  const unchanged: Step = [session, []]
  switch (event.type) {
    case 'reveal':
      return reveal(session)
    case 'type':
      if (showing.phase !== 'typing') return unchanged
      return [{ ...session, showing: { ...showing, text: showing.text + event.text } }, []]
    case 'erase': {
      if (showing.phase !== 'typing') return unchanged
      const text = erased(showing.text, event.what)
      return text === showing.text ? unchanged : [{ ...session, showing: { ...showing, text } }, []]
    }
    case 'escape': {
      if (showing.phase !== 'typing') return unchanged
      const { text: _, ...shown } = showing
      return [{ ...session, showing: { ...shown, phase: 'question' } }, []]
    }
    case 'grade':
      if (showing.phase !== 'answer') return unchanged
      return gradeShown(session, showing, event.grade, showing.typed, at, event)
    case 'take':
      if (showing.phase !== 'answer' || !showing.judgement) return unchanged
      return gradeShown(session, showing, showing.judgement.suggested, showing.typed, at, event)
    case 'accept':
      return accept(session)
    case 'undo':
      return undo(session, at)
    case 'suspend':
      return leave(session, at, 'Suspended.', 'suspension', ({ card }) => [
        { type: 'suspend', card, on: true },
        { type: 'suspend', card, on: false },
      ])
    case 'bury':
      return leave(session, at, 'Buried until tomorrow.', 'burial', ({ card }) => [
        { type: 'bury', card, until: session.options.day_end },
        { type: 'bury', card, until: null },
      ])
    case 'skip':
      return skip(session, at)
    case 'difficulty':
      return markDifficulty(session)
    case 'edited': {
      if (!('card' in showing)) return unchanged
      const { card } = showing
      const { question, answer, tags, difficulty_level } = card
      const edited = { ...card, ...event.draft }
      // from what it says then, so that nothing is overwritten that somebody else has written
      const inverse: Effect = {
        type: 'rewrite',
        card: edited,
        draft: { question, answer, tags, difficulty_level },
      }
      return [remember({ ...withCard(session, edited), notice: 'Changed.' }, session, inverse, 'change'), []]
    }
    case 'help':
    case 'source':
      if (!('card' in showing)) return unchanged
      return [{ ...session, showing: { phase: event.type, covers: showing } }, []]
    case 'close':
      if (!('covers' in showing)) return unchanged
      return [{ ...session, showing: showing.covers }, []]
    case 'gone': {
      if (!('card' in showing)) return unchanged
      const notice = 'That card has been deleted, or is not shared any more.'
      const without = { ...session, total: session.total - 1, gone: session.gone + 1, notice }
      return ending(showNext(without, at, keyOf(showing.card)), [])
    }
    case 'refreshed':
      return refresh(session, event.card, at)
    case 'notice':
      return [{ ...session, notice: event.text }, []]
    case 'quit':
      if (showing.phase === 'done') return unchanged
      return [putBack(session, 'covers' in showing ? showing.covers : showing, at), [{ type: 'end' }]]
    default:
      return event satisfies never
  }
}

/** The card on the screen or under what covers it; null when there is none. */
export function shownIn(showing: Showing): Covered | null {
  if ('covers' in showing) return showing.covers
  return showing.phase === 'done' ? null : showing
}

function reveal(session: Session): Step {
  const { showing, options } = session
  if (showing.phase === 'question')
    return [{ ...session, showing: { ...showing, phase: 'answer', judgement: null, typed: null } }, []]
  if (showing.phase !== 'typing') return [session, []]
  const { text, ...shown } = showing
  const judgement = judged(shown.card, text, options)
  return [{ ...session, showing: { ...shown, phase: 'answer', judgement, typed: text } }, []]
}

function judged(card: StudyCard, text: string, { strict }: SessionOptions): Judgement {
  const accepted_answers = card.direction === 'forward' ? card.accepted_answers : []
  return judgeAnswer(text, { answer: expected(card), accepted_answers }, { strict })
}

/** What was typed becomes one more answer that counts. Only forward: a question has no other answers. */
function accept(session: Session): Step {
  const { showing, options } = session
  if (showing.phase !== 'answer' || !showing.typed?.trim() || showing.judgement?.verdict === 'right')
    return [session, []]
  const { card, typed } = showing
  if (card.direction === 'reverse')
    return [{ ...session, notice: 'Only answers can have others beside them, not questions.' }, []]
  if (!card.editable) return [{ ...session, notice: 'You may not change the cards of this deck.' }, []]
  const accepted_answers = [...card.accepted_answers, typed.trim()]
  const changed = withCard(session, { ...card, accepted_answers })
  const after: Session = {
    ...changed,
    showing: {
      ...showing,
      card: { ...card, accepted_answers },
      judgement: judged({ ...card, accepted_answers }, typed, options),
    },
    notice: 'Counts as an answer from now on.',
  }
  const inverse: Effect = { type: 'accept', card, accepted_answers: card.accepted_answers }
  return [remember(after, session, inverse, 'accepted answer'), [{ type: 'accept', card, accepted_answers }]]
}

function gradeShown(
  session: Session,
  { card, shown_at, first }: Shown,
  grade: Grade,
  user_answer: string | null,
  at: Date,
  { attempt_id, duration_ms }: { attempt_id: string; duration_ms?: number },
): Step {
  const { tally, waiting, options } = session
  const attempted_at = laterThan(at, card.schedule?.last_review)
  const duration = duration_ms ?? clamp(at.getTime() - shown_at.getTime(), 0, LONGEST_ANSWER_MS)
  const schedule = options.scheduled
    ? nextSchedule(card.schedule, grade, attempted_at, { ...card, weights: options.weights ?? null })
    : null
  const back = comesBack(schedule, grade, attempted_at, options)
  const after = { ...card, schedule: schedule ?? card.schedule }
  const isLeech = grade === 'again' && (schedule?.lapses ?? 0) >= LEECH_LAPSES

  const graded: Session = {
    ...session,
    waiting: back === null ? waiting : [...waiting, { card: after, due: back }].sort(bySoonest),
    tally: {
      cards: tally.cards + (first ? 1 : 0),
      first_try: tally.first_try + (first && grade === 'got_it' ? 1 : 0),
      grades: { ...tally.grades, [grade]: tally.grades[grade] + 1 },
      duration_ms: tally.duration_ms + duration,
    },
    leeches: isLeech
      ? [...session.leeches.filter((leech) => keyOf(leech) !== keyOf(card)), after]
      : session.leeches,
    notice: isLeech
      ? `A leech: forgotten ${schedule?.lapses} times. Rewrite it (e) or suspend it (s)?`
      : null,
  }
  const next = showNext(graded, at, keyOf(card))
  const inverse: Effect = { type: 'unattempt', attempt_id, card }
  const attempt: Attempt = {
    type: 'attempt',
    attempt_id,
    card,
    confidence_status: grade,
    user_answer,
    attempted_at,
    duration_ms: duration,
    schedule,
  }
  return ending(remember(next, session, inverse, 'answer'), [attempt])
}

/** Takes the last step back. The card is asked anew: its time begins again. */
function undo(session: Session, at: Date): Step {
  const { past, showing } = session
  if (showing.phase === 'done') return [session, []]
  if (!past) return [{ ...session, notice: 'There is nothing to undo in this sitting.' }, []]
  const before = { ...past.before, notice: `Took back the last ${past.what}.` }
  return [past.inPlace ? before : reshown(before, at), past.inverse ? [past.inverse] : []]
}

/** The card on the screen is asked from now on, with nothing typed yet. */
function reshown(session: Session, at: Date): Session {
  const shown = shownIn(session.showing)
  return shown ? { ...session, showing: question(shown.card, at, shown.first) } : session
}

/** Takes a card out of the sitting, in both directions, and shows the next. */
function leave(
  session: Session,
  at: Date,
  notice: string,
  what: string,
  effects: (shown: Shown) => [done: Effect, inverse: Effect],
): Step {
  const { showing, queue, waiting } = session
  if (!('card' in showing)) return [session, []]
  const { card_id } = showing.card
  const others = queue.filter((card) => card.card_id !== card_id)
  const later = waiting.filter(({ card }) => card.card_id !== card_id)
  const left = 1 + queue.length - others.length + waiting.length - later.length
  const without: Session = {
    ...session,
    queue: others,
    waiting: later,
    total: session.total - left,
    set_aside: session.set_aside + left,
    notice,
  }
  const [effect, inverse] = effects(showing)
  return ending(remember(showNext(without, at), session, inverse, what), [effect])
}

/** Puts the card behind all others of the sitting. */
function skip(session: Session, at: Date): Step {
  const { showing, queue, waiting } = session
  if (!('card' in showing)) return [session, []]
  if (queue.length + waiting.length === 0) return [{ ...session, notice: 'It is the last card.' }, []]
  const { card, first } = showing
  const last = Math.max(at.getTime(), waiting.at(-1)?.due ?? 0) + 1
  const without: Session = first
    ? { ...session, queue: [...queue, card] }
    : { ...session, waiting: [...waiting, { card, due: last }] }
  return [
    remember({ ...showNext(without, at, keyOf(card)), notice: 'Later, then.' }, session, null, 'skip'),
    [],
  ]
}

/** Each press is the next level, and after the hardest none. */
function markDifficulty(session: Session): Step {
  const { showing } = session
  if (!('card' in showing)) return [session, []]
  const { card } = showing
  if (!card.editable) return [{ ...session, notice: 'You may not change the cards of this deck.' }, []]
  const place = card.difficulty_level ? DIFFICULTY_LEVELS.indexOf(card.difficulty_level) : -1
  const level = DIFFICULTY_LEVELS[place + 1] ?? null
  const inverse: Effect = { type: 'difficulty', card, level: card.difficulty_level }
  const after = {
    ...withCard(session, { ...card, difficulty_level: level }),
    notice: `Difficulty: ${level ?? 'none'}.`,
  }
  return [remember(after, session, inverse, 'mark'), [{ type: 'difficulty', card, level }]]
}

function remember(after: Session, before: Session, inverse: Effect | null, what: string): Session {
  const [then, now] = [shownIn(before.showing), shownIn(after.showing)]
  const inPlace = then?.phase === now?.phase && then?.shown_at === now?.shown_at
  return { ...after, past: { before, inverse, what, inPlace } }
}

/** Adds the end to the effects when there is nothing left to show. */
function ending(session: Session, effects: Effect[]): Step {
  return [session, session.showing.phase === 'done' ? [...effects, { type: 'end' }] : effects]
}

/**
 * The session with `card` in the place of what it was: on the screen, in the queue or among those that wait. In the
 * other direction it is the same card, but for its schedule.
 */
function withCard(session: Session, card: StudyCard): Session {
  const renew = (old: StudyCard): StudyCard => {
    if (old.card_id !== card.card_id) return old
    return old.direction === card.direction
      ? card
      : { ...card, direction: old.direction, schedule: old.schedule }
  }
  const { showing } = session
  const shown = <S extends Covered>(covered: S): S => ({ ...covered, card: renew(covered.card) })
  return {
    ...session,
    queue: session.queue.map(renew),
    waiting: session.waiting.map((waiting) => ({ ...waiting, card: renew(waiting.card) })),
    showing:
      'covers' in showing
        ? { ...showing, covers: shown(showing.covers) }
        : showing.phase === 'done'
          ? showing
          : shown(showing),
  }
}

/**
 * Brings what somebody else has made of a card. One that was answered elsewhere, in another terminal of the person's, is
 * not asked again here before it is due.
 */
function refresh(session: Session, card: StudyCard, at: Date): Step {
  const { showing, waiting, options } = session
  const fresh = withCard(session, card)
  const { schedule } = card
  const waits = waiting.some((other) => keyOf(other.card) === keyOf(card))
  if (waits && schedule && options.scheduled) {
    const others = fresh.waiting.filter((other) => keyOf(other.card) !== keyOf(card))
    const back = comesBack(schedule, 'again', at, options)
    return [
      { ...fresh, waiting: back === null ? others : [...others, { card, due: back }].sort(bySoonest) },
      [],
    ]
  }
  const isAsked =
    (showing.phase === 'question' || showing.phase === 'typing') && keyOf(showing.card) === keyOf(card)
  const isAnswered =
    isAsked && schedule?.last_review?.getTime() !== showing.card.schedule?.last_review?.getTime()
  if (!isAnswered || !schedule || !options.scheduled || schedule.due <= at) return [fresh, []]
  const back = comesBack(schedule, 'again', at, options)
  const without: Session =
    back === null
      ? { ...fresh, total: fresh.total - 1, gone: fresh.gone + 1 }
      : { ...fresh, waiting: [...fresh.waiting, { card, due: back }].sort(bySoonest) }
  return ending(showNext(without, at, keyOf(card)), [])
}

/** The session with a card of it on the screen, wherever it was; null when it is not in it. */
function bring(session: Session, key: string, at: Date): (Session & { showing: Covered }) | null {
  const before = shownIn(session.showing)
  const all = before ? putBack(session, before, at) : session
  const fresh = all.queue.find((card) => keyOf(card) === key)
  const known = all.waiting.find(({ card }) => keyOf(card) === key)?.card
  const card = fresh ?? known
  if (!card) return null
  return {
    ...all,
    queue: all.queue.filter((other) => other !== fresh),
    waiting: all.waiting.filter((other) => other.card !== known),
    showing: question(card, at, fresh !== undefined),
  }
}

/**
 * Chooses what to show: a waiting card that is due, else the next of the queue, else the waiting card that is
 * due soonest, ahead of its time, so that nobody sits and waits. The card just answered returns at once only
 * when it is the last one. Nothing any more when the time is up.
 */
function showNext(session: Session, at: Date, justAnswered?: string): Session {
  const { queue, waiting, options } = session
  const [soonest = waiting[0]] = waiting.filter(({ card }) => keyOf(card) !== justAnswered)
  const [fresh = null] = queue.filter(
    (card) => keyOf(card) !== justAnswered || queue.length + waiting.length === 1,
  )
  const isDue = soonest && keyOf(soonest.card) !== justAnswered && soonest.due <= at.getTime()
  const isOver = options.ends_at !== null && at >= options.ends_at

  if (fresh && !isDue && !isOver) {
    return { ...session, queue: queue.filter((card) => card !== fresh), showing: question(fresh, at, true) }
  }
  if (soonest && !isOver) {
    const rest = waiting.filter((other) => other !== soonest)
    return { ...session, waiting: rest, showing: question(soonest.card, at, false) }
  }
  return { ...session, showing: { phase: 'done', ended_at: at } }
}

/** Ends the sitting early. The unanswered card goes back where it came from, so that it still counts as left. */
function putBack(session: Session, { card, first }: Shown, at: Date): Session {
  const { queue, waiting } = session
  return {
    ...session,
    queue: first ? [card, ...queue] : queue,
    waiting: first ? waiting : [...waiting, { card, due: card.schedule?.due.getTime() ?? 0 }].sort(bySoonest),
    showing: { phase: 'done', ended_at: at },
  }
}

function question(card: StudyCard, at: Date, first: boolean): Covered {
  const shown = { card, shown_at: at, first }
  return card.typed ? { phase: 'typing', text: '', ...shown } : { phase: 'question', ...shown }
}

/**
 * When an answered card comes back in this sitting, in epoch ms; null when it does not: when it is learnt, or falls due
 * after this study day.
 */
function comesBack(
  schedule: Schedule | null,
  grade: Grade,
  at: Date,
  { day_end, scheduled }: SessionOptions,
): number | null {
  if (!scheduled) {
    const wait = CRAM_AGAIN_MS[grade]
    return wait === null ? null : at.getTime() + wait
  }
  return schedule && schedule.state !== 'review' && schedule.due < day_end ? schedule.due.getTime() : null
}

function bySoonest(one: Waiting, other: Waiting): number {
  return one.due - other.due
}

/**
 * `at`, or the instant after the card's last review when the clock says it is not later: keys typed ahead on
 * a pipe are read within one millisecond, and sorting a card's attempts by time must give back their order.
 */
export function laterThan(at: Date, last: Date | null | undefined): Date {
  return last && last >= at ? new Date(last.getTime() + 1) : at
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high)
}
