import { describe, expect, test } from 'vitest'
import { CliError } from '../../src/errors.ts'
import { findColumns } from '../../src/formats/columns.ts'

describe('a header', () => {
  test.each([
    ['question,answer', { question: 0, answer: 1 }],
    [' Back , FRONT ', { question: 1, answer: 0 }],
    ['id,front,question,back', { question: 2, answer: 3, external_id: 0 }],
    ['expression,reading,meaning,tags,guid', { question: 0, answer: 2, tags: 3, external_id: 4 }],
    ['guid,external_id,term,definition', { question: 2, answer: 3, external_id: 1 }],
    ['q,a,level,alternatives', { question: 0, answer: 1, difficulty_level: 2, accepted_answers: 3 }],
  ])('%s', (header, index) => {
    const cells = header.split(',')
    expect(findColumns(cells, {})).toEqual({ header: true, width: cells.length, index })
  })
})

describe('--columns', () => {
  const header = ['term', 'definition', 'reading']

  test('by name, in any case, or by number', () => {
    const columns = { header: true, width: 3, index: { question: 2, answer: 1 } }
    expect(findColumns(header, { question: 'Reading' })).toEqual(columns)
    expect(findColumns(header, { question: '3' })).toEqual(columns)
    expect(findColumns(header, { question: '3', answer: '2' })).toEqual(columns)
  })

  test('a column taken by one field is not found again for another', () => {
    expect(() => findColumns(header, { question: 'definition' })).toThrow('no column for the answer')
  })

  test('by number in a file without a header, every row is a card', () => {
    const columns = { header: false, width: 3, index: { question: 0, answer: 2 } }
    expect(findColumns(['word', 'x', 'Wort'], { question: '1', answer: '3' })).toEqual(columns)
  })

  test.each([
    ['expresion', 'no column "expresion": the file has "term", "definition", "reading"'],
    ['4', 'no column "4": the file has "term", "definition", "reading"'],
    ['0', 'no column "0": the file has "term", "definition", "reading"'],
  ])('%s, which is not there, is a usage error', (reference, message) => {
    expect(problem(header, { question: reference })).toEqual({ kind: 'usage', message, hint: undefined })
  })
})

describe('without a header', () => {
  test('two columns are a question and an answer', () => {
    expect(findColumns(['der Hund', 'dog'], {})).toEqual({
      header: false,
      width: 2,
      index: { question: 0, answer: 1 },
    })
  })

  test.each([
    [
      ['country', 'capital', 'capital:de'],
      'no column for the question and the answer: the file has "country", "capital", "capital:de"',
      'Say which columns to use, for example: --columns question=country,answer=capital',
    ],
    [
      ['front', 'the back', 'tags'],
      'no column for the answer: the file has "front", "the back", "tags"',
      'Say which columns to use, for example: --columns answer=2',
    ],
    [
      ['word', 'Wort'],
      'no column for the answer: the file has "word", "Wort"',
      'Say which columns to use, for example: --columns answer=Wort; or if this is a card: --no-header',
    ],
    [
      ['just a line'],
      'no column for the question and the answer: the file has "just a line"',
      'Columns are separated by a comma, a semicolon, a tab or a |, the same one in the whole file.',
    ],
  ])('%j is a usage error that says what to do', (first, message, hint) => {
    expect(problem(first, {})).toEqual({ kind: 'usage', message, hint })
  })
})

function problem(first: string[], chosen: Parameters<typeof findColumns>[1]) {
  try {
    findColumns(first, chosen)
  } catch (error) {
    if (error instanceof CliError) return { kind: error.kind, message: error.message, hint: error.hint }
    throw error
  }
  throw new Error('expected a CliError')
}
