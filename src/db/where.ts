import { and, eq, isNull, ne, type SQL, sql } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import type { Grade } from '../core/card.ts'
import {
  cardSchedules,
  cards,
  deckShares,
  decks,
  playlists,
  revisionAttempts,
  revisionSessions,
} from './schema.ts'

/** A person, or the column of a statement that says which. */
interface Who {
  user_id: string | AnyPgColumn
}

// Pieces of a `where`. Authorisation is one of them: what a person may not see is simply not there.

/** Decks that the person may see and study: their own and those shared with them, without the trash. */
export function readableBy(user: Who): SQL | undefined {
  return and(isNull(decks.deleted_at), within(user, sql`true`))
}

/** Decks whose cards the person may change. */
export function editableBy(user: Who): SQL | undefined {
  return and(isNull(decks.deleted_at), within(user, sql`share.permission = 'edit'`))
}

/** Decks that the person may rename, delete and share. */
export function ownedBy(user: Who): SQL | undefined {
  return and(isNull(decks.deleted_at), eq(decks.user_id, user.user_id))
}

/** Decks of others that are shared with the person, without the trash. */
export function sharedWith(user: Who): SQL | undefined {
  return and(readableBy(user), ne(decks.user_id, user.user_id))
}

/** The person's playlists, without the trash. Nobody else sees them. */
export function keptBy(user: Who): SQL | undefined {
  return and(isNull(playlists.deleted_at), eq(playlists.user_id, user.user_id))
}

/**
 * A union and not an `or`: each half is found through its index, so that a person's command does not get slower with
 * the number of other people on the server.
 */
function within({ user_id }: Who, permission: SQL): SQL {
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

/** How the person's latest answer to a card went: it stands on one's own cards, and in the attempts of others. Needs its deck joined. */
export function latestConfidence(user: { user_id: string }): SQL<Grade | null> {
  return sql`case when ${decks.user_id} = ${user.user_id} then ${cards.confidence_status} else (
    select a.confidence_status from ${revisionAttempts} a join ${revisionSessions} s using (session_id)
    where a.card_id = ${cards.card_id} and s.user_id = ${user.user_id}
    order by a.attempted_at desc, a.attempt_id desc limit 1
  ) end`
}

/** Ids as an array, in a single parameter. */
export function uuids(ids: readonly string[]): SQL {
  return sql`${`{${ids.join(',')}}`}::uuid[]`
}
