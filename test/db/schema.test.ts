import { beforeEach, expect, test } from 'vitest'
import { makeDeck, makeUser, minutes, share } from '../support/builders.ts'
import { sql, useDatabase } from '../support/database.ts'
import { did } from '../support/rote.ts'

useDatabase()
// the first command makes the tables where they are not there yet
beforeEach(async () => void (await did('deck list')))

/** The specification's columns, by table. Ours stand beside them. */
const SPECIFIED = {
  users: 'user_id username email password_hash full_name created_at updated_at',
  decks: 'deck_id user_id name description created_at updated_at is_shared',
  cards: 'card_id deck_id question answer difficulty_level confidence_status created_at updated_at',
  card_images: 'image_id card_id image_url created_at',
  playlists: 'playlist_id user_id name description created_at',
  playlist_decks: 'playlist_deck_id playlist_id deck_id',
  revision_sessions: 'session_id user_id deck_id started_at ended_at',
  revision_attempts: 'attempt_id session_id card_id user_answer confidence_status attempted_at',
  deck_shares: 'share_id deck_id owner_id shared_with_id permission created_at',
  ai_jobs: 'job_id user_id source_type source_url status created_at updated_at',
}

test.each(Object.entries(SPECIFIED))('%s has its columns', async (table, columns) => {
  const found = await sql`
    select column_name as name, data_type as type, column_default as default, character_maximum_length as length
    from information_schema.columns where table_schema = 'public' and table_name = ${table}`
  const names = found.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(columns.split(' ')))
  const [key = ''] = columns.split(' ')
  expect(found.find(({ name }) => name === key)).toMatchObject({ type: 'uuid', default: 'gen_random_uuid()' })
  const times = found.filter(({ name }) => name.endsWith('_at'))
  expect(times.filter(({ type }) => type !== 'timestamp with time zone')).toEqual([])
  const kept = times.filter(({ name }) => name === 'created_at' || name === 'updated_at')
  expect(kept.filter((column) => column.default !== 'now()')).toEqual([])
})

test('every constraint has a name that says its table and columns', async () => {
  const constraints = await sql`
    select conrelid::regclass::text as table, conname as name, contype as type,
      array(select attname from unnest(conkey) with ordinality k(n, i)
        join pg_attribute on attrelid = conrelid and attnum = n order by i) as columns
    from pg_constraint where connamespace = 'public'::regnamespace and contype in ('p', 'u', 'f', 'c')`
  expect(constraints.length).toBeGreaterThan(50)
  const endings: Record<string, string> = { p: 'pkey', u: 'key', f: 'fkey', c: 'check' }
  const wrong = constraints.filter(({ table, name, type, columns }) => {
    const ending = endings[type]
    if (type === 'p') return name !== `${table}_pkey`
    // a check may speak of another column too
    if (type === 'c') return !columns.some((column: string) => name === `${table}_${column}_check`)
    return name !== `${table}_${columns.join('_')}_${ending}`
  })
  expect(wrong).toEqual([])
})

test('every foreign key has an index that begins with it, and says what becomes of its rows', async () => {
  const keys = await sql`
    select conname as name, confdeltype as deleted, exists (
      select from pg_index
      where indrelid = conrelid and indisvalid
        and (indpred is null or pg_get_expr(indpred, indrelid) like '%IS NOT NULL)')
        and indkey[0] = any(conkey)
    ) as indexed
    from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace order by 1`
  expect(keys.length).toBeGreaterThan(20)
  expect(keys.filter(({ indexed }) => !indexed)).toEqual([])
  expect(keys.filter(({ deleted }) => deleted !== 'c' && deleted !== 'n')).toEqual([])
})

test('enumerations are varchar(20) with a check', async () => {
  const found = await sql`
    select table_name || '.' || column_name as name, character_maximum_length as length,
      (select pg_get_constraintdef(oid) from pg_constraint where conname = table_name || '_' || column_name || '_check') as values
    from information_schema.columns
    where table_schema = 'public' and column_name in ('difficulty_level', 'confidence_status', 'permission', 'source_type', 'status', 'side', 'state', 'direction', 'mode')
    order by 1`
  const values = found.map(({ name, length, values }) => [
    name,
    length,
    ...Array.from(values.matchAll(/'(\w+)'/g), ([, v]) => v),
  ])
  expect(values).toEqual([
    ['ai_job_sections.status', 20, 'pending', 'done', 'failed', 'skipped'],
    ['ai_jobs.source_type', 20, 'pdf', 'text', 'webpage'],
    ['ai_jobs.status', 20, 'pending', 'processing', 'done', 'failed'],
    ['card_images.side', 20, 'question', 'answer'],
    ['card_schedules.direction', 20, 'forward', 'reverse'],
    ['card_schedules.state', 20, 'new', 'learning', 'review', 'relearning'],
    ['cards.confidence_status', 20, 'again', 'almost', 'got_it'],
    ['cards.difficulty_level', 20, 'easy', 'medium', 'hard'],
    ['deck_shares.permission', 20, 'view', 'edit'],
    ['revision_attempts.confidence_status', 20, 'again', 'almost', 'got_it'],
    ['revision_attempts.direction', 20, 'forward', 'reverse'],
    ['revision_attempts.state', 20, 'new', 'learning', 'review', 'relearning'],
    ['sittings.mode', 20, 'study', 'cram', 'exam', 'script'],
  ])
})

