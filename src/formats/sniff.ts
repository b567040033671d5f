import { CliError, usage } from '../errors.ts'
import { hasAnkiHeader } from './anki-text.ts'
import { hasDeletions } from './clozes.ts'
import { labelOf } from './decode.ts'
import { splitsOf } from './dialect.ts'
import { FORMAT_NAMES, type FormatName, type ReadOptions } from './format.ts'
import { Fences } from './lines.ts'
import { formats } from './registry.ts'

/** How much of a file is looked at, in bytes. */
const HEAD = 65_536

/** A share of rows that are as wide as the first which prose hardly reaches, and a table with some bad rows does. */
const EVEN = 0.8

/** The format that the ending of a file's name speaks for. */
export function formatNamed(name: string): FormatName | undefined {
  const ending = /\.([^./\\]+)$/.exec(name)?.[1]?.toLowerCase()
  if (ending === undefined) return undefined
  return FORMAT_NAMES.find((format) => (formats[format].extensions as readonly string[]).includes(ending))
}

/**
 * The format of an input: what its content says it is, else what its name says, else what its content looks like. Throws usage, with the formats that it could be, rather than guess: a wrong guess would write rubbish. Throws failure for a
 * spreadsheet's own file.
 */
export function chooseFormat(
  name: string,
  head: Uint8Array,
  options: Omit<ReadOptions, 'preamble'>,
): FormatName {
  const named = formatNamed(name)
  const start = String.fromCharCode(...head.subarray(0, 16))
  if (start.startsWith('SQLite format 3\0')) return 'apkg'
  if (start.startsWith('PK\x03\x04')) {
    if (named === 'apkg' || !/\.(xlsx|xlsm|ods|docx|odt|numbers)$/i.test(name)) return 'apkg'
    throw new CliError(
      'failure',
      `${name} is an office document, not text.`,
      'Save its table as CSV there, and import that.',
    )
  }
  const text = textOf(head, options.encoding)
  if (text.trim() === '') return named ?? 'csv'
  const sure = declaredIn(text)
  if (sure) return sure
  if (named) return named
  if (options.rowSeparator !== undefined) return 'quizlet'
  // who says how a table is written says that it is one
  const { delimiter, quote, header, extra, tagSeparator } = options
  if ([delimiter, quote, header, extra, tagSeparator].some((said) => said !== undefined)) return 'csv'
  const candidates = candidatesOf(text, options)
  const [first] = candidates
  if (first !== undefined && candidates.length === 1) return first
  // a reader says best what is wrong with bytes that are no text
  if (first === undefined && /[\0\ufffd]/.test(text)) return 'csv'
  const what = name === '-' ? 'Standard input' : name
  if (candidates.length === 0)
    throw usage(
      `${what} is in no format that is recognised.`,
      `Say what it is: --format <format>, one of ${FORMAT_NAMES.join(', ')}`,
    )
  throw usage(
    `${what} could be ${candidates.slice(0, -1).join(', ')} or ${candidates.at(-1)}.`,
    `Say which: ${candidates.map((format) => `--format ${format}`).join(', or ')}`,
  )
}

/** The beginning of a text, without a last line that is cut off. Bytes that are no text become U+FFFD. */
function textOf(head: Uint8Array, encoding: string | undefined): string {
  const label = labelOf(String.fromCharCode(...head.subarray(0, 3)), encoding)
  let decoder: InstanceType<typeof TextDecoder>
  try {
    decoder = new TextDecoder(label)
  } catch {
    // the reader says what is wrong with it
    decoder = new TextDecoder()
  }
  const text = decoder.decode(head.subarray(0, HEAD))
  const end = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r'))
  return head.length < HEAD || end < 0 ? text : text.slice(0, end)
}

