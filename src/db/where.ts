import { and, eq, exists, isNull, or, type SQL, sql } from 'drizzle-orm'
import { cardSchedules, cards, deckShares, decks } from './schema.ts'

// Pieces of a `where`. Authorisation is one of them: what a person may not see is simply not there.

/** Decks that the person may see and study: their own and those shared with them, without the trash. */
export function readableBy(user: { user_id: string }): SQL | undefined {
  return and(isNull(decks.deleted_at), or(eq(decks.user_id, user.user_id), sharedWith(user)))
}

/** Decks whose cards the person may change. */
export function editableBy(user: { user_id: string }): SQL | undefined {
  return and(isNull(decks.deleted_at), or(eq(decks.user_id, user.user_id), sharedWith(user, 'edit')))
}

/** Decks that the person may rename, delete and share. */
export function ownedBy(user: { user_id: string }): SQL | undefined {
  return and(isNull(decks.deleted_at), eq(decks.user_id, user.user_id))
}

/** Decks of others that are shared with the person. */
export function sharedWith(user: { user_id: string }, permission?: 'edit'): SQL {
  const share = sql`select from ${deckShares} where ${deckShares.deck_id} = ${decks.deck_id}
    and ${deckShares.shared_with_id} = ${user.user_id}`
  return exists(permission ? sql`(${share} and ${deckShares.permission} = ${permission})` : sql`(${share})`)
}

/** Cards that are not in the trash. */
export const live: SQL = isNull(cards.deleted_at)

/** Schedules that are due: for a person, joined to cards. */
export function dueAt(now: Date): SQL {
  return sql`(${cardSchedules.due} <= ${now.toISOString()} and ${cardSchedules.suspended_at} is null
    and (${cardSchedules.buried_until} is null or ${cardSchedules.buried_until} <= ${now.toISOString()}))`
}
