import { computeDecayFactor, fsrs, Rating } from 'ts-fsrs'
import { usage } from '../errors.ts'
import type { StudyDay } from './day.ts'
import type { Schedule } from './schedule.ts'

/*
 * What to study each day so that on the day of an exam every card is recalled with a given probability, with an even
 * load. docs/study.md says how, what is assumed and what a simulation says of it. In short: a card that would be recalled
 * on that day needs nothing. Any other gets a window of days for its next review, from the first day on which one success
 * is enough until the last on which it will probably still be known. New cards get windows that end evenly over the days
 * up to the last week. A day takes a fixed number of cards, those whose windows end first; that number is the smallest
 * with which everything gets done. What the reviews of a day lead to is played through, forgetting included.
 */

const DAY = 24 * 60 * 60 * 1000
const HOUR = 60 * 60 * 1000

/** Nobody plans further ahead, but a year is mistyped easily. */
const FURTHEST = 1000
const LOWEST = 0.7
const HIGHEST = 0.99

/**
 * A review is planned while the chance of recall is this at least: who forgets a young card has to learn it nearly from
 * scratch. Lower, exams of 95 % pile up in the last days; higher, there are more reviews for the same result.
 */
const STILL_KNOWN = 0.8
/** The days before the exam that are left to reviews; half of them when there are fewer than twice as many. */
const WITHOUT_NEW = 7
/** How often the number of cards a day is tried; by then it is known to a few percent. */
const TRIALS = 6
/** By so little a mean of numbers may miss what each of them reaches. */
const ROUNDING = 1e-6
/** Of how many cards the number can be told. */
const SAMPLE = 2000

/** A card as the plan sees it; null: never answered. */
export interface ExamCard {
  schedule: Schedule | null
}

export interface ExamOptions {
  today: StudyDay
  /** The exam's study date, ISO; `checkExam` has accepted it. */
  exam: string
  /** The chance of recall that each card is to have on that day. */
  retention: number
  /** As in ScheduleOptions. */
  weights?: readonly number[] | null
}

/** What a day asks for: cards to see again, and cards to see for the first time. */
export interface ExamDay {
  /** ISO. */
  date: string
  reviews: number
  fresh: number
}

export interface ExamPlan<Card> {
  /** The day of the exam, ISO. */
  exam: string
  /** What was asked for. */
  retention: number
  /** From today to the day before the exam; today alone when that is the day. Today without what is done already. */
  days: ExamDay[]
  /** The cards to study today, the most at risk first, new ones last. */
  today: Card[]
  /** The mean chance of recall on the exam's day when the plan is followed. */
  expected: number
  /** The same when nothing is studied until then. */
  without: number
  /** There is not enough time: `expected` stays below `retention`. */
  late: boolean
}

/**
 * Accepts the date and the retention of an exam, or throws a usage error that says what is wrong with them. `today` is
 * the study date, ISO.
 */
export function checkExam(date: string, retention: number, today: string): void {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(date) : Number.NaN
  if (Number.isNaN(time) || isoDate(time) !== date) {
    throw usage(`"${date}" is not a date.`, `Write it as year, month and day: ${today}`)
  }
  const days = daysBetween(today, date)
  if (days < 0) throw usage(`${date} is in the past.`, `Today is ${today}.`)
  if (days > FURTHEST) {
    throw usage(`${date} is more than ${FURTHEST.toLocaleString('en')} days away.`, `Today is ${today}.`)
  }
  if (!(retention >= LOWEST && retention <= HIGHEST)) {
    throw usage(
      `A retention is a number from ${LOWEST} to ${HIGHEST}, not ${retention}.`,
      '0.9 means that nine cards of ten are known on that day.',
    )
  }
}

/**
 * Plans the days up to an exam; see above. The same arguments give the same plan, and the plan of the next day, made
 * after following today's, goes on with it. Made again in the middle of a day it takes into account what was answered
 * since the day began. Cards that may not be asked, such as suspended ones, are the caller's to leave out.
 */
