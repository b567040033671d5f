import { usage } from '../errors.ts'
import { clozeRecords, hasDeletions } from './clozes.ts'
import { ALIASES, comparable } from './columns.ts'
import { decode } from './decode.ts'
import { type Dialect, fitted, readRows, rowWriter, splitTags } from './delimited.ts'
import { dialectOf } from './dialect.ts'
import type { FileCard, ParsedRecord, ReadOptions, TextFormat, WriteOptions } from './format.ts'
import { plainRecord, withMore } from './record.ts'
import type { Row } from './rows.ts'

/** "Notes in Plain Text" of Anki, with its headers: https://docs.ankiweb.net/importing/text-files.html#file-headers. */
export const ankiText = {
  description: "Anki's notes in plain text, with # headers",
  extensions: [],
  read,
  write,
} satisfies TextFormat

/** Lines at the beginning that say how the rest is meant. */
const HEADER = /^#([a-z][a-z ]*):([^\r\n]*)(?:\r\n|\n|\r|$)/i

/** Whether a text begins with a header of Anki's. */
export function hasAnkiHeader(text: string): boolean {
  const [, key = ''] = HEADER.exec(text) ?? []
  return KEYS.has(key.toLowerCase())
}

const KEYS = new Set([
  'separator',
  'html',
  'tags',
  'columns',
  'notetype',
  'deck',
  'if matches',
  'guid column',
  'notetype column',
  'deck column',
  'tags column',
])

const SEPARATORS: Readonly<Record<string, string>> = {
  comma: ',',
  semicolon: ';',
  tab: '\t',
  space: ' ',
  pipe: '|',
  colon: ':',
}

/** What the headers say, columns 0-based. */
interface Headers {
  separator: string | undefined
  html: boolean
  tags: string[]
  columns: string[] | undefined
  notetype: string
  deck: string
  guidAt: number
  notetypeAt: number
  deckAt: number
  tagsAt: number
}

function headersOf(lines: ReadonlyMap<string, string>): Headers {
  const separator = lines.get('separator')
  const delimiter = separator && (SEPARATORS[separator.trim().toLowerCase()] ?? separator[0])
  const at = (key: string) => Number(/^\s*(\d{1,4})\s*$/.exec(lines.get(`${key} column`) ?? '')?.[1] ?? 0) - 1
  return {
    separator: delimiter,
    html: lines.get('html')?.trim().toLowerCase() === 'true',
    tags: ankiTags(lines.get('tags') ?? ''),
    columns: lines.get('columns')?.split(delimiter ?? '\t'),
    notetype: lines.get('notetype')?.trim() ?? '',
    deck: lines.get('deck')?.trim() ?? '',
    guidAt: at('guid'),
    notetypeAt: at('notetype'),
    deckAt: at('deck'),
    tagsAt: at('tags'),
  }
}

async function* read(bytes: AsyncIterable<Uint8Array>, options: ReadOptions): AsyncGenerator<ParsedRecord[]> {
  const lines = new Map<string, string>()
  let delimiter = '\t'
  const dialect = (head: string): Dialect => {
    let skip = 0
    for (let found = HEADER.exec(head); found && found[0] !== ''; found = HEADER.exec(head.slice(skip))) {
      lines.set(found[1]?.toLowerCase() ?? '', found[2] ?? '')
      skip += found[0].length
    }
    if (skip > 0) options.preamble?.(head.slice(0, skip).trimEnd())
    const said = options.delimiter ?? headersOf(lines).separator
    delimiter = said ?? dialectOf(head.slice(skip), options).delimiter
    return { delimiter, skip, quote: options.quote }
  }
  let notes: Notes | undefined
  for await (const rows of readRows(decode(bytes, options.encoding), dialect)) {
    const records: ParsedRecord[] = []
    for (const row of rows) {
      // a comment, wherever it stands
      if (row.raw.startsWith('#')) continue
      notes ??= await notesOf(headersOf(lines), row.cells.length, delimiter, options)
      records.push(...notes(row))
    }
    if (records.length > 0) yield records
  }
}

type Notes = (row: Row) => ParsedRecord[]

