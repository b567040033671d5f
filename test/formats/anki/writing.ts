import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import { Database } from 'node-sqlite3-wasm'
import { type WriteOptions, type Written, writeAnki } from '../../../src/formats/anki/write.ts'
import type { FileCard } from '../../../src/formats/format.ts'
import { archive } from '../../support/anki.ts'

export const NOW = new Date('2026-03-04T10:00:00Z')

/** A card with nothing odd about it, but for what is given. */
export function fileCard(given: Partial<FileCard> = {}): FileCard {
  return {
    question: 'Capital of France',
    answer: 'Paris',
    difficulty_level: null,
    tags: [],
    accepted_answers: [],
    external_id: null,
    deck: 'Words',
    ...given,
  }
}

/** The bytes of a package of these cards, and what is said of it. */
export async function packageOf(
  cards: readonly FileCard[],
  options: Partial<WriteOptions> = {},
): Promise<{ bytes: Buffer; written: Written }> {
  const pieces: Uint8Array[] = []
  const written = await writeAnki(
    async (piece) => {
      pieces.push(piece.slice())
    },
    (async function* () {
      for (let at = 0; at < cards.length; at += 7) yield cards.slice(at, at + 7)
    })(),
    { deck: 'Words', history: true, now: NOW, offset: 0, ...options },
  )
  return { bytes: Buffer.concat(pieces), written }
}

type Row = Record<string, unknown>

/** The rows of a package's tables, by id. */
export async function tablesOf(bytes: Buffer): Promise<Record<'col' | 'notes' | 'cards' | 'revlog', Row[]>> {
  const rows = (db: Database, table: string): Row[] => [
    ...db.prepare(`select * from ${table} order by id`).iterate(),
  ]
  return opened(bytes, (db) => ({
    col: rows(db, 'col'),
    notes: rows(db, 'notes'),
    cards: rows(db, 'cards'),
    revlog: rows(db, 'revlog'),
  })).result
}

/** A package after SQL in its collection. */
export async function editedPackage(bytes: Buffer, sql: string): Promise<Buffer> {
  const { collection } = opened(bytes, (db) => db.exec(sql))
  return archive({ ...unzipSync(bytes), 'collection.anki2': collection })
}

function opened<Result>(
  bytes: Buffer,
  work: (db: Database) => Result,
): { result: Result; collection: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'rote-test-'))
  try {
    const path = join(folder, 'collection')
    writeFileSync(path, unzipSync(bytes)['collection.anki2'] ?? new Uint8Array())
    const db = new Database(path)
    try {
      return { result: work(db), collection: readFileSync(path) }
    } finally {
      db.close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
