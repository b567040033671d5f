import { beforeEach, expect, test } from 'vitest'
import { makeDeck, makeSchedule, makeUser, minutes, share } from '../support/builders.ts'
import { sql, useDatabase } from '../support/database.ts'
import { did, rote } from '../support/rote.ts'

useDatabase()

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\n$/
const FIELDS = ['playlist_id', 'user_id', 'name', 'description', 'created_at', 'decks', 'cards', 'due', 'new']

beforeEach(async () => {
  await makeDeck('Spanish', { perro: 'dog', gato: 'cat' })
  await makeDeck('French', { chien: 'dog' })
  await makeDeck('Italian')
})

/** The decks of a playlist in their order, as the table has them. */
const stored = async (playlist = 'Languages') =>
  (
    await sql`select decks.name from playlist_decks join playlists using (playlist_id) join decks using (deck_id)
      where playlists.name = ${playlist} order by position`
  ).map(({ name }) => name)
/** The same as they are shown. */
const shown = async () =>
  (await rote('playlist view Languages --json'))
    .json<{ contents: { name: string }[] }>()
    .contents.map(({ name }) => name)

test('playlist create makes a row, and rows for its decks in their order', async () => {
  const made = await rote('playlist create Languages Spanish french --description "what I speak"', {
    tty: true,
  })
  expect(made).toMatchObject({
    code: 0,
    stdout: 'Made the playlist "Languages" of 2 decks.\n',
    stderr: 'Study it: rote study --playlist "Languages"\n',
  })
  expect(
    await sql`select playlists.name, description, username, playlists.created_at is not null as dated from playlists join users using (user_id)`,
  ).toEqual([{ name: 'Languages', description: 'what I speak', username: 'ada', dated: true }])
  expect(await stored()).toEqual(['Spanish', 'French'])
})

test('playlist create in a pipe, in JSON and quietly', async () => {
  const piped = await rote('playlist create One')
  expect(piped).toMatchObject({ code: 0, stdout: expect.stringMatching(ID), stderr: '' })
  const json = await rote('playlist create Two Spanish Spanish --json')
  expect(json).toMatchObject({ code: 0, stderr: '' })
  expect(Object.keys(json.json())).toEqual(FIELDS)
  expect(json.json()).toMatchObject({ name: 'Two', description: null, decks: 1, cards: 2, due: 0, new: 2 })
  expect(await rote('playlist create Three -q')).toMatchObject({
    stdout: expect.stringMatching(ID),
    stderr: '',
  })
  expect(await rote('playlist create Four', { tty: true })).toMatchObject({
    stdout: 'Made the playlist "Four".\n',
    stderr: 'Put decks in it: rote playlist add "Four" <deck...>\n',
  })
})

test('a name that is taken, or that no deck could have either', async () => {
  await did('playlist create Languages')
  expect(await rote('playlist create " Languages " French')).toMatchObject({
    code: 4,
    stdout: '',
    stderr:
      'You already have a playlist "Languages".\nPut decks in it: rote playlist add "Languages" <deck...>\n',
  })
  for (const [name, complaint] of [
    ['  ', 'cannot be empty'],
    ['x'.repeat(101), 'cannot be longer than 100 characters; this one has 101'],
    ['a\nb', 'cannot contain line breaks or control characters'],
  ]) {
    const problem = { code: 2, stdout: '', stderr: `The name of a playlist ${complaint}.\n` }
    expect(await rote(['playlist', 'create', '--', name ?? ''])).toMatchObject(problem)
    expect(await rote(['playlist', 'edit', 'Languages', `--name=${name}`])).toMatchObject(problem)
  }
  expect(await sql`select name from playlists`).toEqual([{ name: 'Languages' }])
})

test('a playlist with a deck that is not there is not made', async () => {
  expect(await rote('playlist create Languages Spanish Frensh')).toMatchObject({
    code: 3,
    stdout: '',
    stderr: 'No deck "Frensh".\nDid you mean "French"?\n',
  })
  expect(await sql`select from playlists`).toHaveLength(0)
})

