import { beforeEach, describe, expect, test } from 'vitest'
import { makeDeck, makeJob, makeUser, minutes } from '../support/builders.ts'
import { sql, useDatabase } from '../support/database.ts'
import { did, rote } from '../support/rote.ts'

useDatabase()

let deck_id: string
let rose: string
let fern: string

/** Ada has a deck; bert and carl are there too. */
beforeEach(async () => {
  const made = await makeDeck('Botany', { rose: 'Rosa', fern: 'Filix' })
  deck_id = made.deck_id
  ;[rose = '', fern = ''] = made.cards.map(({ card_id }) => card_id)
  await makeUser('bert')
  await makeUser('carl')
})

const ada = (line: string, options = {}) => rote(`${line} --user ada`, options)
const bert = (line: string, options = {}) => rote(`${line} --user bert`, options)
const names = async (line: string) =>
  (await did(`${line} --user bert`)).split('\n').map((row) => row.split('\t')[1])

test('sharing answers in four ways, and says what somebody may do from now on', async () => {
  const added = await ada('share add botany BERT --json')
  expect(added.json()).toMatchObject({
    deck_id,
    deck: 'Botany',
    owner: 'ada',
    shared_with: 'bert',
    permission: 'view',
  })
  const [row] =
    await sql`select share_id, deck_shares.created_at, is_shared from deck_shares join decks using (deck_id)`
  expect(row).toMatchObject({ is_shared: true })
  const say = async (line: string) => (await ada(line, { tty: true })).stdout
  expect(await say('share add Botany bert')).toBe('bert may see and study "Botany" already.\n')
  expect(await say('share add Botany bert --permission edit')).toBe(
    'bert may study and change the cards of "Botany" from now on.\n',
  )
  expect(await say('share add Botany carl')).toBe('carl may see and study "Botany" now.\n')
  expect(await did('share list -q --user ada')).toHaveLength(36 * 2 + 1)
  expect((await did('share list Botany --user ada')).split('\n')[0]).toBe(
    `${row?.share_id}\tBotany\tada\tbert\tedit\t${row?.created_at.toISOString()}`,
  )
  expect(await did('share list --user bert')).toBe('')
  expect(await did('share list --with-me --user bert')).toContain('\tada/Botany\tada\tbert\tedit\t')
  expect((await bert('deck list --shared', { tty: true })).stdout).toMatch(/PERMISSION\n.*ada\/Botany.*edit/)

  expect(await say('share revoke Botany Bert')).toBe('bert does not see "Botany" any more.\n')
  expect(await did('share revoke Botany carl --user ada')).toHaveLength(36)
  expect(await sql`select is_shared from decks`).toEqual([{ is_shared: false }])
  expect((await ada('share list', { tty: true })).stderr).toBe(
    'You share no decks. Share one with: rote share add <deck> <user>\n',
  )
})

test('a page of shares goes on behind the last', async () => {
  for (const name of ['bert', 'carl']) await did(`share add Botany ${name} --user ada`)
  expect(await did('share list --limit 1 --page 2 --user ada')).toContain('\tcarl\t')
})

test.each([
  ['share add Botany ada', 2, '"Botany" is yours: there is no need to share it with yourself.\n'],
  ['share add Botany nobody', 3, 'No user "nobody".\n'],
  [
    'share add Botany bert --permission own',
    2,
    /^Option '--permission <permission>' argument 'own' is invalid/,
  ],
  ['share add Chemistry bert', 3, /^No deck "Chemistry"\./],
  [
    'share revoke Botany carl',
    3,
    '"Botany" is not shared with "carl".\nSee with whom: rote share list "Botany"\n',
  ],
  [
    'share revoke Botany nobody',
    3,
    '"Botany" is not shared with "nobody".\nSee with whom: rote share list "Botany"\n',
  ],
])('rote %s', async (line, code, stderr) => {
  const said = typeof stderr === 'string' ? stderr : expect.stringMatching(stderr)
  expect(await ada(line)).toMatchObject({ code, stdout: '', stderr: said })
  expect(await sql`select from deck_shares`).toHaveLength(0)
})

