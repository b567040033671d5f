import { describe, expect, test } from 'vitest'
import { DIFFICULTY_LEVELS } from '../../src/core/card.ts'
import { type Draft, draftText, parseDraft } from '../../src/core/draft.ts'
import { pick, random } from './random.ts'

const EMPTY: Draft = { question: '', answer: '', tags: [], difficulty_level: null }
const draft = (parts: Partial<Draft>): Draft => ({ ...EMPTY, question: 'q', answer: 'a', ...parts })

/** What a person who changes nothing but the answer gets. */
function answered(before: Draft, answer: string): Draft {
  const emptied = draftText({ ...before, answer: '' })
  const place = emptied.indexOf('\n----- answer -----\n') + '\n----- answer -----\n'.length
  return parseDraft(emptied.slice(0, place) + answer + emptied.slice(place), before)
}

const MARK = '----- answer -----'

test('the whole text', () => {
  const before = draft({ question: `two\n${MARK}`, tags: ['a b', 'c'], difficulty_level: 'easy' })
  expect(draftText(before)).toBe(
    `----- question -----\ntwo\n\\${MARK}\n\n${MARK}\na\n\n----- tags -----\na b, c\n\n----- difficulty -----\neasy\n`,
  )
})

test.each([
  [[], ''],
  [['a'], 'a'],
  [['a', 'b'], 'a, b'],
  [['a b'], 'a b,'],
  [['a b', 'c'], 'a b, c'],
  [['a,b'], '["a,b"]'],
  [['[1]'], '[1]'],
  [['["a"]'], '["a"],'],
  [[' a', 'b\nc'], '[" a","b\\nc"]'],
  [[MARK], `${MARK},`],
])('tags %j are written as %s', (tags, text) => {
  expect(draftText(draft({ tags }))).toContain(`\n----- tags -----\n${text}\n\n-----`)
  // read as if they had been typed
  expect(parseDraft(draftText(draft({ tags })), EMPTY).tags).toEqual(tags)
})

test.each([
  'animals, pets',
  'animals pets',
  'animals\npets',
  'animals,\n pets,',
  'animals,animals\npets',
  '["animals","pets"]',
])('tags typed as %j', (text) => {
  const typed = draftText(draft({})).replace('----- tags -----\n', `$&${text}\n`)
  expect(parseDraft(typed, EMPTY).tags).toEqual(['animals', 'pets'])
})

test('what is written in an editor for Windows is read too', () => {
  const typed = draftText(draft({ question: 'two\nlines', tags: ['x'] })).replaceAll('\n', '\r\n')
  expect(parseDraft(typed, EMPTY)).toEqual(draft({ question: 'two\nlines', tags: ['x'] }))
})

test('whatever a card holds, changing its answer changes nothing else', () => {
  const next = random(17)
  const pieces = [
    'a',
    ' ',
    '\n',
    '\r\n',
    '\r',
    ',',
    '"',
    '[',
    ']',
    '\\',
    '-----',
    'é',
    '\u2028',
    '\u00a0',
    '\ufeff',
  ]
  const marks = [
    MARK,
    `\n${MARK}\n`,
    `\n\\${MARK}  \n`,
    '\n\\\\----- question -----',
    '\n----- tags -----\r\n',
  ] as const
  const text = () =>
    Array.from({ length: Math.floor(next() * 9) }, () =>
      pick(next, [...marks, ...pieces, ...pieces, ...pieces]),
    ).join('')
  for (let round = 0; round < 5000; round++) {
    const before: Draft = {
      question: text(),
      answer: text(),
      tags: Array.from({ length: Math.floor(next() * 4) }, text),
      difficulty_level: pick(next, [null, ...DIFFICULTY_LEVELS]),
    }
    expect(parseDraft(draftText(before), before)).toEqual(before)
    expect(answered(before, 'new')).toEqual({ ...before, answer: 'new' })
  }
})

describe('refused', () => {
  const good = draftText(draft({}))
  test.each([
    ['a mark twice', `${good}${MARK}\nb\n`, `The line "${MARK}" is there twice.`],
    ['no mark', good.replace(MARK, ''), `The line "${MARK}" is missing.`],
    ['text above', `lost\n${good}`, 'There is text above the line "----- question -----".'],
    [
      'a difficulty that is none',
      `${good}brutal`,
      '"brutal" is not a difficulty: write easy, medium, hard or nothing.',
    ],
  ])('%s', (_, text, message) => {
    expect(() => parseDraft(text, EMPTY)).toThrow(expect.objectContaining({ kind: 'usage', message }))
  })
})