test('playlist list has what there is to do, by name', async () => {
  expect(await rote('playlist list', { tty: true })).toMatchObject({
    code: 0,
    stdout: '',
    stderr: 'No playlists yet. Make one with: rote playlist create <name> <deck...>\n',
  })
  expect(await rote('playlist list --json')).toMatchObject({ stdout: '[]\n', stderr: '' })
  const [card] = await sql`select card_id from cards where question = 'perro'`
  await makeSchedule(card?.card_id, minutes(-1))
  await did('playlist create Languages Spanish French Italian --description "what I speak"')
  await did('playlist create exams')
  expect(await rote('playlist ls', { tty: true })).toMatchObject({
    code: 0,
    stdout: [
      'NAME       DECKS  CARDS  DUE  NEW  DESCRIPTION',
      'exams          0      0    0    0',
      'Languages      3      3    1    2  what I speak',
      '',
    ].join('\n'),
    stderr: '',
  })
  const rows = await sql`select playlist_id, created_at from playlists order by lower(name)`
  const [exams, languages] = rows.map(({ playlist_id, created_at }) => [
    playlist_id,
    created_at.toISOString(),
  ])
  expect((await rote('playlist list')).stdout).toBe(
    `${exams?.[0]}\texams\t0\t0\t0\t0\t\t${exams?.[1]}\n${languages?.[0]}\tLanguages\t3\t3\t1\t2\twhat I speak\t${languages?.[1]}\n`,
  )
  expect((await rote('playlist list -q')).stdout).toBe(`${exams?.[0]}\n${languages?.[0]}\n`)
  const json = (await rote('playlist list --json')).json<Record<string, unknown>[]>()
  expect(json.map((row) => Object.keys(row))).toEqual([FIELDS, FIELDS])
  expect((await did('playlist list -q --limit 1 --page 2')).split('\n')).toEqual([languages?.[0]])
})

test('playlist view has its decks in their order', async () => {
  await did('playlist create Languages Spanish Italian French --description "what I speak"')
  expect(await rote('playlist view languages', { tty: true })).toMatchObject({
    code: 0,
    stdout: [
      'Languages: what I speak',
      'DECK     CARDS  DUE  NEW',
      'Spanish      2    0    2',
      'Italian      0    0    0',
      'French       1    0    1',
      '',
    ].join('\n'),
    stderr: '',
  })
  const ids = (await sql`select deck_id from playlist_decks order by position`).map(({ deck_id }) => deck_id)
  expect((await rote('playlist view Languages')).stdout).toBe(
    `${ids[0]}\tSpanish\t2\t0\t2\n${ids[1]}\tItalian\t0\t0\t0\n${ids[2]}\tFrench\t1\t0\t1\n`,
  )
  expect((await rote('playlist view Languages -q')).stdout).toBe(`${ids.join('\n')}\n`)
  const json = (await rote('playlist view Languages --json')).json<{ contents: object[] }>()
  expect(Object.keys(json)).toEqual([...FIELDS, 'contents'])
  expect(json).toMatchObject({ name: 'Languages', decks: 3, cards: 3, new: 3 })
  expect(json.contents[0]).toMatchObject({ deck_id: ids[0], name: 'Spanish', owner: 'ada', cards: 2, new: 2 })
})

test('an empty playlist says how it is filled', async () => {
  await did('playlist create Languages')
  const lesson = 'There are no decks in it. Add some with: rote playlist add "Languages" <deck...>\n'
  expect(await rote('playlist view Languages', { tty: true })).toMatchObject({
    code: 0,
    stdout: 'Languages\n',
    stderr: lesson,
  })
  expect(await rote('playlist view Languages')).toMatchObject({ code: 0, stdout: '', stderr: '' })
  expect((await rote('playlist view Languages --json')).json()).toMatchObject({ decks: 0, contents: [] })
})

