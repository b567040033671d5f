import { expect, test } from 'vitest'
import { makeDeck, makeSchedule, makeUser, minutes, share } from '../support/builders.ts'
import { sql, useDatabase } from '../support/database.ts'
import { did, rote } from '../support/rote.ts'

useDatabase()

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\n$/
const CARD_COLUMNS = [
  'card_id',
  'deck_id',
  'question',
  'answer',
  'difficulty_level',
  'confidence_status',
  'tags',
  'accepted_answers',
  'external_id',
  'position',
  'note_id',
  'reversible',
  'import_id',
  'job_id',
  'source_page',
  'source_quote',
  'created_at',
  'updated_at',
  'deck',
  'due',
  'suspended_at',
]

/** A card with an id that a test can know. */
async function makeCard(card_id: string, deck_id: string, question: string, answer = 'a'): Promise<void> {
  await sql`insert into cards (card_id, deck_id, question, answer) values (${card_id}, ${deck_id}, ${question}, ${answer})`
}

test('card add writes a row and answers with its id', async () => {
  const { deck_id } = await makeDeck('Spanish')
  const added = await rote(
    'card add Spanish -Q "perro" -A "dog" --tag animals --tag pets --tag animals --difficulty easy --accept hound',
  )
  expect(added).toMatchObject({ code: 0, stdout: expect.stringMatching(ID), stderr: '' })
  expect(
    await sql`select card_id, deck_id, question, answer, tags, difficulty_level, accepted_answers, external_id from cards`,
  ).toEqual([
    {
      card_id: added.stdout.trimEnd(),
      deck_id,
      question: 'perro',
      answer: 'dog',
      tags: ['animals', 'pets'],
      difficulty_level: 'easy',
      accepted_answers: ['hound'],
      external_id: null,
    },
  ])
})

test('card add to a person, and in JSON', async () => {
  await makeDeck('Spanish')
  expect(await rote('card add spanish -Q perro -A dog', { tty: true })).toMatchObject({
    code: 0,
    stdout: 'Added "perro" to "Spanish".\n',
    stderr: '',
  })
  const card = (await rote('card add Spanish -Q gato -A cat --json')).json()
  expect(Object.keys(card)).toEqual(CARD_COLUMNS)
  expect(card).toMatchObject({ question: 'gato', answer: 'cat', tags: [], deck: 'Spanish', due: null })
})

test('white space around the name of a deck is not part of it', async () => {
  await did(['card', 'add', ' Sp ', '-Q', 'perro', '-A', 'dog'])
  await did(['card', 'add', 'Sp ', '-Q', 'gato', '-A', 'cat'])
  expect(await sql`select name, (select count(*)::int from cards) as cards from decks`).toEqual([
    { name: 'Sp', cards: 2 },
  ])
  expect(await did(['deck', 'view', ' sp', '--json'])).toContain('"name": "Sp"')
})

test('card add - in a terminal says how it is meant', async () => {
  await makeDeck('Spanish')
  expect(await rote('card add Spanish -', { tty: true })).toMatchObject({
    code: 2,
    stdout: '',
    stderr: 'Nothing is piped into standard input.\nPipe cards in: … | rote card add <deck> -\n',
  })
})

test('the very first card makes its deck; later a wrong name is only wrong', async () => {
  await did('card add Spanish -Q perro -A dog')
  expect(await sql`select name from decks`).toEqual([{ name: 'Spanish' }])
  expect(await rote('card add Spansh -Q gato -A cat')).toMatchObject({
    code: 3,
    stdout: '',
    stderr: 'No deck "Spansh".\nDid you mean "Spanish"?\n',
  })
  expect(await sql`select question from cards`).toEqual([{ question: 'perro' }])
})

