import { getTableName, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import type { Database } from './connect.ts'
import { cardSchedules, cards, revisionAttempts } from './schema.ts'

/** From so many new rows on PostgreSQL is told at once; of fewer it learns in time. */
const MANY = 5000

/**
 * Lets PostgreSQL see what `columns` of one table hold after `rows` were added to it. Until it has seen them, it takes a large new deck for
 * a small one, and sorts all of it for each page that is read: reading 100,000 cards took 26 s in place of 1.5. It takes a look at
 * a sample, whatever the size of the table; texts, which take the longest, are left to its own time.
 */
export async function seeNewRows(
  db: Database,
  rows: number,
  first: PgColumn,
  ...others: PgColumn[]
): Promise<void> {
  if (rows < MANY) return
  const names = [first, ...others].map(({ name }) => sql.identifier(name))
  await db.execute(sql`analyze ${sql.identifier(getTableName(first.table))} (${sql.join(names, sql`, `)})`)
}

/** The columns by which the cards of a deck are found and put in order. */
export const IN_DECK = [cards.deck_id, cards.position, cards.card_id, cards.deleted_at] as const
/** Those by which answers and schedules are. */
export const OF_ATTEMPT = [
  revisionAttempts.session_id,
  revisionAttempts.card_id,
  revisionAttempts.attempted_at,
] as const
export const OF_SCHEDULE = [
  cardSchedules.user_id,
  cardSchedules.card_id,
  cardSchedules.due,
  cardSchedules.state,
] as const
