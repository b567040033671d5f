import { describe, expect, test } from 'vitest'
import { CliError } from '../../src/errors.ts'
import { chooseFormat } from '../../src/formats/sniff.ts'

const NOTHING_SAID = { columns: {}, encoding: undefined }
const chosen = (text: string | Uint8Array, name = '-') =>
  chooseFormat(name, typeof text === 'string' ? new TextEncoder().encode(text) : text, NOTHING_SAID)

describe('by content', () => {
  test.each([
    ['{"question":"a","answer":"b"}\n{"question":"c","answer":"d"}', 'jsonl'],
    ['{"cards":[{"question":"a","answer":"b"}]}', 'json'],
    ['{\n  "cards": [', 'json'],
    ['\n [{"question":"a"}]', 'json'],
    ['[]', 'json'],
    ['\ufeff#separator:tab\na\tb', 'anki-text'],
    ['#deck:x\na\tb', 'anki-text'],
    ['sep=;\na;b', 'csv'],
    ['uno,one\n', 'csv'],
    ['question;answer\na, b;c\n', 'csv'],
    ['a\tb\nc\td\n', 'tsv'],
    ['country,tags,answer\na,UG::Europe,x\nb,UG::Asia,y\n', 'csv'],
    ['Q: a\nA: b\n', 'hashcards'],
    ['---\nname = "x"\n---\n<!-- x -->\n\nC: [a] b\n', 'hashcards'],
    ['# a\nb\n---\n# c\nd\n', 'hascard'],
    ['# D\n\n## a\n\nb\n', 'headings'],
    ['text\n\na::b\n', 'obsidian'],
    ['text\n?\nanswer\n', 'obsidian'],
    ['', 'csv'],
  ])('%j is %s', (text, format) => {
    expect(chosen(text)).toBe(format)
    expect(chosen(text, 'cards.txt')).toBe(format)
  })

  test('packages', () => {
    expect(chosen(Buffer.from('PK\x03\x04', 'latin1'), 'x.apkg')).toBe('apkg')
    expect(chosen(Buffer.from('PK\x03\x04', 'latin1'))).toBe('apkg')
    expect(chosen(Buffer.from('SQLite format 3\0', 'latin1'), 'x.csv')).toBe('apkg')
  })

  test('UTF-16', () => {
    expect(chosen(Buffer.from('\ufeffa\tb\nc\td', 'utf16le'))).toBe('tsv')
  })
})

test.each([
  ['x.csv', 'Q: a\nA: b\n', 'csv'],
  ['x.tsv', 'a,b\n', 'tsv'],
  ['x.ndjson', '{oops', 'jsonl'],
  ['x.json', '{"question":"a","answer":"b"}\n', 'jsonl'],
  ['x.csv', '#separator:comma\na,b\n', 'anki-text'],
])('%s with %j is %s', (name, text, format) => {
  expect(chosen(text, name)).toBe(format)
})

test.each([
  [
    '# A\n\n## b\n\nc::d\n',
    'x.md could be headings or obsidian.',
    'Say which: --format headings, or --format obsidian',
  ],
  ['Q: a, b\nA: c, d\n', 'x.md could be csv or hashcards.', 'Say which: --format csv, or --format hashcards'],
  [
    'just\nsome, prose\n',
    'x.md is in no format that is recognised.',
    expect.stringMatching(/^Say what it is: --format/),
  ],
])('%j is asked for', (text, message, hint) => {
  expect(() => chosen(text, 'x.md')).toThrow(expect.objectContaining({ kind: 'usage', message, hint }))
})

test('flags about tables say that it is one', () => {
  const text = new TextEncoder().encode('# A\n\n## b\n\nc::d, e\n')
  expect(chooseFormat('x.md', text, { ...NOTHING_SAID, delimiter: ',' })).toBe('csv')
  expect(chooseFormat('x.md', text, { ...NOTHING_SAID, header: false })).toBe('csv')
  expect(chooseFormat('x.md', text, { ...NOTHING_SAID, rowSeparator: ';' })).toBe('quizlet')
})

test("a spreadsheet's own file is no package", () => {
  expect(() => chosen(Buffer.from('PK\x03\x04', 'latin1'), 'x.xlsx')).toThrow(CliError)
})
