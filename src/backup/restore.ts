import { sql } from 'drizzle-orm'
import type { Database } from '../db/connect.ts'
import { LATEST_MIGRATION } from '../db/migrate.ts'
import { databaseProblem, sqlState } from '../db/problem.ts'
import { CliError, conflict } from '../errors.ts'
import { type Header, newerBackup, readBackup } from './format.ts'
import { type BackupTable, backupTables, insertRows, quoted } from './tables.ts'

/** A backup that can be read more than once. */
export interface BackupSource {
  /** What it is called in a message. */
  name: string
  read(): AsyncIterable<Uint8Array>
}

/** What is in a backup. */
export interface Contents {
  header: Header
  /** Rows by table, also where there are none. */
  rows: Record<string, number>
}

const UNFIT = 'Nothing was restored.'

/**
 * Reads all of a backup, without the database, and says what is in it. Throws failure for one that is damaged, cut off,
 * newer, or not of tables and columns that this program knows.
 */
export async function verifyBackup(
  source: BackupSource,
  progress: (rows: number) => void,
): Promise<Contents> {
  const tables = backupTables()
  const rows: Record<string, number> = {}
  let header: Header | undefined
  let columns: string[] = []
  let current = ''
  let total = 0
  for await (const part of readBackup(source.read(), source.name)) {
    if (part.kind === 'header') {
      if (part.header.migration > LATEST_MIGRATION) throw newerBackup(source.name, part.header.program)
      header = part.header
    } else if (part.kind === 'table') {
      const table = tables.find(({ name }) => name === part.table)
      if (!table) throw unfit(source.name, part.table)
      const unknown = part.columns.find((name) => !table.columns.some((column) => column.name === name))
      if (unknown !== undefined) throw unfit(source.name, `${part.table}.${unknown}`)
      if (new Set(part.columns).size < part.columns.length)
        throw unfit(source.name, `a column of ${part.table} twice`)
      current = part.table
      columns = part.columns
      rows[part.table] = 0
    } else {
      if (!areRows(part.lines, part.count, columns.length))
        throw new CliError('failure', `${source.name} has a row of ${current} that cannot be read.`, UNFIT)
      rows[current] = (rows[current] ?? 0) + part.count
      total += part.count
      progress(total)
    }
  }
  if (!header) throw new Error('a backup without a header was read')
  return { header, rows }
}

function unfit(name: string, what: string): CliError {
  return new CliError('failure', `${name} has ${what} in it, which this rote does not know.`, UNFIT)
}

/** Some lines as one JSON array. */
const asArray = (lines: string) => `[${lines.slice(0, -1).replaceAll('\n', ',')}]`

function areRows(lines: string, count: number, width: number): boolean {
  try {
    const rows: unknown[] = JSON.parse(asArray(lines))
    return rows.length === count && rows.every((row) => Array.isArray(row) && row.length === width)
  } catch {
    return false
  }
}

/**
 * What a database has in it, in words: `users`, or `rows in decks`; null when there is nothing. A first user, whom any
 * command makes, and who has nothing and no password, is nothing.
 */
export async function firstFilled(db: Database): Promise<string | null> {
  // what changes were about has rows: those of which nothing is left are nothing
  const others = backupTables()
    .filter(({ name }) => name !== 'users' && name !== 'changes')
    // what a person put there says more than what was written down of it
    .sort((a, b) => Number(a.name === 'changed_rows') - Number(b.name === 'changed_rows'))
  const filled = others.map(({ name }) => `case when exists (select from ${quoted(name)}) then '${name}' end`)
  const [found] = await db.execute<{ users: number; known: boolean; filled: string | null }>(
    sql.raw(`
      select (select count(*)::int from users) as users,
        exists (select from users where password_hash is not null or email is not null or full_name is not null) as known,
        coalesce(${filled.join(', ')}) as filled`),
  )
  if (!found) throw new Error('the database did not answer')
  const { users, known, filled: table } = found
  if (table !== null) return `rows in ${table}`
  return users <= 1 && !known ? null : 'users'
}

