import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { answer, kill, newHome, rote, serversOf, socketOf, start, until } from './support.ts'

const add = (home: string, question: string) => rote(home, ['card', 'add', 'Deck', '-Q', question, '-A', 'a'])

/** A home with one card in it and no server. */
async function homeWithCard(): Promise<string> {
  const home = newHome()
  expect((await add(home, 'first')).code).toBe(0)
  await answer(home, 'db', 'stop')
  return home
}

test('a data directory of another PostgreSQL is refused and left alone', async () => {
  const home = await homeWithCard()
  writeFileSync(join(home, 'data/PG_VERSION'), '17\n')
  const control = readFileSync(join(home, 'data/global/pg_control'))
  const { code, stdout, stderr } = await rote(home, ['card', 'list', '--json'])
  expect({ code, stdout }).toEqual({ code: 5, stdout: '' })
  const { error } = JSON.parse(stderr)
  expect(error.message).toBe(
    `The data in ${home}/data was written by PostgreSQL 17; this rote reads PostgreSQL 18.`,
  )
  expect(error.hint).toContain(`mv ${home}/data ${home}/data.pg17`)
  expect(readFileSync(join(home, 'data/global/pg_control'))).toEqual(control)

  await until(() => serversOf(home).length === 0)
  writeFileSync(join(home, 'data/PG_VERSION'), '18\n')
  expect(await answer(home, 'card', 'list')).toHaveLength(1)
})

test('a folder called data that is no data directory is refused and left alone', async () => {
  const home = newHome()
  mkdirSync(join(home, 'data'))
  writeFileSync(join(home, 'data/thesis.txt'), 'all of it')
  const { code, stderr } = await rote(home, ['card', 'list'])
  expect(code).toBe(5)
  expect(stderr).toContain('is not a PostgreSQL data directory')
  expect(readdirSync(join(home, 'data'))).toEqual(['thesis.txt'])
})

test.for(['global/pg_control', 'PG_VERSION', 'base/5/1259'])(
  'a truncated %s is a clear error',
  async (file) => {
    const home = await homeWithCard()
    truncateSync(join(home, 'data', file), 0)
    const begun = Date.now()
    const { code, stdout, stderr } = await rote(home, ['card', 'list'])
    expect({ code, stdout, stderr }).toMatchObject({ code: 5, stdout: '' })
    expect(stderr).toContain(home)
    expect(stderr).not.toMatch(/\n\s+at /)
    expect(Date.now() - begun).toBeLessThan(10_000)
  },
)

test('what a killed server leaves behind is no obstacle', async () => {
  const home = await homeWithCard()
  await add(home, 'second')
  for (const pid of serversOf(home)) kill(pid)
  mkdirSync(join(home, 'data.new-1'))
  writeFileSync(join(home, 'data.new-1/PG_VERSION'), '18\n')
  expect(await answer(home, 'card', 'list')).toHaveLength(2)
  expect(readdirSync(home).sort()).toEqual(['data', 'run'])
})

test('a file in place of the socket is no obstacle', async () => {
  const home = await homeWithCard()
  rmSync(socketOf(home))
  writeFileSync(socketOf(home), 'nonsense')
  expect(await answer(home, 'card', 'list')).toHaveLength(1)
})

test('a first run that is killed at any moment is followed by one that works', async () => {
  const home = newHome()
  for (const moment of [60, 150, 250, 400, 600, 900, 1300]) {
    const { child, ended } = start(home, ['card', 'add', 'Deck', '-Q', `q${moment}`, '-A', 'a'])
    await sleep(moment)
    child.kill('SIGKILL')
    for (const pid of serversOf(home)) kill(pid)
    const { stdout } = await ended
    // killed once more before it is looked at
    if (stdout === '') continue
    const cards = await answer<{ card_id: string }[]>(home, 'card', 'list')
    expect(cards.map(({ card_id }) => card_id)).toContain(stdout.trim())
  }
  expect((await add(home, 'last')).code).toBe(0)
  expect(existsSync(join(home, 'data/PG_VERSION'))).toBe(true)
  expect(readdirSync(home).filter((name) => name.startsWith('data.new-'))).toEqual([])
}, 60_000)

test('a copy of a stopped home is a home', async () => {
  const home = await homeWithCard()
  const copy = newHome('copy')
  cpSync(join(home, 'data'), join(copy, 'data'), { recursive: true })
  expect(await answer(copy, 'card', 'list')).toHaveLength(1)
})
