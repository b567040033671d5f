import { type Block, blocksOf, headingText } from './blocks.ts'
import type { JobOptions, Section, SourceText } from './job.ts'
import { bytesOf, estimateTokens, fitting, utf8Bytes } from './tokens.ts'
import { sentencesOf } from './words.ts'

/*
 * A source in sections, one for each request. Every character is in exactly one of them, but for white space at their
 * ends. A section is filled up to the target, and a break is looked for where the text has one: before a heading, between
 * paragraphs, between sentences, and anywhere only where nothing else is left.
 */

/** Estimated tokens of a section, marks included. With prompt and reply that fits the 4096 of a small local model. */
const TARGET = 1500
/** No section has more. */
const LIMIT = 2000
/** What is fuller than this ends before a heading, and before a paragraph that does not fit. */
const FULL_ENOUGH = 0.6
/** What is emptier than this goes with the section beside it. */
const TINY = 0.2
/** Longer than this is no paragraph, but a page where nothing tells the paragraphs apart. */
const LONG_TEXT = 0.25
/** With less room than this left of the target, a section is full. */
const WORTH_FILLING = 0.1
/** A table's head is not repeated when it takes more than this of the limit. */
const LARGEST_HEAD = 0.25
/** With less room than this, in bytes, a paragraph is not begun. */
const LEAST_ROOM = 16

/**
 * The sections of a source, in order, with nothing asked of them yet. `target` and `limit` are estimated tokens; a limit
 * below 20 leaves no room for text beside the page mark.
 */
export function sectionsOf(
  { pages }: SourceText,
  { target = TARGET, limit = LIMIT }: { target?: number; limit?: number } = {},
): Section[] {
  const sizes = { target: bytesOf(Math.min(target, limit)), limit: bytesOf(limit) }
  return mergeTiny(pack(placed(pages), sizes), sizes).map(toSection)
}

/** Cards that a text may well hold: one of so many tokens. */
const TOKENS_PER_CARD = 150
/** Cards that it holds at most, about one of each sentence. */
const TOKENS_PER_FACT = 30
/** Cards of a job unless somebody says how many. */
const AUTO_MOST = 50

/**
 * The sections with the cards that are wanted of each. A count is spread over the whole text by length: each section gets
 * its share, rounded up or down so that the cards of all sections up to any point are as many as that part of the text is
 * due. 0 means that the section is not asked. A count is met exactly, unless it is more than the text has sentences.
 */
export function planQuotas(
  sections: readonly Section[],
  count: JobOptions['count'] | 'auto' | 'all',
): Section[] {
  const natural = sections.map(({ tokens }) => Math.max(1, Math.round(tokens / TOKENS_PER_CARD)))
  const all = natural.reduce((sum, quota) => sum + quota, 0)
  if (count === undefined || count === 'all' || (count === 'auto' && all <= AUTO_MOST))
    return sections.map((section, index) => ({ ...section, quota: natural[index] ?? 0 }))

  const tokens = sections.reduce((sum, section) => sum + section.tokens, 0)
  const most = count === 'auto' ? AUTO_MOST : Math.max(0, Math.floor(count))
  const total = Math.min(most, Math.ceil(tokens / TOKENS_PER_FACT))
  let before = 0
  return sections.map((section) => {
    const due = (upTo: number) => Math.round((total * upTo) / tokens)
    const quota = due(before + section.tokens) - due(before)
    before += section.tokens
    return { ...section, quota }
  })
}

/** A block where it stands in the source. */
interface Placed extends Block {
  /** Of the text, in UTF-8. */
  bytes: number
  page: number | null
  /** The last heading above, or the block itself. */
  heading: string | null
  /** Of a table that goes on here its head, empty for one that is too long to repeat; null for any other block. */
  repeated: string | null
}

interface Sizes {
  /** In bytes of UTF-8. */
  target: number
  limit: number
}

function placed(pages: SourceText['pages']): Placed[] {
  let heading: string | null = null
  return pages.flatMap(({ page, text }) =>
    blocksOf(text).map((block): Placed => {
      if (block.kind === 'heading') heading = headingText(block.text) || heading
      return { ...block, bytes: utf8Bytes(block.text), page, heading, repeated: null }
    }),
  )
}