/** The format of a text that says itself what it is; null for one that has to be looked at. */
function declaredIn(text: string): FormatName | null {
  const begin = text.trimStart()
  if (/^\{\s*(?:"|\}|$)/.test(begin)) return objectFormat(begin)
  if (/^\[\s*(?:[{\]]|$)/.test(begin)) return 'json'
  return hasAnkiHeader(text) ? 'anki-text' : null
}

/** What a text could be that does not say it, and whose name does not either. */
function candidatesOf(text: string, options: Pick<ReadOptions, 'quote' | 'columns'>): FormatName[] {
  const table = tableOf(text, options)
  const markdown = markdownOf(text.split(/\r\n|\n|\r/))
  // a consistent table in which some cells have `::` is a table
  const others =
    table && !markdown.every ? markdown.formats.filter((format) => format !== 'obsidian') : markdown.formats
  return table ? [table, ...others] : others
}

/** JSON Lines, unless the first line is no whole object, or the document's own. */
function objectFormat(begin: string): FormatName {
  const [first = ''] = begin.split(/[\r\n]/, 1)
  try {
    const value: unknown = JSON.parse(first)
    return typeof value === 'object' && value !== null && 'cards' in value && Array.isArray(value.cards)
      ? 'json'
      : 'jsonl'
  } catch {
    return /^\{\s*"cards"\s*:\s*\[/.test(begin) || /^\{\s*$/.test(first) ? 'json' : 'jsonl'
  }
}

/** A table, if one delimiter splits the first rows evenly. */
function tableOf(text: string, options: Pick<ReadOptions, 'quote' | 'columns'>): FormatName | null {
  if (/^sep=.(?:\r\n|\n|\r)/i.test(text)) return 'csv'
  const [best] = splitsOf(text, options)
  if (!best || (best.agreement < EVEN && best.known < 2)) return null
  return best.delimiter === '\t' ? 'tsv' : 'csv'
}

/** What notes and lists in Markdown could be. `every`: each line that is not empty has a card of Obsidian's in it. */
function markdownOf(lines: readonly string[]): { formats: FormatName[]; every: boolean } {
  const fences = new Fences()
  const seen = { titles: 0, sections: 0, rules: 0, questions: 0, answers: 0, clozes: 0, cards: 0, text: 0 }
  let first: string | undefined
  let inFront = false
  let inComment = false
  let before = ''
  for (const [at, line] of lines.entries()) {
    if (/^---\s*$/.test(line) && (at === 0 || inFront)) {
      inFront = !inFront
      continue
    }
    if (inFront) continue
    const code = fences.take(line)
    // code may show cards, which is a reason to ask and none to take them
    if (isCard(line, before)) seen.cards++
    before = line
    if (code || line.trim() === '') continue
    if (inComment || line.startsWith('<!--')) {
      inComment = !line.includes('-->')
      continue
    }
    seen.text++
    first ??= line
    if (/^#[ \t]/.test(line)) seen.titles++
    else if (/^##[ \t]/.test(line)) seen.sections++
    else if (/^---\s*$/.test(line)) seen.rules++
    else if (line.startsWith('Q:')) seen.questions++
    else if (line.startsWith('A:')) seen.answers++
    else if (line.startsWith('C:')) seen.clozes++
  }
  const formats: FormatName[] = []
  const begins = (pattern: RegExp) => first !== undefined && pattern.test(first)
  if (begins(/^[QC]:/) && (seen.clozes > 0 || (seen.questions > 0 && seen.answers > 0)))
    formats.push('hashcards')
  if (begins(/^#[ \t]/) && seen.sections === 0 && (seen.rules > 0 || seen.titles > 1)) formats.push('hascard')
  if (begins(/^##?[ \t]/) && seen.sections > 0) formats.push('headings')
  if (seen.cards > 0 && !formats.includes('hashcards')) formats.push('obsidian')
  return { formats, every: seen.cards >= seen.text }
}

/** Whether a line looks like a card of Obsidian's, or like what stands between the two sides of one. */
function isCard(line: string, before: string): boolean {
  if (/^[ \t]*\?\??[ \t]*$/.test(line)) return before.trim() !== ''
  if (!line.includes('::') || hasDeletions(line)) return false
  return /[^\s:][ \t]?:{2,3}[ \t]?[^\s:]/.test(line.replaceAll(/`[^`]*`/g, '`code`'))
}
