import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { beforeEach, expect, test } from 'vitest'
import { backUpIfDue, newestAutomatic } from '../../src/backup/automatic.ts'
import type { Database } from '../../src/db/connect.ts'
import { makeDeck } from '../support/builders.ts'
import { folder, openDb, sql, useDatabase } from '../support/database.ts'
import { did } from '../support/rote.ts'

useDatabase()

const home = join(folder, 'automatic')
const backups = join(home, 'backups')
beforeEach(async () => {
  rmSync(home, { recursive: true, force: true })
  mkdirSync(home)
  await did('db migrate')
})

const names = () => readdirSync(backups).sort()

/** What a server does that has nothing else to do, at this time. */
async function idle(at: string, signal = new AbortController().signal, onUse = () => {}): Promise<void> {
  const db = await openDb()
  const database = <T>(work: (db: Database) => Promise<T>) => {
    onUse()
    return work(db)
  }
  await backUpIfDue({ home, program: '1.2.3', now: new Date(at), database, signal })
}

/** What changes the database. */
const change = () => sql`update decks set description = now()::text`

test('there is one when there is anything to lose, and the next about a day later', async () => {
  await idle('2026-03-01T10:00:00Z')
  expect(readdirSync(home)).toEqual([])
  await makeDeck('Spanish', { perro: 'dog' })
  await idle('2026-03-01T11:00:00Z')
  expect(names()).toEqual(['2026-03-01T11-00-00Z.rote'])
  await change()
  for (const at of ['2026-03-01T11:00:01Z', '2026-03-01T23:00:00Z', '2026-03-02T06:59:59Z']) await idle(at)
  expect(names()).toHaveLength(1)
  await idle('2026-03-02T10:50:00Z')
  expect(names()).toEqual(['2026-03-01T11-00-00Z.rote', '2026-03-02T10-50-00Z.rote'])
  expect(await newestAutomatic(home, new Date('2026-03-02T11:00:00Z'))).toEqual({
    path: join(backups, '2026-03-02T10-50-00Z.rote'),
    at: new Date('2026-03-02T10:50:00Z'),
  })
  const [header = ''] = gunzipSync(readFileSync(join(backups, '2026-03-02T10-50-00Z.rote')))
    .toString()
    .split('\n')
  expect(JSON.parse(header)).toMatchObject({ program: '1.2.3', scope: 'all', user: null })
  await sql`delete from users`
  await did(['db', 'restore', join(backups, '2026-03-02T10-50-00Z.rote')])
  expect(await sql`select question, answer from cards`).toEqual([{ question: 'perro', answer: 'dog' }])
})

test('years of them are a few', async () => {
  await makeDeck('Spanish', { perro: 'dog' })
  mkdirSync(backups)
  for (let day = 1; day <= 28; day++)
    for (const month of ['2025-12', '2026-01', '2026-02'])
      writeFileSync(join(backups, `${month}-${String(day).padStart(2, '0')}T10-00-00Z.rote`), 'x')
  const foreign = ['2020-01-01.rote', 'before-the-exam.rote', 'diary.part', '2031-01-01T00-00-00Z.rote']
  for (const name of [...foreign, '2026-02-28T09-00-00Z.rote.part']) writeFileSync(join(backups, name), 'x')
  await idle('2026-03-01T10:00:00Z')
  expect(names()).toEqual(
    [
      ...foreign,
      '2026-01-28T10-00-00Z.rote',
      '2026-02-08T10-00-00Z.rote',
      '2026-02-15T10-00-00Z.rote',
      '2026-02-22T10-00-00Z.rote',
      '2026-02-25T10-00-00Z.rote',
      '2026-02-26T10-00-00Z.rote',
      '2026-02-27T10-00-00Z.rote',
      '2026-02-28T10-00-00Z.rote',
      '2026-03-01T10-00-00Z.rote',
    ].sort(),
  )
})

test('a clock that goes back keeps nothing from being saved', async () => {
  await makeDeck('Spanish', { perro: 'dog' })
  await idle('2036-03-01T11:00:00Z')
  await change()
  await idle('2026-03-01T11:00:00Z')
  expect(names()).toEqual(['2026-03-01T11-00-00Z.rote', '2036-03-01T11-00-00Z.rote'])
})

test('whoever comes has the database at once, and nothing half-written stays', async () => {
  await makeDeck(
    'Spanish',
    Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`q${i}`, 'x'.repeat(1000)])),
  )
  const before = new AbortController()
  before.abort()
  await expect(idle('2026-03-01T11:00:00Z', before.signal)).rejects.toThrow()
  const amid = new AbortController()
  // the second use is the reading
  let uses = 0
  const onUse = () => {
    if (++uses === 2) setImmediate(() => amid.abort())
  }
  await expect(idle('2026-03-01T11:00:00Z', amid.signal, onUse)).rejects.toThrow(/abort/)
  expect([uses, names()]).toEqual([2, []])
  const db = await openDb()
  expect(await db.execute('select pg_current_xact_id_if_assigned() is null as free')).toEqual([
    { free: true },
  ])
  await idle('2026-03-01T11:00:00Z')
  expect(names()).toEqual(['2026-03-01T11-00-00Z.rote'])
})

test('what goes wrong with the database or the folder leaves nothing either', async () => {
  await makeDeck('Spanish', { perro: 'dog' })
  writeFileSync(backups, 'not a folder')
  await expect(idle('2026-03-01T11:00:00Z')).rejects.toThrow('ENOTDIR')
  rmSync(backups)
  const lost = async () => {
    throw new Error('lost')
  }
  let uses = 0
  const db = await openDb()
  const database = <T>(work: (db: Database) => Promise<T>) => (++uses === 1 ? work(db) : lost())
  const { signal } = new AbortController()
  const now = new Date('2026-03-01T11:00:00Z')
  await expect(backUpIfDue({ home, program: '1', now, database, signal })).rejects.toThrow('lost')
  expect(names()).toEqual([])
})

const mountable =
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0

test.runIf(mountable)('a disk that becomes full of it (needs root, for mount)', async () => {
  const text = () => Array.from({ length: 40 }, () => Math.random().toString(36).slice(2)).join(' ')
  await makeDeck('Spanish', Object.fromEntries(Array.from({ length: 300 }, () => [text(), text()])))
  mkdirSync(backups)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=100k', 'tmpfs', backups])
  try {
    await expect(idle('2026-03-01T11:00:00Z')).rejects.toThrow('ENOSPC')
    expect(names()).toEqual([])
  } finally {
    execFileSync('umount', [backups])
  }
  const db = await openDb()
  expect(await db.execute('select 1 as one')).toEqual([{ one: 1 }])
})