const markOf = (page: number | null) => (page === null ? '' : `[page ${page}]\n`)

/** The bytes that some blocks take as a section, or a few more. */
function sizeOf(blocks: readonly Placed[]): number {
  return blocks.reduce((sum, block, index) => sum + added(blocks[index - 1], block), 0)
}

function added(before: Placed | undefined, { page, bytes, repeated }: Placed): number {
  const mark = !before || before.page !== page ? 1 + utf8Bytes(markOf(page)) : 0
  return mark + utf8Bytes(repeated ?? '') + bytes
}

function pack(blocks: readonly Placed[], { target, limit }: Sizes): Placed[][] {
  const sections: Placed[][] = []
  let open: Placed[] = []
  let size = 0
  const add = (block: Placed) => {
    const isSameTable = open.at(-1)?.kind === 'table'
    const next = isSameTable && block.repeated ? { ...block, repeated: '' } : block
    size += added(open.at(-1), next)
    open.push(next)
  }
  const close = () => {
    // a heading is never the last of a section
    const last = open.findLastIndex(({ kind }) => kind !== 'heading')
    const carried = last === -1 ? [] : open.splice(last + 1)
    if (open.length > 0) sections.push(open)
    open = carried
    size = sizeOf(open)
  }

  const waiting = blocks.toReversed()
  for (let block = waiting.pop(); block; block = waiting.pop()) {
    const isFull = size >= FULL_ENOUGH * target
    const grown = size + added(open.at(-1), block)
    if (block.kind === 'heading' && isFull) {
      waiting.push(block)
      close()
    } else if (grown <= target || (!isFull && grown <= limit)) add(block)
    else if (isFull) {
      const last = open.at(-1)
      const room = target - size - added(last, { ...block, bytes: 0 })
      const [end, rest] =
        isLong(block, target) && room >= WORTH_FILLING * target
          ? cutText(block, room)
          : runsOn(last, block)
            ? firstSentence(block)
            : [null, block]
      const isIn = end !== null && size + added(last, end) <= limit
      if (isIn) add(end)
      const left = isIn ? rest : block
      if (left) waiting.push(left)
      close()
    } else {
      const room = target - size - added(open.at(-1), { ...block, bytes: 0 })
      const isWhole = block.kind === 'table' && added(undefined, block) <= limit
      const [part, rest] = isWhole ? [null, block] : split(block, room, limit)
      if (part) {
        add(part)
        if (rest) waiting.push(rest)
      } else if (open.some(({ kind }) => kind !== 'heading')) {
        waiting.push(block)
        close()
      } else {
        // with nothing above it that could make room, it is a row of a table that is too long
        const { row, below } = splitRow(block, limit)
        if (below) waiting.push(below)
        const [forced, after] = cutText(row, Math.max(room, LEAST_ROOM))
        if (after) waiting.push(after)
        add(forced)
      }
    }
  }
  if (open.length > 0) sections.push(open)
  return sections.filter((section) => section.some(({ text }) => text.trim() !== ''))
}

/** The beginning of a block that fits into the room, and what is left of it; null when no good part of it fits. */
function split(block: Placed, room: number, limit: number): [part: Placed | null, rest: Placed | null] {
  if (block.kind === 'table') return splitTable(block, room, limit)
  return room < LEAST_ROOM ? [null, block] : cutText(block, room)
}

function splitTable(block: Placed, room: number, limit: number): [part: Placed | null, rest: Placed | null] {
  const { head, repeated } = tableHead(block, limit)
  const left = room - utf8Bytes(block.repeated ?? '')
  let end = 0
  for (let row = rowEnd(block.text, 0), bytes = 0; row > end; row = rowEnd(block.text, end)) {
    bytes += utf8Bytes(block.text.slice(end, row))
    if (bytes > left) break
    end = row
  }
  return end <= head.length ? [null, block] : cutAt(block, end, repeated)
}

