import { sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Database } from './connect.ts'

/** From so many new rows on PostgreSQL is told at once; of fewer it learns in time. */
const MANY = 5000

/**
 * Lets PostgreSQL see what tables hold after `rows` were added to them. Until it has seen it, it takes a large new deck for a small one, and
 * sorts all of it for each page that is read: reading 100,000 cards took 26 s in place of 1.5. It takes a look at a sample, whatever
 * the size of the table.
 */
export async function seeNewRows(db: Database, rows: number, ...tables: PgTable[]): Promise<void> {
  if (rows >= MANY) await db.execute(sql`analyze ${sql.join(tables, sql`, `)}`)
}
