import { describe, expect, test } from 'vitest'
import {
  type Candidate,
  countDecisions,
  type Review,
  type ReviewEffect,
  type ReviewEvent,
  shownItem,
  startReview,
  step,
} from '../../../src/core/generate/review.ts'
import { candidate } from '../../support/candidate.ts'
import { pick, random } from '../random.ts'

const a = candidate({ candidate_id: 'a', position: 0 })
const b = candidate({ candidate_id: 'b', position: 1, grounding: 'unverified', page: null })
const c = candidate({ candidate_id: 'c', position: 2, flags: ['long', 'list'] })
const d = candidate({ candidate_id: 'd', section: 1, position: 0 })
const four = [a, b, c, d]

const accept: ReviewEvent = { type: 'accept' }
const take: ReviewEvent = { type: 'take' }
const reject: ReviewEvent = { type: 'reject' }
const all: ReviewEvent = { type: 'accept_all' }
const yes: ReviewEvent = { type: 'yes' }
const undo: ReviewEvent = { type: 'undo' }
const close: ReviewEvent = { type: 'close' }
const submit: ReviewEvent = { type: 'submit' }
const next: ReviewEvent = { type: 'move', by: 1 }
const back: ReviewEvent = { type: 'move', by: -1 }
const regenerate: ReviewEvent = { type: 'regenerate' }
const typed = (text: string): ReviewEvent => ({ type: 'type', text })
const better = { ...a, question: 'better?', answer: 'better!' }
const renewed: ReviewEvent = { type: 'regenerated', result: better }
const written: ReviewEvent = { type: 'edited', text: { question: 'mine?', answer: 'mine!' } }

/** The review of these candidates after these events, with all effects. */
function played(candidates: Candidate[], ...events: ReviewEvent[]) {
  let review = startReview(candidates)
  const effects: ReviewEffect[] = []
  for (const event of events) {
    const [next, more] = step(review, event)
    review = next
    effects.push(...more)
  }
  return { review, effects }
}

const shown = ({ showing, ...review }: Review) =>
  shownItem({ showing, ...review })?.candidate.candidate_id ?? showing.phase
const decisions = ({ items }: Review) => items.map(({ decision }) => decision)

test('it begins with the first of the source, whatever the order in which they came', () => {
  const review = startReview([d, c, b, a])
  expect(review.items.map(({ candidate }) => candidate.candidate_id)).toEqual(['a', 'b', 'c', 'd'])
  expect(shown(review)).toBe('a')
  expect(review.notice).toBe('2 of 4 are verified and have no flags: v accepts them all.')
  expect(startReview([]).showing).toEqual({ phase: 'end' })
})

test('a decision goes out and shows the next; the last one shows the end', () => {
  const { review, effects } = played(four, accept, reject, accept)
  expect(shown(review)).toBe('d')
  expect(effects).toEqual([
    { type: 'accept', candidates: [a] },
    { type: 'reject', candidates: [b] },
    { type: 'accept', candidates: [c] },
  ])
  const [end] = step(review, reject)
  expect(end.showing.phase).toBe('end')
  expect(countDecisions(end)).toEqual({ proposed: 0, accepted: 2, rejected: 2, elsewhere: 0 })
})

test('what was passed over comes when the rest is decided', () => {
  const { review } = played(four, next, next, reject, accept)
  expect(shown(review)).toBe('a')
  expect(review.notice).toBe('Back at the first that waits.')
})

test('moving decides nothing, and stops at both ends', () => {
  const { review, effects } = played(four, next, next, next, next)
  expect([shown(review), review.notice]).toEqual(['d', 'It is the last one.'])
  const first = played(four, back).review
  expect([shown(first), first.notice]).toEqual(['a', 'It is the first one.'])
  expect(effects).toEqual([])
})

