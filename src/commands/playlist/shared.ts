import { and, count, desc, eq, inArray, not, type SQL, sql, sum } from 'drizzle-orm'
import { arrange, type Place } from '../../core/arrange.ts'
import { changing } from '../../db/changes.ts'
import type { Database } from '../../db/connect.ts'
import { type DeckRow, selectDecks } from '../../db/decks.ts'
import { calledBy, type FoundDeck, findDeck } from '../../db/find.ts'
import { decks, playlistDecks, playlists, users } from '../../db/schema.ts'
import type { Author, User } from '../../db/user.ts'
import { keptBy, readableBy } from '../../db/where.ts'
import { CliError, notFound } from '../../errors.ts'
import type { View } from '../../ui/output.ts'

/** A playlist as commands publish it: with how many decks the person sees in it, and what there is to do in them. */
export type PlaylistRow = Awaited<ReturnType<typeof selectPlaylists>>[number]

/** The person's playlists. A query to narrow and order. */
export function selectPlaylists(db: Database, user: User, now: Date, wanted?: SQL) {
  const deck = selectDecks(db, user, now).where(readableBy(user)).as('deck')
  const total = (of: SQL.Aliased<number>) => sql<number>`coalesce(${sum(of)}, 0)`.mapWith(Number)
  return db
    .select({
      playlist_id: playlists.playlist_id,
      user_id: playlists.user_id,
      name: playlists.name,
      description: playlists.description,
      created_at: playlists.created_at,
      decks: count(deck.deck_id),
      cards: total(deck.cards),
      due: total(deck.due),
      new: total(deck.new),
    })
    .from(playlists)
    .leftJoin(playlistDecks, eq(playlistDecks.playlist_id, playlists.playlist_id))
    .leftJoin(deck, eq(deck.deck_id, playlistDecks.deck_id))
    .where(and(keptBy(user), wanted))
    .groupBy(playlists.playlist_id)
    .$dynamic()
}

/** One playlist by its id, which a finder has allowed. */
export async function readPlaylist(
  db: Database,
  user: User,
  now: Date,
  playlist_id: string,
): Promise<PlaylistRow> {
  const [row] = await selectPlaylists(db, user, now, eq(playlists.playlist_id, playlist_id))
  if (!row) throw notFound('playlist', playlist_id)
  return row
}

/** The decks of a playlist in their order, as many of them as the person may see now. */
export function decksOf(db: Database, user: User, now: Date, playlist_id: string): Promise<DeckRow[]> {
  const deck = selectDecks(db, user, now).where(readableBy(user)).as('deck')
  return db
    .select(deck._.selectedFields)
    .from(playlistDecks)
    .innerJoin(deck, eq(deck.deck_id, playlistDecks.deck_id))
    .where(eq(playlistDecks.playlist_id, playlist_id))
    .orderBy(playlistDecks.position, playlistDecks.playlist_deck_id)
}

/** The decks that the person names, each once. */
export async function findDecks(
  db: Database,
  user: User,
  references: string[],
  find: (reference: string) => Promise<FoundDeck> = (reference) => findDeck(db, user, reference),
): Promise<FoundDeck[]> {
  const found = new Map<string, FoundDeck>()
  for (const reference of references) {
    const deck = await find(reference)
    found.set(deck.deck_id, deck)
  }
  return [...found.values()]
}

/** The ids of the decks in a playlist that its person may not see now: in the trash, or not shared any more. */
export async function hiddenIn(db: Database, user: User, playlist_id: string): Promise<string[]> {
  const rows = await db
    .select({ deck_id: playlistDecks.deck_id })
    .from(playlistDecks)
    .innerJoin(decks, eq(decks.deck_id, playlistDecks.deck_id))
    .where(and(eq(playlistDecks.playlist_id, playlist_id), not(readableBy(user) ?? sql`true`)))
    .orderBy(playlistDecks.position, playlistDecks.playlist_deck_id)
  return rows.map(({ deck_id }) => deck_id)
}

/**
 * As `findDeck`, also for a deck of the playlist that its person may not see any more, by its id or by what they called
 * it. It is called as they call it here: nothing else of it is theirs to know.
 */
