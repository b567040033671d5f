import { sql } from 'drizzle-orm'
import journal from '../../drizzle/meta/_journal.json'
import { CliError } from '../errors.ts'
import type { Database } from './connect.ts'

/** The migration that this program was built with, as the time it was generated at, in milliseconds. */
export const LATEST_MIGRATION = Math.max(...journal.entries.map(({ when }) => when))

export type SchemaState = 'current' | 'behind' | 'empty' | 'newer' | 'foreign'

/**
 * How the database compares with this program: `behind` and `empty` want a migration, `newer` was migrated by a later
 * rote, `foreign` has tables called like ours that are not ours.
 */
export async function schemaState(db: Database): Promise<SchemaState> {
  const [found] = await db.execute<{ ours: string | null; theirs: string | null }>(
    sql`select to_regclass('public.rote_migrations')::text as ours, to_regclass('public.users')::text as theirs`,
  )
  if (!found?.ours) return found?.theirs ? 'foreign' : 'empty'
  const [row] = await db.execute<{ latest: string | null }>(
    sql`select max(made_at) as latest from public.rote_migrations`,
  )
  const latest = Number(row?.latest ?? 0)
  if (latest === 0) return 'empty'
  if (latest > LATEST_MIGRATION) return 'newer'
  return latest < LATEST_MIGRATION ? 'behind' : 'current'
}

/** The sentence and the way out for a database that cannot be used as it is; null for one that can. */
export function schemaProblem(state: SchemaState): CliError | null {
  switch (state) {
    case 'current':
      return null
    case 'empty':
    case 'behind':
      return new CliError(
        'unavailable',
        state === 'empty'
          ? "The database does not have rote's tables yet."
          : 'The database is older than this rote.',
        state === 'empty' ? 'Make them with: rote db migrate' : 'Bring it up to date with: rote db migrate',
      )
    case 'newer':
      return new CliError(
        'unavailable',
        'The database was migrated by a newer rote than this one.',
        'Update this rote, or name another database with DATABASE_URL.',
      )
    case 'foreign':
      return new CliError(
        'unavailable',
        'The database has tables of another program (a "users" table that is not rote\'s).',
        'Make an empty database for rote, and name it in DATABASE_URL.',
      )
  }
}

/** Throws what `schemaProblem` says, if anything. */
export async function requireSchema(db: Database): Promise<void> {
  const problem = schemaProblem(await schemaState(db))
  if (problem) throw problem
}

/**
 * Brings the database up to this program's schema, all or nothing, and returns the number of migrations applied.
 * Two at once are no harm: the second waits and finds nothing left to do. Throws for a newer or a foreign database.
 */
export async function migrate(db: Database, folder: string): Promise<number> {
  const state = await schemaState(db)
  if (state === 'newer' || state === 'foreign') throw schemaProblem(state)
  if (state === 'current') return 0
  await refuseOldServer(db)

  const { readMigrationFiles } = await import('drizzle-orm/migrator')
  const migrations = readMigrationFiles({ migrationsFolder: folder })
  return db.transaction(async (db) => {
    await db.execute(sql`set local client_min_messages = warning`)
    // a role can have a schema of its own in front of public, and our tables belong together
    await db.execute(sql`set local search_path = public`)
    // serialises two first migrations too, for which there is no table to lock yet
    await db.execute(sql`select pg_advisory_xact_lock(7239801)`)
    await db.execute(
      sql`create table if not exists rote_migrations (made_at bigint primary key, hash text not null, applied_at timestamptz not null default now())`,
    )
    const applied = await db.execute<{ made_at: string }>(sql`select made_at from rote_migrations`)
    const done = new Set(applied.map((row) => Number(row.made_at)))
    const pending = migrations.filter((migration) => !done.has(migration.folderMillis))
    for (const { sql: statements, folderMillis, hash } of pending) {
      for (const statement of statements) await db.execute(sql.raw(statement))
      await db.execute(sql`insert into rote_migrations (made_at, hash) values (${folderMillis}, ${hash})`)
    }
    return pending.length
  })
}

const OLDEST_SERVER = 140_000

async function refuseOldServer(db: Database): Promise<void> {
  const [server] = await db.execute<{ number: number; version: string }>(
    sql`select current_setting('server_version_num')::int as number, current_setting('server_version') as version`,
  )
  if (server && server.number < OLDEST_SERVER) {
    throw new CliError('unavailable', `The server is PostgreSQL ${server.version}; rote needs 14 or newer.`)
  }
}
