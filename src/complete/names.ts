import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { and, desc, eq, or, type SQL, sql } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import { changeText } from '../core/changes.ts'
import type { Database } from '../db/connect.ts'
import { calledBy } from '../db/find.ts'
import { selectChanges } from '../db/history.ts'
import { loginFile, readLogin } from '../db/login-file.ts'
import { openDatabase } from '../db/open.ts'
import {
  aiJobs,
  cardImages,
  cards,
  changes,
  deckShares,
  decks,
  imports,
  playlists,
  users,
} from '../db/schema.ts'
import { selectTrash } from '../db/trash.ts'
import { resolveUser, type User } from '../db/user.ts'
import { keptBy, live, readableBy } from '../db/where.ts'

/** The name of something in the database, and a word about it. */
export interface Name {
  value: string
  about: string
  /** What it is called where `value` would be taken for an option or a verb; null: nothing else. */
  otherwise: string | null
}

/** More than anybody looks through. */
const MOST = 100

/** The names of one kind of thing, as far as the person may see them, that begin with `beginning`. */
type Find = (db: Database, user: User, beginning: string) => Promise<Name[]>

/** What arguments and values of options are called when they stand for something in the database. */
const FINDERS: Record<string, Find> = {
  deck: deckNames,
  'owner/deck': deckNames,
  playlist: playlistNames,
  card: cardIds,
  image: imageIds,
  job: jobIds,
  change: changeIds,
  import: importIds,
  thing: trashIds,
  user: userNames,
}

/** What they are called when they stand for a file. */
const FILES = new Set(['file', 'file|url', 'source'])

/** And when only the person knows what to write. */
const OWN_WORDS = new Set([
  ...['name', 'text', 'question', 'answer', 'tag', 'focus', 'language', 'value', 'input'],
  ...[
    'n',
    't',
    'r',
    'amount',
    'seconds',
    'date',
    'list',
    'map',
    'url',
    'effort',
    'model',
    'encoding',
    'address',
    'age',
    'separator',
  ],
])

/** What completing such an argument takes; null for one that nobody has thought of. */
export function takes(thing: string): 'names' | 'files' | 'nothing' | null {
  if (Object.hasOwn(FINDERS, thing)) return 'names'
  if (FILES.has(thing)) return 'files'
  return OWN_WORDS.has(thing) ? 'nothing' : null
}

/** Where the database is, and for whom. */
interface Whose {
  databaseUrl: string | null
  home: string
  idleMinutes: number
  user: string | null
  usualUser: string | null
}

/**
 * The names of the things called `thing` that begin with `beginning`, in capitals or not. None where there is no database
 * yet: nothing is made for it. Throws whatever keeps a command from the database.
 */
export async function namesOf(whose: Whose, thing: string, beginning: string): Promise<Name[]> {
  const find = FINDERS[thing]
  if (!find || (!whose.databaseUrl && !existsSync(join(whose.home, 'data')))) return []
  const { db, close } = openDatabase(whose)
  try {
    const claim = { name: whose.user, usual: whose.usualUser, login: readLogin(loginFile(whose)) }
    const user = await resolveUser(db, claim, () => {
      throw new Error('completing makes no users')
    })
    return await find(db, user, beginning)
  } finally {
    await close()
  }
}

/** Whether a text begins with another, in capitals or not. */
function begins(text: SQL | AnyPgColumn, beginning: string): SQL {
  return sql`starts_with(lower(${text}), lower(${beginning}))`
}

async function deckNames(db: Database, user: User, beginning: string): Promise<Name[]> {
  const full = sql<string>`${users.username} || '/' || ${decks.name}`
  const called = calledBy(user)
  return db
    .select({ value: called, about: sql<string>`coalesce(${decks.description}, '')`, otherwise: full })
    .from(decks)
    .innerJoin(users, eq(users.user_id, decks.user_id))
    .where(and(readableBy(user), begins(called, beginning)))
    .orderBy(called)
    .limit(MOST)
}

async function playlistNames(db: Database, user: User, beginning: string): Promise<Name[]> {
  return db
    .select({
      value: playlists.name,
      about: sql<string>`coalesce(${playlists.description}, '')`,
      otherwise: sql<string>`${playlists.playlist_id}::text`,
    })
    .from(playlists)
    .where(and(keptBy(user), begins(playlists.name, beginning)))
    .orderBy(playlists.name)
    .limit(MOST)
}

/** Those changed last: of ids nobody knows which one comes first. */
async function cardIds(db: Database, user: User, beginning: string): Promise<Name[]> {
  const range = idRange(beginning)
  if (!range) return []
  const rows = await db
    .select({
      id: cards.card_id,
      about: cards.question,
      // the id of a card that the person may not see can only make one of theirs longer
      common: sql<boolean>`exists (select from ${cards} other where other.card_id <> ${cards.card_id}
        and other.card_id between rpad(left(${cards.card_id}::text, 8), 32, '0')::uuid
          and rpad(left(${cards.card_id}::text, 8), 32, 'f')::uuid)`,
    })
    .from(cards)
    .innerJoin(decks, eq(decks.deck_id, cards.deck_id))
    .where(and(readableBy(user), live, range(cards.card_id)))
    .orderBy(desc(cards.updated_at), cards.card_id)
    .limit(MOST)
  return rows.map(({ id, about, common }) => ({
    value: common || beginning.length > SHORT ? id : id.slice(0, SHORT),
    about,
    otherwise: null,
  }))
}

