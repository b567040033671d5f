import { expect, test } from 'vitest'
import { makeDeck, makeUser, minutes, share } from '../support/builders.ts'
import { sql, useDatabase } from '../support/database.ts'
import { did, rote } from '../support/rote.ts'

useDatabase()

const ID = '3f9a0000-0000-4000-8000-000000000001'

/** A card with an attempt for each entry, one hour after the other, oldest first. */
async function answered(
  attempts: Record<string, unknown>[],
  { username = 'ada', card_id = ID }: { username?: string; card_id?: string } = {},
): Promise<void> {
  const [user] = await sql`select user_id from users where username = ${username}`
  const [card] = await sql`select deck_id from cards where card_id = ${card_id}`
  const [session] = await sql`
    insert into revision_sessions (user_id, deck_id) values (${user?.user_id}, ${card?.deck_id}) returning session_id`
  for (const [hour, attempt] of attempts.entries()) {
    const row = {
      session_id: session?.session_id,
      card_id,
      confidence_status: 'got_it',
      attempted_at: minutes(hour * 60),
      ...attempt,
    }
    await sql`insert into revision_attempts ${sql(row)}`
  }
}

async function makeCard(): Promise<string> {
  const { deck_id } = await makeDeck('Spanish')
  await sql`insert into cards (card_id, deck_id, question, answer) values (${ID}, ${deck_id}, 'perro', 'dog')`
  // nobody has done that
  await sql`delete from changes`
  return deck_id
}

const ATTEMPTS = [
  {
    confidence_status: 'again',
    duration_ms: 12_340,
    state: 'new',
    user_answer: 'cat',
    time_zone: 'Europe/Berlin',
  },
  { duration_ms: 900, state: 'learning', direction: 'reverse', time_zone: 'UTC' },
  { confidence_status: 'almost', state: 'review', scheduled: false, user_answer: 'a\tdog\x1b[2J' },
]

test('card history in four ways, the newest first', async () => {
  await makeCard()
  await answered(ATTEMPTS)
  const rows = await sql`select attempt_id, session_id from revision_attempts order by attempted_at desc`
  const [c, b, a] = rows.map(({ attempt_id }) => attempt_id)
  expect(await rote('card history 3f9a', { tty: true })).toMatchObject({
    code: 0,
    stdout: [
      'WHEN              GRADE   TYPED         TIME  STATE',
      '2026-03-02 12:00  almost  a    dog␛[2J        review, cramming',
      '2026-03-02 11:00  got_it                 1 s  learning, reverse',
      '2026-03-02 11:00  again   cat           12 s  new',
      '',
    ].join('\n'),
    stderr: '',
  })
  expect((await rote('card history 3f9a')).stdout).toBe(
    [
      `${c}\t2026-03-02T12:00:00.000Z\talmost\ta\\tdog\x1b[2J\t\treview\tforward\tfalse\t2026-03-02\t`,
      `${b}\t2026-03-02T11:00:00.000Z\tgot_it\t\t0.9\tlearning\treverse\ttrue\t2026-03-02\t`,
      `${a}\t2026-03-02T10:00:00.000Z\tagain\tcat\t12.34\tnew\tforward\ttrue\t2026-03-02\t`,
      '',
    ].join('\n'),
  )
  expect((await rote('card history 3f9a -q')).stdout).toBe(`${c}\n${b}\n${a}\n`)
  const json = (await rote('card history 3f9a --json')).json<Record<string, unknown>[]>()
  expect(json[2]).toEqual({
    attempt_id: a,
    session_id: rows[2]?.session_id,
    card_id: ID,
    direction: 'forward',
    user_answer: 'cat',
    confidence_status: 'again',
    attempted_at: '2026-03-02T10:00:00.000Z',
    duration_ms: 12340,
    time_zone: 'Europe/Berlin',
    study_date: '2026-03-02',
    state: 'new',
    scheduled: true,
    desired_retention: null,
  })
})

