import { decode } from './decode.ts'
import type { ParsedRecord, TextFormat } from './format.ts'
import { jsonCard, jsonRecord } from './json-card.ts'
import { type Item, ItemScanner } from './json-items.ts'

/** One JSON array of cards, RFC 8259, or an object that has it as "cards". */
export const json = {
  description: 'JSON, an array of cards',
  extensions: ['json'],
  async *read(bytes, options) {
    const scanner = new ItemScanner()
    let count = 0
    let before = 0
    const record = ({ line, text }: Item): ParsedRecord => {
      count++
      // a line says little where all cards are in one
      const place = line === before ? { place: `card=${count}` } : {}
      before = line
      return { ...jsonRecord(line, text, options.columns), ...place }
    }
    for await (const piece of decode(bytes, options.encoding)) {
      const items = scanner.feed(piece)
      if (items.length > 0) yield items.map(record)
    }
    scanner.finish()
  },
  async *write(batches) {
    let before = '[\n'
    for await (const cards of batches) {
      if (cards.length === 0) continue
      yield before + cards.map(jsonCard).join(',\n')
      before = ',\n'
    }
    yield before === '[\n' ? '[]\n' : '\n]\n'
  },
} satisfies TextFormat
