import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { FileCard, ReadOptions } from '../../src/formats/format.ts'
import { formats } from '../../src/formats/registry.ts'
import { chooseFormat } from '../../src/formats/sniff.ts'
import { bytesOf, CHUNK_SIZES, collect, failure } from './reading.ts'

// Real files. The counts are of grep and Python, not of our readers: see test/fixtures/README.md.

const fixture = (name: string) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url))
const COUNTRIES: ReadOptions['columns'] = { question: 'country' }

const FILES: [name: string, format: string, cards: number, columns?: ReadOptions['columns']][] = [
  ['n1.csv', 'csv', 2699],
  ['n5.csv', 'csv', 718],
  ['excel_semi.csv', 'csv', 718],
  ['excel_utf16.txt', 'tsv', 718],
  ['capital.csv', 'csv', 219, { ...COUNTRIES, answer: 'capital' }],
  ['text/anki-geo__ultimate-geography__guid.csv', 'csv', 323, { ...COUNTRIES, answer: 'guid' }],
  ['text/anki-geo__ultimate-geography__main.csv', 'csv', 323, { ...COUNTRIES, answer: 'map' }],
  ['text/RubberDuckCollector__my-flash-cards__animals.txt', 'csv', 111],
  ['text/RubberDuckCollector__my-flash-cards__unit1.txt', 'csv', 180],
  ['text/eudoxia0__hashcards__Art.md', 'hashcards', 2],
  ['text/eudoxia0__hashcards__Geography.md', 'hashcards', 1 + 2],
  ['text/eudoxia0__hashcards__Math.md', 'hashcards', 4 + 5],
  ['text/eudoxia0__hashcards__Quotes.md', 'hashcards', 3],
  ['text/cocosberlucens__hashcards-deck__LinearAlgebra.md', 'hashcards', 26 + 22],
  ['text/Yvee1__hascard__syntax.txt', 'hascard', 4 + 2],
  ['text/Yvee1__hascard__long.txt', 'hascard', 4 + 3],
  ['text/ashlinchak__mdanki__complex.md', 'headings', 3],
  ['text/lukesmurray__markdown-anki-decks__deck.md', 'headings', 5],
  ['text/lukesmurray__markdown-anki-decks__deck-with-cloze.md', 'headings', 2],
]

async function recordsOf(name: string, columns: ReadOptions['columns'] = {}, size?: number) {
  const bytes = fixture(name)
  const options = { columns, encoding: undefined }
  const chosen = chooseFormat(name, bytes.subarray(0, 65_536), options)
  const format = formats[chosen]
  if (!('read' in format)) throw new Error(`${name} is no text`)
  return { chosen, records: (await collect(format.read(bytesOf(bytes, size), options))).flat() }
}

async function cardsOf(name: string): Promise<FileCard[]> {
  const { records } = await recordsOf(name)
  return records.flatMap((record) => ('card' in record ? [record.card] : []))
}

describe.each(FILES)('%s', (name, format, count, columns) => {
  test(`is ${format} with ${count} cards, however it arrives`, async () => {
    const whole = await recordsOf(name, columns)
    expect(whole.chosen).toBe(format)
    expect(whole.records.filter((record) => 'card' in record).length).toBe(count)
    expect(whole.records.length).toBe(count)
    for (const size of CHUNK_SIZES) expect(await recordsOf(name, columns, size)).toEqual(whole)
  })

  test('is the same without its name', () => {
    const options = { columns: columns ?? {}, encoding: undefined }
    expect(chooseFormat('-', fixture(name).subarray(0, 65_536), options)).toBe(format)
  })
})

test('a heading with nothing below it is named', async () => {
  const { records } = await recordsOf('text/ashlinchak__mdanki__simple.md')
  expect(
    records.flatMap((record) => ('problem' in record ? [`${record.line}: ${record.problem}`] : [])),
  ).toEqual(['31: the answer is empty'])
  expect(records.length).toBe(5)
})

test('a table without an answer in 102 of its rows names them', async () => {
  const columns = { question: 'country', answer: 'flag' }
  const { records } = await recordsOf('text/anki-geo__ultimate-geography__main.csv', columns)
  expect(
    records.filter((record) => 'problem' in record && record.problem === 'the answer is empty').length,
  ).toBe(102)
})

test('a text about cards is not taken for some', async () => {
  const name = 'text/st3v3nmw__obsidian-spaced-repetition__q-and-a-cards.md'
  expect(await failure(recordsOf(name))).toBe(`usage: ${name} could be headings or obsidian.`)
})

test('some of their cards', async () => {
  const unit1 = await cardsOf('text/RubberDuckCollector__my-flash-cards__unit1.txt')
  expect(unit1[9]).toMatchObject({ question: 'to show (starts with "au")', answer: 'aufweisen' })

  const geography = await cardsOf('text/eudoxia0__hashcards__Geography.md')
  expect(geography).toMatchObject([
    { question: 'What is the capital of France?', answer: 'Paris' },
    { question: '[...] is the capital of Germany.', answer: 'Berlin', note: 'line 4' },
    { question: 'Berlin is the capital of [...].', answer: 'Germany', note: 'line 4' },
  ])

  const algebra = await cardsOf('text/cocosberlucens__hashcards-deck__LinearAlgebra.md')
  expect(new Set(algebra.map(({ deck }) => deck))).toEqual(new Set(['Linear Algebra']))
  expect(algebra.some(({ answer }) => answer.includes('<!--'))).toBe(false)

  expect(await cardsOf('text/Yvee1__hascard__syntax.txt')).toMatchObject([
    {
      question: 'Word or question',
      answer: 'Explanation or definition of this word, or the answer to the question.',
    },
    {
      question: expect.stringMatching(/^Multiple choice question.*\n\n- Choice 1\n- Choice 2/),
      answer: 'Choice 2 (this is the correct answer)',
    },
    {
      question: expect.stringContaining('\n- Option 2\n'),
      answer: 'Option 1 (this is a correct answer)\nOption 3 (this is a correct answer)',
    },
    { question: expect.stringMatching(/named \[\.\.\.\], and is used in the EU\.$/), answer: 'Euro' },
    {
      question: expect.stringContaining('named Euro, and'),
      answer: 'EU',
      accepted_answers: ['European Union'],
    },
    { question: expect.stringMatching(/- u\n- l\n- p\n- s$/), answer: 'l\np\ns\nu' },
  ])

  const simple = await cardsOf('text/ashlinchak__mdanki__simple.md')
  expect(simple.map(({ deck, tags }) => [deck, tags])).toEqual([
    ['Simple Card', ['tree']],
    ['Simple Card', []],
    ['Simple Card', ['complexity', 'tree', 'tag']],
    ['Simple Card', ['tag1', 'tag2']],
  ])
  expect(simple[3]).toMatchObject({
    question: 'Card with additional front data\n\nFront data goes here',
    answer: 'Back data goes here\n\nAnd here',
  })

  expect(await cardsOf('text/lukesmurray__markdown-anki-decks__deck-with-cloze.md')).toMatchObject([
    { question: 'This question [city] was founded in 1913', answer: 'Canberra', note: 'line 1' },
    { question: 'This is another question [city] was founded in 1913', answer: 'Canberra', note: 'line 3' },
  ])
})
