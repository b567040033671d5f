import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { Statistics } from '../../src/core/stats.ts'
import { makeDeck, makeSchedule, makeUser, minutes, share } from '../support/builders.ts'
import { sql, useDatabase } from '../support/database.ts'
import { did, rote } from '../support/rote.ts'
import { NOW, USERNAME } from '../support/world.ts'

useDatabase()

interface Answers {
  card_id: string
  /** One letter for each answer: a, l, g for again, almost, got it. */
  grades: string
  /** The study day; when left out it is reckoned from the moment, as the database does. */
  date?: string
  at?: Date
  state?: string
  scheduled?: boolean
  time_zone?: string
  duration_ms?: number
  username?: string
}

/** A session in which a card was answered so often, a second each. */
async function answered({ card_id, grades, date, username = USERNAME, ...rest }: Answers): Promise<void> {
  const { state = 'review', scheduled = true, time_zone = 'UTC', duration_ms = 10_000 } = rest
  const at = rest.at ?? new Date(`${date}T12:00:00Z`)
  const [session] = await sql`
    insert into revision_sessions (user_id, deck_id, started_at)
    select user_id, deck_id, ${at} from users, cards where username = ${username} and card_id = ${card_id}
    returning session_id`
  for (const [n, letter] of [...grades].entries()) {
    await sql`
      insert into revision_attempts ${sql({
        session_id: session?.session_id,
        card_id,
        confidence_status: { a: 'again', l: 'almost', g: 'got_it' }[letter] ?? null,
        attempted_at: new Date(at.getTime() + n * 1000),
        duration_ms,
        time_zone,
        study_date: date ?? null,
        state,
        scheduled,
      })}`
  }
}

/** More than a year in two decks, the same each time: days with a few answers, days with many and days without. */
async function history(): Promise<{ spanish: string; japanese: string; cards: string[] }> {
  const spanish = await makeDeck('Spanish', { perro: 'dog', gato: 'cat', vaca: 'cow', 'la mano': 'hand' })
  const japanese = await makeDeck('日本語', { 犬: 'dog', 猫: 'cat' })
  const cards = [...spanish.cards, ...japanese.cards].map(({ card_id }) => card_id)
  await sql`
    insert into revision_sessions (user_id, deck_id, started_at)
    select user_id, deck_id, day from decks, generate_series(timestamptz '2025-01-01 12:00Z', '2026-03-02 08:00Z', '1 day') day`
  await sql`
    insert into revision_attempts (session_id, card_id, confidence_status, attempted_at, duration_ms, time_zone, study_date, state)
    select session_id, c.card_id, (array['got_it','got_it','again','got_it','almost'])[1 + (n + day) % 5],
      started_at + n * interval '10 seconds', 8000 + 100 * n, 'UTC', started_at::date,
      case when day < 6 then 'new' else 'review' end
    from (select *, started_at::date - date '2025-01-01' as day from revision_sessions) s
    join lateral (select card_id from cards where deck_id = s.deck_id order by position offset day % 2 limit 1) c on true,
      generate_series(1, (day * day) % 7 * (day % 5)) n`
  for (const [index, card_id] of cards.entries())
    await makeSchedule(card_id, minutes(60 * 24 * index * index - 600))
  await sql`update card_schedules set lapses = 12, difficulty = 8.25 where card_id = ${cards[4] ?? ''}`
  await sql`update card_schedules set lapses = 3, difficulty = 5 where card_id = ${cards[0] ?? ''}`
  await sql`update cards set confidence_status = 'almost' where card_id = ${cards[4] ?? ''}`
  await sql`update cards set confidence_status = 'got_it' where card_id in ${sql(cards.slice(0, 2))}`
  return { spanish: spanish.deck_id, japanese: japanese.deck_id, cards }
}

/** What a person sees, with ids that are the same each time. */
async function screen(columns: number, line = 'stats'): Promise<string> {
  const { code, stdout, stderr } = await rote(line, { tty: true, columns })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout.replace(/\b[0-9a-f]{8}\b/g, '01234567')
}

async function statistics(line = 'stats', options: Parameters<typeof rote>[1] = {}): Promise<Statistics> {
  return JSON.parse(await did(`${line} --json`, options))
}