export function planExam<Card extends ExamCard>(
  cards: readonly Card[],
  { today, exam, retention, weights }: ExamOptions,
): ExamPlan<Card> {
  const memory = memoryModel(retention, weights)
  const examDay = daysBetween(today.date, exam)
  const standings = cards.map(({ schedule }) => standing(schedule, today))
  const course = bestCourse(standings, examDay, memory)

  const risk = (index: number) => {
    const { stability = 0, last = 0 } = standings[index] ?? {}
    return stability === 0 ? -1 : 1 - memory.recall(-last, stability)
  }
  const chosen = course.today.map((index) => ({ card: cards[index], index, risk: risk(index) }))
  chosen.sort((one, other) => other.risk - one.risk || one.index - other.index)
  return {
    exam,
    retention,
    days: course.days.map((day, offset) => ({
      date: isoDate(Date.parse(today.date) + offset * DAY),
      ...day,
    })),
    today: chosen.flatMap(({ card }) => card ?? []),
    expected: course.expected,
    without: mean(
      standings.map(({ stability, last }) =>
        stability === 0 ? 0 : memory.recall(examDay - last, stability),
      ),
    ),
    late: course.expected < retention - ROUNDING,
  }
}

/** What is known of a card today. */
interface Standing {
  /** As in Schedule; 0: never answered. */
  stability: number
  difficulty: number
  /** The study day of the last answer, counted from today: 0, or less. */
  last: number
  /** Its learning steps go on today. */
  unfinished: boolean
}

function standing(schedule: Schedule | null, { start, end }: StudyDay): Standing {
  if (!schedule?.last_review) return { stability: 0, difficulty: 0, last: 0, unfinished: false }
  const { stability, difficulty, state, due, last_review } = schedule
  const before = start.getTime() - last_review.getTime()
  // a day is an hour longer or shorter where the clocks change
  const last = before <= 0 ? 0 : -Math.max(1, Math.ceil((before - HOUR) / DAY))
  return {
    // ts-fsrs refuses others
    stability: clamp(stability, LEAST_STABLE, MOST_STABLE),
    difficulty: clamp(difficulty, 1, 10),
    last,
    unfinished: state !== 'review' && due < end,
  }
}

/** FSRS with one person's weights, as far as a plan needs it. Days are whole study days. */
interface Memory {
  recall(days: number, stability: number): number
  /** For how many days recall stays at the retention that is wanted. */
  lasts(stability: number): number
  /** For how many days a card is still known: see STILL_KNOWN. */
  known(stability: number): number
  /** The memory after an answer; after a wrong one the card is learnt again on the same day. */
  after(memory: MemoryState, recall: number, right: boolean): MemoryState
  /** The memory after the first day of a card. */
  first: MemoryState
}

interface MemoryState {
  stability: number
  difficulty: number
}

function memoryModel(retention: number, weights?: readonly number[] | null): Memory {
  const engine = fsrs({ ...(weights && { w: [...weights] }), enable_short_term: true })
  const { decay, factor } = computeDecayFactor(engine.parameters.w)
  const retained = engine.calculate_interval_modifier(retention)
  const stillKnown = engine.calculate_interval_modifier(STILL_KNOWN)
  return {
    // the library's own function works the two numbers out anew each time
    recall: (days, stability) => (1 + (factor * days) / stability) ** decay,
    lasts: (stability) => stability * retained,
    known: (stability) => stability * stillKnown,
    // given the recall, FSRS asks for the days only to tell the same day from another
    after: (memory, recall, right) =>
      right
        ? engine.next_state(memory, 1, Rating.Good, recall)
        : engine.next_state(engine.next_state(memory, 1, Rating.Again, recall), 0, Rating.Good),
    // some new cards are known at once and some take several tries: "almost" stands between them
    first: engine.next_state(engine.next_state(null, 0, Rating.Hard), 0, Rating.Good),
  }
}

