import { and, eq, getTableColumns, or, type SQL, sql } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import { closest, distance } from 'fastest-levenshtein'
import { CliError, notFound, usage } from '../errors.ts'
import type { Database } from './connect.ts'
import { type Change, selectChanges } from './history.ts'
import {
  aiJobs,
  cardImages,
  cards,
  changedRows,
  changes,
  deckShares,
  decks,
  imports,
  playlists,
  users,
} from './schema.ts'
import type { User } from './user.ts'
import { editableBy, keptBy, live, ownedBy, readableBy, uuids } from './where.ts'

/** A deck as finders give it. `name` is what the person calls it: `owner/name` for one of somebody else's. */
export interface FoundDeck {
  deck_id: string
  user_id: string
  name: string
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const MAY = { read: readableBy, edit: editableBy, own: ownedBy } as const

/**
 * The deck that `reference` means: its id, the name of one's own, or `owner/name`. Case decides only between names that
 * differ in nothing else, white space around it nothing at all. Throws not_found, with the likeliest name as a hint,
 * conflict, naming them, for several that differ in case from it, and denied for one that may only be looked at.
 */
export async function findDeck(
  db: Database,
  user: User,
  called: string,
  may: keyof typeof MAY = 'read',
): Promise<FoundDeck> {
  const reference = called.trim()
  const allowed = sql<boolean>`(${MAY[may](user)})`
  const slash = reference.indexOf('/')
  const matches: SQL[] = [
    sql`(${decks.user_id} = ${user.user_id} and lower(${decks.name}) = lower(${reference}))`,
  ]
  if (UUID.test(reference)) matches.push(sql`${decks.deck_id} = ${reference.toLowerCase()}`)
  if (slash > 0) {
    const [owner, name] = [reference.slice(0, slash), reference.slice(slash + 1)]
    matches.push(sql`(lower(${users.username}) = lower(${owner}) and lower(${decks.name}) = lower(${name}))`)
  }
  const exactly = sql<boolean>`(${decks.name} = ${reference} or ${users.username} || '/' || ${decks.name} = ${reference}
    or ${decks.deck_id}::text = ${reference.toLowerCase()})`
  // one look: between two it could be restored, or shared
  const visible = await db
    .select({ deck_id: decks.deck_id, user_id: decks.user_id, name: calledBy(user), exactly, allowed })
    .from(decks)
    .innerJoin(users, eq(users.user_id, decks.user_id))
    .where(and(readableBy(user), sql`(${sql.join(matches, sql` or `)})`))
    .orderBy(
      sql`${allowed} desc`,
      sql`${exactly} desc`,
      sql`${decks.name} = ${reference} desc`,
      decks.created_at,
      decks.deck_id,
    )
    .limit(4)
  const found = visible.filter(({ allowed }) => allowed)
  const [deck] = found
  if (deck && (deck.exactly || found.length === 1)) {
    return { deck_id: deck.deck_id, user_id: deck.user_id, name: deck.name }
  }
  if (deck) throw severalCalled('decks', reference, found)
  if (visible.length === 0) throw notFound('deck', reference, await similarDeck(db, user, reference))
  throw denied(may, (await findDeck(db, user, reference)).name)
}

function denied(may: keyof typeof MAY, deck: string): CliError {
  return new CliError(
    'denied',
    may === 'edit'
      ? `You may see and study "${deck}", but not change its cards.`
      : `Only its owner may do that to "${deck}".`,
  )
}

/** What a person calls a deck: its name, or `owner/name` when it is somebody else's. Needs `users` joined as the owner. */
export function calledBy(user: { user_id: string }): SQL<string> {
  return sql<string>`case when ${decks.user_id} = ${user.user_id} then ${decks.name} else ${users.username} || '/' || ${decks.name} end`
}

async function similarDeck(db: Database, user: User, reference: string): Promise<string> {
  const found = await db
    .select({ name: calledBy(user), alone: decks.name })
    .from(decks)
    .innerJoin(users, eq(users.user_id, decks.user_id))
    .where(readableBy(user))
    // of one that somebody else shares, too, and one's own goes first
    .orderBy(sql`${decks.user_id} = ${user.user_id} desc`, decks.deck_id)
    .limit(1000)
  if (found.length === 0) return 'No decks yet. Make one with: rote deck create <name>'
  const names = found.toReversed().flatMap(({ name, alone }) => [{ name }, { name, typed: alone }])
  return didYouMean(reference, names) ?? 'See what there is: rote deck list'
}

/** Whether a reference is a whole id: then it is no name of a deck to be made. */
export function isId(reference: string): boolean {
  return UUID.test(reference.trim())
}

/** Somebody else, as finders give them. */
export interface Person {
  user_id: string
  username: string
}

/**
 * The person who is called so. Case decides only between names that differ in nothing else. Throws not_found; its hint
 * names nobody but those with whom `user` shares decks already, in either direction: who else there is, is not theirs to
 * browse.
 */
export async function findPerson(db: Database, user: User, called: string): Promise<Person> {
  const name = called.trim()
  const [found] = await db
    .select({ user_id: users.user_id, username: users.username })
    .from(users)
    .where(sql`lower(${users.username}) = lower(${name})`)
    .orderBy(sql`${users.username} = ${name} desc`, users.user_id)
    .limit(1)
  if (found) return found
  const known = await db.execute<{ name: string }>(sql`
    select username as name from ${users} where user_id in (
      select shared_with_id from ${deckShares} where owner_id = ${user.user_id}
      union select owner_id from ${deckShares} where shared_with_id = ${user.user_id}) limit 1000`)
  throw notFound('user', name, didYouMean(name, known) ?? undefined)
}

/** The likeliest name, if one is likely; `typed` is what somebody may write for it. */
function didYouMean(reference: string, names: readonly { name: string; typed?: string }[]): string | null {
  if (names.length === 0) return null
  // of several for the same the last one counts
  const known = new Map(names.map(({ name, typed = name }) => [typed.toLowerCase(), name]))
  const nearest = closest(reference.toLowerCase(), [...known.keys()])
  const near = distance(reference.toLowerCase(), nearest) <= Math.max(2, reference.length / 3)
  return near ? `Did you mean "${known.get(nearest)}"?` : null
}

/** A playlist as finders give it. */
export interface FoundPlaylist {
  playlist_id: string
  name: string
  description: string | null
}

/**
 * The playlist of the person that `reference` means: its id or its name. Case decides only between names that differ in
 * nothing else. Throws not_found, with the likeliest name as a hint, and conflict for several that differ in case from
 * it.
 */
export async function findPlaylist(db: Database, user: User, called: string): Promise<FoundPlaylist> {
  const reference = called.trim()
  const named = sql`lower(${playlists.name}) = lower(${reference})`
  const byId = sql`${playlists.playlist_id} = ${reference.toLowerCase()}`
  const mine = keptBy(user)
  const columns = {
    playlist_id: playlists.playlist_id,
    name: playlists.name,
    description: playlists.description,
  }
  const found = await db
    .select(columns)
    .from(playlists)
    .where(and(mine, UUID.test(reference) ? or(named, byId) : named))
    .orderBy(sql`${playlists.name} = ${reference} desc`, playlists.name)
    .limit(4)
  const [playlist] = found
  if (!playlist) {
    const names = await db.select({ name: playlists.name }).from(playlists).where(mine).limit(1000)
    const hint =
      names.length === 0
        ? 'No playlists yet. Make one with: rote playlist create <name> <deck...>'
        : (didYouMean(reference, names) ?? 'See what there is: rote playlist list')
    throw notFound('playlist', reference, hint)
  }
  if (found.length > 1 && playlist.name !== reference) throw severalCalled('playlists', reference, found)
  return playlist
}

/**
 * The user that `reference` means: an id or a name, in capitals or not. Throws not_found, with the likeliest name as a
 * hint.
 */
export async function findUser(db: Database, called: string): Promise<User> {
  const reference = called.trim()
  const named = sql`lower(${users.username}) = lower(${reference})`
  const byId = sql`${users.user_id} = ${reference.toLowerCase()}`
  const [user] = await db
    .select({ user_id: users.user_id, username: users.username })
    .from(users)
    .where(UUID.test(reference) ? or(named, byId) : named)
    // nobody can be meant by the name that somebody else has given themselves
    .orderBy(sql`${users.user_id}::text = lower(${reference}) desc`)
    .limit(1)
  if (user) return user
  const names = await db.select({ name: users.username }).from(users).limit(1000)
  throw notFound('user', reference, didYouMean(reference, names) ?? 'See who there is: rote user list')
}

function severalCalled(things: string, reference: string, found: { name: string }[]): CliError {
  const names = found.slice(0, 3).map(({ name }) => `"${name}"`)
  return new CliError(
    'conflict',
    `Several ${things} are called "${reference}".`,
    `Write it as it is written: ${names.join(', ')}${found.length > 3 ? ', …' : ''}`,
  )
}

/** A card as finders give it. */
export interface FoundCard {
  card_id: string
  deck_id: string
  question: string
}

const LOOK_FOR_CARD = 'Look for it: rote card search <text>'

/**
 * The card whose id begins with `prefix`, of four characters or more. Throws usage for fewer, not_found for none,
 * conflict, naming them, for several, and denied for one that may only be looked at.
 */
export async function findCard(
  db: Database,
  user: User,
  prefix: string,
  may: keyof typeof MAY = 'read',
): Promise<FoundCard> {
  const within = idsFrom(prefix, 'card', LOOK_FOR_CARD)
  const allowed = sql<boolean>`(${MAY[may](user)})`
  // one look: between two it could be restored
  const visible = await db
    .select({ card_id: cards.card_id, deck_id: cards.deck_id, question: cards.question, allowed })
    .from(cards)
    .innerJoin(decks, eq(decks.deck_id, cards.deck_id))
    .where(and(readableBy(user), live, within(cards.card_id)))
    .orderBy(sql`${allowed} desc`, cards.card_id)
    .limit(4)
  const found = visible.filter(({ allowed }) => allowed)
  const [card] = found
  if (visible.length === 0) throw notFound('card', prefix, LOOK_FOR_CARD)
  if (!card) {
    const { deck_id } = await findCard(db, user, prefix)
    throw denied(may, (await findDeck(db, user, deck_id)).name)
  }
  if (found.length > 1)
    throw severalBegin(
      'cards',
      prefix,
      found.map(({ card_id }) => card_id),
    )
  return { card_id: card.card_id, deck_id: card.deck_id, question: card.question }
}

/** The ids of several cards, each once, before any of them is touched. Throws as `findCard` does, for the first that fails. */
export async function findCards(
  db: Database,
  user: User,
  prefixes: readonly string[],
  may: keyof typeof MAY = 'read',
): Promise<string[]> {
  // a pipe gives whole ids, and thousands of them
  const whole = prefixes.filter((prefix) => UUID.test(prefix)).map((id) => id.toLowerCase())
  const allowed =
    whole.length === 0
      ? []
      : await db
          .select({ card_id: cards.card_id })
          .from(cards)
          .innerJoin(decks, eq(decks.deck_id, cards.deck_id))
          .where(and(MAY[may](user), live, sql`${cards.card_id} = any(${uuids(whole)})`))
  const known = new Set(allowed.map(({ card_id }) => card_id))
  const ids = new Set<string>()
  for (const prefix of prefixes) {
    const id = prefix.toLowerCase()
    ids.add(known.has(id) ? id : (await findCard(db, user, prefix, may)).card_id)
  }
  return [...ids]
}

/** An image as finders give it, and the deck of its card. */
export type FoundImage = typeof cardImages.$inferSelect & { deck_id: string; question: string }

const LOOK_FOR_IMAGE = 'See what a card has: rote card image list <card>'

/**
 * The image whose id begins with `prefix`, of four characters or more. Throws usage for fewer, not_found for none, conflict,
 * naming them, for several, and denied for one that may only be looked at.
 */
export async function findImage(
  db: Database,
  user: User,
  prefix: string,
  may: keyof typeof MAY = 'read',
): Promise<FoundImage> {
  const within = idsFrom(prefix, 'image', LOOK_FOR_IMAGE)
  const found = await db
    .select({ ...getTableColumns(cardImages), deck_id: cards.deck_id, question: cards.question })
    .from(cardImages)
    .innerJoin(cards, eq(cards.card_id, cardImages.card_id))
    .innerJoin(decks, eq(decks.deck_id, cards.deck_id))
    .where(and(MAY[may](user), live, within(cardImages.image_id)))
    .orderBy(cardImages.image_id)
    .limit(4)
  const [image] = found
  if (!image && may === 'read') throw notFound('image', prefix, LOOK_FOR_IMAGE)
  if (!image) {
    const { deck_id } = await findImage(db, user, prefix)
    throw denied(may, (await findDeck(db, user, deck_id)).name)
  }
  if (found.length > 1)
    throw severalBegin(
      'images',
      prefix,
      found.map(({ image_id }) => image_id),
    )
  return image
}

/** A job as finders give it. */
export interface FoundJob {
  job_id: string
  source_title: string | null
  status: (typeof aiJobs.$inferSelect)['status']
}

const LOOK_FOR_JOB = 'See what there is: rote generate list'

/**
 * The job of the person whose id begins with `prefix`, of four characters or more. Throws usage for fewer, not_found for
 * none and conflict, naming them, for several.
 */
export async function findJob(db: Database, user: User, prefix: string): Promise<FoundJob> {
  const within = idsFrom(prefix, 'job', LOOK_FOR_JOB)
  const found = await db
    .select({ job_id: aiJobs.job_id, source_title: aiJobs.source_title, status: aiJobs.status })
    .from(aiJobs)
    .where(and(eq(aiJobs.user_id, user.user_id), within(aiJobs.job_id)))
    .orderBy(aiJobs.job_id)
    .limit(4)
  const [job] = found
  if (!job) throw notFound('job', prefix, LOOK_FOR_JOB)
  if (found.length > 1)
    throw severalBegin(
      'jobs',
      prefix,
      found.map(({ job_id }) => job_id),
    )
  return job
}

/**
 * The change that an import of the person's was, whose id begins with `prefix`, of four characters or more. Throws usage for fewer,
 * not_found for none and for one of which nothing is left, and conflict, naming them, for several.
 */
export async function findImport(db: Database, user: User, prefix: string): Promise<Change> {
  const look = 'See what there is: rote undo --list'
  const within = idsFrom(prefix, 'import', look)
  const found = await db
    .select({ import_id: imports.import_id, change_id: changedRows.change_id })
    .from(imports)
    .leftJoin(
      changedRows,
      and(eq(changedRows.row_id, imports.import_id), eq(changedRows.table_name, 'imports')),
    )
    .where(and(eq(imports.user_id, user.user_id), within(imports.import_id)))
    .orderBy(imports.import_id)
    .limit(4)
  if (found.length > 1)
    throw severalBegin(
      'imports',
      prefix,
      found.map(({ import_id }) => import_id),
    )
  const change_id = found[0]?.change_id
  const [change] = change_id ? await selectChanges(db, user, 1, sql`${changes.change_id} = ${change_id}`) : []
  if (!change) throw notFound('import', prefix, look)
  return change
}

/**
 * The id of the change of the person that begins with `prefix`, of four characters or more. Throws usage for fewer, not_found for
 * none and conflict, naming them, for several.
 */
export async function findChange(db: Database, user: User, prefix: string): Promise<string> {
  const look = 'See what there is: rote undo --list'
  const within = idsFrom(prefix, 'change', look)
  const found = await db
    .select({ change_id: changes.change_id })
    .from(changes)
    .where(and(eq(changes.user_id, user.user_id), within(changes.change_id)))
    .orderBy(changes.change_id)
    .limit(4)
  const [change] = found
  if (!change) throw notFound('change', prefix, look)
  if (found.length > 1)
    throw severalBegin(
      'changes',
      prefix,
      found.map(({ change_id }) => change_id),
    )
  return change.change_id
}

/**
 * Whether an id begins with `prefix`, as a condition: a range over the key, which a pattern on its text would not use.
 * Throws not_found for what no id begins with, and usage for fewer than four characters.
 */
export function idsFrom(prefix: string, thing: string, hint: string): (id: AnyPgColumn | SQL) => SQL {
  const hex = prefix.toLowerCase().replaceAll('-', '')
  if (!/^[0-9a-f-]*$/i.test(prefix) || hex.length > 32) throw notFound(thing, prefix, hint)
  if (hex.length < 4)
    throw usage(
      `"${prefix}" is too short: ${thing === 'image' ? 'an' : 'a'} ${thing} is named by at least 4 characters of its id.`,
    )
  return (id) => sql`${id} between ${hex.padEnd(32, '0')}::uuid and ${hex.padEnd(32, 'f')}::uuid`
}

export function severalBegin(things: string, prefix: string, found: string[]): CliError {
  const ids = distinct(found.slice(0, 3))
  return new CliError(
    'conflict',
    `Several ${things} begin with "${prefix}".`,
    `Write more of it: ${ids.join(', ')}${found.length > 3 ? ', …' : ''}`,
  )
}

/** The beginnings of ids that are just long enough to tell them apart. */
function distinct(ids: string[]): string[] {
  let length = 8
  while (length < 36 && new Set(ids.map((id) => id.slice(0, length))).size < ids.length) length++
  return ids.map((id) => id.slice(0, length))
}
