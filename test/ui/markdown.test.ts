import { readFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { Chalk } from 'chalk'
import { describe, expect, test } from 'vitest'
import { graphemes } from '../../src/core/graphemes.ts'
import { markdownLines } from '../../src/ui/markdown.ts'
import { hasMarkup, plainLines, textLines } from '../../src/ui/markup.ts'
import { width } from '../../src/ui/text.ts'
import { pick, random } from '../core/random.ts'

const colour = new Chalk({ level: 1 })
const noColour = new Chalk({ level: 0 })

/** What is painted how, in words: `<b>bold</b>`, `<u>underlined</u>`, `<c>cyan</c>`, `<d>dim</d>`. */
const named = (line: string) =>
  line
    .replaceAll('\x1b[1m', '<b>')
    .replaceAll('\x1b[2m', '<d>')
    .replaceAll('\x1b[22m', '</>')
    .replaceAll('\x1b[4m', '<u>')
    .replaceAll('\x1b[24m', '</u>')
    .replaceAll('\x1b[36m', '<c>')
    .replaceAll('\x1b[39m', '</c>')
const drawn = (text: string, columns = 40) => markdownLines(text, columns, colour).map(named)

/** Texts of cards that Markdown, or a looser reading of it, would change. */
const PLAIN = [
  'What is the capital of France?',
  'two\nlines',
  'one\n\n\nthree below',
  '    indented like code',
  'a poem\n  that steps in\n    and in again',
  '2 * 3 * 4',
  '2*3*4',
  '2**3 and 4**5',
  'x**2 + y**2 = z**2',
  'a*b and c*d',
  'a * b*c * d',
  'f(*args, **kwargs)',
  'f(*args, **kwargs) calls g(*args, **kwargs)',
  'f(**kwargs), g(**opts)',
  'char *p, *q;',
  'int *p=*q;',
  'int **p, **q;',
  'while (*p++ = *q++);',
  '/* a comment *//* another */',
  'SELECT *, a.* FROM a',
  'SELECT count(*), sum(*) FROM a',
  '*.ts and *.js',
  '**/*.ts, **/*.js',
  'grep a*b* c*',
  '.*foo.* and ^.*bar.*$',
  '* * * * * /bin/true',
  '*/5 * * * * /bin/true',
  'What does "*" mean, and what "**"?',
  '"*" and "*"',
  "'*' or '*'",
  '(*) and (*)',
  '「*」と「*」',
  'M*A*S*H',
  'f**k and s**t',
  'f*ck, sh*t',
  'A* search, D* Lite',
  'C*-algebra and W*-algebra',
  'PIE *ph₂tḗr, *méh₂tēr',
  '*ph₂tḗr/*méh₂tēr',
  'word* and another*\n* see there',
  '***',
  '****',
  'The **** is ****.',
  '** not strong **',
  '* not emphasis *',
  '\\*escaped\\*',
  'snake_case_name',
  '__init__',
  '__init__ and __new__',
  '_private and _other_',
  '_id_',
  '_at sat on the ma_',
  't_e _ap_ of Eur_pe',
  'The ___ is the ___ of the cell.',
  '_ _ t _ r',
  '# of cards',
  '#hashtag #another',
  '# install it\npip install rote',
  'C# and F#',
  '#!/bin/sh\n#include <stdio.h>',
  'Title\n=====',
  'Title\n-----',
  '---',
  'a\n---\nb',
  '- - -',
  '-',
  '+',
  '- a single dash',
  '- 5',
  '+ cheap\n+ fast\n- slow',
  '1. FC Köln',
  '3. Oktober 1990',
  'Er kam am\n3. Oktober',
  '1990. A year\n1991. Another',
  '> 90 %',
  '5 > 3',
  '> ls -l',
  'a | b',
  'a | b\nc | d',
  'p | q\n--\nfalse',
  '<b>',
  '<b>bold?</b> <i class="*x*">i</i>',
  'a <b and *c* > d',
  '&lt;b&gt; &#27;[2J &amp;',
  '$x_1$ and $x_2$',
  '$a *b* c$ costs $5',
  '$$\\sum_{i=1}^n *x_i*$$',
  '\\frac{1}{2} \\_ \\\\',
  'C:\\Users\\*name*\\',
  'https://example.org/a_b_c*d*e?f=*g*',
  'https://example.org/*path*/x',
  'arr[0](1), f[x](y)',
  '[a](b) [1] [x]: y',
  '![a painting](https://example.org/a.webp)',
  'Hawai`i and O`ahu',
  '`Umar ibn `Abd',
  "``so-called'' and ``quoted''",
  '`',
  '``',
  '```',
  '```\nnever closed',
  '~~struck~~',
  'a  \nhard break',
  'H\u2082O, CO\u2082',
  'ア*イ',
  ' \u2022 a\n \u2022 b',
]

test.each(PLAIN)('%j stays as it is', (text) => {
  expect(hasMarkup(text)).toBe(false)
  for (const columns of [80, 12]) {
    expect(markdownLines(text, columns, colour)).toEqual(plainLines(text, columns, colour))
  }
})

describe('in a line', () => {
  test.each([
    ['a **strong** word', 'a <b>strong</> word'],
    ['**Two words**, and **2**', '<b>Two words</>, and <b>2</>'],
    ['an *emphasised* word', 'an <u>emphasised</u> word'],
    ['*Homo sapiens*, *Pan troglodytes*', '<u>Homo sapiens</u>, <u>Pan troglodytes</u>'],
    ['***both***', '<b><u>both</u></>'],
    ['**strong with *emphasis* in it**', '<b>strong with </><b><u>emphasis</u></><b> in it</>'],
    ['*emphasis with **strong** in it*', '<u>emphasis with </u><u><b>strong</></u><u> in it</u>'],
    ['auf**steh**en', 'auf<b>steh</>en'],
    ['**auf**stehen', '<b>auf</>stehen'],
    ['the ending **-ing**', 'the ending <b>-ing</>'],
    ['**.NET** (**Core**)', '<b>.NET</> (<b>Core</>)'],
    ['«*mot*», "*word*"', '«<u>mot</u>», "<u>word</u>"'],
    ['これは**重要**です', 'これは<b>重要</>です'],
    ['**「重要」**です', '<b>「重要」</>です'],
    ['그는 **학생**입니다', '그는 <b>학생</>입니다'],
    ['هذا **مهم** جدا', 'هذا <b>مهم</> جدا'],
    ['_The Tempest_ by Giorgione', '<u>The Tempest</u> by Giorgione'],
    ['What does `__init__` do?', 'What does <c>__init__</c> do?'],
    ['`*a*` and `2 * 3`', '<c>*a*</c> and <c>2 * 3</c>'],
    ['`` `x` ``', '<c>`x`</c>'],
    ['**`code`**', '<b><c>code</c></>'],
    ['**bold**<br>', '<b>bold</><br>'],
    [
      'see [the *docs*](https://e.org/a_(b))',
      'see <u>the </u><u><u>docs</u></u><d> (https://e.org/a_(b))</>',
    ],
    ['$a*b$ is **not** $c*d$', '$a*b$ is <b>not</> $c*d$'],
    ['**&#27;[2J**', '<b>&#27;[2J</>'],
  ])('%j is %j', (text, line) => {
    expect(hasMarkup(text)).toBe(true)
    expect(drawn(text, 80)).toEqual([line])
  })

  test('where there are no colours the signs stay', () => {
    const text = 'a **strong** *word*, `code`, [a link](https://e.org), _The Tempest_'
    expect(markdownLines(text, 80, noColour)).toEqual([text])
  })

  test('on what is bold already, strong text is underlined as well', () => {
    const [line = ''] = markdownLines('very **strong**', 40, colour.bold)
    expect(named(line)).toBe('<b>very </><b><b><u>strong</u></></>')
  })

  test('what is painted goes on over the end of a line, and is closed at each', () => {
    expect(drawn('one **two three four** five', 10)).toEqual(['one <b>two</>', '<b>three four</>', 'five'])
    expect(drawn('首都は**東京という名前の都市**です', 10)).toEqual([
      '首都は<b>東京</>',
      '<b>という名前</>',
      '<b>の都市</>です',
    ])
    expect(drawn('  indented **and strong**', 14)).toEqual(['  indented <b>and</>', '  <b>strong</>'])
  })
})

/** Texts, set off by newlines as they are shown without colours in 32 columns. */
const shown = (text: string, columns = 32) => `\n${markdownLines(text, columns, noColour).join('\n')}\n`

describe('blocks', () => {
  test('lists hang, in each other too, and keep their bullets', () => {
    expect(
      shown(`The causes:
- a first one that needs two lines
  - within it one that needs two
- a second
that is all

* stars become
* bullets`),
    ).toBe(`
The causes:
- a first one that needs two
  lines
  - within it one that needs two
- a second
that is all

• stars become
• bullets
`)
    expect(drawn('- a\n- **b**')).toEqual(['<d>- </>a', '<d>- </><b>b</>'])
  })

  test('numbers are those that were typed: the order may be the question', () => {
    expect(shown('4. u\n1. l\n2. p\n3. s')).toBe('\n4. u\n1. l\n2. p\n3. s\n')
    expect(shown('9) nine\n10) ten, which is longer than a line')).toBe(
      '\n9) nine\n10) ten, which is longer than a\n    line\n',
    )
  })

  test('numbers that are all the same are counted', () => {
    expect(shown('1. one\n1. two\n\n1. three')).toBe('\n1. one\n2. two\n\n3. three\n')
  })

  test('items with several paragraphs, code and boxes', () => {
    expect(
      shown(`1. one

   more of one
2. two
   \`\`\`
   code
   \`\`\`
3. three`),
    ).toBe(`
1. one

   more of one
2. two
   │ code
3. three
`)
    expect(shown('- [ ] to do, in two lines if need be\n- [x] done')).toBe(
      '\n- [ ] to do, in two lines if\n      need be\n- [x] done\n',
    )
  })

  test('fenced code keeps its lines and its indentation, and nothing in it is a mark', () => {
    const text = 'Before\n```py\ndef f(*a):\n    return **a**\n\n- x\n```\nafter'
    expect(shown(text)).toBe('\nBefore\n┌ py\n│ def f(*a):\n│     return **a**\n│\n│ - x\nafter\n')
    expect(drawn('~~~\ncode\n~~~')).toEqual(['<d>│ </><c>code</c>'])
  })

  test('quotes', () => {
    expect(shown('> To be, or not to be, that is the question\n> *Hamlet*')).toBe(
      '\n> To be, or not to be, that is\n> the question\n> *Hamlet*\n',
    )
    expect(drawn('> a\n> **b**')).toEqual(['<d>> </>a', '<d>> </><b>b</>'])
  })

  test('headings keep their signs', () => {
    expect(drawn('## Causes\n# no heading\n# Title\n\nText')).toEqual([
      '<d>## </><b>Causes</>',
      '# no heading',
      '<d># </><b>Title</>',
      '',
      'Text',
    ])
  })

  test('tables are aligned by display width; where they do not fit they stay as they are', () => {
    const text = 'Two:\n| a | *b* |\n|---|--:|\n| 日本 | 1 |\n| x | 22 |\nafter'
    expect(shown(text)).toBe(`
Two:
a    │ *b*
─────┼────
日本 │   1
x    │  22
after
`)
    expect(drawn('a | b\n-|-\n1 | 2')).toEqual([
      '<b>a</><d> │ </><b>b</>',
      '<d>─</><d>─┼─</><d>─</>',
      '1<d> │ </>2',
    ])
    expect(shown('| one | two |\n|---|---|\n| 1 | 2 |', 8)).toBe(
      '\n| one |\ntwo |\n|---|---\n|\n| 1 | 2\n|\n',
    )
  })

  test('lines and empty lines stay where they are', () => {
    const text = '\n\na **b**\n  c\n\n\n  d\n- e\n- f\n\n\ng'
    expect(markdownLines(text, 40, noColour)).toEqual(text.split('\n'))
  })

  test('a small window', () => {
    expect(shown('- [ ] some\n- words', 6)).toBe('\n- [ ]\nsome\n- word\n  s\n')
  })
})

/** Of what hostile and unlucky texts are made. */
const FRAGMENTS = [
  ...[
    '*',
    '**',
    '***',
    '_',
    '`',
    '``',
    '```',
    '~~~',
    '[',
    '](',
    '](https://x',
    '$',
    '<a ',
    '|',
    '#',
    '>',
    '-',
    '1.',
  ],
  ...[
    'a',
    'Ab',
    '日本',
    'שלום',
    '👨‍👩‍👧',
    ' ',
    '  ',
    '\n',
    '\n\n',
    '\t',
    '\r\n',
    '\\',
    '&#27;',
    '.',
    '"',
    ',',
  ],
  ...[
    '- a\n- b\n',
    '  - c\n',
    '> a\n> b\n',
    '```\ncode\n```\n',
    '| a | b |\n|-|-|\n',
    '## a\n',
    '**a b**',
    '*a*',
  ],
  ...['\x1b[2J', '\x1b]0;x\x07', '\x9b31m', '\u202e', '\u2028', '\ud800', '\x00'],
] as const

/** A random text of so many fragments. */
const tangle = (seed: number, length: number) => {
  const next = random(seed)
  return Array.from({ length }, () => pick(next, FRAGMENTS)).join('')
}

describe('whatever the text', () => {
  test('no line is too wide, nothing in it is obeyed, and no letter gets lost', () => {
    for (let seed = 1; seed <= 1500; seed++) {
      const text = tangle(seed, 1 + (seed % 60))
      const columns = 2 + (seed % 50)
      for (const style of [noColour, colour, colour.bold]) {
        const lines = markdownLines(text, columns, style)
        for (const line of lines) {
          const bare = stripVTControlCharacters(line)
          if ([...graphemes(bare.trim())].length > 1) expect(width(bare)).toBeLessThanOrEqual(columns)
          expect(bare).not.toMatch(/\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u)
          if (style === noColour) expect(bare).toBe(line)
          // each line closes what it opens, so that it can be cut out of its neighbours
          else expect(Math.abs(open(line))).toBe(0)
        }
        const letters = (text: string) => text.replace(/\P{L}/gu, '')
        if (style === noColour)
          expect(letters(lines.join(''))).toBe(letters(plainLines(text, columns, style).join('')))
      }
    }
  })

  test('where nothing was marked the text is as it is, and what is drawn differently has markup', () => {
    for (let seed = 1; seed <= 1500; seed++) {
      const text = tangle(seed, 1 + (seed % 12))
      if (!hasMarkup(text)) expect(markdownLines(text, 40, colour)).toEqual(plainLines(text, 40, colour))
    }
  })

  test('deep nesting', () => {
    for (const text of ['> '.repeat(5000), '- '.repeat(5000), `${'> '.repeat(4000)}\n>`.repeat(2)]) {
      expect(() => markdownLines(text, 40, colour)).not.toThrow()
    }
    const nested = Array.from(
      { length: 60 },
      (_, depth) => `${'  '.repeat(depth)}- a\n${'  '.repeat(depth)}- b\n`,
    )
    expect(markdownLines(nested.join(''), 40, colour).every((line) => width(line) <= 40)).toBe(true)
  })

  test('a text of 10,000 characters is the longest that is looked at', () => {
    expect(hasMarkup(`**a** ${'b'.repeat(9_994)}`)).toBe(true)
    expect(hasMarkup(`**a** ${'b'.repeat(9_995)}`)).toBe(false)
    expect(plainLines('\x1b[2J**a**', 40, colour.bold)).toEqual(['\x1b[1m␛[2J**a**\x1b[22m'])
  })
})

// biome-ignore lint/suspicious/noControlCharactersInRegex: styles begin with one
const STYLE = /\x1b\[(\d+)m/g

/** How many styles a line opens and does not close. */
function open(line: string): number {
  const codes = Array.from(line.matchAll(STYLE), ([, code]) => Number(code))
  const closes = (code: number) => code === 22 || code === 24 || code === 39
  return codes.reduce((sum, code) => sum + (closes(code) ? -1 : 1), 0)
}

test('nothing but what has markup loads the library', async () => {
  expect(await textLines(['2 * 3 * 4', 'snake_case'])).toBe(plainLines)
  expect(await textLines(['plain', 'a **b**'])).toBe(markdownLines)
})

test('no word of the Japanese decks of others is taken for Markdown', () => {
  for (const name of ['n1', 'n5', 'capital']) {
    const lines = readFileSync(`test/fixtures/${name}.csv`, 'utf8').split(/\r?\n/)
    // the last column is an identifier of random characters
    const texts = lines.flatMap((line) => (name === 'capital' ? line : line.slice(0, -11)).split(','))
    expect(texts.filter(hasMarkup)).toEqual([])
  }
})
