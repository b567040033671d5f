import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { beforeEach, describe, expect, test } from 'vitest'
import { backupTables, LEFT_OUT } from '../../src/backup/tables.ts'
import { LATEST_MIGRATION } from '../../src/db/migrate.ts'
import { makeDeck } from '../support/builders.ts'
import { folder, sql, useDatabase } from '../support/database.ts'
import { everything, fillEverything, tableNames } from '../support/everything.ts'
import { logIn } from '../support/people.ts'
import { did, rote } from '../support/rote.ts'

useDatabase()

const place = join(folder, 'backup')
const file = join(place, 'rote.backup')
beforeEach(async () => {
  rmSync(place, { recursive: true, force: true })
  mkdirSync(place)
  // the first command makes the tables where they are not there yet
  await did('db migrate')
  // cards with very large positions are restored here
  await sql`alter sequence cards_position_seq restart`
})

const backup = (path = file, ...more: string[]) => did(['db', 'backup', path, ...more])
const restore = (path = file) => rote(['db', 'restore', path])
const clear = () => sql`with c as (delete from changes) delete from users`

/** What a database is besides its rows. */
const structure = async () => ({
  constraints: await sql`
    select conrelid::regclass::text as table, conname, pg_get_constraintdef(oid) as is from pg_constraint
    where connamespace = 'public'::regnamespace order by 1, 2`,
  indexes: await sql`select indexname, indexdef from pg_indexes where schemaname = 'public' order by 1`,
  triggers: await sql`select tgname, tgenabled from pg_trigger where not tgisinternal order by 1`,
})

test('every table of the database is in a backup with all its columns, or left out for a reason', async () => {
  expect([...(await tableNames()), 'rote_migrations'].sort()).toEqual(
    [...backupTables().map(({ name }) => name), ...Object.keys(LEFT_OUT)].sort(),
  )
  for (const { name, columns } of backupTables()) {
    const found = await sql`
      select column_name as name from information_schema.columns where table_schema = 'public' and table_name = ${name}`
    expect(columns.map((column) => column.name).sort(), name).toEqual(found.map(({ name }) => name).sort())
  }
  expect(Object.values(LEFT_OUT).filter((reason) => !/\w+ \w+/.test(reason))).toEqual([])
})

test('what is restored is what was there, to the last digit', async () => {
  await fillEverything()
  const before = await everything()
  expect(Object.entries(before).filter(([, rows]) => rows.length === 0)).toEqual([])
  const [built, exported] = [await structure(), await did('deck export Botany --user ada')]

  expect(await backup()).toBe(file)
  await clear()
  const { code, stderr } = await restore()
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(await everything()).toEqual(before)
  expect(await structure()).toEqual(built)
  expect(await did('deck export Botany --user ada')).toBe(exported)
})

test('afterwards the database goes on: positions, and what triggers keep', async () => {
  await makeDeck('Spanish', { perro: 'dog', gato: 'cat' })
  await sql`update cards set position = 5000 where question = 'gato'`
  await backup()
  await clear()
  await sql`alter sequence cards_position_seq restart`
  await restore()
  await did('card add Spanish -Q pez -A fish')
  const [last] = await sql`select question, position::int from cards order by position desc limit 1`
  expect(last).toEqual({ question: 'pez', position: 5001 })
  const changed =
    await sql`update cards set answer = 'hound' where question = 'perro' returning updated_at = now() as now`
  expect(changed[0]).toEqual({ now: true })
  await expect(sql`update cards set deck_id = gen_random_uuid()`).rejects.toMatchObject({
    constraint_name: 'cards_deck_id_fkey',
  })
})

test('a database with nothing in it', async () => {
  await backup()
  expect(await restore()).toMatchObject({ code: 0 })
  expect(await sql`select from users`).toHaveLength(0)
})

test('what it says', async () => {
  await makeDeck('Spanish', { perro: 'dog' })
  const { stdout } = await rote(['db', 'backup', file], { tty: true })
  expect(stdout).toMatch(
    /^Wrote everything to \S+: 1 user, 1 deck, 1 card, 0 answers; 7 rows in [\d,]+ bytes\.\n$/,
  )
  const report = (await rote(['db', 'backup', file, '--json', '--yes'])).json()
  expect(report).toMatchObject({
    file,
    scope: 'all',
    user: null,
    rows: { users: 1, cards: 1 },
    left_out: null,
  })
  expect(report.bytes).toBe(statSync(file).size)
  expect(await did(['db', 'backup', file, '-q', '--yes'])).toBe(file)
  await clear()
  const restored = await rote(['db', 'restore', file], { tty: true })
  expect(restored.stdout).toBe(
    'Restored 1 user, 1 deck, 1 card, 0 answers, as of 2026-03-02T10:00:00.000Z.\n',
  )
  await clear()
  expect((await rote(['db', 'restore', file, '--json'])).json()).toEqual({
    scope: 'all',
    user: null,
    created_at: '2026-03-02T10:00:00.000Z',
    rows: report.rows,
  })
})

