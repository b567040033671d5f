import type { ChalkInstance } from 'chalk'
import { FLAGS } from '../core/generate/candidate.ts'
import { findNearly, findQuote } from '../core/generate/quote-place.ts'
import {
  type Candidate,
  countDecisions,
  type Item,
  isPreselected,
  type Review,
  shownItem,
} from '../core/generate/review.ts'
import { REVIEW_KEYS } from '../core/generate/review-keys.ts'
import { plural } from '../core/plural.ts'
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

/** How a review looks to this person. */
export interface ReviewLook {
  style: ChalkInstance
  /** Makes lines of card text: with Markdown where a candidate has any. */
  lines: TextLines
}

/**
 * The whole window of a review, from top to bottom: where one is, the flags, the card that is proposed, the evidence for
 * it, the keys. At most as many lines as there are rows, none wider than the columns, whatever the text. Empty once it is
 * left.
 */
export function reviewScreen(review: Review, size: Size, look: ReviewLook, offset: number | null): Frame {
  if (review.showing.phase === 'left') return { text: '', offset: 0, last: 0, page: 0 }
  const { style } = look
  const pieces: Pieces = {
    header: (columns, narrow) => headerLines(review, columns, narrow, style),
    body: (size) => bodyLines(review, size, look),
    notice: noticeOf(review),
    footer: (columns, narrow) => footerLines(reviewHints(review, look), columns, narrow),
  }
  return frame(pieces, size, offset, style)
}

/** What is said of the phase, or of what was just done. */
export function noticeOf({ showing, notice }: Review): string | null {
  if (showing.phase === 'asking') return 'The model is being asked…'
  if (showing.phase !== 'confirm') return notice
  const count = showing.candidates.length
  return count === 1
    ? 'Accept the one that is verified and has no flags?'
    : `Accept all ${count} that are verified and have no flags?`
}

/** Which candidate it is and what is known of it, and at the right what was decided; under it a rule that fills up. */
function headerLines(review: Review, columns: number, narrow: boolean, style: ChalkInstance): string[] {
  const { accepted, rejected, proposed } = countDecisions(review)
  const total = review.items.length
  const counted = narrow ? `+${accepted} -${rejected}` : decidedText(accepted, rejected)
  const count = truncate(accepted + rejected === 0 ? '' : counted, columns)
  const item = shownItem(review)
  const place = item ? `${review.at + 1} ${narrow ? '/' : 'of'} ${total}`.replace(' / ', '/') : 'The end'
  const where = truncate(place, columns - width(count) - 2)
  const facts = item ? ['', ...factsOf(item, narrow)].join(' · ') : ''
  const more = truncate(facts, columns - width(count) - width(where) - 2)
  const between = ' '.repeat(Math.max(0, columns - width(where) - width(more) - width(count)))
  return [
    style.bold(where) + more + (count ? between + count : ''),
    progressRule(total - proposed, total, columns, style),
  ]
}

/** `12 accepted, 3 rejected`, without what there is none of. */
export function decidedText(accepted: number, rejected: number): string {
  return [accepted > 0 ? `${accepted} accepted` : '', rejected > 0 ? `${rejected} rejected` : '']
    .filter(Boolean)
    .join(', ')
}

const DECIDED = {
  proposed: null,
  accepted: 'accepted',
  rejected: 'rejected',
  elsewhere: 'decided elsewhere',
} as const

/** What is known of a candidate, in short. */
export function factsOf({ candidate, decision, edited }: Item, narrow = false): string[] {
  const { page, grounding } = candidate
  return [
    page === null ? null : `${narrow ? 'p.' : 'page'} ${page}`,
    grounding,
    edited ? 'edited' : null,
    DECIDED[decision],
  ].filter((fact) => fact !== null)
}

/** The flags in words, and what the candidate is like; '' when there are none. */
export function flagsText({ flags, duplicate_of }: Candidate): string {
  const words = flags.map((flag) =>
    flag === 'duplicate' && duplicate_of !== null
      ? `${FLAGS[flag]}, "${oneLine(duplicate_of)}"`
      : FLAGS[flag],
  )
  return words.join('; ')
}

/** What the quote is worth. "In the source" is all that we know of it: not that the answer follows from it. */
export function evidenceTitle({ quote, page, grounding }: Candidate): string {
  if (quote === null) return 'The model gave no quote.'
  const where = page === null ? 'In the source' : `On page ${page}`
  return {
    verified: `${where}:`,
    close: `${where}, nearly so:`,
    unverified: 'Quoted by the model, but not found in the source:',
  }[grounding]
}

function bodyLines(review: Review, size: Size, look: ReviewLook): { lines: string[]; start: number } {
  const { showing } = review
  const item = shownItem(review)
  switch (showing.phase) {
    case 'help':
      return { lines: helpLines(size, REVIEW_KEYS, look.style), start: 0 }
    case 'source':
      return item ? sourceLines(item.candidate, showing.text, size, look.style) : { lines: [], start: 0 }
    case 'end':
    case 'left':
      return { lines: wrap(endText(review), size.columns), start: 0 }
    case 'remark': {
      const typed = wrap(`> ${tidy(showing.text)}`, Math.max(1, size.columns - 1))
      const caret = typed.map((line, index) =>
        index === typed.length - 1 ? `${line}${look.style.inverse(' ')}` : line,
      )
      const asked = wrap('What should be different? Or nothing, for another try.', size.columns)
      const lines = [...(item ? cardLines(item.candidate, size, look) : []), '', ...asked, ...caret]
      return { lines, start: Math.max(0, lines.length - size.rows) }
    }
    case 'candidate':
    case 'confirm':
    case 'asking':
      return { lines: item ? cardLines(item.candidate, size, look) : [], start: 0 }
    default:
      return showing satisfies never
  }
}

