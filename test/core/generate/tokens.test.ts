import { expect, test } from 'vitest'
import { estimateTokens, fitting, utf8Bytes } from '../../../src/core/generate/tokens.ts'

test.each(['', 'abc', 'é', 'Ж', '漢字', '😀', 'a😀b', 'e\u0301', '\ud83d', 'a\ude00b', '\n\t'])(
  'the bytes of %j are those of its UTF-8',
  (text) => {
    expect(utf8Bytes(text)).toBe(new TextEncoder().encode(text).length)
  },
)

test.each([
  ['', 0],
  ['abc', 1],
  ['abcd', 2],
  ['a'.repeat(33), 10],
  ['漢字', 2],
])('%j is estimated as %i tokens', (text, tokens) => {
  expect(estimateTokens(text)).toBe(tokens)
})

test.each([
  ['abc', 2, 2],
  ['abc', 9, 3],
  ['aé', 2, 1],
  ['漢字', 5, 1],
  ['a😀', 4, 1],
  ['a😀', 5, 3],
])('of %j as much fits into %i bytes as %i units', (text, room, units) => {
  expect(fitting(text, room)).toBe(units)
})
