import { graphemes } from './graphemes.ts'

/** What can be erased at once of a text that is typed. */
export type Erased = 'character' | 'word' | 'line'

/** The text without its last character, its last word with the space behind it, or anything. */
export function erased(text: string, what: Erased): string {
  if (what === 'line') return ''
  if (what === 'word') return text.replace(/\S*\s*$/u, '')
  return [...graphemes(text)].slice(0, -1).join('')
}