test('a lease of a worker stays where it is', async () => {
  await fillEverything()
  await sql`update ai_job_sections set lease_token = gen_random_uuid(), lease_until = now(), worker = 'here:1'`
  await backup()
  await clear()
  await restore()
  expect(await sql`select from ai_job_sections where lease_token is null and worker is null`).toHaveLength(2)
})

test('where anybody has a password, all of it is for the owner of the database, logged in', async () => {
  await logIn('ada')
  expect(await rote(['db', 'backup', join(place, 'all.backup')])).toMatchObject({ code: 0 })
  await did('logout')
  const nobody = await rote(['db', 'backup', join(place, 'nobody.backup')])
  expect(nobody).toMatchObject({ code: 6, stdout: '' })
  await logIn('bert')
  const other = await rote(['db', 'backup', join(place, 'other.backup')])
  expect(other).toMatchObject({ code: 6, stdout: '' })
  expect(other.stderr).toContain('Only the owner of the database')
  expect(await rote(['db', 'backup', join(place, 'mine.backup'), '--mine'])).toMatchObject({ code: 0 })
  expect(readdirSync(place).sort()).toEqual(['all.backup', 'mine.backup'])
})

describe('--mine', () => {
  test('has all that is theirs, and nothing of anybody else', async () => {
    await fillEverything()
    const before = await everything()
    const { stdout } = await rote(['db', 'backup', file, '--mine', '--user', 'ada'], { tty: true })
    expect(stdout).toContain('Left out: 1 answer on cards of others.')
    expect(stdout).toContain('Left out of playlists: 1 deck of others.')
    expect(gunzipSync(readFileSync(file)).toString()).not.toMatch(/bert|Zoology|Felis/)
    await clear()
    expect(await restore()).toMatchObject({ code: 0 })
    const after = await everything()
    const count = Object.fromEntries(Object.entries(after).map(([name, rows]) => [name, rows.length]))
    expect(count).toEqual({
      ai_candidates: 1,
      ai_job_sections: 1,
      ai_jobs: 1,
      card_images: 1,
      card_schedules: 1,
      cards: 2,
      // what she changed, without what another's card said
      changed_rows: 1,
      changes: 2,
      deck_settings: 1,
      deck_shares: 0,
      decks: 2,
      imports: 1,
      playlist_decks: 1,
      playlists: 1,
      revision_attempts: 1,
      revision_sessions: 1,
      sittings: 1,
      user_settings: 1,
      users: 1,
    })
    // as they were, but for what refers to somebody else's
    const changed = Object.entries(after).flatMap(([name, rows]) =>
      rows.filter((row) => !before[name]?.includes(row)).map(() => name),
    )
    expect(changed.sort()).toEqual(['ai_candidates', 'ai_jobs', 'cards', 'cards', 'decks'])
    expect(await sql`select from decks where is_shared`).toHaveLength(0)
    expect(await sql`select from cards where not unseen`).toHaveLength(1)
    expect(await did('whoami')).toBe('ada')
  })

  test('of the only person it is everything', async () => {
    await did('deck create Spanish')
    await did('card add Spanish -Q perro -A dog')
    await did('study Spanish', { input: ' 3q' })
    const before = await everything()
    await backup(file, '--mine')
    await clear()
    await restore()
    expect(await everything()).toEqual(before)
  })
})

describe('where it goes', () => {
  test('nobody else can read it, and one that is there is not replaced unasked', async () => {
    await makeDeck('Spanish')
    writeFileSync(file, 'precious')
    chmodSync(file, 0o644)
    expect(await rote(['db', 'backup', file])).toMatchObject({ code: 2, stdout: '' })
    expect(await rote(['db', 'backup', file], { tty: true, replies: { 'Replace ': 'n\r' } })).toMatchObject({
      code: 0,
    })
    expect(readFileSync(file, 'utf8')).toBe('precious')
    await backup(file, '--yes')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readdirSync(place)).toEqual(['rote.backup'])
  })

  test.each([
    ['a folder', place, /is a folder, not a file/, 1],
    ['a folder that is not there', join(place, 'none', 'x'), /there is no such folder/, 1],
    ['a full device', '/dev/full', /the disk is full/, 1],
  ])('%s', async (_, path, stderr, code) => {
    const ran = await rote(['db', 'backup', path])
    expect(ran).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(stderr) })
    expect(readdirSync(place)).toEqual([])
  })

  test('not a terminal', async () => {
    expect(await rote('db backup -', { tty: 'out' })).toMatchObject({ code: 2, stdout: '' })
    expect(await rote('db restore -', { tty: true })).toMatchObject({ code: 2, stdout: '' })
  })
})

