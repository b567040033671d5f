import { expect, test } from 'vitest'
import { replayer } from '../../src/core/replay.ts'
import type { Database } from '../../src/db/connect.ts'
import type { FileCard } from '../../src/formats/format.ts'
import { gather } from '../../src/import/gather.ts'
import { type ImportReport, writeCards } from '../../src/import/write.ts'
import { rebuildCards } from '../../src/study/rebuild.ts'
import { makeDeck, makeUser } from '../support/builders.ts'
import { openDb, sql, useDatabase } from '../support/database.ts'
import { did } from '../support/rote.ts'

useDatabase()

const NOW = new Date('2026-03-29T12:00:00Z')
const SETTINGS = { desired_retention: 0.9, weights: null }

const plain = { difficulty_level: null, tags: [], accepted_answers: [], external_id: null }
const card = (question: string, more: Partial<FileCard> = {}): FileCard => ({
  ...plain,
  question,
  answer: `${question}!`,
  ...more,
})

interface Wanted {
  onDuplicate?: 'skip' | 'update' | 'keep'
  history?: boolean
  prune?: boolean
  dryRun?: boolean
  source?: string
}

/** Imports cards as a reader would give them, into a deck that is there. */
async function importCards(
  deck_id: string,
  user_id: string,
  cards: FileCard[],
  {
    onDuplicate = 'skip',
    history = false,
    prune = false,
    dryRun = false,
    source = 'words.apkg',
  }: Wanted = {},
): Promise<ImportReport> {
  const db = await openDb()
  async function* records() {
    yield cards.map((card, i) => ({ line: i + 1, card }))
  }
  const gathered = await gather(records(), {
    name: source,
    deck: 'Words',
    otherwise: null,
    tags: [],
    onDuplicate,
    onError: 'abort',
    imageUrl: async ({ url }) => `media:${url}`,
    progress: () => {},
  })
  const rebuild = (db: Database, ids: string[]) =>
    rebuildCards(db, { user_id, username: 'ada' }, ids, { ...SETTINGS, day_end: NOW, dry_run: false })
  const progress = history
    ? { replay: replayer(SETTINGS), dayOf: (at: Date) => at.toISOString().slice(0, 10), rebuild }
    : null
  return db.transaction((db) =>
    writeCards(db, gathered, {
      decks: [{ deck_id, user_id }],
      user_id,
      source,
      format: 'jsonl',
      onDuplicate,
      dryRun,
      now: NOW,
      progress,
      prune,
    }),
  )
}

async function someDeck(): Promise<{ deck_id: string; user_id: string }> {
  const { deck_id } = await makeDeck('Words', {})
  const [row] = await sql<{ user_id: string }[]>`select user_id from decks where deck_id = ${deck_id}`
  return { deck_id, user_id: row?.user_id ?? '' }
}

test('notes, both ways, pictures and suspended cards come along', async () => {
  const { deck_id, user_id } = await someDeck()
  const images = [
    { side: 'question' as const, url: 'a.png', alt: 'An "a"' },
    { side: 'answer' as const, url: 'b.png', alt: null },
  ]
  const cards = [
    card('uno', { note: '1', reversible: true }),
    card('dos', { note: '1', images }),
    card('tres', { note: '2', suspended: true }),
    card('cuatro'),
  ]
  expect(await importCards(deck_id, user_id, cards)).toMatchObject({ added: 4 })
  const rows = await sql`select question, note_id, reversible, unseen from cards order by position`
  expect(rows.map(({ question, reversible, unseen }) => [question, reversible, unseen])).toEqual([
    ['uno', true, true],
    ['dos', false, true],
    ['tres', false, true],
    ['cuatro', false, true],
  ])
  expect(rows[0]?.note_id).toMatch(/^[0-9a-f-]{36}$/)
  expect(rows[1]?.note_id).toBe(rows[0]?.note_id)
  expect(rows[2]?.note_id).not.toBe(rows[0]?.note_id)
  expect(rows[3]?.note_id).toBeNull()
  expect(
    await sql`select question, image_url, side, alt, i.position from card_images i join cards using (card_id) order by i.position`,
  ).toEqual([
    { question: 'dos', image_url: 'media:a.png', side: 'question', alt: 'An "a"', position: 0 },
    { question: 'dos', image_url: 'media:b.png', side: 'answer', alt: null, position: 1 },
  ])
  expect(
    await sql`select question, direction, state, suspended_at from card_schedules join cards using (card_id) order by direction`,
  ).toEqual([
    { question: 'tres', direction: 'forward', state: 'new', suspended_at: NOW },
    { question: 'tres', direction: 'reverse', state: 'new', suspended_at: NOW },
  ])
  expect(await importCards(deck_id, user_id, cards, { onDuplicate: 'update' })).toMatchObject({
    import_id: null,
    unchanged: 4,
  })
  expect(await sql`select from card_images`).toHaveLength(2)
})