/**
 * What answers do to a memory, by steps of stability (a quarter), difficulty (half a point) and recall (a hundredth), so
 * that each is worked out once. Only this is rounded, no stability itself: what an answer multiplies it by differs by a
 * few percent between two steps.
 */
interface Grid {
  indexOf(stability: number, difficulty: number): number
  /** By what an answer multiplies the stability. */
  growth(index: number, recall: number, right: boolean): number
  /** The difficulty after an answer. */
  difficultyAfter(index: number, right: boolean): number
}

const LEAST_STABLE = 0.001
const MOST_STABLE = 36_500
const STABILITY_STEP = Math.log(1.25)
const STABILITIES = 1 + Math.ceil(Math.log(MOST_STABLE / LEAST_STABLE) / STABILITY_STEP)
const DIFFICULTIES = 19
const RECALLS = 100

function stateGrid(memory: Memory): Grid {
  const size = STABILITIES * DIFFICULTIES
  const stateAt = (index: number) => ({
    stability: LEAST_STABLE * Math.exp(Math.floor(index / DIFFICULTIES) * STABILITY_STEP),
    difficulty: 1 + (index % DIFFICULTIES) / 2,
  })
  /** 0: not worked out yet. */
  const growths = new Float32Array(size * (RECALLS + 1) * 2)
  const difficulties = new Float32Array(size * 2)
  return {
    indexOf(stability, difficulty) {
      const step = Math.round(Math.log(stability / LEAST_STABLE) / STABILITY_STEP)
      return clamp(step, 0, STABILITIES - 1) * DIFFICULTIES + Math.round((difficulty - 1) * 2)
    },
    growth(index, recall, right) {
      const level = Math.round(recall * RECALLS)
      const key = (index * (RECALLS + 1) + level) * 2 + (right ? 1 : 0)
      const found = growths[key] ?? 0
      if (found > 0) return found
      const state = stateAt(index)
      const growth = memory.after(state, level / RECALLS, right).stability / state.stability
      growths[key] = growth
      return growth
    },
    difficultyAfter(index, right) {
      const key = index * 2 + (right ? 1 : 0)
      const found = difficulties[key] ?? 0
      if (found > 0) return found
      const { difficulty } = memory.after(stateAt(index), 1, right)
      difficulties[key] = difficulty
      return difficulty
    },
  }
}

/** The days, counted from today, on which a review is wanted. */
interface Window {
  from: number
  until: number
}

/** What a number of cards a day leads to. */
interface Trial {
  days: Omit<ExamDay, 'date'>[]
  /** The cards of the first day, by their index. */
  today: number[]
  expected: number
  /** Cards seen in all, with those that today has behind it. */
  total: number
  /** Cards that the last day has to take beyond the number, and new ones in the days left to reviews. */
  overflow: number
}

/** Plays the days before the exam with so many cards a day. */
type TryOut = (perDay: number) => Trial