/** The first row of a table, and what is below it. */
function splitRow(block: Placed, limit: number): { row: Placed; below: Placed | null } {
  if (block.kind !== 'table') return { row: block, below: null }
  const { repeated } = tableHead(block, limit)
  const [row, below] = cutAt(block, rowEnd(block.text, 0), repeated)
  return { row: { ...row, kind: 'text', repeated: null }, below }
}

/** The head of a table, empty for one that goes on, and what of it is said again where the table goes on. */
function tableHead({ text, repeated }: Placed, limit: number): { head: string; repeated: string } {
  if (repeated !== null) return { head: '', repeated }
  const first = rowEnd(text, 0)
  const second = rowEnd(text, first)
  const head = text.slice(0, /^\s*\|[\s:|-]+\|\s*$/.test(text.slice(first, second)) ? second : first)
  return { head, repeated: utf8Bytes(head) <= LARGEST_HEAD * limit ? head : '' }
}

/** Where the row that begins there ends, with its line end. */
function rowEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end === -1 ? text.length : end + 1
}

/** A block in two, the first no larger than the room: at the end of a sentence, a line or a word, or else anywhere. */
function cutText(block: Placed, room: number): [part: Placed, rest: Placed | null] {
  const { text } = block
  const most = Math.max(fitting(text, room), [...text.slice(0, 2)][0]?.length ?? 0)
  let end = 0
  for (const sentence of sentencesOf(text.slice(0, most + 1))) {
    if (end + sentence.length > most) break
    end += sentence.length
  }
  if (end < most / 4) {
    const within = text.slice(0, most)
    const line = within.lastIndexOf('\n') + 1
    const word = /^[\s\S]*\s/.exec(within)?.[0].length ?? 0
    end = [line, word].find((at) => at > most / 4) ?? most
  }
  return cutAt(block, end)
}

function cutAt(block: Placed, end: number, repeated = block.repeated): [part: Placed, rest: Placed | null] {
  const text = block.text.slice(0, end)
  const part = { ...block, text, bytes: utf8Bytes(text) }
  const rest = { ...block, text: block.text.slice(end), bytes: block.bytes - part.bytes, repeated }
  return [part, rest.text === '' ? null : rest]
}

/** The end of a sentence that the page before has begun. */
function firstSentence(block: Placed): [part: Placed | null, rest: Placed | null] {
  const [first] = sentencesOf(block.text.slice(0, LONGEST_SENTENCE + 1))
  return first && first.length <= LONGEST_SENTENCE ? cutAt(block, first.length) : [null, block]
}

/** In UTF-16 units. */
const LONGEST_SENTENCE = 600

const isLong = ({ kind, bytes }: Placed, target: number) => kind === 'text' && bytes > LONG_TEXT * target

/** Whether a sentence goes on from one page to the next. */
function runsOn(last: Placed | undefined, next: Placed): boolean {
  const isText = last?.kind === 'text' && next.kind === 'text'
  return isText && last.page !== next.page && !/[.!?…。．！？؟।:][\p{P}\d\s]*$/u.test(last.text.slice(-40))
}

function mergeTiny(sections: Placed[][], { target, limit }: Sizes): Placed[][] {
  const merged: Placed[][] = []
  for (const section of sections) {
    const before = merged.at(-1)
    const isTiny = sizeOf(section) < TINY * target || (before && sizeOf(before) < TINY * target)
    if (before && isTiny && sizeOf([...before, ...section]) <= limit) before.push(...section)
    else merged.push([...section])
  }
  return merged
}

function toSection(blocks: Placed[]): Section {
  const pages = [...new Set(blocks.map(({ page }) => page))]
  const texts = pages.map((page) => {
    const texts = blocks
      .filter((block) => block.page === page)
      .map(({ repeated, text }) => (repeated ?? '') + text)
    return (
      markOf(page) +
      texts
        .join('')
        .replace(/^\s*\n/, '')
        .trimEnd()
    )
  })
  const text = texts.join('\n')
  const first = blocks.find(({ kind }) => kind !== 'heading') ?? blocks.at(-1)
  return {
    heading: first?.heading ?? null,
    page_from: pages[0] ?? null,
    page_to: pages.at(-1) ?? null,
    text,
    tokens: estimateTokens(text),
    quota: 0,
  }
}
