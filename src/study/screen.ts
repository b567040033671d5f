import type { ChalkInstance } from 'chalk'
import { formatInterval } from '../core/interval.ts'
import type { Binding } from '../core/keymap.ts'
import { plural } from '../core/plural.ts'
import { progress } from '../core/progress.ts'
import { previewSchedules } from '../core/schedule.ts'
import { type Session, type Showing, shownIn } from '../core/session.ts'
import { asked, expected, LEECH_LAPSES, type StudyCard } from '../core/study-card.ts'
import { difference } from '../ui/difference.ts'
import type { TextLines } from '../ui/markup.ts'
import { oneLine, safe } from '../ui/safe.ts'
import { padEnd, truncate, width, wrap } from '../ui/text.ts'

/** A rectangle of character cells. */
interface Size {
  columns: number
  rows: number
}

/** How a sitting looks to this person. */
export interface Look {
  style: ChalkInstance
  keys: readonly Binding[]
  /** Makes lines of card text: with Markdown where a card of this sitting has any. */
  lines: TextLines
}

/** What is to be drawn. */
interface Frame {
  /** The whole window. */
  text: string
  /** How many lines of the card are above it, and how many there can be at the most. */
  offset: number
  last: number
  /** A page, in lines. */
  page: number
}

/** Longer lines are hard to read, however wide the window is. */
const WIDEST = 72
/** Narrower windows have slim margins, short words and two lines for the keys. */
const NARROW = 60
/** Lower windows show the card alone; taller ones than the other have air at the top and the bottom. */
const LOW = 8
const TALL = 20
export const GAP = '   '

/**
 * The whole window while studying, from top to bottom: deck and progress, the question, a rule and the answer
 * once it is revealed, the keys. At most `rows` lines, none wider than `columns`, whatever the text; the
 * question stays in its place when the answer appears. Of a card that is too long the window shows `offset` lines less
 * from the top; null: its beginning, or the answer once it is there. The intervals shown are those that an answer at `at`
 * gives. Empty once the sitting is done.
 */
export function screen(
  session: Session,
  { columns, rows }: Size,
  look: Look,
  at: Date,
  offset: number | null,
): Frame {
  const { showing } = session
  if (showing.phase === 'done') return { text: '', offset: 0, last: 0, page: 0 }
  const { style } = look
  const narrow = columns < NARROW
  const block = Math.max(1, Math.min(WIDEST, columns - (narrow ? 2 : 8)))
  const margin = ' '.repeat(Math.max(0, Math.floor((columns - block) / 2)))

  const edge = rows < TALL ? [] : ['']
  const header = rows < LOW ? [] : [...edge, ...headerLines(session, block, narrow, style), '']
  const notice = noticeLines(session, block, rows, style)
  const keys = rows < LOW ? [] : [...footerLines(hints(session, look, at), block, narrow), ...edge]
  const footer = [...notice, ...keys]
  const room = Math.max(0, rows - header.length - footer.length)
  const size = { columns: block, rows: room }
  const { lines, start } = bodyLines(showing, size, look)
  const last = Math.max(0, lines.length - room)
  const from = Math.min(Math.max(0, offset ?? start), last)
  const body = window(lines, from, size, style)
  const air = Array.from({ length: Math.max(0, room - body.length) }, () => '')
  const text = [...header, ...body, ...air, ...footer].map((line) => (line ? margin + line : '')).join('\n')
  return { text, offset: from, last, page: Math.max(1, room - 2) }
}

function bodyLines(
  showing: Exclude<Showing, { phase: 'done' }>,
  size: Size,
  look: Look,
): { lines: string[]; start: number } {
  switch (showing.phase) {
    case 'help':
      return { lines: helpLines(size, look), start: 0 }
    case 'source':
      return { lines: sourceLines(showing.covers.card, size.columns, look.style), start: 0 }
    default:
      return cardLines(showing, size, look)
  }
}

/** Deck and count on one line, and under it a rule that fills up as cards are done. */
function headerLines(session: Session, columns: number, narrow: boolean, style: ChalkInstance): string[] {
  const { total, done, returning } = progress(session)
  const back = returning === 0 ? '' : ` · ${returning} ${narrow ? 'back' : 'coming back'}`
  const count = truncate(narrow ? `${done}/${total}${back}` : `${done} of ${total} done${back}`, columns)
  const card = shownIn(session.showing)?.card
  const deck = truncate(card ? oneLine(card.deck) : '', columns - width(count) - 2)
  const facts = card ? ['', ...factsOf(card)].join(' · ') : ''
  const more = truncate(facts, columns - width(count) - width(deck) - 2)
  const left = style.bold(deck) + style.dim(more)
  const filled = Math.floor((done / Math.max(1, total)) * columns)
  return [
    left + ' '.repeat(Math.max(0, columns - width(deck) - width(more) - width(count))) + count,
    style.green('━'.repeat(filled)) + style.dim('─'.repeat(columns - filled)),
  ]
}

/** What is worth knowing of a card while it is asked. */
export function factsOf({ direction, difficulty_level, schedule }: StudyCard): string[] {
  return [
    ...(direction === 'reverse' ? ['backwards'] : []),
    ...(difficulty_level ? [difficulty_level] : []),
    ...((schedule?.lapses ?? 0) >= LEECH_LAPSES ? [`leech, ${schedule?.lapses} lapses`] : []),
  ]
}

/**
 * Question, rule and answer, a little below the top, and the line at which a window that is too low for it begins.
 */
