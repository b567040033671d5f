import { describe, expect, test } from 'vitest'
import { type Judgement, judgeAnswer } from '../../src/core/answer.ts'
import { graphemes } from '../../src/core/graphemes.ts'
import type { DiffPart } from '../../src/core/parts.ts'
import { pick, random } from './random.ts'

type Verdict = Judgement['verdict']

function judge(typed: string, answer: string, strict = false): Judgement {
  return judgeAnswer(typed, { answer, accepted_answers: [] }, { strict })
}

/** Parts as one reads them: `pe{-r}ro` for a missing r, `{+x}` for one too many, `{a→b}` for a wrong one, `{a≈b}` forgiven. */
function drawn(parts: readonly DiffPart[]): string {
  const draw = ({ kind, typed, expected }: DiffPart) =>
    ({
      same: typed,
      forgiven: `{${typed}≈${expected}}`,
      missing: `{-${expected}}`,
      extra: `{+${typed}}`,
      wrong: `{${typed}→${expected}}`,
    })[kind]
  return parts.map(draw).join('')
}

/*
 * As a person would judge, who wants to know whether the other knows it. What the keyboard may not have, what ordinary
 * writing leaves out and what nobody sees is forgiven. A letter that every keyboard of the script has is a letter.
 */
const JUDGED: Record<string, [typed: string, answer: string, verdict: Verdict][]> = {
  'case, space, punctuation': [
    ['perro', 'perro', 'right'],
    ['PERRO', 'perro', 'right'],
    ['  the   dog ', 'the dog', 'right'],
    ['the\u00a0dog', 'the dog', 'right'],
    ['the dog\n', 'the dog', 'right'],
    ['hello, world!', 'Hello world', 'right'],
    ['Que tal', '¿Qué tal?', 'right'],
    ['dont', "don't", 'right'],
    ['don’t', "don't", 'right'],
    ['don`t', 'don’t', 'right'],
    ['l´eau', "l'eau", 'right'],
    ['well known', 'well-known', 'right'],
    ['email', 'e-mail', 'right'],
    ['1914-1918', '1914–1918', 'right'],
    ['"Guernica"', '«Guernica»', 'right'],
    ['icecream', 'ice cream', 'close'],
    ['alot', 'a lot', 'close'],
    ['?', 'dog', 'wrong'],
  ],
  'slips and other words': [
    ['recieve', 'receive', 'close'],
    ['pero', 'perro', 'close'],
    ['perros', 'perro', 'close'],
    ['dogs', 'dog', 'close'],
    ['dig', 'dog', 'wrong'],
    ['mitocondria', 'mitochondrion', 'close'],
    ['gato', 'perro', 'wrong'],
    ['the capital of Italy', 'the capital of Spain', 'wrong'],
    ['he is here', 'he is not here', 'wrong'],
    ['the powerhouse in the cell', 'the powerhouse of the cell', 'wrong'],
    ['the powerhuose of teh cell', 'the powerhouse of the cell', 'close'],
    ['the', 'the powerhouse of the cell', 'wrong'],
  ],
  // der and das are what one learns: not forgiven, but not the word either
  articles: [
    ['dog', 'the dog', 'close'],
    ['the dog', 'dog', 'close'],
    ['das Hund', 'der Hund', 'close'],
    ['eau', "l'eau", 'close'],
    ['the cat', 'the dog', 'wrong'],
  ],
  // ñ and ü are letters of their own as well, but there are many keyboards without them: every Latin mark is forgiven
  Latin: [
    ['nino', 'niño', 'right'],
    ['cafe', 'café', 'right'],
    ['cafe\u0301', 'café', 'right'],
    ['oeuf', 'œuf', 'right'],
    ['Tromso', 'Tromsø', 'right'],
    ['Lodz', 'Łódź', 'right'],
    ['fiance', 'ﬁancé', 'right'],
    ['Hawaii', 'Hawaiʻi', 'right'],
    ['col.lega', 'col·lega', 'right'],
    ['Dien Bien Phu', 'Điện Biên Phủ', 'right'],
    ['pho', 'phở', 'right'],
    ['phơ', 'phu', 'wrong'],
  ],
  German: [
    ['strasse', 'Straße', 'right'],
    ['STRASSE', 'Straße', 'right'],
    ['STRAẞE', 'Straße', 'right'],
    ['strase', 'Straße', 'close'],
    ['Muller', 'Müller', 'right'],
    ['Mueller', 'Müller', 'right'],
    ['Müller', 'Mueller', 'right'],
    ['Koeln', 'Köln', 'right'],
    ['Kuln', 'Köln', 'close'],
  ],
  // dotless ı has the capital I, which in other languages is that of i
  Turkish: [
    ['istanbul', 'İstanbul', 'right'],
    ['ISTANBUL', 'İstanbul', 'right'],
    ['DIŞ', 'dış', 'right'],
    ['isik', 'ışık', 'right'],
    ['i\u0307stanbul', 'İstanbul', 'right'],
  ],
  Greek: [
    ['ΟΔΟΣ', 'οδός', 'right'],
    ['οδοσ', 'οδός', 'right'],
    ['λογος', 'λόγος', 'right'],
    ['μηνις', 'μῆνις', 'right'],
    ['αλλ', 'ἀλλ᾽', 'right'],
    ['λόγοι', 'λόγος', 'close'],
  ],
  // ё is printed е; й, ї and ў are letters on the keyboard, and mean something else
  Cyrillic: [
    ['елка', 'ёлка', 'right'],
    ['ёлка', 'елка', 'right'],
    ['МОСКВА', 'Москва', 'right'],
    ['замок', 'за\u0301мок', 'right'],
    ['чаи', 'чай', 'wrong'],
    ['трамваи', 'трамвай', 'close'],
    ['и\u0306од', 'йод', 'right'],
    ['іжак', 'їжак', 'close'],
  ],
  Hebrew: [
    ['שלום', 'שָׁלוֹם', 'right'],
    ['שָׁלוֹם', 'שלום', 'right'],
    ['צהל', 'צה״ל', 'right'],
    ['צה"ל', 'צה״ל', 'right'],
    ['בית־ספר', 'בית ספר', 'right'],
    ['שלומ', 'שלום', 'close'],
  ],
  // hamza on alif is left out by most who write; on other letters it is spelling
  'Arabic and Persian': [
    ['محمد', 'مُحَمَّد', 'right'],
    ['كتاب', 'كِتَابٌ', 'right'],
    ['العربية', 'العـــربية', 'right'],
    ['احمد', 'أحمد', 'right'],
    ['سوال', 'سؤال', 'close'],
    ['میخواهم', 'می‌خواهم', 'right'],
    ['كتابي', 'کتابی', 'right'],
    ['قطاب', 'كتاب', 'wrong'],
  ],
  // the dakuten makes another letter, and so does the script: ネコ is not how ねこ is written
  Japanese: [
    ['ﾊﾟﾝ', 'パン', 'right'],
    ['ＡＢＣ', 'ABC', 'right'],
    ['ガス', 'ｶﾞｽ', 'right'],
    ['か\u3099', 'が', 'right'],
    ['か', 'が', 'wrong'],
    ['ありかとう', 'ありがとう', 'close'],
    ['びよういん', 'びょういん', 'close'],
    ['ネコ', 'ねこ', 'wrong'],
    ['東京　都', '東京都', 'right'],
    ['ニューヨーク', 'ニュー・ヨーク', 'right'],
    ['~ている', '〜ている', 'right'],
    ['ている', '～ている', 'right'],
    ['東京', '京都', 'wrong'],
  ],
  Chinese: [
    ['你好世界', '你好，世界。', 'right'],
    ['你 好', '你好', 'right'],
    ['他', '她', 'wrong'],
    ['中华人名', '中华人民', 'close'],
    ['ni hao', 'nǐ hǎo', 'right'],
  ],
  Korean: [
    ['\u1112\u1161\u11ab\u1100\u116e\u11a8', '한국', 'right'],
    ['한국', '\u1112\u1161\u11ab\u1100\u116e\u11a8', 'right'],
    ['한굴', '한국', 'close'],
    ['안녕하새요', '안녕하세요', 'close'],
    ['일본', '한국', 'wrong'],
  ],
  // vowel signs and tones are marks to Unicode, and letters to those who read them
  'other scripts': [
    ['क', 'कि', 'wrong'],
    ['हिन्दी', 'हिन्दी', 'right'],
    ['ไม่', 'ไม้', 'wrong'],
    ['กรุงเทพ มหานคร', 'กรุงเทพมหานคร', 'right'],
    ['თბილისი', 'ᲗᲑᲘᲚᲘᲡᲘ', 'right'],
  ],
  // the colour of a hand is that of the keyboard's owner
  emoji: [
    ['❤', '❤️', 'right'],
    ['👍🏽', '👍', 'right'],
    ['👍🏽', '👍🏿', 'right'],
    ['👨‍👩‍👧', '👨‍👩‍👧', 'right'],
    ['👨👩👧', '👨‍👩‍👧', 'wrong'],
    ['🇩🇪', '🇫🇷', 'wrong'],
    ['🇩🇪', '🇩🇪', 'right'],
    ['🏽', '🏿', 'wrong'],
  ],
  // 1,000 is 1000 (and 1.000, and 1'000): nobody who types 1000 means 1. A digit is never a slip
  numbers: [
    ['1000', '1,000', 'right'],
    ['1,000', '1000', 'right'],
    ['1 000 000', '1,000,000', 'right'],
    ["1'000.50", '1,000.50', 'right'],
    ['1000', '1.000', 'right'],
    ['3.14', '3,14', 'right'],
    ['314', '3.14', 'wrong'],
    ['1984', '1985', 'wrong'],
    ['１９８４', '1984', 'right'],
    ['12', '1,2', 'wrong'],
    ['1, 2', '1,2', 'right'],
    ['5', '-5', 'wrong'],
    ['−5', '-5', 'right'],
    ['5 km', '5km', 'right'],
    ['50', '50%', 'wrong'],
    ['50 %', '50%', 'right'],
    ['20 C', '20 °C', 'right'],
    ['1 1/2', '1½', 'right'],
    ['11/2', '1½', 'close'],
    ['٣', '3', 'wrong'],
  ],
  'formulas and code': [
    ['E=mc2', 'E = mc²', 'right'],
    ['e = mc^2', 'E = mc²', 'right'],
    ['102', '10²', 'wrong'],
    ['10^23', '10²³', 'right'],
    ['10^-2', '10⁻²', 'right'],
    ['H2O', 'H₂O', 'right'],
    ['2(3)+4', '2(3+4)', 'wrong'],
    ['a<=b', 'a ≤ b', 'right'],
    ['2*3', '2 × 3', 'right'],
    ['c', 'C++', 'wrong'],
    ['C', 'C#', 'wrong'],
    ['!=', '!=', 'right'],
    ['=', '!=', 'wrong'],
    ['ls a', 'ls -a', 'wrong'],
    ['ing', '-ing', 'right'],
    ['ls -a', '`ls -a`', 'right'],
    ['ls -A', '`ls -a`', 'close'],
    ['`ls -a`', '`ls -a`', 'right'],
    ['a | b', '`a | b`', 'right'],
    ['a', '`a | b`', 'wrong'],
    ['x = 1\ny = 2', '```js\nx = 1\ny = 2\n```', 'right'],
  ],
  'several answers': [
    ['dog', 'dog | hound', 'right'],
    ['Hound', 'dog | hound', 'right'],
    ['hond', 'dog | hound', 'close'],
    ['dog | hound', 'dog | hound', 'right'],
    ['dog', 'dog|hound', 'wrong'],
    ['a | b', 'a \\| b', 'right'],
    ['a', 'a \\| b', 'wrong'],
  ],
  Markdown: [
    ['dog', '**dog**', 'right'],
    ['the dog', 'the _dog_', 'right'],
    ['unhappy', '**un**happy', 'right'],
    ['snake_case', 'snake_case', 'right'],
    ['2*3*4', '2*3*4', 'right'],
    ['Gaborone', '[Gaborone](https://example.org/x)', 'right'],
    ['red, green', '- red\n- green', 'right'],
    ['red green', '1. red\n2. green', 'right'],
    ['5', '> 5', 'wrong'],
    ['Gaborone', '**Gaborone**\n\nSince 1966.', 'right'],
    ['Gaborone. Since 1966', '**Gaborone**\n\nSince 1966.', 'right'],
    ['Since 1966', '**Gaborone**\n\nSince 1966.', 'wrong'],
    ['__init__', '__init__', 'right'],
    ['init', '__init__', 'wrong'],
    ['# of cards', '# of cards', 'right'],
    ['of cards', '# of cards', 'wrong'],
    ['Dog. Canis lupus', '## Dog\nCanis lupus', 'right'],
    ['to be or not', '> to be\n> or not', 'right'],
  ],
  'what nobody sees': [
    ['do\u200bg', 'dog', 'right'],
    ['dog\ufeff', 'dog', 'right'],
    ['do\u00adg', 'dog', 'right'],
    ['dog\0', 'dog', 'right'],
    ['', 'dog', 'empty'],
    [' \t\n', 'dog', 'empty'],
  ],
}

