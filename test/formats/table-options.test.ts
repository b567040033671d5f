import { describe, expect, test } from 'vitest'
import { csv } from '../../src/formats/csv.ts'
import type { ReadOptions } from '../../src/formats/format.ts'
import { quizlet } from '../../src/formats/quizlet.ts'
import { tsv } from '../../src/formats/tsv.ts'
import { CHUNK_SIZES, card, cardsOf, failure, problemsOf, readAll } from './reading.ts'

describe('what a person says of a table', () => {
  test.each<[string, Partial<ReadOptions>, string, ReturnType<typeof card>[]]>([
    ['--delimiter', { delimiter: '#' }, 'a,b#c\n', [card('a,b', 'c')]],
    ['--delimiter beside sep=', { delimiter: ',' }, 'sep=,\nu,v\n', [card('u', 'v')]],
    ['--quote none', { quote: 'none' }, '"a,b"\n', [card('"a', 'b"')]],
    ['--quote relaxed', { quote: 'relaxed' }, '"a" x,"b,c"\n', [card('"a" x', 'b,c')]],
    ['--quote strict', { quote: 'strict' }, '"a\tb"\tc\n', [card('a\tb', 'c')]],
    ['--header', { header: true }, 'front,back\na,b\n', [card('a', 'b')]],
    ['--no-header', { header: false }, 'front,back\na,b\n', [card('front', 'back'), card('a', 'b')]],
    [
      '--no-header and --columns',
      { header: false, columns: { question: '3', tags: '1' } },
      'front,back,a\n',
      [card('a', 'back', { tags: ['front'] })],
    ],
    [
      '--tag-sep',
      { tagSeparator: ';' },
      'q,a,tags\na,b,x y; z;;x y\n',
      [card('a', 'b', { tags: ['x y', 'z'] })],
    ],
    ['--extra join', { extra: 'join', delimiter: ',' }, 'u,v\nc,d,e\n', [card('u', 'v'), card('c', 'd,e')]],
    ['--extra drop', { extra: 'drop', delimiter: ',' }, 'u,v\nc,d,e\n', [card('u', 'v'), card('c', 'd')]],
  ])('%s', async (_, options, text, cards) => {
    expect(await cardsOf(csv, text, options)).toEqual(cards)
  })

  test('also holds for tsv', async () => {
    const options = { delimiter: '|', quote: 'none', header: false } as const
    expect(await cardsOf(tsv, '"u|v"\n', options)).toEqual([card('"u', 'v"')])
  })
})

test('two delimiters that do equally well are asked for', async () => {
  expect(await failure(readAll(csv, 'Berlin, Germany;capital\nRome, Italy;capital\n'))).toBe(
    'usage: this table could have its columns between commas or between semicolons',
  )
})

test('a tab is one, whatever else is there', async () => {
  expect(await cardsOf(csv, 'go, goes\tgehen; geht\nsee, sees\tsehen; sieht\n')).toEqual([
    card('go, goes', 'gehen; geht'),
    card('see, sees', 'sehen; sieht'),
  ])
})

test('rejected rows behind the header are a file', async () => {
  const preamble: string[] = []
  const options = { preamble: (raw: string) => preamble.push(raw) }
  const records = await readAll(csv, 'sep=;\nfront;back;tags\n"a;\nb";;x\nc;d;\n', options)
  expect(preamble).toEqual(['sep=;\nfront;back;tags'])
  expect(records[0]).toEqual({ line: 3, problem: 'the answer is empty', raw: '"a;\nb";;x' })
})

describe('quizlet', () => {
  test.each<[string, Partial<ReadOptions>, string, ReturnType<typeof card>[]]>([
    [
      'quotes are quotes',
      {},
      '"a"\tb "c\r\n\nterm\tdefinition',
      [card('"a"', 'b "c'), card('term', 'definition')],
    ],
    [
      "separators of one's own",
      { delimiter: ' - ', rowSeparator: ';;' },
      'a - b\nc;;d - e;f;;',
      [card('a', 'b\nc'), card('d', 'e;f')],
    ],
    ['more tabs', { extra: 'join' }, 'a\tb\tc', [card('a', 'b\tc')]],
  ])('%s', async (_, options, text, cards) => {
    for (const size of CHUNK_SIZES) expect(await cardsOf(quizlet, text, { ...options, size })).toEqual(cards)
  })

  test('problems have the line where their row begins', async () => {
    expect(await problemsOf(quizlet, 'a\tb\n\nc\nd\te\tf\n')).toEqual([
      'line 3: expected 2 columns, found 1',
      'line 4: expected 2 columns, found 3 (--extra join or --extra drop takes it)',
    ])
    expect(await problemsOf(quizlet, 'a\tb\nc\n\n\nd\n\ne', { rowSeparator: '\n\n' })).toEqual([
      'line 5: expected 2 columns, found 1',
      'line 7: expected 2 columns, found 1',
    ])
  })
})

test('a field of 10 MB is refused by its line', async () => {
  const long = 'x'.repeat(9_000_000)
  for (const [format, text] of [
    [csv, `u,v\nc,${long}\n`],
    [quizlet, `u\tv\nc\t${long}\n`],
  ] as const) {
    expect(await problemsOf(format, text)).toEqual(['line 2: the answer is longer than 100,000 characters'])
  }
  const longer = `u\tv\nc\t${'x'.repeat(10_000_001)}`
  for (const format of [csv, tsv, quizlet]) {
    expect(await failure(readAll(format, longer, { delimiter: '\t' }))).toBe(
      'failure: line 2: the record that begins here is longer than 10 million characters',
    )
  }
})