function trials(standings: readonly Standing[], examDay: number, memory: Memory, grid: Grid): TryOut {
  const dayCount = Math.max(1, examDay)
  const isEnough = (stability: number, day: number) => memory.lasts(stability) >= examDay - day

  /**
   * When a card that would not be known at the exam is to be reviewed next. `growth` is what a success multiplies the
   * stability by that comes at that chance of recall. When no single success is enough, the review comes when recall has
   * fallen to what is wanted, as it would without an exam.
   */
  const windowOf = (stability: number, last: number, growth: (recall: number) => number): Window => {
    const earliest = Math.min(dayCount - 1, Math.max(0, last + 1))
    const until = Math.max(earliest, Math.min(dayCount - 1, last + Math.floor(memory.known(stability))))
    const isLasting = (day: number) => isEnough(stability * growth(memory.recall(day - last, stability)), day)
    if (!isLasting(until)) {
      const fallen = last + Math.floor(memory.lasts(stability))
      return { from: Math.min(until, Math.max(earliest, fallen)), until }
    }
    let from = earliest
    for (let end = until; from < end; ) {
      const middle = (from + end) >> 1
      if (isLasting(middle)) end = middle
      else from = middle + 1
    }
    return { from, until }
  }

  const freshDays = dayCount - Math.min(WITHOUT_NEW, Math.floor(dayCount / 2))
  const freshCount = standings.filter(({ stability }) => stability === 0).length
  let freshBefore = 0
  const windows = standings.map(({ stability, difficulty, last, unfinished }): Window | null => {
    if (stability === 0) return { from: 0, until: Math.floor((freshBefore++ * freshDays) / freshCount) }
    // what was answered today has its next chance tomorrow
    if (unfinished || isEnough(stability, last) || last >= dayCount - 1) return null
    const after = (recall: number) => memory.after({ stability, difficulty }, recall, true)
    return windowOf(stability, last, (recall) => after(recall).stability / stability)
  })
  const unfinished = standings.flatMap((card, index) => (card.unfinished ? index : []))
  const doneToday = standings.filter(({ stability, last }) => stability > 0 && last === 0).length

  const newLearner = typicalLearners(standings, memory, grid)

  return (perDay) => {
    const learner = newLearner()
    const agenda = createAgenda(standings.length, dayCount)
    windows.forEach((window, index) => {
      if (window) agenda.add(index, window)
    })
    const days: Trial['days'] = []
    let today: number[] = []
    let total = doneToday
    let overflow = 0
    for (let day = 0; day < dayCount; day++) {
      const isLast = day === dayCount - 1
      const waiting = agenda.begin(day)
      const quota = day === 0 ? Math.max(0, perDay - doneToday) : perDay
      const taken = agenda.take(isLast ? waiting : quota)
      if (day === 0) today = taken.concat(unfinished)
      let fresh = 0
      for (const index of day === 0 ? today : taken) {
        if (learner.answer(index, day)) fresh++
        const stability = learner.stability[index] ?? 0
        if (isLast || isEnough(stability, day)) continue
        const state = learner.state[index] ?? 0
        agenda.add(
          index,
          windowOf(stability, day, (recall) => grid.growth(state, recall, true)),
        )
      }
      if (isLast) overflow += Math.max(0, waiting - quota)
      if (day >= freshDays) overflow += fresh
      const seen = day === 0 ? today.length : taken.length
      total += seen
      days.push({ reviews: seen - fresh, fresh })
    }
    return { days, today, expected: learner.recallOn(examDay), total, overflow }
  }
}

/** Cards that wait for their review, those first whose window ends first. */
interface Agenda {
  add(index: number, window: Window): void
  /** Lets in the cards whose windows begin on that day, and returns how many wait. Days come in order. */
  begin(day: number): number
  /** The next cards, so many at the most. */
  take(count: number): number[]
}

function createAgenda(cardCount: number, dayCount: number): Agenda {
  const empty = () => Array.from({ length: dayCount }, (): number[] => [])
  const byBeginning = empty()
  const byEnd = empty()
  const end = new Int32Array(cardCount)
  let waiting = 0
  /** No window that ends before is waited for. */
  let earliest = 0
  return {
    add(index, { from, until }) {
      end[index] = until
      byBeginning[from]?.push(index)
    },
    begin(day) {
      for (const index of byBeginning[day] ?? []) {
        const until = end[index] ?? 0
        byEnd[until]?.push(index)
        earliest = Math.min(earliest, until)
      }
      waiting += byBeginning[day]?.length ?? 0
      return waiting
    },
    take(count) {
      const taken: number[] = []
      for (; earliest < dayCount; earliest++) {
        const cards = byEnd[earliest] ?? []
        for (const index of cards.splice(0, count - taken.length)) taken.push(index)
        if (taken.length >= count) break
      }
      waiting -= taken.length
      return taken
    },
  }
}

/** Somebody who forgets as many cards as are to be expected: of a hundred at 90 % ten, and always the same ones. */
interface Learner {
  /** By the index of the card; 0: not seen. */
  stability: Float64Array
  /** By the index of the card: the index of its memory in the grid. */
  state: Uint16Array
  /** Sees a card on a day; whether for the first time. */
  answer(index: number, day: number): boolean
  /** The mean chance of recall on a day. */
  recallOn(day: number): number
}

