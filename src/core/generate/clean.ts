import type { SourceNote } from './job.ts'
import { romanValue } from './numbers.ts'

/*
 * From pages as they were read to text that a model can work with. Quotes are looked for in this text afterwards, so
 * nothing is dropped from it but what is no part of the document's own words.
 */

/** A page as it was read. */
export interface ReadPage {
  /** Counted from 1. */
  page: number
  /** Null: the page could not be read. */
  text: string | null
  /** Whether pictures are painted on it; only asked of pages with little text. */
  images: boolean
}

/** A page is garbled when more of it than this cannot be text, as with fonts that do not tell what their signs mean. */
const GARBLED_SHARE = 0.1
const NO_TEXT = /(?![\t\n\v\f\r])\p{Cc}|[\p{Co}\ufffd]/gu

/** A line that stands at the end of so many of the pages, and of so many at least, is a running one. */
const RUNNING_SHARE = 0.1
const RUNNING_PAGES = 3
/** Where more lines than these repeat at one end of a page, it is the content that repeats. */
const MOST_RUNNING_LINES = 3
/** A line with a number in it is longer than this only when it is text. */
const LONGEST_NUMBERED_LINE = 80
/** Page numbers go up with the pages: within so many pages on either side so many must be in step, this one included. */
const NEIGHBOURS = 4
const ENOUGH_IN_STEP = 3

/** Shorter halves are words by chance: "any-way", "lock-ing". */
const SHORTEST_HALF = 4

const SOFT_HYPHEN = '\u00ad'

/**
 * The pages of a document without what is no text of theirs: running headers and footers, page numbers, and hyphens at
 * the ends of lines. Pages that hold nothing then are left out, and stand in the notes with the reason.
 */
export function cleanPages(read: readonly ReadPage[]): {
  pages: { page: number; text: string }[]
  notes: SourceNote[]
} {
  const notes: Record<SourceNote['kind'], number[]> = { blank: [], scanned: [], garbled: [], failed: [] }
  const readable: Page[] = []
  for (const { page, text, images } of read) {
    if (text === null) notes.failed.push(page)
    else if (isGarbled(text)) notes.garbled.push(page)
    else readable.push({ page, images, lines: withoutBlankEnds(plainLines(text)) })
  }
  const pages: { page: number; text: string }[] = []
  for (const { page, images, lines } of joinBrokenWords(dropRunningLines(readable))) {
    const text = tidy(lines.join('\n'))
    if (text !== '') pages.push({ page, text })
    else (images ? notes.scanned : notes.blank).push(page)
  }
  const kinds = ['blank', 'scanned', 'garbled', 'failed'] as const
  return {
    pages,
    notes: kinds.filter((kind) => notes[kind].length > 0).map((kind) => ({ kind, pages: notes[kind] })),
  }
}

/**
 * Text in Unicode's composed form (NFC) with plain line ends, without control characters (a database takes no NUL), lone
 * surrogates, soft hyphens and byte order marks, without space at the ends of lines and cells, and with one blank line in
 * a row at most. Tabs stay: they stand between the cells of a table.
 */
export function cleanText(text: string): string {
  return tidy(plainLines(text).join('\n').replaceAll(`${SOFT_HYPHEN}\n`, ''))
}

/** Lines as `cleanText` has them, but for blank lines, and for a soft hyphen where it ends a line. */
function plainLines(text: string): string[] {
  return text
    .replace(/\r\n?|[\f\v\x85\u2028\u2029]/g, '\n')
    .replace(/(?![\t\n])\p{Cc}|\ufeff|\p{Surrogate}|\u00ad(?![ \t]*(?:\n|$))/gu, '')
    .normalize('NFC')
    .split('\n')
    .map((line) => (line.includes('\t') ? trimCells(line) : line).trimEnd())
}

function trimCells(line: string): string {
  return line
    .split('\t')
    .map((cell, column) => (column === 0 ? cell.trimEnd() : cell.trim()))
    .join('\t')
}

function tidy(text: string): string {
  return text
    .replaceAll(SOFT_HYPHEN, '')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/^\n+/, '')
    .trimEnd()
}

function isGarbled(text: string): boolean {
  const signs = text.replace(/\s/g, '')
  return (signs.match(NO_TEXT)?.length ?? 0) > GARBLED_SHARE * signs.length
}

interface Page {
  page: number
  images: boolean
  /** Neither the first nor the last is blank. */
  lines: string[]
}

function withoutBlankEnds(lines: string[]): string[] {
  const from = lines.findIndex((line) => line !== '')
  return from === -1 ? [] : lines.slice(from, lines.findLastIndex((line) => line !== '') + 1)
}