test.each([
  ['verified and unflagged', a, 'accept'],
  ['unverified', b, null],
  ['flagged', c, null],
  ['close', candidate({ candidate_id: 'e', grounding: 'close' }), null],
])('Enter on a candidate that is %s', (_, given, type) => {
  const { review, effects } = played([given, d], take)
  expect(effects.map((effect) => effect.type)).toEqual(type ? [type] : [])
  if (!type) expect(review.notice).toMatch(/^It (is \w+|has \d flags): Enter does not accept it, y does\.$/)
})

test('what the person has written themselves is preselected, whatever its quote', () => {
  const { effects } = played([b], written, take)
  expect(effects).toEqual([{ type: 'accept', candidates: [{ ...b, question: 'mine?', answer: 'mine!' }] }])
})

test.each([
  ['empty', { answer: ' \n' }, 'The answer is empty.'],
  ['too long', { question: 'x'.repeat(100_001) }, 'The question is longer than 100,000 characters.'],
])('what no card can be is not accepted: %s', (_, text, problem) => {
  const { review, effects } = played([{ ...a, ...text }, d], accept)
  expect(effects).toEqual([])
  expect(review.notice).toBe(`${problem} Edit it first (e).`)
  expect(played([{ ...a, ...text }, d], all, yes).effects).toEqual([{ type: 'accept', candidates: [d] }])
})

describe('accepting all that is verified', () => {
  test('asks with how many, and takes those alone', () => {
    const { review } = played(four, all)
    expect(review.showing).toEqual({ phase: 'confirm', candidates: [a, d] })
    const [done, effects] = step(review, yes)
    expect(effects).toEqual([{ type: 'accept', candidates: [a, d] }])
    expect(decisions(done)).toEqual(['accepted', 'proposed', 'proposed', 'accepted'])
    expect([shown(done), done.notice]).toEqual(['b', 'Accepted 2.'])
    const [undone, taken] = step(done, undo)
    expect(decisions(undone)).toEqual(['proposed', 'proposed', 'proposed', 'proposed'])
    expect(taken).toEqual([{ type: 'propose', candidates: [a, d], was: 'accepted' }])
    expect(undone.notice).toBe('Took back the last acceptance of 2.')
  })

  test('can be left, and leaves alone what was rejected', () => {
    expect(played(four, all, close).effects).toEqual([])
    const { effects } = played(four, reject, all, yes)
    expect(effects.at(-1)).toEqual({ type: 'accept', candidates: [d] })
  })

  test('says when there is none', () => {
    const { review } = played([b, c], all)
    expect(review.showing.phase).toBe('candidate')
    expect(review.notice).toBe('None of those that wait is verified and without flags.')
  })

  test('when it was all there was, the end comes, from where it can be undone', () => {
    const { review } = played([a, d], all, yes)
    expect(review.showing.phase).toBe('end')
    expect(shown(step(review, undo)[0])).toBe('a')
  })
})

test('a decision can be turned round where it stands, and undone', () => {
  const { review, effects } = played([a, b], accept, back, reject)
  expect(effects).toEqual([
    { type: 'accept', candidates: [a] },
    { type: 'propose', candidates: [a], was: 'accepted' },
    { type: 'reject', candidates: [a] },
  ])
  expect(step(review, undo)[1]).toEqual([
    { type: 'propose', candidates: [a], was: 'rejected' },
    { type: 'accept', candidates: [a] },
  ])
})