test('a card that was never answered, and no card', async () => {
  await makeCard()
  expect(await rote('card history 3f9a', { tty: true })).toMatchObject({
    code: 0,
    stdout: '',
    stderr: 'You have not answered "perro" yet.\n',
  })
  expect(await rote('card history 3f9a --json')).toMatchObject({ code: 0, stdout: '[]\n' })
  expect(await rote('card history dead')).toMatchObject({ code: 3, stdout: '' })
})

test('everybody has their own history', async () => {
  const deck_id = await makeCard()
  await makeUser('bert')
  await share(deck_id, 'bert', 'view')
  await answered([{ user_answer: 'mine' }])
  await answered([{ user_answer: 'his' }], { username: 'bert' })
  expect(await did(`card history 3f9a --user ada`)).toContain('\tmine\t')
  expect(await did(`card history 3f9a --user ada`)).not.toContain('his')
  expect(await did(`card history 3f9a --user bert`)).toContain('\this\t')
})

test('a long history is a page in a terminal, and all of it in a pipe', async () => {
  await makeCard()
  await answered([{}])
  // many in one moment as well: nothing is lost or repeated between two pages
  await sql`
    insert into revision_attempts (session_id, card_id, confidence_status, attempted_at)
    select session_id, card_id, 'got_it', attempted_at + (i / 7) * interval '100 microseconds'
    from revision_attempts, generate_series(1, 2500) i`
  const all = await sql`select attempt_id from revision_attempts
    order by date_trunc('milliseconds', attempted_at) desc, attempt_id desc`
  expect((await did('card history 3f9a -q')).split('\n')).toEqual(all.map(({ attempt_id }) => attempt_id))
  const shown = await rote('card history 3f9a', { tty: true })
  expect(shown.stdout.split('\n')).toHaveLength(1 + 50 + 1)
  expect(shown.stderr).toBe('Only 50 are shown. More: --page 2, or --limit <n>\n')
})

test('a history fits 40 columns', async () => {
  await makeCard()
  await answered([{ user_answer: 'a long answer that somebody typed', state: 'review', duration_ms: 3000 }])
  const { stdout } = await rote('card history 3f9a', { tty: true, columns: 40 })
  expect(stdout).toBe('WHEN        GRADE   TYPED   TIME  STATE\n2026-03-02  got_it  a lon…   3 s  review\n')
})

test('who changed it, what and when, among the answers', async () => {
  await makeUser()
  await makeUser('bert')
  const { deck_id } = await makeDeck('Spanish', {}, 'ada')
  await share(deck_id, 'bert', 'edit')
  const card_id = await did('card add Spanish -Q perro -A dog --user ada', { now: minutes(0) })
  await did(`card edit ${card_id} -A hound --tag pet --user bert`)
  await did(`study grade ${card_id} got_it --user ada`)
  await did(`card delete ${card_id} --user bert`)
  await did('undo --user bert')
  const events = (await rote(`card history ${card_id} --json --user ada`)).json<Record<string, unknown>[]>()
  expect(events.filter((event) => 'attempt_id' in event)).toHaveLength(1)
  expect(events.filter((event) => 'change_id' in event)).toMatchObject([
    { changed_by: 'bert', command: 'undo', after: { deleted_at: null } },
    { changed_by: 'bert', command: 'card delete', before: { deleted_at: null } },
    {
      ...{ changed_by: 'bert', command: 'card edit', operation: 'update', table_name: 'cards', card_id },
      ...{ before: { answer: 'dog', tags: [] }, after: { answer: 'hound', tags: ['pet'] } },
    },
    { changed_by: 'ada', command: 'card add', operation: 'insert', before: null },
  ])
  const { stdout } = await rote(`card history ${card_id} --changes --user ada`, { tty: true, columns: 100 })
  expect(stdout.replace(/^\d{4}-\d\d-\d\d \d\d:\d\d {2}/gm, '')).toBe(
    [
      'WHEN              GRADE     TYPED  TIME  STATE',
      'restored               bert',
      'deleted                bert',
      'edited                 bert: answer: dog → hound; tags: none → pet',
      'added                  ada',
      '',
    ].join('\n'),
  )
  // somebody else's answers are theirs; a pipe says who
  expect(
    (await did(`card history ${card_id} --user bert`)).split('\n').map((line) => line.split('\t').at(-1)),
  ).toEqual(['bert', 'bert', 'bert', 'ada'])
  expect((await did(`card history ${card_id} --answers --user ada`)).split('\n')).toHaveLength(1)
  expect((await did(`card history ${card_id} --limit 2 --page 2 -q --user bert`)).split('\n')).toEqual(
    events
      .filter((event) => 'change_id' in event)
      .map(({ change_id }) => change_id)
      .slice(2, 4),
  )
})

