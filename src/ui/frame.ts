import type { ChalkInstance } from 'chalk'
import { plural } from '../core/plural.ts'
import { safe } from './safe.ts'
import { padEnd, truncate, width, wrap } from './text.ts'

/*
 * A whole window that a sitting draws: header, a body that may be longer than there is room for, a notice, and the keys.
 * What stands in them is the sitting's own.
 */

/** A rectangle of character cells. */
export interface Size {
  columns: number
  rows: number
}

/** What is to be drawn. */
export interface Frame {
  /** The whole window. */
  text: string
  /** How many lines of the body are above it, and how many there can be at the most. */
  offset: number
  last: number
  /** A page, in lines. */
  page: number
}

/** The pieces of a window, made for the columns that they have. */
export interface Pieces {
  header(columns: number, narrow: boolean): string[]
  /** All its lines, and the one with which a window that is too low for them begins. */
  body(size: Size): { lines: string[]; start: number }
  /** A sentence about what was just done; null: nothing to say. */
  notice: string | null
  footer(columns: number, narrow: boolean): string[]
}

/** Longer lines are hard to read, however wide the window is. */
const WIDEST = 72
/** Narrower windows have slim margins, short words and two lines for the keys. */
const NARROW = 60
/** Lower windows show the body alone; taller ones than the other have air at the top and the bottom. */
const LOW = 8
const TALL = 20
export const GAP = '   '

/**
 * Puts a window together: at most `rows` lines, none wider than `columns`. Of a body that is too long the window shows
 * `offset` lines less from the top; null: from where the body says that it begins.
 */
export function frame(
  pieces: Pieces,
  { columns, rows }: Size,
  offset: number | null,
  style: ChalkInstance,
): Frame {
  const narrow = columns < NARROW
  const block = Math.max(1, Math.min(WIDEST, columns - (narrow ? 2 : 8)))
  const margin = ' '.repeat(Math.max(0, Math.floor((columns - block) / 2)))

  const edge = rows < TALL ? [] : ['']
  const header = rows < LOW ? [] : [...edge, ...pieces.header(block, narrow), '']
  const notice = noticeLines(pieces.notice, block, rows, style)
  const keys = rows < LOW ? [] : [...pieces.footer(block, narrow), ...edge]
  const footer = [...notice, ...keys]
  const room = Math.max(0, rows - header.length - footer.length)
  const size = { columns: block, rows: room }
  const { lines, start } = pieces.body(size)
  const last = Math.max(0, lines.length - room)
  const from = Math.min(Math.max(0, offset ?? start), last)
  const body = window(lines, from, size, style)
  const air = Array.from({ length: Math.max(0, room - body.length) }, () => '')
  const text = [...header, ...body, ...air, ...footer].map((line) => (line ? margin + line : '')).join('\n')
  return { text, offset: from, last, page: Math.max(1, room - 2) }
}

/** A rule that fills up as things are done. */
export function progressRule(done: number, total: number, columns: number, style: ChalkInstance): string {
  const filled = Math.floor((done / Math.max(1, total)) * columns)
  return style.green('━'.repeat(filled)) + style.dim('─'.repeat(columns - filled))
}

/** A key as a list of keys shows it. */
interface ListedKey {
  action: string
  keys: readonly string[]
  help: string
}

/** Every key with what it does, in two columns where there is room; how to close the list stands in the footer. */
export function helpLines({ columns }: Size, keys: readonly ListedKey[], style: ChalkInstance): string[] {
  const shown = keys.filter(({ action }) => action !== 'close')
  const each = columns < WIDEST ? columns : Math.floor(columns / 2)
  const lines = shown.map((binding) => {
    const name = truncate(padEnd(namesOf(binding), 10), each)
    return style.bold(name) + truncate(binding.help, each - width(name))
  })
  if (each === columns) return lines
  const half = Math.ceil(lines.length / 2)
  return lines.slice(0, half).map((line, index) => padEnd(line, each) + (lines[half + index] ?? ''))
}

/** What a list of keys calls them: two, where both are short. */
export function namesOf({ keys: [first = '', second] }: Pick<ListedKey, 'keys'>): string {
  return second && width(`${first} ${second}`) < 10 ? `${first} ${second}` : first
}

/** A key that works now with its label, and the interval that it would give, or ''. */
export interface Hint {
  name: string
  interval: string
  /** Whether it leaves the card as it is, and so stands at the side. */
  aside: boolean
}

/**
 * The hints on one line, or in a narrow window on two: keys above, intervals or the keys at the side below.
 */
export function footerLines(hints: Hint[], columns: number, narrow: boolean): string[] {
  const onward = hints.filter(({ aside }) => !aside)
  const aside = hints.filter(({ aside }) => aside).map(({ name }) => name)
  if (!narrow) {
    const left = row(
      onward.map(({ name, interval }) => (interval ? `${name} ${interval}` : name)),
      columns,
    )
    const right = row(aside, columns - width(left) - GAP.length)
    const between = ' '.repeat(Math.max(0, columns - width(left) - width(right)))
    return [right ? left + between + right : left]
  }
  const above = onward.map(({ name, interval }) => padEnd(name, width(interval)))
  const below = onward.map(({ name, interval }) => padEnd(interval, width(name)))
  const graded = onward.some(({ interval }) => interval)
  return [row(above, columns), row(graded ? below : aside, columns)].map((line) => line.trimEnd())
}

/** Text of others for the screen: nothing a terminal would obey, no empty lines around. */
export function tidy(text: string): string {
  return safe(text)
    .replace(/^\s*\n/, '')
    .trimEnd()
}

/** A text behind its letter, with its further lines under the first. For terminals that get lines. */
export function labelled(letter: string, text: string): string[] {
  return tidy(text)
    .split('\n')
    .map((line, index) => `${index === 0 ? letter : ' '}  ${line}`.trimEnd())
}

/** What was just done, in the place of an empty line, or over as many as it needs. */
function noticeLines(notice: string | null, columns: number, rows: number, style: ChalkInstance): string[] {
  const lines = notice ? wrap(tidy(notice), columns).slice(0, Math.max(1, Math.floor(rows / 4))) : []
  if (rows < LOW) return lines.slice(0, 1)
  return lines.length > 0
    ? [...lines.map((line) => style.cyan(line)), ''].slice(0, Math.max(1, lines.length))
    : ['']
}

/** The lines from `from` on that fit; the first and the last say how many there are beyond them. */
function window(lines: string[], from: number, { columns, rows }: Size, style: ChalkInstance): string[] {
  if (lines.length <= rows || rows < 1) return lines.slice(0, rows)
  const shown = lines.slice(from, from + rows)
  const below = lines.length - from - rows
  const mark = (count: number, sign: string) =>
    style.dim(truncate(`${sign} ${plural(count, 'more line')}`, columns))
  if (from > 0 && rows > 2) shown[0] = mark(from + 1, '↑')
  if (below > 0) shown[rows - 1] = mark(below + 1, '↓')
  return shown
}

/** As many of the items, whole, as fit beside each other. */
function row(items: string[], columns: number): string {
  return items.reduce((line, item) => {
    const longer = line ? line + GAP + item : item
    return width(longer) <= columns ? longer : line
  }, '')
}
