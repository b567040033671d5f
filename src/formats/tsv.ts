import { readDelimited, writeDelimited } from './delimited.ts'
import type { Format } from './format.ts'

/** Tables with tabs, as Quizlet, Anki and spreadsheets put them on the clipboard. */
export const tsv = {
  description: 'tab-separated values',
  extensions: ['tsv', 'tab'],
  read: (bytes, options) => readDelimited(bytes, options, () => ({ delimiter: '\t', skip: 0 })),
  write: (batches) => writeDelimited(batches, '\t'),
} satisfies Format
