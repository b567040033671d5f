import { and, asc, eq, getTableColumns, gte, inArray, isNull, type SQL, sql } from 'drizzle-orm'
import type { StudyDay } from '../core/day.ts'
import type { StudyCard } from '../core/session.ts'
import type { Database } from '../db/connect.ts'
import { calledBy } from '../db/find.ts'
import { cardSchedules, cards, decks, users } from '../db/schema.ts'
import type { Settings } from '../db/settings.ts'
import type { User } from '../db/user.ts'
import { dueAt, live, readableBy } from '../db/where.ts'

/** What there is to do in a deck. */
export interface DueDeck {
  deck_id: string
  name: string
  /** Cards seen before that are due. */
  due: number
  /** Cards never seen, as many as the daily limit still allows. */
  new: number
}

const mine = (user: User) =>
  and(
    eq(cardSchedules.card_id, cards.card_id),
    eq(cardSchedules.user_id, user.user_id),
    eq(cardSchedules.direction, 'forward'),
  )

/** New cards that may still be begun today, over all decks. */
export async function newCardsLeft(
  db: Database,
  user: User,
  settings: Settings,
  day: StudyDay,
): Promise<number> {
  const begun = await db.$count(
    cardSchedules,
    and(eq(cardSchedules.user_id, user.user_id), gte(cardSchedules.first_review, day.start)),
  )
  return Math.max(0, settings.new_per_day - begun)
}

/** The decks in which there is something to do, by name. `newLeft` is what `newCardsLeft` gives. */
export async function dueDecks(db: Database, user: User, newLeft: number, now: Date): Promise<DueDeck[]> {
  const unseen = sql<number>`count(*) filter (where ${cardSchedules.card_id} is null)`.mapWith(Number)
  const due = sql<number>`count(*) filter (where ${dueAt(now)})`.mapWith(Number)
  const rows = await db
    .select({ deck_id: decks.deck_id, name: calledBy(user), due, new: unseen })
    .from(cards)
    .innerJoin(decks, eq(decks.deck_id, cards.deck_id))
    .innerJoin(users, eq(users.user_id, decks.user_id))
    .leftJoin(cardSchedules, mine(user))
    .where(and(readableBy(user), live))
    .groupBy(decks.deck_id, users.username)
    .orderBy(sql`lower(${decks.name})`, decks.deck_id)
  return rows
    .map((row) => ({ ...row, new: Math.min(row.new, newLeft) }))
    .filter((row) => row.due + row.new > 0)
}

/** How many cards a sitting would have now: due ones, and new ones within the daily limit. */
export function cardsToDo(decks: readonly DueDeck[], newLeft: number): number {
  const total = (pick: (deck: DueDeck) => number) => decks.reduce((sum, deck) => sum + pick(deck), 0)
  return (
    total((deck) => deck.due) +
    Math.min(
      newLeft,
      total((deck) => deck.new),
    )
  )
}

/** What a sitting is about. */
export interface Sitting {
  /** Null: all decks. */
  deckIds: string[] | null
  /** Cards at the most. */
  limit: number
  /** New cards at the most. */
  newLimit: number
}

/** The cards of a sitting: due ones first, the longest overdue in front, then new ones in the order of their decks. */
export async function loadQueue(
  db: Database,
  user: User,
  { deckIds, limit, newLimit }: Sitting,
  now: Date,
): Promise<StudyCard[]> {
  const among = deckIds ? inArray(decks.deck_id, deckIds) : undefined
  const due = await selectStudyCards(
    db,
    user,
    and(among, dueAt(now)),
    [asc(cardSchedules.due), asc(cards.card_id)],
    limit,
  )
  const room = Math.min(newLimit, limit - due.length)
  if (room <= 0) return due
  const order = [sql`lower(${decks.name})`, asc(decks.deck_id), asc(cards.position), asc(cards.card_id)]
  return [
    ...due,
    ...(await selectStudyCards(db, user, and(among, isNull(cardSchedules.card_id)), order, room)),
  ]
}

async function selectStudyCards(
  db: Database,
  user: User,
  wanted: SQL | undefined,
  order: SQL[],
  limit: number,
): Promise<StudyCard[]> {
  const {
    user_id: _,
    card_id: __,
    suspended_at: ___,
    buried_until: ____,
    first_review: _____,
    ...schedule
  } = getTableColumns(cardSchedules)
  return db
    .select({
      card_id: cards.card_id,
      deck_id: cards.deck_id,
      deck: calledBy(user),
      question: cards.question,
      answer: cards.answer,
      schedule,
    })
    .from(cards)
    .innerJoin(decks, eq(decks.deck_id, cards.deck_id))
    .innerJoin(users, eq(users.user_id, decks.user_id))
    .leftJoin(cardSchedules, mine(user))
    .where(and(readableBy(user), live, wanted))
    .orderBy(...order)
    .limit(limit)
}

/** How many cards fall due in the study day after `day`, including those that are overdue by then. */
export async function dueTomorrow(db: Database, user: User, tomorrow: StudyDay): Promise<number> {
  const [row] = await db
    .select({ due: sql<number>`count(*)`.mapWith(Number) })
    .from(cardSchedules)
    .innerJoin(cards, eq(cards.card_id, cardSchedules.card_id))
    .innerJoin(decks, eq(decks.deck_id, cards.deck_id))
    .where(
      and(
        eq(cardSchedules.user_id, user.user_id),
        readableBy(user),
        live,
        sql`${cardSchedules.due} < ${tomorrow.end.toISOString()}`,
        isNull(cardSchedules.suspended_at),
      ),
    )
  return row?.due ?? 0
}
