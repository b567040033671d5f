import { expect, test } from 'vitest'
import { DIRECTIONS, GRADES, type Grade } from '../../src/core/card.ts'
import { nextSchedule, type Schedule } from '../../src/core/schedule.ts'
import { pick, random } from '../core/random.ts'
import { makeDeck, makeUser, minutes, share } from '../support/builders.ts'
import { sql, useDatabase } from '../support/database.ts'
import { did, rote } from '../support/rote.ts'
import { NOW } from '../support/world.ts'

useDatabase()

const DAY = 24 * 60

interface Answer {
  card_id: string
  direction: 'forward' | 'reverse'
  confidence_status: Grade
  attempted_at: Date
  scheduled: boolean
  desired_retention: number | null
}

/** A clock of that day, which moves on whenever it is looked at. */
function ticking(day: number, ms: () => number): () => Date {
  let at = minutes(day * DAY).getTime()
  return () => {
    at += ms()
    return new Date(at)
  }
}

/** Everything that rebuilding could touch, to the last digit: floats and instants as PostgreSQL writes them. */
const everything = async () => ({
  schedules: (await sql`select s::text as row from card_schedules s order by 1`).map(({ row }) => row),
  cards: (await sql`select card_id, confidence_status from cards order by card_id`).map((row) => ({
    ...row,
  })),
  attempts: (await sql`select a::text as row from revision_attempts a order by 1`).map(({ row }) => row),
})

/** Stores answers of a person as their sittings would have, without schedules. */
async function store(answers: Answer[], username = 'ada'): Promise<void> {
  await sql`
    with session as (
      insert into revision_sessions (user_id, deck_id, started_at)
      select users.user_id, deck_id, ${minutes(-9999 * DAY)} from users, decks where username = ${username}
      returning session_id, deck_id
    )
    insert into revision_attempts (session_id, card_id, direction, confidence_status, attempted_at, scheduled, desired_retention, time_zone)
    select session_id, a.card_id, direction, a.confidence_status, attempted_at, scheduled, desired_retention, 'UTC'
    from jsonb_to_recordset(${JSON.stringify(answers)}::text::jsonb) as a (card_id uuid, direction text,
      confidence_status text, attempted_at timestamptz, scheduled boolean, desired_retention float8)
    join cards using (card_id) join session using (deck_id)`
}

/** The schedule that the loop would have made of answers, step by step. */
function stepByStep(answers: Answer[]): Schedule | null {
  return answers
    .filter(({ scheduled }) => scheduled)
    .reduce<Schedule | null>(
      (before, { confidence_status, attempted_at, desired_retention }) =>
        nextSchedule(before, confidence_status, attempted_at, {
          desired_retention: desired_retention ?? 0.9,
        }),
      null,
    )
}

const written = (
  { card_id, direction }: Answer,
  schedule: Schedule,
  first_review: Date,
  username = 'ada',
) => sql`
  insert into card_schedules (user_id, card_id, direction, due, stability, difficulty, state, learning_steps, reps,
    lapses, first_review, last_review)
  select user_id, ${card_id}, ${direction}, ${schedule.due}, ${schedule.stability}, ${schedule.difficulty},
    ${schedule.state}, ${schedule.learning_steps}, ${schedule.reps}, ${schedule.lapses}, ${first_review},
    ${schedule.last_review} from users where username = ${username}`

