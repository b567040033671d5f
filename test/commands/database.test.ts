import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import journal from '../../drizzle/meta/_journal.json'
import { LATEST_MIGRATION } from '../../src/db/migrate.ts'
import { folder, onServer, sql, useDatabase } from '../support/database.ts'
import { did, rote } from '../support/rote.ts'

useDatabase()

/** Runs with an empty database, and puts the real one back whatever happens. */
async function withEmptyDatabase(during: () => Promise<void>): Promise<void> {
  await sql`alter schema public rename to aside`
  await sql`create schema public`
  try {
    await during()
  } finally {
    await sql`drop schema public cascade`
    await sql`alter schema aside rename to public`
  }
}

const COMMANDS = ['deck list', 'card add Spanish -Q a -A b', 'due', 'study', 'whoami', '', 'config list']

async function refused(stderr: string, lines = COMMANDS): Promise<void> {
  for (const line of lines) expect(await rote(line), line).toMatchObject({ code: 5, stdout: '', stderr })
}

test('a database without tables: nothing is made before db migrate, which makes it all, once', async () => {
  await withEmptyDatabase(async () => {
    await refused("The database does not have rote's tables yet.\nMake them with: rote db migrate\n")
    const tables = sql`select from pg_tables where schemaname = 'public'`
    expect(await tables).toHaveLength(0)

    expect(await rote('db migrate')).toMatchObject({
      code: 0,
      stdout: `Applied ${journal.entries.length} migrations.\n`,
      stderr: '',
    })
    expect(await rote('db migrate', { tty: true })).toMatchObject({
      code: 0,
      stdout: 'The database is up to date.\n',
      stderr: '',
    })
    expect((await rote('db migrate --json')).json()).toEqual({ applied: 0 })
    expect(await rote('db migrate -q')).toMatchObject({ code: 0, stdout: '', stderr: '' })
    expect(await rote('deck create Spanish -q')).toMatchObject({ code: 0 })
  })
})

test('a database that a newer rote has migrated is left alone', async () => {
  await sql`insert into rote_migrations (made_at, hash) values (${LATEST_MIGRATION + 1}, 'later')`
  try {
    await refused(
      'The database was migrated by a newer rote than this one.\nUpdate this rote, or name another database with DATABASE_URL.\n',
      [...COMMANDS, 'db migrate'],
    )
  } finally {
    await sql`delete from rote_migrations where hash = 'later'`
  }
})

test('a database that an older rote has migrated wants a migration', async () => {
  const rows = await sql`delete from rote_migrations where made_at = ${LATEST_MIGRATION} returning *`
  try {
    await refused('The database is older than this rote.\nBring it up to date with: rote db migrate\n')
  } finally {
    await sql`insert into rote_migrations ${sql(rows)}`
  }
})

test('a database of another program is left alone', async () => {
  await withEmptyDatabase(async () => {
    await sql`create table users (id int)`
    await refused(
      'The database has tables of another program (a "users" table that is not rote\'s).\nMake an empty database for rote, and name it in DATABASE_URL.\n',
      [...COMMANDS, 'db migrate'],
    )
    expect(await sql`select tablename from pg_tables where schemaname = 'public'`).toEqual([
      { tablename: 'users' },
    ])
  })
})

let server: Server | undefined
afterEach(() => void server?.close())

