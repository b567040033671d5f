import { describe, expect, test } from 'vitest'
import type { Proposal } from '../../../src/core/generate/candidate.ts'
import { parseReply } from '../../../src/core/generate/reply.ts'
import { pick, random } from '../random.ts'

const card = (n: number): Proposal => ({
  quote: `The ${n}th fact, with {braces}, "marks" and \\ in it.`,
  page: n,
  question: `What is fact ${n} of "the list"?`,
  answer: `It is ${n}, [sic]`,
})
const greek = (n: number): Proposal => ({
  quote: `Τὸ ${n} 日本の首都は東京である。😀`,
  page: n,
  question: `¿Qué número es el ${n}? ünïcödé 東京 🎌`,
  answer: `№ ${n} – «да» 👩‍🔬`,
})
const ten = (make: (n: number) => Proposal) => Array.from({ length: 10 }, (_, index) => make(index + 1))
const json = (cards: unknown[]) => JSON.stringify({ cards })
const CARD = { quote: 'q', page: 1, question: 'Why?', answer: 'So' }

describe.each([
  ['ASCII', ten(card), JSON.stringify],
  ['other scripts', ten(greek), JSON.stringify],
  ['laid out', ten(card), (value: unknown) => JSON.stringify(value, null, 2)],
])('a reply of ten cards, %s', (_, cards, write) => {
  test.each([
    ['an object', (text: string) => text, write({ cards })],
    ['a list', (text: string) => text, write(cards)],
    ['in a fence', (text: string) => `\`\`\`json\n${text}`, write({ cards })],
    [
      'after thoughts',
      (text: string) => `<think>{"question":"?"} <source></think>\n${text}`,
      write({ cards }),
    ],
  ])('cut at any byte, %s, gives the cards that are whole, and no others', (_, around, text) => {
    const bytes = Buffer.from(text)
    // a card is whole with its closing brace
    const ends: number[] = []
    let depth = 0
    let inString = false
    const inside = text.startsWith('[') ? 1 : 2
    for (let at = 0; at < bytes.length; at++) {
      const char = String.fromCharCode(bytes[at] ?? 0)
      if (inString && char === '\\') at++
      else if (char === '"') inString = !inString
      else if (!inString && char === '{') depth++
      else if (!inString && char === '}' && depth-- === inside) ends.push(at + 1)
    }
    expect(ends).toHaveLength(10)
    const wrong: number[] = []
    for (let at = 0; at <= bytes.length; at++) {
      const reply = parseReply(around(bytes.subarray(0, at).toString('utf8')))
      const whole = ends.filter((end) => end <= at).length
      const same = JSON.stringify(reply.proposals) === JSON.stringify(cards.slice(0, whole))
      if (!same || reply.complete !== (at === bytes.length)) wrong.push(at)
    }
    expect(wrong).toEqual([])
  })
})

test.each<[string, string, number, boolean]>([
  ['nothing worth a card', '{"cards":[]}', 0, true],
  ['an empty list', '[]', 0, true],
  ['an empty list in a fence', '```json\n{"cards": []}\n```', 0, true],
  ['one card alone', JSON.stringify(CARD), 1, true],
  ['a card a line', `${JSON.stringify(CARD)}\n${JSON.stringify(CARD)}`, 2, true],
  ['another name for the list', JSON.stringify({ flashcards: [CARD] }), 1, true],
  ['a list beside another', JSON.stringify({ notes: [1], cards: [CARD] }), 1, true],
  ['deeper inside', JSON.stringify({ result: { cards: [CARD] } }), 1, true],
  ['words before and after', `Sure! Here {you} go:\n${json([CARD])}\nAnything else?`, 1, true],
  ['a raw line break in a string', '{"cards":[{"question":"Why\nso?","answer":"So"}]}', 1, true],
  ['formulas', String.raw`{"cards":[{"question":"What is \alpha?","answer":"\sqrt{2}"}]}`, 1, true],
  ['a comma too many', '{"cards":[{"question":"Why?","answer":"So"},]}', 1, false],
  ['no end', '{"cards":[{"question":"Why?","answer":"So"}', 1, false],
  [
    'a mark that is not escaped',
    '{"cards":[{"question":"What is 5" wide?","answer":"It"},{"question":"Why?","answer":"So"}]}',
    1,
    false,
  ],
  ['words', 'I would rather not.', 0, false],
  ['nothing', '', 0, false],
  ['an empty object', '{}', 0, false],
  ['other fields', '{"cards":[{"front":"Why?","back":"So"}]}', 0, false],
  ['no list', '{"cards":"Why?"}', 0, false],
  ['a number', '7', 0, false],
  ['null', 'null', 0, false],
  ['an object of another kind', '{"error":"no"}', 0, false],
])('%s', (_, text, count, complete) => {
  const reply = parseReply(text)
  expect([reply.proposals.length, reply.complete, reply.onlyThoughts]).toEqual([count, complete, false])
})

