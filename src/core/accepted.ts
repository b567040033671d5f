import { distinct } from './lists.ts'
import { BLOCKS, findSpans } from './markup.ts'

/*
 * Which answers of a card count when one is typed. What is drawn of the answer's Markdown, and not shown, is not typed
 * either; but whoever has it on the screen as it is written may type that as well.
 */

/** An answer that counts, as one would type it. */
export interface Accepted {
  text: string
  /** Every character matters: it is code, or the answer as it is written. */
  exact: boolean
}

/** In UTF-16 code units. A longer answer is taken as it is: nobody types one. */
const LONGEST = 5000

/** Shown as it is, because it is more often a name; but it may be emphasis, which nobody types. */
const UNDERLINED = /(?<![\p{L}\p{N}_*])_(?=[^\s_])([^_]+)(?<=[^\s_])_(?![\p{L}\p{N}_*])/gu

/**
 * All answers of a card that count, the likeliest first: the alternatives of `a | b` in the first paragraph of the
 * answer (a bar with space around it; none in code, none written `\|`), the accepted answers, the whole answer without
 * Markdown's marks, and the answer as it is. What comes after the first paragraph is taken for an explanation.
 */
export function acceptedAnswers(card: { answer: string; accepted_answers: readonly string[] }): Accepted[] {
  const all = card.answer.length > LONGEST ? [] : blocks(card.answer.replace(/\r\n?/g, '\n').trim())
  const [first] = all
  const own = first ? alternatives(first) : []
  const found = [
    ...own,
    ...own.map((answer) => ({ ...answer, text: answer.exact ? '' : answer.text.replace(UNDERLINED, '$1') })),
    ...distinct([...card.accepted_answers]).map((text) => ({ text, exact: false })),
    ...(all.length > 1 ? [{ text: all.map(({ pieces }) => textOf(pieces)).join(' '), exact: false }] : []),
    { text: card.answer, exact: first !== undefined },
  ]
  const seen = new Set<string>()
  return found.filter(({ text }) => text.trim() !== '' && !seen.has(text) && seen.add(text))
}

/** A stretch of a line. A bar parts alternatives. */
interface Piece {
  text: string
  kind: 'text' | 'code' | 'bar'
}

/** A paragraph, a list or the like, in one line without marks; code keeps its lines. */
interface Block {
  pieces: Piece[]
}

function blocks(text: string): Block[] {
  const found: Block[] = []
  let lines: string[] = []
  const endParagraph = () => {
    if (lines.length > 0) found.push({ pieces: piecesOf(lines.map((line) => line.trim()).join(' ')) })
    lines = []
  }
  for (let rest = text; rest !== ''; ) {
    const block = blockAt(rest)
    const [line = ''] = block ? [block.raw] : rest.split('\n', 1)
    rest = rest.slice(line.length + 1)
    if (block || line.trim() === '') endParagraph()
    if (block) found.push(block)
    else if (line.trim() !== '') lines.push(line)
  }
  endParagraph()
  return found
}

/** The Markdown block that a text begins with. */
function blockAt(text: string): (Block & { raw: string }) | undefined {
  for (const [kind, patterns] of Object.entries(BLOCKS)) {
    const raw = patterns.map(({ whole }) => whole.exec(text)?.[0]).find((found) => found !== undefined)
    if (raw === undefined) continue
    const lines = raw.split('\n')
    switch (kind as keyof typeof BLOCKS) {
      case 'fences':
        return { raw, pieces: [{ text: lines.slice(1, -1).join('\n'), kind: 'code' }] }
      case 'headings':
        return { raw, pieces: piecesOf(raw.replace(/^#+ +/, '')) }
      case 'quotes':
        return { raw, pieces: piecesOf(lines.map((line) => line.replace(/^> ?/, '')).join(' ')) }
      case 'lists': {
        const items = lines.filter((line) => line.trim() !== '').map((line) => line.replace(ITEM, ''))
        return { raw, pieces: piecesOf(items.join(', ')) }
      }
      case 'tables':
        // its bars part cells
        return { raw, pieces: [{ text: raw, kind: 'text' }] }
    }
  }
  return undefined
}

const ITEM = /^\s*(?:[-*]|\d{1,3}[.)]) +/

/** A line without the marks of emphasis, code and links. */
function piecesOf(line: string): Piece[] {
  const found: Piece[] = []
  let at = 0
  for (const { span, raw, index } of findSpans(line)) {
    found.push(...partedByBars(line.slice(at, index)))
    at = index + raw.length
    if (span === 'opaque') found.push({ text: raw, kind: 'text' })
    else if (span === 'code') found.push({ text: raw.slice(1, -1), kind: 'code' })
    else if (span === 'padded') found.push({ text: raw.slice(3, -3), kind: 'code' })
    else found.push(...piecesOf(span === 'link' ? raw.slice(1, raw.indexOf('](')) : within(raw)))
  }
  return [...found, ...partedByBars(line.slice(at))]
}

/** What is between marks of emphasis, of which there are as many before as behind. */
function within(raw: string): string {
  const [{ length } = ''] = /^\*+|^_+/.exec(raw) ?? []
  return raw.slice(length, -length)
}

function partedByBars(text: string): Piece[] {
  return text
    .split(/(?<=\s|^)(\|)(?=\s|$)/)
    .map((part) =>
      part === '|' ? { text: ' | ', kind: 'bar' } : { text: part.replaceAll('\\|', '|'), kind: 'text' },
    )
}

/** The alternatives of a block. */
function alternatives({ pieces }: Block): Accepted[] {
  const bars = pieces.flatMap(({ kind }, index) => (kind === 'bar' ? [index] : []))
  return [-1, ...bars].map((bar, at) => {
    const own = pieces.slice(bar + 1, bars[at])
    const spoken = own.filter(({ text }) => text.trim() !== '')
    return { text: textOf(own).trim(), exact: spoken.every(({ kind }) => kind === 'code') }
  })
}

function textOf(pieces: readonly Piece[]): string {
  return pieces.map(({ text }) => text).join('')
}