/** What is said when nothing waits any more. */
export function endText(review: Review): string {
  const { accepted, rejected, elsewhere } = countDecisions(review)
  const decided = [
    decidedText(accepted, rejected),
    elsewhere > 0 ? `${elsewhere} decided elsewhere` : '',
  ].filter(Boolean)
  return `Nothing waits any more${decided.length > 0 ? `: ${decided.join(', ')}` : ''}.`
}

/** Flags, question, answer, and the evidence below a rule. */
function cardLines(candidate: Candidate, { columns, rows }: Size, look: ReviewLook): string[] {
  const { style, lines: textLines } = look
  const { quote } = candidate
  const tight = rows < 10
  const air = tight ? [] : ['']
  const flags = flagsText(candidate)
  const rule = style.dim('─'.repeat(columns))
  return [
    ...(flags ? [...marked(flags, columns).map((line) => style.yellow(line)), ...air] : []),
    ...textLines(tidy(candidate.question), columns, style.bold),
    ...air,
    ...textLines(tidy(candidate.answer), columns, style),
    ...air,
    rule,
    ...wrap(evidenceTitle(candidate), columns).map((line) => style.dim(line)),
    ...(quote === null ? [] : wrap(`“${tidy(quote)}”`, columns)),
  ]
}

/** Text behind a mark, with its further lines under the first. */
function marked(text: string, columns: number): string[] {
  if (columns < TOO_NARROW) return wrap(text, columns)
  return wrap(text, columns - 2).map((line, index) => (index === 0 ? '! ' : '  ') + line)
}

/** There is nothing left of so few columns for marks at the side. */
const TOO_NARROW = 8
const QUOTED = '┃ '

/** The text of the section, with a bar beside the quote; it begins a little above that. */
function sourceLines(
  { quote, page }: Candidate,
  source: string | null,
  { columns, rows }: Size,
  style: ChalkInstance,
): { lines: string[]; start: number } {
  if (source === null)
    return { lines: wrap('The text of this section is not kept any more.', columns), start: 0 }
  const text = tidy(source)
  const found = quote === null ? null : findQuote(text, tidy(quote), page)
  const from = found?.from ?? (quote === null ? null : findNearly(text, tidy(quote), page))
  const [bar, gap] = columns < TOO_NARROW ? ['', ''] : [QUOTED, ' '.repeat(QUOTED.length)]
  const inside = columns - gap.length
  const lines: string[] = []
  let start: number | null = null
  let offset = 0
  for (const paragraph of text.split('\n')) {
    let place = 0
    for (const line of wrap(paragraph, inside)) {
      // spaces vanish where a line breaks
      const words = line.trimStart()
      place = Math.max(0, paragraph.indexOf(words, place))
      const begin = offset + place
      place += words.length
      if (start === null && from !== null && offset + place > from) start = lines.length
      const painted = found ? marking(line, begin - (line.length - words.length), found, style) : null
      lines.push(painted === null ? line && gap + line : bar + painted)
    }
    offset += paragraph.length + 1
  }
  return { lines, start: Math.max(0, (start ?? 0) - Math.floor(rows / 3)) }
}

/** A line that begins at `begin` of its text, with what of the range is in it painted; null when nothing is. */
function marking(
  line: string,
  begin: number,
  { from, to }: { from: number; to: number },
  style: ChalkInstance,
): string | null {
  const [first, last] = [Math.max(0, from - begin), Math.min(line.length, to - begin)]
  if (first >= last) return null
  return line.slice(0, first) + style.bold(line.slice(first, last)) + line.slice(last)
}

/** What the keys do now. */
export function reviewHints(review: Review, { style }: ReviewLook): Hint[] {
  const { showing, past } = review
  const item = shownItem(review)
  return REVIEW_KEYS.filter(
    ({ when, action }) => when.includes(showing.phase) && (action !== 'undo' || past !== null),
  ).flatMap(({ action, event, keys: [key = ''], label }): Hint[] => {
    if (!label) return []
    const aside = ['help', 'quit', 'undo', 'called_off'].includes(event.type) || action === 'back'
    const sign = action === 'accept' && item && isPreselected(item) ? '⏎ ' : ''
    return [{ name: `${sign}${style.bold(key)} ${label}`, interval: '', aside: aside && action !== 'finish' }]
  })
}

/** What became of a sitting, as a sentence: `left` are those that wait, in the job that is called `reference`. */
export function reviewSummary(review: Review, deck: string, reference: string): string {
  const { accepted, rejected, proposed, elsewhere } = countDecisions(review)
  const waiting = `${proposed} ${proposed === 1 ? 'waits' : 'wait'}: rote generate review ${reference}`
  const parts = [
    accepted > 0 ? `${accepted} accepted into "${deck}"` : null,
    rejected > 0 ? `${rejected} rejected` : null,
    elsewhere > 0 ? `${elsewhere} decided elsewhere` : null,
    proposed > 0 ? waiting : 'nothing waits any more',
  ].filter((part) => part !== null)
  const text = parts.join(', ')
  return accepted + rejected === 0 && elsewhere === 0 ? `Nothing was decided; ${waiting}` : text
}

/** How many candidates are to be read, for a sentence. */
export function waitingText(count: number): string {
  return `${plural(count, 'candidate')} ${count === 1 ? 'waits' : 'wait'}`
}
