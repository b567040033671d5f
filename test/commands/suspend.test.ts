import { expect, test } from 'vitest'
import { makeDeck, makeSchedule, makeUser, minutes, share } from '../support/builders.ts'
import { sql, useDatabase } from '../support/database.ts'
import { did, rote } from '../support/rote.ts'

useDatabase()

const schedules = () => sql`
  select question, direction, state, stability, suspended_at is not null as suspended, buried_until
  from card_schedules join cards using (card_id) order by position, direction`

const held = (question: string, direction: string, suspended = true) => ({
  question,
  direction,
  state: 'new',
  stability: 0,
  suspended,
  buried_until: null,
})

test('card suspend takes cards out of study in both directions; unsuspend leaves nothing behind', async () => {
  const { cards } = await makeDeck('Spanish', { perro: 'dog', gato: 'cat' })
  const [perro, gato] = cards.map(({ card_id }) => card_id)
  expect(await rote(`card suspend ${perro}`, { tty: true })).toMatchObject({
    code: 0,
    stdout: 'Suspended "perro".\n',
    stderr: '',
  })
  expect(await schedules()).toEqual([held('perro', 'forward'), held('perro', 'reverse')])
  expect(await did('due --count')).toBe('1')

  expect((await rote(`card suspend ${gato} ${perro} ${gato}`)).stdout).toBe(`${perro}\n${gato}\n`)
  expect(await did('due --count')).toBe('0')
  expect(await rote(`card unsuspend ${perro} ${gato}`, { tty: true })).toMatchObject({
    code: 0,
    stdout: '"perro" is asked again.\n"gato" is asked again.\n',
    stderr: '',
  })
  expect(await schedules()).toEqual([])
  expect(await did('due --count')).toBe('2')
})

test('a schedule waits while its card is suspended, and a second time changes nothing', async () => {
  const { cards } = await makeDeck('Spanish', { perro: 'dog' })
  const id = cards[0]?.card_id ?? ''
  await makeSchedule(id, minutes(-30))
  const before = await sql`select * from card_schedules`
  await did(`card suspend ${id}`)
  const once = await sql`select * from card_schedules order by direction`
  expect(once).toMatchObject([{ state: 'review', due: minutes(-30), stability: 10 }, { state: 'new' }])
  await did(`card suspend ${id}`)
  expect(await sql`select * from card_schedules order by direction`).toEqual(once)
  await did(`card unsuspend ${id}`)
  expect(await sql`select * from card_schedules`).toEqual(before)
  await did(`card unsuspend ${id}`)
  expect(await sql`select * from card_schedules`).toEqual(before)
  expect(await sql`select unseen from cards`).toEqual([{ unseen: false }])
})

test('what is buried as well stays buried', async () => {
  const { cards } = await makeDeck('Spanish', { perro: 'dog', gato: 'cat' })
  const [perro, gato] = cards.map(({ card_id }) => card_id)
  await did(`card suspend ${perro} ${gato}`)
  await sql`update card_schedules set buried_until = ${minutes(60)} where card_id = ${perro ?? ''} and direction = 'forward'`
  await sql`update card_schedules set buried_until = ${minutes(-60)} where card_id = ${gato ?? ''}`
  await did(`card unsuspend ${perro} ${gato}`)
  expect(await schedules()).toEqual([{ ...held('perro', 'forward', false), buried_until: expect.any(Date) }])
})

test('siblings are cards of their own', async () => {
  await makeDeck('Biology')
  const [one] = (await did(['card', 'add', 'Biology', '--cloze', '{{c1::a}} {{c2::b}}'])).split('\n')
  await did(`card suspend ${one}`)
  expect((await schedules()).map(({ question }) => question)).toEqual(['[...] b', '[...] b'])
})

test('everybody suspends for themselves, also what they may only see', async () => {
  await makeUser()
  const { deck_id, cards } = await makeDeck('Botany', { rose: 'Rosa' }, 'bert')
  const id = cards[0]?.card_id ?? ''
  expect(await rote(`card suspend ${id} --user ada`)).toMatchObject({ code: 3, stdout: '' })
  await share(deck_id, 'ada', 'view')
  await did(`card suspend ${id} --user ada`)
  expect(await sql`select distinct username from card_schedules join users using (user_id)`).toEqual([
    { username: 'ada' },
  ])
  expect((await rote(`card view ${id} --json --user bert`)).json()).toMatchObject({ suspended_at: null })
  await did(`card suspend ${id} --user bert`)
  await did(`card unsuspend ${id} --user ada`)
  expect(await sql`select distinct username from card_schedules join users using (user_id)`).toEqual([
    { username: 'bert' },
  ])
})

test('all cards are found before the first is touched', async () => {
  const { cards } = await makeDeck('Spanish', { perro: 'dog' })
  expect(await rote(`card suspend ${cards[0]?.card_id} dead`)).toMatchObject({
    code: 3,
    stdout: '',
    stderr: 'No card "dead".\nLook for it: rote card search <text>\n',
  })
  expect(await schedules()).toEqual([])
  expect(await rote('card suspend')).toMatchObject({ code: 2, stdout: '' })
})

test('more cards than a statement may have parameters', async () => {
  const { deck_id } = await makeDeck('Numbers')
  await sql`insert into cards (deck_id, question, answer) select ${deck_id}, 'n' || i, 'a' from generate_series(1, 6000) as i`
  const ids = (await did('card list Numbers -q')).split('\n')
  expect((await did(['card', 'suspend', ...ids])).split('\n')).toEqual(ids)
  expect(await sql`select from card_schedules where suspended_at is not null`).toHaveLength(12_000)
  expect((await did(['card', 'unsuspend', ...ids])).split('\n')).toEqual(ids)
  expect(await sql`select from card_schedules`).toHaveLength(0)
})

test('a suspended card is shown as such, and not as due', async () => {
  const { cards } = await makeDeck('Spanish', { perro: 'dog', gato: 'cat' })
  const id = cards[0]?.card_id ?? ''
  await did(`card suspend ${id}`)
  const [row] = await sql`select suspended_at from card_schedules where direction = 'forward'`
  const at: string = row?.suspended_at.toISOString()
  expect((await rote(`card view ${id} --json`)).json()).toMatchObject({ suspended_at: at, due: null })
  expect((await rote(`card view ${id}`, { tty: true })).stdout).toContain(`suspended   ${at}\n`)
  const lines = (await rote('card list Spanish')).stdout.split('\n').slice(0, 2)
  expect(lines.map((line) => line.split('\t').slice(12))).toEqual([
    [at, 'false', ''],
    ['', 'false', ''],
  ])
  expect(await did('card list --suspended -q')).toBe(id)
  expect(await rote('card list Spanish --suspended', { tty: true })).toMatchObject({
    stdout: expect.stringContaining('perro'),
  })
  await did(`card unsuspend ${id}`)
  expect(await rote('card list --suspended', { tty: true })).toMatchObject({
    code: 0,
    stdout: '',
    stderr: 'No card is suspended. Suspend one with: rote card suspend <card>\n',
  })
})
