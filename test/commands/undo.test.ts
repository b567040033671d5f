import { beforeEach, describe, expect, test } from 'vitest'
import { makeDeck, makeJob, makeUser, share } from '../support/builders.ts'
import { onServer, sql, useDatabase } from '../support/database.ts'
import { everything } from '../support/everything.ts'
import { did, rote } from '../support/rote.ts'

useDatabase()

/** All that undo has to bring back: every row outside the trash and what belongs to none in it, without the log itself and when a row was last touched. */
async function state(): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {}
  for (const table of [
    'decks',
    'cards',
    'card_images',
    'playlists',
    'playlist_decks',
    'deck_shares',
    'card_schedules',
    'ai_candidates',
  ])
    found[table] = await sql.unsafe(
      `select to_jsonb(t) - 'updated_at' - 'decided_at' - 'due' as row from ${table} t where to_jsonb(t) ->> 'deleted_at' is null
        and not exists (select from decks d where d.deck_id::text = to_jsonb(t) ->> 'deck_id' and d.deleted_at is not null)
        and not exists (select from playlists p where p.playlist_id::text = to_jsonb(t) ->> 'playlist_id' and p.deleted_at is not null)
        order by 1`,
    )
  return found
}

const PERRO = '3f9a0000-0000-4000-8000-000000000001'
const GATO = '77c00000-0000-4000-8000-000000000002'

beforeEach(async () => {
  await makeUser()
  await makeUser('bert')
  const { deck_id } = await makeDeck('Spanish', {}, 'ada')
  await makeDeck('French', { chien: 'dog' }, 'ada')
  await sql`insert into cards (card_id, deck_id, question, answer, tags, external_id) values
    (${PERRO}, ${deck_id}, 'perro', 'dog', '{animal}', 'p1'), (${GATO}, ${deck_id}, 'gato', 'cat', '{}', null)`
  await share(deck_id, 'bert', 'view')
  await did('playlist create Daily Spanish --user ada')
  await did('card suspend 77c0 --user ada')
})

const CSV = 'question,answer\nperro,hound\nvaca,cow\ncabra,goat\n'

// biome-ignore format: it is a table
const COMMANDS: [line: string, says: string, input?: string][] = [
  ['deck create Italian',                      'made the deck "Italian"'],
  ['deck edit Spanish --name Español',         'edited the deck "Español"'],
  ['deck edit Spanish --description x',        'edited the deck "Spanish"'],
  ['deck delete Spanish --yes',                'moved the deck "Spanish" to the trash'],
  ['deck copy Spanish --name Copy',            'made the deck "Copy"'],
  ['deck import - --deck Spanish --on-duplicate update', 'edited the card "perro" in "Spanish", imported 2 cards from standard input into "Spanish"', CSV],
  ['deck import - --deck New',                 'made the deck "New", imported 3 cards from standard input into "New"', CSV],
  ['card add Spanish -Q vaca -A cow',          'added the card "vaca" in "Spanish"'],
  ['card add Spanish --cloze "{{c1::a}} {{c2::b}}"', 'added 2 cards in "Spanish"'],
  ['card add Spanish -',                       'imported 1 card from standard input into "Spanish"', '{"question":"vaca","answer":"cow"}\n'],
  ['card edit 3f9a -Q can -A hound --tag x --difficulty hard --accept pooch --reverse', 'edited the card "can" in "Spanish"'],
  ['card delete 3f9a 77c0',                    'moved 2 cards in "Spanish" to the trash'],
  ['card move 3f9a French',                    'moved the card "perro" to "French"'],
  ['card suspend 3f9a',                        'suspended the card "perro"'],
  ['card unsuspend 77c0',                      'unsuspended the card "gato"'],
  ['playlist create Weekly French Spanish',    'made the playlist "Weekly", put 2 decks into "Weekly"'],
  ['playlist edit Daily --name Nightly',       'edited the playlist "Nightly"'],
  ['playlist delete Daily --yes',              'moved the playlist "Daily" to the trash'],
  ['playlist add Daily French --first',        'put the deck "French" into "Daily", moved the deck "Spanish" in "Daily"'],
  ['playlist remove Daily Spanish',            'took the deck "Spanish" out of "Daily"'],
  ['share add French bert',                    'shared the deck "French" with bert'],
  ['share add Spanish bert --permission edit', 'changed what bert may do with the deck "Spanish"'],
  ['share revoke Spanish bert',                'stopped sharing the deck "Spanish" with bert'],
]