/** A function that makes records of rows, for a file of which `first` is the number of cells in its first one. */
async function notesOf(
  headers: Headers,
  first: number,
  delimiter: string,
  options: ReadOptions,
): Promise<Notes> {
  const { columns, guidAt, notetypeAt, deckAt, tagsAt } = headers
  const width = columns?.length ?? Math.max(first, guidAt + 1, notetypeAt + 1, deckAt + 1, tagsAt + 1)
  const special = new Set([guidAt, notetypeAt, deckAt, tagsAt])
  const fields = Array.from({ length: width }, (_, at) => at).filter((at) => !special.has(at))
  const [questionAt, answerAt] = fieldsAt(fields, columns ?? [], options.columns)
  const thirdAt = fields.find((at) => at !== questionAt && at !== answerAt) ?? -1
  const textOf = headers.html ? await htmlReader() : (cell: string) => cell
  return ({ line, cells, problem, raw }) => {
    const wrong = problem ?? fitted(cells, width, delimiter, options.extra, true)
    if (wrong !== null) return [{ line, problem: wrong, raw }]
    const cell = (at: number) => cells[at] ?? ''
    const kind = cell(notetypeAt) || headers.notetype
    const deck = cell(deckAt).trim() || headers.deck
    const { tagSeparator } = options
    const own = tagSeparator === undefined ? ankiTags(cell(tagsAt)) : splitTags(cell(tagsAt), tagSeparator)
    const tags = [...new Set([...headers.tags, ...own])]
    const question = textOf(cell(questionAt))
    const answer = textOf(cell(answerAt))
    if (question === null || answer === null)
      return [{ line, problem: 'the HTML has too many elements inside each other', raw }]
    const external_id = cell(guidAt)
    const more: Partial<FileCard> = deck === '' ? {} : { deck }
    // the type has another name in every language, so what looks like deletions is enough; but not where it is said to be plain
    if (/cloze/i.test(kind) || (hasDeletions(question) && !/^basic\b/i.test(kind)))
      return clozeRecords(line, { text: question, extra: answer, tags, external_id }, raw, more)
    if (/reversed/i.test(kind) && (!/optional/i.test(kind) || cell(thirdAt).trim() !== ''))
      more.reversible = true
    return [withMore(plainRecord(line, { question, answer, tags, external_id }, raw), more)]
  }
}

/** Where question and answer are: as `chosen`, else by the names of the columns, else the first two fields of a note. */
function fieldsAt(fields: number[], columns: string[], chosen: ReadOptions['columns']): [number, number] {
  const names = columns.map(comparable)
  const at = (field: 'question' | 'answer'): number | undefined => {
    const reference = chosen[field]
    if (reference === undefined) {
      return ALIASES[field].map((name) => names.indexOf(name)).find((found) => fields.includes(found))
    }
    const byName = names.indexOf(comparable(reference))
    const found = byName >= 0 ? byName : /^\d{1,4}$/.test(reference.trim()) ? Number(reference) - 1 : -1
    if (!fields.includes(found)) throw usage(`no column "${reference}" with a field of a note`)
    return found
  }
  let question = at('question')
  let answer = at('answer')
  const free = fields.filter((field) => field !== question && field !== answer)
  question ??= free.shift()
  answer ??= free.shift()
  if (question === undefined || answer === undefined)
    throw usage(
      'no column for the question and the answer: this has one field a note',
      'Columns are separated by a tab, or by what #separator: says.',
    )
  return [question, answer]
}

/** Tags stand between spaces, ideographic ones too; a no-break space belongs to its tag. */
function ankiTags(cell: string): string[] {
  return cell
    .split(/[ \u3000]+/)
    .map((tag) => tag.replaceAll('\u00a0', ' '))
    .filter((tag) => tag.trim() !== '')
}

async function* write(
  batches: AsyncIterable<FileCard[]>,
  options: WriteOptions = {},
): AsyncGenerator<string> {
  const row = rowWriter('\t')
  let decks: boolean | undefined
  const header = () =>
    [
      '#separator:tab',
      '#html:false',
      '#notetype:Basic',
      ...(!decks && options.deck !== undefined ? [`#deck:${options.deck}`] : []),
      '#guid column:1',
      '#tags column:4',
      ...(decks ? ['#deck column:5'] : []),
      '',
    ].join('\n')
  for await (const cards of batches) {
    const before = decks === undefined
    decks ??= cards[0]?.deck !== undefined
    const rows = cards.map(({ external_id, question, answer, tags, deck = '' }) => {
      const tagCell = tags.map((tag) => tag.replaceAll(' ', '\u00a0')).join(' ')
      return row([external_id ?? '', question, answer, tagCell, ...(decks ? [deck] : [])])
    })
    yield (before ? header() : '') + rows.join('')
  }
  if (decks === undefined) yield header()
}

/** The text of a field of HTML, its pictures named below it; null for more markup than a card has. */
async function htmlReader(): Promise<(html: string) => string | null> {
  // with the parser that few files need
  const { htmlToText } = await import('./anki/html.ts')
  return (html) => {
    const side = htmlToText(html)
    return (
      side &&
      [side.text, ...side.images.map(({ source, alt }) => `[image: ${alt ?? source}]`)]
        .filter(Boolean)
        .join('\n')
    )
  }
}
