import { and, eq, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../db/connect.ts'
import { type DeckRow, selectDecks } from '../../db/decks.ts'
import { decks } from '../../db/schema.ts'
import type { User } from '../../db/user.ts'
import { readableBy } from '../../db/where.ts'
import { notFound } from '../../errors.ts'
import type { View } from '../../ui/output.ts'

/** One deck by its id. Throws not_found when it is gone, or not to be seen, by now. */
export async function readDeck(db: Database, user: User, now: Date, deck_id: string): Promise<DeckRow> {
  const [row] = await selectDecks(db, user, now).where(and(eq(decks.deck_id, deck_id), readableBy(user)))
  if (!row) throw notFound('deck', deck_id)
  return row
}

/** How decks are shown to `user`. */
export function deckView(user: User): View<DeckRow> {
  return {
    columns: [
      { header: 'id', value: (deck) => deck.deck_id, hidden: true },
      {
        header: 'name',
        value: (deck) => deck.name,
        show: (deck) => (deck.user_id === user.user_id ? deck.name : `${deck.owner}/${deck.name}`),
        flexible: true,
      },
      { header: 'cards', value: (deck) => deck.cards, align: 'right' },
      { header: 'due', value: (deck) => deck.due, align: 'right' },
      { header: 'new', value: (deck) => deck.new, align: 'right' },
      { header: 'description', value: (deck) => deck.description, flexible: true },
      { header: 'owner', value: (deck) => deck.owner, hidden: true },
      { header: 'shared', value: (deck) => deck.is_shared, hidden: true },
      { header: 'created', value: (deck) => deck.created_at, hidden: true },
      { header: 'updated', value: (deck) => deck.updated_at, hidden: true },
      { header: 'permission', value: (deck) => deck.permission, hidden: true },
    ],
    key: (deck) => deck.deck_id,
    empty: 'No decks yet. Make one with: rote deck create <name>',
  }
}

/** Names in the order in which a person looks for them, whatever the database's collation. */
export const byName: SQL = sql`lower(${decks.name}), ${decks.deck_id}`

/** Those that come after this one, in that order. */
export function byNameBehind({ name, deck_id }: { name: string; deck_id: string }): SQL {
  return sql`(lower(${decks.name}), ${decks.deck_id}) > (lower(${name}), ${deck_id}::uuid)`
}
