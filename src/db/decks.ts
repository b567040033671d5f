import { and, count, eq, getTableColumns, inArray, type SQL, sql } from 'drizzle-orm'
import type { Database } from './connect.ts'
import { cardSchedules, cards, deckShares, decks, users } from './schema.ts'
import type { User } from './user.ts'
import { dueAt, live, readableBy } from './where.ts'

/** A deck as commands publish it. */
export type DeckRow = Awaited<ReturnType<typeof selectDecks>>[number]

/**
 * Decks with what there is to do in them, for one person at one moment, and what they may do with one that is shared with
 * them; null for their own. A query to narrow and order.
 */
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
      cards: orNone(counts.cards).as('deck_cards'),
      due: orNone(counts.due).as('deck_due'),
      new: orNone(counts.new).as('deck_new'),
      permission: deckShares.permission,
    })
    .from(decks)
    .innerJoin(users, eq(users.user_id, decks.user_id))
    .leftJoin(
      deckShares,
      and(eq(deckShares.deck_id, decks.deck_id), eq(deckShares.shared_with_id, user.user_id)),
    )
    .leftJoin(counts, eq(counts.deck_id, decks.deck_id))
    .$dynamic()
}
