import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { graphemes } from '../../src/core/graphemes.ts'
import { oneLine, safe } from '../../src/ui/safe.ts'
import { padEnd, truncate, width, wrap } from '../../src/ui/text.ts'
import { pick, random } from '../core/random.ts'

const FAMILY = '👨‍👩‍👧‍👦'
const SAMPLES = [
  'The quick brown fox jumps over the lazy dog.',
  '    indented: a line that has to be continued below its own beginning',
  '日本の首都は東京です。「東の都」という意味です。',
  'العاصمة المصرية هي القاهرة، أكبر مدن العالم العربي',
  'בְּרֵאשִׁית בָּרָא אֱלֹהִים אֵת הַשָּׁמַיִם וְאֵת הָאָרֶץ',
  'กรุงเทพมหานครเป็นเมืองหลวงและนครที่มีประชากรมากที่สุดของประเทศไทย',
  'संयुक्त राज्य अमेरिका की राजधानी वाशिंगटन है',
  `${FAMILY}${FAMILY} 🇩🇪🇫🇷🇯🇵 1️⃣2️⃣ ❤️ 👍🏽`,
  'Zürich, cafe\u0301, a\u0300\u0301\u0302\u0303bc, ﬁne',
  '안녕하세요 한국어 텍스트입니다',
  'https://example.org/a/very/long/address/that/has/no/spaces?and=more&of=it',
  'one\n\n  two\n  three  four\n',
] as const

describe('safe', () => {
  test.each([
    ['plain text', 'plain text'],
    ['two\nlines', 'two\nlines'],
    ['\x1b]0;evil\x07', '␛]0;evil␇'],
    ['\x1b[31mred', '␛[31mred'],
    ['\x9b31m', '�31m'],
    ['harmless\rEVIL', 'harmless␍EVIL'],
    ['one\r\ntwo\u2028three\u2029four\u0085five', 'one\ntwo\nthree\nfour\nfive'],
    ['\0\b\x7f', '␀␈␡'],
    ['a\tb', 'a    b'],
    ['\u202eevil\u202c \u2066x\u2069', 'evil x'],
    ['\ud83d!', '�!'],
    ['!\ude00', '!�'],
    [FAMILY, FAMILY],
    ['क्‍ष می‌خواهم', 'क्‍ष می‌خواهم'],
  ])('%j is shown as %j', (text, shown) => {
    expect(safe(text)).toBe(shown)
  })

  test('leaves nothing that a terminal obeys, and is at peace with its own result', () => {
    const everything = Array.from({ length: 0x3000 }, (_, code) => String.fromCharCode(code)).join('')
    expect(safe(everything)).not.toMatch(/(?!\n)\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u)
    expect(safe(safe(everything))).toBe(safe(everything))
  })
})

test.each([
  ['one line', 'one line'],
  ['  around ', 'around'],
  ['one\ntwo', 'one ⏎ two'],
  ['one  \r\n\r\n  two\n', 'one ⏎ two'],
  ['\x1b[2Jone', '␛[2Jone'],
])('%j in one line is %j', (text, line) => {
  expect(oneLine(text)).toBe(line)
})

test.each([
  ['', 0],
  ['ascii', 5],
  ['日本', 4],
  ['e\u0301', 1],
  [FAMILY, 2],
  ['🇩🇪', 2],
  ['1️⃣', 2],
  ['ﾊﾟ', 2],
  ['שָׁלוֹם', 4],
  ['ไทย', 3],
  ['\x1b[31mred\x1b[39m', 3],
])('%s is %d columns wide', (text, columns) => {
  expect(width(text)).toBe(columns)
})

describe('truncate', () => {
  test.each([
    ['short', 5, 'short'],
    ['longer', 5, 'long…'],
    ['longer', 1, '…'],
    ['longer', 0, ''],
    ['日本の首都', 10, '日本の首都'],
    ['日本の首都', 9, '日本の首…'],
    ['日本の首都', 8, '日本の…'],
    ['日本', 1, '…'],
    [`${FAMILY}${FAMILY}x`, 4, `${FAMILY}…`],
    ['cafe\u0301 noir', 5, 'cafe\u0301…'],
    ['cafe\u0301', 4, 'cafe\u0301'],
    ['🇩🇪🇫🇷', 3, '🇩🇪…'],
  ])('%s to %d columns is %s', (text, columns, result) => {
    expect(truncate(text, columns)).toBe(result)
  })

  test('never exceeds, and leaves what fits', () => {
    for (const sample of SAMPLES.map((sample) => sample.replaceAll('\n', ' '))) {
      for (let columns = 0; columns < 80; columns++) {
        const result = truncate(sample, columns)
        expect(width(result)).toBeLessThanOrEqual(columns)
        expect(result === sample).toBe(width(sample) <= columns)
      }
    }
  })
})

