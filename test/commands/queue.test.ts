import { expect, test } from 'vitest'
import { makeDeck, makeSchedule, makeUser, minutes, share } from '../support/builders.ts'
import { sql, useDatabase } from '../support/database.ts'
import { did, rote } from '../support/rote.ts'

useDatabase()

const DAY = 24 * 60

/** The questions that a sitting asks when every answer is got_it, in order. */
async function asked(line: string, grade = '3'): Promise<string[]> {
  const { stdout, code, stderr } = await rote(line, { input: ` ${grade}`.repeat(60) })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return [...new Set(Array.from(stdout.matchAll(/^Q {2}(.*)$/gm), ([, question = '']) => question))]
}

/** A card that was last answered so many days ago, due now, with so much stability in days. */
async function answered(card_id: string | undefined, daysAgo: number, stability: number): Promise<void> {
  await makeSchedule(card_id ?? '', minutes(-1))
  await sql`
    update card_schedules set stability = ${stability}, last_review = ${minutes(-daysAgo * DAY)},
      first_review = ${minutes(-400 * DAY)} where card_id = ${card_id ?? ''}`
}

test('what is most likely to be forgotten comes first, whatever fell due first; then what is new', async () => {
  const { cards } = await makeDeck('Deck', { firm: '1', shaky: '2', middle: '3', new: '4' })
  await answered(cards[0]?.card_id, 100, 100)
  await answered(cards[1]?.card_id, 10, 1)
  await answered(cards[2]?.card_id, 30, 10)
  expect(await asked('study')).toEqual(['shaky', 'middle', 'firm', 'new'])
})

test('new cards come from the decks in turns, within one limit for all', async () => {
  await makeDeck('B', { b1: '1', b2: '1', b3: '1' })
  await makeDeck('A', { a1: '1', a2: '1', a3: '1' })
  await did('config set new_per_day 5')
  expect(await asked('study')).toEqual(['a1', 'b1', 'a2', 'b2', 'a3'])
  expect(await did('due --count')).toBe('0')
})

test('--order, --limit and --new', async () => {
  const { cards } = await makeDeck('Deck', { x: '1', y: '2', z: '3', n1: '4', n2: '5' })
  await answered(cards[0]?.card_id, 1, 1)
  await answered(cards[1]?.card_id, 5, 1)
  await answered(cards[2]?.card_id, 3, 1)
  await sql`update card_schedules set due = ${minutes(-30)} where card_id = ${cards[2]?.card_id ?? ''}`
  expect((await rote('study next --json')).json()).toMatchObject({ card: { question: 'y' }, left: 5 })
  expect((await rote('study next --json --order due')).json()).toMatchObject({ card: { question: 'z' } })
  expect((await rote('study next --json --order added')).json()).toMatchObject({ card: { question: 'x' } })
  expect((await rote('study next --json --new 1')).json()).toMatchObject({ left: 4 })
  expect((await rote('study next --json --limit 2')).json()).toMatchObject({ left: 2 })
  expect(await asked('study --limit 2')).toEqual(['y', 'z'])
  expect((await asked('study --order random')).sort()).toEqual(['n1', 'n2', 'x'])
})

test('--tag means what is below it too, --difficulty and --confidence are what the card has', async () => {
  await makeDeck('Deck', { a: '1', b: '2', c: '3' })
  await sql`update cards set tags = '{Verbs::irregular}' where question = 'a'`
  await sql`update cards set tags = '{verbs,food}', difficulty_level = 'hard' where question = 'b'`
  await sql`update cards set tags = '{verbose}' where question = 'c'`
  expect((await asked('study --cram --tag VERBS')).sort()).toEqual(['a', 'b'])
  expect(await asked('study --cram --tag verbs --tag food')).toEqual(['b'])
  expect(await asked('study --cram --difficulty hard')).toEqual(['b'])
  await sql`update cards set confidence_status = 'again' where question = 'c'`
  expect(await asked('study --cram --confidence again')).toEqual(['c'])
})

test('--confidence in a shared deck is how I answered, not how its owner did', async () => {
  const { deck_id, cards } = await makeDeck('Deck', { a: '1', b: '2' }, 'bert')
  await makeUser()
  await share(deck_id, 'ada', 'view')
  await sql`update cards set confidence_status = 'again' where question = 'a'`
  await did(`study grade ${cards[1]?.card_id} again --user ada`)
  expect((await rote('study next --confidence again --user ada --json')).stdout).toBe('null\n')
  const { stdout } = await rote('study --cram --confidence again --user ada', { input: ' 3' })
  expect(Array.from(stdout.matchAll(/^Q {2}(.*)$/gm), ([, question]) => question)).toEqual(['b'])
})

test('of the cards of one note there is one a day', async () => {
  const { cards } = await makeDeck('Deck', { one: '1', two: '2', three: '3', other: '4' })
  const note = '11111111-1111-4111-8111-111111111111'
  await sql`update cards set note_id = ${note} where question <> 'other'`
  expect(await did('due --count')).toBe('2')
  expect(await asked('study')).toEqual(['one', 'other'])
  expect(await did('due --count')).toBe('0')
  const tomorrow = { now: minutes(DAY) }
  expect((await rote('study next --json', tomorrow)).json()).toMatchObject({ card: { question: 'two' } })
  // and of two that are due the one at more risk
  await sql`delete from card_schedules`
  await answered(cards[0]?.card_id, 10, 10)
  await answered(cards[1]?.card_id, 30, 10)
  await sql`update cards set unseen = false where question = 'other'`
  expect(await asked('study --new 0')).toEqual(['two'])
})