test('at 80 columns', async () => {
  await history()
  expect(await screen(80)).toMatchInlineSnapshot(`
    "All decks
      Today        0 cards · 0 answers · 0 s
      Streak       4 days, the longest 4 · today is not in it yet
      Since 1 Feb  240 answers · 33 min 51 s on 21 days of 30, 1 min 37 s on each
      Ever         3,406 answers · 8 h 2 min on 292 days since 2 Jan 2025

    Answers a day
              Apr May Jun  Jul Aug  Sep Oct Nov  Dec Jan Feb Mar
      Mon ▓█·██▓█·██▓█·██▓█·██▓█·██▓█·██▓█·██▓█·██▓█·██▓█·██▓█·
          ▒▓░▒·▒▓░▒·▒▓░▒·▒▓░▒·▒▓░▒·▒▓░▒·▒▓░▒·▒▓░▒·▒▓░▒·▒▓░▒·▒▓
      Wed ····················································
          ▓░▒·▒▓░▒·▒▓░▒·▒▓░▒·▒▓░▒·▒▓░▒·▒▓░▒·▒▓░▒·▒▓░▒·▒▓░▒·▒▓░
      Fri ·██▓█·██▓█·██▓█·██▓█·██▓█·██▓█·██▓█·██▓█·██▓█·██▓█·█
          ▒▓·▓█▒▓·▓█▒▓·▓█▒▓·▓█▒▓·▓█▒▓·▓█▒▓·▓█▒▓·▓█▒▓·▓█▒▓·▓█▒▓
      Sun ▓█▒▓·▓█▒▓·▓█▒▓·▓█▒▓·▓█▒▓·▓█▒▓·▓█▒▓·▓█▒▓·▓█▒▓·▓█▒▓·▓█
      · none   ░ 1–3   ▒ 4–7   ▓ 8–15   █ 16+

    Due a day
      2 █
        █
        █     ▄         ▄             ▄                 ▄
        █     █         █             █                 █
        █     █         █             █                 █
        ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─
        today         9 Mar         16 Mar        23 Mar        30 Mar
      today 2   tomorrow 0   7 days 3   30 days 6

    Retention since 1 Feb 2026
      DECK      REVIEWS  RECALLED   95% CI
      Spanish       120     81.7%  74%–88%
      日本語        120     81.7%  74%–88%
      together      240     81.7%  76%–86%
      ever        3,360     81.4%  80%–83%

    Confidence by week since 1 Feb 2026
      1 Feb     ░░░░░░░░░░░░░░░░░░░░████████████████████  50%   0%  50%
      2 Feb     ░░░░░▒▒▒▒▒▒▒▒▒▒▒████████████████████████  12%  28%  60%
      9 Feb     ░░░░░░░▒▒▒▒▒▒▒▒▒████████████████████████  18%  21%  61%
      16 Feb    ░░░░░░░░▒▒▒▒▒▒▒█████████████████████████  19%  19%  63%
      23 Feb    ░░░░░░░░▒▒▒▒▒▒▒▒████████████████████████  21%  21%  59%
      2 Mar                                                 –    –    –
      cards now ▒▒▒▒▒▒▒▒▒▒▒▒▒███████████████████████████   0%  33%  67%
      ░ again   ▒ almost   █ got it   3 cards not asked yet

    Hardest cards
      ID        CARD   DECK     LAPSES  DIFFICULTY
      01234567  犬     日本語       12         8.3  leech
      01234567  perro  Spanish       3         5.0
      1 with 8 lapses or more: leeches. Write them anew: rote card edit <id>
    "
  `)
})

test('at 40 columns', async () => {
  await history()
  expect(await screen(40)).toMatchInlineSnapshot(`
    "All decks
    Today        0 cards · 0 answers · 0 s
    Streak       4 days, the longest 4 ·
                 today is not in it yet
    Since 1 Feb  240 answers · 33 min 51 s
                 on 21 days of 30, 1 min 37
                 s on each
    Ever         3,406 answers · 8 h 2 min
                 on 292 days since 2 Jan
                 2025

    Answers a day
        Jul Aug  Sep Oct Nov  Dec Jan Feb
    Mon ·██▓█·██▓█·██▓█·██▓█·██▓█·██▓█·██▓█·
        ░▒·▒▓░▒·▒▓░▒·▒▓░▒·▒▓░▒·▒▓░▒·▒▓░▒·▒▓
    Wed ···································
        ▒·▒▓░▒·▒▓░▒·▒▓░▒·▒▓░▒·▒▓░▒·▒▓░▒·▒▓░
    Fri █▓█·██▓█·██▓█·██▓█·██▓█·██▓█·██▓█·█
        ·▓█▒▓·▓█▒▓·▓█▒▓·▓█▒▓·▓█▒▓·▓█▒▓·▓█▒▓
    Sun ▒▓·▓█▒▓·▓█▒▓·▓█▒▓·▓█▒▓·▓█▒▓·▓█▒▓·▓█
    · none   ░ 1–3   ▒ 4–7   ▓ 8–15   █ 16+

    Due a day
    2 █
      █
      █  ▄    ▄      ▄        ▄
      █  █    █      █        █
      █  █    █      █        █
      ──────────────────────────────
      today  9 Mar  16 Mar 23 Mar 30 Mar
    today 2   tomorrow 0   7 days 3
    30 days 6

    Retention since 1 Feb 2026
    DECK      REVIEWS  RECALLED   95% CI
    Spanish       120     81.7%  74%–88%
    日本語        120     81.7%  74%–88%
    together      240     81.7%  76%–86%
    ever        3,360     81.4%  80%–83%

    Confidence by week since 1 Feb 2026
    1 Feb     ░░░░░░░░███████  50%   0%  50%
    2 Feb     ░░▒▒▒▒█████████  12%  28%  60%
    9 Feb     ░░░▒▒▒█████████  18%  21%  61%
    16 Feb    ░░░▒▒▒█████████  19%  19%  63%
    23 Feb    ░░░▒▒▒█████████  21%  21%  59%
    2 Mar                        –    –    –
    cards now ▒▒▒▒▒██████████   0%  33%  67%
    ░ again   ▒ almost   █ got it
    3 cards not asked yet

    Hardest cards
    ID        CARD   LAPSES
    01234567  犬         12  leech
    01234567  perro       3
    1 with 8 lapses or more: leeches. Write
    them anew: rote card edit <id>
    "
  `)
})