export async function findDeckOf(
  db: Database,
  user: User,
  playlist_id: string,
  reference: string,
): Promise<FoundDeck> {
  try {
    return await findDeck(db, user, reference)
  } catch (error) {
    if (!(error instanceof CliError) || error.kind !== 'not_found') throw error
    const called = reference.trim()
    const [hidden] = await db
      .select({ deck_id: decks.deck_id, user_id: decks.user_id })
      .from(decks)
      .innerJoin(users, eq(users.user_id, decks.user_id))
      .where(
        and(
          inArray(decks.deck_id, await hiddenIn(db, user, playlist_id)),
          sql`lower(${called}) in (${decks.deck_id}::text, lower(${calledBy(user)}))`,
        ),
      )
      .orderBy(desc(decks.deleted_at), decks.deck_id)
      .limit(1)
    if (!hidden) throw error
    return { ...hidden, name: called }
  }
}

/** What a person said about where decks go. */
interface Wanted {
  first?: boolean
  after?: FoundDeck
}

/**
 * Puts decks in a playlist, in one transaction, and gives the ids of those that were in it before. Decks that are not to
 * be seen at the moment keep their place. Whoever does the same at the same moment waits. Throws not_found when the
 * playlist is gone, or the deck behind which they are to go is not in it.
 */
export function placeDecks(
  db: Database,
  user: Author,
  playlist: { playlist_id: string; name: string },
  decks: FoundDeck[],
  { first = false, after }: Wanted = {},
): Promise<string[]> {
  const { playlist_id, name } = playlist
  return changing(db, user, async (tx) => {
    const [there] = await tx
      .select({ playlist_id: playlists.playlist_id })
      .from(playlists)
      .where(and(eq(playlists.playlist_id, playlist_id), keptBy(user)))
      .for('update')
    if (!there) throw notFound('playlist', name)
    const rows = await tx
      .select({ deck_id: playlistDecks.deck_id })
      .from(playlistDecks)
      .where(eq(playlistDecks.playlist_id, playlist_id))
      .orderBy(playlistDecks.position, playlistDecks.playlist_deck_id)
    const before = rows.map(({ deck_id }) => deck_id)
    if (after && !before.includes(after.deck_id)) throw notIn(playlist, after)
    const place: Place = after ? { after: after.deck_id } : first ? 'first' : 'last'
    const ids = decks.map(({ deck_id }) => deck_id)
    const order = arrange(before, ids, place)
    if (order.length > 0)
      await tx
        .insert(playlistDecks)
        .values(order.map((deck_id, position) => ({ playlist_id, deck_id, position })))
        .onConflictDoUpdate({
          target: [playlistDecks.playlist_id, playlistDecks.deck_id],
          set: { position: sql`excluded.position` },
        })
    return before
  })
}

/** For a deck that is named as one of a playlist's, and is none. */
export function notIn(playlist: { name: string }, deck: { name: string }): CliError {
  return new CliError(
    'not_found',
    `"${deck.name}" is not in the playlist "${playlist.name}".`,
    `See: rote playlist view "${playlist.name}"`,
  )
}

/** Names in a sentence: `"Spanish", "French"`. */
export function quoted(decks: { name: string }[]): string {
  return decks.map(({ name }) => `"${name}"`).join(', ')
}

/** How playlists are shown. */
export const playlistView: View<PlaylistRow> = {
  columns: [
    { header: 'id', value: (playlist) => playlist.playlist_id, hidden: true },
    { header: 'name', value: (playlist) => playlist.name, flexible: true },
    { header: 'decks', value: (playlist) => playlist.decks, align: 'right' },
    { header: 'cards', value: (playlist) => playlist.cards, align: 'right' },
    { header: 'due', value: (playlist) => playlist.due, align: 'right' },
    { header: 'new', value: (playlist) => playlist.new, align: 'right' },
    { header: 'description', value: (playlist) => playlist.description, flexible: true },
    { header: 'created', value: (playlist) => playlist.created_at, hidden: true },
  ],
  key: (playlist) => playlist.playlist_id,
  empty: 'No playlists yet. Make one with: rote playlist create <name> <deck...>',
}