test('a card that is asked both ways has two schedules, and one turn a day', async () => {
  await makeDeck('Deck', { perro: 'dog' })
  await sql`update cards set reversible = true`
  expect(await did('due --count')).toBe('1')
  expect(await asked('study')).toEqual(['perro'])
  expect((await rote('study')).stderr).toContain('Nothing is due. The next card is due in')
  const { stdout } = await rote('study', { input: ' 3 3', now: minutes(DAY) })
  expect(stdout).toContain('Deck, 0 of 1 done, backwards\nQ  dog\nA  perro')
  const schedules = await sql`select direction, reps from card_schedules order by direction`
  expect(schedules).toEqual([
    { direction: 'forward', reps: 2 },
    { direction: 'reverse', reps: 2 },
  ])
  expect(await sql`select direction, count(*)::int from revision_attempts group by 1 order by 1`).toEqual([
    { direction: 'forward', count: 2 },
    { direction: 'reverse', count: 2 },
  ])
})

test('of a card that is asked both ways the front is new first, wherever it stands in its deck', async () => {
  await makeDeck('Deck', { gato: 'cat', perro: 'dog' })
  await sql`update cards set reversible = true where question = 'perro'`
  expect(await asked('study')).toEqual(['gato', 'perro'])
  expect((await rote('study next --json', { now: minutes(DAY) })).json()).toMatchObject({
    card: { question: 'dog', direction: 'reverse' },
    left: 1,
  })
})

test('--reverse asks any card backwards, and the front is as new as before', async () => {
  await makeDeck('Deck', { perro: 'dog' })
  expect(await asked('study --reverse')).toEqual(['dog'])
  expect(await sql`select direction from card_schedules`).toEqual([{ direction: 'reverse' }])
  expect(await sql`select unseen from cards`).toEqual([{ unseen: true }])
  // the next day: the reverse is not due by itself, the front is new
  expect(await asked('study --new 5 --fresh').catch(() => [])).toEqual([])
  expect((await rote('study next --json', { now: minutes(DAY) })).json()).toMatchObject({
    card: { question: 'perro', direction: 'forward' },
  })
})

test('cramming asks anything, weakest first, and leaves the schedules alone', async () => {
  const { cards } = await makeDeck('Deck', { firm: '1', weak: '2', new: '3', held: '4' })
  await answered(cards[0]?.card_id, 1, 100)
  await answered(cards[1]?.card_id, 1, 2)
  await sql`update card_schedules set due = ${minutes(DAY)}`
  await did(`study grade ${cards[3]?.card_id} got_it`)
  await sql`update card_schedules set suspended_at = now() where card_id = ${cards[3]?.card_id ?? ''}`
  const before = await sql`select * from card_schedules order by card_id`
  const { stdout } = await rote('study --cram', { input: ' 1 2 3 3 3 3 3' })
  expect(Array.from(stdout.matchAll(/^Q {2}(.*)$/gm), ([, question]) => question)).toEqual([
    'weak',
    'firm',
    'new',
    'weak',
    'firm',
  ])
  expect(stdout).toContain('-> again\n')
  expect(await sql`select * from card_schedules order by card_id`).toEqual(before)
  const attempts = await sql`
    select question, scheduled, a.confidence_status as grade from revision_attempts a join cards using (card_id)
    where not scheduled order by attempted_at`
  expect(attempts).toHaveLength(5)
  expect(await sql`select unseen from cards where question = 'new'`).toEqual([{ unseen: true }])
  expect(await sql`select mode from sittings where mode <> 'script'`).toEqual([{ mode: 'cram' }])
})

test('--cram --reschedule counts after all', async () => {
  await makeDeck('Deck', { a: '1' })
  await rote('study --cram --reschedule', { input: ' 3 3' })
  expect(await sql`select reps from card_schedules`).toEqual([{ reps: 2 }])
  expect(await rote('study --reschedule')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--cram'),
  })
})

test('--minutes ends the sitting when the time is up', async () => {
  await makeDeck('Deck', { a: '1', b: '2', c: '3' })
  let at = minutes(0).getTime()
  const now = () => {
    at += 20_000
    return new Date(at)
  }
  const { stdout } = await rote('study --minutes 1', { input: ' 3 3 3 3', now })
  expect(stdout).toContain('Stopped with 3 of 3 cards left.')
  expect(await rote('study --minutes 0')).toMatchObject({ code: 2 })
  expect(await rote('study --minutes 1441')).toMatchObject({
    stderr: expect.stringContaining('at most 1440'),
  })
})

