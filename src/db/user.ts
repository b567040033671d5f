import { sql } from 'drizzle-orm'
import { CliError, notFound } from '../errors.ts'
import type { Database } from './connect.ts'
import { LATEST_MIGRATION, schemaProblem, schemaState } from './migrate.ts'
import { sqlState } from './problem.ts'
import { users } from './schema.ts'

/** Who runs the command. */
export interface User {
  user_id: string
  username: string
}

interface Found extends Record<string, unknown> {
  latest: string | null
  user_id: string | null
  username: string | null
  has_password: boolean | null
}

/**
 * The person behind a command: `name` if they said so, else the only user there is. In a database without users they
 * become the first, under what `systemName` says, without a password. One round trip, which also finds out whether the schema is
 * the one this program was written for.
 */
export async function resolveUser(
  db: Database,
  name: string | null,
  systemName: () => string,
): Promise<User> {
  const found = await lookUp(db, name)
  const [first] = found
  if (Number(first?.latest ?? 0) !== LATEST_MIGRATION) {
    throw schemaProblem(await schemaState(db)) ?? new Error('the schema changed while it was looked at')
  }
  if (found.length > 1) {
    throw new CliError(
      'denied',
      'Several people use this database.',
      'Say who you are: rote --user <name> …, or rote config set user <name>',
    )
  }
  if (!first?.user_id || !first.username) {
    if (name) throw notFound('user', name)
    return firstUser(db, systemName())
  }
  if (first.has_password) {
    throw new CliError(
      'denied',
      `${first.username} has a password, and this version of rote cannot log in yet.`,
    )
  }
  return { user_id: first.user_id, username: first.username }
}

async function lookUp(db: Database, name: string | null): Promise<Found[]> {
  // capitals decide only between names that differ in nothing else
  const whom =
    name === null
      ? sql`limit 2`
      : sql`where lower(username) = lower(${name}) order by username = ${name} desc limit 1`
  try {
    return await db.execute<Found>(sql`
      select latest, user_id, username, has_password
      from (select max(made_at) as latest from rote_migrations) as migrated
      left join (
        select user_id, username, password_hash is not null as has_password
        from users ${whom}
      ) as people on true`)
  } catch (error) {
    if (sqlState(error) !== '42P01') throw error
    throw schemaProblem(await schemaState(db)) ?? error
  }
}

async function firstUser(db: Database, systemName: string): Promise<User> {
  const username = systemName.slice(0, 50) || 'me'
  await db.insert(users).values({ username }).onConflictDoNothing()
  // twenty first commands at once make one user
  const [user] = await db.select({ user_id: users.user_id, username: users.username }).from(users).limit(1)
  if (!user) throw new Error('the first user vanished')
  return user
}