describe('regenerating', () => {
  test('a remark is typed and goes out; what comes back takes its place, and can be undone', () => {
    const { review, effects } = played(four, regenerate, typed('sho'), typed('rter '), submit)
    expect(review.showing).toEqual({ phase: 'asking', text: 'shorter' })
    expect(effects).toEqual([{ type: 'regenerate', candidate: a, remark: 'shorter' }])
    const [fresh, stored] = step(review, renewed)
    expect(shownItem(fresh)?.candidate).toEqual(better)
    expect(stored).toEqual([{ type: 'replace', candidate: better }])
    const [undone, restored] = step(fresh, undo)
    expect(restored).toEqual([{ type: 'replace', candidate: a }])
    expect(shownItem(undone)?.candidate).toEqual(a)
  })

  test.each<[string, ReviewEvent, string]>([
    ['fails', { type: 'failed', text: 'No answer.' }, 'No answer.'],
    ['is called off', { type: 'called_off' }, 'Called off: it stays as it was.'],
  ])('when it %s nothing has changed, and the remark is still there', (_, event, notice) => {
    const { review } = played(four, regenerate, typed('shorter'), submit, event)
    expect(review).toMatchObject({ showing: { phase: 'candidate' }, notice, past: null })
    expect(step(review, regenerate)[0].showing).toEqual({ phase: 'remark', text: 'shorter' })
  })

  test('Escape goes back and keeps what was typed; another candidate begins with nothing', () => {
    const { review } = played(four, regenerate, typed('shorter'), close)
    expect(review.showing.phase).toBe('candidate')
    expect(step(review, regenerate)[0].showing).toEqual({ phase: 'remark', text: 'shorter' })
    expect(step(step(review, next)[0], regenerate)[0].showing).toEqual({ phase: 'remark', text: '' })
  })

  test('what is decided is not asked for again', () => {
    const { review } = played([a, b], accept, back, regenerate)
    expect(review.showing.phase).toBe('candidate')
    expect(review.notice).toBe('It is decided. u takes the last decision back.')
  })
})

describe('somebody else at the same job', () => {
  test('a decision that came late is not ours, and nothing of it is undone', () => {
    const { review } = played(four, accept, {
      type: 'refused',
      refusals: [{ candidate_id: 'a', why: 'elsewhere' }],
    })
    expect(decisions(review)).toEqual(['elsewhere', 'proposed', 'proposed', 'proposed'])
    expect([shown(review), review.notice]).toEqual(['b', 'It was decided elsewhere.'])
    expect(step(review, undo)).toMatchObject([{ notice: 'There is nothing to undo in this sitting.' }, []])
    const there = step(review, back)[0]
    expect(step(there, reject)).toMatchObject([{ notice: 'It was decided elsewhere.' }, []])
  })

  test('a question that the deck has already stays on the screen', () => {
    const { review } = played(four, accept, {
      type: 'refused',
      refusals: [{ candidate_id: 'a', why: 'same' }],
    })
    expect([shown(review), decisions(review)[0]]).toEqual(['a', 'proposed'])
    expect(review.notice).toBe('The deck has this question already: edit it (e), or reject it (n).')
  })

  test('of many those that were refused are not ours', () => {
    const refused: ReviewEvent = { type: 'refused', refusals: [{ candidate_id: 'd', why: 'elsewhere' }] }
    const { review } = played(four, all, yes, refused)
    expect(step(review, undo)[1]).toEqual([{ type: 'propose', candidates: [a], was: 'accepted' }])
  })

  test('all that waits by now: gone, changed, taken back and new', () => {
    const e = candidate({ candidate_id: 'e', section: 0, position: 9 })
    const changed = { ...c, answer: 'changed' }
    const refreshed: ReviewEvent = { type: 'refreshed', candidates: [a, changed, e] }
    const { review } = played(four, accept, refreshed)
    expect(review.items.map(({ candidate: { candidate_id }, decision }) => [candidate_id, decision])).toEqual(
      [
        ['a', 'proposed'],
        ['b', 'elsewhere'],
        ['c', 'proposed'],
        ['e', 'proposed'],
        ['d', 'elsewhere'],
      ],
    )
    expect(shownItem(review)?.candidate).toEqual(changed)
    expect(review.notice).toBe('2 candidates decided elsewhere. 1 more candidate came in.')
  })

  test('whoever goes back to one that was decided elsewhere stays there', () => {
    const { review } = played(four, next, { type: 'refreshed', candidates: [a, c, d], moved: true })
    expect([shown(review), review.notice]).toEqual(['b', '1 candidate decided elsewhere.'])
    expect(step(review, reject)).toMatchObject([{ notice: 'It was decided elsewhere.' }, []])
    expect(shown(played(four, next, { type: 'refreshed', candidates: [a, c, d] }).review)).toBe('c')
  })

  test('more that comes in ends the end', () => {
    const { review } = played([a], accept, { type: 'refreshed', candidates: [d] })
    expect([shown(review), review.notice]).toEqual(['d', '1 more candidate came in.'])
  })
})

