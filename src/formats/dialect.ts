import { usage } from '../errors.ts'
import { comparable, isKnownName } from './columns.ts'
import type { Dialect } from './delimited.ts'
import { DELIMITER_NAMES } from './delimiters.ts'
import type { ReadOptions } from './format.ts'
import { type Row, RowScanner } from './rows.ts'

type DelimiterName = keyof typeof DELIMITER_NAMES

/** Rows that are enough to judge a delimiter. */
const SAMPLE = 50

/** What a delimiter makes of the first rows of a text. */
export interface Split {
  name: DelimiterName
  delimiter: string
  /** Cells of the first row. */
  width: number
  rows: number
  /** The share of rows that are as wide as the first. */
  agreement: number
  /** Names of fields in the first row, if they make it a header. */
  known: number
}

/** The delimiters that split the first rows of a text into columns at all, the one that does it most evenly first. */
export function splitsOf(head: string, { quote, columns }: Pick<ReadOptions, 'quote' | 'columns'>): Split[] {
  const chosen = new Set(Object.values(columns).map(comparable))
  return Object.entries(DELIMITER_NAMES)
    .map(([name, delimiter]) => {
      const rows = sample(head, delimiter, quote)
      const first = rows[0]?.cells ?? []
      const even = rows.filter((row) => row.cells.length === first.length).length
      const known = first.map(comparable).filter((cell) => isKnownName(cell) || chosen.has(cell)).length
      return {
        name: name as DelimiterName,
        delimiter,
        width: first.length,
        rows: rows.length,
        agreement: even / rows.length,
        // one known name may be a word of a card, two are a header
        known: known < 2 ? 0 : known,
      }
    })
    .filter(({ width }) => width > 1)
    .sort(
      (one, other) =>
        other.known - one.known ||
        other.agreement - one.agreement ||
        Number(other.name === 'tab') - Number(one.name === 'tab'),
    )
}

/**
 * The dialect of a table: as said, else from its first rows, by the names in its header and by the delimiter that the most rows
 * split into as many cells as the first row. Excel's own first line, `sep=;`, is believed at once and belongs to no row.
 * Throws usage when two delimiters do equally well and neither is a tab: the wrong one would write rubbish.
 */
export function dialectOf(head: string, options: ReadOptions): Dialect {
  const { quote } = options
  const declared = /^sep=(.)(?:\r\n|\n|\r)/i.exec(head)
  const skip = declared?.[0].length ?? 0
  const said = options.delimiter ?? declared?.[1]
  if (said !== undefined) return { delimiter: said, skip, quote }
  const [best, second] = splitsOf(head, options)
  const tied = best && second && best.known === second.known && best.agreement === second.agreement
  // a tab is hardly ever part of a text
  if (tied && best.name !== 'tab') {
    throw usage(
      `this table could have its columns between ${best.name}s or between ${second.name}s`,
      `Say which: --delimiter ${best.name}, or --delimiter ${second.name}`,
    )
  }
  return { delimiter: best?.delimiter ?? ',', skip, quote }
}

function sample(head: string, delimiter: string, quote: ReadOptions['quote']): Row[] {
  // Never "complete", so that a quote which this delimiter leaves open ends the sample and not the import.
  const scanner = new RowScanner(`${head}\n`, delimiter, 1, false, quote)
  const rows: Row[] = []
  for (let row = scanner.next(); row && rows.length < SAMPLE; row = scanner.next()) {
    if (row.cells.some((cell) => cell !== '')) rows.push(row)
  }
  return rows
}
