import { expect, test } from 'vitest'
import { findNearly, findQuote } from '../../../src/core/generate/quote-place.ts'

const text = `[page 76]
Cells are small. Mitochondria are the power-
house of the cell.
[page 77]
Cells are small, too. 植物細胞は細胞壁を持つ。 Élan vital. Only here
[page 78]
and here.`

test.each([
  ['as it stands', 'Cells are small.', 76, 'Cells are small'],
  [
    'over a hyphen and a line break',
    'mitochondria are the powerhouse',
    76,
    'Mitochondria are the power-\nhouse',
  ],
  ['on the page that is meant', 'Cells are small', 77, 'Cells are small'],
  ['on another page than was said', 'powerhouse of the cell', 78, 'power-\nhouse of the cell'],
  ['over the mark of a page', 'Only here and here.', 77, 'Only here\n[page 78]\nand here'],
  ['without spaces', '植物細胞は細胞壁を持つ', null, '植物細胞は細胞壁を持つ'],
  ['with accents made of two characters', 'E\u0301lan vital', null, 'Élan vital'],
])('a quote is found %s', (_, quote, page, found) => {
  const place = findQuote(text, quote, page)
  expect(place && text.slice(place.from, place.to)).toBe(found)
  if (page === 77 && quote === 'Cells are small')
    expect(place?.from).toBeGreaterThan(text.indexOf('[page 77]'))
})

test.each(['Nothing of the kind', '', '…', 'page 77'])('"%s" is not found', (quote) => {
  expect(findQuote(text, quote, 77)).toBeNull()
})

test('what is nearly there begins where a part of it is, or its page does', () => {
  expect(findNearly(text, 'Mitochondria are the motors of it all', 76)).toBe(text.indexOf('Mitochondria'))
  expect(findNearly(text, 'Nothing of the kind', 77)).toBe(text.indexOf('[page 77]'))
  expect(findNearly(text, 'Nothing of the kind', null)).toBeNull()
})

test('characters that take two places do not shift it', () => {
  const emoji = '𝒜🙂🙂 the cell is small 🙂'
  const place = findQuote(emoji, 'The cell is small', null)
  expect(place && emoji.slice(place.from, place.to)).toBe('the cell is small')
})