const BAD_CARDS: [what: string, flags: string[], complaint: string][] = [
  ['empty question', ['-Q', '', '-A', 'a'], 'The question is empty.\n'],
  ['blank answer', ['-Q', 'q', '-A', ' \n'], 'The answer is empty.\n'],
  [
    'NUL',
    ['-Q', 'a\0b', '-A', 'a'],
    'The question contains a NUL character, which PostgreSQL cannot store.\n',
  ],
  [
    'half a character',
    ['-Q', '\ud83e', '-A', 'a'],
    'The question contains half of a character (a lone surrogate).\n',
  ],
  ['a book', ['-Q', 'q', '-A', 'x'.repeat(100_001)], 'The answer is longer than 100,000 characters.\n'],
  ['no answer', ['-Q', 'q'], 'The answer is missing.\nGive both: -Q <question> -A <answer>\n'],
  ['no question', ['-A', 'a'], 'The question is missing.\nGive both: -Q <question> -A <answer>\n'],
  [
    'a word too many',
    ['perro', '-A', 'a'],
    '"perro" is one word too many.\nA card is given by: -Q <question> -A <answer>\n',
  ],
  [
    'unknown difficulty',
    ['-Q', 'q', '-A', 'a', '--difficulty', 'brutal'],
    "Option '--difficulty <level>' argument 'brutal' is invalid. It must be easy, medium or hard.\nSee: rote --help\n",
  ],
]

test.each(BAD_CARDS)('card add refuses: %s', async (_, flags, stderr) => {
  await makeDeck('Spanish')
  expect(await rote(['card', 'add', 'Spanish', ...flags])).toMatchObject({ code: 2, stdout: '', stderr })
  expect(await sql`select from cards`).toHaveLength(0)
})

test('the same question twice in a deck is a conflict, in another deck or behind the trash it is not', async () => {
  const { cards } = await makeDeck('Spanish', { perro: 'dog' })
  const id = cards[0]?.card_id ?? ''
  await makeDeck('Italian')
  expect(await rote('card add Spanish -Q perro -A hound')).toMatchObject({
    code: 4,
    stdout: '',
    stderr: `"Spanish" already has this question.\nChange its card: rote card edit ${id.slice(0, 8)}\n`,
  })
  expect(await rote('card add Italian -Q perro -A hound')).toMatchObject({ code: 0 })
  await did(`card delete ${id}`)
  expect(await rote('card add Spanish -Q perro -A hound')).toMatchObject({ code: 0 })
})

test('JSON lines on stdin become cards, in their order', async () => {
  await makeDeck('Spanish')
  const input =
    '{"question":"perro","answer":"dog","tags":["animals"]}\n\n{"front":"gato","back":"cat","difficulty":"hard"}\n'
  const added = await rote('card add Spanish -', { input })
  const rows = await sql`select card_id from cards order by position`
  expect(added).toMatchObject({
    code: 0,
    stdout: rows.map(({ card_id }) => `${card_id}\n`).join(''),
    stderr: '',
  })
  expect(await sql`select question, tags, difficulty_level from cards order by position`).toEqual([
    { question: 'perro', tags: ['animals'], difficulty_level: null },
    { question: 'gato', tags: [], difficulty_level: 'hard' },
  ])
  const vaca = '{"question":"vaca","answer":"cow"}\n'
  expect(await rote('card add Spanish -', { input: vaca, tty: 'out' })).toMatchObject({
    code: 0,
    stdout: 'Added 1 card to "Spanish".\n',
    stderr: '',
  })
  const pez = '{"question":"pez","answer":"fish"}\n'
  expect((await rote('card add Spanish - --json', { input: pez })).json<unknown[]>()).toMatchObject([
    { question: 'pez', deck: 'Spanish' },
  ])
})

test.each([
  [
    'bad lines',
    '{"question":"perro","answer":"dog"}\nnonsense\n[]\n{"question":"gato"}\n{"question":" ","answer":"x"}\n',
    1,
    '-:2: a card must be a JSON object\n-:3: a card must be a JSON object\n-:4: "answer" is missing\n-:5: the question is empty\n4 of 5 records cannot be read; nothing was imported.\n',
  ],
  [
    'a question that is there',
    '{"question":"uno","answer":"1"}\n{"question":"vaca","answer":"cow"}\n',
    4,
    '-:2: this card is in the deck already\n1 card is in the deck already; nothing was imported.\nTo leave or update such cards: rote deck import --on-duplicate skip|update|keep\n',
  ],
  [
    'a question twice',
    '{"question":"uno","answer":"1"}\n{"question":"uno","answer":"one"}\n',
    4,
    '-:2: the same card as in line 1\n1 of 2 cards is repeated; nothing was imported.\n',
  ],
  ['nothing', '', 1, '- has no cards in it.\n'],
])('JSON lines with %s add nothing at all', async (_, input, code, stderr) => {
  await makeDeck('Spanish', { vaca: 'cow' })
  expect(await rote('card add Spanish -', { input })).toMatchObject({ code, stdout: '', stderr })
  expect(await sql`select question from cards`).toEqual([{ question: 'vaca' }])
})

