import { readDelimited, writeDelimited } from './delimited.ts'
import type { TextFormat } from './format.ts'

/** Tables with tabs, as Anki and spreadsheets put them on the clipboard. */
export const tsv = {
  description: 'tab-separated values',
  extensions: ['tsv', 'tab'],
  read: (bytes, options) =>
    readDelimited(bytes, options, () => ({
      delimiter: options.delimiter ?? '\t',
      skip: 0,
      quote: options.quote,
    })),
  write: (batches) => writeDelimited(batches, '\t'),
} satisfies TextFormat
