import { expect, test } from 'vitest'
import { type ErrorKind, EXIT } from '../src/errors.ts'
import { pick, random } from './core/random.ts'
import { makeUser, minutes } from './support/builders.ts'
import { sql, useDatabase } from './support/database.ts'
import { dump } from './support/dump.ts'
import { rote } from './support/rote.ts'

useDatabase()

// Some people share, revoke, edit, study and copy in any order; a model of a few lines says who may see and do what. After
// every step somebody looks at everything that they may see, and it is that and nothing else.

/** More when they are asked for: each is some forty commands. */
const RUNS = Number(process.env.ROTE_PROPERTY_RUNS ?? 12)
const STEPS = 20
const PEOPLE = ['ann', 'ben', 'cid', 'dot'] as const
type Person = (typeof PEOPLE)[number]

interface ModelDeck {
  owner: Person
  name: string
  /** Question to answer. */
  cards: Map<string, string>
  shares: Map<Person, 'view' | 'edit'>
  playlists: Set<Person>
  /** How often somebody has answered a card, by both. */
  answers: Map<string, number>
}

const ok = 'ok' as const
type Outcome = typeof ok | ErrorKind

const sees = (deck: ModelDeck, who: Person) => deck.owner === who || deck.shares.has(who)
const called = ({ owner, name }: ModelDeck, who: Person) => (owner === who ? name : `${owner}/${name}`)
/** What comes of something that the owner may do, or who may edit, or who may see. */
function outcome(deck: ModelDeck, who: Person, needs: 'own' | 'edit' | 'read'): Outcome {
  if (!sees(deck, who)) return 'not_found'
  if (deck.owner === who || needs === 'read') return ok
  return needs === 'edit' && deck.shares.get(who) === 'edit' ? ok : 'denied'
}