test('playlist add puts decks at the end, where it is told to, and never in twice', async () => {
  await did('playlist create Languages Spanish')
  expect(await rote('playlist add Languages French spanish Italian', { tty: true })).toMatchObject({
    code: 0,
    stdout: 'Added "French", "Italian" to "Languages".\n"Spanish" is in "Languages" already.\n',
    stderr: '',
  })
  expect(await stored()).toEqual(['Spanish', 'French', 'Italian'])
  expect(await rote('playlist add Languages Spanish French')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(ID),
    stderr: '"Spanish", "French" are in "Languages" already.\n',
  })
  expect(await rote('playlist add Languages Italian --first', { tty: true })).toMatchObject({
    stdout: 'Moved "Italian" in "Languages".\n',
  })
  expect(await stored()).toEqual(['Italian', 'Spanish', 'French'])
  await makeDeck('Latin')
  await did('playlist add Languages Latin Italian --after Spanish')
  expect(await stored()).toEqual(['Spanish', 'Latin', 'Italian', 'French'])
  expect(await shown()).toEqual(['Spanish', 'Latin', 'Italian', 'French'])
  expect((await rote('playlist add Languages French --first --json')).json()).toMatchObject({ decks: 4 })
})

test('playlist add to a place that cannot be', async () => {
  await did('playlist create Languages Spanish')
  expect(await rote('playlist add Languages French --after French')).toMatchObject({
    code: 2,
    stdout: '',
    stderr: '"French" cannot go behind itself.\n',
  })
  expect(await rote('playlist add Languages French --after Italian')).toMatchObject({
    code: 3,
    stdout: '',
    stderr: '"Italian" is not in the playlist "Languages".\nSee: rote playlist view "Languages"\n',
  })
  expect(await rote('playlist add Languages French --first --after Spanish')).toMatchObject({
    code: 2,
    stdout: '',
  })
  expect(await rote('playlist add Languages French Nope')).toMatchObject({ code: 3, stdout: '' })
  expect(await stored()).toEqual(['Spanish'])
})

test('playlist remove takes decks out, all or none', async () => {
  await did('playlist create Languages Spanish French Italian')
  expect(await rote('playlist remove Languages Spanish italian', { tty: true })).toMatchObject({
    code: 0,
    stdout: 'Took "Spanish", "Italian" out of "Languages".\n',
    stderr: '',
  })
  expect(await stored()).toEqual(['French'])
  expect(await rote('playlist remove Languages French Spanish')).toMatchObject({
    code: 3,
    stdout: '',
    stderr: '"Spanish" is not in the playlist "Languages".\nSee: rote playlist view "Languages"\n',
  })
  expect(await stored()).toEqual(['French'])
  expect(await did('playlist remove Languages French --json')).toContain('"decks": 0')
  expect(await sql`select from decks`).toHaveLength(3)
})

test('playlist edit changes what is named and nothing else', async () => {
  await did('playlist create Langs Spanish')
  await did('playlist create Exams')
  expect(await rote('playlist edit langs --name Languages', { tty: true })).toMatchObject({
    code: 0,
    stdout: 'Changed the playlist "Languages".\n',
    stderr: '',
  })
  expect((await rote('playlist edit Languages --description all --json')).json()).toMatchObject({
    name: 'Languages',
    description: 'all',
    decks: 1,
  })
  await did(['playlist', 'edit', 'Languages', '--description', ''])
  expect(await sql`select name, description from playlists order by name`).toEqual([
    { name: 'Exams', description: null },
    { name: 'Languages', description: null },
  ])
  expect(await rote('playlist edit Exams --name Languages')).toMatchObject({
    code: 4,
    stdout: '',
    stderr: 'You already have a playlist "Languages".\nChoose another name.\n',
  })
  expect(await rote('playlist edit Exams --name Exams')).toMatchObject({ code: 0 })
  expect(await rote('playlist edit Exams')).toMatchObject({
    code: 2,
    stderr: 'There is nothing to change.\nSay what: --name <name> or --description <text>\n',
  })
})

