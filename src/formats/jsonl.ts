import { decode } from './decode.ts'
import type { ParsedRecord, ReadOptions, TextFormat } from './format.ts'
import { jsonCard, jsonRecord } from './json-card.ts'
import { RECORD_LIMIT, tooLong } from './record.ts'

/** One JSON object a line, https://jsonlines.org: loses nothing, and diffs and greps well. */
export const jsonl = {
  description: 'JSON, one card a line',
  extensions: ['jsonl', 'ndjson'],
  read,
  async *write(batches) {
    for await (const cards of batches) {
      yield cards.map((card) => `${jsonCard(card)}\n`).join('')
    }
  },
} satisfies TextFormat

async function* read(bytes: AsyncIterable<Uint8Array>, options: ReadOptions): AsyncGenerator<ParsedRecord[]> {
  let rest = ''
  let line = 0
  const records = (lines: string[]): ParsedRecord[] =>
    lines.flatMap((text) => {
      line++
      if (text.length > RECORD_LIMIT) throw tooLong(line)
      return text.trim() === '' ? [] : [jsonRecord(line, text, options.columns)]
    })
  for await (const piece of decode(bytes, options.encoding)) {
    const lines = piece.split('\n')
    lines[0] = rest + lines[0]
    rest = lines.pop() ?? ''
    if (rest.length > RECORD_LIMIT) throw tooLong(line + lines.length + 1)
    const batch = records(lines)
    if (batch.length > 0) yield batch
  }
  const last = records([rest])
  if (last.length > 0) yield last
}
