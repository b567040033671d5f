import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, beforeEach, inject } from 'vitest'
import type { Connection } from '../../src/db/connect.ts'
import { serverSocket } from '../../src/db/embedded/client.ts'
import { openDatabase } from '../../src/db/open.ts'
import type { World } from '../../src/world.ts'
import { runMain } from './world.ts'

// Every worker has a database of its own, which the test files that it runs one after the other share: embedded in a
// home below the run's folder, or made on the server of TEST_DATABASE_URL.

const worker = process.env.VITEST_POOL_ID ?? '0'
const server = process.env.TEST_DATABASE_URL
const home = join(inject('folder'), worker)

/** A place for the files of a test, empty for each test file. */
export const folder = join(inject('folder'), `files-${worker}-${process.env.VITEST_WORKER_ID}`)
mkdirSync(folder, { recursive: true })

let made: Promise<string | undefined> | undefined

/** The environment of commands: it leads to this worker's database. An embedded server starts with the first one. */
export async function databaseEnv(): Promise<World['env']> {
  made ??= server ? makeDatabase(server) : Promise.resolve(undefined)
  const url = await made
  return { ROTE_HOME: home, ROTE_IDLE_MINUTES: '2', DATABASE_URL: url, NO_COLOR: '1' }
}

/** Which kind of database the tests run on; only messages that name it may differ. */
export const onServer = server !== undefined

/** This worker's own connection, beside those of the commands: what a test asserts on are rows. */
export let sql: postgres.Sql

/** Call it at the top of a file whose tests need the database: each of them finds it without users, so without anything. */
export function useDatabase(): void {
  beforeEach(async () => {
    sql ??= await connect()
    // everything else belongs to somebody; rote_migrations stays
    await sql`delete from users`
    await sql`delete from login_tries`
    await sql`delete from changes`
    rmSync(join(home, 'logins'), { recursive: true, force: true })
  })
  afterAll(async () => {
    await sql?.end()
    await opened?.close()
    opened = undefined
  })
}

let opened: Connection | undefined

/** The worker's database as the program opens it, for what is called without a command. */
export async function openDb(): Promise<Connection['db']> {
  const { DATABASE_URL } = await databaseEnv()
  opened ??= openDatabase({ databaseUrl: DATABASE_URL ?? null, home, idleMinutes: 2 })
  return opened.db
}

async function connect(): Promise<postgres.Sql> {
  const { DATABASE_URL } = await databaseEnv()
  const options = { max: 1, prepare: false, onnotice: () => {} }
  if (DATABASE_URL) return postgres(DATABASE_URL, options)
  // the option is missing from postgres.js' types
  const embedded = { ...options, socket: () => serverSocket({ home, idle_ms: 120_000 }), user: 'postgres' }
  return postgres(embedded as postgres.Options<Record<string, postgres.PostgresType>>)
}

/** A connection to this worker's database as commands have it; whoever opens it closes it. */
export async function openWorkers(): Promise<Connection> {
  const { DATABASE_URL } = await databaseEnv()
  return openDatabase({ databaseUrl: DATABASE_URL ?? null, home, idleMinutes: 2 })
}

async function makeDatabase(url: string): Promise<string> {
  const name = `${inject('databasePrefix')}${worker}`
  const admin = postgres(url, { max: 1, onnotice: () => {} })
  const [there] = await admin`select from pg_database where datname = ${name}`
  if (!there) await admin`create database ${admin(name)}`
  await admin.end()
  const own = new URL(url)
  own.pathname = `/${name}`
  if (!there) {
    const { code, stderr } = await runMain(['db', 'migrate'], { ROTE_HOME: home, DATABASE_URL: own.href })
    if (code !== 0) throw new Error(stderr)
  }
  return own.href
}