test('playlist delete asks, and the decks stay', async () => {
  await did('playlist create Languages Spanish French')
  expect(await rote('playlist delete Languages')).toMatchObject({
    code: 2,
    stdout: '',
    stderr:
      'There is no terminal to ask in: Move the playlist "Languages" to the trash? Its decks stay.\nAdd --yes to go ahead.\n',
  })
  const asked = await rote('playlist rm Languages', { tty: true, replies: { 'stay.': 'n\r' } })
  expect(asked).toMatchObject({ code: 0, stderr: 'Nothing was changed.\n' })
  expect(await sql`select from playlists where deleted_at is null`).toHaveLength(1)
  const sure = await rote('playlist rm Languages', { tty: true, replies: { 'stay.': 'y\r' } })
  expect(
    sure.stdout.endsWith('Moved the playlist "Languages" to the trash. Its decks are still there.\n'),
  ).toBe(true)
  expect(await sql`select from playlists where deleted_at is null`).toHaveLength(0)
  expect(await did('playlist list')).toBe('')
  expect((await rote('playlist view Languages')).code).toBe(3)
  // its name is free again
  await did('playlist create Languages')
  expect(await sql`select from decks`).toHaveLength(3)
})

test('a playlist by its id, and names that differ in case only', async () => {
  const small = await did('playlist create go')
  const large = await did('playlist create Go Spanish')
  expect((await rote('playlist view Go --json')).json()).toMatchObject({ playlist_id: large })
  expect((await rote('playlist view go --json')).json()).toMatchObject({ playlist_id: small })
  expect((await rote(`playlist view ${large.toUpperCase()} --json`)).json()).toMatchObject({ name: 'Go' })
  expect(await rote('playlist view GO')).toMatchObject({
    code: 4,
    stdout: '',
    stderr: 'Several playlists are called "GO".\nWrite it as it is written: "Go", "go"\n',
  })
})

test.each([
  ['Langages', 'Did you mean "Languages"?'],
  ['Zoology', 'See what there is: rote playlist list'],
  ['00000000-0000-4000-8000-000000000000', 'See what there is: rote playlist list'],
])('no such playlist: %s', async (name, hint) => {
  await did('playlist create Languages')
  for (const line of ['view', 'edit --description x', 'delete --yes', 'add Spanish', 'remove Spanish']) {
    const [verb = '', ...rest] = line.split(' ')
    expect(await rote(['playlist', verb, name, ...rest])).toMatchObject({
      code: 3,
      stdout: '',
      stderr: `No playlist "${name}".\n${hint}\n`,
    })
  }
})

test('the first hint, in JSON', async () => {
  const { code, stdout, stderr } = await rote('playlist view Languages --json')
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
  expect(JSON.parse(stderr)).toEqual({
    error: {
      kind: 'not_found',
      message: 'No playlist "Languages".',
      hint: 'No playlists yet. Make one with: rote playlist create <name> <deck...>',
    },
  })
})

test('playlists of others are not there', async () => {
  await makeUser('bert')
  await did('playlist create Languages Spanish --user ada')
  const [{ playlist_id } = {}] = await sql`select playlist_id from playlists`
  expect((await rote('playlist list --json --user bert')).json()).toEqual([])
  for (const reference of ['Languages', playlist_id])
    for (const verb of ['view', 'edit --name Mine', 'delete --yes', 'add', 'remove']) {
      const [name = '', ...flags] = verb.split(' ')
      const deck = /add|remove/.test(name) ? ['ada/Spanish'] : []
      expect(await rote(['playlist', name, reference, ...deck, ...flags, '--user', 'bert'])).toMatchObject({
        code: 3,
        stdout: '',
      })
    }
  await did('playlist create Languages --user bert')
  expect(await sql`select count(*)::int from playlists where name = 'Languages'`).toEqual([{ count: 2 }])
})

