import { expect, test } from 'vitest'
import { GRADES, type Grade } from '../../src/core/card.ts'
import { progress, summary } from '../../src/core/progress.ts'
import { nextSchedule, type Schedule } from '../../src/core/schedule.ts'
import {
  type Effect,
  type Session,
  type SessionEvent,
  type SessionOptions,
  startSession,
  step,
} from '../../src/core/session.ts'
import type { StudyCard } from '../../src/core/study-card.ts'
import { studyCard } from '../support/study-card.ts'
import { pick, random } from './random.ts'

const start = new Date('2026-05-04T09:00:00Z')
const options: SessionOptions = {
  day_end: new Date('2026-05-05T04:00:00Z'),
  scheduled: true,
  ends_at: null,
  strict: false,
}
const retention = { desired_retention: 0.9 }
const MINUTE = 60_000

const card = (card_id: string, schedule: Schedule | null = null): StudyCard =>
  studyCard({ card_id, schedule })
const known: Schedule = {
  due: start,
  stability: 10,
  difficulty: 5,
  state: 'review',
  learning_steps: 0,
  reps: 4,
  lapses: 0,
  last_review: new Date('2026-04-24T09:00:00Z'),
}

let answers = 0

/** A sitting whose clock moves on by `pace` with every event. */
class Sitting {
  session: Session
  at = start
  effects: Effect[] = []
  pace: number

  constructor(cards: StudyCard[], pace = 1000) {
    this.session = startSession(cards, options, start)
    this.pace = pace
  }

  send(event: SessionEvent): this {
    this.at = new Date(this.at.getTime() + this.pace)
    const [session, effects] = step(this.session, event, this.at)
    this.session = session
    this.effects.push(...effects)
    return this
  }

  answer(...grades: Grade[]): this {
    for (const grade of grades)
      this.send({ type: 'reveal' }).send({ type: 'grade', grade, attempt_id: `${++answers}` })
    return this
  }

  get asked(): string {
    const { showing } = this.session
    return 'card' in showing ? showing.card.card_id : showing.phase
  }
}

test('a known card answered well is done, and its attempt goes out before the end', () => {
  const sitting = new Sitting([card('Paris', known)]).answer('got_it')
  const at = new Date(start.getTime() + 2000)
  expect(sitting.asked).toBe('done')
  expect(sitting.effects).toEqual([
    {
      type: 'attempt',
      attempt_id: expect.any(String),
      card: card('Paris', known),
      user_answer: null,
      confidence_status: 'got_it',
      attempted_at: at,
      duration_ms: 2000,
      schedule: nextSchedule(known, 'got_it', at, retention),
    },
    { type: 'end' },
  ])
})

test('without cards it is done at once', () => {
  expect(startSession([], options, start).showing).toEqual({ phase: 'done', ended_at: start })
})

test('a failed card comes back when it is due, before the rest of the queue', () => {
  const sitting = new Sitting(
    ['a', 'b', 'c', 'd'].map((id) => card(id, known)),
    31_000,
  )
  expect(sitting.asked).toBe('a')
  expect(sitting.answer('again').asked).toBe('b')
  expect(sitting.answer('got_it').asked).toBe('c')
  // A lapse comes back after ten minutes; the answers so far took one each, the next takes twelve.
  sitting.pace = 6 * MINUTE
  expect(sitting.answer('got_it').asked).toBe('a')
  expect(sitting.answer('again').asked).toBe('d')
})

test('when the queue is empty the card due soonest comes ahead of its time', () => {
  const sitting = new Sitting([card('a'), card('b')]).answer('got_it', 'again')
  expect(sitting.asked).toBe('a') // b is due sooner, but was shown just now
  expect(sitting.answer('got_it').asked).toBe('b')
})

test('the last card is shown again at once', () => {
  const sitting = new Sitting([card('a')]).answer('again', 'again')
  expect(sitting.asked).toBe('a')
  expect(sitting.answer('got_it', 'got_it').asked).toBe('done')
})