test('card list shows a deck in its order, or all', async () => {
  const { deck_id, cards } = await makeDeck('Spanish', { perro: 'dog', gato: 'cat' })
  await makeDeck('Numbers', { one: '1' })
  await sql`update cards set tags = '{animals,pets}' where question = 'perro'`
  const [perro, gato] = cards.map(({ card_id }) => card_id)
  expect(await rote('card list Spanish', { tty: true })).toMatchObject({
    code: 0,
    stdout: [
      'ID        QUESTION  ANSWER  TAGS',
      `${perro?.slice(0, 8)}  perro     dog     animals pets`,
      `${gato?.slice(0, 8)}  gato      cat`,
      '',
    ].join('\n'),
    stderr: '',
  })
  expect((await rote('card ls', { tty: true })).stdout).toContain(
    'ID        QUESTION  ANSWER  DECK     TAGS\n',
  )
  expect((await rote('card list Spanish -q')).stdout).toBe(`${perro}\n${gato}\n`)
  const json = (await rote('card list Spanish --json')).json<Record<string, unknown>[]>()
  expect(json.map((card) => Object.keys(card))).toEqual([CARD_COLUMNS, CARD_COLUMNS])
  expect(json[0]).toMatchObject({ card_id: perro, deck_id, question: 'perro', tags: ['animals', 'pets'] })
  expect((await rote('card list --json')).json<unknown[]>()).toHaveLength(3)
  expect((await rote('card list --tag pets -q')).stdout).toBe(`${perro}\n`)

  const [row] = await sql`select created_at, updated_at from cards where question = 'gato'`
  const times = `${row?.created_at.toISOString()}\t${row?.updated_at.toISOString()}`
  expect((await rote('card list Spanish')).stdout.split('\n')[1]).toBe(
    `${gato}\tgato\tcat\tSpanish\t\t\t\t\t\t\t${times}\t\tfalse\t`,
  )
})

/** A deck with so many cards, n1 and on. */
async function makeNumbers(count: number, name = 'Numbers'): Promise<void> {
  const { deck_id } = await makeDeck(name)
  await sql`insert into cards (deck_id, question, answer) select ${deck_id}, 'n' || i, 'a' from generate_series(1, ${count}) as i`
}

test.each([
  ['card list Numbers', 60],
  ['card list', 60],
  ['card search n', 60],
])('%s in a terminal is a page, and says so; a pipe gets all', async (line, count) => {
  await makeNumbers(count)
  const shown = await rote(line, { tty: true })
  expect(shown.stdout.split('\n')).toHaveLength(1 + 50 + 1)
  expect(shown.stderr).toBe('Only 50 are shown. More: --page 2, or --limit <n>\n')
  const second = await rote(`${line} --page 2`, { tty: true })
  expect(second.stdout.split('\n')).toHaveLength(1 + 10 + 1)
  expect(second.stderr).toBe('')
  expect(await rote(`${line} --page 9`, { tty: true })).toMatchObject({
    code: 0,
    stdout: '',
    stderr: 'There is no page 9.\n',
  })
  expect((await did(`${line} -q`)).split('\n')).toHaveLength(60)
})

test('a page that is everything does not promise more', async () => {
  await makeNumbers(50)
  for (const line of ['card list Numbers', 'card search n', 'card list --limit 50', 'card list --limit 51']) {
    const { stdout, stderr } = await rote(line, { tty: true })
    expect([stdout.split('\n').length, stderr], line).toEqual([1 + 50 + 1, ''])
  }
  expect((await rote('card list --limit 49', { tty: true })).stderr).toBe(
    'Only 49 are shown. More: --page 2, or --limit <n>\n',
  )
  expect(await rote('card list --limit 49 --json')).toMatchObject({ stderr: '' })
})