test('a card that an import brought begins with it', async () => {
  await makeUser()
  await did('deck import - --deck Spanish --user ada', { input: 'question,answer\nperro,dog\n' })
  const [card] = await sql`select card_id from cards`
  expect((await rote(`card history ${card?.card_id} --json --user ada`)).json()).toMatchObject([
    { changed_by: 'ada', command: 'deck import', operation: 'insert', after: { source: '-' } },
  ])
})

test('what was done to a card where one may not look stays there', async () => {
  await makeUser()
  await makeUser('bert')
  const { deck_id } = await makeDeck('Spanish', {}, 'ada')
  await makeDeck('Private', {}, 'ada')
  await share(deck_id, 'bert', 'view')
  const card_id = await did('card add Spanish -Q perro -A cat --user ada')
  await did(`card edit ${card_id} -A dog --user ada`)
  await did(`card move ${card_id} Private --user ada`)
  await did(`card edit ${card_id} -A secret --user ada`)
  await did(`card image add ${card_id} https://example.org/secret.png --user ada`)
  await did(`card edit ${card_id} -A hound --user ada`)
  await did(`card move ${card_id} Spanish --user ada`)
  const seen = (await rote(`card history ${card_id} --json --user bert`)).json<Record<string, unknown>[]>()
  expect(seen).toMatchObject([
    { command: 'card move', before: null, after: { deck_id } },
    { command: 'card edit', before: { answer: 'cat' }, after: { answer: 'dog' } },
    { command: 'card add' },
  ])
  expect(await did(`card history ${card_id} -q --user bert`)).not.toContain('secret')
  expect((await did(`card history ${card_id} -q --user ada`)).split('\n')).toHaveLength(7)

  const file = '/home/ada/diary/words.csv'
  await sql`
    with made as (
      insert into imports (user_id, deck_id, source, format, added)
      select user_id, deck_id, ${file}, 'csv', 1 from decks where name in ('Spanish', 'Private') returning import_id, deck_id)
    insert into cards (deck_id, question, answer, import_id)
    select ${deck_id}, 'from ' || name, 'x', import_id from made join decks using (deck_id)`
  const source = async (question: string, user: string) => {
    const [card] = await sql`select card_id from cards where question = ${question}`
    const events = (await rote(`card history ${card?.card_id} --json --user ${user}`)).json<
      { after: unknown }[]
    >()
    return events.map(({ after }) => after)
  }
  expect(await source('from Spanish', 'ada')).toEqual([{ source: file }])
  expect(await source('from Spanish', 'bert')).toEqual([{ source: 'words.csv' }])
  expect(await source('from Private', 'ada')).toEqual([{ source: file }])
  expect(await source('from Private', 'bert')).toEqual([])
})

test('a change is shown by the clock of the machine', async () => {
  await makeCard()
  await did(`card edit ${ID} -A hound`)
  await sql`update changes set changed_at = '2026-03-02T20:30:00Z'`
  const { stdout } = await rote(`card history ${ID}`, { tty: true, timeZone: 'Asia/Tokyo' })
  expect(stdout).toContain('2026-03-03 05:30  edited')
})
