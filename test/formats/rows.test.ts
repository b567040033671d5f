import { describe, expect, test } from 'vitest'
import { readRows } from '../../src/formats/delimited.ts'
import type { Row } from '../../src/formats/rows.ts'
import { collect, failure, random } from './reading.ts'

async function* pieces(text: string, size: number) {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size)
}

/** Rows as one line each: `line: cell|cell`, with what is wrong behind an exclamation mark. */
async function rows(text: string, delimiter = ',', size = text.length): Promise<string[]> {
  const show = (row: Row) =>
    `${row.line}: ${row.cells.join('|')}${row.problem === null ? '' : ` ! ${row.problem}`}`
  const batches = await collect(readRows(pieces(text, size), () => ({ delimiter, skip: 0 })))
  return batches.flat().map(show)
}

describe('RFC 4180', () => {
  test.each([
    ['LF, CRLF and CR', 'a,b\nc,d\r\ne,f\rg,h', ['1: a|b', '2: c|d', '3: e|f', '4: g|h']],
    ['a last line break or none', 'a,b\n', ['1: a|b']],
    ['empty cells', ',b,\n', ['1: |b|']],
    ['a delimiter in quotes', '"a,b",c\n', ['1: a,b|c']],
    ['doubled quotes', '"say ""hi""",""""\n', ['1: say "hi"|"']],
    [
      'line breaks in quotes are kept and counted',
      '"a\r\nb\nc\rd",e\nf,g\n',
      ['1: a\r\nb\nc\rd|e', '5: f|g'],
    ],
    ['white space is text', ' a , b\n', ['1:  a | b']],
    ['quotes inside plain text', 'the 5" disk,b\n', ['1: the 5" disk|b']],
    ['blank lines and rows of empty cells', '\n\na,b\n  \n,,\nc,d\n\n', ['3: a|b', '6: c|d']],
    ['empty text', '', []],
  ])('%s', async (_, text, expected) => {
    expect(await rows(text)).toEqual(expected)
  })
})

describe('broken quotes', () => {
  const fault = 'has text after its closing quote; a quote inside quotes is written twice'

  test('text after a closing quote is a fault of its row, and the next line is read again', async () => {
    expect(await rows('"a"b,c\n"d",e\n')).toEqual([`1: "a"b|c ! column 1 ${fault}`, '2: d|e'])
    expect(await rows('x,"he said "no", twice"\nd,e\n')).toEqual([
      `1: x|"he said "no"| twice" ! column 2 ${fault}`,
      '2: d|e',
    ])
  })

  test('a quote that is never closed is named by the line that opens it', async () => {
    const message = 'failure: line 3: a quote opened here is never closed'
    expect(await failure(rows('a,b\nc,d\ne,"f\ng,h\n'))).toBe(message)
    expect(await failure(rows('a,b\n"c\nd","f\ng,h\n'))).toBe(message)
  })
})

describe('quotes in tab-separated text count only if they open and close a cell', () => {
  test.each([
    ['a proper one', '"a\tb"\tc\n', ['1: a\tb|c']],
    ['with a line break', 'a\t"b\n""c"""\nd\te\n', ['1: a|b\n"c"', '3: d|e']],
    ['text behind it', '"Hi" he said\tb\n', ['1: "Hi" he said|b']],
    ['never closed', '"a\tb\nc\td\n', ['1: "a|b', '2: c|d']],
    ['closed only by a later one', '"a\tb\nc "x" y\td\n', ['1: "a|b', '2: c "x" y|d']],
  ])('%s', async (_, text, expected) => {
    expect(await rows(text, '\t')).toEqual(expected)
  })
})

describe('a row too long to keep', () => {
  const long = 'x'.repeat(10_000_001)
  test.each([1_000_000, 30_000_000])('in pieces of %i', async (size) => {
    const message = 'failure: line 2: the record that begins here is longer than 10 million characters'
    expect(await failure(rows(`a,b\n${long},b\n`, ',', size))).toBe(message)
    const quoted = 'failure: line 3: a quote opened here is never closed'
    expect(await failure(rows(`a,b\n"\n","${long}`, ',', size))).toBe(quoted)
    expect(await failure(rows(`a,b\n"\n","${long}"`, ',', size))).toBe(quoted)
  })

  test('a quote that may be literal is literal by then', async () => {
    const text = `"a\tb\n${`${'c'.repeat(1000)}\td\n`.repeat(11_000)}`
    const found = await rows(text, '\t', 65_536)
    expect(found.length).toBe(11_001)
    expect(found[0]).toBe('1: "a|b')
  })
})

test('rows do not depend on how the text is cut into pieces', async () => {
  const alphabet = [
    'a',
    'é',
    '漢',
    '🎌',
    ' ',
    '"',
    '"',
    '""',
    ',',
    ',',
    '\t',
    '\n',
    '\r\n',
    '\r',
    ',"',
    '",',
    '"\n',
  ]
  let compared = 0
  for (let seed = 1; seed <= 400; seed++) {
    const next = random(seed)
    const text = Array.from({ length: next(60) }, () => alphabet[next(alphabet.length)]).join('')
    for (const delimiter of [',', '\t']) {
      const result = (size: number) => rows(text, delimiter, size).catch((error: Error) => [error.message])
      const whole = await result(65_536)
      for (const size of [1, 2, 3, 7]) expect(await result(size), JSON.stringify(text)).toEqual(whole)
      compared++
    }
  }
  expect(compared).toBe(800)
})

test('what a writer quotes is what the reader gets', async () => {
  const alphabet = ['a', ' ', '"', ',', '\t', '\n', '\r\n', '\r', '漢']
  for (let seed = 1; seed <= 400; seed++) {
    const next = random(seed)
    const cell = () => `x${Array.from({ length: next(6) }, () => alphabet[next(alphabet.length)]).join('')}`
    const table = Array.from({ length: 1 + next(5) }, () => [cell(), cell(), cell()])
    const text = table
      .map((row) => row.map((text) => `"${text.replaceAll('"', '""')}"`).join(','))
      .join('\r\n')
    const batches = await collect(readRows(pieces(text, 1 + next(9)), () => ({ delimiter: ',', skip: 0 })))
    expect(batches.flat().map((row) => row.cells)).toEqual(table)
  }
})
