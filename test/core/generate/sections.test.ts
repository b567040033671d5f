import { expect, test } from 'vitest'
import type { SourceText } from '../../../src/core/generate/job.ts'
import { planQuotas, sectionsOf } from '../../../src/core/generate/sections.ts'
import { estimateTokens } from '../../../src/core/generate/tokens.ts'
import { pick, random } from '../random.ts'

const SENTENCES = [
  'The mitochondrion makes most of the energy of a cell.',
  'Wer das Buch liest, dem fällt auf, wie oft der Autor von Freiheit spricht.',
  '光合成は植物が光を化学エネルギーに変える反応である。',
  'يقع القلب في وسط الصدر ويضخ الدم إلى الجسم كله.',
  'Это предложение короткое.',
  'In 1710 Parliament passed the Statute of Anne, e.g. for books. 😀😀😀',
] as const

const sentences = (next: () => number, count: number, between = ' ') =>
  Array.from({ length: count }, () => pick(next, SENTENCES)).join(between)

const plain = (text: string | undefined, title: string | null = null): SourceText => ({
  title,
  pages: [{ page: null, text: text ?? '' }],
  page_count: null,
  notes: [],
})

const paged = (...texts: string[]): SourceText => ({
  title: null,
  pages: texts.map((text, index) => ({ page: index + 1, text })),
  page_count: texts.length,
  notes: [],
})

const long = (count: number) => sentences(random(count), count)
const texts = (source: SourceText, options?: { target: number; limit: number }) =>
  sectionsOf(source, options).map(({ text }) => text)

/** A document with anything in it but tables, whose heads are repeated. */
function anyDocument(next: () => number): SourceText {
  const piece = (): string =>
    pick<() => string>(next, [
      () => `# ${pick(next, SENTENCES)}\n\n`,
      () => `${sentences(next, 1 + Math.floor(next() * 30))}\n\n`,
      () => `${sentences(next, 1 + Math.floor(next() * 12), '\n')}\n`,
      () => `${'😀'.repeat(Math.floor(next() * 900))}\n`,
      () => 'x'.repeat(Math.floor(next() * 3000)),
      () => '\n\n\n  indented\n',
      () => 'CHAPTER TWO: Heads\n',
      () => '```\n# no heading\n\ncode();\n```\n',
    ])()
  const page = () => Array.from({ length: Math.floor(next() * 8) }, piece).join('')
  const pages = Array.from({ length: 1 + Math.floor(next() * 6) }, page)
  return next() < 0.3 ? plain(pages.join('')) : paged(...pages)
}

const withoutSpace = (text: string) => text.replace(/\s/g, '')

test.each(Array.from({ length: 60 }, (_, seed) => seed))(
  'every character is in exactly one section, in order, and no section is too large (%i)',
  (seed) => {
    const next = random(seed)
    const source = anyDocument(next)
    const limit = pick(next, [40, 200, 700, 2000])
    const options = { target: Math.floor(limit * pick(next, [0.5, 0.75, 1])), limit }
    const sections = sectionsOf(source, options)
    const read = sections.map(({ text, page_from }) =>
      page_from === null ? text : text.replace(/^\[page \d+\]$/gm, ''),
    )
    expect(withoutSpace(read.join(''))).toBe(withoutSpace(source.pages.map(({ text }) => text).join('')))
    for (const { text, tokens, quota } of sections) {
      expect(tokens).toBe(estimateTokens(text))
      expect(tokens).toBeLessThanOrEqual(limit)
      expect(text.isWellFormed()).toBe(true)
      expect(text.trim()).not.toBe('')
      expect(quota).toBe(0)
    }
    expect(sectionsOf(source, options)).toEqual(sections)
  },
)

test('the text of a page stands below its mark, and a page that goes on has one in the next section too', () => {
  const sections = sectionsOf(paged('First.', long(60), 'Last.'), { target: 700, limit: 900 })
  expect(sections.length).toBeGreaterThan(1)
  expect(sections[0]?.text).toMatch(/^\[page 1\]\nFirst\.\n\[page 2\]\n/)
  expect(sections[0]).toMatchObject({ page_from: 1, page_to: 2 })
  expect(sections[1]?.text).toMatch(/^\[page 2\]\n/)
  expect(sections.at(-1)).toMatchObject({ page_from: 2, page_to: 3 })
})