test('at 200 columns', async () => {
  await history()
  expect(await screen(200)).toMatchInlineSnapshot(`
    "All decks
      Today        0 cards · 0 answers · 0 s
      Streak       4 days, the longest 4 · today is not in it yet
      Since 1 Feb  240 answers · 33 min 51 s on 21 days of 30, 1 min 37 s on each
      Ever         3,406 answers · 8 h 2 min on 292 days since 2 Jan 2025

    Answers a day
                  Apr     May     Jun       Jul     Aug       Sep     Oct     Nov       Dec     Jan     Feb     Mar
      Mon ▓▓██· ████▓▓██· ████▓▓██· ████▓▓██· ████▓▓██· ████▓▓██· ████▓▓██· ████▓▓██· ████▓▓██· ████▓▓██· ████▓▓██·
          ▒▒▓▓░░▒▒· ▒▒▓▓░░▒▒· ▒▒▓▓░░▒▒· ▒▒▓▓░░▒▒· ▒▒▓▓░░▒▒· ▒▒▓▓░░▒▒· ▒▒▓▓░░▒▒· ▒▒▓▓░░▒▒· ▒▒▓▓░░▒▒· ▒▒▓▓░░▒▒· ▒▒▓▓
      Wed · · · · · · · · · · · · · · · · · · · · · · · · · · · · · · · · · · · · · · · · · · · · · · · · · · · ·
          ▓▓░░▒▒· ▒▒▓▓░░▒▒· ▒▒▓▓░░▒▒· ▒▒▓▓░░▒▒· ▒▒▓▓░░▒▒· ▒▒▓▓░░▒▒· ▒▒▓▓░░▒▒· ▒▒▓▓░░▒▒· ▒▒▓▓░░▒▒· ▒▒▓▓░░▒▒· ▒▒▓▓░░
      Fri · ████▓▓██· ████▓▓██· ████▓▓██· ████▓▓██· ████▓▓██· ████▓▓██· ████▓▓██· ████▓▓██· ████▓▓██· ████▓▓██· ██
          ▒▒▓▓· ▓▓██▒▒▓▓· ▓▓██▒▒▓▓· ▓▓██▒▒▓▓· ▓▓██▒▒▓▓· ▓▓██▒▒▓▓· ▓▓██▒▒▓▓· ▓▓██▒▒▓▓· ▓▓██▒▒▓▓· ▓▓██▒▒▓▓· ▓▓██▒▒▓▓
      Sun ▓▓██▒▒▓▓· ▓▓██▒▒▓▓· ▓▓██▒▒▓▓· ▓▓██▒▒▓▓· ▓▓██▒▒▓▓· ▓▓██▒▒▓▓· ▓▓██▒▒▓▓· ▓▓██▒▒▓▓· ▓▓██▒▒▓▓· ▓▓██▒▒▓▓· ▓▓██
      · none   ░ 1–3   ▒ 4–7   ▓ 8–15   █ 16+

    Due a day
      2 ██
        ██
        ██       ▄▄             ▄▄                   ▄▄                         ▄▄
        ██       ██             ██                   ██                         ██
        ██       ██             ██                   ██                         ██
        ── ── ── ── ── ── ── ── ── ── ── ── ── ── ── ── ── ── ── ── ── ── ── ── ── ── ── ── ── ──
        today                9 Mar                16 Mar               23 Mar               30 Mar
      today 2   tomorrow 0   7 days 3   30 days 6

    Retention since 1 Feb 2026
      DECK      REVIEWS  RECALLED   95% CI
      Spanish       120     81.7%  74%–88%
      日本語        120     81.7%  74%–88%
      together      240     81.7%  76%–86%
      ever        3,360     81.4%  80%–83%

    Confidence by week since 1 Feb 2026
      1 Feb     ░░░░░░░░░░░░░░░░░░░░████████████████████  50%   0%  50%
      2 Feb     ░░░░░▒▒▒▒▒▒▒▒▒▒▒████████████████████████  12%  28%  60%
      9 Feb     ░░░░░░░▒▒▒▒▒▒▒▒▒████████████████████████  18%  21%  61%
      16 Feb    ░░░░░░░░▒▒▒▒▒▒▒█████████████████████████  19%  19%  63%
      23 Feb    ░░░░░░░░▒▒▒▒▒▒▒▒████████████████████████  21%  21%  59%
      2 Mar                                                 –    –    –
      cards now ▒▒▒▒▒▒▒▒▒▒▒▒▒███████████████████████████   0%  33%  67%
      ░ again   ▒ almost   █ got it   3 cards not asked yet

    Hardest cards
      ID        CARD   DECK     LAPSES  DIFFICULTY
      01234567  犬     日本語       12         8.3  leech
      01234567  perro  Spanish       3         5.0
      1 with 8 lapses or more: leeches. Write them anew: rote card edit <id>
    "
  `)
})

