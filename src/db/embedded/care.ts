import { sql } from 'drizzle-orm'
import type { Database } from '../connect.ts'
import { asClient, type SharedSession } from './shared-session.ts'

/** So much written, in bytes of WAL, is worth a VACUUM. */
const MUCH_WAL = 4_000_000

/**
 * Does what PostgreSQL's background processes do elsewhere: a checkpoint, so that a crash is quickly recovered from,
 * and VACUUM with fresh statistics once much has been written. `since` is where the log was when this was last done;
 * returns where it is now. Steps back when somebody comes: each statement is short, and none is begun while a client
 * is there.
 */
export async function tidyUp(session: SharedSession, since: string): Promise<string> {
  return asClient(session, async (db) => {
    const [wal] = await db.execute<{ idle: boolean; much: boolean }>(
      sql`select written = 0 as idle, written > ${MUCH_WAL} as much
          from pg_wal_lsn_diff(pg_current_wal_lsn(), ${since}) as written`,
    )
    const alone = () => session.clients === 0
    if (!wal || wal.idle) return since
    if (wal.much) {
      const tables = await db.execute<{ name: string }>(
        sql`select quote_ident(tablename) as name from pg_tables where schemaname = 'public'`,
      )
      for (const { name } of tables) {
        if (!alone()) return since
        await db.execute(sql`vacuum (analyze) ${sql.raw(name)}`)
      }
    }
    if (!alone()) return since
    await db.execute(sql`checkpoint`)
    return logPosition(db)
  })
}

/** How far the write-ahead log has come. */
export async function logPosition(db: Database): Promise<string> {
  const [row] = await db.execute<{ lsn: string }>(sql`select pg_current_wal_lsn()::text as lsn`)
  return row?.lsn ?? '0/0'
}
