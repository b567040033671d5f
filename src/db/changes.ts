import { type SQL, sql } from 'drizzle-orm'
import type { Database } from './connect.ts'
import { inlineJson } from './inline.ts'
import type { Author } from './user.ts'

/** What is special about a change. */
interface Circumstances {
  /** Cards that come with it are not written down one by one: they go back as the whole goes, an import or a new deck. */
  whole?: boolean
  /** Of the transaction. */
  isolationLevel?: 'read committed' | 'repeatable read'
}

/**
 * Makes a change in a transaction: what `work` does to decks, cards, images, playlists and shares is written down by the
 * database as this author's, to be undone in one piece. Nothing outlives the transaction.
 */
export function changing<T>(
  db: Database,
  author: Author,
  work: (db: Database) => Promise<T>,
  circumstances: Circumstances = {},
): Promise<T> {
  const { isolationLevel = 'read committed' } = circumstances
  return db.transaction(
    async (db) => {
      await db.execute(sql`select ${saying(author, circumstances)}`.inlineParams())
      return work(db)
    },
    { isolationLevel },
  )
}

/** The same as a condition, always true, for a single statement that is its own transaction. */
export function changedBy(author: Author): SQL {
  // worked out once, before the first row
  return sql`(select ${saying(author)}) is not null`
}

/** What tells the triggers whose the change is, as an expression: to be evaluated in its transaction before its first row. */
export function saying(
  { user_id, command, change_id = '-' }: Author,
  { whole = false }: Circumstances = {},
): SQL {
  const said = `${change_id} ${user_id} ${whole ? 'whole' : 'each'} ${command}`
  return sql`set_config('rote.change', ${inlineJson([said])} ->> 0, true)`
}
