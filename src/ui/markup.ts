import type { ChalkInstance } from 'chalk'
import { BLOCKS, findSpans } from '../core/markup.ts'
import { safe } from './safe.ts'
import { wrap } from './text.ts'

/** Makes lines, at most `columns` wide and painted with `style`, of the text of a card. */
export type TextLines = (text: string, columns: number, style: ChalkInstance) => string[]

/** Nobody studies a card with more characters; a limit takes the time away from hostile text. */
const LONGEST = 10_000

/**
 * Whether something in the text is Markdown beyond doubt. Cheap; where it says no, the text is shown as it is.
 */
export function hasMarkup(text: string): boolean {
  if (text.length > LONGEST) return false
  const clean = safe(text)
  if (Object.values(BLOCKS).some((kind) => kind.some(({ anywhere }) => anywhere.test(clean)))) return true
  for (const { span } of findSpans(clean)) if (span !== 'opaque') return true
  return false
}

/** The text as it is, nothing taken for a mark. */
export const plainLines: TextLines = (text, columns, style) =>
  wrap(safe(text), columns).map((line) => (line ? style(line) : ''))

/**
 * What makes lines of these texts: `plainLines`, or what renders Markdown if one of them has any. That one is right for
 * texts without markup too; it is loaded only when it is needed, since that takes as long as a query.
 */
export async function textLines(texts: Iterable<string>): Promise<TextLines> {
  for (const text of texts) {
    if (hasMarkup(text)) return (await import('./markdown.ts')).markdownLines
  }
  return plainLines
}
