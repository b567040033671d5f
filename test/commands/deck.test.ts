import { expect, test } from 'vitest'
import { makeDeck, makeSchedule, makeUser, minutes, share } from '../support/builders.ts'
import { sql, useDatabase } from '../support/database.ts'
import { did, rote } from '../support/rote.ts'

useDatabase()

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\n$/
const DECK_COLUMNS = [
  'deck_id',
  'user_id',
  'name',
  'description',
  'created_at',
  'updated_at',
  'is_shared',
  'owner',
  'cards',
  'due',
  'new',
  'permission',
]

test('deck create makes a row, and the first command makes the first user', async () => {
  const made = await rote('deck create Spanish --description "Words of 2026"')

  expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(ID), stderr: '' })
  const rows = await sql`
    select deck_id, name, description, is_shared, deleted_at, username, password_hash, email
    from decks join users using (user_id)`
  expect(rows).toEqual([
    {
      deck_id: made.stdout.trimEnd(),
      name: 'Spanish',
      description: 'Words of 2026',
      is_shared: false,
      deleted_at: null,
      username: 'ada',
      password_hash: null,
      email: null,
    },
  ])
})

test('deck create speaks in four ways', async () => {
  const person = await rote('deck create One', { tty: true })
  expect(person).toMatchObject({
    code: 0,
    stdout: 'Made the deck "One".\n',
    stderr: 'Put cards in it: rote card add "One"\n',
  })

  const quiet = await rote('deck create Two --quiet', { tty: true })
  expect(quiet).toMatchObject({ code: 0, stdout: expect.stringMatching(ID), stderr: '' })

  const json = await rote('deck create Three --json')
  expect(json).toMatchObject({ code: 0, stderr: '' })
  const deck = json.json()
  expect(Object.keys(deck)).toEqual(DECK_COLUMNS)
  expect(deck).toMatchObject({ name: 'Three', description: null, is_shared: false, owner: 'ada', cards: 0 })
})

test('a name keeps its inner spaces and loses those around it', async () => {
  await did(['deck', 'create', '  World  War I '])
  expect(await sql`select name from decks`).toEqual([{ name: 'World  War I' }])
})

const TAKEN = { code: 4, stdout: '', stderr: expect.stringMatching(/^You already have a deck "Spanish"\.\n/) }

test('a name can be taken once, and again when its deck is in the trash', async () => {
  await did('deck create Spanish')
  expect(await rote('deck create Spanish')).toMatchObject(TAKEN)
  await did('deck delete Spanish --yes')
  expect(await rote('deck create Spanish')).toMatchObject({ code: 0 })
  expect(await sql`select count(*)::int, count(deleted_at)::int as gone from decks`).toEqual([
    { count: 2, gone: 1 },
  ])
})

const BAD_NAMES: [what: string, name: string, complaint: string][] = [
  ['empty', '', 'cannot be empty'],
  ['blank', '  ', 'cannot be empty'],
  ['too long', 'x'.repeat(101), 'cannot be longer than 100 characters; this one has 101'],
  ['an option', '--help', 'cannot begin with "-", which is how options begin'],
  ['of two lines', 'one\ntwo', 'cannot contain line breaks or control characters'],
  ['with an escape sequence', 'red \x1b[31mdeck', 'cannot contain line breaks or control characters'],
  ['with a NUL', 'nul\0', 'cannot contain line breaks or control characters'],
  ['turning the line round', 'evil \u202egnp', 'cannot contain line breaks or control characters'],
]

test.each(BAD_NAMES)('a name that is %s is refused', async (_, name, complaint) => {
  await makeDeck('Spanish')
  const problem = { code: 2, stdout: '', stderr: `The name of a deck ${complaint}.\n` }
  expect(await rote(['deck', 'create', '--', name])).toMatchObject(problem)
  expect(await rote(['deck', 'edit', 'Spanish', `--name=${name}`])).toMatchObject(problem)
  expect(await sql`select name from decks`).toEqual([{ name: 'Spanish' }])
})

test('a name of 100 characters fits, also beyond the basic plane', async () => {
  const name = '🦊'.repeat(100)
  await did(['deck', 'create', name])
  expect(await sql`select name from decks`).toEqual([{ name }])
})