/** Those added last, by what they show. */
async function imageIds(db: Database, user: User, beginning: string): Promise<Name[]> {
  const range = idRange(beginning)
  if (!range) return []
  const rows = await db
    .select({
      id: cardImages.image_id,
      about: sql<string>`coalesce(${cardImages.alt}, ${cards.question})`,
      common: sql<boolean>`exists (select from ${cardImages} other where other.image_id <> ${cardImages.image_id}
        and other.image_id between rpad(left(${cardImages.image_id}::text, 8), 32, '0')::uuid
          and rpad(left(${cardImages.image_id}::text, 8), 32, 'f')::uuid)`,
    })
    .from(cardImages)
    .innerJoin(cards, eq(cards.card_id, cardImages.card_id))
    .innerJoin(decks, eq(decks.deck_id, cards.deck_id))
    .where(and(readableBy(user), live, range(cardImages.image_id)))
    .orderBy(desc(cardImages.created_at), cardImages.image_id)
    .limit(MOST)
  return rows.map(({ id, about, common }) => ({
    value: common || beginning.length > SHORT ? id : id.slice(0, SHORT),
    about,
    otherwise: null,
  }))
}

async function jobIds(db: Database, user: User, beginning: string): Promise<Name[]> {
  const range = idRange(beginning)
  if (!range) return []
  const rows = await db
    .select({ id: aiJobs.job_id, title: aiJobs.source_title, url: aiJobs.source_url, status: aiJobs.status })
    .from(aiJobs)
    .where(and(eq(aiJobs.user_id, user.user_id), range(aiJobs.job_id)))
    .orderBy(desc(aiJobs.created_at), aiJobs.job_id)
    .limit(MOST)
  const common = new Set(rows.filter(({ id }, i) => rows.some((row, j) => i !== j && sameStart(row.id, id))))
  return rows.map((row) => ({
    value: common.has(row) || beginning.length > SHORT ? row.id : row.id.slice(0, SHORT),
    about: `${row.status}: ${row.title ?? row.url ?? ''}`,
    otherwise: null,
  }))
}

async function changeIds(db: Database, user: User, beginning: string): Promise<Name[]> {
  const range = idRange(beginning)
  if (!range) return []
  const found = await selectChanges(db, user, MOST, range(changes.change_id))
  return found.map(({ change_id, parts }) => ({
    value: change_id,
    about: changeText(parts),
    otherwise: null,
  }))
}

async function importIds(db: Database, user: User, beginning: string): Promise<Name[]> {
  const range = idRange(beginning)
  if (!range) return []
  const found = await db
    .select({ value: imports.import_id, about: imports.source, otherwise: sql<null>`null` })
    .from(imports)
    .where(and(eq(imports.user_id, user.user_id), range(imports.import_id)))
    .orderBy(desc(imports.created_at), imports.import_id)
    .limit(MOST)
  return found
}

async function trashIds(db: Database, user: User, beginning: string): Promise<Name[]> {
  const range = idRange(beginning)
  if (!range) return []
  const found = await selectTrash(db, user, { wanted: range(sql`t.id`), limit: MOST })
  return found.map(({ id, kind, name }) => ({ value: id, about: `${kind}: ${name}`, otherwise: null }))
}

/** So much of an id is offered, when it is enough. */
const SHORT = 8
const sameStart = (one: string, other: string) => one.slice(0, SHORT) === other.slice(0, SHORT)

/** Ids that begin like that, as a range over the key; null when none can. */
function idRange(beginning: string): ((id: AnyPgColumn | SQL) => SQL) | null {
  const hex = beginning.toLowerCase().replaceAll('-', '')
  if (!/^[0-9a-f]{0,32}$/.test(hex)) return null
  return (id) => sql`${id} between ${hex.padEnd(32, '0')}::uuid and ${hex.padEnd(32, 'f')}::uuid`
}

/** The person and those with whom they share something: who else uses the database is not theirs to know. */
async function userNames(db: Database, user: User, beginning: string): Promise<Name[]> {
  return db
    .select({
      value: users.username,
      about: sql<string>`coalesce(${users.full_name}, '')`,
      otherwise: sql<null>`null`,
    })
    .from(users)
    .where(
      and(
        begins(users.username, beginning),
        or(
          eq(users.user_id, user.user_id),
          sql`${users.user_id} in (
            select mine.shared_with_id from ${deckShares} mine where mine.owner_id = ${user.user_id}
            union all
            select theirs.owner_id from ${deckShares} theirs where theirs.shared_with_id = ${user.user_id})`,
        ),
      ),
    )
    .orderBy(users.username)
    .limit(MOST)
}