test('more cards than are fetched at once come each once, deck by deck in their order', async () => {
  for (const [name, count] of Object.entries({ One: 1500, Two: 1, Three: 2000, Four: 700 }))
    await makeNumbers(count, name)
  // cards in the same place are told apart
  await sql`update cards set position = position / 3`
  const all = async (deck?: string) =>
    (
      await sql`select card_id from cards join decks using (deck_id) where name = ${deck ?? null} or ${!deck}
        order by deck_id, position, card_id`
    ).map(({ card_id }) => card_id)
  expect((await did('card list -q')).split('\n')).toEqual(await all())
  expect((await did('card search a -q')).split('\n')).toEqual(await all())
  expect((await did('card list Three -q')).split('\n')).toEqual(await all('Three'))
  expect((await did('card list -q --limit 1200 --page 3')).split('\n')).toEqual(
    (await all()).slice(2400, 3600),
  )
})

test('a list of all cards keeps to a window of 40 columns', async () => {
  const { deck_id } = await makeDeck('A long name')
  await makeCard('3f9a0000-0000-4000-8000-000000000001', deck_id, 'a long question', 'a long answer')
  await sql`update cards set tags = '{animals,pets}'`
  expect((await rote('card list', { tty: true, columns: 40 })).stdout).toBe(
    'ID        QUEST…  ANSWER  DECK    TAGS\n3f9a0000  a lon…  a lon…  A lon…  anima…\n',
  )
})

test('an empty deck, and no cards at all', async () => {
  await makeDeck('Spanish')
  expect(await rote('card list Spanish', { tty: true })).toMatchObject({
    code: 0,
    stdout: '',
    stderr: 'No cards here yet. Add one with: rote card add "Spanish"\n',
  })
  expect(await rote('card list --json')).toMatchObject({ code: 0, stdout: '[]\n', stderr: '' })
})

test('card view shows all of a card, by any beginning of its id', async () => {
  const { deck_id } = await makeDeck('Spanish')
  const id = '3f9a0000-0000-4000-8000-000000000001'
  await makeCard(id, deck_id, 'perro\nel', 'dog')
  await sql`update cards set tags = '{animals}', accepted_answers = '{hound}', external_id = 'k1', confidence_status = 'almost'`
  await makeSchedule(id, minutes(30))
  const [row] = await sql`select created_at, updated_at from cards`
  const sheet = [
    `id          ${id}`,
    'question    perro',
    '            el',
    'answer      dog',
    'deck        Spanish',
    'tags        animals',
    'difficulty  ',
    'confidence  almost',
    'due         2026-03-02T10:30:00.000Z',
    'accepts     hound',
    'key         k1',
    `created     ${row?.created_at.toISOString()}`,
    `updated     ${row?.updated_at.toISOString()}`,
    'suspended   ',
    'reversible  false',
    'note        ',
    'images      ',
    '',
  ].join('\n')
  for (const reference of ['3f9a', '3F9A0', '3f9a0000-0000', id]) {
    expect(await rote(`card view ${reference}`, { tty: true })).toMatchObject({
      code: 0,
      stdout: sheet,
      stderr: '',
    })
  }
  const json = (await rote('card view 3f9a --json')).json()
  expect(Object.keys(json)).toEqual([...CARD_COLUMNS, 'images'])
  expect(json).toMatchObject({ card_id: id, due: '2026-03-02T10:30:00.000Z', external_id: 'k1' })
  expect((await rote('card view 3f9a -q')).stdout).toBe(`${id}\n`)
  expect((await did('card view 3f9a')).split('\t').slice(0, 4)).toEqual([id, 'perro\\nel', 'dog', 'Spanish'])
})

const NO_CARD = 'Look for it: rote card search <text>\n'

test.each([
  ['3f9', 2, '"3f9" is too short: a card is named by at least 4 characters of its id.\n'],
  ['', 2, '"" is too short: a card is named by at least 4 characters of its id.\n'],
  ['dead', 3, `No card "dead".\n${NO_CARD}`],
  ['perro', 3, `No card "perro".\n${NO_CARD}`],
  ['3f9a00000000000000000000000000000', 3, `No card "3f9a00000000000000000000000000000".\n${NO_CARD}`],
  ['3f9a', 4, 'Several cards begin with "3f9a".\nWrite more of it: 3f9a1000, 3f9a2000, 3f9a3000, …\n'],
])('no card is called "%s"', async (reference, code, stderr) => {
  const { deck_id } = await makeDeck('Spanish')
  for (const n of [1, 2, 3, 4]) await makeCard(`3f9a${n}000-0000-4000-8000-000000000000`, deck_id, `q${n}`)
  for (const [verb = '', ...rest] of [['view'], ['edit', '-A', 'x'], ['delete'], ['move', 'Spanish']]) {
    const words = verb === 'move' ? [verb, reference, ...rest] : [verb, ...rest, '--', reference]
    expect(await rote(['card', ...words])).toMatchObject({ code, stdout: '', stderr })
  }
  expect(await sql`select from cards where deleted_at is null and answer = 'a'`).toHaveLength(4)
})

