import type { ChalkInstance } from 'chalk'
import { formatInterval } from '../core/interval.ts'
import type { Binding } from '../core/keymap.ts'
import { progress } from '../core/progress.ts'
import { previewSchedules } from '../core/schedule.ts'
import { type Session, type Showing, shownIn } from '../core/session.ts'
import { asked, expected, LEECH_LAPSES, type StudyCard } from '../core/study-card.ts'
import { difference } from '../ui/difference.ts'
import {
  type Frame,
  footerLines,
  frame,
  type Hint,
  helpLines,
  type Pieces,
  progressRule,
  type Size,
  tidy,
} from '../ui/frame.ts'
import type { TextLines } from '../ui/markup.ts'
import { oneLine } from '../ui/safe.ts'
import { truncate, width, wrap } from '../ui/text.ts'
import type { Pictures } from './pictures.ts'

/** How a sitting looks to this person. */
export interface Look {
  style: ChalkInstance
  keys: readonly Binding[]
  /** Makes lines of card text: with Markdown where a card of this sitting has any. */
  lines: TextLines
  /** What draws the images of cards, when any card of the sitting has one. */
  pictures?: Pictures
}

/**
 * The whole window while studying, from top to bottom: deck and progress, the question, a rule and the answer
 * once it is revealed, the keys. At most `rows` lines, none wider than `columns`, whatever the text; the
 * question stays in its place when the answer appears. Of a card that is too long the window shows `offset` lines less
 * from the top; null: its beginning, or the answer once it is there. The intervals shown are those that an answer at `at`
 * gives. Empty once the sitting is done.
 */
export function screen(session: Session, size: Size, look: Look, at: Date, offset: number | null): Frame {
  const { showing } = session
  if (showing.phase === 'done') return { text: '', offset: 0, last: 0, page: 0 }
  const { style } = look
  const pieces: Pieces = {
    header: (columns, narrow) => headerLines(session, columns, narrow, style),
    body: (size) => bodyLines(showing, size, look),
    notice: session.notice,
    footer: (columns, narrow) => footerLines(hints(session, look, at), columns, narrow),
  }
  return frame(pieces, size, offset, style)
}

function bodyLines(
  showing: Exclude<Showing, { phase: 'done' }>,
  size: Size,
  look: Look,
): { lines: string[]; start: number } {
  switch (showing.phase) {
    case 'help':
      return { lines: helpLines(size, look.keys, look.style), start: 0 }
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
  return [
    left + ' '.repeat(Math.max(0, columns - width(deck) - width(more) - width(count))) + count,
    progressRule(done, total, columns, style),
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
  { style, lines: textLines, pictures }: Look,
): { lines: string[]; start: number } {
  const { card } = showing
  const size = { columns, rows }
  const question = [
    ...textLines(tidy(asked(card)), columns, style.bold),
    ...(pictures?.lines(card, 'asked', size) ?? []),
  ]
  const answer = [
    ...textLines(tidy(expected(card)), columns, style),
    ...(pictures?.lines(card, 'expected', size) ?? []),
  ]
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