/** Random lives of both directions of some cards, in the rows that studying them would have left. */
async function live(seed: number, cards: { card_id: string }[]): Promise<void> {
  const next = random(seed)
  const answers = cards.flatMap(({ card_id }) =>
    DIRECTIONS.flatMap((direction) => {
      let at = -400 * DAY
      return Array.from({ length: Math.floor(next() * 9) }, (): Answer => {
        at += pick(next, [1, 10, DAY, 5 * DAY, 30 * DAY]) * (0.5 + next())
        return {
          card_id,
          direction,
          confidence_status: pick(next, GRADES),
          attempted_at: new Date(Math.round(minutes(at).getTime())),
          scheduled: next() > 0.1,
          desired_retention: pick(next, [0.9, 0.85, null]),
        }
      })
    }),
  )
  await store(answers)
  for (const { card_id } of cards) {
    const own = answers.filter((answer) => answer.card_id === card_id)
    const latest = [...own].sort((a, b) => a.attempted_at.getTime() - b.attempted_at.getTime()).at(-1)
    await sql`update cards set confidence_status = ${latest?.confidence_status ?? null} where card_id = ${card_id}`
    for (const direction of DIRECTIONS) {
      const life = own.filter((answer) => answer.direction === direction)
      const schedule = stepByStep(life)
      const first = life.find(({ scheduled }) => scheduled)
      if (schedule && first) await written(first, schedule, first.attempted_at)
    }
  }
}

const numbered = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`question ${n}`, `answer ${n}`]))

test('nothing to work out', async () => {
  expect(await rote('db rebuild', { tty: true })).toMatchObject({
    code: 0,
    stdout: '0 schedules, all of them right.\n',
    stderr: '',
  })
})

test('what studying leaves is what rebuilding gives, to the last digit', async () => {
  await makeDeck('A', numbered(6))
  await makeDeck('B', numbered(4))
  const next = random(7)
  for (const day of [-90, -89, -80, -60, -59, -30, -2, 0]) {
    const now = ticking(day, () => 1000 + Math.floor(next() * 20_000))
    const input = `${Array.from({ length: 14 }, () => ` ${pick(next, ['1', '2', '3', '3'])}`).join('')}q`
    await did(pick(next, ['study', 'study A', 'study B']), { input, now })
  }
  const before = await everything()
  expect(before.schedules.length).toBe(10)
  const { stdout } = await rote('db rebuild --json')
  expect(JSON.parse(stdout)).toEqual({
    right: 10,
    changed: 0,
    added: 0,
    removed: 0,
    confidence: 0,
    dry_run: false,
  })
  expect(await everything()).toEqual(before)
})

test('rows of any history are right; whatever is done to them is put right again', async () => {
  for (let seed = 1; seed <= 12; seed++) {
    await sql`delete from users`
    const { cards } = await makeDeck('Lives', numbered(12))
    await live(seed, cards)
    const good = await everything()
    expect((await rote('db rebuild --json')).json()).toMatchObject({
      right: good.schedules.length,
      changed: 0,
      added: 0,
      removed: 0,
      confidence: 0,
    })
    expect(await everything()).toEqual(good)

    const next = random(seed * 1000)
    const damage = () =>
      pick(next, [
        'stability = stability * 1.0000000000000002',
        "due = due + interval '1 millisecond'",
        'difficulty = 7.5',
        'reps = reps + 1',
        'lapses = lapses + 1, learning_steps = 2',
        "state = 'relearning'",
        "first_review = first_review - interval '1 day'",
        "last_review = last_review + interval '1 second'",
        "state = 'new', last_review = null, first_review = null",
      ])
    const keys = await sql`select card_id, direction from card_schedules`
    for (const { card_id, direction } of keys) {
      if (next() < 0.2)
        await sql`delete from card_schedules where card_id = ${card_id} and direction = ${direction}`
      else if (next() < 0.5)
        await sql`update card_schedules set ${sql.unsafe(damage())} where card_id = ${card_id} and direction = ${direction}`
    }
    await sql`update cards set confidence_status = 'almost'`
    const damaged = await everything()
    const said = (await rote('db rebuild --dry-run --json')).json<Record<string, number>>()
    expect(await everything()).toEqual(damaged)
    expect((await rote('db rebuild --json')).json()).toEqual({ ...said, dry_run: false })
    expect(await everything()).toEqual(good)
    expect((await rote('db rebuild --json')).json()).toMatchObject({
      right: good.schedules.length,
      changed: 0,
    })
  }
})

