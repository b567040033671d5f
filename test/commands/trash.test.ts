import { beforeEach, describe, expect, test } from 'vitest'
import { makeDeck, makeUser, minutes, share } from '../support/builders.ts'
import { sql, useDatabase } from '../support/database.ts'
import { everything, tableNames } from '../support/everything.ts'
import { did, rote } from '../support/rote.ts'

useDatabase()

const PERRO = '3f9a0000-0000-4000-8000-000000000001'
let deck_id = ''

beforeEach(async () => {
  await makeUser()
  await makeUser('bert')
  deck_id = (await makeDeck('Spanish', { gato: 'cat' }, 'ada')).deck_id
  await sql`insert into cards (card_id, deck_id, question, answer, external_id) values (${PERRO}, ${deck_id}, 'perro', 'dog', 'p1')`
  await sql`insert into card_images (card_id, image_url) values (${PERRO}, 'https://example.org/dog.png')`
  await share(deck_id, 'bert', 'edit')
  for (const user of ['ada', 'bert']) {
    await did(`playlist create Daily ${user === 'ada' ? '' : 'ada/'}Spanish --user ${user}`)
    await did(`study grade 3f9a got_it --user ${user}`)
  }
})

/** Every row, without the log and when a row was last touched. */
async function state() {
  const rows: Record<string, unknown> = {}
  for (const table of await tableNames())
    if (!table.startsWith('change'))
      rows[table] = await sql.unsafe(`select to_jsonb(t) - 'updated_at' as row from ${table} t order by 1`)
  return rows
}

test('a deck comes back with cards, images, schedules, shares and places', async () => {
  const before = await state()
  const lists = async () => [
    (await did('deck list --shared --user bert')).split('\t').slice(0, 8),
    await did('playlist view Daily --user bert'),
    await did('due --user bert'),
  ]
  const seen = await lists()
  await did('deck delete Spanish --yes --user ada')
  expect(await lists()).toEqual([[''], '', ''])
  expect(await did('trash list --user bert')).toBe('')
  const { stdout } = await rote('trash list --user ada', { tty: true })
  expect(stdout).toMatch(
    /^ID +KIND +NAME +DECK +CARDS +DELETED +BY\n\w{8} +deck +Spanish +2 +\d{4}-\d\d-\d\d +ada\n$/,
  )
  expect(await rote('trash restore Spanish --user ada', { tty: true })).toMatchObject({
    ...{ code: 0, stdout: 'The deck "Spanish" is back with 2 cards.\n', stderr: '' },
  })
  expect(await state()).toEqual(before)
  expect(await lists()).toEqual(seen)
})

test('a card and a playlist, by the beginnings of their ids', async () => {
  const before = await state()
  await did('card delete 3f9a --user bert')
  const list = await did('playlist delete Daily --yes --user ada')
  // the editor sees what is in the trash of the deck, and nothing of the owner's
  expect((await did('trash list --user bert')).split('\t').slice(0, 4)).toEqual([
    PERRO,
    'card',
    'perro',
    'ada/Spanish',
  ])
  expect((await rote('trash list --json --user ada')).json()).toMatchObject([
    { id: list, kind: 'playlist', name: 'Daily', deleted_by: 'ada' },
    { id: PERRO, kind: 'card', name: 'perro', deck: 'Spanish', deleted_by: 'bert' },
  ])
  const ran = await rote(['trash', 'restore', '3f9a', list.slice(0, 6), '--user', 'ada'], { tty: true })
  expect(ran.stdout).toBe('The card "perro" is back in "Spanish".\nThe playlist "Daily" is back.\n')
  expect(await state()).toEqual(before)
})

test('several that are called alike: the latest by its name; another name for it', async () => {
  await did('deck delete Spanish --yes --user ada')
  const second = await did('deck create Spanish --user ada')
  await did('deck delete Spanish --yes --user ada')
  await did('deck create Spanish --user ada')
  expect(await rote('trash restore spanish --user ada')).toMatchObject({
    ...{
      code: 4,
      stdout: '',
      stderr: expect.stringMatching(/^Several things in the trash begin with "spanish"/),
    },
  })
  expect(await rote('trash restore Spanish --user ada')).toMatchObject({
    ...{
      code: 4,
      stdout: '',
      stderr: `You have another deck "Spanish" by now.\nGive it another name: rote trash restore ${second.slice(0, 8)} --name <name>\n`,
    },
  })
  expect(await did('trash restore Spanish --name Spanish2 --user ada')).toBe(second)
  expect(await did(`trash restore ${deck_id} --name Old --user ada`)).toBe(deck_id)
  expect((await did('deck list --user ada')).split('\n').map((line) => line.split('\t')[1])).toEqual([
    'Old',
    'Spanish',
    'Spanish2',
  ])
})