test('a source without pages has no marks', () => {
  expect(sectionsOf(plain('One.\n\nTwo.'))).toEqual([
    { heading: null, page_from: null, page_to: null, text: 'One.\n\nTwo.', tokens: 4, quota: 0 },
  ])
})

test.each(['', ' \n\n ', '\n'])('nothing is made of %j', (text) => {
  expect(sectionsOf(plain(text))).toEqual([])
  expect(sectionsOf(paged(text, text))).toEqual([])
})

test('a section that is full enough ends before a heading, and one that is not goes on', () => {
  const half = long(16)
  const most = long(40)
  expect(texts(plain(`${half}\n\n# Two\n\nMore.`), { target: 1000, limit: 1200 })).toHaveLength(1)
  const [first, second] = texts(plain(`${most}\n\n# Two\n\n${half}`), { target: 1000, limit: 1200 })
  expect(first?.endsWith(most.trimEnd())).toBe(true)
  expect(second).toMatch(/^# Two\n/)
})

test('a heading is never the last of a section', () => {
  const table = Array.from({ length: 200 }, (_, row) => `Element ${row}\t${row}`).join('\n')
  const text = `${long(18)}\n\n# Two\n\n## Three\n\n${table}`
  const [first, second] = sectionsOf(plain(text), { target: 1100, limit: 1200 })
  expect(first?.text).not.toContain('#')
  expect(second?.text).toMatch(/^# Two\n\n## Three\n/)
  expect(second?.heading).toBe('Three')
})

test.each([
  ['# One\n\nText of it.', 'One'],
  ['## **One** and two ##\n\nText of it.', 'One and two'],
  ['One\n===\n\nText of it.', 'One'],
  ['One\n---\nText of it.', 'One'],
  ['CHAPTER ONE: Creators\nText of it.', 'CHAPTER ONE: Creators'],
  ['Kapitel 3\nText of it.', 'Kapitel 3'],
  ['Глава 2. Начало\nТекст.', 'Глава 2. Начало'],
  ['第三章 光合成\n植物は。', '第三章 光合成'],
  ['2.3 Light\tand dark\nText of it.', '2.3 Light and dark'],
  ['REGISTRATION AND RENEWAL\nText of it.', 'REGISTRATION AND RENEWAL'],
  ['Section 512 of the act says so.\nText of it.', null],
  ['Chapter 3 we have read before\nText of it.', null],
  ['1. Water\n2. Milk', null],
  ['```\n# a comment\n```', null],
  ['#hashtag and more', null],
  ['NATO\tUN\n1949\t1945', null],
  ['The USA.', null],
])('the heading of %j is %j', (text, heading) => {
  expect(sectionsOf(plain(text))[0]?.heading).toBe(heading)
})

test('a section that begins below its heading has the last heading above', () => {
  const sections = sectionsOf(paged(`# One\n\n${long(40)}\n\n## Deep\n\n${long(20)}`, long(60)), {
    target: 700,
    limit: 900,
  })
  expect(sections.at(0)?.heading).toBe('One')
  expect(sections.at(-1)?.heading).toBe('Deep')
})

test('a table that fits into a section is not cut', () => {
  const rows = Array.from({ length: 60 }, (_, row) => `Element ${row}\t${row}`).join('\n')
  const all = texts(plain(`${long(18)}\n\n${rows}\n\n${long(18)}`), { target: 500, limit: 700 })
  expect(all.length).toBeGreaterThan(1)
  expect(all.filter((text) => text.includes(rows))).toHaveLength(1)
})

test.each([
  ['tabs', ['Element\tNumber'], (row: number) => `Element ${row}\t${row}`],
  ['bars', ['| Element | Number |', '|---|---|'], (row: number) => `| Element ${row} | ${row} |`],
])('the head of a table that is cut stands above each part (%s)', (_, head, rowOf) => {
  const rows = Array.from({ length: 400 }, (_, row) => rowOf(row))
  const all = texts(plain(`Before.\n\n${[...head, ...rows].join('\n')}\n\nAfter.`), {
    target: 400,
    limit: 500,
  })
  expect(all.length).toBeGreaterThan(4)
  for (const text of all) expect(text).toContain(head.join('\n'))
  const lines = all.flatMap((text) => text.split('\n'))
  expect(lines.filter((line) => rows.includes(line))).toEqual(rows)
})

test('a row that is longer than a section is cut, and the head of its table still stands above what follows', () => {
  const text = `Name\tWhat it is\nA\t${long(60)}\nB\tshort\nC\tshort`
  const sections = sectionsOf(plain(text), { target: 300, limit: 400 })
  expect(Math.max(...sections.map(({ tokens }) => tokens))).toBeLessThanOrEqual(400)
  expect(sections.at(-1)?.text).toMatch(/Name\tWhat it is\nB\tshort\nC\tshort$/)
})

test.each([
  ['English', 'It is said that this is so, whatever may come. '],
  ['hard-wrapped lines', 'It is said that this\nis so, whatever\nmay come.\n'],
  ['Japanese', '光合成は植物が光を化学エネルギーに変える反応である。'],
  ['Arabic', 'يقع القلب في وسط الصدر ويضخ الدم إلى الجسم كله. '],
])('a paragraph that is too long is cut between sentences (%s)', (_, sentence) => {
  const all = texts(plain(sentence.repeat(200)), { target: 300, limit: 400 })
  expect(all.length).toBeGreaterThan(3)
  for (const text of all) expect(text).toMatch(/[.。]$/)
})

test('a line of millions of characters takes time in proportion to its length', () => {
  const sections = sectionsOf({
    title: null,
    pages: [{ page: null, text: 'a'.repeat(6_000_000) }],
    page_count: null,
    notes: [],
  })
  expect(sections.length).toBeGreaterThan(900)
})

test('a sentence that is too long is cut between words', () => {
  const all = texts(plain('word '.repeat(2000)), { target: 300, limit: 400 })
  for (const text of all) expect(text).toMatch(/^(word )*word$/)
})

test('where a page ends within a sentence, the section has the end of it', () => {
  const paragraphs = Array.from({ length: 20 }, (_, seed) => sentences(random(seed), 4)).join('\n\n')
  const before = paragraphs.slice(0, 2000)
  const [first, second] = sectionsOf(paged(`${before} The heart pumps`, `blood. ${paragraphs}`), {
    target: estimateTokens(before) + 30,
    limit: 1500,
  })
  expect(first?.text).toMatch(/The heart pumps\n\[page 2\]\nblood\.$/)
  expect(second?.text).toMatch(/^\[page 2\]\n\S/)
})

test('what is left at the end goes with the section before it', () => {
  const sections = sectionsOf(plain(`${long(44)}\n\nThe end.`), { target: 1000, limit: 1200 })
  expect(sections.at(-1)?.text).toMatch(/\S\n\nThe end\.$/)
  expect(sections.every(({ tokens }) => tokens > 200)).toBe(true)
})

const book = sectionsOf(paged(...Array.from({ length: 60 }, (_, page) => sentences(random(page), 40))))
const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0)
const quotas = (count: Parameters<typeof planQuotas>[1], sections = book) =>
  planQuotas(sections, count).map(({ quota }) => quota)

test('all: a card for about 150 tokens', () => {
  const tokens = sum(book.map((section) => section.tokens))
  expect(sum(quotas('all'))).toBeGreaterThan((0.9 * tokens) / 150)
  expect(sum(quotas('all'))).toBeLessThan((1.1 * tokens) / 150)
  expect(Math.min(...quotas('all'))).toBeGreaterThan(0)
  expect(quotas(undefined)).toEqual(quotas('all'))
})

test('auto: all of a short text, and 50 of a long one', () => {
  expect(sum(quotas('auto'))).toBe(50)
  const short = sectionsOf(plain(long(60)))
  expect(quotas('auto', short)).toEqual(quotas('all', short))
  expect(quotas('auto', sectionsOf(plain('Ice floats.')))).toEqual([1])
})

test.each([1, 2, 7, 30, 49, 50, 51, 333])('%i cards are wanted, and so many are asked for', (count) => {
  expect(sum(quotas(count))).toBe(count)
})

test.each([3, 8, 20])('%i cards are spread over the whole text', (count) => {
  const thirds = [0, 1, 2].map((third) =>
    sum(quotas(count).slice((third * book.length) / 3, ((third + 1) * book.length) / 3)),
  )
  expect(Math.max(...thirds) - Math.min(...thirds)).toBeLessThanOrEqual(1)
})

test('no more are asked for than a text has sentences', () => {
  const short = sectionsOf(plain('Ice floats. It is less dense than water.'))
  expect(sum(quotas(1000, short))).toBe(1)
  expect(sum(quotas(0, short))).toBe(0)
})

test('nothing but the quota changes', () => {
  expect(planQuotas(book, 5).map((section) => ({ ...section, quota: 0 }))).toEqual(book)
})