async function history(seed: number): Promise<void> {
  await sql`delete from users`
  const next = random(seed)
  const decks: ModelDeck[] = []
  let clock = 0
  const run = (who: Person, words: string[]) => rote([...words, '--user', who], { now: minutes(clock++) })
  const json = async <T>(who: Person, words: string[]) => {
    const ran = await run(who, [...words, '--json'])
    expect(ran.code, ran.stderr).toBe(0)
    return ran.json<T>()
  }
  const made = (owner: Person, name: string, cards: Map<string, string>): ModelDeck => ({
    ...{ owner, name, cards, shares: new Map(), playlists: new Set(), answers: new Map() },
  })
  for (const who of PEOPLE) await makeUser(who)
  for (const who of PEOPLE.slice(0, 2)) {
    await run(who, ['deck', 'create', `Deck of ${who}`])
    await run(who, ['card', 'add', `Deck of ${who}`, '-Q', `${who} asks`, '-A', `${who} says`])
    decks.push(made(who, `Deck of ${who}`, new Map([[`${who} asks`, `${who} says`]])))
  }
  for (const who of PEOPLE) await run(who, ['playlist', 'create', 'All'])

  for (let step = 0; step < STEPS; step++) {
    const who = pick(next, PEOPLE)
    const deck = pick(next, decks as [ModelDeck])
    const other = pick(next, PEOPLE)
    const question = pick(next, [...deck.cards.keys()] as [string])
    // as the owner has it: somebody may remember the id of a card
    const [card] = await sql`
      select card_id from cards join decks using (deck_id) join users using (user_id)
      where question = ${question} and name = ${deck.name} and username = ${deck.owner}`
    const id: string = card?.card_id
    const name = called(deck, who)
    const isTaken = decks.some((one) => one.owner === who && one.name === deck.name)
    const same = (mayRead: Outcome): Outcome => (mayRead === ok && isTaken ? 'conflict' : mayRead)
    const at = `${question} ${who}`

    type Try = [words: string[], expected: Outcome, then: () => void]
    const tries: Try[] = [
      ...(['view', 'edit', 'edit'] as const).map((permission): Try => {
        const own = outcome(deck, who, 'own')
        const then = () => deck.shares.set(other, permission)
        const words = ['share', 'add', name, other, '--permission', permission]
        return [words, own === ok && other === who ? 'usage' : own, then]
      }),
      [
        ['share', 'revoke', name, other],
        outcome(deck, who, 'own') === ok && !deck.shares.has(other) ? 'not_found' : outcome(deck, who, 'own'),
        () => deck.shares.delete(other),
      ],
      [
        ['card', 'edit', id, '-A', `changed ${step}`],
        outcome(deck, who, 'edit'),
        () => deck.cards.set(question, `changed ${step}`),
      ],
      [
        ['card', 'add', name, '-Q', `new ${step}`, '-A', 'new'],
        outcome(deck, who, 'edit'),
        () => deck.cards.set(`new ${step}`, 'new'),
      ],
      ...(['got_it', 'again'] as const).map((grade): Try => {
        const then = () => deck.answers.set(at, (deck.answers.get(at) ?? 0) + 1)
        return [['study', 'grade', id, grade], outcome(deck, who, 'read'), then]
      }),
      [
        ['deck', 'copy', name, ...(next() < 0.5 ? ['--with-progress'] : [])],
        same(outcome(deck, who, 'read')),
        () => decks.push(made(who, deck.name, new Map(deck.cards))),
      ],
      [['playlist', 'add', 'All', name], outcome(deck, who, 'read'), () => deck.playlists.add(who)],
      [
        ['playlist', 'remove', 'All', name],
        deck.playlists.has(who) ? ok : 'not_found',
        () => deck.playlists.delete(who),
      ],
    ]
    const [words, expected, then] = pick(next, tries as [Try])
    const before = expected === ok ? '' : await dump()
    const ran = await run(who, words)
    const what = `${seed}.${step} ${who}: rote ${words.join(' ')}`
    expect([what, ran.code, ran.stderr], what).toEqual([
      what,
      expected === ok ? 0 : EXIT[expected],
      ran.stderr,
    ])
    if (expected === ok) then()
    else expect(await dump(), what).toBe(before)

    const looks = pick(next, PEOPLE)
    const visible = decks.filter((one) => sees(one, looks))
    const cards = await json<{ deck: string; question: string; answer: string }[]>(looks, ['card', 'list'])
    expect(cards.map((c) => `${c.deck}: ${c.question} = ${c.answer}`).sort(), what).toEqual(
      visible.flatMap((one) => [...one.cards].map(([q, a]) => `${called(one, looks)}: ${q} = ${a}`)).sort(),
    )
    const shared = visible.filter(({ owner }) => owner !== looks).map((one) => called(one, looks))
    const listed = visible.filter(({ playlists }) => playlists.has(looks)).map((one) => called(one, looks))
    const [list, there] =
      next() < 0.5 ? [['share', 'list', '--with-me'], shared] : [['playlist', 'view', 'All'], listed]
    const { stdout } = await run(looks, list)
    const seen = stdout.split('\n').flatMap((row) => (row === '' ? [] : [row.split('\t')[1]]))
    expect(seen.sort(), what).toEqual(there.sort())
  }

  // what was answered is there, whoever may see it by now, and the schedules are what it gives
  const given = await sql<{ at: string; answers: number }[]>`
    select question || ' ' || me.username as at, count(*)::int as answers
    from revision_attempts a join revision_sessions s using (session_id) join cards using (card_id)
    join users me on me.user_id = s.user_id where s.sitting_id <> s.deck_id group by 1`
  const wanted = new Map<string, number>()
  for (const { answers } of decks) for (const [at, n] of answers) wanted.set(at, (wanted.get(at) ?? 0) + n)
  expect(new Map(given.map(({ at, answers }) => [at, answers]))).toEqual(wanted)
  for (const who of PEOPLE)
    expect(await json(who, ['db', 'rebuild', '--dry-run'])).toMatchObject({
      ...{ changed: 0, added: 0, removed: 0, confidence: 0 },
    })
  const shared =
    await sql`select is_shared, exists (select from deck_shares s where s.deck_id = d.deck_id) as there from decks d`
  expect(shared.filter(({ is_shared, there }) => is_shared !== there)).toEqual([])
}

test('whatever people do with their decks, nobody reads or changes what they may not', async () => {
  for (let seed = 1; seed <= RUNS; seed++) await history(seed)
}, 4_000_000)