test.each(COMMANDS)('rote %s', async (line, says, input) => {
  const before = await state()
  await did(`${line} --user ada`, input === undefined ? {} : { input })
  const after = await state()
  expect(after).not.toEqual(before)
  const [command = ''] = /^[a-z]+ [a-z]+/.exec(line) ?? []
  const [listed] = (await rote('undo --list --json --user ada')).json<Record<string, unknown>[]>()
  expect(listed).toMatchObject({ command, undone_at: null, undoes: null })

  const undone = await rote('undo --user ada', { tty: true })
  expect(undone).toMatchObject({
    code: 0,
    stdout: `Took back "${command}", just now: ${says}.\n`,
    stderr: '',
  })
  expect(await state()).toEqual(before)

  // an undo is a change, too
  const [again] = (await rote('undo --list --json --user ada')).json<Record<string, unknown>[]>()
  expect(again).toMatchObject({ command: 'undo', undoes: listed?.change_id })
  await did(`undo ${again?.change_id} --user ada`)
  expect(await state()).toEqual(after)
})

test('step by step back to the beginning', async () => {
  const states = [await state()]
  const lines = COMMANDS.map(([line]) => line).filter((line) => /^card (edit|move|delete|suspend)/.test(line))
  for (const line of ['playlist add Daily French', ...lines.slice(0, 2), 'deck delete French --yes']) {
    await did(`${line} --user ada`)
    states.push(await state())
  }
  states.pop()
  for (const before of states.reverse()) {
    await did('undo --user ada')
    expect(await state()).toEqual(before)
  }
})

test('what one has done oneself; what others have done is theirs to take back', async () => {
  await did('share add Spanish bert --permission edit --user ada')
  await did('card edit 3f9a -A hound --user bert')
  await did('card edit 77c0 -A kitty --user ada')
  await did('undo --user bert')
  expect(await sql`select answer from cards where card_id in (${PERRO}, ${GATO}) order by 1`).toEqual([
    { answer: 'dog' },
    { answer: 'kitty' },
  ])
  const [hers] = (await rote('undo --list --json --user ada')).json<{ change_id: string }[]>()
  expect(await rote(['undo', hers?.change_id ?? '', '--user', 'bert'])).toMatchObject({ code: 3, stdout: '' })
})

