import { DIFFICULTY_LEVELS, type DifficultyLevel } from '../../core/card.ts'
import { cleaned } from './clean.ts'
import { htmlToText } from './html.ts'

/*
 * The notes that rote writes, and knows again when it reads them: what both sides have to agree on. A note's text is HTML
 * that Anki shows; what that cannot hold (a key, a tag of two words, spaces at an end) is in a memo in its last field.
 */

/** The fields of our note types, in their order. One that has been renamed in Anki makes the notes ordinary ones. */
export const OWN_FIELDS = ['Front', 'Back', 'Also accepted', 'rote'] as const

/** Whether a note type with these fields is one of ours. Fields that somebody has put behind them do no harm. */
export function isOwnType(fields: readonly string[]): boolean {
  return OWN_FIELDS.every((name, place) => fields[place] === name)
}

/** What a note of ours says of its card beside what Anki shows of it. A text is there only where its HTML is not enough. */
export interface Memo {
  /** The guid of the note that this was written for: in Anki, a copy of a note gets another. */
  guid: string
  /** The card's external_id. */
  id: string | null
  /** What its siblings have too. */
  note?: string
  level?: DifficultyLevel
  question?: string
  answer?: string
  accepted?: string[]
  tags?: string[]
}

/** A memo as text in which HTML sees no markup, and nothing that Anki would drop or normalise. */
export function writeMemo(memo: Memo): string {
  return JSON.stringify(memo).replace(
    /[<>&\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** The longest key of a card, or of its siblings, in characters. */
const LONGEST_KEY = 500

/** The memo of a field; null for what is none, or was written for another note. */
export function readMemo(field: string, guid: string): Memo | null {
  if (!field.startsWith('{')) return null
  let found: Record<string, unknown>
  try {
    found = JSON.parse(field)
  } catch {
    return null
  }
  if (found.guid !== guid || !(found.id === null || isKey(found.id))) return null
  const memo: Memo = { guid, id: found.id }
  if (isKey(found.note)) memo.note = found.note
  const level = DIFFICULTY_LEVELS.find((known) => known === found.level)
  if (level) memo.level = level
  for (const key of ['question', 'answer'] as const) {
    const value = found[key]
    if (isText(value)) memo[key] = value
  }
  for (const key of ['accepted', 'tags'] as const) {
    const value = found[key]
    if (Array.isArray(value) && value.every(isText)) memo[key] = value
  }
  return memo
}

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && !value.includes('\0') && value.isWellFormed()

const isKey = (value: unknown): value is string => isText(value) && value.length <= LONGEST_KEY

/** Text as HTML of a field. White space stays as it is, for the style of our note types keeps it. */
export function textToHtml(text: string): string {
  // a mark of byte order gets lost at the beginning of what SQLite gives
  const visible = cleaned(text).replace(/^\ufeff+/, '')
  // a field of nothing would be a card without a side
  return escaped(visible.trim() === '' ? '\ufffd' : visible).replaceAll('\n', '<br>')
}

/** Texts as HTML of a field, a line each. */
export function linesToHtml(lines: readonly string[]): string {
  return lines.map(textToHtml).join('<br>')
}

/** A picture as HTML: `<img>` on a line of its own. */
export function imageToHtml(source: string, alt: string | null): string {
  const quoted = (value: string) => escaped(value).replaceAll('"', '&quot;')
  return `<br><img src="${quoted(source)}"${alt === null ? '' : ` alt="${quoted(cleaned(alt))}"`}>`
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** White space that reading HTML changes, and control characters: all else comes back, and looking for this is cheaper. */
const DELICATE = /[^\P{Cc}\n]|[^\S \n]| {2}| \n|\n |\n{3}|^\s|\s$/u

/** Whether reading the field gives the text back to the letter, also after Anki has normalised it. */
export function isExact(text: string, html: string): boolean {
  if (text !== text.normalize('NFC')) return false
  return !DELICATE.test(text) || htmlToText(html)?.text === text
}

/** Whether a field still says what was written for `text`, pictures aside: then nobody has edited it in Anki. */
export function isUnchanged(field: string, html: string): boolean {
  const [now, then] = [field.normalize('NFC'), html.normalize('NFC')]
  return now.startsWith(then) && /^(?:<br><img [^<>]*>)*$/.test(now.slice(then.length))
}

/** A tag as Anki can have it: without white space, and no empty level in `a::b`. */
export function ankiTag(tag: string): string {
  return cleaned(tag).trim().replace(/\s+/g, '_').normalize('NFC')
}

/** Whether Anki gives notes this tag of its own accord. */
export function isSystemTag(tag: string): boolean {
  return /^(?:leech|marked)$/i.test(tag)
}

/** The tags of a note as its card has them: those of its memo for those that Anki has of it, and whatever was added. */
export function ownTags(found: readonly string[], remembered: readonly string[] | undefined): string[] {
  if (!remembered) return [...found]
  const key = (tag: string) => ankiTag(tag).toLowerCase()
  const there = new Set(found.map(key))
  const kept = remembered.filter((tag) => there.has(key(tag)))
  const known = new Set(remembered.map(key))
  return [...kept, ...found.filter((tag) => !known.has(key(tag)))]
}
