import { expect, test } from 'vitest'
import { nextSchedule } from '../../src/core/schedule.ts'
import { makeDeck, makeUser, minutes, share } from '../support/builders.ts'
import { sql, useDatabase } from '../support/database.ts'
import { did, rote } from '../support/rote.ts'
import { NOW } from '../support/world.ts'

useDatabase()

const RETENTION = { desired_retention: 0.9 }

test('next: the card, what each grade would do, and how many are left', async () => {
  const { deck_id, cards } = await makeDeck('Spanish', { perro: 'dog', gato: 'cat' })
  const { json, stderr } = await rote('study next --json')
  expect(stderr).toBe('')
  const due = (grade: 'again' | 'almost' | 'got_it') =>
    nextSchedule(null, grade, NOW, RETENTION).due.toISOString()
  expect(json()).toEqual({
    card: {
      card_id: cards[0]?.card_id,
      direction: 'forward',
      deck_id,
      deck: 'Spanish',
      question: 'perro',
      answer: 'dog',
      accepted_answers: [],
      tags: [],
      difficulty_level: null,
      note_id: null,
      source: null,
      source_page: null,
      source_quote: null,
      editable: true,
      typed: false,
      desired_retention: 0.9,
      schedule: null,
    },
    previews: {
      again: { due: due('again'), interval: '1m' },
      almost: { due: due('almost'), interval: '6m' },
      got_it: { due: due('got_it'), interval: '10m' },
    },
    left: 2,
  })
  expect((await rote('study next')).stdout).toBe(
    `${cards[0]?.card_id}\tforward\tSpanish\tperro\tdog\t1m\t6m\t10m\t2\n`,
  )
  expect((await rote('study next -q')).stdout).toBe(`${cards[0]?.card_id}\n`)
  expect(await sql`select from sittings`).toEqual([])
})

test('next, with nothing to ask', async () => {
  expect(await rote('study next --json')).toMatchObject({ code: 0, stdout: 'null\n', stderr: '' })
  expect(await rote('study next')).toMatchObject({
    code: 0,
    stdout: '',
    stderr: expect.stringContaining('Nothing is due.'),
  })
})

test('grade is the same as in the loop: attempt, schedule, confidence; one session a day and deck', async () => {
  const { cards } = await makeDeck('Spanish', { perro: 'dog', gato: 'cat' })
  const [perro, gato] = cards.map(({ card_id }) => card_id)
  const first = await rote(`study grade ${perro?.slice(0, 8)} almost --answer dgo --seconds 4 --json`)
  const schedule = nextSchedule(null, 'almost', NOW, RETENTION)
  expect(first.json()).toEqual({
    attempt_id: expect.any(String),
    card_id: perro,
    direction: 'forward',
    confidence_status: 'almost',
    user_answer: 'dgo',
    attempted_at: NOW.toISOString(),
    duration_ms: 4000,
    ...JSON.parse(JSON.stringify(schedule)),
  })
  await did(`study grade ${gato} got_it`, { now: minutes(5) })
  await did(`study grade ${perro} got_it`, { now: minutes(6) })
  expect(
    await sql`select user_answer, duration_ms, state from revision_attempts order by attempted_at`,
  ).toEqual([
    { user_answer: 'dgo', duration_ms: 4000, state: 'new' },
    { user_answer: null, duration_ms: 0, state: 'new' },
    { user_answer: null, duration_ms: 0, state: 'learning' },
  ])
  expect(await sql`select mode, ended_at from sittings`).toEqual([{ mode: 'script', ended_at: minutes(6) }])
  expect(await sql`select ended_at from revision_sessions`).toEqual([{ ended_at: minutes(6) }])
  expect(await sql`select confidence_status from cards order by position`).toEqual([
    { confidence_status: 'got_it' },
    { confidence_status: 'got_it' },
  ])
  expect((await rote(`study grade ${perro} got_it`, { tty: 'out', now: minutes(30) })).stdout).toMatch(
    /^got_it: back in \d+d\.\n$/,
  )
})

test('--reverse grades the way back, which has a schedule of its own', async () => {
  const { cards } = await makeDeck('Spanish', { perro: 'dog' })
  expect((await rote(`study grade ${cards[0]?.card_id} got_it --reverse --json`)).json()).toMatchObject({
    direction: 'reverse',
    reps: 1,
  })
  await did(`study grade ${cards[0]?.card_id} again`)
  expect(await sql`select direction, reps from card_schedules order by 1`).toEqual([
    { direction: 'forward', reps: 1 },
    { direction: 'reverse', reps: 1 },
  ])
})

test.each([
  ['a card that is not there', 'ffff0000', 'got_it', 3],
  ['a grade that is none', 'CARD', 'good', 2],
  ['seconds that are none', 'CARD', 'got_it --seconds x', 2],
])('grade refuses %s', async (_, card, rest, code) => {
  const { cards } = await makeDeck('Spanish', { perro: 'dog' })
  const ran = await rote(`study grade ${card === 'CARD' ? cards[0]?.card_id : card} ${rest}`)
  expect(ran).toMatchObject({ code, stdout: '' })
  expect(await sql`select from revision_attempts`).toEqual([])
})

test("somebody else's card is not there to be graded, a shared one has a schedule of my own", async () => {
  const { deck_id, cards } = await makeDeck('Botany', { rose: 'Rosa' }, 'bert')
  const id = cards[0]?.card_id ?? ''
  const ada = await makeUser()
  expect(await rote(`study grade ${id} got_it --user ada`)).toMatchObject({ code: 3 })
  await share(deck_id, 'ada', 'view')
  await did(`study grade ${id} again --user ada`)
  expect(await sql`select user_id from card_schedules`).toEqual([{ user_id: ada }])
  expect(await sql`select confidence_status, unseen from cards`).toEqual([
    { confidence_status: null, unseen: true },
  ])
})

