import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { CliError } from '../../src/errors.ts'
import type { FileCard, FormatName, ParsedRecord, ReadOptions, TextFormat } from '../../src/formats/format.ts'
import { formats } from '../../src/formats/registry.ts'
import { chooseFormat } from '../../src/formats/sniff.ts'
import { card, random, written } from './reading.ts'

// Files that are broken at random: whatever happens is a record, a problem with its line, or a CliError, and it does not depend on
// how the bytes arrive. More of them by ROTE_MUTATIONS.

const RUNS = Number(process.env.ROTE_MUTATIONS ?? 100)
/** Milliseconds that nothing of this size should ever take. */
const HANG = 2000

const fixture = (name: string) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url))

const CARDS: FileCard[] = [
  card('der Hund', 'dog'),
  card('say "hi", now', 'a\tb\nc', { tags: ['x', 'two words'], external_id: 'k1', deck: 'A::B' }),
  card('Q: not\n---\n# x', '漢字 🎌 ==é==', {
    difficulty_level: 'hard',
    accepted_answers: ['b|c', 'd'],
    note: 'n',
  }),
  card('# a', '{{c1::b}}', { reversible: true, images: [{ side: 'answer', url: 'a.png', alt: null }] }),
]

const ANKI = `#separator:Semicolon
#html:true
#notetype column:2
#deck column:3
#tags column:6
g1;Cloze;A::B;<b>The</b> {{c1::x &amp; {{c2::y::hint}}}};extra;a b
g2;Basic (and reversed card);C;"say ""hi""<br>x";<div>y<img src="z.png"></div>;
`

const OBSIDIAN = `---
tags: x
---
#flashcards/sub/deck

a::b <!--SR:!2024-08-16,51,230-->
- c:::d
some ==deleted== text with ==two==

\`\`\`js
x::y
\`\`\`

line 1
line 2
??
back
\`\`\`
code

\`\`\`
`

const SEEDS: [FormatName, (() => Promise<Uint8Array | string> | Uint8Array | string)[]][] = [
  ['csv', [() => fixture('excel_semi.csv').subarray(0, 3000), () => written(formats.csv, CARDS)]],
  ['tsv', [() => fixture('excel_utf16.txt').subarray(0, 6000), () => written(formats.tsv, CARDS)]],
  ['quizlet', [() => 'a\tb\nc "d\te\r\nf\tg\n\n'.repeat(20)]],
  ['anki-text', [() => ANKI.repeat(3), () => written(formats['anki-text'], CARDS)]],
  ['json', [() => written(formats.json, CARDS), () => JSON.stringify({ cards: CARDS }, null, 2)]],
  ['jsonl', [() => written(formats.jsonl, CARDS)]],
  [
    'hashcards',
    [
      () => fixture('text/cocosberlucens__hashcards-deck__LinearAlgebra.md').subarray(0, 5000),
      () => fixture('text/eudoxia0__hashcards__Math.md'),
      () => written(formats.hashcards, CARDS),
    ],
  ],
  [
    'headings',
    [
      () => fixture('text/ashlinchak__mdanki__complex.md'),
      () => fixture('text/ashlinchak__mdanki__simple.md'),
      () => fixture('text/lukesmurray__markdown-anki-decks__deck-with-cloze.md'),
    ],
  ],
  [
    'hascard',
    [() => fixture('text/Yvee1__hascard__syntax.txt'), () => fixture('text/Yvee1__hascard__long.txt')],
  ],
  [
    'obsidian',
    [() => OBSIDIAN, () => fixture('text/st3v3nmw__obsidian-spaced-repetition__q-and-a-cards.md')],
  ],
]

/** What these formats are made of. */
const TOKENS = [
  ...[
    '"',
    '""',
    ',',
    ';',
    '\t',
    '|',
    '\n',
    '\r',
    '\r\n',
    '\n\n',
    '\n---\n',
    '---\n',
    '\n# ',
    '\n## ',
    '\nQ: ',
    '\nA: ',
    '\nC: ',
  ],
  ...[
    '[',
    ']',
    '{',
    '}',
    '{{c1::',
    '{{c2::',
    '}}',
    '::',
    ':::',
    '\n?\n',
    '\n??\n',
    '==',
    '_',
    '`',
    '\n```\n',
    '<!--',
    '-->',
    '\\',
  ],
  ...[
    '![',
    '](x)',
    '[#',
    '\n%\n',
    '\n- ',
    '\n* ',
    '\n[*] ',
    '\n1. ',
    '#html:true\n',
    '#deck column:1\n',
    'sep=;\n',
    '<b>',
    '<div>',
  ],
  ...[
    '&amp;',
    '&#38;',
    '&#55296;',
    '\0',
    '\u001b[31m',
    '\ufeff',
    '\u2028',
    '🎌',
    'x'.repeat(3000),
    ' '.repeat(3000),
    '['.repeat(500),
  ],
].map((token) => Buffer.from(token))