describe('refused, and nothing is different', () => {
  const refused = async (line: string, code: number, stderr: RegExp) => {
    const before = await everything()
    const ran = await rote(line)
    expect(ran).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(stderr) })
    expect(await everything()).toEqual(before)
  }

  test('what somebody has changed since', async () => {
    await did('share add Spanish bert --permission edit --user ada')
    await did('card edit 3f9a -A hound --user bert')
    await did('card edit 3f9a -A pooch --user ada')
    await refused(
      'undo --user bert',
      4,
      /^You edited the card "perro" in "ada\/Spanish"\. That has been changed again since; nothing was taken back\.\nSee what happened: rote card history 3f9a0000\. Another change can be taken back by its id: rote undo --list\n$/,
    )
    // of two things one
    await did('card delete 3f9a 77c0 --user ada')
    await did('trash restore 3f9a --user ada')
    const [, deleted] = (await rote('undo --list --json --user ada')).json<{ change_id: string }[]>()
    await refused(
      `undo ${deleted?.change_id} --user ada`,
      4,
      /^You moved 2 cards in "Spanish" to the trash\. 1 thing of it has been changed again since;/,
    )
  })

  test('what one may not change any more', async () => {
    await did('share add Spanish bert --permission edit --user ada')
    await did('card edit 3f9a -A hound --user bert')
    await did('share revoke Spanish bert --user ada')
    await refused(
      'undo --user bert',
      6,
      /^You edited a card\. That is in a deck .* not yours to change any more/,
    )
    // neither is what was changed told any more
    expect(await did('undo --list --user bert')).not.toMatch(/perro|Spanish/)
  })

  test('a name that is taken by now', async () => {
    await did('deck edit Spanish --name Español --user ada')
    await did('deck create Spanish --user ada')
    const [, renamed] = (await rote('undo --list --json --user ada')).json<{ change_id: string }[]>()
    await refused(`undo ${renamed?.change_id} --user ada`, 4, /has its name or its place by now/)
  })

  test('twice', async () => {
    await did('card edit 3f9a -A hound --user ada')
    const [edit] = (await rote('undo --list --json --user ada')).json<{ change_id: string }[]>()
    await did('undo --user ada')
    await refused(`undo ${edit?.change_id} --user ada`, 4, /taken back already/)
  })

  test('nothing', async () => {
    await refused('undo --user bert', 3, /^There is nothing to take back\.\n/)
    await refused('undo 3f9a --user ada', 3, /no change/i)
    await refused('undo --list 3f9a --user ada', 2, /--list shows all/)
    await refused('undo --limit 3 --user ada', 2, /for --list/)
  })
})

test('two at once: one takes it back', async () => {
  await did('card edit 3f9a -A hound --user ada')
  const [edit] = (await rote('undo --list --json --user ada')).json<{ change_id: string }[]>()
  const line = `undo ${edit?.change_id} --user ada`
  const codes = (await Promise.all([rote(line), rote(line), rote(line)])).map(({ code }) => code)
  expect(codes.sort()).toEqual([0, 4, 4])
  expect(await sql`select from changes where undoes is not null`).toHaveLength(1)
})

test('by somebody with whom the deck is shared no longer at this very moment', async () => {
  await did('share add Spanish bert --permission edit --user ada')
  await did('card edit 3f9a -A hound --user bert')
  let settled = false
  const undone = await sql.begin(async (sql) => {
    await sql`delete from deck_shares`
    const running = rote('undo --user bert').finally(() => {
      settled = true
    })
    // the embedded database serves one at a time
    while (onServer && !settled) if ((await sql`select from pg_locks where not granted`).length > 0) break
    return { running }
  })
  expect(await undone.running).toMatchObject({ code: 6, stdout: '' })
  expect(await sql`select answer from cards where card_id = ${PERRO}`).toEqual([{ answer: 'hound' }])
})

test('accepted candidates wait again, and are accepted again', async () => {
  const [deck] = await sql`select deck_id from decks where name = 'Spanish'`
  const { job_id } = await makeJob({ owner: 'ada', deck_id: deck?.deck_id, status: 'done' }, [
    { question: 'a?' },
    { question: 'b?' },
  ])
  const before = await state()
  await did(`generate review ${job_id} --accept all --user ada`)
  const after = await state()
  const { stdout } = await rote('undo --user ada', { tty: true })
  expect(stdout).toBe('Took back "generate review", just now: added 2 cards in "Spanish".\n')
  expect(await state()).toEqual({ ...before, ai_candidates: expect.anything() })
  expect(await sql`select decision from ai_candidates`).toEqual([
    { decision: 'proposed' },
    { decision: 'proposed' },
  ])
  const [undo] = (await rote('undo --list --json --user ada')).json<{ change_id: string }[]>()
  await did(`undo ${undo?.change_id} --user ada`)
  expect(await state()).toEqual(after)
  await did(`generate undo ${job_id} --user ada`)
  await did('undo --user ada')
  expect(await state()).toEqual(after)
})