test.each([36, 40, 59, 60, 80, 120, 200])('nothing sticks out of %d columns', async (columns) => {
  await history()
  const lines = (await screen(columns, 'stats Spanish --since 2025-01-01')).split('\n')
  expect(lines.filter((line) => line.length > columns)).toEqual([])
})

test('colours only repeat what the characters say', async () => {
  await history()
  const plain = (await rote('stats', { tty: true })).stdout
  const { stdout } = await rote('stats', { tty: true, env: { NO_COLOR: undefined, FORCE_COLOR: '1' } })
  expect(stripVTControlCharacters(stdout)).toBe(plain)
  const codes = Array.from(stdout.matchAll(/\[(\d+)m/g), ([, code]) => Number(code))
  // bold, dim, red, yellow, cyan, and back
  expect([...new Set(codes)].sort((a, b) => a - b)).toEqual([1, 2, 22, 31, 33, 36, 39])
})

test('the object, whole', async () => {
  const { spanish, japanese, cards } = await history()
  const { heatmap, forecast, ...rest } = await statistics('stats --since 2026-02-23')
  const [perro, , , , dog] = cards
  const all_time = { reviews: 3360, recalled: 2736, rate: 0.8143, low: 0.8008, high: 0.8271 }
  const half = { reviews: 39, recalled: 31, rate: 0.7949, low: 0.6447, high: 0.8922 }
  expect(rest).toEqual({
    scope: { since: '2026-02-23', until: '2026-03-02', playlist: null, decks: null },
    today: { date: '2026-03-02', cards: 0, new: 0, answers: 0, duration_ms: 0 },
    streak: { current: 4, longest: 4, today: false },
    retention: {
      ...{ reviews: 78, recalled: 62, rate: 0.7949, low: 0.6925, high: 0.8696 },
      all_time,
      decks: [
        { deck_id: spanish, name: 'Spanish', ...half },
        { deck_id: japanese, name: '日本語', ...half },
      ],
    },
    time: {
      duration_ms: 660_400,
      answers: 78,
      studied_days: 6,
      days: 8,
      all_time: { duration_ms: 28_946_800, answers: 3406, studied_days: 292, since: '2025-01-02' },
    },
    confidence: {
      by: 'week',
      periods: [
        { from: '2026-02-23', again: 16, almost: 16, got_it: 46 },
        { from: '2026-03-02', again: 0, almost: 0, got_it: 0 },
      ],
      now: { again: 0, almost: 1, got_it: 2, unseen: 3 },
    },
    leeches: { lapses: 8, cards: 1 },
    hardest: [
      {
        ...{ rank: 1, card_id: dog, question: '犬', deck_id: japanese, deck: '日本語', direction: 'forward' },
        ...{ lapses: 12, difficulty: 8.25, leech: true, suspended: false },
      },
      {
        ...{
          rank: 2,
          card_id: perro,
          question: 'perro',
          deck_id: spanish,
          deck: 'Spanish',
          direction: 'forward',
        },
        ...{ lapses: 3, difficulty: 5, leech: false, suspended: false },
      },
    ],
  })
  expect(heatmap.length).toBe(52 * 7 + 1)
  expect(heatmap.slice(-4)).toEqual([
    { date: '2026-02-27', answers: 16 },
    { date: '2026-02-28', answers: 12 },
    { date: '2026-03-01', answers: 16 },
    { date: '2026-03-02', answers: 0 },
  ])
  expect(forecast.length).toBe(30)
  expect(forecast.slice(0, 5).map(({ due }) => due)).toEqual([2, 0, 0, 1, 0])
})

test('a pipe gets a line for each number', async () => {
  const { spanish } = await history()
  const object = await statistics()
  const lines = (await did('stats')).split('\n').map((line) => line.split('\t'))
  expect(lines.every((line) => line.length === 3)).toBe(true)
  const keys = lines.map(([section, key]) => `${section} ${key}`)
  expect(new Set(keys).size).toBe(keys.length)
  expect([...new Set(lines.map(([section]) => section))]).toEqual(Object.keys(object))
  const cell = (section: string, key: string) => lines.find(([s, k]) => s === section && k === key)?.[2]
  expect(cell('streak', 'current')).toBe('4')
  expect(cell('retention', 'all_time.rate')).toBe('0.8143')
  expect(cell('retention', `decks.${spanish}.name`)).toBe('Spanish')
  expect(cell('heatmap', '2026-03-01')).toBe('16')
  expect(cell('forecast', '2026-03-02')).toBe('2')
  expect(cell('confidence', 'periods.2026-02-09.again')).toBe('14')
  expect(cell('hardest', '1.lapses')).toBe('12')
})

test('--quiet gives the ids of the hardest cards', async () => {
  const { cards } = await history()
  expect(await did('stats -q')).toBe(`${cards[4]}\n${cards[0]}`)
})

describe('nothing to count', () => {
  test('no deck', async () => {
    expect(await rote('stats', { tty: true })).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'Nothing to count yet. It begins with a deck: rote deck create <name>\n',
    })
  })

  test('no answer', async () => {
    await makeDeck('Spanish', { perro: 'dog' })
    expect(await rote('stats', { tty: true })).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'Nothing to count yet. Answers show up here: rote study\n',
    })
    const { time, streak, retention, confidence, heatmap, hardest } = await statistics()
    expect(time).toMatchObject({ answers: 0, all_time: { since: null } })
    expect(streak).toEqual({ current: 0, longest: 0, today: false })
    expect(retention).toMatchObject({ rate: null, low: null, high: null, decks: [] })
    expect(confidence).toEqual({
      by: 'week',
      periods: [],
      now: { again: 0, almost: 0, got_it: 0, unseen: 1 },
    })
    expect(heatmap.every(({ answers }) => answers === 0)).toBe(true)
    expect(hardest).toEqual([])
    expect(await did('stats -q')).toBe('')
  })

  test('an answer today, the first', async () => {
    const { cards } = await makeDeck('Spanish', { perro: 'dog' })
    await answered({ card_id: cards[0]?.card_id ?? '', grades: 'g', at: minutes(-5), state: 'new' })
    const shown = await screen(80)
    expect(shown.split('\n').slice(0, 5)).toEqual([
      'All decks',
      '  Today        1 card, 1 new · 1 answer · 10 s',
      '  Streak       1 day, the longest 1',
      '  Since 1 Feb  1 answer · 10 s on 1 day of 30, 10 s on each',
      '  Ever         1 answer · 10 s on 1 day since 2 Mar 2026',
    ])
    expect(shown).toContain('Nothing yet: it counts from the second time that you see a card.\n')
    expect(shown).not.toContain('Hardest')
  })
})