describe.each(Object.entries(JUDGED))('%s', (_, cases) => {
  test.each(cases)('%j for %j is %s', (typed, answer, verdict) => {
    const judgement = judge(typed, answer)
    expect(judgement.verdict, drawn(judgement.parts)).toBe(verdict)
  })
})

test('there are enough cases to call it a table', () => {
  expect(Object.values(JUDGED).flat().length).toBeGreaterThan(180)
})

test.each<[typed: string, answer: string, verdict: Verdict]>([
  ['perro', 'perro', 'right'],
  [' perro ', 'perro', 'right'],
  ['cafe\u0301', 'café', 'right'],
  ['perro', '**perro**', 'right'],
  ['hound', 'dog | hound', 'right'],
  ['Perro', 'perro', 'close'],
  ['cafe', 'café', 'close'],
  ['dont', "don't", 'close'],
  ['pero', 'perro', 'close'],
  ['ABC', 'ＡＢＣ', 'close'],
  ['gato', 'perro', 'wrong'],
  ['', 'perro', 'empty'],
])('strictly, %j for %j is %s', (typed, answer, verdict) => {
  expect(judge(typed, answer, true).verdict).toBe(verdict)
})

test.each([
  ['right', 'dog', 'got_it'],
  ['close', 'the dog', 'almost'],
  ['wrong', 'cat', 'again'],
  ['empty', '', 'again'],
])('%s suggests a grade', (verdict, typed, suggested) => {
  expect(judge(typed, 'dog')).toMatchObject({ verdict, suggested })
})

