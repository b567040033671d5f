import { readDelimited, writeDelimited } from './delimited.ts'
import { dialectOf } from './dialect.ts'
import type { TextFormat } from './format.ts'

/** Tables of text, RFC 4180 and its relatives. Excel writes semicolons where the comma is a decimal point. */
export const csv = {
  description: 'comma-separated values (also semicolon, tab or |)',
  extensions: ['csv'],
  read: (bytes, options) => readDelimited(bytes, options, (head) => dialectOf(head, options)),
  write: (batches) => writeDelimited(batches, ','),
} satisfies TextFormat