test('retention counts reviews, neither what is being learnt nor cramming', async () => {
  const { cards } = await makeDeck('Spanish', { perro: 'dog' })
  const card_id = cards[0]?.card_id ?? ''
  const on = { card_id, date: '2026-03-01' }
  await answered({ ...on, grades: 'aaa', state: 'new' })
  await answered({ ...on, grades: 'aa', state: 'learning' })
  await answered({ ...on, grades: 'aa', state: 'relearning' })
  await answered({ ...on, grades: 'aaaa', scheduled: false })
  await answered({ ...on, grades: 'glga' })
  const { retention, time, today } = await statistics()
  expect(retention).toMatchObject({ reviews: 4, recalled: 3, rate: 0.75 })
  expect(time.answers).toBe(15)
  expect(today.answers).toBe(0)
})

test('today: a card that was answered twice is one', async () => {
  const { cards } = await makeDeck('Spanish', { perro: 'dog', gato: 'cat' })
  const [first = '', second = ''] = cards.map(({ card_id }) => card_id)
  await answered({ card_id: first, grades: 'ag', at: minutes(-60), state: 'new' })
  await answered({ card_id: first, grades: 'g', at: minutes(-30), state: 'learning' })
  await answered({ card_id: second, grades: 'g', at: minutes(-20) })
  // before four in the morning it was still yesterday
  await answered({ card_id: second, grades: 'l', at: minutes(-6 * 60 - 1) })
  const { today, streak } = await statistics()
  expect(today).toEqual({ date: '2026-03-02', cards: 2, new: 1, answers: 4, duration_ms: 40_000 })
  expect(streak).toEqual({ current: 2, longest: 2, today: true })
})

