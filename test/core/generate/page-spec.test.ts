import { describe, expect, test } from 'vitest'
import { checkPageSpec, pageRanges, parsePages } from '../../../src/core/generate/page-spec.ts'

test.each([
  ['7', [7]],
  ['1-3', [1, 2, 3]],
  ['9,2-3', [2, 3, 9]],
  ['1-3,2-4,3', [1, 2, 3, 4]],
  ['8-', [8, 9, 10]],
  ['-3', [1, 2, 3]],
  ['-2,9-', [1, 2, 9, 10]],
  ['4 - 5, 7', [4, 5, 7]],
  ['4–6', [4, 5, 6]],
  ['10', [10]],
])('of ten pages %s are %j', (spec, pages) => {
  expect(parsePages(spec, 10)).toEqual(pages)
})

describe('what is no list of pages is said before a document is opened', () => {
  const example = 'For example: --pages 1-10,15 or --pages 5-'
  test.each([
    ['', '--pages : that is no list of pages.'],
    ['-', '--pages -: that is no list of pages.'],
    ['1,,2', '--pages 1,,2: that is no list of pages.'],
    ['a', '--pages a: that is no list of pages.'],
    ['1-2-3', '--pages 1-2-3: that is no list of pages.'],
    ['1.5', '--pages 1.5: that is no list of pages.'],
    ['99999999', '--pages 99999999: that is no list of pages.'],
    ['0', '--pages 0: pages are counted from 1.'],
    ['0-3', '--pages 0-3: pages are counted from 1.'],
    ['5-3', '--pages 5-3: 5-3 ends before it begins.'],
  ])('%j', (spec, message) => {
    const error = expect.objectContaining({ kind: 'usage', message, hint: example })
    expect(() => checkPageSpec(spec)).toThrow(error)
    expect(() => parsePages(spec, 10)).toThrow(error)
  })
})

test.each([
  ['400', 352, '--pages 400: the document has 352 pages.'],
  ['350-353', 352, '--pages 350-353: the document has 352 pages.'],
  ['2-', 1, '--pages 2-: the document has 1 page.'],
])('%s of %d pages', (spec, total, message) => {
  checkPageSpec(spec)
  expect(() => parsePages(spec, total)).toThrow(expect.objectContaining({ kind: 'usage', message }))
})

test.each([
  [[], ''],
  [[4], '4'],
  [[1, 2], '1, 2'],
  [[2, 3, 5, 6, 7, 8], '2, 3, 5–8'],
  [[1, 2, 3, 9], '1–3, 9'],
])('pages %j are shown as "%s"', (pages, text) => {
  expect(pageRanges(pages)).toBe(text)
})