test('accepted answers count as they are written, and the nearest is the best', () => {
  const card = { answer: 'perro | can', accepted_answers: ['el perro', 'a | b', 'perrito'] }
  const best = (typed: string) => {
    const { verdict, best } = judgeAnswer(typed, card, { strict: false })
    return [verdict, best]
  }
  expect(best('EL PERRO')).toEqual(['right', 'el perro'])
  expect(best('zzz')).toEqual(['wrong', 'perro'])
  expect(best('a | b')).toEqual(['right', 'a | b'])
  expect(best('perritto')).toEqual(['close', 'perrito'])
  expect(best('cna')).toEqual(['wrong', 'can'])
  expect(best('')).toEqual(['empty', 'perro'])
})

test.each([
  ['perro', 'perro', 'perro'],
  ['pero', 'perro', 'per{-r}o'],
  ['perrro', 'perro', 'perr{+r}o'],
  ['pedro', 'perro', 'pe{d→r}ro'],
  ['recieve', 'receive', 'rec{ie→ei}ve'],
  ['STRASE', 'Straße', 'S{TRA≈tra}{S→ß}{E≈e}'],
  ['strasse', 'straße', 'stra{ss≈ß}e'],
  ['cafe', 'café', 'caf{e≈é}'],
  ['dont', "don't", "don{≈'}t"],
  ['icecream', 'ice cream', 'ice{- }cream'],
  ['ice-cream', 'ice cream', 'ice{-≈ }cream'],
  ['the dog', 'dog', '{+the }dog'],
  ['dog', 'the dog', '{-the }dog'],
  [' dog ', 'dog', '{ ≈}dog{ ≈}'],
  ['gato', 'dog', '{gat→dog}{+o}'],
  // nobody is helped by the letters that two words happen to share
  ['mitochondria', 'Tokyo', '{mitoc→Tokyo}{+hondria}'],
  ['한굴', '한국', '한{굴→국}'],
  ['שלום', 'שָׁלוֹם', '{ש≈שָׁ}ל{ו≈וֹ}ם'],
  ['👩👧', '👩‍👧', '{👩→👩‍👧}{+👧}'],
  ['', 'dog', '{-dog}'],
])('the difference of %j and %j is %s', (typed, answer, parts) => {
  expect(drawn(judge(typed, answer).parts)).toBe(parts)
})