describe('the past does not change', () => {
  const past = async (options = {}) => {
    const { heatmap, streak } = await statistics('stats', options)
    return { days: heatmap.filter(({ answers }) => answers > 0), streak }
  }

  test('not with the start of the day, not with the time zone', async () => {
    const { cards } = await makeDeck('Spanish', { perro: 'dog' })
    const card_id = cards[0]?.card_id ?? ''
    // at half past three at night each time, which counts for the day before
    for (const date of ['2026-02-27', '2026-02-28', '2026-03-01', '2026-03-02'])
      await answered({ card_id, grades: 'g', at: new Date(`${date}T03:30:00Z`) })
    const before = await past()
    expect(before).toEqual({
      days: ['2026-02-26', '2026-02-27', '2026-02-28', '2026-03-01'].map((date) => ({ date, answers: 1 })),
      streak: { current: 4, longest: 4, today: false },
    })
    await did('config set day_start 0')
    expect(await past()).toEqual(before)
    await did('config set day_start 23')
    expect((await past()).days).toEqual(before.days)
    await did('config set day_start 4')
    await did('config set time_zone Pacific/Kiritimati')
    expect((await past()).days).toEqual(before.days)
    await did('config set time_zone America/Los_Angeles')
    expect((await past()).days).toEqual(before.days)
  })

  test.each([
    ['spring', '2026-03-28', '2026-03-30T22:00:00+02:00', ['2026-03-28', '2026-03-29', '2026-03-30']],
    ['autumn', '2026-10-24', '2026-10-26T22:00:00+01:00', ['2026-10-24', '2026-10-25', '2026-10-26']],
  ])('not when clocks change in %s', async (_, first, now, dates) => {
    await makeUser()
    await did('config set time_zone Europe/Berlin')
    const { cards } = await makeDeck('Spanish', { perro: 'dog' })
    // just before the end of each study day, at five to four in the morning
    for (const [index] of dates.entries()) {
      const day = new Date(`${first}T12:00:00Z`)
      day.setUTCDate(day.getUTCDate() + index + 1)
      const morning = day.toISOString().slice(0, 10)
      const [row] = await sql`select ${`${morning} 03:55`}::timestamp at time zone 'Europe/Berlin' as at`
      await answered({
        card_id: cards[0]?.card_id ?? '',
        grades: 'g',
        at: row?.at,
        time_zone: 'Europe/Berlin',
      })
    }
    const { days, streak } = await past({ now: new Date(now) })
    expect(days).toEqual(dates.map((date) => ({ date, answers: 1 })))
    expect(streak).toEqual({ current: 3, longest: 3, today: true })
  })

  test('over the date line to the west, a date is left out and the streak goes on', async () => {
    const { cards } = await makeDeck('Spanish', { perro: 'dog' })
    const card_id = cards[0]?.card_id ?? ''
    const zone = 'America/Los_Angeles'
    for (const at of ['2026-02-27T20:00:00-08:00', '2026-02-28T08:00:00-08:00'])
      await answered({ card_id, grades: 'g', at: new Date(at), time_zone: zone })
    await did('config set time_zone Asia/Tokyo')
    const landed = { now: new Date('2026-03-02T18:00:00+09:00') }
    expect((await past(landed)).streak).toEqual({ current: 2, longest: 2, today: false })
    await answered({ card_id, grades: 'g', at: landed.now, time_zone: 'Asia/Tokyo' })
    expect(await past(landed)).toEqual({
      days: ['2026-02-27', '2026-02-28', '2026-03-02'].map((date) => ({ date, answers: 1 })),
      streak: { current: 3, longest: 3, today: true },
    })
  })

  test('over it to the east, a date comes twice and counts once', async () => {
    const { cards } = await makeDeck('Spanish', { perro: 'dog' })
    const card_id = cards[0]?.card_id ?? ''
    for (const at of ['2026-02-28T20:00:00+13:00', '2026-03-01T20:00:00+13:00', '2026-03-02T08:00:00+13:00'])
      await answered({ card_id, grades: 'g', at: new Date(at), time_zone: 'Pacific/Auckland' })
    await did('config set time_zone Pacific/Honolulu')
    // it is the first of March once more
    const landed = { now: new Date('2026-03-01T10:00:00-10:00') }
    expect((await past(landed)).streak).toEqual({ current: 3, longest: 3, today: true })
    await answered({ card_id, grades: 'g', at: landed.now, time_zone: 'Pacific/Honolulu' })
    expect(await past(landed)).toEqual({
      days: [
        { date: '2026-02-28', answers: 1 },
        { date: '2026-03-01', answers: 2 },
        { date: '2026-03-02', answers: 1 },
      ],
      streak: { current: 3, longest: 3, today: true },
    })
  })
})

describe('forecast', () => {
  const dueOn = async (options = {}) =>
    (await statistics('stats', options)).forecast.filter(({ due }) => due > 0)

  test('overdue today, then by study day; not what is suspended, buried or new', async () => {
    const questions = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    const { cards } = await makeDeck('Letters', Object.fromEntries(questions.map((q) => [q, q])))
    const ids = cards.map(({ card_id }) => card_id)
    const hours = [-2000, -1, 17, 18.5, 42.5, 30 * 24 - 6.5, 30 * 24 - 5.5]
    for (const [index, hour] of hours.entries()) await makeSchedule(ids[index] ?? '', minutes(60 * hour))
    expect(await dueOn()).toEqual([
      { date: '2026-03-02', due: 3 },
      { date: '2026-03-03', due: 1 },
      { date: '2026-03-04', due: 1 },
      { date: '2026-03-31', due: 1 },
    ])
    await sql`update card_schedules set suspended_at = now() where card_id = ${ids[0] ?? ''}`
    await sql`update card_schedules set buried_until = ${minutes(60 * 20)} where card_id = ${ids[1] ?? ''}`
    await sql`update cards set deleted_at = now() where card_id = ${ids[4] ?? ''}`
    expect(await dueOn()).toEqual([
      { date: '2026-03-02', due: 1 },
      { date: '2026-03-03', due: 2 },
      { date: '2026-03-31', due: 1 },
    ])
  })

  test.each([
    ['2026-03-28T12:00:00+01:00', '2026-03-29T03:59:00+02:00', '2026-03-28'],
    ['2026-03-28T12:00:00+01:00', '2026-03-29T04:00:00+02:00', '2026-03-29'],
    ['2026-03-28T12:00:00+01:00', '2026-03-30T03:59:00+02:00', '2026-03-29'],
    ['2026-10-24T12:00:00+02:00', '2026-10-25T03:59:00+01:00', '2026-10-24'],
    ['2026-10-24T12:00:00+02:00', '2026-10-25T04:00:00+01:00', '2026-10-25'],
    ['2026-10-24T12:00:00+02:00', '2026-10-26T03:59:00+01:00', '2026-10-25'],
  ])('at %s, what is due at %s is due on %s', async (now, due, date) => {
    await makeUser()
    await did('config set time_zone Europe/Berlin')
    const { cards } = await makeDeck('Spanish', { perro: 'dog' })
    await makeSchedule(cards[0]?.card_id ?? '', new Date(due))
    expect(await dueOn({ now: new Date(now) })).toEqual([{ date, due: 1 }])
  })
})