test('deck list shows what there is to do, by name', async () => {
  const { cards } = await makeDeck('spanish', { perro: 'dog', gato: 'cat', vaca: 'cow' })
  await makeDeck('Biology')
  await makeSchedule(cards[0]?.card_id ?? '', minutes(-1))
  await makeSchedule(cards[1]?.card_id ?? '', minutes(1))
  await did('deck edit Biology --description "Cells and what is in them"')

  expect(await rote('deck list', { tty: true })).toMatchObject({
    code: 0,
    stdout: `${[
      'NAME     CARDS  DUE  NEW  DESCRIPTION',
      'Biology      0    0    0  Cells and what is in them',
      'spanish      3    1    1',
    ].join('\n')}\n`,
    stderr: '',
  })
  const json = await rote('deck list --json')
  const decks = json.json<Record<string, unknown>[]>()
  expect(decks.map((deck) => Object.keys(deck))).toEqual([DECK_COLUMNS, DECK_COLUMNS])
  expect(decks[1]).toMatchObject({ name: 'spanish', cards: 3, due: 1, new: 1, owner: 'ada' })

  const rows = await sql`select deck_id, created_at, updated_at from decks order by lower(name)`
  const [biology, spanish] = rows.map(({ deck_id, created_at, updated_at }) => ({
    deck_id,
    times: `${created_at.toISOString()}\t${updated_at.toISOString()}\t`,
  }))
  expect((await rote('deck list')).stdout).toBe(
    `${biology?.deck_id}\tBiology\t0\t0\t0\tCells and what is in them\tada\tfalse\t${biology?.times}\n` +
      `${spanish?.deck_id}\tspanish\t3\t1\t1\t\tada\tfalse\t${spanish?.times}\n`,
  )
  expect((await rote('deck ls -q')).stdout).toBe(`${biology?.deck_id}\n${spanish?.deck_id}\n`)
})

test('an empty list is no error, and teaches', async () => {
  const lesson = 'No decks yet. Make one with: rote deck create <name>\n'
  expect(await rote('deck list', { tty: true })).toMatchObject({ code: 0, stdout: '', stderr: lesson })
  expect(await rote('deck list')).toMatchObject({ code: 0, stdout: '', stderr: '' })
  expect(await rote('deck list --json')).toMatchObject({ code: 0, stdout: '[]\n', stderr: '' })
  expect(await rote('deck list -q')).toMatchObject({ code: 0, stdout: '', stderr: '' })
  expect(await rote('deck list --shared', { tty: true })).toMatchObject({
    code: 0,
    stdout: '',
    stderr: 'Nobody shares a deck with you.\n',
  })
})

test('tsv escapes what would break a line, and cuts nothing', async () => {
  await makeDeck('Long')
  const description = `tab\tnewline\nreturn\rbackslash\\ ${'x'.repeat(300)}`
  await did(['deck', 'edit', 'Long', '--description', description])
  const [, , , , , written] = (await did('deck list')).split('\t')
  expect(written).toBe(`tab\\tnewline\\nreturn\\rbackslash\\\\ ${'x'.repeat(300)}`)
})

test('a table keeps to the window, and lets no control character through', async () => {
  await makeDeck('日本語')
  await did(['deck', 'edit', '日本語', '--description', `\x1b[31mred\x07 ${'long '.repeat(40)}`])
  const { stdout } = await rote('deck list', { tty: true, columns: 40 })
  expect(stdout).toBe('NAME    CARDS  DUE  NEW  DESCRIPTION\n日本語      0    0    0  ␛[31mred␇ long…\n')
})

test('pages of a list', async () => {
  for (const name of ['a', 'b', 'c', 'd', 'e']) await makeDeck(name)
  const names = async (line: string) => (await rote(line)).json<{ name: string }[]>().map(({ name }) => name)
  expect(await names('deck list --json --limit 2')).toEqual(['a', 'b'])
  expect(await names('deck list --json --limit 2 --page 3')).toEqual(['e'])
  expect(await names('deck list --json --limit 2 --page 4')).toEqual([])
  expect(await rote('deck list --limit 0')).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('It must be a whole number, 1 or more.'),
  })
})

test('a list in a terminal is a page, and says so; a pipe gets all', async () => {
  const user_id = await makeUser()
  await sql`insert into decks (user_id, name) select ${user_id}, 'Deck ' || i from generate_series(1, 1100) as i`
  const shown = await rote('deck list', { tty: true })
  expect(shown.stdout.split('\n')).toHaveLength(1 + 50 + 1)
  expect(shown.stderr).toBe('Only 50 are shown. More: --page 2, or --limit <n>\n')
  expect(await rote('deck list --page 99', { tty: true })).toMatchObject({
    code: 0,
    stdout: '',
    stderr: 'There is no page 99.\n',
  })
  expect(await rote('deck list --page 99999999999999999999 -q')).toMatchObject({ code: 0, stdout: '' })
  const all = await sql`select deck_id from decks order by lower(name), deck_id`
  expect((await did('deck list -q')).split('\n')).toEqual(all.map(({ deck_id }) => deck_id))
})

