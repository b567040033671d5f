import { type SQL, sql } from 'drizzle-orm'
import { CliError } from '../errors.ts'
import type { Database } from './connect.ts'
import { calledBy, idsFrom, severalBegin } from './find.ts'
import { cards, changedRows, changes, decks, playlists, users } from './schema.ts'
import type { User } from './user.ts'
import { editableBy, live } from './where.ts'

/** Something in the trash, as commands publish it. */
export interface TrashRow {
  id: string
  kind: 'deck' | 'playlist' | 'card'
  /** Of a card its question. */
  name: string
  /** The deck of a card. */
  deck: string | null
  /** How many cards come back with a deck. */
  cards: number | null
  deleted_at: Date
  /** Who put it there, as far as it is known. */
  deleted_by: string | null
}

/**
 * What is in the trash of the person, the latest first: decks and playlists of theirs, and cards of decks whose cards they may
 * change. What went with its deck is not named by itself. `wanted` is a condition on `t`, the columns of a TrashRow.
 */
export async function selectTrash(
  db: Database,
  user: User,
  { wanted = sql`true`, offset = 0, limit }: { wanted?: SQL; offset?: number; limit: number },
): Promise<TrashRow[]> {
  const by = (row: SQL) => sql`(
    select u.username from ${changedRows} r join ${changes} c using (change_id) join ${users} u on u.user_id = c.user_id
    where ${row} and r.after ? 'deleted_at' order by r.changed_row_id desc limit 1)`
  // an instant as exact as the date that the next page goes on behind
  const moment = (column: SQL) => sql`date_trunc('milliseconds', ${column})`
  const rows = await db.execute<
    Omit<TrashRow, 'deleted_at'> & { deleted_at: string } & Record<string, unknown>
  >(
    sql`
    select * from (
      select ${decks.deck_id} as id, 'deck' as kind, ${decks.name} as name, null::text as deck,
        (select count(*)::int from ${cards} where ${cards.deck_id} = ${decks.deck_id} and ${live}) as cards,
        ${moment(sql`${decks.deleted_at}`)} as deleted_at,
        ${by(sql`r.table_name = 'decks' and r.deck_id = ${decks.deck_id}`)} as deleted_by
      from ${decks} where ${decks.user_id} = ${user.user_id} and ${decks.deleted_at} is not null
      union all
      select ${playlists.playlist_id}, 'playlist', ${playlists.name}, null, null, ${moment(sql`${playlists.deleted_at}`)},
        ${by(sql`r.table_name = 'playlists' and r.playlist_id = ${playlists.playlist_id}`)}
      from ${playlists} where ${playlists.user_id} = ${user.user_id} and ${playlists.deleted_at} is not null
      union all
      select ${cards.card_id}, 'card', ${cards.question}, ${calledBy(user)}, null, ${moment(sql`${cards.deleted_at}`)},
        ${by(sql`r.table_name = 'cards' and r.card_id = ${cards.card_id}`)}
      from ${cards} join ${decks} on ${decks.deck_id} = ${cards.deck_id} join ${users} on ${users.user_id} = ${decks.user_id}
      where ${editableBy(user)} and ${cards.deleted_at} is not null
    ) as t where ${wanted}
    order by deleted_at desc, id desc offset ${offset} limit ${limit}`.inlineParams(),
  )
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    name: row.name,
    deck: row.deck,
    cards: row.cards,
    deleted_at: new Date(row.deleted_at),
    deleted_by: row.deleted_by,
  }))
}

const LOOK = 'See what there is: rote trash list'

/**
 * What of the trash `reference` means: the beginning of an id, of four characters or more, or the name of a deck or playlist, of
 * which the latest counts. Throws not_found for nothing and conflict, naming them, for several.
 */
export async function findTrashed(db: Database, user: User, reference: string): Promise<TrashRow> {
  const named = sql`(t.kind <> 'card' and lower(t.name) = lower(${reference.trim()}))`
  const found = await selectTrash(db, user, {
    wanted: sql`(${idBegins(reference) ?? sql`false`} or ${named})`,
    limit: 4,
  })
  const [first] = found
  if (!first) throw notInTrash(reference)
  const called = found.filter(({ kind, name }) => kind !== 'card' && name === reference.trim())
  if (found.length === 1 || called.length > 0) return called[0] ?? first
  throw severalBegin(
    'things in the trash',
    reference,
    found.map(({ id }) => id),
  )
}

/** The error for what is not in the trash of the person. */
export function notInTrash(reference: string): CliError {
  return new CliError('not_found', `There is no "${reference}" in your trash.`, LOOK)
}

/** The condition that an id begins so; null for what no id begins with. */
function idBegins(reference: string): SQL | null {
  try {
    return idsFrom(reference, 'thing', LOOK)(sql`t.id`)
  } catch (error) {
    if (error instanceof CliError) return null
    throw error
  }
}
