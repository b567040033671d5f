import type { CardText } from '../core/card.ts'

/** The names of all formats, in the order in which help lists them. What is behind them is in registry.ts. */
export const FORMAT_NAMES = ['csv', 'tsv', 'json', 'jsonl'] as const
export type FormatName = (typeof FORMAT_NAMES)[number]

/** One record of a file: a card, or what is wrong with it. `line` is 1-based, where the record begins. */
export type ParsedRecord = { line: number; card: CardText } | { line: number; problem: string }

/** What the person said about the file, and nothing else: a format never sees flags it has no use for. */
export interface ReadOptions {
  /** Which column of the file holds which field, by header name or 1-based number: `{ question: 'expression' }`. */
  columns: Partial<Record<keyof CardText, string>>
  /** Label for `TextDecoder`; undefined means UTF-8, or what a byte order mark says. */
  encoding: string | undefined
}

/**
 * A file format: bytes ↔ cards. Pure: no file, no database, no clock.
 * A reader yields records in batches as the bytes arrive and goes on after a bad record, so that one run names them all.
 * It throws CliError('failure') only when nothing behind the fault could be trusted (an unclosed quote, not JSON at all).
 */
export interface Format {
  /** As people would say it in a list: "comma-separated values". */
  description: string
  /** File name endings that choose it, without the dot. */
  extensions: readonly string[]
  read(bytes: AsyncIterable<Uint8Array>, options: ReadOptions): AsyncIterable<ParsedRecord[]>
  write(batches: AsyncIterable<CardText[]>): AsyncIterable<string>
}