test('a deck that is shared with me is in it while it is shared, and its place is kept', async () => {
  const { deck_id } = await makeDeck('Botany', { rose: 'Rosa' }, 'bert')
  await share(deck_id, 'ada', 'view')
  await did('playlist create Languages Spanish bert/Botany French --user ada')
  const view = async () =>
    (await did('playlist view Languages --user ada')).split('\n').map((line) => line.split('\t')[1])
  expect(await view()).toEqual(['Spanish', 'bert/Botany', 'French'])

  await sql`delete from deck_shares`
  expect(await view()).toEqual(['Spanish', 'French'])
  expect((await rote('playlist list --json --user ada')).json()).toMatchObject([{ decks: 2, cards: 3 }])
  expect(await rote('playlist add Languages Italian --after bert/Botany --user ada')).toMatchObject({
    code: 3,
  })
  await did('playlist add Languages French --first --user ada')
  await share(deck_id, 'ada', 'view')
  expect(await view()).toEqual(['French', 'Spanish', 'bert/Botany'])

  await did('deck delete French --yes --user ada')
  expect(await view()).toEqual(['Spanish', 'bert/Botany'])
  await sql`update decks set deleted_at = null`
  expect(await view()).toEqual(['French', 'Spanish', 'bert/Botany'])
})

test('a deck that I may not see any more can be taken out by what I called it, or by its id', async () => {
  const { deck_id } = await makeDeck('Botany', { rose: 'Rosa' }, 'bert')
  const { deck_id: own } = await makeDeck('Gone')
  for (const reference of ['BERT/botany', deck_id]) {
    await share(deck_id, 'ada', 'view')
    await did(['playlist', 'create', 'Plants', 'Spanish', 'bert/Botany', 'Gone', '--user', 'ada'])
    await sql`delete from deck_shares`
    await sql`update decks set deleted_at = now() where deck_id = ${own}`
    expect((await rote('playlist view Plants --user ada', { tty: true })).stderr).toBe(
      [deck_id, own]
        .map(
          (id) =>
            `A deck in it is in the trash, or not shared with you any more. Take it out: rote playlist remove "Plants" ${id}\n`,
        )
        .join(''),
    )
    await did(['playlist', 'remove', 'Plants', reference, 'Gone', '--user', 'ada'])
    expect(
      await sql`select d.name from playlist_decks join decks d using (deck_id) join playlists p using (playlist_id)
        where p.deleted_at is null`,
    ).toEqual([{ name: 'Spanish' }])
    expect(await rote(['playlist', 'remove', 'Plants', reference, '--user', 'ada'])).toMatchObject({
      code: 3,
    })
    await did('playlist delete Plants --yes --user ada')
    await sql`update decks set deleted_at = null`
  }
})

test('ten at once: every deck has a place of its own', async () => {
  await did('playlist create Languages')
  const names = Array.from({ length: 10 }, (_, n) => `Deck ${n}`)
  for (const name of names) await makeDeck(name)
  const ran = await Promise.all(names.map((name) => rote(['playlist', 'add', 'Languages', name])))
  expect(ran.map(({ code }) => code)).toEqual(names.map(() => 0))
  const rows = await sql`select position from playlist_decks order by position`
  expect(rows.map(({ position }) => position)).toEqual(names.map((_, n) => n))
})

test('control characters in a description do not reach the terminal', async () => {
  await did(['playlist', 'create', 'Languages', 'Spanish', '--description', 'red \x1b[31m\x07\nand more'])
  const { stdout } = await rote('playlist view Languages', { tty: true, columns: 40 })
  expect(stdout).toBe(
    'Languages: red ␛[31m␇ ⏎ and more\nDECK     CARDS  DUE  NEW\nSpanish      2    0    2\n',
  )
})