test('a step that falls due after the end of the study day is left for tomorrow', () => {
  const late = new Date(options.day_end.getTime() - 5 * MINUTE)
  const session = startSession([card('a')], options, late)
  const [revealed] = step(session, { type: 'reveal' }, late)
  const [tenMinutes] = step(revealed, { type: 'grade', grade: 'got_it', attempt_id: 'x' }, late)
  const [oneMinute] = step(revealed, { type: 'grade', grade: 'again', attempt_id: 'x' }, late)
  expect(tenMinutes.showing.phase).toBe('done')
  expect(oneMinute.showing.phase).toBe('question')
})

test.each<[string, SessionEvent[], SessionEvent]>([
  ['a grade on a question', [], { type: 'grade', grade: 'got_it', attempt_id: 'x' }],
  ['revealing twice', [{ type: 'reveal' }], { type: 'reveal' }],
  ['closing help that is not open', [], { type: 'close' }],
  ['help on help', [{ type: 'help' }], { type: 'help' }],
  [
    'a grade on help',
    [{ type: 'reveal' }, { type: 'help' }],
    { type: 'grade', grade: 'again', attempt_id: 'x' },
  ],
  ['quitting twice', [{ type: 'quit' }], { type: 'quit' }],
  ['help at the end', [{ type: 'quit' }], { type: 'help' }],
])('%s changes nothing', (_, before, event) => {
  const { session } = before.reduce((sitting, event) => sitting.send(event), new Sitting([card('a')]))
  const [after, effects] = step(session, event, start)
  expect(after).toBe(session)
  expect(effects).toEqual([])
})

test.each([[[]], [[{ type: 'reveal' }]]] as SessionEvent[][][])(
  'help goes back to where it was opened',
  (before) => {
    const sitting = before.reduce((sitting, event) => sitting.send(event), new Sitting([card('a')]))
    const { showing } = sitting.session
    expect(sitting.send({ type: 'help' }).asked).toBe('help')
    expect(sitting.send({ type: 'close' }).session.showing).toBe(showing)
  },
)

test('quitting keeps the unanswered card among those left, in its place', () => {
  const sitting = new Sitting([card('a'), card('b')])
  sitting.send({ type: 'reveal' }).send({ type: 'help' }).send({ type: 'quit' })
  expect(sitting.effects).toEqual([{ type: 'end' }])
  expect(sitting.session.queue.map(({ card_id }) => card_id)).toEqual(['a', 'b'])
  expect(progress(sitting.session)).toEqual({ total: 2, done: 0, left: 2, returning: 0 })

  const returning = new Sitting([card('a')]).answer('again').send({ type: 'quit' })
  expect(returning.session.waiting.map(({ card }) => card.card_id)).toEqual(['a'])
  expect(progress(returning.session)).toEqual({ total: 1, done: 0, left: 1, returning: 1 })
})

test('progress counts cards that are finished for today, not answers', () => {
  const sitting = new Sitting([card('a', known), card('b', known), card('c', known)])
  expect(progress(sitting.answer('again').session)).toEqual({ total: 3, done: 0, left: 3, returning: 1 })
  expect(progress(sitting.answer('got_it').session)).toEqual({ total: 3, done: 1, left: 2, returning: 1 })
  expect(progress(sitting.answer('got_it').session)).toEqual({ total: 3, done: 2, left: 1, returning: 1 })
  expect(progress(sitting.answer('got_it').session)).toEqual({ total: 3, done: 3, left: 0, returning: 0 })
})

test('the summary counts first tries, grades and time', () => {
  const sitting = new Sitting([card('a', known), card('b', known)]).answer(
    'again',
    'got_it',
    'almost',
    'got_it',
  )
  expect(summary(sitting.session, new Date('2030-01-01'))).toEqual({
    total: 2,
    done: 2,
    left: 0,
    returning: 0,
    cards: 2,
    answers: 4,
    gone: 0,
    set_aside: 0,
    first_try: 1,
    grades: { again: 1, almost: 1, got_it: 2 },
    duration_ms: 8000,
    started_at: start,
    ended_at: new Date(start.getTime() + 8000),
  })
})