test('a name that is not quite right is found among those one shares with, and nobody else', async () => {
  expect((await ada('share add Botany bertt')).stderr).toBe('No user "bertt".\n')
  await did('share add Botany bert --user ada')
  expect((await ada('share add Botany bertt')).stderr).toBe('No user "bertt".\nDid you mean "bert"?\n')
  expect((await ada('share add Botany carll')).stderr).toBe('No user "carll".\n')
  await did('deck create Zoology --user bert')
  expect((await bert('share add Zoology adda')).stderr).toBe('No user "adda".\nDid you mean "ada"?\n')
})

test('a deck is learnt by each for themself, and what is revoked comes back when it is shared again', async () => {
  await did('share add Botany bert --user ada')
  await did('playlist create Plants ada/Botany --user bert')
  await did(`study grade ${rose} again --user ada`, { now: minutes(-10) })
  await did('study ada/Botany --user bert', { input: ' 3 2q', now: minutes(0) })
  await did(`card suspend ${fern} --user bert`)
  const schedules = () => sql`select * from card_schedules order by user_id, card_id, direction`
  const before = await schedules()
  expect(before).toHaveLength(4)
  const confidence = async (who: string) =>
    (await rote(`card list ada/Botany --json --user ${who}`))
      .json<{ confidence_status: string | null }[]>()
      .map((card) => card.confidence_status)
  expect(await confidence('ada')).toEqual(['again', null])
  expect(await confidence('bert')).toEqual(['got_it', 'almost'])
  const counted = { answers: 2, cards: 2 }
  expect((await bert('stats --json', { now: minutes(5) })).json()).toMatchObject({ today: counted })
  expect((await ada('stats --json')).json()).toMatchObject({ today: { answers: 1 } })
  const later = { now: minutes(3 * 24 * 60) }
  expect(await did('due --count --user bert', later)).toBe('1')

  await did('share revoke Botany bert --user ada')
  for (const line of [
    'deck list',
    'deck list --shared',
    'card list',
    'due',
    'playlist view Plants',
    'share list --with-me',
  ])
    expect([line, await did(`${line} --user bert`, later)]).toEqual([line, ''])
  expect(await did('due --count --user bert', later)).toBe('0')
  expect((await bert('study --cram', later)).stdout).toMatch(/^Nothing is due|^$/)
  for (const line of [
    'deck view ada/Botany',
    `card view ${rose}`,
    `study grade ${rose} got_it`,
    'study ada/Botany',
  ])
    expect([line, (await bert(line)).code]).toEqual([line, 3])
  const history = (await bert('study history --json')).json<Record<string, unknown>[]>()
  expect(history.map(({ question, deck }) => [question, deck])).toEqual([
    [null, null],
    [null, null],
  ])
  expect(new Set(history.map(({ card_id }) => card_id))).toEqual(new Set([fern, rose]))
  expect((await bert('stats --json', { now: minutes(5) })).json()).toMatchObject({ today: counted })
  expect(await schedules()).toEqual(before)

  await did('share add Botany bert --user ada')
  expect(await did('due --count --user bert', later)).toBe('1')
  expect(await names('playlist view Plants')).toEqual(['ada/Botany'])
  expect((await did('card list --suspended -q --user bert')).trim()).toBe(fern)
})

test('who may edit changes cards, imports and generates, and everybody keeps their progress', async () => {
  await did('share add Botany bert --permission edit --user ada')
  await did(`study grade ${rose} got_it --user ada`)
  await did(`study grade ${rose} almost --user bert`)
  const before = await sql`select * from card_schedules order by user_id`
  await did(`card edit ${rose} -Q Rose -A "Rosa canina" --user bert`)
  await did('deck import - --deck ada/Botany --user bert', {
    input: '{"question":"moss","answer":"Bryum"}\n',
  })
  const { job_id } = await makeJob({ deck_id, owner: 'bert' }, [{ question: 'Which one is a moss?' }])
  await did(`generate review ${job_id} --accept all --user bert`)
  await did(`card delete ${fern} --user bert`)
  expect((await did('card list Botany --user ada')).split('\n').map((row) => row.split('\t')[1])).toEqual([
    'Rose',
    'moss',
    'Which one is a moss?',
  ])
  expect(await sql`select * from card_schedules order by user_id`).toEqual(before)
  await did('deck create Mine --user bert')
  expect(await bert(`card move ${rose} Mine`)).toMatchObject({
    code: 6,
    stderr: 'Only its owner may do that to "ada/Botany".\n',
  })
})

