import type { Section } from './job.ts'
import { estimateTokens } from './tokens.ts'

const MARKS = /^\[page \d+\]$/gm

/** Nobody makes cards of less text than this, in characters. */
const SHORTEST = 120

/** Where a text may be parted, the best first: between paragraphs, lines, sentences, words. */
const GAPS = [/\n[^\S\n]*\n/g, /\n/g, /[.!?…]["'»”’)\]]*\s|[。！？]/g, /\s/g]

/**
 * A section as two, of about the same length, parted where it hurts least, with `quota` cards shared among them (the odd
 * one goes to the second). The `[page N]` mark that holds where the second begins stands before it as well. Null for a
 * section that is too short.
 */
export function halve(section: Section, quota = section.quota): [Section, Section] | null {
  const { text } = section
  if (text.length < 2 * SHORTEST) return null
  const at = middle(text)
  const before = text.slice(0, at)
  const page = before.match(MARKS)?.at(-1)
  // a mark with nothing below it is only in the way
  const first = before.replace(/(?:\[page \d+\]\s*)$/, '').trimEnd()
  const rest = text.slice(at).trim()
  const second = page && !/^\[page \d+\]\n/.test(rest) ? `${page}\n${rest}` : rest
  return [half(section, first, Math.floor(quota / 2)), half(section, second, Math.ceil(quota / 2))]
}

function half(section: Section, text: string, quota: number): Section {
  const pages = Array.from(text.matchAll(MARKS), ([mark]) => Number(/\d+/.exec(mark)?.[0]))
  return {
    ...section,
    page_from: pages[0] ?? section.page_from,
    page_to: pages.at(-1) ?? section.page_to,
    text,
    tokens: estimateTokens(text),
    quota,
  }
}

/** The gap nearest to the middle, of the best kind that is in the middle half of the text at all. */
function middle(text: string): number {
  const half = text.length / 2
  for (const gap of GAPS) {
    const places = Array.from(text.matchAll(gap), ({ 0: found, index }) => index + found.length)
    const near = places.filter((place) => place > text.length / 4 && place < (text.length * 3) / 4)
    if (near.length > 0)
      return near.reduce((best, place) => (Math.abs(place - half) < Math.abs(best - half) ? place : best))
  }
  const at = Math.floor(half)
  // not between the two units of one character
  return /[\udc00-\udfff]/.test(text[at] ?? '') ? at + 1 : at
}
