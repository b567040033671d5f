import { openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { answer, client, newHome, rote, until } from './support.ts'

test('a server that has written a lot vacuums, analyses and checkpoints when it is alone', async () => {
  const home = newHome()
  const cards = Array.from({ length: 20_000 }, (_, i) => `{"question":"q${i}","answer":"a${i}"}`).join('\n')
  await rote(home, ['deck', 'import', '-', '--deck', 'Deck'], cards)
  const state = async () => {
    const sql = client(home)
    const [row] = await sql<{ estimate: number; behind: number }[]>`
      select reltuples::int as estimate, pg_wal_lsn_diff(pg_current_wal_lsn(), redo_lsn)::int as behind
      from pg_class, pg_control_checkpoint() where oid = 'cards'::regclass`
    await sql.end()
    return row
  }
  expect((await state())?.behind).toBeGreaterThan(1_000_000)
  // asking too often would keep it from being alone
  await new Promise((resolve) => setTimeout(resolve, 6_500))
  const { estimate, behind } = (await state()) ?? {}
  expect(estimate).toBe(20_000)
  expect(behind).toBeLessThan(100_000)
}, 60_000)

test('a server that leaves closes the database properly', async () => {
  const home = newHome()
  await rote(home, ['card', 'add', 'Deck', '-Q', 'q', '-A', 'a'])
  const control = openSync(join(home, 'data/global/pg_control'), 'r')
  const shutDown = () => {
    const bytes = Buffer.alloc(20)
    readSync(control, bytes, 0, 20, 0)
    // DBState, behind the system identifier and two versions
    return bytes.readInt32LE(16) === 1
  }
  expect(shutDown()).toBe(false)
  await answer(home, 'db', 'stop')
  await until(shutDown)
})
