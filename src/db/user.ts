import { type SQL, sql } from 'drizzle-orm'
import { userNameFrom } from '../core/name.ts'
import { CliError, notFound } from '../errors.ts'
import type { Database } from './connect.ts'
import { inlineJson } from './inline.ts'
import { tokenHash } from './login.ts'
import type { SavedLogin } from './login-file.ts'
import { LATEST_MIGRATION, schemaProblem, schemaState } from './migrate.ts'
import { sqlState } from './problem.ts'
import { users } from './schema.ts'

/** Who runs the command. */
export interface User {
  user_id: string
  username: string
}

/** What makes a run somebody's: a login, `--user`, the config file, or that there is nobody else. */
export type Reason = 'login' | 'flag' | 'config' | 'only'

/** The person behind a run, and why it is they. */
export interface CurrentUser extends User {
  how: Reason
}

/** Who changes something, and by which command. */
export interface Author extends User {
  /** Its words: `card edit`. */
  command: string
  /** Several transactions with the same one are one change; without, each transaction is a change. */
  change_id?: string
}

/** What a run knows of its person before it has asked the database. */
export interface Claim {
  /** `--user` */
  name: string | null
  /** `user` of the config file */
  usual: string | null
  /** The login of this machine. */
  login: SavedLogin | null
}

interface Found extends Record<string, unknown> {
  latest: string | null
  user_id: string | null
  username: string | null
  has_password: boolean | null
  logged_in: boolean | null
}

/**
 * The person behind a command. The one that `--user` names, who has no password or is logged in; else the one who is
 * logged in; else the one whom the config file names, who has no password; else the only user there is, without a password.
 * A login that has ended makes nobody somebody else. In a database without users they become the first, under what
 * `systemName` says, without a password. One round trip, which also finds out whether the schema is the one this program was
 * written for; docs/users.md has the rules for people.
 */
export async function resolveUser(
  db: Database,
  claim: Claim,
  systemName: () => string,
): Promise<CurrentUser> {
  const found = await lookUp(db, claim)
  const people = found.flatMap(({ user_id, username, has_password, logged_in }) =>
    user_id && username ? [{ user_id, username, has_password, logged_in }] : [],
  )
  const loggedIn = people.find((user) => user.logged_in)
  const others = people.filter((user) => !user.logged_in)
  const as = ({ user_id, username }: User, how: Reason): CurrentUser => ({ user_id, username, how })
  const [first] = others

  if (claim.name !== null) {
    if (first && loggedIn?.user_id === first.user_id) return as(first, 'login')
    if (first && !first.has_password) return as(first, 'flag')
    // who is not logged in does not learn who there is
    if (!loggedIn && (await anyPassword(db)))
      throw new CliError(
        'denied',
        `You are not logged in as ${claim.name}.`,
        `Log in: rote login ${claim.name}`,
      )
    if (!first) throw notFound('user', claim.name)
    throw new CliError(
      'denied',
      `${first.username} has a password, and you are logged in as ${loggedIn?.username}.`,
      `Log in: rote login ${first.username}`,
    )
  }
  if (loggedIn) return as(loggedIn, 'login')
  if (claim.login && (claim.usual !== null || others.length > 1 || first?.has_password))
    throw new CliError(
      'denied',
      `Your login as ${claim.login.username} has ended.`,
      `Log in again: rote login ${claim.login.username}. Or forget it: rote logout`,
    )
  if (others.length > 1)
    throw new CliError(
      'denied',
      'Several people use this database.',
      'Log in: rote login <name>. Without a password say who you are: rote --user <name> …',
    )
  if (!first) {
    if (claim.usual !== null) throw notFound('user', claim.usual, 'Correct it: rote config set user <name>')
    return as(await firstUser(db, systemName()), 'only')
  }
  if (first.has_password)
    throw new CliError('denied', `${first.username} has a password.`, `Log in: rote login ${first.username}`)
  return as(first, claim.usual === null ? 'only' : 'config')
}

async function lookUp(db: Database, { name, usual, login }: Claim): Promise<Found[]> {
  const named = name ?? usual
  const hash = login && (await tokenHash(login.token))
  // without parameters it goes out in one round trip: see db/inline.ts
  const whom =
    named === null ? sql`limit 2` : sql`where lower(username) = lower(${inlineText(named)}) limit 1`
  const whose = hash
    ? sql`(
        select users.user_id, username, password_hash is not null, true from logins join users using (user_id)
        where token_hash = ${sql.raw(`'${hash}'`)} and expires_at > now()
      ) union all `
    : sql``
  try {
    const found = await db.execute<Found>(sql`
      select latest, user_id, username, has_password, logged_in
      from (select max(made_at) as latest from rote_migrations) as migrated
      left join (
        ${whose}(select user_id, username, password_hash is not null, false from users ${whom})
      ) as people (user_id, username, has_password, logged_in) on true`)
    if (Number(found[0]?.latest ?? 0) === LATEST_MIGRATION) return found
  } catch (error) {
    if (sqlState(error) !== '42P01') throw error
    throw schemaProblem(await schemaState(db)) ?? error
  }
  throw schemaProblem(await schemaState(db)) ?? new Error('the schema changed while it was looked at')
}

/** Whether anybody is there yet. Throws as `resolveUser` does for a database that cannot be used. */
export async function hasUsers(db: Database): Promise<boolean> {
  const [found] = await lookUp(db, { name: null, usual: null, login: null })
  return found?.user_id != null
}

function inlineText(text: string): SQL {
  return sql`(${inlineJson([text])} ->> 0)`
}

async function anyPassword(db: Database): Promise<boolean> {
  const [row] = await db.execute<{ any: boolean }>(
    sql`select exists (select from users where password_hash is not null) as any`,
  )
  return row?.any ?? false
}

async function firstUser(db: Database, systemName: string): Promise<User> {
  await db
    .insert(users)
    .values({ username: userNameFrom(systemName) })
    .onConflictDoNothing()
  // twenty first commands at once make one user
  const [user] = await db.select({ user_id: users.user_id, username: users.username }).from(users).limit(1)
  if (!user) throw new Error('the first user vanished')
  return user
}

/** The oldest user, who owns the database: makes and deletes users. As a condition on `users`. */
export const isOwner: SQL<boolean> = sql<boolean>`(${users.user_id} = (
  select oldest.user_id from users as oldest order by oldest.created_at, oldest.user_id limit 1))`
