import type { CardText } from '../core/card.ts'
import { distinct, readAnswers, readTags, writeAnswers, writeTags } from '../core/lists.ts'
import { CliError } from '../errors.ts'
import { type Columns, FIELDS, findColumns } from './columns.ts'
import { decode } from './decode.ts'
import type { FileCard, ParsedRecord, Quoting, ReadOptions } from './format.ts'
import { countLineBreaks } from './lines.ts'
import { RECORD_LIMIT, tooLong, toRecord } from './record.ts'
import { type Row, RowScanner } from './rows.ts'

/** What the beginning of a table says about the rest. `skip` characters at the start, whole lines, belong to no row. */
export interface Dialect {
  delimiter: string
  skip: number
  quote?: Quoting | undefined
}

/** How much text a dialect is chosen from, in UTF-16 code units. */
const HEAD = 65_536

/**
 * Reads a table of cards. `dialect` is asked once, with up to 64 K characters of the beginning.
 * Blank rows, also those of empty cells that spreadsheets leave at the end, are passed over.
 * Throws what decode, `dialect`, findColumns and RowScanner throw.
 */
export async function* readDelimited(
  bytes: AsyncIterable<Uint8Array>,
  options: ReadOptions,
  dialect: (head: string) => Dialect,
): AsyncGenerator<ParsedRecord[]> {
  let columns: Columns | undefined
  let delimiter = ''
  let declaration = ''
  const choose = (head: string) => {
    const chosen = dialect(head)
    delimiter = chosen.delimiter
    declaration = head.slice(0, chosen.skip)
    return chosen
  }
  for await (const rows of readRows(decode(bytes, options.encoding), choose)) {
    const records: ParsedRecord[] = []
    for (const row of rows) {
      if (columns) {
        records.push(rowRecord(row, columns, delimiter, options))
        continue
      }
      if (row.problem !== null) throw new CliError('failure', `line ${row.line}: ${row.problem}`)
      columns = findColumns(row.cells, options.columns, options.header)
      const preamble = declaration + (columns.header ? row.raw : '')
      if (preamble !== '') options.preamble?.(preamble.replace(/(?:\r\n|\n|\r)$/, ''))
      if (!columns.header) records.push(rowRecord(row, columns, delimiter, options))
    }
    if (records.length > 0) yield records
  }
}

/** The rows of a text that comes in pieces, cut anywhere; exported for its tests. */
export async function* readRows(
  pieces: AsyncIterable<string>,
  dialect: (head: string) => Dialect,
): AsyncGenerator<Row[]> {
  let chosen: Dialect | undefined
  let text = ''
  let line = 1
  let wanted = HEAD
  const scan = (complete: boolean, rows: Row[]): void => {
    if (!chosen) {
      chosen = dialect(text.slice(0, HEAD))
      const breaks = countLineBreaks(text.slice(0, chosen.skip))
      text = text.slice(chosen.skip)
      line += breaks
    }
    const scanner = new RowScanner(text, chosen.delimiter, line, complete, chosen.quote)
    for (let row = scanner.next(); row; row = scanner.next()) if (!isBlank(row)) rows.push(row)
    line = scanner.line
    text = text.slice(scanner.position)
  }
  let rows: Row[] = []
  try {
    for await (const piece of pieces) {
      text += piece
      if (text.length < wanted) continue
      scan(false, rows)
      if (text.length > RECORD_LIMIT) throw tooLong(line)
      // The row that was cut off is read again from its start; asking for twice as much keeps that linear in all.
      wanted = text.length * 2
      if (rows.length === 0) continue
      yield rows
      rows = []
    }
    scan(true, rows)
  } catch (error) {
    // what was found wrong before is named as well
    if (rows.length > 0) yield rows
    throw error
  }
  if (rows.length > 0) yield rows
}

const isBlank = (row: Row) => row.problem === null && row.cells.every((cell) => cell.trim() === '')

/**
 * Makes a row with too many cells `width` wide, as `extra` says. Says what is wrong with one that stays too wide, or, unless they
 * may be `missing`, has too few; null when nothing is.
 */
export function fitted(
  cells: string[],
  width: number,
  delimiter: string,
  extra: ReadOptions['extra'],
  missing = false,
): string | null {
  if (cells.length === width || (missing && cells.length < width)) return null
  if (cells.length < width || (extra ?? 'error') === 'error') return miscounted(width, cells.length)
  if (extra === 'join') cells[width - 1] = cells.slice(width - 1).join(delimiter)
  cells.length = width
  return null
}

function rowRecord(
  { line, cells, problem, raw }: Row,
  { width, index, deck }: Columns,
  delimiter: string,
  { extra, tagSeparator }: ReadOptions,
): ParsedRecord {
  if (problem !== null) return { line, problem, raw }
  const miscount = fitted(cells, width, delimiter, extra)
  if (miscount !== null) return { line, problem: miscount, raw }
  const cell = (at: number | undefined) => (at === undefined ? '' : (cells[at] ?? ''))
  const record = toRecord(
    line,
    {
      question: cell(index.question),
      answer: cell(index.answer),
      tags:
        tagSeparator === undefined ? readTags(cell(index.tags)) : splitTags(cell(index.tags), tagSeparator),
      difficulty_level: cell(index.difficulty_level),
      accepted_answers: readAnswers(cell(index.accepted_answers)),
      external_id: cell(index.external_id),
    },
    raw,
  )
  const name = cell(deck).trim()
  if (name !== '' && 'card' in record) record.card.deck = name
  return record
}

/** What is wrong with a row that has too few cells or too many. */
export function miscounted(width: number, found: number): string {
  const advice = found > width ? ' (--extra join or --extra drop takes it)' : ''
  return `expected ${width} columns, found ${found}${advice}`
}

/** The tags of a cell, between separators of the person's choice. */
export function splitTags(cell: string, separator: string): string[] {
  return distinct(cell.split(separator).map((tag) => tag.trim()))
}

/** Gives a function that puts cells into a row, quoted as in RFC 4180 where they need it or begin with a `#`, with LF at its end. */
export function rowWriter(delimiter: string): (cells: string[]) => string {
  const special = new RegExp(`["\r\n${delimiter}]|^#`)
  const quoted = (cell: string) => (special.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)
  return (cells) => `${cells.map(quoted).join(delimiter)}\n`
}

/**
 * Writes a table of cards with a header of our field names, quoted as in RFC 4180 where needed, lines ending in LF. There is a column
 * for the deck when the first cards name theirs.
 */
export async function* writeDelimited(
  batches: AsyncIterable<FileCard[]>,
  delimiter: string,
): AsyncGenerator<string> {
  const row = rowWriter(delimiter)
  let fields: Column[] | undefined
  for await (const cards of batches) {
    const first: Column[] = cards[0]?.deck === undefined ? FIELDS : [...FIELDS, 'deck']
    const header = fields ? '' : row(first)
    const columns = fields ?? first
    fields = columns
    yield header + cards.map((card) => row(columns.map((field) => cellOf(card, field)))).join('')
  }
  if (!fields) yield row(FIELDS)
}

type Column = keyof CardText | 'deck'

function cellOf(card: FileCard, field: Column): string {
  if (field === 'tags') return writeTags(card.tags)
  if (field === 'accepted_answers') return writeAnswers(card.accepted_answers)
  return card[field] ?? ''
}
