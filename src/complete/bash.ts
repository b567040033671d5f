// What bash tells a completion, and what it wants to hear. It passes on the line as it was typed, with its quotes, and puts
// in the answer as it is.

type Quote = '' | "'" | '"'

/** A line up to the cursor, as bash would take it apart. */
export interface BashLine {
  /** The words before the one that the cursor is in, without their quotes. */
  words: string[]
  /** The beginning of the word at the cursor, without its quotes. */
  current: string
  /** The part of `current` that bash leaves as it is; it replaces what follows. */
  kept: string
  /** The quote that is open where bash begins to replace. */
  quote: Quote
}

const BLANK = /[ \t\n]/
const ESCAPES_IN_DOUBLE = /["$`\\\n]/

/**
 * Takes a line apart, up to the cursor. `replaced` is what bash would replace: the end of the line, which is not always a
 * whole word, since bash also ends words at `=` and `:`.
 */
export function readBashLine(line: string, replaced: string): BashLine {
  const words: string[] = []
  const from = line.endsWith(replaced) ? line.length - replaced.length : line.length
  let word: string | null = null
  let quote: Quote = ''
  let kept: { text: string; quote: Quote } = { text: '', quote }
  for (let i = 0; i < line.length; i++) {
    if (i === from) kept = { text: word ?? '', quote }
    const character = line[i] as string
    const next = line[i + 1] ?? ''
    if (quote !== "'" && character === '\\') {
      const escapes = quote === '' || ESCAPES_IN_DOUBLE.test(next)
      word = (word ?? '') + (escapes ? next.replace('\n', '') : `\\${next}`)
      i++
    } else if (quote !== '') {
      if (character === quote) quote = ''
      else word += character
    } else if (character === "'" || character === '"') {
      quote = character
      word ??= ''
    } else if (BLANK.test(character)) {
      if (word !== null) words.push(word)
      word = null
    } else {
      word = (word ?? '') + character
    }
  }
  if (from >= line.length) kept = { text: word ?? '', quote }
  return { words, current: word ?? '', kept: kept.text, quote: kept.quote }
}

/** What to put in for `value`, in the place and with the quotes that are open there. */
export function bashReply(value: string, { kept, quote }: Pick<BashLine, 'kept' | 'quote'>): string {
  const rest = value.slice(kept.length)
  if (quote === '') return backslashed(rest)
  // readline closes the quote unless what was put in ends with one, which would be the end of something else
  const quoted =
    quote === "'" ? rest.replaceAll("'", `'\\''`) : rest.replace(/[\\"$`]/g, '\\$&').replaceAll('!', `"'!'"`)
  return quoted.endsWith(quote) ? quoted + quote : quoted
}

/** Everything that is not plain is escaped; above ASCII nothing means anything to bash. */
function backslashed(text: string): string {
  return text.replace(/[^\w%+,./\u0080-\uffff-]/g, '\\$&')
}
