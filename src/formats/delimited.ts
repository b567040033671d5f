import type { CardText } from '../core/card.ts'
import { readAnswers, readTags, writeAnswers, writeTags } from '../core/lists.ts'
import { CliError } from '../errors.ts'
import { type Columns, FIELDS, findColumns } from './columns.ts'
import { decode } from './decode.ts'
import type { ParsedRecord, ReadOptions } from './format.ts'
import { RECORD_LIMIT, tooLong, toRecord } from './record.ts'
import { type Row, RowScanner } from './rows.ts'

/** What the beginning of a table says about the rest. `skip` characters at the start, one line, belong to no row. */
export interface Dialect {
  delimiter: string
  skip: number
}

/** How much text a dialect is chosen from, in UTF-16 code units. */
const HEAD = 65_536

/**
 * Reads a table of cards. `dialect` is asked once, with up to 64 K characters of the beginning.
 * Blank rows, also those of empty cells that spreadsheets leave at the end, are passed over.
 * Throws what decode, findColumns and RowScanner throw.
 */
export async function* readDelimited(
  bytes: AsyncIterable<Uint8Array>,
  options: ReadOptions,
  dialect: (head: string) => Dialect,
): AsyncGenerator<ParsedRecord[]> {
  let columns: Columns | undefined
  for await (const rows of readRows(decode(bytes, options.encoding), dialect)) {
    const records: ParsedRecord[] = []
    for (const row of rows) {
      if (columns) {
        records.push(rowRecord(row, columns))
        continue
      }
      if (row.problem !== null) throw new CliError('failure', `line ${row.line}: ${row.problem}`)
      columns = findColumns(row.cells, options.columns)
      if (!columns.header) records.push(rowRecord(row, columns))
    }
    if (records.length > 0) yield records
  }
}

/** The rows of a text that comes in pieces, cut anywhere; exported for its tests. */
export async function* readRows(
  pieces: AsyncIterable<string>,
  dialect: (head: string) => Dialect,
): AsyncGenerator<Row[]> {
  let chosen: string | undefined
  let text = ''
  let line = 1
  let wanted = HEAD
  const scan = (complete: boolean): Row[] => {
    if (chosen === undefined) {
      const { delimiter, skip } = dialect(text.slice(0, HEAD))
      chosen = delimiter
      text = text.slice(skip)
      if (skip > 0) line++
    }
    const scanner = new RowScanner(text, chosen, line, complete)
    const rows: Row[] = []
    for (let row = scanner.next(); row; row = scanner.next()) if (!isBlank(row)) rows.push(row)
    line = scanner.line
    text = text.slice(scanner.position)
    return rows
  }
  for await (const piece of pieces) {
    text += piece
    if (text.length < wanted) continue
    const rows = scan(false)
    if (text.length > RECORD_LIMIT) throw tooLong(line)
    // The row that was cut off is read again from its start; asking for twice as much keeps that linear in all.
    wanted = text.length * 2
    if (rows.length > 0) yield rows
  }
  const rows = scan(true)
  if (rows.length > 0) yield rows
}

const isBlank = (row: Row) => row.problem === null && row.cells.every((cell) => cell.trim() === '')

function rowRecord({ line, cells, problem }: Row, { width, index }: Columns): ParsedRecord {
  if (problem !== null) return { line, problem }
  if (cells.length !== width) {
    return { line, problem: `expected ${width} columns, found ${cells.length}` }
  }
  const cell = (at: number | undefined) => (at === undefined ? '' : (cells[at] ?? ''))
  return toRecord(line, {
    question: cell(index.question),
    answer: cell(index.answer),
    tags: readTags(cell(index.tags)),
    difficulty_level: cell(index.difficulty_level),
    accepted_answers: readAnswers(cell(index.accepted_answers)),
    external_id: cell(index.external_id),
  })
}

/** Writes a table of cards with a header of our field names, quoted as in RFC 4180 where needed, lines ending in LF. */
export async function* writeDelimited(
  batches: AsyncIterable<CardText[]>,
  delimiter: string,
): AsyncGenerator<string> {
  const special = new RegExp(`["\r\n${delimiter}]`)
  const quoted = (cell: string) => (special.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)
  const row = (cells: string[]) => `${cells.map(quoted).join(delimiter)}\n`
  yield row(FIELDS)
  for await (const cards of batches) {
    yield cards.map((card) => row(FIELDS.map((field) => cellOf(card, field)))).join('')
  }
}

function cellOf(card: CardText, field: keyof CardText): string {
  if (field === 'tags') return writeTags(card.tags)
  if (field === 'accepted_answers') return writeAnswers(card.accepted_answers)
  return card[field] ?? ''
}
