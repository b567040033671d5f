import { expect, test } from 'vitest'
import type { Grade } from '../../src/core/card.ts'
import { nextSchedule, type Schedule } from '../../src/core/schedule.ts'
import { makeDeck, makeSchedule, makeUser, minutes, share } from '../support/builders.ts'
import { sql, useDatabase } from '../support/database.ts'
import { did, rote } from '../support/rote.ts'
import { NOW } from '../support/world.ts'

useDatabase()

const RETENTION = { desired_retention: 0.9 }
const SHOWN = 'due, stability, difficulty, state, learning_steps, reps, lapses, last_review'

/** A clock that moves on by ten seconds whenever it is looked at. */
function ticking(): () => Date {
  let at = NOW.getTime() - 10_000
  return () => {
    at += 10_000
    return new Date(at)
  }
}

const schedules = () =>
  sql<(Schedule & { question: string })[]>`
    select question, ${sql.unsafe(SHOWN)} from card_schedules join cards using (card_id) order by position`
const attempts = () =>
  sql`select question, revision_attempts.confidence_status as grade
      from revision_attempts join cards using (card_id) order by attempted_at`

test('an answer is an attempt, a confidence, a schedule and a session', async () => {
  const { deck_id, cards } = await makeDeck('Capitals', { France: 'Paris' })
  await did('study Capitals', { input: ' 3q', now: ticking() })

  const [session, ...others] = await sql`select * from revision_sessions`
  expect(others).toEqual([])
  expect(session).toMatchObject({ deck_id, playlist_id: null })
  const [attempt, ...more] = await sql`select * from revision_attempts`
  expect(more).toEqual([])
  expect(attempt).toMatchObject({
    session_id: session?.session_id,
    card_id: cards[0]?.card_id,
    user_answer: null,
    confidence_status: 'got_it',
    time_zone: 'UTC',
  })
  expect(session?.started_at < attempt?.attempted_at).toBe(true)
  expect(session?.ended_at > attempt?.attempted_at).toBe(true)
  expect(attempt?.duration_ms).toBeGreaterThan(0)
  expect(await sql`select confidence_status from cards`).toEqual([{ confidence_status: 'got_it' }])

  expect(await schedules()).toEqual([
    { question: 'France', ...nextSchedule(null, 'got_it', attempt?.attempted_at, RETENTION) },
  ])
  expect(await sql`select first_review from card_schedules`).toEqual([
    { first_review: attempt?.attempted_at },
  ])
})

test('what a pipe is told', async () => {
  await makeDeck('Capitals', { France: 'Paris', 'Congo\nBrazzaville': 'two\nlines' })
  expect(await rote('study Capitals', { input: ' 1 3q' })).toMatchObject({
    code: 0,
    stdout: [
      'Capitals, 0 of 2 done',
      'Q  France',
      'A  Paris',
      '   1 again 1m   2 almost 6m   3 got it 10m',
      '-> again, next in 1m',
      '',
      'Capitals, 0 of 2 done',
      'Q  Congo',
      '   Brazzaville',
      'A  two',
      '   lines',
      '   1 again 1m   2 almost 6m   3 got it 10m',
      '-> got it, next in 10m',
      '',
      'Capitals, 0 of 2 done',
      'Q  France',
      '',
      'Stopped with 2 of 2 cards left.',
      '',
      '  Cards               2',
      '  Right at first try  1 of 2 (50%)',
      '  Time                0 s',
      '  Due by tomorrow     2',
      '',
    ].join('\n'),
    stderr: '',
  })
})

test.each<[Grade, string]>([
  ['again', '1'],
  ['almost', '2'],
  ['got_it', '3'],
])('the schedule after %s is what the scheduler says, for a card seen before', async (grade, key) => {
  const { cards } = await makeDeck('Capitals', { France: 'Paris' })
  await makeSchedule(cards[0]?.card_id ?? '', minutes(-60))
  const [before] = await schedules()
  if (!before) throw new Error('no schedule')
  const [first] = await sql`select first_review from card_schedules`
  await did('study', { input: ` ${key}q` })
  const { question, ...schedule } = before
  expect(await schedules()).toEqual([{ question, ...nextSchedule(schedule, grade, NOW, RETENTION) }])
  expect(await sql`select first_review from card_schedules`).toEqual([first])
})

test('a failed card comes back in the sitting, until it is known', async () => {
  await makeDeck('Capitals', { France: 'Paris', Spain: 'Madrid' })
  const { stdout } = await rote('study', { input: ' 1 3 3 3 3 3 3 3', now: ticking() })
  expect(stdout).toContain('All done for today.')
  const answered = await attempts()
  expect(answered.slice(0, 3)).toEqual([
    { question: 'France', grade: 'again' },
    { question: 'Spain', grade: 'got_it' },
    { question: 'France', grade: 'got_it' },
  ])
  expect(await sql`select distinct confidence_status from cards`).toEqual([{ confidence_status: 'got_it' }])
  expect(new Set((await schedules()).map(({ state }) => state))).toEqual(new Set(['review']))
})

test('due cards come first, the longest overdue in front, and new ones in the order of their decks', async () => {
  const { cards } = await makeDeck('B', { one: '1', two: '2', three: '3' })
  await makeDeck('A', { four: '4' })
  await makeSchedule(cards[1]?.card_id ?? '', minutes(-1))
  await makeSchedule(cards[2]?.card_id ?? '', minutes(-9))
  const asked = async (line: string) =>
    [...(await did(line, { input: ' 3 3 3 3q' })).matchAll(/^Q {2}(.*)$/gm)].map(([, question]) => question)
  expect((await asked('study')).slice(0, 4)).toEqual(['three', 'two', 'four', 'one'])
})

