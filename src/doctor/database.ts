import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import type { Config } from '../config.ts'
import { plural } from '../core/plural.ts'
import type { Database } from '../db/connect.ts'
import { schemaProblem, schemaState } from '../db/migrate.ts'
import { openDatabase } from '../db/open.ts'
import { databaseProblem } from '../db/problem.ts'
import { type Check, fail, ok, warn, within } from './check.ts'
import { size } from './machine.ts'

/** As long as a person waits for a report. */
const PATIENCE_MS = 8_000
/** Seconds by which two clocks may differ; beyond, what is due is wrong, and far beyond, days are. */
const APART = 10
const FAR_APART = 600

/** The database, its tables and its clock. One that has never been used is not made. */
export async function checkDatabase(config: Config, now: () => Date): Promise<Check[]> {
  const where = config.databaseUrl
    ? `server ${withoutPassword(config.databaseUrl)}`
    : `embedded, in ${config.home}`
  const clock = ok('clock', zone(config))
  if (!config.databaseUrl && !existsSync(join(config.home, 'data')))
    return [ok('database', `${where}: made by the first command that needs it`), clock]
  let close = async () => {}
  try {
    const opened = openDatabase(config)
    close = opened.close
    return await within(PATIENCE_MS, examine(opened.db, config, where, now), () => [
      fail('database', `${where}: no answer in ${PATIENCE_MS / 1000} seconds`, todoFor(config)),
      clock,
    ])
  } catch (error) {
    const problem = databaseProblem(error)
    const found = `${where}: ${problem?.message ?? (error as Error).message}`
    return [fail('database', found, problem?.hint ?? todoFor(config)), clock]
  } finally {
    // what hangs is not waited for
    close().catch(() => {})
  }
}

async function examine(db: Database, config: Config, where: string, now: () => Date): Promise<Check[]> {
  const began = performance.now()
  await db.execute(sql`select 1`)
  const took = Math.round(performance.now() - began)
  return [...(await ofDatabase(db, `${where}, reached in ${took} ms`)), await ofClock(db, config, now)]
}

async function ofDatabase(db: Database, where: string): Promise<Check[]> {
  const [server] = await db.execute<{ version: string; bytes: string | null }>(
    sql`select current_setting('server_version') as version, pg_database_size(current_database()) as bytes`,
  )
  const bytes = server?.bytes == null ? '' : `, ${size(Number(server.bytes))}`
  const found = `${where}, PostgreSQL ${server?.version ?? '?'}${bytes}`
  const problem = schemaProblem(await schemaState(db))
  if (problem) return [ok('database', found), fail('tables', problem.message, problem.hint ?? null)]
  const [row] = await db.execute<{ count: string }>(sql`select count(*) from public.rote_migrations`)
  return [ok('database', found), ok('tables', `up to date, ${plural(Number(row?.count ?? 0), 'migration')}`)]
}

/** Its time against ours, at the middle of the question. */
async function ofClock(db: Database, config: Config, now: () => Date): Promise<Check> {
  const before = now().getTime()
  const [row] = await db.execute<{ at: string }>(
    sql`select (extract(epoch from clock_timestamp()) * 1000)::text as at`,
  )
  const middle = (before + now().getTime()) / 2
  const apart = Math.abs(Number(row?.at ?? middle) - middle) / 1000
  const found = `${zone(config)}; the database's clock is ${apart.toFixed(apart < 10 ? 1 : 0)} s off`
  const todo = 'Set the clocks of both machines, by NTP for instance.'
  if (apart > FAR_APART) return fail('clock', found, todo)
  return apart > APART ? warn('clock', found, todo) : ok('clock', found)
}

const zone = ({ timeZone }: Config) => timeZone.name

function todoFor({ databaseUrl, home }: Config): string {
  return databaseUrl ? 'Is the server running? Check DATABASE_URL.' : `See ${join(home, 'run', 'server.log')}`
}

/** Where a server is, for everybody's eyes. */
function withoutPassword(url: string): string {
  if (!URL.canParse(url)) return '(DATABASE_URL)'
  const shown = new URL(url)
  if (shown.password) shown.password = '***'
  if (shown.searchParams.has('password')) shown.searchParams.set('password', '***')
  return shown.href
}