function mutate(seed: Uint8Array, next: (limit: number) => number): Uint8Array {
  let bytes = Buffer.from(seed)
  for (let left = 1 + next(6); left > 0; left--) {
    const at = next(bytes.length + 1)
    const end = Math.min(bytes.length, at + next(60))
    const token = TOKENS[next(TOKENS.length)] ?? Buffer.alloc(0)
    const kinds = [
      () => Buffer.concat([bytes.subarray(0, at), token, bytes.subarray(at)]),
      () => Buffer.concat([bytes.subarray(0, at), token, token, token, bytes.subarray(end)]),
      () => Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]),
      () => Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]),
      () => bytes.subarray(0, at),
      () => {
        const copy = Buffer.from(bytes)
        if (at < copy.length) copy[at] = next(256)
        return copy
      },
    ]
    bytes = Buffer.from(kinds[next(kinds.length)]?.() ?? bytes)
  }
  return bytes
}

async function outcome(
  format: TextFormat,
  bytes: Uint8Array,
  options: ReadOptions,
  size: () => number,
): Promise<unknown> {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; ) {
      const end = at + size()
      yield bytes.subarray(at, end)
      at = end
    }
  }
  const records: ParsedRecord[] = []
  try {
    for await (const batch of format.read(pieces(), options)) records.push(...batch)
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    return `${error.kind}: ${error.message}`
  }
  return records
}

test.each(SEEDS)(`%s, ${RUNS} times`, { timeout: RUNS * HANG }, async (name, makers) => {
  const format: TextFormat = formats[name] as TextFormat
  const seeds = await Promise.all(
    makers.map(async (make) => {
      const made = await make()
      return typeof made === 'string' ? Buffer.from(made) : made
    }),
  )
  const next = random(20 + name.length)
  let slowest = 0
  for (let run = 0; run < RUNS; run++) {
    const seed = seeds[next(seeds.length)] ?? Buffer.alloc(0)
    // long enough, at times, for readers to have what they keep cut in two
    const length = [seed.length, 12_000, 12_000, 12_000, 150_000][next(next(4) === 0 ? 5 : 4)] ?? 0
    const long = Buffer.concat(Array.from({ length: Math.ceil(length / (seed.length + 1)) }, () => seed))
    const bytes = mutate(long, next)
    const options: ReadOptions = {
      columns: {},
      encoding: next(20) === 0 ? 'windows-1252' : undefined,
      quote: (['strict', 'relaxed', 'none', undefined] as const)[next(4)],
      header: [true, false, undefined][next(3)],
      extra: (['error', 'join', 'drop'] as const)[next(3)],
      rowSeparator: name === 'quizlet' && next(2) === 0 ? '\n\n' : undefined,
    }
    const started = performance.now()
    const whole = await outcome(format, bytes, options, () => bytes.length)
    slowest = Math.max(slowest, performance.now() - started)
    const most = 1 + next(200)
    const inPieces = await outcome(format, bytes, options, () => 1 + next(most))
    // bytes that are no text are met before the text in front of them, if they come together
    const undecodable = [whole, inPieces].some(
      (end) => typeof end === 'string' && end.includes('these bytes'),
    )
    if (undecodable) expect([typeof whole, typeof inPieces], `run ${run}`).toEqual(['string', 'string'])
    // as text first, which is many times faster
    else if (JSON.stringify(inPieces) !== JSON.stringify(whole)) expect(inPieces, `run ${run}`).toEqual(whole)
    try {
      chooseFormat('-', bytes.subarray(0, 65_536), options)
    } catch (error) {
      if (!(error instanceof CliError)) throw error
    }
  }
  // how long a thing takes is nobody's test on a busy machine, but where many are asked for, it is
  if (process.env.ROTE_MUTATIONS) expect(slowest).toBeLessThan(HANG)
})