test('--minutes holds for a sitting that is gone on with, too', async () => {
  await makeDeck('Deck', { a: '1', b: '2', c: '3' })
  await rote('study', { input: ' 3', killed: true })
  let at = minutes(1).getTime()
  const now = () => {
    at += 20_000
    return new Date(at)
  }
  const { stdout } = await rote('study --resume --minutes 1', { input: ' 3 3 3 3', now })
  expect(stdout).toContain('Stopped with 3 of 3 cards left.')
})

test('a sitting that was broken off is found behind a later one with other decks', async () => {
  await makeDeck('A', { a1: '1', a2: '2' })
  await makeDeck('B', { b1: '1', b2: '2' })
  await rote('study A', { input: ' 3', killed: true })
  await rote('study B', { input: ' 3', now: minutes(1), killed: true })
  const { code, stdout } = await rote('study A --resume', { input: '3u', now: minutes(2) })
  expect({ code, stdout }).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Took back the last answer.'),
  })
})

test('nothing due, but new cards beyond the limit of the day, or buried ones: that is said', async () => {
  const cram = 'Study anyway, without touching the schedule: rote study --cram\n'
  await makeDeck('Deck', { a: '1' })
  await did('config set new_per_day 0')
  expect(await rote('study')).toMatchObject({
    stderr: `Nothing is due.\nMore new cards than the daily limit: rote study --new 10\n${cram}`,
  })
  await rote('study --new 1', { input: 'b' })
  expect(await rote('study Deck')).toMatchObject({ stderr: `Nothing is due in Deck.\n${cram}` })
})

test('nothing due: when something is, and what to do meanwhile', async () => {
  const { cards } = await makeDeck('Deck', { a: '1' })
  await makeSchedule(cards[0]?.card_id ?? '', minutes(3 * 60))
  expect(await rote('study Deck')).toMatchObject({
    code: 0,
    stdout: '',
    stderr:
      'Nothing is due in Deck. The next card is due in 3h.\nStudy anyway, without touching the schedule: rote study --cram\n',
  })
  await makeDeck('Empty')
  expect(await rote('study Empty')).toMatchObject({
    code: 0,
    stderr: 'Nothing is due in Empty. Add cards with: rote card add <deck>\n',
  })
})

test('a playlist is studied in its decks, and says so in its sessions', async () => {
  await makeDeck('A', { a: '1' })
  await makeDeck('B', { b: '1' })
  await makeDeck('C', { c: '1' })
  const playlist = await did('playlist create Mix C A')
  await rote('study --playlist Mix', { input: ' 3 3 3 3' })
  const sessions =
    await sql`select name, playlist_id from revision_sessions join decks using (deck_id) order by name`
  expect(sessions).toEqual([
    { name: 'A', playlist_id: playlist },
    { name: 'C', playlist_id: playlist },
  ])
  expect(await rote('study --playlist Mix A')).toMatchObject({ code: 2 })
  expect(await rote('study --playlist Nothing')).toMatchObject({ code: 3 })
})

test('a buried card is not due until the day after, a suspended one never', async () => {
  await makeDeck('Deck', { a: '1', b: '2' })
  await rote('study', { input: 'bs' })
  expect(await sql`select direction, state from card_schedules order by 1`).toHaveLength(4)
  expect(await did('due --count')).toBe('0')
  expect(await did('due --count', { now: minutes(DAY) })).toBe('1')
  expect((await rote('study next --json', { now: minutes(DAY) })).json()).toMatchObject({
    card: { question: 'a' },
  })
})

test('a deck can aim at another retention than the rest', async () => {
  const { cards } = await makeDeck('Exam', { a: '1' })
  await makeDeck('Leisure', { b: '1' })
  await did('config set desired_retention 0.97 --deck Exam')
  await did(`study grade ${cards[0]?.card_id} got_it`)
  await rote('study Leisure', { input: ' 3' })
  const attempts = await sql`
    select question, desired_retention from revision_attempts join cards using (card_id) order by question`
  expect(attempts).toEqual([
    { question: 'a', desired_retention: 0.97 },
    { question: 'b', desired_retention: 0.9 },
  ])
})

test('a deck can have its answers typed', async () => {
  await makeDeck('Deck', { perro: 'dog' })
  await did('config set typed yes --deck Deck')
  const { stdout } = await rote('study', { input: 'Dog\n\n' })
  expect(stdout).toContain('✓ Right.')
  expect(await sql`select user_answer, confidence_status from revision_attempts`).toEqual([
    { user_answer: 'Dog', confidence_status: 'got_it' },
  ])
  expect((await rote('study --strict', { input: 'Dog\n', now: minutes(DAY) })).stdout).not.toContain(
    '✓ Right.',
  )
})

test('a leech is named when it is forgotten once more, while it is asked, and at the end', async () => {
  const { cards } = await makeDeck('Deck', { perro: 'dog' })
  await answered(cards[0]?.card_id, 10, 10)
  await sql`update card_schedules set lapses = 7`
  const { stdout } = await rote('study', { input: ' 1q' })
  expect(stdout).toContain('   A leech: forgotten 8 times. Rewrite it (e) or suspend it (s)?')
  expect(stdout).toContain('Deck, 0 of 1 done, leech, 8 lapses')
  expect(stdout).toContain('  Leech               perro')
})