test('undo takes back one answer after the other, to the very rows before', async () => {
  const { cards } = await makeDeck('Spanish', { perro: 'dog' })
  const id = cards[0]?.card_id
  const rows = async () => ({
    schedules: await sql`select * from card_schedules`,
    attempts: await sql`select * from revision_attempts order by attempted_at`,
    cards: await sql`select confidence_status, unseen from cards`,
    sessions: await sql`select session_id from revision_sessions`,
  })
  const states = [await rows()]
  for (const [minute, grade] of [
    [0, 'got_it'],
    [11, 'again'],
    [13, 'got_it'],
    [30, 'got_it'],
    [9000, 'again'],
  ] as const) {
    await did(`study grade ${id} ${grade}`, { now: minutes(minute) })
    states.push(await rows())
  }
  states.pop()
  const said = (await rote('study undo', { tty: 'out' })).stdout
  expect(said).toBe('Took back again for "perro". It is due in 1d again.\n')
  expect(await rows()).toEqual(states.pop())
  while (states.length > 0) {
    const { code, json } = await rote('study undo --json')
    expect(code).toBe(0)
    expect(json()).toMatchObject({ card_id: id })
    expect(await rows()).toEqual(states.pop())
  }
  expect(await rote('study undo')).toMatchObject({ code: 3, stderr: 'You have no answer to take back.\n' })
})

test("undo never reaches somebody else's answer", async () => {
  const { deck_id, cards } = await makeDeck('Botany', { rose: 'Rosa' })
  await makeUser('bert')
  await share(deck_id, 'bert', 'view')
  await did(`study grade ${cards[0]?.card_id} got_it --user ada`)
  expect(await rote('study undo --user bert')).toMatchObject({ code: 3 })
  expect(await sql`select from revision_attempts`).toHaveLength(1)
})

test('what was suspended stays suspended when its only answer is taken back', async () => {
  const { cards } = await makeDeck('Spanish', { perro: 'dog' })
  await did(`study grade ${cards[0]?.card_id} got_it`)
  await sql`update card_schedules set suspended_at = now()`
  await did('study undo')
  expect(
    await sql`select state, reps, suspended_at is not null as suspended, first_review from card_schedules`,
  ).toEqual([{ state: 'new', reps: 0, suspended: true, first_review: null }])
})

test('history lists the answers, latest first, and only my own', async () => {
  const { deck_id, cards } = await makeDeck('Spanish', { perro: 'dog', gato: 'cat' })
  await makeUser('bert')
  await share(deck_id, 'bert', 'view')
  await did(`study grade ${cards[0]?.card_id} got_it --user bert`)
  await did(`study grade ${cards[0]?.card_id} again --answer dgo --user ada`, { now: minutes(1) })
  await did(`study grade ${cards[1]?.card_id} got_it --user ada`, { now: minutes(2) })
  const history = (await rote('study history --json --user ada')).json<Record<string, unknown>[]>()
  expect(
    history.map(({ question, confidence_status, user_answer }) => [question, confidence_status, user_answer]),
  ).toEqual([
    ['gato', 'got_it', null],
    ['perro', 'again', 'dgo'],
  ])
  const { stdout } = await rote('study history Spanish --user ada')
  expect(stdout.split('\n')[1]?.split('\t').slice(1, 6)).toEqual([
    minutes(1).toISOString(),
    'again',
    'perro',
    'dgo',
    'Spanish',
  ])
  expect((await rote('study history --limit 1 --page 2 --json --user ada')).json()).toMatchObject([
    { question: 'perro' },
  ])
  await sql`delete from deck_shares`
  // the answers stay theirs, the card is not theirs to see any more
  expect((await rote('study history --json --user bert')).json()).toMatchObject([
    { confidence_status: 'got_it', question: null, deck: null },
  ])
})

test("a person's own weights are what schedules are reckoned with", async () => {
  const { cards } = await makeDeck('Spanish', { perro: 'dog' })
  const weights = [
    1.5, 2.5, 5, 16, 6, 0.9, 3, 0.01, 1.6, 0.2, 0.9, 1.5, 0.07, 0.3, 1.7, 0.6, 1.9, 0.5, 0.1, 0.07, 0.2,
  ]
  await sql`insert into user_settings (user_id, weights) select user_id, ${weights} from users`
  await did(`study grade ${cards[0]?.card_id} got_it`)
  const { stability } = nextSchedule(null, 'got_it', NOW, { ...RETENTION, weights })
  expect(await sql`select stability from card_schedules`).toEqual([{ stability }])
  await sql`update user_settings set weights = null`
  await did('study undo')
  await rote('study', { input: ' 3' })
  expect(await sql`select stability from card_schedules`).toEqual([
    { stability: nextSchedule(null, 'got_it', NOW, RETENTION).stability },
  ])
})

test('ten answers to one card at once: all are kept, each on top of the one before', async () => {
  const { cards } = await makeDeck('Spanish', { perro: 'dog' })
  const grades = Array.from({ length: 10 }, (_, n) => (n % 3 === 0 ? 'again' : 'got_it'))
  const ran = await Promise.all(grades.map((grade) => rote(`study grade ${cards[0]?.card_id} ${grade}`)))
  expect(ran.map(({ code }) => code)).toEqual(grades.map(() => 0))
  expect(await sql`select reps from card_schedules`).toEqual([{ reps: 10 }])
  expect(await sql`select distinct attempted_at from revision_attempts`).toHaveLength(10)
  expect((await rote('db rebuild --dry-run --json')).json()).toMatchObject({ right: 1, changed: 0 })
})