/** A PostgreSQL server that turns everybody away, in the way of its protocol. */
async function refusingServer(code: string, message: string): Promise<number> {
  const fields = `SFATAL\0VFATAL\0C${code}\0M${message}\0\0`
  const length = Buffer.alloc(4)
  length.writeInt32BE(fields.length + 4)
  const answer = Buffer.concat([Buffer.from('E'), length, Buffer.from(fields)])
  server = createServer((socket) => socket.on('error', () => {}).once('data', () => socket.end(answer)))
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

test.each([
  [
    '28P01',
    'password authentication failed for user "me"',
    5,
    'The database refused the user name or password.\nCheck DATABASE_URL.\n',
  ],
  [
    '3D000',
    'database "rote" does not exist',
    5,
    'There is no such database on that server.\nMake it with: createdb <name>\n',
  ],
  [
    '53300',
    'sorry, too many clients already',
    75,
    'The database has no resources left for this.\nTry again in a moment.\n',
  ],
  [
    '57P03',
    'the database system is starting up',
    75,
    'The database is going down or starting up.\nTry again in a moment.\n',
  ],
])('a server that says %s', async (sqlstate, message, code, stderr) => {
  const port = await refusingServer(sqlstate, message)
  const env = { DATABASE_URL: `postgresql://me:s3cret@127.0.0.1:${port}/rote` }
  for (const line of ['deck list', 'db status', 'db migrate'])
    expect(await rote(line, { env })).toMatchObject({ code, stdout: '', stderr })
})

test.each([
  [
    'postgresql://me:s3cret@127.0.0.1:1/rote',
    5,
    'Cannot reach the database: nothing answers at that address.\nIs the server running? Check DATABASE_URL.\n',
  ],
  [
    'mysql://me:s3cret@localhost/rote',
    2,
    'DATABASE_URL is not a PostgreSQL address.\nIt looks like postgresql://user:password@host:5432/database\n',
  ],
  [
    'postgresql://me:s3cret@localhost:port/rote',
    2,
    'DATABASE_URL is not a PostgreSQL address.\nIt looks like postgresql://user:password@host:5432/database\n',
  ],
  [
    'me:s3cret@localhost',
    2,
    'DATABASE_URL is not a PostgreSQL address.\nIt looks like postgresql://user:password@host:5432/database\n',
  ],
])('an address that leads nowhere, and its password stays with us: %s', async (url, code, stderr) => {
  expect(await rote('deck list', { env: { DATABASE_URL: url } })).toMatchObject({ code, stdout: '', stderr })
  expect(await rote(['deck', 'list', '--database-url', url])).toMatchObject({ code, stdout: '', stderr })
  for (const line of ['deck list --debug', 'db status --debug', 'whoami --json --debug', 'study --debug']) {
    const ran = await rote(line, { env: { DATABASE_URL: url } })
    expect(ran.code).toBe(code)
    expect(ran.stdout + ran.stderr).not.toContain('s3cret')
  }
})

test('db status', async () => {
  await did('deck list')
  const status = (await rote('db status --json')).json()
  expect(Object.keys(status)).toEqual([
    'kind',
    'running',
    'url',
    'home',
    'socket',
    'pid',
    'version',
    'postgres',
    'schema',
    'started_at',
    'clients',
    'memory',
    'backups',
    'last_backup',
  ])
  expect(status).toMatchObject(
    onServer
      ? { kind: 'postgres', running: true, home: null, pid: null, schema: 'current' }
      : { kind: 'embedded', running: true, url: null, schema: null, pid: expect.any(Number) },
  )
  expect((await rote('db status', { tty: true })).stdout).toMatch(
    new RegExp(`^kind        ${status.kind}\nrunning     true\n`),
  )
  const { stdout } = await rote('db status')
  const lines = stdout
    .slice(0, -1)
    .split('\n')
    .map((line) => line.split('\t'))
  expect(lines.map(([key]) => key)).toEqual(Object.keys(status))
  expect(Object.fromEntries(lines)).toMatchObject({
    kind: status.kind,
    running: 'true',
    url: status.url ?? '',
    socket: status.socket ?? '',
    memory: expect.stringMatching(/^\d*$/),
  })
  expect((await rote('db status -q')).stdout).toBe(`${status.url ?? status.socket}\n`)
})

test('db stop and db status where nothing runs', async () => {
  const env = { DATABASE_URL: undefined, ROTE_HOME: join(folder, 'idle-home') }
  expect(await rote('db stop', { env })).toMatchObject({
    code: 0,
    stdout: 'The embedded database was not running.\n',
  })
  expect((await rote('db stop --json', { env })).json()).toEqual({ stopped: false })
  expect((await rote('db status --json', { env })).json()).toMatchObject({
    kind: 'embedded',
    running: false,
    pid: null,
  })
  expect(await rote('db status -q', { env })).toMatchObject({ code: 0, stdout: '', stderr: '' })
})

test('the embedded database makes itself, stops, and comes back with everything', async () => {
  const env = { DATABASE_URL: undefined, ROTE_HOME: join(folder, 'own-home') }
  const deck_id = await did('deck create Spanish', { env })
  expect(await rote('db stop', { env, tty: true })).toMatchObject({
    code: 0,
    stdout: 'The embedded database has stopped.\n',
    stderr: '',
  })
  expect((await rote('db status --json', { env })).json()).toMatchObject({ running: false })
  expect(await did('deck list -q', { env })).toBe(deck_id)
  await did('db stop', { env })
})

test('a home that cannot be one', async () => {
  const file = join(folder, 'a-file')
  writeFileSync(file, '')
  for (const home of [file, join(file, 'inside')]) {
    const env = { DATABASE_URL: undefined, ROTE_HOME: home }
    expect(await rote('deck list', { env })).toMatchObject({
      code: 5,
      stdout: '',
      stderr: `Cannot use ${home}: it is not a folder.\nSet ROTE_HOME to a folder of yours.\n`,
    })
  }
})

test('a home whose path is longer than a socket allows', async () => {
  const env = { DATABASE_URL: undefined, ROTE_HOME: join(folder, 'long-'.repeat(30)) }
  const deck_id = await did('deck create Spanish', { env })
  expect(await did('deck list -q', { env })).toBe(deck_id)
  const { socket } = (await rote('db status --json', { env })).json<{ socket: string }>()
  expect(Buffer.byteLength(socket)).toBeLessThan(104)
  await did('db stop', { env })
})
