import { CliError } from '../errors.ts'
import type { Quoting } from './format.ts'
import { countLineBreaks } from './lines.ts'
import { RECORD_LIMIT, tooLong } from './record.ts'

/**
 * One row of a table and the 1-based line where it begins. `problem` is a fault in its quotes, or null; `raw` the text of the row
 * without its line break.
 */
export interface Row {
  line: number
  cells: string[]
  problem: string | null
  raw: string
}

const QUOTE = 0x22

/**
 * Splits text into the rows of RFC 4180, with any one-character delimiter and any mixture of LF, CRLF and CR.
 *
 * Quoting follows the delimiter unless it is said. Where it is a comma or a semicolon, text needs quotes to hold it, so programs write them
 * and a broken one is a fault. Tab and | hardly occur in text; such lists are written without quoting, so there a
 * quote counts only if it opens a cell and closes it properly, and is an ordinary character anywhere else.
 *
 * Text behind a closing quote, as in `"abc"def,`, is a fault of that one row: nearly always somebody forgot to double
 * a quote, and the line still ends where it ends. A quote that never closes leaves nothing behind it to trust: that is
 * thrown, with the line where it was opened.
 */
export class RowScanner {
  /** Where the next row begins. */
  position = 0
  line: number
  readonly #text: string
  readonly #delimiter: string
  readonly #quote: Quoting
  readonly #complete: boolean
  /** The line of the cell that is being read. */
  #cellLine = 0
  // Where the next of each is from here on, so that no character is searched twice.
  #delimiterAt = -1
  #lfAt = -1
  #crAt = -1

  /** `line` is the number of the first line of `text`; `complete` says that nothing comes after it. */
  constructor(text: string, delimiter: string, line: number, complete: boolean, quote?: Quoting) {
    this.#text = text
    this.#delimiter = delimiter
    this.#quote = quote ?? (delimiter === ',' || delimiter === ';' ? 'strict' : 'relaxed')
    this.#complete = complete
    this.line = line
  }

  /** The next whole row, or null when the text holds no more of them. Throws CliError('failure'). */
  next(): Row | null {
    const text = this.#text
    if (this.position === text.length) return null
    const row: Row = { line: this.line, cells: [], problem: null, raw: '' }
    this.#cellLine = this.line
    let end = this.#readCell(this.position, row)
    while (end >= 0 && text[end] === this.#delimiter) end = this.#readCell(end + 1, row)
    // A CR at the very end may be the first half of CRLF.
    const cutOff = end === text.length || (text[end] === '\r' && end + 1 === text.length)
    if (end < 0 || (cutOff && !this.#complete)) return null
    if (end - this.position > RECORD_LIMIT) throw tooLong(row.line)
    row.raw = text.slice(this.position, end)
    const lineBreak = text[end] === '\r' && text[end + 1] === '\n' ? 2 : 1
    this.position = Math.min(end + lineBreak, text.length)
    this.line = this.#cellLine + 1
    return row
  }

  /** Adds the cell at `at` to the row; returns the index behind it, or -1 when more text must come to know the cell. */
  #readCell(at: number, row: Row): number {
    const text = this.#text
    if (text.charCodeAt(at) !== QUOTE || this.#quote === 'none') return this.#readPlain(at, at, row)
    const close = closingQuote(text, at)
    const closed = close >= 0
    const mayBeLiteral = this.#quote === 'relaxed'
    const tooFar = (closed ? close : text.length) - at > RECORD_LIMIT
    if (!tooFar && !this.#complete && (!closed || close + 1 === text.length)) return -1
    if (closed && !tooFar && this.#isCellEnd(close + 1)) {
      const quoted = text.slice(at + 1, close)
      row.cells.push(quoted.includes('"') ? quoted.replaceAll('""', '"') : quoted)
      this.#cellLine += countLineBreaks(quoted)
      return close + 1
    }
    if (mayBeLiteral) return this.#readPlain(at, at, row)
    if (!closed || tooFar) throw neverClosed(this.#cellLine)
    row.problem ??= `column ${row.cells.length + 1} has text after its closing quote; a quote inside quotes is written twice`
    this.#cellLine += countLineBreaks(text.slice(at, close))
    return this.#readPlain(at, close + 1, row)
  }

  /** Adds the cell from `at` to the first delimiter or line break at or after `from`, and returns the index of that. */
  #readPlain(at: number, from: number, row: Row): number {
    const end = this.#plainEnd(from)
    row.cells.push(this.#text.slice(at, end))
    return end
  }

  #plainEnd(from: number): number {
    if (this.#delimiterAt < from) this.#delimiterAt = this.#find(this.#delimiter, from)
    if (this.#lfAt < from) this.#lfAt = this.#find('\n', from)
    if (this.#crAt < from) this.#crAt = this.#find('\r', from)
    return Math.min(this.#delimiterAt, this.#lfAt, this.#crAt)
  }

  #find(character: string, from: number): number {
    const at = this.#text.indexOf(character, from)
    return at < 0 ? this.#text.length : at
  }

  #isCellEnd(at: number): boolean {
    const character = this.#text[at]
    return (
      character === undefined || character === this.#delimiter || character === '\n' || character === '\r'
    )
  }
}

/** Index of the quote that closes the one at `open`, passing over doubled ones; -1 when the text ends before it. */
function closingQuote(text: string, open: number): number {
  for (let at = text.indexOf('"', open + 1); at >= 0; at = text.indexOf('"', at + 2)) {
    if (text.charCodeAt(at + 1) !== QUOTE) return at
  }
  return -1
}

function neverClosed(line: number): CliError {
  return new CliError(
    'failure',
    `line ${line}: a quote opened here is never closed`,
    'If quotes are just text in this file, add: --quote relaxed, or --quote none',
  )
}