test('a job for a deck that is not shared any more knows neither its name nor its cards', async () => {
  await did('share add Botany bert --permission edit --user ada')
  const { job_id } = await makeJob({ deck_id, owner: 'bert', status: 'processing' }, [
    { question: 'rose', answer: 'Rosa' },
  ])
  await did('share revoke Botany bert --user ada')
  await did('deck edit Botany --name Secrets --user ada')
  expect((await bert(`generate view ${job_id} --json`)).json()).toMatchObject({ deck: null, deck_id })
  // near duplicates are looked for in a job that has not ended
  expect((await bert(`generate review ${job_id} --json`)).json()).toMatchObject([
    { question: 'rose', duplicate_of: null, flags: [] },
  ])
  expect(await bert(`generate review ${job_id} --accept all`)).toMatchObject({ code: 3 })
})

test('where a card is from is shown without the folders of whoever made it', async () => {
  await did('share add Botany bert --user ada')
  const { job_id } = await makeJob({ deck_id, sections: ['Text.'] }, [])
  await sql`update cards set job_id = ${job_id}, source_page = 3`
  const source = async (who: string) =>
    (await rote(`study next ada/Botany --json --user ${who}`)).json<{ card: { source: string } }>().card
      .source
  expect(await source('ada')).toBe('/books/cells.pdf')
  expect(await source('bert')).toBe('cells.pdf')
})