test('only the decks that are named, and only as many cards as asked for', async () => {
  await makeDeck('A', { a1: '1', a2: '2' })
  await makeDeck('B', { b1: '1' })
  await makeDeck('C', { c1: '1' })
  const total = async (line: string) => (await rote(`${line} --json`, { input: 'q' })).json().total
  expect(await total('study')).toBe(4)
  expect(await total('study a C')).toBe(3)
  expect(await total('study --limit 2')).toBe(2)
  expect(await total('study A --new 1')).toBe(1)
  expect(await total('study --new 0')).toBe(0)
  expect(await rote('study A Nope')).toMatchObject({ code: 3, stdout: '' })
  expect(await rote('study --limit none')).toMatchObject({ code: 2, stdout: '' })
})

test('new cards a day are counted over all decks, and begin again with the next day', async () => {
  await makeDeck('A', { a1: '1', a2: '2' })
  await makeDeck('B', { b1: '1', b2: '2' })
  await did('config set new_per_day 3')
  await did('study A', { input: ' 3 3q' })
  const offered = async (now: Date) =>
    (await rote('study B --json', { input: 'q', now })).json<{ total: number }>().total
  expect(await offered(minutes(1))).toBe(1)
  expect(await offered(minutes(17 * 60 + 59))).toBe(1)
  expect(await offered(minutes(18 * 60))).toBe(2)
})

test('the summary under --json, and nothing else on stdout', async () => {
  await makeDeck('Capitals', { France: 'Paris', Spain: 'Madrid' })
  const ran = await rote('study --json', { input: ' 1 3q' })
  expect(ran).toMatchObject({ code: 0, stderr: '' })
  expect(ran.json()).toEqual({
    cards: 2,
    answers: 2,
    first_try: 1,
    grades: { again: 1, almost: 0, got_it: 1 },
    duration_ms: 0,
    gone: 0,
    total: 2,
    done: 0,
    left: 2,
    returning: 2,
    set_aside: 0,
    started_at: NOW.toISOString(),
    ended_at: NOW.toISOString(),
    due_tomorrow: 2,
  })
  expect(await rote('study --quiet', { input: ' 3q', now: minutes(30) })).toMatchObject({
    code: 0,
    stdout: '',
    stderr: '',
  })
  expect(await attempts()).toHaveLength(3)
})

test('nothing to study is said, and is no error', async () => {
  await makeDeck('Empty')
  const nothing = 'Nothing is due. Add cards with: rote card add <deck>\n'
  expect(await rote('study')).toMatchObject({ code: 0, stdout: '', stderr: nothing })
  expect(await rote('study', { tty: true })).toMatchObject({ code: 0, stdout: '', stderr: nothing })
  expect(await sql`select from revision_sessions`).toHaveLength(0)
})

test('input that ends is a quit, and ctrl-c is an interruption; answers are kept either way', async () => {
  await makeDeck('Capitals', { France: 'Paris', Spain: 'Madrid' })
  expect(await rote('study', { input: ' 3 ' })).toMatchObject({ code: 0, stderr: '' })
  const cut = await rote('study', { input: ' 3\x03', now: minutes(1) })
  expect(cut).toMatchObject({ code: 130, stderr: 'Stopped. Every answer you gave is saved.\n' })
  expect(await attempts()).toHaveLength(2)
  expect(await sql`select from revision_sessions where ended_at is null`).toHaveLength(0)
})

test('one session for each deck of a sitting', async () => {
  await makeDeck('A', { a1: '1', a2: '2' })
  await makeDeck('B', { b1: '1' })
  await did('study', { input: ' 3 3 3q' })
  expect(
    await sql`select name, count(*)::int as answers, count(distinct session_id)::int as sessions, count(ended_at)::int as ended
      from revision_attempts join revision_sessions using (session_id) join decks using (deck_id) group by name order by name`,
  ).toEqual([
    { name: 'A', answers: 2, sessions: 1, ended: 2 },
    { name: 'B', answers: 1, sessions: 1, ended: 1 },
  ])
})

test('keys that mean nothing do nothing', async () => {
  await makeDeck('Capitals', { France: 'Paris' })
  await did('study', { input: ' xyz\x1b[A789?x\x1b3\x1b[200~1\x1b[201~2q' })
  expect(await attempts()).toEqual([{ question: 'France', grade: 'almost' }])
})

test('a card of a shared deck has a schedule of each person, and the confidence of its owner', async () => {
  await makeUser()
  const { deck_id } = await makeDeck('Botany', { rose: 'Rosa' }, 'bert')
  await share(deck_id, 'ada', 'view')
  await did('study bert/Botany --user ada', { input: ' 3q' })
  expect(await sql`select confidence_status from cards`).toEqual([{ confidence_status: null }])
  expect(await sql`select username from card_schedules join users using (user_id)`).toEqual([
    { username: 'ada' },
  ])
  await did('study Botany --user bert', { input: ' 1q' })
  expect(await sql`select confidence_status from cards`).toEqual([{ confidence_status: 'again' }])
  expect(await sql`select from card_schedules`).toHaveLength(2)
})

test('in a terminal a sitting has the screen for itself, and gives it back', async () => {
  await makeDeck('Capitals', { France: 'Paris' })
  const { code, stdout, stderr } = await rote('study', { tty: true, input: ' 3q' })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout.startsWith('\x1b[?1049h\x1b[?25l')).toBe(true)
  const [sitting = '', after] = stdout.split('\x1b[?25h\x1b[?1049l')
  expect(sitting).toContain('0 of 1 done')
  expect(after).toBe(
    'Stopped with 1 of 1 card left.\n\n  Cards               1\n  Right at first try  1 of 1 (100%)\n  Time                0 s\n  Due by tomorrow     1\n',
  )
})
