import { type AnkiOptions, openAnki } from '../../../src/formats/anki/read.ts'
import type { FileCard, ParsedRecord } from '../../../src/formats/format.ts'
import { withFile } from '../../support/anki.ts'

/** All that a package gives. */
export interface Read {
  notes: number
  cards: number
  reviews: number
  mediaNames: string[]
  records: ParsedRecord[]
  warnings: string[]
}

/** A package read to its end, and closed. */
export async function readPath(path: string, options: AnkiOptions = { history: true }): Promise<Read> {
  const opened = await openAnki(path, options)
  try {
    const records: ParsedRecord[] = []
    for await (const batch of opened.records) records.push(...batch)
    const { notes, cards, reviews, mediaNames, warnings } = opened
    return { notes, cards, reviews, mediaNames, records, warnings }
  } finally {
    await opened.close()
  }
}

/** The same for bytes. */
export function readBytes(bytes: Uint8Array, options?: AnkiOptions): Promise<Read> {
  return withFile(bytes, (path) => readPath(path, options))
}

/** The cards of a package in which nothing is wrong. */
export async function cardsIn(bytes: Uint8Array, options?: AnkiOptions): Promise<FileCard[]> {
  const { records } = await readBytes(bytes, options)
  return records.map((record) => {
    if ('problem' in record) throw new Error(`${record.place}: ${record.problem}`)
    return record.card
  })
}

/** A file of test/fixtures/anki. */
export const fixture = (name: string) => new URL(`../../fixtures/anki/${name}`, import.meta.url).pathname