test('updated_at is kept by the database wherever there is one, and moves only with a change', async () => {
  const tables = await sql`
    select table_name as name from information_schema.columns
    where table_schema = 'public' and column_name = 'updated_at' order by 1`
  const { deck_id } = await makeDeck('Spanish', { perro: 'dog' })
  const [user] = await sql`select user_id from users`
  await sql`insert into user_settings (user_id) values (${user?.user_id})`
  await sql`insert into deck_settings (user_id, deck_id) values (${user?.user_id}, ${deck_id})`
  await sql`insert into ai_jobs (user_id, source_type) values (${user?.user_id}, 'text')`
  const change: Record<string, string> = {
    ai_jobs: "source_url = 'x'",
    cards: "answer = 'hound'",
    deck_settings: 'typed = true',
    decks: "description = 'x'",
    user_settings: 'new_per_day = 3',
    users: "full_name = 'Ada'",
  }
  expect(tables.map(({ name }) => name)).toEqual(Object.keys(change))
  const long = new Date('2001-01-01T00:00:00Z')
  for (const [table, assignment] of Object.entries(change)) {
    const set = async (what: string) => {
      const [row] = await sql.unsafe(`update ${table} set ${what} returning updated_at, now() as now`)
      return { updated: row?.updated_at, now: row?.now }
    }
    const first = await set(`${assignment}, updated_at = '${long.toISOString()}'`)
    expect(first.updated, table).toEqual(first.now)
    expect((await set(assignment)).updated, table).toEqual(first.updated)
  }
  expect(await sql`select deck_id from decks`).toEqual([{ deck_id }])
})

test('is_shared is true exactly while the deck has a share', async () => {
  await makeUser('bert')
  await makeUser('carl')
  const { deck_id } = await makeDeck('One')
  const { deck_id: other } = await makeDeck('Two')
  const shared = async () =>
    (await sql`select name from decks where is_shared order by name`).map(({ name }) => name)
  expect(await shared()).toEqual([])
  await share(deck_id, 'bert', 'view')
  await share(deck_id, 'carl', 'edit')
  expect(await shared()).toEqual(['One'])
  await sql`delete from deck_shares where permission = 'view'`
  expect(await shared()).toEqual(['One'])
  await sql`update deck_shares set deck_id = ${other}`
  expect(await shared()).toEqual(['Two'])
  await sql`delete from users where username = 'carl'`
  expect(await shared()).toEqual([])
})

test.each<[constraint: string, statement: string]>([
  ['decks_name_check', `insert into decks (user_id, name) values ('ME', '  ')`],
  ['decks_user_id_name_key', `insert into decks (user_id, name) values ('ME', 'Spanish')`],
  ['cards_question_check', `insert into cards (deck_id, question, answer) values ('DECK', ' ', 'a')`],
  ['cards_answer_check', `insert into cards (deck_id, question, answer) values ('DECK', 'q', '')`],
  [
    'cards_difficulty_level_check',
    `insert into cards (deck_id, question, answer, difficulty_level) values ('DECK', 'q', 'a', 'brutal')`,
  ],
  [
    'cards_confidence_status_check',
    `insert into cards (deck_id, question, answer, confidence_status) values ('DECK', 'q', 'a', 'good')`,
  ],
  [
    'cards_deck_id_external_id_key',
    `insert into cards (deck_id, question, answer, external_id) values ('DECK', 'q', 'a', 'k'), ('DECK', 'r', 'a', 'k')`,
  ],
  [
    'deck_shares_deck_id_owner_id_fkey',
    `insert into deck_shares (deck_id, owner_id, shared_with_id, permission) values ('DECK', 'BERT', 'CARL', 'view')`,
  ],
  [
    'deck_shares_shared_with_id_check',
    `insert into deck_shares (deck_id, owner_id, shared_with_id, permission) values ('DECK', 'ME', 'ME', 'view')`,
  ],
  [
    'deck_shares_permission_check',
    `insert into deck_shares (deck_id, owner_id, shared_with_id, permission) values ('DECK', 'ME', 'BERT', 'own')`,
  ],
  [
    'revision_sessions_ended_at_check',
    `insert into revision_sessions (user_id, deck_id, started_at, ended_at) values ('ME', 'DECK', now(), now() - interval '1 s')`,
  ],
  [
    'user_settings_desired_retention_check',
    `insert into user_settings (user_id, desired_retention) values ('ME', 1)`,
  ],
  ['users_username_key', `insert into users (username) values ('bert')`],
])('the database itself refuses, by %s', async (constraint, statement) => {
  const ids: Record<string, string> = {
    ME: await makeUser(),
    BERT: await makeUser('bert'),
    CARL: await makeUser('carl'),
    DECK: (await makeDeck('Spanish')).deck_id,
  }
  const filled = statement.replace(/'(ME|BERT|CARL|DECK)'/g, (_, name) => `'${ids[name]}'`)
  await expect(sql.unsafe(filled)).rejects.toMatchObject({ constraint_name: constraint })
})