/**
 * Drops the lines at the ends of pages that stand on many of them, or carry the page's number. It goes inwards a line at a
 * time, because right and left pages have other headers, and more or fewer lines of them.
 */
function dropRunningLines(pages: readonly Page[]): Page[] {
  const ends = pages.map(({ lines }) => ({ lines, top: 0, bottom: 0 }))
  const numbering = new Numbering(pages.map(({ page }) => page))
  for (let round = 0; round <= MOST_RUNNING_LINES; round++) {
    const outermost = ends.map(({ lines }) => ({ top: lines[0] ?? '', bottom: lines.at(-1) ?? '' }))
    const isRepeated = repeatedLines(outermost)
    for (const [index, { top, bottom }] of outermost.entries()) numbering.add(index, [top, bottom])
    const isRunning = (index: number, line: string) =>
      !BROKEN.test(line) && (isRepeated(line) || numbering.isPageNumber(index, line))
    for (const [index, end] of ends.entries()) {
      const line = outermost[index]
      if (!line) continue
      if (isRunning(index, line.top)) {
        end.top++
        end.lines = withoutBlankEnds(end.lines.slice(1))
      }
      if (end.lines.length > 0 && !endsWithHalf(end.lines) && isRunning(index, line.bottom)) {
        end.bottom++
        end.lines = withoutBlankEnds(end.lines.slice(0, -1))
      }
    }
  }
  return pages.map((page, index) => {
    const end = ends[index]
    if (!end || Math.max(end.top, end.bottom) > MOST_RUNNING_LINES) return page
    // some pages are drawn with their footer in the middle
    return { ...page, lines: end.lines.filter((line) => !numbering.isTitle(index, line)) }
  })
}

/** Whether the last line is no more than the second half of a word: "tion." can stand at the end of many pages. */
function endsWithHalf(lines: readonly string[]): boolean {
  return BROKEN.test(lines.at(-2) ?? '') && /^\p{Ll}+\P{L}*$/u.test(lines.at(-1) ?? '')
}

/** Of the outermost lines of pages: whether one stands on enough of them. */
function repeatedLines(outermost: readonly { top: string; bottom: string }[]): (line: string) => boolean {
  const counts = new Map<string, number>()
  for (const { top, bottom } of outermost) {
    for (const line of new Set([top, bottom])) counts.set(line, (counts.get(line) ?? 0) + 1)
  }
  const withText = outermost.filter(({ top }) => top !== '').length
  const enough = Math.max(RUNNING_PAGES, RUNNING_SHARE * withText)
  // rows of a table may be alike, but words are only repeated on purpose
  return (line) => /\p{L}/u.test(line) && (counts.get(line) ?? 0) >= enough
}

/** Which lines carry the number of their page: one that goes up with the pages around. */
class Numbering {
  readonly #pages: { page: number; steps: Set<string>; lines: Set<string> }[]

  constructor(pages: readonly number[]) {
    this.#pages = pages.map((page) => ({ page, steps: new Set(), lines: new Set() }))
  }

  /** Takes note of lines at the ends of the page with this index. */
  add(index: number, lines: readonly string[]): void {
    const own = this.#pages[index]
    if (!own) return
    for (const { step, key } of lines.flatMap((line) => numbersIn(line, own.page))) {
      own.steps.add(step)
      own.lines.add(key)
    }
  }

  isPageNumber(index: number, line: string): boolean {
    return this.#inStep(index, line).some(({ bare }) => bare) || this.isTitle(index, line)
  }

  /** "12 The Trial" is a running title with a number when "14 The Trial" is near, and else a numbered heading. */
  isTitle(index: number, line: string): boolean {
    return this.#inStep(index, line).some(
      ({ bare, key }) => !bare && this.#near(index).filter(({ lines }) => lines.has(key)).length > 1,
    )
  }

  #inStep(index: number, line: string): PageNumber[] {
    return numbersIn(line, this.#pages[index]?.page ?? 0).filter(
      ({ step }) => this.#near(index).filter(({ steps }) => steps.has(step)).length >= ENOUGH_IN_STEP,
    )
  }

  #near(index: number) {
    return this.#pages.slice(Math.max(0, index - NEIGHBOURS), index + NEIGHBOURS + 1)
  }
}

interface PageNumber {
  /** How far it is from where the page stands in the document. */
  step: string
  /** Whether there is nothing else in the line. */
  bare: boolean
  /** The step, with the rest of the line; on a right page the number stands behind it, and on a left one before. */
  key: string
}