test('strictly, nothing is forgiven in the difference', () => {
  expect(drawn(judge('Cafe', 'café', true).parts)).toBe('{C→c}af{e→é}')
})

const PIECES = [
  ...[
    'a',
    'b',
    'A',
    'é',
    'e\u0301',
    'ß',
    'ss',
    'ü',
    'ue',
    'ı',
    'İ',
    'ς',
    'Σ',
    'й',
    'ё',
    'שָׁ',
    'مُ',
    'ـ',
    'ｶﾞ',
    'か',
    '한',
  ],
  ...[
    '\u1112',
    '\u1161',
    '👍🏽',
    '👨‍👩‍👧',
    '🇩🇪',
    '🇩',
    '❤️',
    '\ufe0f',
    '\u200d',
    '\u0301',
    '\ud83d',
    '\udc4d',
    '\0',
    '\x1b',
  ],
  ...[
    ' ',
    '\n',
    '\r\n',
    '\t',
    '.',
    ',',
    '-',
    '–',
    "'",
    '"',
    '|',
    ' | ',
    '*',
    '**',
    '_',
    '`',
    '```',
    '\\',
    '[',
    ']',
    '(',
    ')',
  ],
  ...[
    '1',
    '0',
    '1,000',
    '1.000',
    '½',
    '²',
    '^',
    '+',
    '=',
    '≠',
    '%',
    '°',
    '#',
    '> ',
    '- ',
    '# ',
    '\u{1f3fd}',
    'ไม่',
    'कि',
  ],
] as const