test('a card whose key another has got meanwhile comes back without it', async () => {
  await did('card delete 3f9a --user ada')
  await did('card add Spanish - --user ada', {
    input: '{"question":"can","answer":"dog","external_id":"p1"}\n',
  })
  await did('trash restore 3f9a --user ada')
  expect(await sql`select question, external_id from cards where answer = 'dog' order by 1`).toEqual([
    { question: 'can', external_id: 'p1' },
    { question: 'perro', external_id: null },
  ])
})

describe('refused, and nothing is different', () => {
  test.each([
    ['trash restore Italian --user ada', 3, /^There is no "Italian" in your trash\./],
    ['trash restore 3f9a --user ada', 3, /in your trash/],
    ['trash restore zzz --user ada', 3, /in your trash/],
    ['trash restore 3f --user ada', 3, /in your trash/],
    ['trash restore Gone --user bert', 3, /in your trash/],
    ['trash restore Gone Other --name x --user ada', 2, /one thing/],
    ['trash empty --older-than soon --user ada', 2, /12h, 30d or 2w/],
    ['trash empty --user ada', 2, /--yes/],
  ])('rote %s', async (line, code, stderr) => {
    await did('deck create Gone --user ada')
    await did('deck delete Gone --yes --user ada')
    const before = await everything()
    expect(await rote(line)).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(stderr) })
    expect(await everything()).toEqual(before)
  })
})

describe('emptying', () => {
  test('asks, and takes with it what belonged to it', async () => {
    await did('deck delete Spanish --yes --user ada')
    await did('playlist delete Daily --yes --user ada')
    const question = 'Delete 1 deck, 1 playlist and 2 cards for good?'
    const asked = await rote('trash empty --user ada', { tty: true, replies: { 'too.': 'n\r' } })
    expect(asked).toMatchObject({ code: 0, stderr: 'Nothing was changed.\n' })
    expect(asked.stdout).toContain(question)
    expect(await rote('trash empty --yes --json --user ada')).toMatchObject({ code: 0 })
    for (const table of [
      'decks',
      'cards',
      'card_images',
      'card_schedules',
      'deck_shares',
      'revision_attempts',
    ])
      expect(await sql.unsafe(`select from ${table}`), table).toHaveLength(0)
    // bert's own playlist is there; nothing of what is gone can be taken back
    expect(await sql`select name from playlists`).toHaveLength(1)
    expect((await rote('undo --user ada')).code).toBe(3)
    expect(await rote('trash empty --yes --user ada', { tty: true })).toMatchObject({
      stderr: 'The trash is empty.\n',
    })
  })

  test('is for the owner: who may only change cards deletes none for good', async () => {
    await did('card delete 3f9a --user bert')
    expect(await rote('trash empty --yes --user bert', { tty: true })).toMatchObject({
      stderr: expect.stringMatching(/^Nothing in the trash is yours: /),
    })
    expect(await sql`select from cards where card_id = ${PERRO}`).toHaveLength(1)
    expect((await rote('trash empty --yes --json --user ada')).json()).toEqual({
      decks: 0,
      playlists: 0,
      cards: 1,
    })
    expect(await sql`select from cards where card_id = ${PERRO}`).toHaveLength(0)
  })

  test('only what is old', async () => {
    await did('card delete 3f9a --user ada')
    await did('deck create Old --user ada')
    await did('deck delete Old --yes --user ada')
    await sql`update decks set deleted_at = ${minutes(-60 * 24 * 40)} where name = 'Old'`
    await sql`update cards set deleted_at = ${minutes(-60 * 24 * 20)} where deleted_at is not null`
    const empty = async (age: string) =>
      (await rote(`trash empty --older-than ${age} --yes --json --user ada`)).json()
    expect(await empty('50d')).toBeNull()
    expect(await empty('30 days'.replace(' ', ''))).toEqual({ decks: 1, playlists: 0, cards: 0 })
    expect(await empty('2w')).toEqual({ decks: 0, playlists: 0, cards: 1 })
  })
})
