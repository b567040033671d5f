import { CliError } from '../../src/errors.ts'
import type {
  FileCard,
  ParsedRecord,
  ReadOptions,
  TextFormat,
  WriteOptions,
} from '../../src/formats/format.ts'

/** Sizes in which the same bytes are fed to a reader; the small ones cut characters, CRLF and quotes in two. */
export const CHUNK_SIZES = [1, 2, 3, 7, 65_536]

/** A text as UTF-8, or bytes as they are, in chunks of `size` bytes. */
export async function* bytesOf(input: string | Uint8Array, size = 65_536): AsyncGenerator<Uint8Array> {
  const bytes = typeof input === 'string' ? new TextEncoder().encode(input) : input
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

/** All that an async iterable yields. (Array.fromAsync is not in Node 20.) */
export async function collect<Item>(source: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = []
  for await (const item of source) items.push(item)
  return items
}

interface Reading extends Partial<ReadOptions> {
  size?: number
}

/** All records of a file. */
export async function readAll(
  format: TextFormat,
  input: string | Uint8Array,
  { size, columns = {}, encoding, ...more }: Reading = {},
): Promise<ParsedRecord[]> {
  const batches = await collect(format.read(bytesOf(input, size), { columns, encoding, ...more }))
  return batches.flat()
}

/** All cards of a file in which nothing is wrong. */
export async function cardsOf(
  format: TextFormat,
  input: string | Uint8Array,
  reading?: Reading,
): Promise<FileCard[]> {
  const records = await readAll(format, input, reading)
  return records.map((record) => {
    if ('problem' in record) throw new Error(`line ${record.line}: ${record.problem}`)
    return record.card
  })
}

/** What is wrong in a file, as a person sees it: `line 3: the answer is empty`. */
export async function problemsOf(
  format: TextFormat,
  input: string | Uint8Array,
  reading?: Reading,
): Promise<string[]> {
  const records = await readAll(format, input, reading)
  return records.flatMap((record) => ('problem' in record ? [`line ${record.line}: ${record.problem}`] : []))
}

/** The text that a format writes for these batches of cards. */
export async function written(format: Required<TextFormat>, ...batches: FileCard[][]): Promise<string> {
  return writtenAs(format, {}, ...batches)
}

/** The same, with options. */
export async function writtenAs(
  format: Required<TextFormat>,
  options: WriteOptions,
  ...batches: FileCard[][]
): Promise<string> {
  async function* all() {
    yield* batches
  }
  return (await collect(format.write(all(), options))).join('')
}

/** The CliError that reading ends with, as `kind: message`. */
export async function failure(reading: Promise<unknown>): Promise<string> {
  try {
    await reading
  } catch (error) {
    if (error instanceof CliError) return `${error.kind}: ${error.message}`
    throw error
  }
  throw new Error('expected a CliError')
}

/** A card with nothing but a question and an answer, and what `more` adds. */
export function card(question: string, answer: string, more: Partial<FileCard> = {}): FileCard {
  return {
    question,
    answer,
    tags: [],
    difficulty_level: null,
    accepted_answers: [],
    external_id: null,
    ...more,
  }
}

/** Random whole numbers below `limit`, the same ones for the same seed (mulberry32). */
export function random(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}