test('an update adds pictures that the card does not have', async () => {
  const { deck_id, user_id } = await someDeck()
  await importCards(deck_id, user_id, [card('uno')])
  const images = [{ side: 'question' as const, url: 'a.png', alt: null }]
  await importCards(deck_id, user_id, [card('uno', { images })])
  expect(await sql`select from card_images`).toHaveLength(0)
  await importCards(deck_id, user_id, [card('uno', { images })], { onDuplicate: 'update' })
  expect(await sql`select image_url from card_images`).toEqual([{ image_url: 'media:a.png' }])
})

const answers = (...times: string[]) =>
  times.map((attempted_at, i) => ({
    attempted_at,
    confidence_status: i === 0 ? ('again' as const) : ('got_it' as const),
    duration_ms: 1500,
    direction: 'forward' as const,
  }))

test('answers come along, give the schedule, and come in once', async () => {
  const { deck_id, user_id } = await someDeck()
  const first = ['2026-01-01T10:00:00.000Z', '2026-01-01T10:05:00.000Z', '2026-01-03T10:00:00.000Z']
  const cards = [card('uno', { attempts: answers(...first) }), card('dos', { suspended: true }), card('tres')]
  const history = true
  const dry = await importCards(deck_id, user_id, cards, { history, dryRun: true })
  expect(dry).toMatchObject({ added: 3, attempts: 3 })
  expect(await importCards(deck_id, user_id, cards, { history })).toMatchObject({ added: 3, attempts: 3 })

  expect(
    await sql`select started_at, ended_at, sitting_id = deck_id as elsewhere from revision_sessions order by 1`,
  ).toEqual([
    { started_at: new Date(first[0] ?? ''), ended_at: new Date(first[1] ?? ''), elsewhere: true },
    { started_at: new Date(first[2] ?? ''), ended_at: new Date(first[2] ?? ''), elsewhere: true },
  ])
  expect(await sql`select question, confidence_status, unseen from cards order by position`).toEqual([
    { question: 'uno', confidence_status: 'got_it', unseen: false },
    { question: 'dos', confidence_status: null, unseen: true },
    { question: 'tres', confidence_status: null, unseen: true },
  ])
  expect(await sql`select reps from card_schedules where state <> 'new'`).toEqual([{ reps: 3 }])
  expect(JSON.parse(await did('db rebuild --dry-run --json'))).toMatchObject({
    changed: 0,
    added: 0,
    removed: 0,
    confidence: 0,
  })

  expect(await importCards(deck_id, user_id, cards, { history })).toMatchObject({ unchanged: 3, attempts: 0 })
  const more = [card('uno', { attempts: answers(...first, '2026-01-09T10:00:00.000Z') }), ...cards.slice(1)]
  expect(await importCards(deck_id, user_id, more, { history, dryRun: true })).toMatchObject({ attempts: 1 })
  expect(await importCards(deck_id, user_id, more, { history })).toMatchObject({ unchanged: 3, attempts: 1 })
  expect(await sql`select from revision_attempts`).toHaveLength(4)
  expect(await sql`select reps from card_schedules where state <> 'new'`).toEqual([{ reps: 4 }])
  expect(JSON.parse(await did('db rebuild --dry-run --json'))).toMatchObject({
    changed: 0,
    added: 0,
    removed: 0,
    confidence: 0,
  })
})

