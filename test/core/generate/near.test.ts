import { expect, test } from 'vitest'
import { alike, type CardText, duplicates, trigramsOf } from '../../../src/core/generate/near.ts'
import tuned from '../../fixtures/generate/duplicate-pairs.json' with { type: 'json' }
import heldOut from '../../fixtures/generate/duplicate-pairs-held-out.json' with { type: 'json' }
import heldOutLater from '../../fixtures/generate/duplicate-pairs-held-out-2.json' with { type: 'json' }
import { pick, random } from '../random.ts'

interface Pair {
  duplicate: boolean
  a: CardText
  b: CardText
}

// The rule was made with the first file. The second one was written before the rule and looked at once, when the rule had
// 14 of 20 and 3 false alarms; the third was written before that look, and had 13 of 15 and none, before and after it.
test.each<[string, Pair[], { caught: number; alarms: number }]>([
  ['those that the rule was made with', tuned, { caught: 26, alarms: 1 }],
  ['held out', heldOut, { caught: 14, alarms: 0 }],
  ['held out later', heldOutLater, { caught: 12, alarms: 0 }],
])('pairs of cards: %s', (_, pairs, least) => {
  const isFound = ({ a, b }: Pair) => duplicates([b], [a])[0] !== null
  expect(pairs.filter((pair) => pair.duplicate && isFound(pair)).length).toBeGreaterThanOrEqual(least.caught)
  expect(pairs.filter((pair) => !pair.duplicate && isFound(pair)).length).toBeLessThanOrEqual(least.alarms)
})

const card = (question: string, answer: string): CardText => ({ question, answer })
const gold = card('What is the chemical symbol for gold?', 'Au')
const goldToo = card('What chemical symbol represents gold?', 'Au')
const silver = card('What is the chemical symbol for silver?', 'Ag')

test('the first of several stays, and the later ones point to it', () => {
  expect(duplicates([gold, silver, goldToo, gold], [])).toEqual([
    null,
    null,
    { exact: false, of: { among: 'candidates', index: 0 } },
    { exact: true, of: { among: 'candidates', index: 0 } },
  ])
})

test('a card of the deck comes before another candidate', () => {
  expect(duplicates([gold, goldToo], [silver, gold])).toEqual([
    { exact: true, of: { among: 'existing', index: 1 } },
    { exact: false, of: { among: 'existing', index: 1 } },
  ])
})

test.each([
  ['case and punctuation', card('what is the chemical symbol for  GOLD', 'au.')],
  ['width', card('Ｗｈａｔ is the chemical symbol for gold？', 'Ａｕ')],
])('a card is the same but for %s', (_, other) => {
  expect(duplicates([other], [gold])).toEqual([{ exact: true, of: { among: 'existing', index: 0 } }])
})

test('answers of signs alone are told apart', () => {
  const question = 'Which operator is it?'
  expect(duplicates([card(question, '&&')], [card(question, '||')])).toEqual([null])
  expect(duplicates([card(question, '&&')], [card(question, ' && ')])).toMatchObject([{ exact: true }])
})

test('nothing is compared with nothing', () => {
  expect(duplicates([], [gold])).toEqual([])
  expect(duplicates([gold], [])).toEqual([null])
})

test('among many cards the same ones are found as in pairs, in whatever order they are', () => {
  const next = random(3)
  const cards = [...tuned, ...heldOut, ...heldOutLater].flatMap(({ a, b }) => [a, b])
  const deck = Array.from({ length: 60 }, () => pick(next, [gold, ...cards]))
  const made = Array.from({ length: 60 }, () => pick(next, [gold, ...cards]))
  const found = duplicates(made, deck)
  for (const [at, one] of made.entries()) {
    const inPairs = deck.flatMap((other, index) => (duplicates([one], [other])[0] ? [index] : []))
    const { exact, of } = found[at] ?? {}
    // an exact one comes before a near one
    if (exact && of?.among === 'candidates') expect(made[of.index]).toEqual(one)
    else if (inPairs.length === 0) expect(of?.among).not.toBe('existing')
    else expect(inPairs).toContain(of?.index)
  }
  expect(duplicates(made, deck)).toEqual(found)
})

// the examples of https://www.postgresql.org/docs/current/pgtrgm.html
test('trigrams are those of pg_trgm', () => {
  expect([...trigramsOf('Foo|bar')].sort()).toEqual(['  b', '  f', ' ba', ' fo', 'ar ', 'bar', 'foo', 'oo '])
  expect(alike(trigramsOf('word'), trigramsOf('two words'))).toBeCloseTo(0.363636, 5)
  expect(alike(trigramsOf(''), trigramsOf(''))).toBe(0)
})