test('time at the coffee machine does not count, and time never runs backwards', () => {
  const slow = new Sitting([card('a', known)], 60 * MINUTE).answer('got_it')
  expect(slow.effects[0]).toMatchObject({ duration_ms: MINUTE })
  const back = new Sitting([card('a', known)], -1000).answer('got_it')
  expect(back.effects[0]).toMatchObject({ duration_ms: 0 })
})

test('answers within one millisecond, as on a pipe, still have an order', () => {
  const sitting = new Sitting([card('a')], 0).answer('again', 'almost', 'got_it', 'got_it')
  const times = sitting.effects.flatMap((effect) =>
    effect.type === 'attempt' ? effect.attempted_at.getTime() : [],
  )
  expect(times).toEqual([0, 1, 2, 3].map((ms) => start.getTime() + ms))
})

test('whatever happens, the books balance and the sitting ends', () => {
  for (let seed = 1; seed <= 150; seed++) {
    const next = random(seed)
    const cards = Array.from({ length: Math.floor(next() * 12) }, (_, index) =>
      card(`card ${index}`, next() < 0.5 ? known : null),
    )
    const schedules = new Map(cards.map(({ card_id, schedule }) => [card_id, schedule]))
    let session = startSession(cards, options, start)
    let at = start
    let ended = 0
    const send = (event: SessionEvent) => {
      at = new Date(at.getTime() + Math.floor(next() * 3 * MINUTE))
      const before = progress(session)
      const [after, effects] = step(session, event, at)
      for (const effect of effects) {
        if (effect.type === 'end') ended++
        if (effect.type !== 'attempt') continue
        const { confidence_status, attempted_at, schedule } = effect
        const { card_id } = effect.card
        if (!schedule) throw new Error('no schedule')
        const previous = schedules.get(card_id) ?? null
        expect(schedule).toEqual(nextSchedule(previous, confidence_status, attempted_at, retention))
        schedules.set(card_id, schedule)
      }
      session = after
      const { done, left, returning } = progress(session)
      expect(done + left).toBe(cards.length)
      expect(done).toBeGreaterThanOrEqual(before.done)
      expect(returning).toBeLessThanOrEqual(left)
    }

    for (let count = 0; count < 60; count++) {
      send(
        pick<SessionEvent>(next, [
          { type: 'reveal' },
          { type: 'reveal' },
          { type: 'grade', grade: pick(next, GRADES), attempt_id: 'x' },
          { type: 'grade', grade: pick(next, GRADES), attempt_id: 'x' },
          { type: 'help' },
          { type: 'close' },
        ]),
      )
    }
    if (seed % 3 === 0) send({ type: 'quit' })
    for (let count = 0; session.showing.phase !== 'done' && count < 100; count++) {
      send({ type: 'close' })
      send({ type: 'reveal' })
      send({ type: 'grade', grade: 'got_it', attempt_id: 'x' })
    }
    expect(session.showing.phase).toBe('done')
    expect(ended).toBe(cards.length === 0 ? 0 : 1)
    expect(summary(session, at).answers).toBe(Object.values(session.tally.grades).reduce((sum, n) => sum + n))
  }
})

test('a card that is gone leaves the sitting, and is counted as nothing else', () => {
  const begun = startSession([card('a', known), card('b', known)], options, start)
  const [revealed] = step(begun, { type: 'reveal' }, start)
  const [without, effects] = step(revealed, { type: 'gone' }, start)
  expect(without.notice).toBe('That card has been deleted, or is not shared any more.')
  expect(effects).toEqual([])
  expect(without.showing).toMatchObject({ phase: 'question', card: { card_id: 'b' } })
  expect(summary(without, start)).toMatchObject({ gone: 1, total: 1, cards: 0, answers: 0, left: 1, done: 0 })
  const [, last] = step(without, { type: 'gone' }, start)
  expect(last).toEqual([{ type: 'end' }])
})