test('what it says', async () => {
  const { cards } = await makeDeck('Capitals', { France: 'Paris', Spain: 'Madrid', Italy: 'Rome' })
  await did('study', { input: ' 3 3q', now: minutes(-2 * DAY) })
  const [france, , italy] = cards.map(({ card_id }) => card_id)
  await sql`update card_schedules set reps = 9 where card_id = ${france ?? ''}`
  await sql`delete from card_schedules where card_id <> ${france ?? ''}`
  await sql`
    insert into card_schedules (user_id, card_id, due, stability, difficulty, state, reps, first_review, last_review)
    select user_id, ${italy ?? ''}, ${NOW}, 10, 5, 'review', 1, ${NOW}, ${NOW} from users`
  await sql`update cards set confidence_status = 'again' where card_id = ${france ?? ''}`

  expect(await rote('db rebuild --dry-run', { tty: true })).toMatchObject({
    code: 0,
    stdout:
      '3 schedules: 0 right, 1 to change, 1 to add, 1 to remove.\n' +
      'The confidence of 1 card is to be corrected.\nNothing was changed.\n',
    stderr: '',
  })
  expect((await rote('db rebuild --dry-run')).stdout).toBe(
    'right\t0\nchanged\t1\nadded\t1\nremoved\t1\nconfidence\t1\ndry_run\ttrue\n',
  )
  expect(await rote('db rebuild', { tty: true })).toMatchObject({
    code: 0,
    stdout: '3 schedules: 0 right, 1 changed, 1 added, 1 removed.\nThe confidence of 1 card was corrected.\n',
    stderr: '',
  })
  expect(await rote('db rebuild', { tty: true })).toMatchObject({
    stdout: '2 schedules, all of them right.\n',
  })
  expect(await rote('db rebuild -q')).toMatchObject({ code: 0, stdout: '', stderr: '' })
})

test('what is suspended or buried stays so, answered or not', async () => {
  const { cards } = await makeDeck('Capitals', { France: 'Paris', Spain: 'Madrid', Italy: 'Rome' })
  const [france = '', spain = '', italy = ''] = cards.map(({ card_id }) => card_id)
  await did('study', { input: ' 3q', now: minutes(-DAY) })
  await sql`update card_schedules set suspended_at = ${NOW}, buried_until = ${minutes(DAY)}, reps = 7`
  // never answered: one that is suspended, and one that looks as if it had been answered
  await sql`
    insert into card_schedules (user_id, card_id, due, stability, difficulty, state, suspended_at)
    select user_id, ${spain}, ${NOW}, 0, 0, 'new', ${NOW} from users`
  await sql`
    insert into card_schedules (user_id, card_id, due, stability, difficulty, state, reps, first_review, last_review, buried_until)
    select user_id, ${italy}, ${NOW}, 10, 5, 'review', 1, ${NOW}, ${NOW}, ${minutes(DAY)} from users`
  expect((await rote('db rebuild --json')).json()).toMatchObject({
    right: 1,
    changed: 1,
    added: 0,
    removed: 1,
  })
  const columns = 'card_id, state, reps, first_review, last_review, suspended_at, buried_until'
  const never = { state: 'new', reps: 0, first_review: null, last_review: null }
  const rows =
    await sql`select ${sql.unsafe(columns)} from card_schedules join cards using (card_id) order by position`
  expect(rows).toEqual([
    {
      card_id: france,
      state: 'learning',
      reps: 1,
      first_review: minutes(-DAY),
      last_review: minutes(-DAY),
      suspended_at: NOW,
      buried_until: minutes(DAY),
    },
    { card_id: spain, ...never, suspended_at: NOW, buried_until: null },
    { card_id: italy, ...never, suspended_at: null, buried_until: minutes(DAY) },
  ])
  expect((await rote('db rebuild --json')).json()).toMatchObject({ right: 3, changed: 0, removed: 0 })
})

