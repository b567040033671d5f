import { expect, test } from 'vitest'
import { type ErrorKind, EXIT } from '../src/errors.ts'
import { pick, random } from './core/random.ts'
import { makeUser, minutes } from './support/builders.ts'
import { sql, useDatabase } from './support/database.ts'
import { rote } from './support/rote.ts'
import {
  changedBetween,
  editable,
  emptied,
  NOW_TRASHED,
  type Row,
  type Rows,
  readRows,
  takenBack,
} from './support/rows.ts'

useDatabase()

// Some people share, revoke, edit, study, copy, delete, restore, empty and take back in any order. What each may do follows
// from the rows that are there, by a few lines that are not the program's; so does what becomes of them. After every step
// somebody looks at everything that they may see, and it is that and nothing else.

/** More when they are asked for: each is some eighty commands. */
const RUNS = Number(process.env.ROTE_PROPERTY_RUNS ?? 8)
/** The first of them, to go on or to look at one again. */
const FIRST = Number(process.env.ROTE_PROPERTY_FIRST ?? 1)
const STEPS = 30
const PEOPLE = ['ann', 'ben', 'cid', 'dot'] as const
type Person = (typeof PEOPLE)[number]

const ok = 'ok' as const
type Outcome = typeof ok | ErrorKind

/** Something that somebody has done, as it can be taken back. */
interface Done {
  who: Person
  before: Rows
  after: Rows
  change_id: string
  undoes: Done | null
  undone: boolean
}

/** A command that lists, and what is to be in its second column. */
type Look = [words: string[], there: string[]]

interface Try {
  words: string[]
  expected: Outcome
  /** What is different then in what can be taken back, as `changedBetween` says it; null: all rows are compared. */
  different?: string[]
  /** All rows as they are to be. */
  rows?: Rows
  undoes?: Done
  /** No change, whatever it does. */
  noChange?: true
}