describe('decks', () => {
  test('named ones are all that counts', async () => {
    const { spanish } = await history()
    const { scope, time, retention, forecast, hardest, confidence } =
      await statistics('stats spanish Spanish')
    expect(scope.decks).toEqual([{ deck_id: spanish, name: 'Spanish' }])
    expect(time.all_time.answers).toBe(1703)
    expect(retention.decks.map(({ name }) => name)).toEqual(['Spanish'])
    expect(forecast.reduce((sum, { due }) => sum + due, 0)).toBe(4)
    expect(hardest.map(({ question }) => question)).toEqual(['perro'])
    expect(confidence.now).toEqual({ again: 0, almost: 0, got_it: 2, unseen: 2 })
    expect((await screen(80, 'stats Spanish 日本語')).split('\n')[0]).toBe('Spanish, 日本語')
  })

  test('one that is not there', async () => {
    await makeDeck('Spanish')
    expect(await rote('stats Spanisch')).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringContaining('Did you mean "Spanish"?'),
    })
  })

  test('of a playlist, those that the person may see', async () => {
    const { spanish } = await history()
    const other = await makeDeck('Secret', { x: 'y' }, 'grace')
    const [playlist] = await sql`
      insert into playlists (user_id, name) select user_id, 'Morning' from users where username = ${USERNAME}
      returning playlist_id`
    for (const deck_id of [spanish, other.deck_id])
      await sql`insert into playlist_decks (playlist_id, deck_id) values (${playlist?.playlist_id}, ${deck_id})`
    const { scope, time } = await statistics('stats --user ada --playlist morning')
    expect(scope).toMatchObject({ playlist: 'Morning', decks: [{ deck_id: spanish, name: 'Spanish' }] })
    expect(time.all_time.answers).toBe(1703)
    expect(await rote('stats --user ada 日本語 --playlist Morning')).toMatchObject({
      code: 2,
      stderr: 'Name decks or a playlist, not both.\nSuch as: rote stats --playlist Morning\n',
    })
    expect((await rote('stats --user ada --playlist Evening')).code).toBe(3)
    await sql`delete from playlist_decks`
    expect((await statistics('stats --user ada --playlist Morning')).time.all_time.answers).toBe(0)
    expect(await rote('stats --user ada --playlist Morning', { tty: true })).toMatchObject({
      stdout: '',
      stderr: 'No decks in "Morning". Put one in: rote playlist add <playlist> <deck>\n',
    })
  })

  test('each person has their own', async () => {
    const { cards, deck_id } = await makeDeck('Birds', { wren: 'Zaunkönig' }, 'grace')
    const card_id = cards[0]?.card_id ?? ''
    await makeUser()
    await share(deck_id, USERNAME, 'view')
    await sql`update cards set confidence_status = 'got_it'`
    await answered({ card_id, grades: 'gggg', date: '2026-03-01', username: 'grace' })
    await answered({ card_id, grades: 'ga', date: '2026-03-01' })
    await makeSchedule(card_id, minutes(-5), 'grace')
    await makeSchedule(card_id, minutes(60 * 48))
    await sql`update card_schedules set lapses = 9`
    const mine = await statistics('stats --user ada')
    expect(mine.time.answers).toBe(2)
    expect(mine.retention.decks).toMatchObject([{ name: 'grace/Birds', reviews: 2, recalled: 1 }])
    expect(mine.confidence.now).toEqual({ again: 1, almost: 0, got_it: 0, unseen: 0 })
    expect(mine.forecast.slice(0, 3).map(({ due }) => due)).toEqual([0, 0, 1])
    expect(mine.hardest).toMatchObject([{ deck: 'grace/Birds', lapses: 9 }])
    const hers = await statistics('stats --user grace')
    expect(hers.time.answers).toBe(4)
    expect(hers.confidence.now).toEqual({ again: 0, almost: 0, got_it: 1, unseen: 0 })
    expect(hers.forecast[0]?.due).toBe(1)
  })

  test('one that was taken away: the history stays, its name and cards do not', async () => {
    const { cards, deck_id } = await makeDeck('Birds', { wren: 'Zaunkönig' }, 'grace')
    const card_id = cards[0]?.card_id ?? ''
    await makeUser()
    await share(deck_id, USERNAME, 'view')
    await answered({ card_id, grades: 'ga', date: '2026-03-01' })
    await makeSchedule(card_id, minutes(-5))
    await sql`update card_schedules set lapses = 9`
    await sql`delete from deck_shares`
    const { stdout } = await rote('stats --user ada', { tty: true })
    expect(stdout).toContain('(no longer yours to see)')
    expect(stdout).not.toMatch(/Birds|wren/)
    const { time, retention, hardest, leeches, forecast } = await statistics('stats --user ada')
    expect(time.answers).toBe(2)
    expect(retention.decks).toMatchObject([{ deck_id: null, name: null, reviews: 2 }])
    expect({ hardest, leeches: leeches.cards, due: forecast[0]?.due }).toEqual({
      hardest: [],
      leeches: 0,
      due: 0,
    })
    expect((await rote('stats --user ada grace/Birds')).code).toBe(3)
  })

  test('a card asked both ways has two schedules', async () => {
    const { cards } = await makeDeck('Spanish', { perro: 'dog' })
    const card_id = cards[0]?.card_id ?? ''
    await makeSchedule(card_id, minutes(-5))
    await sql`
      insert into card_schedules (user_id, card_id, direction, due, stability, difficulty, state, lapses, first_review, last_review)
      select user_id, card_id, 'reverse', due, stability, difficulty, state, 4, first_review, last_review
      from card_schedules`
    await sql`update cards set reversible = true`
    const { forecast, hardest } = await statistics()
    expect(forecast[0]?.due).toBe(2)
    expect(hardest).toMatchObject([{ direction: 'reverse', lapses: 4 }])
    expect((await rote('stats', { tty: true })).stdout).toContain('(reverse) perro')
    await sql`update card_schedules set lapses = 5`
    const lines = (await did('stats')).split('\n').filter((line) => line.includes('direction'))
    expect(lines).toEqual(['hardest\t1.direction\tforward', 'hardest\t2.direction\treverse'])
  })
})