/** Makes such learners, each of whom begins where the cards stand today. */
function typicalLearners(standings: readonly Standing[], memory: Memory, grid: Grid): () => Learner {
  const stabilities = Float64Array.from(standings.map(({ stability }) => stability))
  const lasts = Int32Array.from(standings.map(({ last }) => last))
  const states = Uint16Array.from(
    standings.map(({ stability, difficulty }) => (stability > 0 ? grid.indexOf(stability, difficulty) : 0)),
  )
  return () => typicalLearner(stabilities.slice(), states.slice(), lasts.slice(), memory, grid)
}

/** `last` has the day on which a card was seen last, by its index. */
function typicalLearner(
  stability: Float64Array,
  state: Uint16Array,
  last: Int32Array,
  memory: Memory,
  grid: Grid,
): Learner {
  let forgotten = 0.5
  return {
    stability,
    state,
    answer(index, day) {
      const before = stability[index] ?? 0
      const known = state[index] ?? 0
      const isFirst = before === 0
      let after = memory.first.stability
      let difficulty = memory.first.difficulty
      if (!isFirst) {
        const recall = memory.recall(day - (last[index] ?? 0), before)
        forgotten += 1 - recall
        const right = forgotten < 1
        if (!right) forgotten--
        after = before * grid.growth(known, recall, right)
        difficulty = grid.difficultyAfter(known, right)
      }
      stability[index] = after
      state[index] = grid.indexOf(after, difficulty)
      last[index] = day
      return isFirst
    },
    recallOn: (day) =>
      mean(
        stability.map((stable, index) => (stable > 0 ? memory.recall(day - (last[index] ?? 0), stable) : 0)),
      ),
  }
}

/**
 * The course that the days take with the smallest number of cards a day that leaves next to nothing over for the last
 * one. For many cards the number is looked for with a sample of them.
 */
function bestCourse(standings: readonly Standing[], examDay: number, memory: Memory): Trial {
  const grid = stateGrid(memory)
  const dayCount = Math.max(1, examDay)
  const share = Math.max(1, Math.floor(standings.length / SAMPLE))
  const sample = standings.filter((_, index) => index % share === 0)
  const inSample = fewestPerDay(sample.length, dayCount, trials(sample, examDay, memory, grid))

  const tryOut = trials(standings, examDay, memory, grid)
  let perDay = Math.ceil((inSample * standings.length) / Math.max(1, sample.length))
  let course = tryOut(perDay)
  for (let trial = 0; trial < TRIALS && isTooMuch(course.overflow, perDay); trial++) {
    perDay += Math.ceil(course.overflow / dayCount)
    course = tryOut(perDay)
  }
  return course
}

/** A few cards more on the last day are nothing to change the number for. */
const isTooMuch = (overflow: number, perDay: number) => overflow > perDay / 20

function fewestPerDay(cardCount: number, dayCount: number, tryOut: TryOut): number {
  let tooFew = 0
  let enough = cardCount
  let perDay = Math.ceil(tryOut(cardCount).total / dayCount)
  for (let trial = 0; trial < TRIALS && tooFew < perDay && perDay < enough; trial++) {
    const { overflow, total } = tryOut(perDay)
    if (isTooMuch(overflow, perDay)) {
      tooFew = perDay
      const more = perDay + Math.ceil(overflow / dayCount)
      perDay = more < enough ? more : (tooFew + enough) >> 1
    } else {
      enough = perDay
      perDay = Math.max(Math.ceil(total / dayCount), tooFew + 1)
    }
  }
  return enough
}

/** 1 when there are none: nothing is unknown. */
function mean(numbers: readonly number[] | Float64Array): number {
  let sum = 0
  for (const number of numbers) sum += number
  return numbers.length === 0 ? 1 : sum / numbers.length
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high)
}

function isoDate(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}

function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY)
}