test('card edit changes what is named; history and schedule stay', async () => {
  const { cards } = await makeDeck('Spanish', { perro: 'dgo' })
  const id = cards[0]?.card_id ?? ''
  await makeSchedule(id, minutes(30))
  const schedule = await sql`select * from card_schedules`
  expect(await rote(`card edit ${id} -A dog --tag animals --difficulty hard`, { tty: true })).toMatchObject({
    code: 0,
    stdout: 'Changed "perro".\n',
    stderr: '',
  })
  expect(await sql`select question, answer, tags, difficulty_level from cards`).toEqual([
    { question: 'perro', answer: 'dog', tags: ['animals'], difficulty_level: 'hard' },
  ])
  expect(await rote(`card edit ${id} --no-tags --difficulty none -q`)).toMatchObject({
    code: 0,
    stdout: `${id}\n`,
  })
  expect((await rote(`card edit ${id} -Q "el perro" --json`)).json()).toMatchObject({
    card_id: id,
    question: 'el perro',
    answer: 'dog',
    tags: [],
    difficulty_level: null,
  })
  expect(await sql`select * from card_schedules`).toEqual(schedule)
})

test('card edit refuses an empty side, a question that is there, and nothing to do', async () => {
  const { cards } = await makeDeck('Spanish', { perro: 'dog', gato: 'cat' })
  const [perro, gato] = cards.map(({ card_id }) => card_id)
  expect(await rote(['card', 'edit', perro ?? '', '-Q', ' '])).toMatchObject({
    code: 2,
    stdout: '',
    stderr: 'The question is empty.\n',
  })
  expect(await rote(`card edit ${perro} -Q gato`)).toMatchObject({
    code: 4,
    stdout: '',
    stderr: `"Spanish" already has this question.\nSee: rote card view ${gato?.slice(0, 8)}\n`,
  })
  expect(await rote(`card edit ${perro}`)).toMatchObject({
    code: 2,
    stdout: '',
    stderr: 'There is nothing to change.\nSay what: rote card edit --help\n',
  })
  expect(await rote(`card edit ${perro} -Q perro`)).toMatchObject({ code: 0 })
  expect(await sql`select question from cards order by position`).toEqual([
    { question: 'perro' },
    { question: 'gato' },
  ])
})

test('card delete moves cards to the trash, all or none', async () => {
  const { cards } = await makeDeck('Spanish', { perro: 'dog', gato: 'cat', vaca: 'cow' })
  const [perro, gato, vaca] = cards.map(({ card_id }) => card_id)
  expect(await rote(`card delete ${perro} dead`)).toMatchObject({ code: 3, stdout: '' })
  expect(await sql`select from cards where deleted_at is null`).toHaveLength(3)

  expect(await rote(`card rm ${perro}`, { tty: true })).toMatchObject({
    code: 0,
    stdout: 'Moved "perro" to the trash.\n',
    stderr: '',
  })
  const both = await rote(`card delete ${gato} ${vaca} -q`)
  expect(both.stdout.trimEnd().split('\n').sort()).toEqual([gato, vaca].sort())
  expect(await sql`select from cards where deleted_at is not null`).toHaveLength(3)
  await sql`update cards set deleted_at = null`
  expect((await rote(`card delete ${gato}`)).stdout).toBe(`${gato}\n`)
  expect((await rote(`card delete ${vaca} --json`)).json<unknown[]>()).toMatchObject([
    { card_id: vaca, question: 'vaca' },
  ])
  await sql`update cards set deleted_at = now()`
  expect(await rote(`card view ${perro}`)).toMatchObject({ code: 3 })
})

