import type { ChalkInstance } from 'chalk'
import { formatInterval } from '../core/interval.ts'
import { KEYS } from '../core/keymap.ts'
import { plural } from '../core/plural.ts'
import { previewSchedules } from '../core/schedule.ts'
import { progress, type Session, type Showing } from '../core/session.ts'
import { oneLine, safe } from '../ui/safe.ts'
import { padEnd, truncate, width, wrap } from '../ui/text.ts'

/** A rectangle of character cells. */
interface Size {
  columns: number
  rows: number
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
 * question stays in its place when the answer appears. The intervals shown are those that an answer at `at`
 * gives. Empty once the sitting is done.
 */
export function screen(session: Session, { columns, rows }: Size, style: ChalkInstance, at: Date): string {
  const { showing } = session
  if (showing.phase === 'done') return ''
  const narrow = columns < NARROW
  const block = Math.max(1, Math.min(WIDEST, columns - (narrow ? 2 : 8)))
  const margin = ' '.repeat(Math.max(0, Math.floor((columns - block) / 2)))

  const edge = rows < TALL ? [] : ['']
  const header = rows < LOW ? [] : [...edge, ...headerLines(session, block, narrow, style), '']
  const footer = rows < LOW ? [] : ['', ...footerLines(hints(session, style, at), block, narrow), ...edge]
  const room = Math.max(0, rows - header.length - footer.length)
  const size = { columns: block, rows: room }
  const body = showing.phase === 'help' ? helpLines(size, style) : cardLines(showing, size, style)
  const air = Array.from({ length: room - body.length }, () => '')
  return [...header, ...body, ...air, ...footer].map((line) => (line ? margin + line : '')).join('\n')
}

/** Deck and count on one line, and under it a rule that fills up as cards are done. */
function headerLines(session: Session, columns: number, narrow: boolean, style: ChalkInstance): string[] {
  const { total, done, returning } = progress(session)
  const back = returning === 0 ? '' : ` · ${returning} ${narrow ? 'back' : 'coming back'}`
  const count = truncate(narrow ? `${done}/${total}${back}` : `${done} of ${total} done${back}`, columns)
  const deck = truncate(deckName(session), columns - width(count) - 2)
  const filled = Math.floor((done / total) * columns)
  return [
    style.bold(deck) + ' '.repeat(Math.max(0, columns - width(deck) - width(count))) + count,
    style.green('━'.repeat(filled)) + style.dim('─'.repeat(columns - filled)),
  ]
}

/**
 * Question, rule and answer, a little below the top. A text that is too long says how much of it is missing.
 */
function cardLines(
  { phase, card }: Extract<Showing, { phase: 'question' | 'answer' }>,
  { columns, rows }: Size,
  style: ChalkInstance,
): string[] {
  const question = wrap(tidy(card.question), columns)
  const answer = wrap(tidy(card.answer), columns)
  const line = style.dim('─'.repeat(columns))
  const tight = rows < 10
  const rule = rows < 3 ? [] : tight ? [line] : ['', line, '']
  const spare = rows - question.length - rule.length - answer.length
  const above = Array.from(
    { length: tight ? 0 : Math.max(0, Math.min(spare, Math.floor(rows / 6))) },
    () => '',
  )
  const bold = (line: string) => (line ? style.bold(line) : line)

  if (phase === 'question') return [...above, ...clip(question, columns, rows - above.length).map(bold)]
  // Where both do not fit, the answer has what the question leaves, and at least two thirds.
  const shared = Math.max(0, rows - above.length - rule.length)
  const forQuestion = Math.max(Math.min(question.length, Math.ceil(shared / 3)), shared - answer.length)
  const asked = clip(question, columns, forQuestion)
  return [...above, ...asked.map(bold), ...rule, ...clip(answer, columns, shared - asked.length)]
}

/** Every key with what it does; how to close the list stands in the footer. */
function helpLines({ columns, rows }: Size, style: ChalkInstance): string[] {
  const lines = KEYS.filter(({ action }) => action !== 'close').map(({ keys: [key = ''], help }) => {
    const name = truncate(padEnd(key, 10), columns)
    return style.bold(name) + truncate(help, columns - width(name))
  })
  return clip(lines, columns, rows)
}

/** A key that works now with its label, and the interval that it would give, or ''. */
export interface Hint {
  name: string
  interval: string
  /** Whether it leaves the card as it is, and so stands at the side. */
  aside: boolean
}

/** What the keys do now. Colours only repeat what the words say. */
export function hints({ showing, options }: Session, style: ChalkInstance, at: Date): Hint[] {
  const paint = { again: style.red, almost: style.yellow, got_it: style.green }
  const previews = showing.phase === 'answer' ? previewSchedules(showing.card.schedule, at, options) : null
  return KEYS.filter(({ when }) => when.includes(showing.phase)).map(({ event, keys: [key = ''], label }) => {
    const aside = event.type === 'help' || event.type === 'quit'
    const due = event.type === 'grade' ? previews?.[event.grade].due : undefined
    const interval = due ? style.dim(formatInterval(due.getTime() - at.getTime())) : ''
    const bold = event.type === 'grade' ? paint[event.grade].bold : style.bold
    return { name: `${bold(key)} ${label}`, interval, aside }
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
    return [left + ' '.repeat(columns - width(left) - width(right)) + right]
  }
  const above = onward.map(({ name, interval }) => padEnd(name, width(interval)))
  const below = onward.map(({ name, interval }) => padEnd(interval, width(name)))
  const graded = onward.some(({ interval }) => interval)
  return [row(above, columns), row(graded ? below : aside, columns)].map((line) => line.trimEnd())
}

/** Card text for the screen: nothing a terminal would obey, no empty lines around. */
export function tidy(text: string): string {
  return safe(text)
    .replace(/^\s*\n/, '')
    .trimEnd()
}

/** The first `rows` lines; the last of them says how many are cut off. */
function clip(lines: string[], columns: number, rows: number): string[] {
  if (lines.length <= rows) return lines
  if (rows < 1) return []
  const note = `… (${plural(lines.length - rows + 1, 'more line')})`
  return [...lines.slice(0, rows - 1), truncate(note, columns)]
}

/** As many of the items, whole, as fit beside each other. */
function row(items: string[], columns: number): string {
  return items.reduce((line, item) => {
    const longer = line ? line + GAP + item : item
    return width(longer) <= columns ? longer : line
  }, '')
}

function deckName({ showing }: Session): string {
  if (showing.phase === 'done') return ''
  return oneLine((showing.phase === 'help' ? showing.covers : showing).card.deck)
}