test.each<[string, ReviewEvent[], ReviewEvent]>([
  ['a yes that nobody asked for', [], yes],
  ['typing without a remark', [], typed('x')],
  ['a decision on the help', [{ type: 'help' }], accept],
  ['a decision while the model is asked', [regenerate, submit], accept],
  ['undo while the model is asked', [regenerate, submit], undo],
  ['an answer of the model that nobody waits for', [], renewed],
  ['closing what is not open', [], close],
  ['anything after it was left', [{ type: 'quit' }], undo],
])('%s leaves the review as it is', (_, events, event) => {
  const { review } = played(four, ...events)
  const read = { ...review, notice: null }
  expect(step(read, event)[0]).toBe(read)
  expect(step(read, event)[1]).toEqual([])
})

/** What rows would be, if every effect were carried out. */
class Rows {
  decisions = new Map<string, string>()
  texts = new Map<string, string>()

  constructor(candidates: Candidate[]) {
    for (const { candidate_id, question } of candidates) {
      this.decisions.set(candidate_id, 'proposed')
      this.texts.set(candidate_id, question)
    }
  }

  carryOut(effect: ReviewEffect): void {
    if (effect.type === 'regenerate' || effect.type === 'source') return
    if (effect.type === 'replace') {
      expect(this.decisions.get(effect.candidate.candidate_id)).toBe('proposed')
      this.texts.set(effect.candidate.candidate_id, effect.candidate.question)
      return
    }
    const { from, to } = {
      accept: { from: 'proposed', to: 'accepted' },
      reject: { from: 'proposed', to: 'rejected' },
      propose: { from: effect.type === 'propose' ? effect.was : '', to: 'proposed' },
    }[effect.type]
    for (const { candidate_id } of effect.candidates) {
      expect(this.decisions.get(candidate_id)).toBe(from)
      this.decisions.set(candidate_id, to)
    }
  }
}

test('whatever is pressed, rows are what the review says, and undo leads back to the beginning', () => {
  const grounding = ['verified', 'verified', 'close', 'unverified'] as const
  for (let seed = 1; seed <= 300; seed++) {
    const chance = random(seed)
    const given = Array.from({ length: 1 + Math.floor(chance() * 8) }, (_, position) =>
      candidate({
        candidate_id: `${position}`,
        position,
        grounding: pick(chance, grounding),
        flags: chance() < 0.3 ? ['vague'] : [],
      }),
    )
    const rows = new Rows(given)
    const begun = startReview(given)
    let review = begun
    const send = (event: ReviewEvent) => {
      const [next, effects] = step(review, event)
      if (event.type === 'edited' && next !== review) {
        const item = shownItem(next)
        if (item?.decision === 'proposed' && item.edited) rows.texts.set(item.candidate.candidate_id, 'mine?')
      }
      for (const effect of effects) rows.carryOut(effect)
      review = next
    }
    const events: [ReviewEvent, ...ReviewEvent[]] = [
      ...([accept, accept, take, reject, all, yes, undo, next, back, regenerate, submit] as const),
      ...([written, renewed, close, { type: 'called_off' }, { type: 'help' }, { type: 'source' }] as const),
    ]
    const check = () => {
      for (const { candidate, decision } of review.items) {
        expect(rows.decisions.get(candidate.candidate_id)).toBe(decision)
        expect(rows.texts.get(candidate.candidate_id)).toBe(candidate.question)
      }
    }
    for (let steps = 0; steps < 60; steps++) {
      send(pick(chance, events))
      check()
    }
    if (review.showing.phase === 'asking') send({ type: 'called_off' })
    if (review.showing.phase !== 'candidate' && review.showing.phase !== 'end') send(close)
    while (review.past) send(undo)
    check()
    expect(review.items).toEqual(begun.items)
  }
})