describe('--since', () => {
  test.each(['yesterday', '2026-02-30', '2026-3-1', ''])('"%s" is no date', async (text) => {
    const { code, stderr } = await rote(['stats', '--since', text])
    expect(code).toBe(2)
    expect(stderr).toContain('It must be a date such as 2026-03-29.')
  })

  test('a day to come', async () => {
    expect(await rote('stats --since 2026-03-03')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--since 2026-03-03 has not come yet: today is 2026-03-02.'),
    })
    expect((await rote('stats --since 2026-03-02')).code).toBe(0)
  })

  test('long before anything', async () => {
    await history()
    const { scope, time, confidence } = await statistics('stats --since 1000-01-01')
    expect(scope.since).toBe('1000-01-01')
    expect(time.studied_days).toBe(292)
    expect(confidence.by).toBe('month')
    expect(confidence.periods.length).toBe(15)
  })
})

test('what strangers write reaches no terminal', async () => {
  const { cards } = await makeDeck('evil\u001b]0;x\u0007\u202e', { 'a\u001b[31mb\nc': 'd' })
  const card_id = cards[0]?.card_id ?? ''
  await answered({ card_id, grades: 'ga', at: NOW, time_zone: '\u001b[2J' })
  await makeSchedule(card_id, minutes(-5))
  await sql`update card_schedules set lapses = 9`
  const shown = await screen(80, 'stats')
  expect(['\u001b', '\u0007', '\u202e'].filter((control) => shown.includes(control))).toEqual([])
  expect(shown).toContain('a␛[31mb ⏎ c')
})

test('of thirty hard cards the ten hardest, of one deck its own', async () => {
  for (const name of ['One', 'Two']) {
    const questions = Array.from({ length: 15 }, (_, n) => [`${name} ${n}`, 'answer'])
    const { cards } = await makeDeck(name, Object.fromEntries(questions))
    for (const { card_id } of cards) await makeSchedule(card_id, minutes(-5))
  }
  await sql`
    update card_schedules s set lapses = split_part(question, ' ', 2)::int, difficulty = case when question like 'One%' then 7.256 else 3 end
    from cards where cards.card_id = s.card_id`
  const all = await statistics()
  expect(all.hardest.map(({ question }) => question)).toEqual(
    [14, 13, 12, 11, 10].flatMap((lapses) => [`One ${lapses}`, `Two ${lapses}`]),
  )
  expect(all.hardest[0]).toMatchObject({ rank: 1, difficulty: 7.26 })
  expect(all.leeches).toEqual({ lapses: 8, cards: 14 })
  const { hardest, leeches } = await statistics('stats Two')
  expect(hardest.map(({ lapses }) => lapses)).toEqual([14, 13, 12, 11, 10, 9, 8, 7, 6, 5])
  expect(leeches.cards).toBe(7)
})

test('twelve decks: ten are named', async () => {
  for (let n = 10; n < 22; n++) {
    const { cards } = await makeDeck(`Deck ${n}`, { question: 'answer' })
    await answered({ card_id: cards[0]?.card_id ?? '', grades: 'g'.repeat(n), date: '2026-03-01' })
  }
  const shown = await screen(80)
  expect(shown).toContain('  Deck 21        21    100.0%  85%–100%\n')
  expect(shown).toContain('  2 more decks: rote stats --json\n')
  expect(shown).not.toContain('Deck 11 ')
  expect((await statistics()).retention.decks.length).toBe(12)
})