describe('a database that is not empty', () => {
  test('is refused before anything is read', async () => {
    await did('deck create Spanish')
    const before = await everything()
    const { code, stderr } = await restore(join(place, 'none'))
    expect({ code, stderr }).toEqual({
      code: 4,
      stderr:
        'The database is not empty: it has rows in decks.\nA backup is restored into an empty one: name another with DATABASE_URL or ROTE_HOME. Nothing was changed.\n',
    })
    expect(await everything()).toEqual(before)
  })

  test.each([
    ['several people', `insert into users (username) values ('a'), ('b')`],
    ['a person with a password', `insert into users (username, password_hash) values ('a', 'x')`],
    ['a person with an address', `insert into users (username, email) values ('a', 'a@b')`],
  ])('%s', async (_, statement) => {
    await backup()
    await sql.unsafe(statement)
    expect(await restore()).toMatchObject({ code: 4, stderr: expect.stringContaining('it has users') })
  })

  test('but the first user of a command is nobody', async () => {
    await makeDeck('Spanish', {}, 'carl')
    await backup()
    await clear()
    await did('whoami')
    expect(await restore()).toMatchObject({ code: 0 })
    expect(await sql`select username from users`).toEqual([{ username: 'carl' }])
  })

  test('of two at once one is', async () => {
    await fillEverything()
    await backup()
    await clear()
    const codes = (await Promise.all([restore(), restore()])).map(({ code }) => code)
    expect(codes.sort()).toEqual([0, 4])
  })
})

const HEADER = {
  format: 'rote backup',
  version: 1,
  program: '0.1.0',
  migration: LATEST_MIGRATION,
  created_at: '2026-03-02T10:00:00.000Z',
  scope: 'all',
  user: null,
}
const USER = '00000000-0000-4000-8000-000000000001'
const USERS = { table: 'users', columns: ['user_id', 'username'] }
const ADA = [USER, 'ada']

/** A backup of these lines, with an end that is right. */
function forge(lines: unknown[], header: object = HEADER): Buffer {
  const text = [header, ...lines].map((line) => (typeof line === 'string' ? line : JSON.stringify(line)))
  const rows: Record<string, number> = {}
  let table = ''
  for (const line of lines) {
    if (typeof line === 'object' && line !== null && 'table' in line) {
      table = String(line.table)
      rows[table] = 0
    } else rows[table] = (rows[table] ?? 0) + 1
  }
  const body = `${text.join('\n')}\n`
  const end = { end: true, rows, sha256: createHash('sha256').update(body).digest('hex') }
  return gzipSync(`${body}${JSON.stringify(end)}\n`)
}

async function refused(bytes: Uint8Array, stderr: RegExp | string): Promise<void> {
  const input = bytes
  const ran = await rote('db restore -', { input })
  expect(ran).toMatchObject({
    code: 1,
    stdout: '',
    stderr: typeof stderr === 'string' ? stderr : expect.stringMatching(stderr),
  })
  expect(ran.stderr).toContain('Nothing was restored.')
  expect(Object.values(await everything()).flat()).toEqual([])
}

test('one with fewer columns and tables, of an older rote: what is missing is as for a new row', async () => {
  const decks = { table: 'decks', columns: ['deck_id', 'user_id', 'name'] }
  // in any order
  const bytes = forge([decks, [USER, USER, 'Spanish'], USERS, ADA], { ...HEADER, migration: 1 })
  expect(await rote('db restore -', { input: bytes })).toMatchObject({ code: 0 })
  const found =
    await sql`select username, name, is_shared, decks.created_at = now() as now from users join decks using (user_id)`
  expect(found).toMatchObject([{ username: 'ada', name: 'Spanish', is_shared: false }])
})