test('of an import only what it brought goes, wherever that is by now', async () => {
  await did('deck import - --deck Spanish --user ada', { input: CSV })
  const [vaca] = await sql`select card_id from cards where question = 'vaca'`
  await did(`card move ${vaca?.card_id} French --user ada`)
  await did('card add Spanish -Q oveja -A sheep --user ada')
  const [, , imported] = (await rote('undo --list --json --user ada')).json<{ change_id: string }[]>()
  await did(`undo ${imported?.change_id} --user ada`)
  expect(
    await sql`select question from cards join decks using (deck_id) where cards.deleted_at is null order by 1`,
  ).toEqual(['chien', 'gato', 'oveja', 'perro'].map((question) => ({ question })))
})

test('the list, page by page', async () => {
  for (let n = 1; n <= 5; n++) await did(`card edit 3f9a -A dog${n} --user ada`)
  const all = (await did('undo --list --user ada')).split('\n')
  expect(all.slice(0, 5).map((line) => line.split('\t').slice(2, 4))).toEqual(
    Array.from({ length: 5 }, () => ['card edit', 'edited the card "perro" in "Spanish"']),
  )
  expect(
    (await did('undo --list --limit 2 --page 2 --user ada')).split('\n').map((line) => line.trimEnd()),
  ).toEqual(all.slice(2, 4).map((line) => line.trimEnd()))
  expect((await did('undo --list -q --user ada')).split('\n')).toEqual(all.map((line) => line.split('\t')[0]))
})

test('changes by another program are written down, and nobody takes them back', async () => {
  await sql`update cards set answer = 'hound' where card_id = ${PERRO}`
  expect((await rote('card history 3f9a --changes --json --user ada')).json<unknown[]>()[0]).toMatchObject({
    ...{ changed_by: null, command: null, before: { answer: 'dog' }, after: { answer: 'hound' } },
  })
  const { code } = await rote('undo --user bert')
  expect(code).toBe(3)
})

test('answering is no change: grading writes nothing down', async () => {
  const [before] = await sql`select count(*)::int as n from changes`
  await did('study Spanish --user ada', { input: ' 3 1q' })
  await did('study grade 3f9a again --user ada')
  expect(await sql`select count(*)::int as n from changes`).toEqual([before])
})

test('what was made and taken back lies whole in the trash', async () => {
  await did('playlist create Weekly French Spanish --user ada')
  const made = await state()
  await did('undo --user ada')
  await did('trash restore Weekly --user ada')
  expect(await state()).toEqual(made)
  // but what was put into something that was there is taken out of it
  await did('playlist add Daily French --user ada')
  await did('undo --user ada')
  expect(await did('playlist view Daily --user ada')).not.toContain('French')
})

test('the list and the trash fit 40 columns', async () => {
  await did('card delete 3f9a --user ada')
  await did('deck delete French --yes --user ada')
  for (const line of ['undo --list', 'trash list']) {
    const { stdout } = await rote(`${line} --user ada`, { tty: true, columns: 40 })
    expect(stdout).toMatch(/^ID/)
    expect(stdout.split('\n').filter((row) => row.length > 40)).toEqual([])
  }
})

test('where it was is said when it was in one place, and as one calls that', async () => {
  const [chien] = await sql`select card_id from cards where question = 'chien'`
  await did(`card delete 3f9a ${chien?.card_id} --user ada`)
  await did('share add Spanish bert --permission edit --user ada')
  await did('card edit 77c0 -A kitty --user bert')
  const says = async (user: string) =>
    (await did(`undo --list --limit 2 --user ${user}`)).split('\n').map((line) => line.split('\t')[3])
  expect(await says('ada')).toEqual([
    'changed what bert may do with the deck "Spanish"',
    'moved 2 cards to the trash',
  ])
  expect(await says('bert')).toEqual(['edited the card "gato" in "ada/Spanish"'])
  // with whom, also when that is over
  await did('share add French bert --user ada')
  await did('share revoke French bert --user ada')
  expect(await says('ada')).toEqual([
    'stopped sharing the deck "French" with bert',
    'shared the deck "French" with bert',
  ])
})