test('without being asked, no answers come along', async () => {
  const { deck_id, user_id } = await someDeck()
  const attempts = answers('2026-01-01T10:00:00Z')
  expect(await importCards(deck_id, user_id, [card('uno', { attempts })])).toMatchObject({ attempts: 0 })
  expect(await sql`select from revision_attempts`).toHaveLength(0)
  expect(await sql`select from card_schedules`).toHaveLength(0)
})

test('prune takes away what the source brought and has no more, and nothing else', async () => {
  const { deck_id, user_id } = await someDeck()
  await sql`insert into cards (deck_id, question, answer) values (${deck_id}, 'mine', 'own')`
  await importCards(deck_id, user_id, [card('other')], { source: 'other.csv' })
  await importCards(deck_id, user_id, [card('uno'), card('dos'), card('tres')])
  const now = [card('dos'), card('cuatro')]
  const live = async () =>
    (await sql`select question from cards where deleted_at is null order by position`).map(
      ({ question }) => question,
    )
  expect(await importCards(deck_id, user_id, now, { prune: true, dryRun: true })).toMatchObject({ pruned: 2 })
  expect(await live()).toEqual(['mine', 'other', 'uno', 'dos', 'tres'])
  expect(await importCards(deck_id, user_id, now, { prune: true })).toMatchObject({ added: 1, pruned: 2 })
  expect(await live()).toEqual(['mine', 'other', 'dos', 'cuatro'])
  expect(await importCards(deck_id, user_id, now, { prune: true })).toMatchObject({ unchanged: 2, pruned: 0 })
})

test('a record does not become one with another of the same import, however far apart', async () => {
  const { deck_id, user_id } = await someDeck()
  const many = Array.from({ length: 5000 }, (_, i) => card(`q${i}`, { external_id: `${i}` }))
  expect(await importCards(deck_id, user_id, [...many, card('q0')], { onDuplicate: 'skip' })).toMatchObject({
    added: 5001,
    unchanged: 0,
  })
})

test('an unchanged import writes no row', async () => {
  const { deck_id, user_id } = await someDeck()
  const cards = [card('uno'), card('dos', { external_id: 'k', tags: ['a "b"', 'c\\d'] })]
  await importCards(deck_id, user_id, cards)
  const versions = () => sql`select card_id, xmin::text, ctid::text from cards order by card_id`
  const before = await versions()
  for (const onDuplicate of ['skip', 'update'] as const)
    expect(await importCards(deck_id, user_id, cards, { onDuplicate })).toMatchObject({
      import_id: null,
      unchanged: 2,
    })
  expect(await versions()).toEqual(before)
  expect(await sql`select tags from cards where external_id = 'k'`).toEqual([{ tags: ['a "b"', 'c\\d'] }])
})

test('text of every kind arrives as it is', async () => {
  await makeUser()
  const { deck_id, user_id } = await someDeck()
  const texts = ['NULL', '{}', '{a,"b"}', "it's", '\\', '"', ' x ', 'a\tb\nc\rd', '日本語 🙂', '$1', '\\x41']
  await importCards(
    deck_id,
    user_id,
    texts.map((text) => card(text, { answer: text, tags: [text], accepted_answers: [text] })),
  )
  expect(await sql`select question, answer, tags, accepted_answers from cards order by position`).toEqual(
    texts.map((text) => ({ question: text, answer: text, tags: [text], accepted_answers: [text] })),
  )
})