test('padEnd fills up columns, not characters', () => {
  expect(padEnd('日本', 6)).toBe('日本  ')
  expect(padEnd('longer', 3)).toBe('longer')
})

describe('wrap', () => {
  test.each<[string, number, string[]]>([
    ['', 10, ['']],
    ['fits', 10, ['fits']],
    ['one two three', 9, ['one two', 'three']],
    ['one  two', 5, ['one', 'two']],
    ['a\n\nb', 10, ['a', '', 'b']],
    ['  - one two three', 10, ['  - one', '  two', '  three']],
    ['see https://example.org', 12, ['see https://', 'example.org']],
    ['ab cdefgh', 3, ['ab', 'cde', 'fgh']],
    ['日本の首都は東京です。', 10, ['日本の首都', 'は東京', 'です。']],
    ['「東の都」という意味', 8, ['「東の', '都」', 'という', '意味']],
    ['กรุงเทพเป็นเมืองหลวง', 14, ['กรุงเทพเป็นเมือง', 'หลวง']],
    [`${FAMILY}${FAMILY}${FAMILY}`, 5, [`${FAMILY}${FAMILY}`, FAMILY]],
    ['日本', 1, ['日', '本']],
  ])('%j in %d columns is %j', (text, columns, lines) => {
    expect(wrap(text, columns)).toEqual(lines)
  })

  test.each(SAMPLES)('%j fits and stays whole at every width', (sample) => {
    for (let columns = 2; columns < 80; columns++) expectWhole(sample, columns)
  })

  test('random text fits and stays whole', () => {
    const next = random(42)
    const characters = SAMPLES.flatMap((sample) =>
      [...new Intl.Segmenter().segment(sample)].map(({ segment }) => segment),
    )
    for (let count = 0; count < 1500; count++) {
      const length = Math.floor(next() * 60)
      const text = Array.from({ length }, () => pick(next, [' ', 'a', ...characters])).join('')
      expectWhole(text, 2 + Math.floor(next() * 40))
    }
  })
})

function expectWhole(text: string, columns: number) {
  const lines = wrap(text, columns)
  for (const line of lines) {
    if ([...new Intl.Segmenter().segment(line.trim())].length > 1)
      expect(width(line)).toBeLessThanOrEqual(columns)
  }
  expect(lines.join('').replace(/[ \n]/g, '')).toBe(text.replace(/[ \n]/g, ''))
}

test('long text is cut into the same characters as short text', () => {
  const next = random(7)
  for (let count = 0; count < 40; count++) {
    const parts = Array.from({ length: 300 }, () =>
      pick(next, ['a', ' ', ...SAMPLES, '\u0301', '👍🏽', '🇩🇪', '\u200d', '\ud83d']),
    )
    const text = parts.join('').slice(0, 4000)
    const whole = Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment)
    expect([...graphemes(text)]).toEqual(whole)
  }
})

test('a very long text is cut and wrapped whole, in a time that is not its square', () => {
  const huge = '日本'.repeat(50_000)
  expect(truncate(huge, 41)).toBe(`${'日本'.repeat(10)}…`)
  for (const sample of SAMPLES) {
    const word = sample.replaceAll(' ', '').repeat(30_000 / sample.length)
    expect(wrap(word, 72).join('').replaceAll('\n', '')).toBe(word.replaceAll('\n', ''))
  }
})

test('widths are those of string-width, which knows emoji and East Asian scripts', () => {
  for (const sample of SAMPLES) expect(width(sample)).toBe(stringWidth(sample))
  for (let code = 0; code <= 0xffff; code++) {
    const character = String.fromCharCode(code)
    if (width(character) !== stringWidth(character)) expect.fail(`U+${code.toString(16)} is measured wrongly`)
  }
})
