import { expect, test } from 'vitest'
import { makeDeck, makeSchedule, minutes } from '../support/builders.ts'
import { sql, useDatabase } from '../support/database.ts'
import { did, rote } from '../support/rote.ts'

useDatabase()

async function fill(): Promise<Record<string, string>> {
  const spanish = await makeDeck('Spanish', { perro: 'dog', gato: 'cat', vaca: 'cow' })
  const biology = await makeDeck('biology', { cell: 'cellula' })
  await makeDeck('Empty')
  await makeSchedule(spanish.cards[0]?.card_id ?? '', minutes(-1))
  await makeSchedule(spanish.cards[1]?.card_id ?? '', minutes(1))
  return { spanish: spanish.deck_id, biology: biology.deck_id }
}

test('due, in four ways', async () => {
  const { spanish, biology } = await fill()
  expect(await rote('due', { tty: true })).toMatchObject({
    code: 0,
    stdout: 'DECK     DUE  NEW\nbiology    0    1\nSpanish    1    1\n',
    stderr: '',
  })
  expect((await rote('due')).stdout).toBe(`${biology}\tbiology\t0\t1\n${spanish}\tSpanish\t1\t1\n`)
  expect((await rote('due --json')).json()).toEqual([
    { deck_id: biology, name: 'biology', due: 0, new: 1 },
    { deck_id: spanish, name: 'Spanish', due: 1, new: 1 },
  ])
  expect((await rote('due -q')).stdout).toBe(`${biology}\n${spanish}\n`)
})

test('due --count is what a sitting would have', async () => {
  await fill()
  expect(await rote('due --count')).toMatchObject({ code: 0, stdout: '3\n', stderr: '' })
  expect((await rote('due --count --json')).json()).toEqual({ count: 3 })
  await did('config set new_per_day 1')
  expect(await did('due --count')).toBe('2')
  expect((await rote('study --json', { input: 'q' })).json().total).toBe(2)
})

test('what is suspended, buried or in the trash is not due', async () => {
  await fill()
  await did('config set new_per_day 0')
  const later = { now: minutes(2) }
  expect(await did('due --count', later)).toBe('2')
  await sql`update card_schedules set suspended_at = now() where due < ${minutes(0)}`
  expect(await did('due --count', later)).toBe('1')
  await sql`update card_schedules set buried_until = ${minutes(5)}`
  expect(await did('due --count', later)).toBe('0')
  expect(await did('due --count', { now: minutes(5) })).toBe('1')
  await sql`update cards set deleted_at = now()`
  expect(await did('due --count', { now: minutes(5) })).toBe('0')
})

test('nothing due', async () => {
  expect(await rote('due', { tty: true })).toMatchObject({ code: 0, stdout: '', stderr: 'Nothing is due.\n' })
  expect(await rote('due --json')).toMatchObject({ code: 0, stdout: '[]\n', stderr: '' })
  expect(await rote('due --count')).toMatchObject({ code: 0, stdout: '0\n' })
})

test('a bare rote says what is next', async () => {
  expect(await rote([], { tty: true })).toMatchObject({
    code: 0,
    stdout: '',
    stderr:
      'No decks yet. Make one with: rote deck create <name>\nOr take one from a file:  rote deck import <file>\n',
  })
  await makeDeck('Empty')
  expect(await rote([])).toMatchObject({
    code: 0,
    stdout: '',
    stderr: 'Nothing is due. Add cards with: rote card add <deck>\n',
  })
  const { deck_id } = await makeDeck('Spanish', { perro: 'dog' })
  expect(await rote([], { tty: true })).toMatchObject({
    code: 0,
    stdout: 'DECK     DUE  NEW\nSpanish    0    1\n',
    stderr: '\n1 card waits. Study: rote study\n',
  })
  await did('card add Spanish -Q gato -A cat')
  expect(await rote([])).toMatchObject({
    stdout: `${deck_id}\tSpanish\t0\t2\n`,
    stderr: '\n2 cards wait. Study: rote study\n',
  })
  expect((await rote('--json')).json()).toEqual([{ deck_id, name: 'Spanish', due: 0, new: 2 }])
})

test('the new cards of all decks add up to what a sitting would have', async () => {
  for (const name of ['A', 'B', 'C'])
    await makeDeck(name, Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`${name}${n}`, 'x'])))
  await did('config set new_per_day 8')
  const decks = (await rote('due --json')).json<{ name: string; new: number }[]>()
  expect(decks.map(({ name, new: fresh }) => [name, fresh])).toEqual([
    ['A', 3],
    ['B', 3],
    ['C', 2],
  ])
  expect(await did('due --count')).toBe('8')
  expect((await rote('study next --json')).json()).toMatchObject({ left: 8 })
})
