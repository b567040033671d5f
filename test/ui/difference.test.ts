import { Chalk } from 'chalk'
import { describe, expect, test } from 'vitest'
import { judgeAnswer } from '../../src/core/answer.ts'
import { difference } from '../../src/ui/difference.ts'
import { width } from '../../src/ui/text.ts'

const plain = new Chalk({ level: 0 })

function drawn(typed: string, answer: string, columns = 80, style = plain): string[] {
  const { parts } = judgeAnswer(typed, { answer, accepted_answers: [] }, { strict: false })
  return difference(parts, style, columns)
}

test.each<[what: string, typed: string, answer: string, lines: string[]]>([
  ['the same', 'perro', 'perro', ['answer  perro']],
  [
    'missing, wrong',
    'mitocondria',
    'mitochondrion',
    ['typed   mitoc ondria', 'answer  mitochondrion', '             +     ^+'],
  ],
  ['too much', 'perrro', 'perro', ['typed   perrro', 'answer  perr o', '            -']],
  ['changed places', 'recieve', 'receive', ['typed   recieve', 'answer  receive', '           ^^']],
  ['forgiven', 'cafe', 'café', ['typed   cafe', 'answer  café', '           ~']],
  ['one for two', 'strase', 'Straße', ['typed   strase', 'answer  Straße', '        ~   ^']],
  ['a space', 'icecream', 'ice cream', ['typed   ice cream', 'answer  ice␣cream', '           +']],
  ['a hyphen', 'ice-cream', 'ice cream', ['typed   ice-cream', 'answer  ice␣cream', '           ~']],
  ['wide', 'ありかとう', 'ありがとう', ['typed   ありかとう', 'answer  ありがとう', '            ^^']],
  ['widths', 'ABd', 'ＡＢＣ', ['typed   A B d', 'answer  ＡＢＣ', '        ~~~~^^']],
  ['half width', 'ﾊﾟﾝ', 'パン', ['typed   ﾊﾟﾝ', 'answer  パン', '        ~~~~']],
  ['syllables', '한굴', '한국', ['typed   한굴', 'answer  한국', '          ^^']],
  ['emoji', '👍🏽x', '👍', ['typed   👍🏽x', 'answer  👍', '        ~~-']],
  ['nothing', '', 'dog', ['typed', 'answer  dog', '        +++']],
  ['control characters', 'd\x1b[2Jog', 'dog', ['typed   d␛[2Jog', 'answer  d    og', '         ----']],
  ['lines', 'one\ntwo', 'one three', ['typed   one⏎two', 'answer  one␣three', '           ~ ^^++']],
])('%s', (_, typed, answer, lines) => {
  expect(drawn(typed, answer)).toEqual(lines)
})

test('signs in a list, for those who cannot see what is above what', () => {
  const { parts } = judgeAnswer('strse', { answer: 'Straße', accepted_answers: [] }, { strict: false })
  expect(difference(parts, plain, 80, false)).toEqual([
    'typed   strse',
    'answer  Straße',
    '        ~ s → S',
    '        + a',
    '        ^ s → ß',
  ])
})

test('text from right to left has its signs in a list', () => {
  expect(drawn('שלומ', 'שלום')).toEqual(['typed   שלומ', 'answer  שלום', '        ^ מ → ם'])
  expect(drawn('محمد', 'مُحَمَّد')).toEqual(['typed   محمد', 'answer  مُحَمَّد', '        ~ محم → مُحَمَّ'])
})

describe('in a narrow window', () => {
  test('goes on below, and leaves out what says nothing', () => {
    expect(drawn('the powerhuose of the cell', 'the powerhouse of the cell', 20)).toEqual([
      'typed   the powerhuo',
      'answer  the powerhou',
      '                  ^^',
      'answer  se of the ce',
      'answer  ll',
    ])
  })

  test.each([1, 9, 10, 11, 24, 40])('keeps to %d columns, or to the narrowest', (columns) => {
    for (const [typed, answer] of [
      ['日本の首都は東京でずか', '日本の首都は東京です'],
      ['👨‍👩‍👧👍🏽 ok', '👨‍👩‍👧 ko'],
      ['the quick brown fox', 'a quick browm dog'],
    ] as const)
      for (const line of drawn(typed, answer, columns))
        expect(width(line)).toBeLessThanOrEqual(Math.max(10, columns))
  })
})

test('colours say the same as signs', () => {
  const style = new Chalk({ level: 1 })
  expect(drawn('pedo', 'perro', 80, style)).toEqual([
    '\x1b[2mtyped   \x1b[22mpe\x1b[31md\x1b[39m\x1b[32m \x1b[39mo',
    '\x1b[2manswer  \x1b[22mpe\x1b[32mr\x1b[39m\x1b[32mr\x1b[39mo',
    '          \x1b[31m^\x1b[39m\x1b[32m+\x1b[39m',
  ])
})