/** Throws conflict for a database in which there is anything: see `firstFilled`. */
export async function refuseFilled(db: Database): Promise<void> {
  const filled = await firstFilled(db)
  if (filled === null) return
  throw conflict(
    `The database is not empty: it has ${filled}.`,
    'A backup is restored into an empty one: name another with DATABASE_URL or ROTE_HOME. Nothing was changed.',
  )
}

/**
 * Writes a backup that `verifyBackup` has found good into an empty database, all or nothing. Throws conflict when it is
 * not empty any more, and failure for rows that the database refuses.
 */
export async function restoreBackup(
  db: Database,
  source: BackupSource,
  progress: (rows: number) => void,
): Promise<void> {
  const tables = backupTables()
  try {
    await db.transaction(async (db) => {
      // nobody can become the first user meanwhile, and of two restores the second finds what the first has written
      await db.execute(sql`lock table users in share row exclusive mode`)
      await refuseFilled(db)
      await db.execute(sql`delete from users`)
      await db.execute(sql`delete from changes`)
      const made = await takeDown(db, tables)
      await writeRows(db, tables, source, progress)
      for (const statement of made) await db.execute(sql.raw(statement))
      for (const table of tables) await settle(db, table)
    })
  } catch (error) {
    throw refusal(error, source.name)
  }
}

/**
 * Takes down what would look at every single row, and returns the statements that make it again: foreign keys, which are
 * then checked all at once, indexes, which are built in a fraction of the time, and triggers, because what they work out is
 * in the backup as it was.
 */
async function takeDown(db: Database, tables: readonly BackupTable[]): Promise<string[]> {
  const names = tables.map(({ name }) => `'${quoted(name)}'::regclass`).join(', ')
  const found = await db.execute<{ drop: string; make: string }>(
    sql.raw(`
      select format('drop index %s', indexrelid::regclass) as drop, pg_get_indexdef(indexrelid) as make
      from pg_index where indrelid in (${names}) and not indisunique
      union all
      select format('alter table %s drop constraint %I', conrelid::regclass, conname),
        format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
      from pg_constraint where conrelid in (${names}) and contype = 'f'`),
  )
  for (const { drop } of found) await db.execute(sql.raw(drop))
  for (const { name } of tables) await db.execute(sql.raw(`alter table ${quoted(name)} disable trigger user`))
  return found.map(({ make }) => make)
}

async function writeRows(
  db: Database,
  tables: readonly BackupTable[],
  { read, name }: BackupSource,
  progress: (rows: number) => void,
): Promise<void> {
  let insert: [before: string, behind: string] | undefined
  let total = 0
  for await (const part of readBackup(read(), name)) {
    if (part.kind === 'header') continue
    if (part.kind === 'table') {
      const table = tables.find(({ name }) => name === part.table)
      insert = table && insertRows(table, part.columns)
    } else if (insert) {
      const [before, behind] = insert
      await db.execute(sql`${sql.raw(before)}${asArray(part.lines)}${sql.raw(behind)}`)
      total += part.count
      progress(total)
    }
  }
}

/** What a table that was filled from outside still wants. */
async function settle(db: Database, { name, columns }: BackupTable): Promise<void> {
  await db.execute(sql.raw(`alter table ${quoted(name)} enable trigger user`))
  for (const column of columns.filter(({ identity }) => identity)) {
    const last = `(select max(${quoted(column.name)}) from ${quoted(name)})`
    await db.execute(
      sql.raw(
        `select setval(pg_get_serial_sequence('${name}', '${column.name}'), coalesce(${last}, 1), ${last} is not null)`,
      ),
    )
  }
  await db.execute(sql.raw(`analyze ${quoted(name)}`))
}

/** A row that the database does not take is the backup's fault. */
function refusal(error: unknown, name: string): unknown {
  if (error instanceof CliError || databaseProblem(error)) return error
  if (!/^2[23]/.test(sqlState(error) ?? '')) return error
  const { message } =
    (error as Error).cause instanceof Error ? ((error as Error).cause as Error) : (error as Error)
  return new CliError('failure', `${name} has a row that the database refuses: ${message}.`, UNFIT)
}
