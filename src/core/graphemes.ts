/**
 * Segmenting goes by windows of so many UTF-16 units: V8 copies its whole input for each segment that it
 * finds.
 */
const WINDOW = 256

const byGrapheme = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/**
 * The characters as a reader counts them: a letter with its marks is one, and so is an emoji of several
 * parts.
 */
export function graphemes(text: string): Iterable<string> {
  return segments(byGrapheme, text)
}

/**
 * The segments of the text. The last two of a window are looked at again in the next one: they may go on
 * there.
 */
export function* segments(segmenter: Intl.Segmenter, text: string): Generator<string, void> {
  let size = WINDOW
  for (let start = 0; start < text.length; ) {
    const window = text.slice(start, start + size)
    const found = Array.from(segmenter.segment(window), ({ segment }) => segment)
    const isLast = start + size >= text.length
    if (!isLast) found.length = Math.max(0, found.length - 2)
    if (found.length === 0) size *= 2
    yield* found
    start = isLast ? text.length : found.reduce((end, segment) => end + segment.length, start)
  }
}

/** Scripts that are written without spaces between words. */
export const UNSPACED = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Mymr}]/u
