import { and, eq, isNull, ne, type SQL, sql } from 'drizzle-orm'
import { cardSchedules, cards, deckShares, decks, revisionSessions } from './schema.ts'

// Pieces of a `where`. Authorisation is one of them: what a person may not see is simply not there.

/** Decks that the person may see and study: their own and those shared with them, without the trash. */
export function readableBy(user: { user_id: string }): SQL | undefined {
  return and(isNull(decks.deleted_at), within(user, sql`true`))
}

/** Decks whose cards the person may change. */
export function editableBy(user: { user_id: string }): SQL | undefined {
  return and(isNull(decks.deleted_at), within(user, sql`share.permission = 'edit'`))
}

/** Decks that the person may rename, delete and share. */
export function ownedBy(user: { user_id: string }): SQL | undefined {
  return and(isNull(decks.deleted_at), eq(decks.user_id, user.user_id))
}

/** Decks of others that are shared with the person, without the trash. */
export function sharedWith(user: { user_id: string }): SQL | undefined {
  return and(readableBy(user), ne(decks.user_id, user.user_id))
}

/**
 * A union and not an `or`: each half is found through its index, so that a person's command does not get slower with
 * the number of other people on the server.
 */
function within({ user_id }: { user_id: string }, permission: SQL): SQL {
  return sql`${decks.deck_id} in (
    select own.deck_id from ${decks} as own where own.user_id = ${user_id}
    union all
    select share.deck_id from ${deckShares} as share where share.shared_with_id = ${user_id} and ${permission})`
}

/** Cards that are not in the trash. */
export const live: SQL = isNull(cards.deleted_at)

/** Schedules that are due: for a person, joined to cards. */
export function dueAt(now: Date): SQL {
  return sql`(${cardSchedules.due} <= ${now.toISOString()} and ${cardSchedules.suspended_at} is null
    and (${cardSchedules.buried_until} is null or ${cardSchedules.buried_until} <= ${now.toISOString()}))`
}

/**
 * Sessions in which their answers were given, and not those that came with a copied deck: the answers of these are kept
 * for the schedules that follow from them, and count once, where they were given.
 */
export const answeredHere: SQL = sql`${revisionSessions.sitting_id} is distinct from ${revisionSessions.deck_id}`

/** Ids as an array, in a single parameter. */
export function uuids(ids: readonly string[]): SQL {
  return sql`${`{${ids.join(',')}}`}::uuid[]`
}