function texts(seed: number, count: number, length: number): string[] {
  const next = random(seed)
  const text = () =>
    Array.from({ length: 1 + Math.floor(next() * length) }, () =>
      pick(next, PIECES as readonly [string, ...string[]]),
    ).join('')
  return Array.from({ length: count }, text)
}

describe('whatever the texts are', () => {
  test('a text against itself is right, strictly too', () => {
    for (const text of texts(1, 1000, 12).filter((text) => text.trim() !== '')) {
      expect(judge(text, text).verdict, JSON.stringify(text)).toBe('right')
      expect(judge(text, text, true).verdict, JSON.stringify(text)).toBe('right')
    }
  })

  test('the parts are what was typed, and the best answer, in whole characters', () => {
    const all = texts(2, 1000, 10)
    for (const [index, typed] of all.entries()) {
      const answer = all[(index * 7 + 1) % all.length] ?? ''
      for (const strict of [false, true]) {
        const { best, parts } = judge(typed, answer, strict)
        const of = (side: 'typed' | 'expected') => parts.map((part) => part[side])
        expect(of('typed').join('')).toBe(typed)
        expect(of('expected').join('')).toBe(best)
        for (const side of ['typed', 'expected'] as const)
          expect(of(side).flatMap((text) => [...graphemes(text)])).toEqual([...graphemes(of(side).join(''))])
        for (const { kind, typed, expected } of parts) {
          expect(kind === 'same').toBe(typed === expected)
          if (kind === 'missing') expect(typed).toBe('')
          if (kind === 'extra') expect(expected).toBe('')
        }
      }
    }
  })

  test('right, close and wrong agree with the parts', () => {
    const all = texts(3, 1000, 6)
    for (const [index, typed] of all.entries()) {
      const { verdict, parts } = judge(typed, all[(index * 5 + 3) % all.length] ?? '')
      const faults = parts.filter(({ kind }) => kind !== 'same' && kind !== 'forgiven')
      if (verdict !== 'empty') expect(faults.length === 0, JSON.stringify(parts)).toBe(verdict === 'right')
    }
  })

  test('every character of the first planes, alone', () => {
    for (let code = 1; code <= 0x1ffff; code += code < 0x250 ? 1 : 13) {
      const text = String.fromCodePoint(code)
      if (text.trim() !== '') expect(judge(text, text).verdict, code.toString(16)).toBe('right')
    }
  })
})

test('long texts are judged, and the work does not grow with their square', () => {
  const next = random(11)
  const long = Array.from({ length: 10_000 }, () => pick(next, ['a', 'b', 'c ', 'é', '日'])).join('')
  const other = Array.from({ length: 10_000 }, () => pick(next, ['a', 'b', 'c ', 'é', '日'])).join('')
  expect(judge(long, long).verdict).toBe('right')
  expect(judge(`${long}x`, long).verdict).toBe('close')
  expect(judge(other, long).verdict).toBe('wrong')
  const marks = '`a ``b ```c *d **e _f [g](h '.repeat(3000)
  expect(judge(marks, `${marks}!`).verdict).toBe('close')
  expect(
    judgeAnswer(
      other,
      { answer: long, accepted_answers: Array.from({ length: 20 }, (_, i) => other.slice(i + 1)) },
      { strict: false },
    ).verdict,
  ).toBe('close')
})
