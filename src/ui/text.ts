import { stripVTControlCharacters } from 'node:util'
import stringWidth from 'string-width'
import { graphemes, segments, UNSPACED } from '../core/graphemes.ts'

/*
 * Text as a terminal shows it, measured in columns. These functions expect what `safe` and `oneLine` return.
 * Loading this file costs as much as half of Node itself (the tables of emoji and of line breaking), so it is for
 * tables and for the study screen.
 */

/**
 * Characters that never join with a neighbour, of one column (Latin, Greek, Cyrillic, Hebrew, Arabic, dashes
 * and quotes) and of two (kana, Han, Hangul). Only a shortcut: the way by clusters takes some fifty times as
 * long.
 */
const NARROW =
  ' -~\u00a1-\u00a8\u00aa-\u00ac\u00af-\u02af\u0391-\u03a1\u03a3-\u0481\u05d0-\u05ea\u0621-\u064a\u2010-\u2026'
const WIDE = '\u3001-\u3003\u3008-\u3011\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff5e'
const ONLY_NARROW = new RegExp(`^[${NARROW}]*$`)
const ONLY_SIMPLE = new RegExp(`^[${NARROW}${WIDE}]*$`)
const EACH_WIDE = new RegExp(`[${WIDE}]`, 'g')

/** So much text is measured at once; longer text a character at a time. */
const SHORT = 256

const byWord = new Intl.Segmenter(undefined, { granularity: 'word' })

/**
 * How many columns a terminal gives the text: two for CJK and emoji, none for combining marks. Colours do not
 * count.
 */
export function width(text: string): number {
  if (ONLY_NARROW.test(text)) return text.length
  if (ONLY_SIMPLE.test(text)) return text.length + (text.match(EACH_WIDE)?.length ?? 0)
  if (text.length <= SHORT) return stringWidth(text)
  let columns = 0
  for (const grapheme of graphemes(stripVTControlCharacters(text))) columns += stringWidth(grapheme)
  return columns
}

/**
 * The text, or as much of its beginning as fits into `columns` with an ellipsis. Never cuts through a
 * character.
 */
export function truncate(text: string, columns: number): string {
  if (columns < 1) return ''
  if (ONLY_NARROW.test(text)) return text.length <= columns ? text : `${text.slice(0, columns - 1)}…`
  let kept = ''
  let used = 0
  for (const grapheme of graphemes(text)) {
    used += width(grapheme)
    if (used > columns) return `${kept}…`
    if (used < columns) kept += grapheme
  }
  return text
}

/** The text followed by spaces up to `columns`; longer text is left as it is. */
export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)))
}

/**
 * The text in lines of at most `columns`; only a single character that is wider by itself sticks out. Lines
 * are kept and filled at spaces, which vanish there; a line that is continued keeps its indentation. Scripts
 * without spaces break between the words that Unicode's dictionaries find, and whatever is still too long
 * breaks between characters.
 */
export function wrap(text: string, columns: number): string[] {
  return text.split('\n').flatMap((line) => (width(line) <= columns ? [line] : wrapLine(line, columns)))
}

function wrapLine(line: string, columns: number): string[] {
  const [leading = ''] = line.match(/^ */) ?? []
  // Deep indentation must leave room for the words.
  const indent = leading.slice(0, Math.floor(columns / 2))
  const room = columns - indent.length
  const lines: string[] = []
  let current = ''
  let used = 0
  const breakLine = () => {
    lines.push(indent + current)
    current = ''
    used = 0
  }
  const add = (text: string, columns: number) => {
    current += text
    used += columns
  }

  for (const [, gap = '', word = ''] of line.slice(leading.length).matchAll(/( *)([^ ]+)/g)) {
    let space = gap
    for (const piece of pieces(word)) {
      const columns = width(piece)
      if (used > 0 && used + space.length + columns <= room) {
        add(space + piece, space.length + columns)
      } else if (columns <= room) {
        if (used > 0) breakLine()
        add(piece, columns)
      } else {
        // Not even a line of its own would hold it, so it begins right here if the space before it fits.
        if (used > 0 && used + space.length < room) add(space, space.length)
        else if (used > 0) breakLine()
        for (const grapheme of graphemes(piece)) {
          const columns = width(grapheme)
          if (used > 0 && used + columns > room) breakLine()
          add(grapheme, columns)
        }
      }
      space = ''
    }
  }
  breakLine()
  return lines
}

const CLOSING = /^[\p{Pe}\p{Pf}\p{Po}]/u
const OPENING = /[\p{Ps}\p{Pi}]$/u

/**
 * Where a run without spaces may break: between words, with punctuation kept to the word that it closes or
 * opens.
 */
function pieces(run: string): string[] {
  if (!UNSPACED.test(run)) return [run]
  const found: string[] = []
  for (const word of segments(byWord, run)) {
    const last = found.at(-1)
    const joins = last !== undefined && (CLOSING.test(word) || OPENING.test(last))
    if (joins) found[found.length - 1] = last + word
    else found.push(word)
  }
  return found
}