test('deck view shows one deck', async () => {
  const { deck_id } = await makeDeck('Spanish', { perro: 'dog' })
  const [row] = await sql`select created_at, updated_at from decks`
  const [created, updated] = [row?.created_at.toISOString(), row?.updated_at.toISOString()]
  expect(await rote('deck view spanish', { tty: true })).toMatchObject({
    code: 0,
    stdout: [
      `id           ${deck_id}`,
      'name         Spanish',
      'cards        1',
      'due          0',
      'new          1',
      'description  ',
      'owner        ada',
      'shared       false',
      `created      ${created}`,
      `updated      ${updated}`,
      'permission   ',
      '',
    ].join('\n'),
    stderr: '',
  })
  expect((await rote('deck view Spanish -q')).stdout).toBe(`${deck_id}\n`)
  expect((await rote(`deck view ${deck_id.toUpperCase()}`)).stdout).toBe(
    `${deck_id}\tSpanish\t1\t0\t1\t\tada\tfalse\t${created}\t${updated}\t\n`,
  )
  expect(Object.keys((await rote('deck view Spanish --json')).json())).toEqual(DECK_COLUMNS)
})

test('names that differ in case only are told apart, and else case does not matter', async () => {
  const { deck_id: small } = await makeDeck('go')
  const { deck_id: large } = await makeDeck('Go')
  expect(await did('deck view go -q')).toBe(small)
  expect(await did('deck view Go -q')).toBe(large)
  for (const line of ['view GO', 'edit GO --description x', 'delete GO --yes', 'export GO'])
    expect(await rote(`deck ${line}`)).toMatchObject({
      code: 4,
      stdout: '',
      stderr: 'Several decks are called "GO".\nWrite it as it is written: "go", "Go"\n',
    })
  expect(await rote('card add GO -Q a -A b')).toMatchObject({ code: 4 })
  expect(await rote('deck import - --deck GO', { input: 'uno,one\n' })).toMatchObject({ code: 4 })
  expect(await did('deck view ada/Go -q')).toBe(large)
  expect(await did('deck delete Go --yes')).toBe(large)
  expect(await did('deck view GO -q')).toBe(small)
})

test.each([
  ['Spansh', 'Did you mean "Spanish"?'],
  ['Zoology', 'See what there is: rote deck list'],
  ['00000000-0000-4000-8000-000000000000', 'See what there is: rote deck list'],
  ['nobody/Spanish', 'See what there is: rote deck list'],
])('no such deck: %s', async (name, hint) => {
  await makeDeck('Spanish')
  for (const line of ['view', 'edit --description x', 'delete --yes', 'export']) {
    const [verb = '', ...flags] = line.split(' ')
    expect(await rote(['deck', verb, name, ...flags])).toMatchObject({
      code: 3,
      stdout: '',
      stderr: `No deck "${name}".\n${hint}\n`,
    })
  }
})

test('no such deck, in JSON: one object on stderr, and nothing on stdout', async () => {
  const { code, stdout, stderr } = await rote('deck view Spanish --json')
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
  expect(stderr.endsWith('}\n')).toBe(true)
  expect(JSON.parse(stderr)).toEqual({
    error: {
      kind: 'not_found',
      message: 'No deck "Spanish".',
      hint: 'No decks yet. Make one with: rote deck create <name>',
    },
  })
})

test('deck edit changes what is named and nothing else', async () => {
  const { deck_id } = await makeDeck('Spansh', { perro: 'dog' })
  expect(await rote('deck edit spansh --name Spanish', { tty: true })).toMatchObject({
    code: 0,
    stdout: 'Changed the deck "Spanish".\n',
    stderr: '',
  })
  expect(await rote('deck edit Spanish --description Words')).toMatchObject({
    code: 0,
    stdout: `${deck_id}\n`,
  })
  const edited = (await rote(['deck', 'edit', 'Spanish', '--description', '', '--json'])).json()
  expect(edited).toMatchObject({ deck_id, name: 'Spanish', description: null, cards: 1 })
  expect(await sql`select name, description from decks`).toEqual([{ name: 'Spanish', description: null }])
})