test('formulas keep their backslashes', () => {
  const [card] = parseReply(
    String.raw`{"cards":[{"question":"\alpha \beta \frac{1}{2} \\gamma \"x\"","answer":"\u00e9 \underline{x}"}]}`,
  ).proposals
  expect(card).toMatchObject({
    question: String.raw`\alpha \beta \frac{1}{2} \gamma "x"`,
    answer: String.raw`é \underline{x}`,
  })
})

test.each([
  ['thoughts before it', `<think>Let me see {"question":"a","answer":"b"}</think>${json([CARD])}`, 1, false],
  ['thoughts in capitals', `<Thinking>Hm</Thinking>${json([CARD])}`, 1, false],
  [
    'the end of thoughts alone',
    `Let me see: {"question":"a","answer":"b"}.\n</think>\n\n${json([CARD])}`,
    1,
    false,
  ],
  ['thoughts without an end', '<think>Perhaps {"question":"a","answer":"b"}', 0, true],
  ['thoughts and nothing else', '<think>Hm.</think>\n', 0, true],
])('%s', (_, text, count, onlyThoughts) => {
  expect(parseReply(text)).toMatchObject({ proposals: { length: count }, onlyThoughts })
})

test('a card about thoughts is a card', () => {
  const cards = [CARD, { ...CARD, answer: '<think> and </think>' }, { ...CARD, answer: '</think>' }]
  expect(parseReply(json(cards))).toEqual({ proposals: cards, complete: true, onlyThoughts: false })
})

describe('no field is trusted', () => {
  test.each([
    ['a question of another type', { ...CARD, question: 7 }],
    ['no question', { quote: 'q', page: 1, answer: 'So' }],
    ['an answer of another type', { ...CARD, answer: ['So'] }],
    ['an answer that is null', { ...CARD, answer: null }],
    ['text', 'Why?'],
    ['a list', [CARD]],
    ['null', null],
  ])('%s is no card, and the others are', (_, wrong) => {
    expect(parseReply(json([CARD, wrong, CARD])).proposals).toEqual([CARD, CARD])
  })

  test.each([
    [3, 3],
    ['12', 12],
    ['p. 12', 12],
    ['pages 3–4', 3],
    [2.7, 2],
    [null, 0],
    ['none', 0],
    [-1, 0],
    [1e12, 0],
    [{}, 0],
    [undefined, 0],
  ])('the page %j is %d', (page, expected) => {
    expect(parseReply(json([{ ...CARD, page }])).proposals).toEqual([{ ...CARD, page: expected }])
  })

  test('a missing quote is an empty one', () => {
    const { quote: _, ...rest } = CARD
    expect(parseReply(json([rest, { ...CARD, quote: null }])).proposals.map(({ quote }) => quote)).toEqual([
      '',
      '',
    ])
  })

  test('control characters go, lone surrogates too, and what is too long is cut', () => {
    const [made] = parseReply(
      json([{ ...CARD, question: '\0W\x1bh\x9by\n\tnot\r\n? \ud83d', answer: '😀'.repeat(2000) }]),
    ).proposals
    expect(made?.question).toBe('Why\n\tnot\n? \ufffd')
    expect(made?.answer.length).toBeLessThanOrEqual(2000)
    expect(made?.answer.isWellFormed()).toBe(true)
  })
})

test('whatever comes, it is read without an error and in no time', () => {
  const next = random(7)
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    '"',
    '\\',
    ',',
    ':',
    '{"question":',
    '"a"',
    '<think>',
    '</think>',
    ' ',
    '\n',
    'é',
  ] as const
  for (let round = 0; round < 300; round++) {
    const text = Array.from({ length: 200 }, () => pick(next, pieces)).join('')
    expect(Array.isArray(parseReply(text).proposals)).toBe(true)
  }
  for (const text of [
    '{"a":'.repeat(100_000),
    '[{'.repeat(100_000),
    '{"question":"'.repeat(50_000),
    '<think></think>'.repeat(50_000),
    `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
  ])
    expect(parseReply(text).proposals).toEqual([])
})