test('a card is unseen until its owner has a schedule for it, question to answer', async () => {
  const { deck_id, cards } = await makeDeck('Botany', { rose: 'Rosa' })
  const ada = await makeUser()
  const bert = await makeUser('bert')
  const card_id = cards[0]?.card_id ?? ''
  const answered = (user_id: string, direction: string) => sql`
    insert into card_schedules (user_id, card_id, direction, due, stability, difficulty, state, first_review, last_review)
    values (${user_id}, ${card_id}, ${direction}, now(), 1, 1, 'learning', now(), now())`
  const unseen = async () => (await sql`select unseen from cards`)[0]?.unseen

  await answered(bert, 'forward')
  await answered(ada, 'reverse')
  expect(await unseen()).toBe(true)
  await answered(ada, 'forward')
  expect(await unseen()).toBe(false)
  await sql`update card_schedules set state = 'new', first_review = null, last_review = null where direction = 'forward'`
  expect(await unseen()).toBe(true)
  await sql`update card_schedules set state = 'review', first_review = now(), last_review = now() where direction = 'forward'`
  expect(await unseen()).toBe(false)
  await sql`delete from card_schedules where user_id = ${ada}`
  expect(await unseen()).toBe(true)
  const theirs = await makeDeck('Zoology', {}, 'bert')
  await sql`update cards set deck_id = ${theirs.deck_id}`
  expect(await unseen()).toBe(false)
  await sql`update cards set deck_id = ${deck_id}`
  expect(await unseen()).toBe(true)
})

test('the day of an answer that says none is reckoned as its person has it at that moment', async () => {
  const { deck_id, cards } = await makeDeck('Botany', { rose: 'Rosa' })
  const user_id = await makeUser()
  const [session] = await sql`
    insert into revision_sessions (user_id, deck_id) values (${user_id}, ${deck_id}) returning session_id`
  const answer = async (attempted_at: string, zone: string | null) => {
    const [row] = await sql`
      insert into revision_attempts (session_id, card_id, confidence_status, attempted_at, time_zone)
      values (${session?.session_id}, ${cards[0]?.card_id ?? null}, 'got_it', ${attempted_at}, ${zone})
      returning study_date::text`
    return row?.study_date
  }
  expect(await answer('2026-03-29T03:30:00Z', null)).toBe('2026-03-28')
  expect(await answer('2026-03-29T03:30:00Z', 'Asia/Tokyo')).toBe('2026-03-29')
  await sql`insert into user_settings (user_id, day_start, time_zone) values (${user_id}, 0, 'Pacific/Auckland')`
  expect(await answer('2026-03-29T12:30:00Z', null)).toBe('2026-03-30')
  expect(await sql`select study_date::text from revision_attempts order by study_date`).toEqual([
    { study_date: '2026-03-28' },
    { study_date: '2026-03-29' },
    { study_date: '2026-03-30' },
  ])
})

test('what belongs to a person goes with them, and nothing else', async () => {
  await makeDeck('Spanish', { perro: 'dog' }, 'bert')
  const { deck_id, cards } = await makeDeck('Botany', { rose: 'Rosa' })
  await share(deck_id, 'bert', 'view')
  await did('study ada/Botany --user bert', { input: ' 3q', now: minutes(0) })
  await sql`delete from users where username = 'bert'`
  expect(await sql`select name, is_shared from decks`).toEqual([{ name: 'Botany', is_shared: false }])
  expect(await sql`select card_id from cards`).toEqual([{ card_id: cards[0]?.card_id }])
  for (const table of ['card_schedules', 'revision_sessions', 'revision_attempts', 'deck_shares'])
    expect(await sql`select from ${sql(table)}`, table).toHaveLength(0)
})
