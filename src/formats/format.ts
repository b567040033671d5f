import type { CardText, Direction, Grade } from '../core/card.ts'
import type { Schedule } from '../core/schedule.ts'

/** The names of all formats, in the order in which help lists them. What is behind them is in registry.ts. */
export const FORMAT_NAMES = [
  'csv',
  'tsv',
  'quizlet',
  'anki-text',
  'json',
  'jsonl',
  'hashcards',
  'headings',
  'hascard',
  'obsidian',
  'apkg',
] as const
export type FormatName = (typeof FORMAT_NAMES)[number]

/** Those of them that are written, too, as text. */
export const WRITTEN_NAMES = [
  'csv',
  'tsv',
  'anki-text',
  'json',
  'jsonl',
  'hashcards',
] as const satisfies FormatName[]
export type WrittenName = (typeof WRITTEN_NAMES)[number]

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
 * rejected (see `preamble`); left out where the format has no such text, or another record of the same note has it.
 */
export type ParsedRecord = { line: number; place?: string } & (
  | { card: FileCard; raw?: string }
  | { problem: string; raw?: string }
)

/** What a quote means: strict as in RFC 4180; relaxed only where it encloses a whole cell; none: an ordinary character. */
export const QUOTINGS = ['strict', 'relaxed', 'none'] as const
export type Quoting = (typeof QUOTINGS)[number]

/** What becomes of cells beyond the last column: a fault of the row, part of the last cell, or nothing. */
export const EXTRAS = ['error', 'join', 'drop'] as const
export type Extra = (typeof EXTRAS)[number]

/** What the person said about the file, and nothing else: a format never sees flags it has no use for. */
export interface ReadOptions {
  /** Which column of the file holds which field, by header name or 1-based number: `{ question: 'expression' }`. */
  columns: Partial<Record<keyof CardText, string>>
  /** Label for `TextDecoder`; undefined means UTF-8, or what a byte order mark says. */
  encoding: string | undefined
  /** What separates the columns of a table; else what the text speaks for. */
  delimiter?: string | undefined
  quote?: Quoting | undefined
  /** Whether the first row is names and no card; else found out. */
  header?: boolean | undefined
  /** What separates the tags in a cell; else commas, or white space where there is none. */
  tagSeparator?: string | undefined
  extra?: Extra | undefined
  /** What separates the rows of Quizlet's text; else line breaks. */
  rowSeparator?: string | undefined
  /**
   * Told once what the file says before its records, such as a header row: followed by the `raw` of some records, each on a line of
   * its own, it is a file that is read in the same way.
   */
  preamble?: ((raw: string) => void) | undefined
}

/** What a writer may need to know besides the cards. */
export interface WriteOptions {
  /** The name of the deck, for formats that have a place for it and cards that do not name theirs. */
  deck?: string | undefined
}

/**
 * A format of text: bytes ↔ cards. Pure: no file, no database, no clock.
 * A reader yields records in batches as the bytes arrive and goes on after a bad record, so that one run names them all.
 * It throws CliError('failure') only when nothing behind the fault could be trusted (an unclosed quote, not JSON at all).
 */
export interface TextFormat {
  /** As people would say it in a list: "comma-separated values". */
  description: string
  /** File name endings that speak for it, without the dot. */
  extensions: readonly string[]
  read(bytes: AsyncIterable<Uint8Array>, options: ReadOptions): AsyncIterable<ParsedRecord[]>
  /** What a card has and the format has no place for is left out; docs/import.md says what that is. */
  write?(batches: AsyncIterable<FileCard[]>, options?: WriteOptions): AsyncIterable<string>
}

/** A package that is open for reading. It must be closed, whatever happens. */
export interface OpenPackage {
  /** Its cards, to be read once. */
  records: AsyncIterable<ParsedRecord[]>
  /** Sentences about what was left out or is odd; complete when the records have been read. */
  readonly warnings: readonly string[]
  /** The bytes of a file that came with the cards; null when there is none of the name. */
  media(name: string): Promise<Uint8Array | null>
  close(): Promise<void>
}

/** What a package is made with. */
export interface PackOptions {
  /** The deck of cards that say none. */
  deck: string
  /** Whether answers and schedules go along. */
  history: boolean
  now: Date
  /** The bytes of a picture that cards name; null for what is not there. Asked once for each URL. */
  media(url: string): Promise<Uint8Array | null>
}

/** What has been put into a package. */
export interface Packed {
  cards: number
  /** Pictures that `media` had nothing for: the first of them, by URL. */
  missing: { count: number; first: string[] }
}

/** A format that is read from a file of its own, anywhere in it, and not from a stream. */
export interface PackageFormat {
  description: string
  extensions: readonly string[]
  /** With `history` the cards have their answers. Throws CliError('failure') for what cannot be read. */
  open(path: string, options: { history: boolean }): Promise<OpenPackage>
  /** Writes cards as such a file, a piece after the other. */
  pack(
    put: (piece: Uint8Array) => Promise<void>,
    batches: AsyncIterable<readonly FileCard[]>,
    options: PackOptions,
  ): Promise<Packed>
}

export type Format = TextFormat | PackageFormat
