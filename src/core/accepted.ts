import { distinct } from './lists.ts'

/*
 * Which answers of a card count when one is typed. The answer is Markdown, so its marks are not typed; and what they
 * hide may have been meant to the letter (`2*3*4`), so the answer as it is written counts as well.
 */

/** An answer that counts, as one would type it. */
export interface Accepted {
  text: string
  /** Every character matters: it is code, or the answer as it is written. */
  exact: boolean
}

/**
 * All answers of a card that count, the likeliest first: the alternatives of `a | b` in the first paragraph of the
 * answer (a bar with space around it; none in code, none written `\|`), the accepted answers, the whole answer without
 * Markdown's marks, and the answer as it is. What comes after the first paragraph is taken for an explanation.
 */
export function acceptedAnswers(card: { answer: string; accepted_answers: readonly string[] }): Accepted[] {
  const parts = card.answer.length > LONGEST ? [] : blocks(card.answer)
  const [first] = parts
  const found = [
    ...(first ? alternatives(first) : []),
    ...distinct([...card.accepted_answers]).map((text) => ({ text, exact: false })),
    ...(parts.length > 1 ? [{ text: parts.map(shown).join(' '), exact: false }] : []),
    { text: card.answer, exact: first !== undefined },
  ]
  const seen = new Set<string>()
  return found.filter(({ text }) => text.trim() !== '' && !seen.has(text) && seen.add(text))
}

/** In UTF-16 code units. A longer answer is taken as it is: nobody types one. */
const LONGEST = 5000

/** A paragraph, its lines in one; or a fenced block of code. */
interface Block {
  text: string
  fenced: boolean
}

const FENCE = /^ {0,3}(```+|~~~+)/
/** What a line of several may begin with: heading, quotation, item of a list. */
const LINE_MARK = /^\s*(?:(?:#{1,6}|>|[-*+]|\d{1,9}[.)])\s+)+/
const ITEM_MARK = /^\s*(?:[-*+]|\d{1,9}[.)])\s+/
/** On a line of its own, `> 5` and `1. e4` are more likely to mean what they say. */
const ONLY_LINE_MARK = /^(?:#{1,6}|[-*])\s+/

function blocks(answer: string): Block[] {
  const text = answer.trim()
  if (!/[\n\r]/.test(text)) return [{ text: text.replace(ONLY_LINE_MARK, ''), fenced: false }]
  const found: Block[] = []
  let fence: string | undefined
  let lines: string[] = []
  const end = (fenced: boolean) => {
    const joined = fenced ? lines.join('\n') : paragraph(lines)
    if (joined.trim() !== '') found.push({ text: joined, fenced })
    lines = []
  }
  for (const line of text.split(/\r\n?|\n/)) {
    const [, mark] = FENCE.exec(line) ?? []
    if (mark && fence === undefined) {
      end(false)
      fence = mark
    } else if (fence !== undefined && line.trim().startsWith(fence)) {
      end(true)
      fence = undefined
    } else if (fence === undefined && line.trim() === '') end(false)
    else lines.push(line)
  }
  end(fence !== undefined)
  return found
}

/** The lines of a paragraph in one, with commas between the items of a list. */
function paragraph(lines: readonly string[]): string {
  return lines.reduce((text, line) => {
    const content = line.replace(LINE_MARK, '').trim()
    if (text === '') return content
    return ITEM_MARK.test(line) ? `${text}, ${content}` : `${text} ${content}`
  }, '')
}

/** The alternatives of a block, without Markdown's marks. */
function alternatives({ text, fenced }: Block): Accepted[] {
  if (fenced) return [{ text, exact: true }]
  // in a row of a table they part cells
  return inlines(text, !text.startsWith('|'))
}

/** All of a block, without Markdown's marks. */
function shown({ text, fenced }: Block): string {
  return fenced
    ? text
    : inlines(text, false)
        .map((part) => part.text)
        .join('')
}

const INLINE =
  /(?<escaped>\\[!-/:-@[-`{-~])|(?<!`)(?<ticks>`+)(?!`)(?<code>[^`]|[^`][\s\S]*?[^`])\k<ticks>(?!`)|!?\[(?<label>[^[\]]*)\]\([^()\s]*(?: "[^"]*")?\)|(?<bar>(?<=\s|^)\|(?=\s|$))|(?<emphasis>\*+|_+|~~)/gu

/** A piece of inline text; `flanks` for a delimiter of emphasis. */
interface Piece {
  text: string
  code: boolean
  flanks?: { opens: boolean; closes: boolean }
}

function inlines(text: string, split: boolean): Accepted[] {
  const found: Piece[][] = [[]]
  const add = (piece: Piece) => found.at(-1)?.push(piece)
  let at = 0
  for (const match of text.matchAll(INLINE)) {
    const { escaped, code, label, bar, emphasis } = match.groups ?? {}
    const end = match.index + match[0].length
    add({ text: text.slice(at, match.index), code: false })
    at = end
    if (code !== undefined) add({ text: code.replace(/^ (.*[^ ].*) $/su, '$1'), code: true })
    else if (emphasis !== undefined)
      add({ text: emphasis, code: false, flanks: flanks(emphasis, text[match.index - 1], text[end]) })
    else if (bar !== undefined && split) found.push([])
    else add({ text: label ?? escaped?.slice(1) ?? match[0], code: false })
  }
  add({ text: text.slice(at), code: false })
  return found.map((pieces) => {
    const marks = emphasisOf(pieces)
    const shown = pieces.filter((piece) => !marks.has(piece) && piece.text !== '')
    const spoken = shown.filter((piece) => piece.text.trim() !== '')
    return {
      text: shown
        .map((piece) => piece.text)
        .join('')
        .trim(),
      exact: spoken.every(({ code }) => code),
    }
  })
}

/** Whether a run of `*`, `_` or `~~` may open or close emphasis: https://spec.commonmark.org/0.31.2/#left-flanking-delimiter-run */
function flanks(run: string, before = ' ', after = ' '): { opens: boolean; closes: boolean } {
  const inWord = run.startsWith('_') && /[\p{L}\p{N}]/u.test(before) && /[\p{L}\p{N}]/u.test(after)
  return { opens: !inWord && /\S/.test(after), closes: !inWord && /\S/.test(before) }
}

/** The pieces that are marks of emphasis, because two of them make a pair. */
function emphasisOf(pieces: readonly Piece[]): Set<Piece> {
  const found = new Set<Piece>()
  const open: Piece[] = []
  for (const piece of pieces) {
    if (!piece.flanks) continue
    const from = piece.flanks.closes ? open.findLastIndex(({ text }) => text === piece.text) : -1
    const [opener] = from < 0 ? [] : open.splice(from)
    if (opener) found.add(opener).add(piece)
    else if (piece.flanks.opens) open.push(piece)
  }
  return found
}