test('answers while cramming make no schedule, and are the confidence all the same', async () => {
  const { cards } = await makeDeck('Capitals', { France: 'Paris' })
  const card_id = cards[0]?.card_id ?? ''
  const answer = { card_id, direction: 'forward', desired_retention: 0.9 } as const
  await store([
    { ...answer, confidence_status: 'got_it', attempted_at: minutes(-3), scheduled: false },
    { ...answer, confidence_status: 'almost', attempted_at: minutes(-1), scheduled: false },
    { ...answer, confidence_status: 'again', attempted_at: minutes(-2), scheduled: false },
  ])
  expect((await rote('db rebuild --json')).json()).toMatchObject({ right: 0, added: 0, confidence: 1 })
  expect(await sql`select confidence_status from cards`).toEqual([{ confidence_status: 'almost' }])
  expect(await sql`select from card_schedules`).toHaveLength(0)
})

test('everybody has their own: what belongs to others stays as it is', async () => {
  await makeUser()
  const { deck_id, cards } = await makeDeck('Botany', { rose: 'Rosa' }, 'bert')
  await share(deck_id, 'ada', 'view')
  await did('study --user ada', { input: ' 3q', now: minutes(-DAY) })
  await did('study --user bert', { input: ' 1q', now: minutes(-DAY) })
  await sql`update card_schedules set reps = 9`
  await sql`update cards set confidence_status = 'almost'`
  expect((await rote('db rebuild --json --user ada')).json()).toMatchObject({ changed: 1, confidence: 0 })
  const rows = () =>
    sql`select username, reps from card_schedules join users using (user_id) order by username`
  expect(await rows()).toEqual([
    { username: 'ada', reps: 1 },
    { username: 'bert', reps: 9 },
  ])
  // also when the deck is not shared any more: the schedule is there when it is shared again
  await sql`delete from deck_shares`
  await sql`update card_schedules set reps = 8`
  expect((await rote('db rebuild --json --user ada')).json()).toMatchObject({ changed: 1 })
  expect((await rote('db rebuild --json --user bert')).json()).toMatchObject({ changed: 1, confidence: 1 })
  expect(await rows()).toEqual([
    { username: 'ada', reps: 1 },
    { username: 'bert', reps: 1 },
  ])
  expect(cards).toHaveLength(1)
})

test('more schedules than are worked out at a time, and all of them lost', async () => {
  const user_id = await makeUser()
  const { deck_id } = await makeDeck('Many')
  await sql`insert into cards (deck_id, question, answer) select ${deck_id}, 'q' || n, 'a' from generate_series(1, 2500) n`
  await sql`
    with session as (insert into revision_sessions (user_id, deck_id) values (${user_id}, ${deck_id}) returning session_id)
    insert into revision_attempts (session_id, card_id, confidence_status, attempted_at, direction)
    select session_id, card_id, 'got_it', ${minutes(-DAY)}, direction
    from session, cards, unnest(array['forward', 'reverse']) direction`
  expect((await rote('db rebuild --json')).json()).toMatchObject({ right: 0, added: 5000, confidence: 2500 })
  expect((await rote('db rebuild --json')).json()).toMatchObject({ right: 5000, added: 0, confidence: 0 })
  expect(await sql`select count(*)::int from card_schedules where last_review <> first_review`).toEqual([
    { count: 0 },
  ])
})

test('an answer that comes in between is not lost', async () => {
  await makeDeck('Capitals', numbered(30))
  await did('config set new_per_day 9999')
  const sitting = (day: number) => {
    return rote('study', { input: `${' 3'.repeat(60)}q`, now: ticking(day, () => 1000) })
  }
  await sitting(-40)
  const rebuilding = async () => {
    for (let round = 0; round < 12; round++)
      expect(await rote('db rebuild --json')).toMatchObject({ code: 0 })
  }
  for (const day of [-20, -10]) await Promise.all([sitting(day), rebuilding(), rebuilding()])
  expect((await rote('db rebuild --json')).json()).toMatchObject({ right: 30, changed: 0, added: 0 })
  expect(
    await sql`select sum(reps)::int = (select count(*) from revision_attempts) as whole from card_schedules`,
  ).toEqual([{ whole: true }])
})