test('card move takes a card to the end of another deck', async () => {
  const { cards } = await makeDeck('Spanish', { perro: 'dog', gato: 'cat' })
  const { deck_id } = await makeDeck('Animals', { vaca: 'cow', gato: 'the cat' })
  const [perro, gato] = cards.map(({ card_id }) => card_id)
  await makeSchedule(perro ?? '', minutes(5))
  expect(await rote(`card move ${perro} animals`, { tty: true })).toMatchObject({
    code: 0,
    stdout: 'Moved "perro" to "Animals".\n',
    stderr: '',
  })
  const order = await sql`select question from cards where deck_id = ${deck_id} order by position`
  expect(order.map(({ question }) => question)).toEqual(['vaca', 'gato', 'perro'])
  expect(await sql`select card_id from card_schedules`).toEqual([{ card_id: perro }])

  expect(await rote(`card move ${gato} Animals`)).toMatchObject({
    code: 4,
    stdout: '',
    stderr: expect.stringMatching(
      /^"Animals" already has this question\.\nSee: rote card view [0-9a-f]{8}\n$/,
    ),
  })
  expect(await rote(`card move ${gato} Plants`)).toMatchObject({ code: 3, stdout: '' })
})

test('a key of a file goes with its card unless the new deck has it', async () => {
  const { cards } = await makeDeck('One', { a: '1', b: '2' })
  await makeDeck('Two', { c: '3' })
  await sql`update cards set external_id = 'k' where question in ('a', 'c')`
  await sql`update cards set external_id = 'l' where question = 'b'`
  for (const { card_id } of cards) await did(`card move ${card_id} Two`)
  expect(await sql`select question, external_id from cards order by question`).toEqual([
    { question: 'a', external_id: null },
    { question: 'b', external_id: 'l' },
    { question: 'c', external_id: 'k' },
  ])
})

test('card search looks on both sides, and takes % and _ for themselves', async () => {
  const { cards } = await makeDeck('Spanish', {
    perro: 'dog',
    'El PERRO': 'the dog',
    '100%': 'all',
    a_b: 'c',
  })
  const ids = (...indices: number[]) => indices.map((i) => `${cards[i]?.card_id}\n`).join('')
  expect((await rote('card search perro -q')).stdout).toBe(ids(0, 1))
  expect((await rote('card search DOG -q')).stdout).toBe(ids(0, 1))
  expect((await rote('card search % -q')).stdout).toBe(ids(2))
  expect((await rote('card search _ -q')).stdout).toBe(ids(3))
  expect((await rote(['card', 'search', '\\', '-q'])).stdout).toBe('')
  expect(await rote('card search zebra', { tty: true })).toMatchObject({
    code: 0,
    stdout: '',
    stderr: 'No card says "zebra".\n',
  })
})

test('cards of a deck that is only to be looked at stay as they are', async () => {
  await makeUser()
  const { deck_id, cards } = await makeDeck('Botany', { rose: 'Rosa' }, 'bert')
  const id = cards[0]?.card_id ?? ''
  expect(await rote(`card view ${id} --user ada`)).toMatchObject({ code: 3 })
  await share(deck_id, 'ada', 'view')
  expect(await rote(`card view ${id} --user ada`)).toMatchObject({ code: 0 })
  for (const line of [`edit ${id} -A x`, `delete ${id}`, `move ${id} bert/Botany`]) {
    expect(await rote(`card ${line} --user ada`)).toMatchObject({
      code: 6,
      stdout: '',
      stderr: 'You may see and study "bert/Botany", but not change its cards.\n',
    })
  }
})

test('card text never reaches a terminal as a command, and a script gets it as it is', async () => {
  await makeDeck('Traps')
  const question = '\x1b]0;owned\x07\x1b[2Jq\u202e'
  await did(['card', 'add', 'Traps', '-Q', question, '-A', 'two\r\nlines\x9b31m'])
  const [row] = await sql`select card_id from cards`
  const id: string = row?.card_id
  const table = (await rote('card list Traps', { tty: true })).stdout
  expect(table).toBe(
    `ID        QUESTION         ANSWER           TAGS\n${id.slice(0, 8)}  ␛]0;owned␇␛[2Jq  two ⏎ lines�31m\n`,
  )
  const sheet = (await rote(`card view ${id}`, { tty: true })).stdout
  expect(sheet).toContain('question    ␛]0;owned␇␛[2Jq\nanswer      two\n            lines�31m\n')
  const json = await rote(`card view ${id} --json`)
  expect(json.stdout).toContain('\\u009b31m')
  expect(json.json()).toMatchObject({ question, answer: 'two\r\nlines\x9b31m' })
})
