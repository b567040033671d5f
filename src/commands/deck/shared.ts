import { and, count, eq, getTableColumns, inArray, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../db/connect.ts'
import { cardSchedules, cards, decks, users } from '../../db/schema.ts'
import type { User } from '../../db/user.ts'
import { dueAt, live, readableBy } from '../../db/where.ts'
import type { View } from '../../ui/output.ts'

/** A deck as commands publish it. */
export type DeckRow = Awaited<ReturnType<typeof selectDecks>>[number]

/** Decks with what there is to do in them, for one person at one moment. A query to narrow and order. */
export function selectDecks(db: Database, user: User, now: Date) {
  const mine = and(
    eq(cardSchedules.card_id, cards.card_id),
    eq(cardSchedules.user_id, user.user_id),
    eq(cardSchedules.direction, 'forward'),
  )
  const visible = db.select({ deck_id: decks.deck_id }).from(decks).where(readableBy(user))
  // all decks in one go: counted deck by deck, PostgreSQL reads the whole table of schedules for each of them
  const counts = db
    .select({
      deck_id: cards.deck_id,
      cards: count().as('cards'),
      due: sql<number>`count(*) filter (where ${dueAt(now)})`.mapWith(Number).as('due'),
      new: sql<number>`count(*) filter (where ${cardSchedules.card_id} is null)`.mapWith(Number).as('new'),
    })
    .from(cards)
    .leftJoin(cardSchedules, mine)
    .where(and(inArray(cards.deck_id, visible), live))
    .groupBy(cards.deck_id)
    .as('counts')
  const orNone = (of: SQL.Aliased<number>) => sql<number>`coalesce(${of}, 0)`.mapWith(Number)
  const { deleted_at: _, ...columns } = getTableColumns(decks)
  return db
    .select({
      ...columns,
      owner: users.username,
      cards: orNone(counts.cards),
      due: orNone(counts.due),
      new: orNone(counts.new),
    })
    .from(decks)
    .innerJoin(users, eq(users.user_id, decks.user_id))
    .leftJoin(counts, eq(counts.deck_id, decks.deck_id))
    .$dynamic()
}

/** One deck by its id, which a finder has allowed. */
export async function readDeck(db: Database, user: User, now: Date, deck_id: string): Promise<DeckRow> {
  const [row] = await selectDecks(db, user, now).where(eq(decks.deck_id, deck_id))
  if (!row) throw new Error(`deck ${deck_id} vanished`)
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