function cardLines(
  showing: Extract<Showing, { card: StudyCard }>,
  { columns, rows }: Size,
  { style, lines: textLines }: Look,
): { lines: string[]; start: number } {
  const { card } = showing
  const question = textLines(tidy(asked(card)), columns, style.bold)
  const answer = textLines(tidy(expected(card)), columns, style)
  const line = style.dim('─'.repeat(columns))
  const tight = rows < 10
  const rule = rows < 3 ? [] : tight ? [line] : ['', line, '']
  // as if the answer were there already: the question does not move when it comes
  const spare = rows - question.length - rule.length - answer.length
  const air = tight ? 0 : Math.max(0, Math.min(spare, Math.floor(rows / 6)))
  const above = Array.from({ length: air }, () => '')
  const top = [...above, ...question]

  switch (showing.phase) {
    case 'question':
      return { lines: top, start: 0 }
    case 'typing': {
      const typed = wrap(`> ${tidy(showing.text)}`, Math.max(1, columns - 1))
      const caret = typed.map((line, index) =>
        index === typed.length - 1 ? `${line}${style.inverse(' ')}` : line,
      )
      const lines = [...top, ...rule, ...caret]
      return { lines, start: Math.max(0, lines.length - rows) }
    }
    case 'answer': {
      const said = showing.judgement ? judgedLines(showing, columns, style) : []
      const lines = [...top, ...rule, ...answer, ...said]
      // a third of the window at the most is for the question
      return { lines, start: Math.max(0, top.length - Math.ceil((rows - rule.length) / 3)) }
    }
    default:
      return showing satisfies never
  }
}

export const VERDICTS = { right: '✓ Right.', close: '≈ Nearly.', wrong: '✗ Not this.', empty: '' }

/** What was typed, and how it differs from the nearest answer that counts. */
function judgedLines(
  { judgement, typed }: Extract<Showing, { phase: 'answer' }>,
  columns: number,
  style: ChalkInstance,
): string[] {
  if (!judgement || typed === null || judgement.verdict === 'empty') return []
  const paint = { right: style.green, close: style.yellow, wrong: style.red }[judgement.verdict]
  return ['', paint(VERDICTS[judgement.verdict]), ...difference(judgement.parts, style, columns)]
}

/** Where a card came from: file, page and sentence. */
function sourceLines(
  { source, source_page, source_quote }: StudyCard,
  columns: number,
  style: ChalkInstance,
): string[] {
  if (!source && source_page === null && !source_quote) return wrap('This card was written by hand.', columns)
  const rows: [string, string | null][] = [
    ['From', source],
    ['Page', source_page === null ? null : String(source_page)],
    ['Quote', source_quote],
  ]
  return rows.flatMap(([name, value]) =>
    value === null ? [] : [style.bold(name), ...wrap(tidy(value), columns), ''],
  )
}

/** Every key with what it does, in two columns where there is room; how to close the list stands in the footer. */
function helpLines({ columns }: Size, { style, keys }: Look): string[] {
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
export function namesOf({ keys: [first = '', second] }: Binding): string {
  return second && width(`${first} ${second}`) < 10 ? `${first} ${second}` : first
}

/** A key that works now with its label, and the interval that it would give, or ''. */
export interface Hint {
  name: string
  interval: string
  /** Whether it leaves the card as it is, and so stands at the side. */
  aside: boolean
}

/** What the keys do now. Colours only repeat what the words say. */
export function hints(session: Session, { style, keys }: Look, at: Date): Hint[] {
  const { showing, options, past } = session
  const paint = { again: style.red, almost: style.yellow, got_it: style.green }
  const judgement = showing.phase === 'answer' ? showing.judgement : null
  const previews =
    showing.phase === 'answer' && options.scheduled
      ? previewSchedules(showing.card.schedule, at, { ...showing.card, weights: options.weights ?? null })
      : null
  return keys
    .filter(({ when, action }) => when.includes(showing.phase) && (action !== 'undo' || past !== null))
    .flatMap(({ event, keys: [key = ''], label }): Hint[] => {
      if (!label) return []
      const aside =
        event.type === 'help' || event.type === 'quit' || event.type === 'undo' || event.type === 'escape'
      const grade = event.type === 'grade' ? event.grade : null
      const due = grade ? previews?.[grade].due : undefined
      const interval = due ? style.dim(formatInterval(due.getTime() - at.getTime())) : ''
      const bold = grade ? paint[grade].bold : style.bold
      const suggested = grade && judgement?.suggested === grade ? '⏎ ' : ''
      return [{ name: `${suggested}${bold(key)} ${label}`, interval, aside }]
    })
}

/**
 * The hints on one line, or in a narrow window on two: keys above, intervals or the keys at the side below.
 */
function footerLines(hints: Hint[], columns: number, narrow: boolean): string[] {
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

/** What was just done, in the place of an empty line, or over as many as it needs. */
function noticeLines({ notice }: Session, columns: number, rows: number, style: ChalkInstance): string[] {
  const lines = notice ? wrap(tidy(notice), columns).slice(0, Math.max(1, Math.floor(rows / 4))) : []
  if (rows < LOW) return lines.slice(0, 1)
  return lines.length > 0
    ? [...lines.map((line) => style.cyan(line)), ''].slice(0, Math.max(1, lines.length))
    : ['']
}

/** Card text for the screen: nothing a terminal would obey, no empty lines around. */
export function tidy(text: string): string {
  return safe(text)
    .replace(/^\s*\n/, '')
    .trimEnd()
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