describe('refused whole', () => {
  test.each<[what: string, bytes: Uint8Array, stderr: RegExp | string]>([
    ['nothing', Buffer.alloc(0), /^standard input is empty\.\n/],
    ['a text', Buffer.from('question,answer\na,b\n'), /is not a backup of rote\.\n/],
    ['another gzip', gzipSync('question,answer\na,b\n'), /is not a backup of rote\.\n/],
    ['an empty gzip', gzipSync(''), /is cut off/],
    ['a bomb', gzipSync(Buffer.alloc(200_000_000)), /is not a backup of rote\.\n/],
    ['a bomb with a header', bomb(), /is damaged/],
    ['another JSON', gzipSync('{"format":"x"}\n'), /is not a backup of rote\.\n/],
    ['a header that lacks something', forge([], { format: 'rote backup', version: 1 }), /is damaged/],
    [
      'a newer format',
      forge([], { ...HEADER, version: 2, program: '9.1.0' }),
      /was written by a newer rote \(9\.1\.0\)\.\nUpdate/,
    ],
    [
      'a newer database',
      forge([USERS, ADA], { ...HEADER, migration: LATEST_MIGRATION + 1 }),
      /was written by a newer rote/,
    ],
    [
      'an unknown table',
      forge([{ table: 'pg_authid', columns: ['x'] }]),
      /has pg_authid in it, which this rote does not know/,
    ],
    [
      'one that is left out',
      forge([{ table: 'rote_migrations', columns: ['made_at'] }]),
      /has rote_migrations in it/,
    ],
    [
      'an unknown column',
      forge([{ table: 'users', columns: ['user_id', 'wealth'] }]),
      /has users\.wealth in it/,
    ],
    [
      'a column twice',
      forge([{ table: 'users', columns: ['user_id', 'user_id'] }]),
      /a column of users twice/,
    ],
    ['a table twice', forge([USERS, USERS]), /is damaged/],
    ['rows before a table', forge([ADA]), /is damaged/],
    ['a short row', forge([USERS, [USER]]), /a row of users that cannot be read/],
    ['a row that is none', forge([USERS, '"ada"']), /a row of users that cannot be read/],
    ['half a row', forge([USERS, '["a",']), /a row of users that cannot be read/],
    ['two rows in a line', forge([USERS, `${JSON.stringify(ADA)},${JSON.stringify(ADA)}`]), /cannot be read/],
    ['something behind the end', Buffer.concat([forge([USERS, ADA]), gzipSync('x\n')]), /is damaged/],
    ['half a line behind the end', Buffer.concat([forge([USERS, ADA]), gzipSync('x')]), /is damaged/],
    [
      'rubbish behind it',
      Buffer.concat([forge([USERS, ADA]), Buffer.from('rubbish')]),
      /is (damaged|not a backup)/,
    ],
    ['a wrong type', forge([USERS, ['x', 'ada']]), /a row that the database refuses: .*uuid/],
    [
      'a wrong list',
      forge([{ table: 'cards', columns: ['card_id', 'tags'] }, [USER, 'x']]),
      /the database refuses/,
    ],
    ['a NUL', forge([USERS, [USER, 'a\u0000']]), /NUL|the database refuses/],
    ['what is too long', forge([USERS, [USER, 'a'.repeat(51)]]), /the database refuses: .*too long/],
    ['what must not be empty', forge([USERS, [USER, null]]), /the database refuses: .*null value/],
    [
      'what a check refuses',
      forge([USERS, ADA, { table: 'decks', columns: ['user_id', 'name'] }, [USER, ' ']]),
      /decks_name_check/,
    ],
    ['the same key twice', forge([USERS, ADA, ADA]), /users_pkey/],
    [
      'what refers to nothing',
      forge([{ table: 'decks', columns: ['user_id', 'name'] }, [USER, 'a']]),
      /decks_user_id_fkey/,
    ],
  ])('%s', (_, bytes, stderr) => refused(bytes, stderr))

  test('what is cut off at any byte', async () => {
    await fillEverything()
    await backup()
    await clear()
    const whole = readFileSync(file)
    const lengths = [
      0,
      1,
      9,
      10,
      11,
      ...Array.from({ length: 40 }, (_, i) => Math.floor((whole.length * i) / 40)),
      ...Array.from({ length: 12 }, (_, i) => whole.length - 1 - i),
    ]
    for (const length of lengths) await refused(whole.subarray(0, length), /is (empty|cut off)/)
    expect(await rote('db restore -', { input: whole })).toMatchObject({ code: 0 })
  })

  test('what has its last lines missing, and a right end of gzip', async () => {
    const lines = gunzipSync(forge([USERS, ADA]))
      .toString()
      .split('\n')
    for (const kept of [1, 2, 3])
      await refused(gzipSync(`${lines.slice(0, kept).join('\n')}\n`), /is cut off/)
    await refused(gzipSync(lines.join('\n').replace('ada', 'eva')), /is damaged/)
  })
})

/** A row that never ends, behind a header that is right. */
function bomb(): Buffer {
  const beginning = `${JSON.stringify(HEADER)}\n${JSON.stringify(USERS)}\n["`
  return gzipSync(Buffer.concat([Buffer.from(beginning), Buffer.alloc(200_000_000, 'a')]))
}

test('a file that is not there', async () => {
  expect(await restore(join(place, 'none'))).toMatchObject({ code: 3, stdout: '' })
  expect(await restore(place)).toMatchObject({ code: 1, stderr: expect.stringContaining('is a folder') })
  expect(existsSync(file)).toBe(false)
})