test('deck edit with nothing to change, and with a name that is taken', async () => {
  await makeDeck('Spanish')
  await makeDeck('French')
  expect(await rote('deck edit Spanish')).toMatchObject({
    code: 2,
    stdout: '',
    stderr: 'There is nothing to change.\nSay what: --name <name> or --description <text>\n',
  })
  expect(await rote('deck edit French --name Spanish')).toMatchObject({
    code: 4,
    stdout: '',
    stderr: 'You already have a deck "Spanish".\nChoose another name.\n',
  })
  expect(await rote('deck edit French --name French')).toMatchObject({ code: 0 })
})

test('deck delete moves to the trash and says how much goes', async () => {
  const { deck_id } = await makeDeck('Spanish', { perro: 'dog' })
  expect(await rote('deck delete Spanish')).toMatchObject({
    code: 2,
    stdout: '',
    stderr:
      'There is no terminal to ask in: Move the deck "Spanish" and its 1 card to the trash?\nAdd --yes to go ahead.\n',
  })
  expect(await sql`select deleted_at from decks`).toEqual([{ deleted_at: null }])

  expect(await rote('deck delete Spanish --yes', { tty: true })).toMatchObject({
    code: 0,
    stdout: 'Moved the deck "Spanish" and its 1 card to the trash.\n',
    stderr: '',
  })
  expect(await sql`select deck_id, deleted_at is not null as gone from decks`).toEqual([
    { deck_id, gone: true },
  ])
  expect(await rote('deck list --json')).toMatchObject({ stdout: '[]\n' })
  expect(await rote('deck view Spanish')).toMatchObject({ code: 3 })
  expect(await rote('card list --json')).toMatchObject({ stdout: '[]\n' })
})

test.each([
  ['y\r', 'Moved the deck "Spanish" and its 2 cards to the trash.\n', '', 1],
  ['\r', '', 'Nothing was changed.\n', 0],
])('deck delete asks a person, who types %j', async (reply, stdout, stderr, gone) => {
  await makeDeck('Spanish', { perro: 'dog', gato: 'cat' })
  const asked = await rote('deck rm Spanish', { tty: true, replies: { 'trash?': reply } })
  expect(asked).toMatchObject({ code: 0, stderr })
  expect(asked.stdout).toContain('Move the deck "Spanish" and its 2 cards to the trash?')
  expect(asked.stdout.endsWith(stdout)).toBe(true)
  expect(await sql`select count(deleted_at)::int as gone from decks`).toEqual([{ gone }])
})

test('a change that is called off is null in JSON', async () => {
  await makeDeck('Spanish', { perro: 'dog' })
  const asked = await rote('deck rm Spanish --json', { tty: true, replies: { 'trash?': 'n\r' } })
  expect(asked).toMatchObject({ code: 0, stderr: '' })
  expect(asked.stdout.endsWith('null\n')).toBe(true)
  expect(await sql`select deleted_at from decks`).toEqual([{ deleted_at: null }])
})

test('a deck of somebody else is seen when it is shared, and changed only by its owner', async () => {
  await makeUser()
  const { deck_id } = await makeDeck('Botany', { rose: 'Rosa' }, 'bert')
  expect(await rote('deck view bert/Botany --user ada')).toMatchObject({ code: 3 })

  await share(deck_id, 'ada', 'view')
  const seen = (await rote('deck list --shared --json --user ada')).json<Record<string, unknown>[]>()
  expect(seen).toMatchObject([{ deck_id, name: 'Botany', owner: 'bert', is_shared: true, cards: 1, new: 1 }])
  expect((await rote('deck list --user ada', { tty: true })).stdout).toContain('bert/Botany')
  expect(await rote('deck view bert/botany --user ada')).toMatchObject({ code: 0 })
  expect(await rote('card add bert/Botany -Q a -A b --user ada')).toMatchObject({
    code: 6,
    stdout: '',
    stderr: 'You may see and study "bert/Botany", but not change its cards.\n',
  })
  for (const line of ['edit bert/Botany --name Mine', 'delete bert/Botany --yes'])
    expect(await rote(`deck ${line} --user ada`)).toMatchObject({
      code: 6,
      stdout: '',
      stderr: 'Only its owner may do that to "bert/Botany".\n',
    })

  await sql`update deck_shares set permission = 'edit'`
  expect(await rote('card add bert/Botany -Q lily -A Lilium --user ada')).toMatchObject({ code: 0 })
  expect(await rote('deck edit bert/Botany --name Mine --user ada')).toMatchObject({ code: 6 })
  expect(await sql`select name from decks`).toEqual([{ name: 'Botany' }])
})
