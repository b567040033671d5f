import { expect, test } from 'vitest'
import { halve } from '../../../src/core/generate/halve.ts'
import type { Section } from '../../../src/core/generate/job.ts'
import { estimateTokens } from '../../../src/core/generate/tokens.ts'
import { pick, random } from '../random.ts'

const section = (text: string, quota = 5): Section => ({
  heading: 'Cells',
  page_from: 3,
  page_to: 4,
  text,
  tokens: estimateTokens(text),
  quota,
})
const sentence = 'A sentence of some words, and a few more. '
const halves = (text: string) => halve(section(text))?.map((half) => half.text)

test.each([
  ['between paragraphs', `${sentence.repeat(3)}\n${sentence}\n\n`, sentence.repeat(4)],
  ['between lines', `${sentence.repeat(3)}\n`, sentence.repeat(4)],
  ['between sentences', sentence.repeat(4), sentence.repeat(4)],
  [
    'between Japanese sentences',
    '日本の首都は東京である。'.repeat(12),
    '日本の首都は東京である。'.repeat(12),
  ],
  ['between words', 'words '.repeat(30), 'words '.repeat(30)],
  ['anywhere', 'x'.repeat(150), 'x'.repeat(150)],
])('a section is parted %s', (_, first, second) => {
  expect(halves(first + second)).toEqual([first.trimEnd(), second.trimEnd()])
})

test('quota, tokens and pages are shared out, and the page goes on in the second half', () => {
  const paragraph = sentence.repeat(4).trim()
  const text = `[page 3]\n${paragraph}\n\n${paragraph}\n[page 4]\n${paragraph}`
  const [first, second] = halve(section(text)) ?? []
  expect(first).toEqual({
    heading: 'Cells',
    page_from: 3,
    page_to: 3,
    text: `[page 3]\n${paragraph}`,
    tokens: estimateTokens(`[page 3]\n${paragraph}`),
    quota: 2,
  })
  expect(second).toMatchObject({
    page_from: 3,
    page_to: 4,
    text: `[page 3]\n${paragraph}\n[page 4]\n${paragraph}`,
    quota: 3,
  })
  expect(halve(section(text), 1)?.map(({ quota }) => quota)).toEqual([0, 1])
})

test('a mark at the seam belongs to what comes after it', () => {
  const long = 'x'.repeat(200)
  expect(halves(`[page 3]\n${long}\n[page 4]\n${long}`)).toEqual([`[page 3]\n${long}`, `[page 4]\n${long}`])
  expect(halves(`${long}\n\n[page 4]\n\n${long}`)).toEqual([long, `[page 4]\n\n${long}`])
  expect(halves(`${'x'.repeat(160)}\n\n${long}\n\n[page 4]\n${'x'.repeat(160)}`)?.[0]).not.toContain(
    '[page 4]',
  )
})

test('a short section stays whole', () => {
  expect(halve(section('Short.'))).toBeNull()
})

test('no character is lost or torn', () => {
  const next = random(3)
  const pieces = ['word ', 'Sentence. ', '\n', '\n\n', '😀', '日本。', 'x'.repeat(30)] as const
  for (let round = 0; round < 200; round++) {
    const text = Array.from({ length: 80 }, () => pick(next, pieces))
      .join('')
      .trim()
    const both = halves(text)
    if (!both) continue
    expect(both.join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''))
    expect(both.every((half) => half.isWellFormed() && half !== '')).toBe(true)
  }
})
