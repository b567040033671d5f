import type { CardText, Direction, Grade } from '../core/card.ts'
import type { Schedule } from '../core/schedule.ts'

/** The names of all formats, in the order in which help lists them. What is behind them is in registry.ts. */
export const FORMAT_NAMES = ['csv', 'tsv', 'json', 'jsonl'] as const
export type FormatName = (typeof FORMAT_NAMES)[number]

/** A picture of a card, as a file states it. */
export interface FileImage {
  side: 'question' | 'answer'
  /** A URL, or the name of a file that came with the cards. */
  url: string
  alt: string | null
}

/** An answer that was given elsewhere, as a file states it. */
export interface FileAttempt {
  /** ISO 8601, in UTC. */
  attempted_at: string
  confidence_status: Grade
  duration_ms: number | null
  direction: Direction
}

/** A card as a file states it: its text, and what else some formats carry. What is left out, the file does not say. */
export interface FileCard extends CardText {
  /** The deck within the file, `A::B` for one in another; left out by files that are one deck. */
  deck?: string
  /** The same for cards that were made of one note, and for no others of the file: they are siblings. */
  note?: string
  reversible?: boolean
  suspended?: boolean
  images?: FileImage[]
  /** Oldest first. */
  attempts?: FileAttempt[]
  /** Its card_id, and when it was last edited: for formats that keep track of cards over several exports. */
  id?: string
  updated_at?: Date
  /** Where it stands, for formats that have a schedule of their own; no reader gives it. */
  schedules?: Partial<Record<Direction, Schedule>>
}

/**
 * One record of a file: a card, or what is wrong with it. `line` is 1-based, where the record begins. `place` is what the record is
 * called by in files without lines: `note=1554689672054/ord=0`. `raw` is the record to the letter, for a file of those that were
 * rejected; left out where the format has no such text.
 */
export type ParsedRecord = { line: number; place?: string } & (
  | { card: FileCard; raw?: string }
  | { problem: string; raw?: string }
)

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