/** What in a short line may be the number of its page. */
function numbersIn(line: string, page: number): PageNumber[] {
  if (line.length > LONGEST_NUMBERED_LINE) return []
  return Array.from(line.matchAll(/(?<!\d)\d{1,4}(?!\d)|(?<![\p{L}\d])[ivxlc]+(?![\p{L}\d])/giu), (match) => {
    const [sign] = match
    const isRoman = /\D/.test(sign)
    const step = `${isRoman ? 'roman' : ''} ${(isRoman ? romanValue(sign) : Number(sign)) - page}`
    const rest = `${line.slice(0, match.index)} ${line.slice(match.index + sign.length)}`
    return { step, bare: !/[\p{L}\d]/u.test(rest), key: `${step} ${rest.replace(/\s+/g, ' ').trim()}` }
  })
}

/** At the end of a line after a letter, and not after another hyphen. */
const BROKEN = /[\p{L}\p{M}][-\u2010\u00ad]$/u
/** "Haupt- und Nebensatz": what follows belongs to no word before it. */
const CONJUNCTION = /^(?:and|or|nor|to|und|oder|bis|sowie|et|ou)(?![-\p{L}\p{M}])/u

/** Puts words together that the end of a line or of a page cut; the second half moves up to the first. */
function joinBrokenWords(pages: readonly Page[]): Page[] {
  const words = wordsOf(pages)
  const joined = pages.map((page) => ({ ...page, lines: joinLines(page.lines, words) }))
  for (const [index, page] of joined.entries()) {
    const next = joined[index + 1]
    if (next?.page !== page.page + 1) continue
    const [last = '', first = ''] = [page.lines.at(-1), next.lines[0]]
    const both = joinLine(last, first, words)
    if (!both) continue
    page.lines = [...page.lines.slice(0, -1), both[0]]
    next.lines = both[1] === '' ? withoutBlankEnds(next.lines.slice(1)) : [both[1], ...next.lines.slice(1)]
  }
  return joined
}

function joinLines(lines: readonly string[], words: ReadonlySet<string>): string[] {
  const joined: string[] = []
  for (const line of lines) {
    const both = joinLine(joined.at(-1) ?? '', line, words)
    if (!both) joined.push(line)
    else {
      joined[joined.length - 1] = both[0]
      if (both[1] !== '') joined.push(both[1])
    }
  }
  return joined
}

/** Two lines of which the first ends within a word, as the first with the whole word and what is left of the second. */
function joinLine(line: string, next: string, words: ReadonlySet<string>): [string, string] | null {
  // the next line of a table goes on with another cell
  if (!BROKEN.test(line) || next.includes('\t')) return null
  const [token = ''] = /^\S+/.exec(next) ?? []
  const [tail = ''] = /^[\p{L}\p{M}]+(?:[-\u2010'’][\p{L}\p{M}]+)*/u.exec(token) ?? []
  if (tail === '') return null
  const [head = ''] = /[\p{L}\p{M}\p{N}'’\u2010-]+$/u.exec(line.slice(0, -1)) ?? []
  const hyphen = line.endsWith(SOFT_HYPHEN) ? '' : hyphenBetween(head, tail, words)
  return hyphen === null ? null : [line.slice(0, -1) + hyphen + token, next.slice(token.length).trimStart()]
}

/** What belongs between the halves of a word that ended a line with a hyphen; null: they are no halves of one. */
function hyphenBetween(head: string, tail: string, words: ReadonlySet<string>): '' | '-' | null {
  const [first, second] = [head.toLowerCase(), tail.toLowerCase()]
  if (words.has(first + second)) return ''
  if (words.has(`${first}-${second}`)) return '-'
  if (CONJUNCTION.test(tail)) return null
  const isCompound =
    !/^\p{Ll}/u.test(tail) ||
    /[-\u2010]/.test(head) ||
    (Math.min(first.length, second.length) >= SHORTEST_HALF && words.has(first) && words.has(second))
  return isCompound ? '-' : ''
}

/** All words of the pages in small letters, but for those that the end of a line may have cut. */
function wordsOf(pages: readonly Page[]): Set<string> {
  const words = new Set<string>()
  let broken = false
  for (const { lines } of pages) {
    for (const line of lines) {
      const found = line.toLowerCase().match(/[\p{L}\p{M}]+(?:[-\u2010'’][\p{L}\p{M}]+)*/gu) ?? []
      const ends = BROKEN.test(line)
      const whole = found.slice(broken ? 1 : 0, ends ? -1 : undefined)
      for (const word of whole) words.add(word.replaceAll('\u2010', '-'))
      broken = ends
    }
  }
  return words
}
