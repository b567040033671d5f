import { sql } from 'drizzle-orm'
import type { Database } from '../db/connect.ts'
import { CliError } from '../errors.ts'
import { LONGEST_LINE, type Part } from './format.ts'
import { type BackupTable, backupTables, selectLines } from './tables.ts'

/** How many characters of rows are fetched at once, about. */
const PIECE = 1_000_000
const MOST_ROWS = 20_000

/** How rows are fetched: so many characters at once, about; and nothing more is asked for after the signal. */
interface Pace {
  piece: number
  signal?: AbortSignal
}

/**
 * All rows of the database, or with `user_id` those of one person, table by table, as they are at one moment. Call it
 * inside a transaction that `snapshot` begins, and do not let it wait for anything slow: the embedded database serves
 * nobody else meanwhile. `tell` is told how many rows there have been.
 */
export async function* readTables(
  db: Database,
  user_id: string | null,
  tell: (table: string, rows: number) => void,
  pace: Pace = { piece: PIECE },
): AsyncGenerator<Part> {
  for (const table of backupTables()) {
    yield { kind: 'table', table: table.name, columns: table.columns.map(({ name }) => name) }
    tell(table.name, 0)
    for await (const part of readRows(db, table, user_id, pace)) {
      yield part
      tell(table.name, part.count)
    }
  }
}

async function* readRows(
  db: Database,
  table: BackupTable,
  user_id: string | null,
  { piece, signal }: Pace,
): AsyncGenerator<Extract<Part, { kind: 'rows' }>> {
  // a cursor ends with the transaction, so nothing stays in the session
  signal?.throwIfAborted()
  await db.execute(sql.raw(`declare rote_backup no scroll cursor for ${selectLines(table, user_id)}`))
  for (let size = Math.ceil(piece / 10_000); ; ) {
    signal?.throwIfAborted()
    const rows = await db.execute<{ line: string }>(sql.raw(`fetch ${size} from rote_backup`))
    if (rows.length > 0) {
      const lines = `${rows.map(({ line }) => line).join('\n')}\n`
      const longest = lines.length > LONGEST_LINE && rows.find(({ line }) => line.length > LONGEST_LINE)
      if (longest)
        throw new CliError(
          'failure',
          `A row of ${table.name} is too large for a backup.`,
          longest.line.slice(0, 60),
        )
      yield { kind: 'rows', count: rows.length, lines }
      size = Math.max(1, Math.min(MOST_ROWS, Math.floor((piece * rows.length) / lines.length)))
    }
    if (rows.length === 0) break
  }
  signal?.throwIfAborted()
  await db.execute(sql`close rote_backup`)
}

/** Does `work` in a transaction that sees the database as it is at its beginning, and writes numbers and times exactly. */
export function snapshot<T>(db: Database, work: (db: Database) => Promise<T>): Promise<T> {
  return db.transaction(
    async (db) => {
      await db.execute(sql`set local time zone 'UTC'`)
      await db.execute(sql`set local extra_float_digits = 1`)
      // every row is wanted, not the first ones soon
      await db.execute(sql`set local cursor_tuple_fraction = 1`)
      return work(db)
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  )
}

/** What of a person's a backup of theirs alone cannot have: it belongs to what is somebody else's. */
export interface LeftOut {
  /** Answers to cards in decks of others. */
  attempts: number
  /** Decks of others in playlists of theirs. */
  playlist_decks: number
}

/** Counts what of a person's is not in a backup of theirs alone. */
export async function countLeftOut(db: Database, user_id: string): Promise<LeftOut> {
  const [found] = await db.execute<{ attempts: string; playlist_decks: string }>(sql`
    select
      (select count(*) from revision_sessions s join revision_attempts a using (session_id)
        join cards c using (card_id) join decks d on d.deck_id = c.deck_id
        join decks studied on studied.deck_id = s.deck_id
        where s.user_id = ${user_id} and (d.user_id <> s.user_id or studied.user_id <> s.user_id)) as attempts,
      (select count(*) from playlists p join playlist_decks using (playlist_id) join decks d using (deck_id)
        where p.user_id = ${user_id} and d.user_id <> p.user_id) as playlist_decks`)
  return { attempts: Number(found?.attempts ?? 0), playlist_decks: Number(found?.playlist_decks ?? 0) }
}
