import { expect, test } from 'vitest'
import { EXIT } from '../src/errors.ts'
import { pick, random } from './core/random.ts'
import { makeDeck, makeUser, share } from './support/builders.ts'
import { sql, useDatabase } from './support/database.ts'
import { rote } from './support/rote.ts'

useDatabase()

// Many people change the cards of one deck at the same moment, each over a connection of their own. What a command has
// acknowledged must be there afterwards, and what was written down must lead without a gap from the cards as they were to the
// cards as they are.

/** More when they are asked for. */
const CHANGES_EACH = Number(process.env.ROTE_EDITS_EACH ?? 5)
const EDITORS = 20

interface Acknowledged {
  who: string
  command: string
  /** What it wrote: an answer or a tag that nothing else has. */
  text?: string
  card_id?: string
}

interface ChangedRow {
  card_id: string
  operation: string
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
  who: string
  command: string
}

test('of many people who change a deck at once nobody loses anything, and all of it is written down', {
  timeout: 4_000_000,
}, async () => {
  const editors = Array.from({ length: EDITORS }, (_, n) => `editor${n}`)
  for (const who of editors) await makeUser(who)
  const first = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`question ${n}`, 'at first']))
  const botany = await makeDeck('Botany', first, 'olga')
  const zoology = await makeDeck('Zoology', {}, 'olga')
  for (const who of editors) for (const { deck_id } of [botany, zoology]) await share(deck_id, who, 'edit')
  await sql`delete from changes`
  const initial = await sql`select * from cards`

  const known = botany.cards.map(({ card_id }) => card_id)
  const acknowledged: Acknowledged[] = []
  const unexpected: string[] = []
  let added = 0

  async function work(who: string, seed: number): Promise<void> {
    const next = random(seed)
    for (let tries = 0, made = 0; made < CHANGES_EACH; tries++) {
      const card_id = pick(next, known as [string])
      const text = `${who} ${tries}`
      const deck = pick(next, [botany, zoology])
      const [words, wrote] = pick<[string[], Omit<Acknowledged, 'who' | 'command'>]>(next, [
        [['card', 'edit', card_id, '-A', text], { text, card_id }],
        [['card', 'edit', card_id, '-A', text], { text, card_id }],
        [['card', 'edit', card_id, '--tag', text], { text, card_id }],
        [['card', 'add', botany.deck_id, '-Q', text, '-A', text], { text }],
        [['card', 'move', card_id, deck.deck_id], { card_id }],
        [['card', 'delete', card_id], { card_id }],
        [['undo'], {}],
        [['undo'], {}],
      ])
      const { code, stdout, stderr } = await rote([...words, '--quiet', '--user', who])
      const command = words[0] === 'undo' ? 'undo' : `${words[0]} ${words[1]}`
      // somebody has deleted the card, or changed it since
      const foreseen = command === 'undo' ? [EXIT.not_found, EXIT.conflict] : [EXIT.not_found]
      if (code !== 0 && !(foreseen as number[]).includes(code))
        unexpected.push(`${who}: ${words.join(' ')}: ${code} ${stderr}`)
      // whoever was too late to delete a card is told of none
      if (code !== 0 || (command === 'card delete' && stdout === '')) continue
      if (command === 'card add') {
        added++
        known.push(stdout.trim())
      }
      // most of what is tried should be possible
      const place = known.indexOf(card_id)
      if (command === 'card delete' && place >= 0) known.splice(place, 1)
      made++
      acknowledged.push({ who, command, ...wrote })
    }
  }
  await Promise.all(['olga', ...editors].map(work))
  expect(unexpected).toEqual([])

  // so many of each command of each person
  const changes = await sql<{ change: string; n: number }[]>`
    select username || ': ' || command as change, count(*)::int as n
    from changes left join users using (user_id) group by 1 order by 1`
  const counts = new Map<string, number>()
  for (const { who, command } of acknowledged)
    counts.set(`${who}: ${command}`, (counts.get(`${who}: ${command}`) ?? 0) + 1)
  // to move a card to where it is changes nothing
  const moves = (change: string) => change.endsWith('card move')
  const wanted = new Map([...counts].filter(([change]) => !moves(change)))
  expect(new Map(changes.flatMap(({ change, n }) => (moves(change) ? [] : [[change, n]])))).toEqual(wanted)
  expect(changes.filter(({ change, n }) => moves(change) && n > (counts.get(change) ?? 0))).toEqual([])

  // each text where it was written, by whom it was written
  const rows = await sql<ChangedRow[]>`
    select card_id, operation, before, after, username as who, command
    from changed_rows join changes using (change_id) join users using (user_id) order by changed_row_id`
  const cards = new Map((await sql`select * from cards`).map((card) => [card.card_id, card]))
  const written = new Set(
    rows.flatMap(({ card_id, who, command, operation, after }) => {
      if (operation === 'insert') return [`${who}: ${command} ${cards.get(card_id)?.question}`]
      return [after?.answer, after?.tags].flatMap((text) => (text ? [`${who}: ${command} ${text}`] : []))
    }),
  )
  const lost = acknowledged.filter(
    ({ who, command, text }) => text !== undefined && !written.has(`${who}: ${command} ${text}`),
  )
  expect(lost).toEqual([])

  // from what each card was to what it is, without a gap
  const were = new Map(initial.map((card) => [card.card_id, card]))
  const gaps: string[] = []
  for (const [card_id, card] of cards) {
    const at: Record<string, unknown> = were.get(card_id) ?? {
      ...{ answer: card.question, tags: [], deleted_at: null, deck_id: botany.deck_id },
    }
    for (const { card_id: of, before, after, who, command } of rows) {
      if (of !== card_id) continue
      for (const [column, value] of Object.entries(before ?? {})) {
        if (column in at && column !== 'position' && !same(at[column], value))
          gaps.push(`${who}: ${command} changed ${column} from ${value}, which was ${at[column]}`)
        at[column] = after?.[column]
      }
    }
    for (const column of ['answer', 'tags', 'deleted_at', 'deck_id'])
      if (!same(at[column], card[column]))
        gaps.push(`${column} is ${card[column]}, which was last ${at[column]}`)
  }
  expect(gaps).toEqual([])
  expect(cards.size).toBe(initial.length + added)

  // everybody has taken back what was theirs, once
  const undone = await sql`
    select count(*)::int as n, count(distinct u.undoes)::int as different,
      count(*) filter (where c.user_id <> u.user_id or c.undone_at is null)::int as wrong
    from changes u join changes c on c.change_id = u.undoes`
  const undos = acknowledged.filter(({ command }) => command === 'undo').length
  expect(undone[0]).toEqual({ n: undos, different: undos, wrong: 0 })
  expect(undos).toBeGreaterThan(0)
})

function same(a: unknown, b: unknown): boolean {
  const plain = (value: unknown) =>
    value instanceof Date || (typeof value === 'string' && /^\d{4}-/.test(value))
      ? new Date(value).getTime()
      : JSON.stringify(value)
  return plain(a) === plain(b)
}
