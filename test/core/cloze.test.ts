import { expect, test } from 'vitest'
import { judgeAnswer } from '../../src/core/answer.ts'
import { type ClozeCard, parseCloze } from '../../src/core/cloze.ts'
import { pick, random } from './random.ts'

const cards = (text: string) => parseCloze(text).map(({ question, answer }) => [question, answer])

test.each<[text: string, cards: [question: string, answer: string][]]>([
  [
    'The {{c1::mitochondrion}} is the {{c2::powerhouse}} of the cell',
    [
      ['The [...] is the powerhouse of the cell', 'mitochondrion'],
      ['The mitochondrion is the [...] of the cell', 'powerhouse'],
    ],
  ],
  // in the order of the numbers, whatever the order in the text
  [
    '{{c3::three}} {{c1::one}}',
    [
      ['three [...]', 'one'],
      ['[...] one', 'three'],
    ],
  ],
  ['{{c1::Gaborone::city}} is in Botswana', [['[city] is in Botswana', 'Gaborone']]],
  ['{{c1::Gaborone::}} is in Botswana', [['[...] is in Botswana', 'Gaborone']]],
  // the same number several times
  ['{{c1::red}}, white and {{c1::blue}}', [['[...], white and [...]', 'red, blue']]],
  ['{{c1::red::colour}} and {{c1::red}}', [['[colour] and [...]', 'red']]],
  // nested: hidden, the outer takes the inner with it
  [
    'x {{c1::a {{c2::b}} c}} y',
    [
      ['x [...] y', 'a b c'],
      ['x a [...] c y', 'b'],
    ],
  ],
  [
    '{{c1::a {{c2::b::inner}} c::outer}}',
    [
      ['[outer]', 'a b c'],
      ['a [inner] c', 'b'],
    ],
  ],
  ['{{c1::a {{c1::b}} c}} d', [['[...] d', 'a b c']]],
  [
    '{{c1::{{c2::{{c3::deep}} er}} st}}',
    [
      ['[...]', 'deep er st'],
      ['[...] st', 'deep er'],
      ['[...] er st', 'deep'],
    ],
  ],
  // braces that are no deletions
  ['\\frac{{a}}{b} = {{c1::c}}', [['\\frac{{a}}{b} = [...]', 'c']]],
  ['half: {{c1::\\frac{1}{2}}}', [['half: [...]', '\\frac{1}{2}']]],
  ['{{c1::\\frac{{a}}{b}}}}', [['[...]}', '\\frac{{a}}{b}']]],
  ['{{c1::{{x}}}} y', [['[...] y', '{{x}}']]],
  ['if (a) {{c1::{ return }}} }', [['if (a) [...] }', '{ return }']]],
  [
    '{{c1::a { b}} and {{c2::c}}',
    [
      ['[...] and c', 'a { b'],
      ['a { b and [...]', 'c'],
    ],
  ],
  ['{{c1::a } b}} c', [['[...] c', 'a } b']]],
  ['{{ name }} is {{c1::mustache}} }}', [['{{ name }} is [...] }}', 'mustache']]],
  ['}} {{c1::a}} {{', [['}} [...] {{', 'a']]],
  // :: parts the hint, but not in code
  ['{{c1::`std::sort`::C++}} sorts', [['[C++] sorts', '`std::sort`']]],
  ['{{c1::a::b::c}} d', [['[b::c] d', 'a']]],
  ['two\nlines {{c1::here\nand here}}', [['two\nlines [...]', 'here\nand here']]],
  ['{{C01::a}} b', [['[...] b', 'a']]],
  ['{{c500::日本}}の首都', [['[...]の首都', '日本']]],
])('%j', (text, expected) => {
  expect(cards(text)).toEqual(expected)
})

test('cards know their numbers', () => {
  expect(parseCloze('{{c7::a}} {{c2::b}}').map(({ number }) => number)).toEqual([2, 7])
})

test.each([
  ['no deletion', 'There is no deletion in the text.'],
  ['{{c1:a}}', 'There is no deletion in the text.'],
  ['', 'There is no deletion in the text.'],
  ['{{c1::a', 'The deletion c1 is never closed.'],
  ['{{c1::a}', 'The deletion c1 is never closed.'],
  ['{{c1::a {{c2::b}}', 'The deletion c1 is never closed.'],
  ['{{c1::}} b', 'The deletion c1 is empty.'],
  ['{{c1:: }} b', 'The deletion c1 is empty.'],
  ['{{c1::::hint}} b', 'The deletion c1 is empty.'],
  ['{{c1::a}} {{c1::}}', 'The deletion c1 is empty.'],
  ['{{c0::a}}', 'The deletion c0 cannot be: they are numbered from c1 on.'],
  ['{{c501::a}}', 'The deletion c501 cannot be: they are numbered up to c500.'],
  [`{{c${'9'.repeat(400)}::a}}`, `The deletion c${'9'.repeat(400)} cannot be: they are numbered up to c500.`],
  ['{{c::a}}', 'A deletion has no number.'],
  ['{{c1::[...]}}{{c2::[...]}}', 'The deletions c1 and c2 make the same question.'],
  ['{{c1::a'.repeat(9) + '}}'.repeat(9), 'More than 8 deletions are inside each other.'],
])('%j is refused: %s', (text, message) => {
  expect(() => parseCloze(text)).toThrow(message)
})

test('a typed answer may part several deletions as it likes', () => {
  const [card] = parseCloze('{{c1::red}}, white and {{c1::blue}}') as [ClozeCard]
  for (const typed of ['red, blue', 'red blue', 'Red; Blue'])
    expect(judgeAnswer(typed, { ...card, accepted_answers: [] }, { strict: false }).verdict).toBe('right')
})

test('any text gives cards or says why not', () => {
  const next = random(5)
  const pieces = ['{{c1::', '{{c2::', '}}', '{', '}', '::', 'a', ' ', '`', '\n', '{{c0::', '日'] as const
  let made = 0
  for (let count = 0; count < 10_000; count++) {
    const text = Array.from({ length: 1 + Math.floor(next() * 12) }, () => pick(next, pieces)).join('')
    try {
      for (const { question, answer } of parseCloze(text)) {
        made++
        expect(question).toContain('[')
        expect(answer.trim()).not.toBe('')
      }
    } catch (error) {
      expect(error).toMatchObject({ name: 'CliError', kind: 'usage' })
    }
  }
  expect(made).toBeGreaterThan(100)
})

test('a long text is read in a time that is not its square', () => {
  const text = `${'{'.repeat(30_000)}${'{{c1::a {b} `::` {{c2::c}} {{c1::d}} }} '.repeat(3000)}${'}'.repeat(30_000)}`
  expect(parseCloze(text)).toHaveLength(2)
})
