import { decode } from './decode.ts'
import { miscounted } from './delimited.ts'
import type { ParsedRecord, ReadOptions, TextFormat } from './format.ts'
import { countLineBreaks } from './lines.ts'
import { plainRecord, RECORD_LIMIT, tooLong } from './record.ts'

/** Text that Quizlet's "Export" shows for copying: term, tab, definition, a line each; a quote is just a quote. */
export const quizlet = {
  description: "Quizlet's copied text, term tab definition",
  extensions: [],
  read,
} satisfies TextFormat

const LINE_BREAK = /\r\n|\n|\r/

async function* read(bytes: AsyncIterable<Uint8Array>, options: ReadOptions): AsyncGenerator<ParsedRecord[]> {
  const { delimiter = '\t', rowSeparator } = options
  let rest = ''
  let line = 1
  const records = (rows: string[]): ParsedRecord[] => {
    const found: ParsedRecord[] = []
    for (const row of rows) {
      if (row.length > RECORD_LIMIT) throw tooLong(line)
      // the breaks in front of a row, as between separators of one's own, are not its
      const text = rowSeparator === undefined ? row : row.replace(/^[\r\n]+/, '')
      const begins = line + countLineBreaks(row.slice(0, row.length - text.length))
      if (text.trim() !== '') found.push(record(begins, text, delimiter, options.extra))
      line += rowSeparator === undefined ? 1 : countLineBreaks(row) + countLineBreaks(rowSeparator)
    }
    return found
  }
  for await (const piece of decode(bytes, options.encoding)) {
    // a separator of several characters may be cut in two
    const held = rowSeparator === undefined ? 0 : Math.min(rest.length, rowSeparator.length - 1)
    const rows = (rest.slice(rest.length - held) + piece).split(rowSeparator ?? LINE_BREAK)
    rows[0] = rest.slice(0, rest.length - held) + rows[0]
    rest = rows.pop() ?? ''
    if (rest.length > RECORD_LIMIT) throw tooLong(line)
    const found = records(rows)
    if (found.length > 0) yield found
  }
  const last = records([rest])
  if (last.length > 0) yield last
}

function record(line: number, raw: string, delimiter: string, extra: ReadOptions['extra']): ParsedRecord {
  const cells = raw.split(delimiter)
  const [question = '', answer = '', ...more] = cells
  if (cells.length < 2 || (more.length > 0 && (extra ?? 'error') === 'error'))
    return { line, problem: miscounted(2, cells.length), raw }
  return plainRecord(
    line,
    { question, answer: extra === 'join' ? [answer, ...more].join(delimiter) : answer },
    raw,
  )
}
