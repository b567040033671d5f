import { type Dialect, readDelimited, writeDelimited } from './delimited.ts'
import type { Format } from './format.ts'
import { type Row, RowScanner } from './rows.ts'

/** What separates columns in files called .csv or .txt; the first wins when the text speaks for several alike. */
const DELIMITERS = [',', ';', '\t', '|']

/** Rows that are enough to judge a delimiter. */
const SAMPLE = 50

/** Tables of text, RFC 4180 and its relatives. Excel writes semicolons where the comma is a decimal point. */
export const csv = {
  description: 'comma-separated values (also semicolon, tab or |)',
  extensions: ['csv', 'txt'],
  read: (bytes, options) => readDelimited(bytes, options, detect),
  write: (batches) => writeDelimited(batches, ','),
} satisfies Format

/**
 * The delimiter of a table, from its first rows: the one that the most rows split into as many cells as the first row.
 * Excel's own first line, `sep=;`, is believed at once and belongs to no row.
 */
function detect(head: string): Dialect {
  const declared = /^sep=(.)(?:\r\n|\n|\r)/i.exec(head)
  if (declared?.[1]) return { delimiter: declared[1], skip: declared[0].length }
  let best = { delimiter: ',', agreement: 0, width: 1 }
  for (const delimiter of DELIMITERS) {
    const rows = sample(head, delimiter)
    const width = rows[0]?.cells.length ?? 1
    if (width === 1) continue
    const agreement = rows.filter((row) => row.cells.length === width).length / rows.length
    if (agreement > best.agreement || (agreement === best.agreement && width > best.width)) {
      best = { delimiter, agreement, width }
    }
  }
  return { delimiter: best.delimiter, skip: 0 }
}

function sample(head: string, delimiter: string): Row[] {
  // Never "complete", so that a quote which this delimiter leaves open ends the sample and not the import.
  const scanner = new RowScanner(`${head}\n`, delimiter, 1, false)
  const rows: Row[] = []
  for (let row = scanner.next(); row && rows.length < SAMPLE; row = scanner.next()) {
    if (row.cells.some((cell) => cell !== '')) rows.push(row)
  }
  return rows
}