describe('deck copy', () => {
  /** All of a deck's cards but what tells one row from another. */
  const contents = (deck: string) => sql`
    select question, answer, difficulty_level, tags, accepted_answers, external_id, reversible, source_page, source_quote,
      note_id is null as alone, dense_rank() over (order by note_id) as note, job_id is null and import_id is null as own,
      (select json_agg(json_build_array(image_url, side, alt, i.position) order by i.position) from card_images i
        where i.card_id = cards.card_id) as images
    from cards join decks using (deck_id)
    where decks.deck_id = ${deck} and cards.deleted_at is null order by cards.position`

  beforeEach(async () => {
    await did('card add Botany --cloze "{{c1::moss}} and {{c2::lichen}}" --tag wet --user ada')
    await did(`card edit ${rose} --accept Rose --reverse --difficulty hard --user ada`)
    await sql`update cards set external_id = 'r1', source_page = 4, source_quote = 'a rose' where card_id = ${rose}`
    await sql`
      insert into card_images (card_id, image_url, side, alt, position)
      values (${rose}, 'https://example.org/rose.png', 'answer', 'a rose', 1)`
    await did('card add Botany -Q weed -A herba --user ada')
    const weed = (await did('card search weed -q --user ada')).trim()
    await did(`card delete ${weed} --user ada`)
    await sql`update decks set description = 'Plants'`
    await did('share add Botany bert --user ada')
  })

  test('is a deck of its own, with all that its cards have and no progress', async () => {
    await did(`study grade ${rose} again --user ada`)
    await did(`study grade ${rose} got_it --user bert`)
    const { stdout, code } = await bert('deck copy ada/Botany', { tty: true })
    expect([code, stdout]).toEqual([0, 'Copied 4 cards from "ada/Botany" to your deck "Botany".\n'])
    const copy = (await bert('deck view Botany --json')).json()
    expect(copy).toMatchObject({ owner: 'bert', description: 'Plants', is_shared: false, cards: 4, new: 4 })
    const copied = await contents(copy.deck_id as string)
    expect(copied).toEqual(await contents(deck_id))
    expect(copied.map(({ question, images }) => [question, images !== null])).toEqual([
      ['rose', true],
      ['fern', false],
      ['[...] and lichen', false],
      ['moss and [...]', false],
    ])
    const notes = await sql`select distinct note_id from cards where note_id is not null`
    expect(notes).toHaveLength(2)
    expect(
      await sql`select confidence_status, unseen from cards where deck_id = ${copy.deck_id as string}`,
    ).toEqual(copied.map(() => ({ confidence_status: null, unseen: true })))
    await did(`deck edit Botany --name Mine --user bert`)
    await did('share revoke Botany bert --user ada')
    expect(await names('card list Mine')).toHaveLength(4)
  })

  test('with progress goes on where one is, and nothing is counted twice', async () => {
    await did(`study grade ${rose} again --user ada`)
    for (const [at, grade] of [
      [-60 * 24 * 9, 'got_it'],
      [-60 * 24 * 8, 'again'],
      [-60 * 24 * 8 + 20, 'got_it'],
      [-60 * 24 * 2, 'almost'],
    ] as const)
      await did(`study grade ${rose} ${grade} --user bert`, { now: minutes(at) })
    await did(`study grade ${rose} got_it --reverse --user bert`, { now: minutes(-60 * 24) })
    await did('study ada/Botany --cram --user bert', { input: ' 2q', now: minutes(-60) })
    await did(`card suspend ${fern} --user bert`)
    await did('config set typed yes --deck ada/Botany --user bert')
    const stats = async () =>
      (await bert('stats --json')).json<{ time: unknown; retention: unknown; heatmap: unknown }>()
    const before = await stats()

    expect((await bert('deck copy ada/Botany --with-progress', { tty: true })).stdout).toBe(
      'Copied 4 cards and 6 answers of yours from "ada/Botany" to your deck "Botany".\n',
    )
    const after = await stats()
    expect([after.time, after.retention, after.heatmap]).toEqual([
      before.time,
      before.retention,
      before.heatmap,
    ])
    const rows = (owner: string) => sql`
      select question, s.direction, due, stability, s.difficulty, state, reps, lapses, first_review, last_review,
        suspended_at, buried_until
      from card_schedules s join cards using (card_id) join decks d using (deck_id) join users o on o.user_id = d.user_id
      join users me on me.user_id = s.user_id
      where me.username = 'bert' and o.username = ${owner} order by 1, 2`
    expect(await rows('ada')).toHaveLength(4)
    expect(await rows('bert')).toEqual(await rows('ada'))
    expect(
      await sql`select question, unseen from cards where deck_id in (select deck_id from decks where name = 'Botany'
        and user_id = (select user_id from users where username = 'bert')) order by position`,
    ).toEqual([
      { question: 'rose', unseen: false },
      { question: 'fern', unseen: true },
      { question: '[...] and lichen', unseen: true },
      { question: 'moss and [...]', unseen: true },
    ])
    expect((await bert('db rebuild --dry-run --json')).json()).toMatchObject({
      changed: 0,
      added: 0,
      removed: 0,
      confidence: 0,
    })
    expect((await bert('config get typed --deck Botany')).stdout).toBe('yes\n')
    const copied = (await bert('card search rose --json')).json<{ card_id: string; deck: string }[]>()
    const own = copied.find(({ deck }) => deck === 'Botany')?.card_id
    expect((await did(`card history ${own} --user bert`)).split('\n')).toHaveLength(6)
    expect((await did('study history --user bert')).split('\n')).toHaveLength(6)
    expect((await did('study history Botany --user bert')).split('\n')).toHaveLength(6)

    // what is taken back is what was answered, not what was copied
    await did('study undo --user bert')
    expect(
      await sql`
      select count(*)::int from revision_attempts a join revision_sessions s using (session_id) join decks using (deck_id)
      join users u on u.user_id = decks.user_id where u.username = 'bert'`,
    ).toEqual([{ count: 6 }])
    expect((await bert('db rebuild --dry-run --json')).json()).toMatchObject({
      changed: 0,
      added: 0,
      removed: 0,
    })
  })

  test('of a deck that was never studied takes no sitting along', async () => {
    await did('deck copy ada/Botany --with-progress --user bert')
    expect(await sql`select from sittings`).toHaveLength(0)
  })

  test('of one of one’s own needs another name', async () => {
    expect(await ada('deck copy Botany')).toMatchObject({
      code: 4,
      stderr: 'You already have a deck "Botany".\nCall the copy something else: --name <name>\n',
    })
    await did('deck copy Botany --name Plants --user ada')
    expect((await ada('deck list --json')).json()).toMatchObject([
      { name: 'Botany', cards: 4 },
      { name: 'Plants', cards: 4 },
    ])
  })
})
