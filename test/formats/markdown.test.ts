import { describe, expect, test } from 'vitest'
import { hascard } from '../../src/formats/hascard.ts'
import { hashcards } from '../../src/formats/hashcards.ts'
import { headings } from '../../src/formats/headings.ts'
import { obsidian } from '../../src/formats/obsidian.ts'
import { card, cardsOf, failure, problemsOf, readAll, writtenAs } from './reading.ts'

describe('hashcards', () => {
  test.each([
    ['question and answer of several lines', 'Q: a\nb\nA:\n\nc\n\nd\n\n', [card('a\nb', 'c\n\nd')]],
    ['the deck', "---\nname = 'D'\n---\nQ: a\nA: b\n", [card('a', 'b', { deck: 'D' })]],
    ['comments', '<!-- x -->\nQ: a\n<!-- y\nQ: z -->\nA: b\n<!-- end -->', [card('a', 'b')]],
    ['CRLF', 'Q: a\r\nA: b\r\nc\r\n---\r\nQ: d\r\nA: e', [card('a', 'b\nc'), card('d', 'e')]],
    [
      'images and brackets behind a backslash are no deletions',
      'C: ![x](y.png) \\[a\\] [b \\] c] []',
      [card('![x](y.png) [a] [...] []', 'b ] c', { note: 'line 1' })],
    ],
    ['what Markdown shows', 'Q: Q\\: a\n\\---\nA: &#32;b', [card('Q: a\n---', ' b')]],
  ])('%s', async (_, text, cards) => {
    expect(await cardsOf(hashcards, text)).toEqual(cards)
  })

  test('every problem is named with its line', async () => {
    const text = 'stray\ntext\n\nA: b\nQ: a\n\nQ: b\nA: c\nA: d\nC: none\nQ:\nA: x\n---\nmore\n'
    expect(await problemsOf(hashcards, text)).toEqual([
      'line 1: this belongs to no card: a card begins with Q: or C:',
      'line 4: this belongs to no card: a card begins with Q: or C:',
      'line 5: the answer is empty',
      'line 9: this A: is one too many for its card',
      'line 10: this text has no [deletion] in it',
      'line 11: the question is empty',
      'line 14: this belongs to no card: a card begins with Q: or C:',
    ])
    expect(await problemsOf(hashcards, `C: ${'[a]'.repeat(501)}`)).toEqual([
      'line 1: this text has more than 500 deletions',
    ])
  })

  test.each([
    ['Q: a\nA: b\n<!-- x', 'failure: line 3: a comment opened here is never closed'],
    ['---\nname = "x"\n', 'failure: line 1: the front matter that begins here is never closed'],
  ])('%j cannot be read', async (text, message) => {
    expect(await failure(readAll(hashcards, text))).toBe(message)
  })

  test('writing', async () => {
    const text = await writtenAs(hashcards, { deck: 'D "x"' }, [], [card('a', 'b\nQ: c')], [card('d', 'e')])
    expect(text).toBe('---\nname = "D \\"x\\""\n---\n\nQ: a\nA: b\nQ\\: c\n\nQ: d\nA: e\n')
    expect(await cardsOf(hashcards, text)).toEqual([
      card('a', 'b\nQ: c', { deck: 'D "x"' }),
      card('d', 'e', { deck: 'D "x"' }),
    ])
  })
})

describe('headings', () => {
  test.each([
    ['a heading in code is code', '## a\n```sh\n## b\n```\n', [card('a', '```sh\n## b\n```')]],
    ['a heading below is part of the answer', '## a ##\n### b\nc\n', [card('a', '### b\nc')]],
    [
      'decks',
      '# D\n## a\nb\n# E\ntext\n## c\nd',
      [card('a', 'b', { deck: 'D' }), card('c', 'd', { deck: 'E' })],
    ],
    [
      'deletions with more to say',
      '## {{c1::a}} b\nc',
      [card('[...] b', 'a\n\nc', { note: 'line 1', accepted_answers: ['a'] })],
    ],
    ['front matter', '---\na: b\n---\n## a\nb', [card('a', 'b')]],
  ])('%s', async (_, text, cards) => {
    expect(await cardsOf(headings, text)).toEqual(cards)
  })
})

describe('hascard', () => {
  test.each([
    ['a gap inside a word is none', '# a\nsnake_case_name', [card('a', 'snake_case_name')]],
    ['a list without a right choice', '# a\n- b\n- c', ['line 1: the answer is empty']],
    ['no question', 'a\nb\n---\n# c\nd', ['line 1: a card begins with # and its question', card('c', 'd')]],
    ['a rule in code', '# a\n```\n---\n```', [card('a', '```\n---\n```')]],
  ])('%s', async (_, text, expected) => {
    const records = await readAll(hascard, text)
    const found = records.map((record) =>
      'card' in record ? record.card : `line ${record.line}: ${record.problem}`,
    )
    expect(found).toEqual(expected)
  })

  test('records behind each other are a file', async () => {
    const records = await readAll(hascard, '# a\nb\n---\n# c\nd _e_ _f_')
    const raw = records.flatMap((record) => (record.raw === undefined ? [] : [record.raw])).join('\n')
    expect((await cardsOf(hascard, raw)).map(({ answer }) => answer)).toEqual(['b', 'e', 'f'])
  })
})

describe('obsidian', () => {
  test.each([
    ['a line', 'text\n\n- a::b <!--SR:!2024-08-16,51,230-->\n', [card('a', 'b')]],
    ['a line both ways', 'a ::: b', [card('a', 'b', { reversible: true })]],
    ['colons in code', '`a::b` is c::d', [card('`a::b` is c', 'd')]],
    ['code', '```\na::b\n```\n', []],
    ['paragraphs', 'a\nb\n?\nc\n```\n\nd\n```\n\ne', [card('a\nb', 'c\n```\n\nd\n```')]],
    ['paragraphs both ways', 'a\n??\nb', [card('a', 'b', { reversible: true })]],
    [
      'deletions',
      'x ==a== y ==b==\n',
      [card('x [...] y b', 'a', { note: 'line 1' }), card('x a y [...]', 'b', { note: 'line 1' })],
    ],
    [
      'decks',
      '#flashcards/a/b\n\nc::d\n\n#flashcards/e f::g\n',
      [card('c', 'd', { deck: 'a::b' }), card('f', 'g', { deck: 'e' })],
    ],
  ])('%s', async (_, text, cards) => {
    expect(await cardsOf(obsidian, text)).toEqual(cards)
  })

  test('half a card is named', async () => {
    expect(await problemsOf(obsidian, 'a::\n\nb\n?\n')).toEqual([
      'line 1: the answer is empty',
      'line 3: the answer is empty',
    ])
  })
})