async function history(seed: number): Promise<void> {
  await sql`delete from users`
  await sql`delete from changes`
  const next = random(seed)
  const done: Done[] = []
  const given = new Map<string, number>()
  let clock = 0
  const run = (who: Person, words: string[]) => rote([...words, '--user', who], { now: minutes(clock++) })
  const json = async <T>(who: Person, words: string[]) => {
    const ran = await run(who, [...words, '--json'])
    expect(ran.code, ran.stderr).toBe(0)
    return ran.json<T>()
  }
  const people = new Map<string, Person>()
  const ids = {} as Record<Person, string>
  for (const who of PEOPLE) {
    ids[who] = await makeUser(who)
    people.set(ids[who], who)
  }
  for (const who of PEOPLE.slice(0, 2)) {
    await run(who, ['deck', 'create', `Deck of ${who}`])
    for (const n of [1, 2])
      await run(who, ['card', 'add', `Deck of ${who}`, '-Q', `${who} asks ${n}`, '-A', `${who} says`])
  }
  for (const who of PEOPLE) await run(who, ['playlist', 'create', 'All'])
  // only what comes now is taken back
  await sql`delete from changes`
  let rows = await readRows()

  for (let step = 0; step < STEPS; step++) {
    const who = pick(next, PEOPLE)
    const me = ids[who]
    const other = pick(next, PEOPLE)
    const table = (name: string): Row[] =>
      [...rows].flatMap(([key, row]) => (key.startsWith(`${name} `) ? [row] : []))
    const decks = table('decks')
    const playlist = table('playlists').find((one) => one.user_id === me)
    if (decks.length === 0) return
    const deck = pick(next, decks as [Row])
    const cards = table('cards').filter((one) => one.deck_id === deck.deck_id)
    const card = cards.length > 0 ? pick(next, cards as [Row]) : undefined
    const share = (user_id: unknown) =>
      table('deck_shares').find((one) => one.deck_id === deck.deck_id && one.shared_with_id === user_id)
    const sees = (one: Row, user_id: string) =>
      one.deleted_at === null &&
      (one.user_id === user_id ||
        table('deck_shares').some((s) => s.deck_id === one.deck_id && s.shared_with_id === user_id))
    const called = (one: Row, user_id: string) =>
      one.user_id === user_id ? String(one.name) : `${people.get(String(one.user_id))}/${one.name}`
    /** What comes of something that the owner may do, or who may edit, or who may see. */
    const may = (needs: 'own' | 'edit' | 'read'): Outcome => {
      if (!sees(deck, me)) return 'not_found'
      if (deck.user_id === me || needs === 'read') return ok
      return needs === 'edit' && editable(rows, deck.deck_id, me) ? ok : 'denied'
    }
    const ofCard = (needs: 'edit' | 'read'): Outcome =>
      card === undefined || card.deleted_at !== null ? 'not_found' : may(needs)
    const name = deck.deleted_at === null ? called(deck, me) : String(deck.deck_id)
    const id = String(card?.card_id ?? '00000000')
    const taken = (user_id: unknown) =>
      decks.some((one) => one.user_id === user_id && one.name === deck.name && one.deleted_at === null)
    const live = cards.filter((one) => one.deleted_at === null)
    const place = table('playlist_decks').find(
      (one) => one.deck_id === deck.deck_id && one.playlist_id === playlist?.playlist_id,
    )
    const inPlaylist = (mayDo: Outcome): Outcome =>
      !playlist || playlist.deleted_at !== null ? 'not_found' : mayDo
    const changed = (key: string, columns: Row): Rows =>
      new Map(rows).set(key, { ...rows.get(key), ...columns })

    const tries: Try[] = [
      ...(['view', 'edit', 'edit'] as const).map((permission): Try => {
        const own = may('own')
        const before = share(ids[other])
        const different =
          before === undefined
            ? [`deck_shares made ${other} ${permission}`]
            : before.permission === permission
              ? []
              : [`deck_shares changed permission=${permission}`]
        const words = ['share', 'add', name, other, '--permission', permission]
        return { words, expected: own === ok && other === who ? 'usage' : own, different }
      }),
      {
        words: ['share', 'revoke', name, other],
        expected: may('own') === ok && !share(ids[other]) ? 'not_found' : may('own'),
        different: [`deck_shares removed ${other} ${share(ids[other])?.permission}`],
      },
      ...[1, 2].map(
        (): Try => ({
          words: ['card', 'edit', id, '-A', `changed ${step}`],
          expected: ofCard('edit'),
          rows: changed(`cards ${id}`, { answer: `changed ${step}` }),
        }),
      ),
      {
        words: ['card', 'edit', id, '--tag', `tag ${step}`, '--difficulty', 'hard'],
        expected: ofCard('edit'),
        rows: changed(`cards ${id}`, { tags: [`tag ${step}`], difficulty_level: 'hard' }),
      },
      {
        words: ['card', 'add', name, '-Q', `new ${step}`, '-A', 'new'],
        expected: may('edit'),
        different: [`cards made new ${step} = new`],
      },
      { words: ['card', 'delete', id], expected: ofCard('edit'), different: ['cards changed trashed'] },
      ...(['got_it', 'again'] as const).map(
        (grade): Try => ({
          words: ['study', 'grade', id, grade],
          expected: ofCard('read'),
          different: [],
          noChange: true,
        }),
      ),
      {
        words: ['deck', 'copy', name, ...(next() < 0.5 ? ['--with-progress'] : [])],
        expected: may('read') === ok && taken(me) ? 'conflict' : may('read'),
        different: [
          `decks made ${deck.name}`,
          ...live.map((one) => `cards made ${one.question} = ${one.answer}`),
        ].sort(),
      },
      {
        words: ['deck', 'delete', name, '--yes'],
        expected: may('own'),
        different: ['decks changed trashed'],
      },
      {
        words: ['playlist', 'add', 'All', name],
        expected: inPlaylist(may('read')),
        different: place ? [] : ['playlist_decks made'],
      },
      {
        words: ['playlist', 'remove', 'All', name],
        expected: inPlaylist(place ? ok : 'not_found'),
        different: ['playlist_decks removed'],
      },
      {
        words: ['playlist', 'delete', 'All', '--yes'],
        expected: inPlaylist(ok),
        different: ['playlists changed trashed'],
      },
    ]

    // anything in anybody's trash, also what is not theirs
    const trashed = [...rows].filter(([key, row]) => /^(decks|cards|playlists) /.test(key) && row.deleted_at)
    if (trashed.length > 0)
      for (let n = 0; n < 3; n++) {
        const [key, row] = pick(next, trashed as [[string, Row]])
        const [kind, thing] = key.split(' ') as [string, string]
        const mine = kind === 'cards' ? editable(rows, row.deck_id, me) : row.user_id === me
        const inTheWay =
          kind === 'decks' &&
          decks.some((one) => one.user_id === me && one.name === row.name && one.deleted_at === null)
        tries.push({
          words: ['trash', 'restore', thing],
          expected: !mine ? 'not_found' : inTheWay ? 'conflict' : ok,
          rows: changed(key, { deleted_at: null }),
        })
      }
    if (next() < 0.3)
      tries.push({
        words: ['trash', 'empty', '--yes'],
        expected: ok,
        rows: emptied(rows, me),
        noChange: true,
      })

    // by themselves the latest that stands, by its id any of anybody's, also an undo
    const undo = (words: string[], change: Done | undefined): Try => {
      if (!change) return { words, expected: 'not_found' }
      if (change.undone) return { words, expected: 'conflict', undoes: change }
      const result = takenBack(rows, change, me)
      return typeof result === 'string'
        ? { words, expected: result, undoes: change }
        : { words, expected: ok, rows: result, undoes: change }
    }
    const there = done.filter((change) => takenBack(rows, change, ids[change.who]) !== 'not_found')
    const mine = there.filter((change) => change.who === who)
    for (let n = 0; n < 4; n++)
      tries.push(
        undo(
          ['undo'],
          mine.findLast((change) => !change.undone && change.undoes === null),
        ),
      )
    const last = mine.at(-1)
    for (let n = 0; n < 3 && last; n++) tries.push(undo(['undo', last.change_id], last))
    for (let n = 0; n < 3 && there.length > 0; n++) {
      const change = pick(next, (n === 0 || mine.length === 0 ? there : mine) as [Done])
      tries.push(undo(['undo', change.change_id], change.who === who ? change : undefined))
    }

    // most of the time something that comes to something
    const possible = tries.filter((one) => one.expected === ok)
    const {
      words,
      expected,
      different,
      rows: wanted,
      undoes,
      noChange,
    } = pick(next, (next() < 0.6 && possible.length > 0 ? possible : tries) as [Try])
    const ran = await run(who, words)
    const what = `${seed}.${step} ${who}: rote ${words.join(' ')}`
    expect([what, ran.code, ran.stderr], what).toEqual([
      what,
      expected === ok ? 0 : EXIT[expected],
      ran.stderr,
    ])
    const before = rows
    rows = await readRows()
    if (expected !== ok) expect(rows, what).toEqual(before)
    else {
      if (different) expect(changedBetween(before, rows, people), what).toEqual(different)
      if (wanted) expect(rows, what).toEqual(withMoments(wanted, rows))
      if (words[1] === 'grade') {
        const at = `${id} ${who}`
        given.set(at, (given.get(at) ?? 0) + 1)
      }
      if (undoes) {
        // an undo that is taken back makes what it took back stand again, and so on
        undoes.undone = true
        for (let at = undoes.undoes, undone = false; at; at = at.undoes, undone = !undone) at.undone = undone
      }
      const [latest] = await sql<{ change_id: string; user_id: string; command: string }[]>`
        select change_id, user_id, command from changes c
        where exists (select from changed_rows r where r.change_id = c.change_id) order by position desc limit 1`
      const isNew = latest !== undefined && !done.some(({ change_id }) => change_id === latest.change_id)
      const differs = JSON.stringify([...before]) !== JSON.stringify([...rows])
      if (isNew) {
        expect([what, latest.user_id, latest.command]).toEqual([
          what,
          me,
          words.slice(0, words[0] === 'undo' ? 1 : 2).join(' '),
        ])
        done.push({
          who,
          before,
          after: rows,
          change_id: latest.change_id,
          undoes: undoes ?? null,
          undone: false,
        })
      }
      expect([what, isNew]).toEqual([what, !noChange && differs])
    }

    const looks = pick(next, PEOPLE)
    const user_id = ids[looks]
    const visible = table('decks').filter((one) => sees(one, user_id))
    const listed = await json<{ deck: string; question: string; answer: string }[]>(looks, ['card', 'list'])
    expect(listed.map((c) => `${c.deck}: ${c.question} = ${c.answer}`).sort(), what).toEqual(
      visible
        .flatMap((one) =>
          table('cards')
            .filter((c) => c.deck_id === one.deck_id && c.deleted_at === null)
            .map((c) => `${called(one, user_id)}: ${c.question} = ${c.answer}`),
        )
        .sort(),
    )
    const list = table('playlists').find((one) => one.user_id === user_id)
    const isIn = (one: Row) =>
      table('playlist_decks').some((p) => p.deck_id === one.deck_id && p.playlist_id === list?.playlist_id)
    const [look, wantedThere] = pick(next, [
      [
        ['share', 'list', '--with-me'],
        visible.filter((one) => one.user_id !== user_id).map((one) => called(one, user_id)),
      ],
      list?.deleted_at === null
        ? [['playlist', 'view', 'All'], visible.filter(isIn).map((one) => called(one, user_id))]
        : [['playlist', 'list'], []],
      [
        ['trash', 'list'],
        [...rows].flatMap(([key, row]) => {
          if (!row.deleted_at) return []
          if (key.startsWith('cards ')) return editable(rows, row.deck_id, user_id) ? ['card'] : []
          return row.user_id === user_id ? [key.split(' ')[0]?.slice(0, -1) ?? ''] : []
        }),
      ],
    ] as [Look, Look, Look])
    const { stdout } = await run(looks, look)
    const seen = stdout.split('\n').flatMap((row) => (row === '' ? [] : [row.split('\t')[1]]))
    expect(seen.sort(), what).toEqual([...wantedThere].sort())
  }

  // what was answered is there, whoever may see it by now, as long as its card is, and the schedules are what it gives
  const answers = await sql<{ at: string; answers: number }[]>`
    select card_id || ' ' || me.username as at, count(*)::int as answers
    from revision_attempts a join revision_sessions s using (session_id)
    join users me on me.user_id = s.user_id where s.sitting_id is distinct from s.deck_id group by 1`
  const stillThere = [...given].filter(([at]) => rows.has(`cards ${at.split(' ')[0]}`))
  expect(new Map(answers.map(({ at, answers }) => [at, answers]))).toEqual(new Map(stillThere))
  for (const who of PEOPLE)
    expect(await json(who, ['db', 'rebuild', '--dry-run'])).toMatchObject({
      ...{ changed: 0, added: 0, removed: 0, confidence: 0 },
    })
  const shared =
    await sql`select is_shared, exists (select from deck_shares s where s.deck_id = d.deck_id) as there from decks d`
  expect(shared.filter(({ is_shared, there }) => is_shared !== there)).toEqual([])
}

/** Rows of which some go to the trash, at the moment at which they did. */
function withMoments(wanted: Rows, actual: Rows): Rows {
  return new Map(
    [...wanted].map(([key, row]) => {
      const at = actual.get(key)?.deleted_at
      return [key, row.deleted_at === NOW_TRASHED && at ? { ...row, deleted_at: at } : row]
    }),
  )
}

test('whatever people do with their decks, nobody reads or changes what they may not', async () => {
  for (let seed = FIRST; seed < FIRST + RUNS; seed++) await history(seed)
}, 4_000_000)
