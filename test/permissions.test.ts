import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { loadedProgram } from '../src/commands/program.ts'
import { EXIT } from '../src/errors.ts'
import { makeJob, makeSchedule, makeUser, minutes, share } from './support/builders.ts'
import { folder, sql, useDatabase } from './support/database.ts'
import { dump } from './support/dump.ts'
import { rote } from './support/rote.ts'

useDatabase()

// Who may do what: every command of the program, by everybody, to the things of one person, Olga, and the outcome.
//
// - DECK is her deck "Botany", which she shares; CARD is a card in it and IMAGE an image of that; PLAYLIST and JOB are hers alone. Each line is run
//   with everything that the thing can be called: its name, its owner and name, its id, the beginning of it.
// - An outcome is `ok` or the kind of the error. What a person may not see is not found; what they see and may not do
//   is denied.
// - Everybody has a deck "Mine" and a playlist "List", in which are "Mine" and, but for the stranger, DECK. Everybody but the
//   stranger has answered CARD.
// - After everything that is not ok, nothing in the database is different. And nobody ever reads what is somebody else's.
//
// A column more is a person more in PEOPLE.

const PEOPLE = {
  owner: 'olga',
  /** It is shared with her to be edited. */
  editor: 'edda',
  /** With him to be viewed. */
  viewer: 'vito',
  /** It was shared with him, and is not any more. */
  former: 'fred',
  stranger: 'sven',
}
type Role = keyof typeof PEOPLE

const CARDS = '{"question":"beech","answer":"Fagus"}\n'
const REPLY =
  '{"cards":[{"quote":"The larch sheds its needles.","page":0,"question":"larch?","answer":"sheds"}]}'
const notes = join(folder, 'notes.txt')
const nowhere = { ROTE_HOME: join(folder, 'nowhere') }

interface Circumstances {
  input?: string
  env?: Record<string, string>
}

// biome-ignore format: it is a table
const TABLE: [line: string, owner: string, editor: string, viewer: string, former: string, stranger: string, with_?: Circumstances][] = [
  ['',                                        'ok',        'ok',        'ok',        'ok',        'ok'],

  ['deck create New',                         'ok',        'ok',        'ok',        'ok',        'ok'],
  ['deck list',                               'ok',        'ok',        'ok',        'ok',        'ok'],
  ['deck list --shared',                      'ok',        'ok',        'ok',        'ok',        'ok'],
  ['deck view DECK',                          'ok',        'ok',        'ok',        'not_found', 'not_found'],
  ['deck edit DECK --name New',               'ok',        'denied',    'denied',    'not_found', 'not_found'],
  ['deck edit DECK --description new',        'ok',        'denied',    'denied',    'not_found', 'not_found'],
  ['deck delete DECK --yes',                  'ok',        'denied',    'denied',    'not_found', 'not_found'],
  ['deck copy DECK --name Copy',              'ok',        'ok',        'ok',        'not_found', 'not_found'],
  ['deck copy DECK --name Copy --with-progress', 'ok',     'ok',        'ok',        'not_found', 'not_found'],
  ['deck import - --deck DECK_ID',            'ok',        'ok',        'denied',    'not_found', 'not_found', { input: CARDS }],
  ['deck import - --deck DECK_ID --dry-run',  'ok',        'ok',        'denied',    'not_found', 'not_found', { input: CARDS }],
  // a name that is nobody's to see is free for a deck of one's own
  ['deck import - --deck DECK_NAME',          'ok',        'ok',        'denied',    'ok',        'ok',        { input: CARDS }],
  ['deck export DECK',                        'ok',        'ok',        'ok',        'not_found', 'not_found'],

  ['card add DECK -Q q -A a',                 'ok',        'ok',        'denied',    'not_found', 'not_found'],
  ['card add DECK --cloze "{{c1::a}} b"',     'ok',        'ok',        'denied',    'not_found', 'not_found'],
  ['card add DECK -',                         'ok',        'ok',        'denied',    'not_found', 'not_found', { input: CARDS }],
  ['card list',                               'ok',        'ok',        'ok',        'ok',        'ok'],
  ['card list DECK',                          'ok',        'ok',        'ok',        'not_found', 'not_found'],
  ['card view CARD',                          'ok',        'ok',        'ok',        'not_found', 'not_found'],
  ['card edit CARD -A new',                   'ok',        'ok',        'denied',    'not_found', 'not_found'],
  ['card delete CARD',                        'ok',        'ok',        'denied',    'not_found', 'not_found'],
  // an editor may not take a card away
  ['card move CARD Mine',                     'ok',        'denied',    'denied',    'not_found', 'not_found'],
  // nor a viewer leave one there
  ['card move OWN_CARD DECK',                 'ok',        'ok',        'denied',    'not_found', 'not_found'],
  ['card search erc',                         'ok',        'ok',        'ok',        'ok',        'ok'],
  ['card suspend CARD',                       'ok',        'ok',        'ok',        'not_found', 'not_found'],
  ['card unsuspend CARD',                     'ok',        'ok',        'ok',        'not_found', 'not_found'],
  ['card history CARD',                       'ok',        'ok',        'ok',        'not_found', 'not_found'],

  ['card image list CARD',                    'ok',        'ok',        'ok',        'not_found', 'not_found'],
  ['card image show IMAGE',                   'ok',        'ok',        'ok',        'not_found', 'not_found'],
  ['card image add CARD https://example.org/new.png', 'ok', 'ok',       'denied',    'not_found', 'not_found'],
  ['card image remove IMAGE',                 'ok',        'ok',        'denied',    'not_found', 'not_found'],

  ['playlist create New DECK',                'ok',        'ok',        'ok',        'not_found', 'not_found'],
  ['playlist list',                           'ok',        'ok',        'ok',        'ok',        'ok'],
  ['playlist view PLAYLIST',                  'ok',        'not_found', 'not_found', 'not_found', 'not_found'],
  ['playlist view List',                      'ok',        'ok',        'ok',        'ok',        'ok'],
  ['playlist edit PLAYLIST --name New',       'ok',        'not_found', 'not_found', 'not_found', 'not_found'],
  ['playlist delete PLAYLIST --yes',          'ok',        'not_found', 'not_found', 'not_found', 'not_found'],
  ['playlist add PLAYLIST Mine',              'ok',        'not_found', 'not_found', 'not_found', 'not_found'],
  ['playlist add List DECK',                  'ok',        'ok',        'ok',        'not_found', 'not_found'],
  ['playlist add List Mine --after DECK',     'ok',        'ok',        'ok',        'not_found', 'not_found'],
  ['playlist remove PLAYLIST DECK_ID',        'ok',        'not_found', 'not_found', 'not_found', 'not_found'],
  // it can be cleared away by whoever may not see it any more
  ['playlist remove List DECK',               'ok',        'ok',        'ok',        'ok',        'not_found'],

  ['study DECK',                              'ok',        'ok',        'ok',        'not_found', 'not_found', { input: ' 3 1q' }],
  ['study --cram DECK',                       'ok',        'ok',        'ok',        'not_found', 'not_found', { input: ' 3 1q' }],
  ['study --by 2027-01-01 DECK',              'ok',        'ok',        'ok',        'not_found', 'not_found', { input: ' 3 1q' }],
  ['study --playlist List',                   'ok',        'ok',        'ok',        'ok',        'ok',        { input: ' 3 1q' }],
  ['study --playlist PLAYLIST',               'ok',        'not_found', 'not_found', 'not_found', 'not_found', { input: ' 3 1q' }],
  ['study',                                   'ok',        'ok',        'ok',        'ok',        'ok',        { input: ' 3 1 3q' }],
  ['study next DECK',                         'ok',        'ok',        'ok',        'not_found', 'not_found'],
  ['study next',                              'ok',        'ok',        'ok',        'ok',        'ok'],
  ['study grade CARD got_it',                 'ok',        'ok',        'ok',        'not_found', 'not_found'],
  ['study undo',                              'ok',        'ok',        'ok',        'ok',        'not_found'],
  ['study history DECK',                      'ok',        'ok',        'ok',        'not_found', 'not_found'],
  ['study history',                           'ok',        'ok',        'ok',        'ok',        'ok'],
  // there is too little to learn from
  ['study optimize',                          'failure',   'failure',   'failure',   'failure',   'failure'],

  ['generate FILE --copy --deck DECK_ID',     'ok',        'ok',        'denied',    'not_found', 'not_found'],
  ['generate FILE --copy --yes --deck DECK_NAME', 'ok',    'ok',        'denied',    'ok',        'ok'],
  ['generate list',                           'ok',        'ok',        'ok',        'ok',        'ok'],
  ['generate view JOB',                       'ok',        'not_found', 'not_found', 'not_found', 'not_found'],
  ['generate review JOB',                     'ok',        'not_found', 'not_found', 'not_found', 'not_found'],
  ['generate review JOB --accept all',        'ok',        'not_found', 'not_found', 'not_found', 'not_found'],
  ['generate retry JOB',                      'ok',        'not_found', 'not_found', 'not_found', 'not_found'],
  ['generate cancel JOB',                     'ok',        'not_found', 'not_found', 'not_found', 'not_found'],
  ['generate undo JOB',                       'ok',        'not_found', 'not_found', 'not_found', 'not_found'],
  ['generate paste JOB',                      'ok',        'not_found', 'not_found', 'not_found', 'not_found', { input: REPLY }],
  ['generate worker --once',                  'ok',        'ok',        'ok',        'ok',        'ok'],

  ['share add DECK sven',                     'ok',        'denied',    'denied',    'not_found', 'not_found'],
  ['share add DECK vito --permission edit',   'ok',        'denied',    'denied',    'not_found', 'not_found'],
  ['share list',                              'ok',        'ok',        'ok',        'ok',        'ok'],
  ['share list DECK',                         'ok',        'denied',    'denied',    'not_found', 'not_found'],
  ['share list --with-me',                    'ok',        'ok',        'ok',        'ok',        'ok'],
  ['share list --with-me DECK',               'ok',        'ok',        'ok',        'not_found', 'not_found'],
  ['share revoke DECK vito',                  'ok',        'denied',    'denied',    'not_found', 'not_found'],
  ['share revoke DECK fred',                  'not_found', 'denied',    'denied',    'not_found', 'not_found'],

  ['due',                                     'ok',        'ok',        'ok',        'ok',        'ok'],
  ['stats',                                   'ok',        'ok',        'ok',        'ok',        'ok'],
  ['stats DECK',                              'ok',        'ok',        'ok',        'not_found', 'not_found'],
  ['stats --playlist PLAYLIST',               'ok',        'not_found', 'not_found', 'not_found', 'not_found'],

  // these are about a machine, and anybody's who sits at it
  ['db status',                               'ok',        'ok',        'ok',        'ok',        'ok',        { env: nowhere }],
  ['db stop',                                 'ok',        'ok',        'ok',        'ok',        'ok',        { env: nowhere }],
  ['db migrate',                              'ok',        'ok',        'ok',        'ok',        'ok'],
  ['db rebuild',                              'ok',        'ok',        'ok',        'ok',        'ok'],
  ['config list',                             'ok',        'ok',        'ok',        'ok',        'ok'],
  ['config list --deck DECK',                 'ok',        'ok',        'ok',        'not_found', 'not_found'],
  ['config get new_per_day',                  'ok',        'ok',        'ok',        'ok',        'ok'],
  ['config get typed --deck DECK',            'ok',        'ok',        'ok',        'not_found', 'not_found'],
  ['config set new_per_day 3',                'ok',        'ok',        'ok',        'ok',        'ok'],
  ['config set typed yes --deck DECK',        'ok',        'ok',        'ok',        'not_found', 'not_found'],
  ['whoami',                                  'ok',        'ok',        'ok',        'ok',        'ok'],

  ['user create nora',                        'ok',        'denied',    'denied',    'denied',    'denied'],
  ['user list',                               'ok',        'ok',        'ok',        'ok',        'ok'],
  ['user view olga',                          'ok',        'ok',        'ok',        'ok',        'ok'],
  ['user edit olga --full-name Olga',         'ok',        'denied',    'denied',    'denied',    'denied'],
  ['user password olga --password-stdin',     'ok',        'denied',    'denied',    'denied',    'denied',    { input: 'correct horse\n' }],
  ['user delete olga --yes',                  'ok',        'denied',    'denied',    'denied',    'denied'],
  ['login olga --password-stdin',             'usage',     'usage',     'usage',     'usage',     'usage',     { input: 'correct horse\n' }],
  ['logout',                                  'ok',        'ok',        'ok',        'ok',        'ok'],

  ['db backup -',                             'ok',        'ok',        'ok',        'ok',        'ok'],
  ['db backup - --mine',                      'ok',        'ok',        'ok',        'ok',        'ok'],
  ['db restore /nowhere',                     'conflict',  'conflict',  'conflict',  'conflict',  'conflict'],
  // the clock of these tests stands still
  ['doctor',                                  'failure',   'failure',   'failure',   'failure',   'failure'],
  ['completion bash',                         'ok',        'ok',        'ok',        'ok',        'ok'],
]

/** What nobody but those may read. */
const SECRETS: Record<string, readonly Role[]> = {
  Quercus: ['owner', 'editor', 'viewer'],
  'All about trees': ['owner', 'editor', 'viewer'],
  'a drawing of an oak': ['owner', 'editor', 'viewer'],
  Herbarium: ['owner'],
  'For my eyes only': ['owner'],
  'Which tree is proposed?': ['owner'],
  larch: ['owner'],
  ...Object.fromEntries(
    Object.keys(PEOPLE).flatMap((role) => [
      [`front of the ${role}`, [role as Role]],
      [`typed by the ${role}`, [role as Role]],
    ]),
  ),
}

interface Things {
  deck_id: string
  card_id: string
  image_id: string
  playlist_id: string
  job_id: string
  own: Record<Role, string>
}

/** Everything that the table speaks of, anew. */
async function make(): Promise<Things> {
  await sql`delete from users`
  const ids: Partial<Record<Role, string>> = {}
  for (const role of Object.keys(PEOPLE) as Role[]) ids[role] = await makeUser(PEOPLE[role])
  const first = (rows: Record<string, string>[]) => Object.values(rows[0] ?? {})[0] ?? ''
  const makeDeck = async (owner: Role, name: string, question: string, answer: string) => {
    const description = name === 'Botany' ? 'All about trees' : null
    const deck_id = first(
      await sql`
      insert into decks (user_id, name, description) values (${ids[owner] ?? ''}, ${name}, ${description}) returning deck_id`,
    )
    const card_id = first(
      await sql`
      insert into cards (deck_id, question, answer) values (${deck_id}, ${question}, ${answer}) returning card_id`,
    )
    return { deck_id, card_id }
  }
  const makePlaylist = async (owner: Role, name: string, description: string, decks: string[]) => {
    const playlist_id = first(
      await sql`
      insert into playlists (user_id, name, description) values (${ids[owner] ?? ''}, ${name}, ${description}) returning playlist_id`,
    )
    for (const deck_id of decks)
      await sql`insert into playlist_decks (playlist_id, deck_id) values (${playlist_id}, ${deck_id})`
    return playlist_id
  }

  const { deck_id, card_id } = await makeDeck('owner', 'Botany', 'oak', 'Quercus')
  await sql`insert into cards (deck_id, question, answer) values (${deck_id}, 'cork oak', 'Quercus suber')`
  const image_id = first(
    await sql`
    insert into card_images (card_id, image_url, alt)
    values (${card_id}, 'https://example.org/oak.png', 'a drawing of an oak') returning image_id`,
  )
  await share(deck_id, PEOPLE.editor, 'edit')
  await share(deck_id, PEOPLE.viewer, 'view')
  const own: Partial<Record<Role, string>> = {}
  for (const role of Object.keys(PEOPLE) as Role[]) {
    const mine = await makeDeck(role, 'Mine', `front of the ${role}`, 'back')
    own[role] = mine.card_id
    await makePlaylist(role, 'List', '', role === 'stranger' ? [mine.deck_id] : [mine.deck_id, deck_id])
    if (role === 'stranger') continue
    await makeSchedule(card_id, minutes(-5), PEOPLE[role])
    const session_id = first(
      await sql`
      insert into revision_sessions (user_id, deck_id, started_at)
      values (${ids[role] ?? ''}, ${deck_id}, ${minutes(-60)}) returning session_id`,
    )
    await sql`
      insert into revision_attempts (session_id, card_id, user_answer, confidence_status, attempted_at, desired_retention)
      values (${session_id}, ${card_id}, ${`typed by the ${role}`}, 'got_it', ${minutes(-60)}, 0.9)`
  }
  const playlist_id = await makePlaylist('owner', 'Private', 'For my eyes only', [deck_id])
  const { job_id } = await makeJob(
    { owner: PEOPLE.owner, deck_id, sections: ['The larch sheds its needles.'], status: 'processing' },
    [{ question: 'Which tree is proposed?' }],
  )
  await sql`
    update ai_jobs set source_title = 'Herbarium', source_url = '/home/olga/Herbarium.pdf', options = '{"copy": true}'`
  await sql`update ai_job_sections set status = 'pending'`
  return { deck_id, card_id, image_id, playlist_id, job_id, own: own as Record<Role, string> }
}

/** Everything that a word of the table can be on a command line. */
function called(word: string, things: Things, role: Role): string[] {
  const beginning = (id: string) => id.slice(0, 8)
  switch (word) {
    case 'DECK':
      return ['olga/Botany', things.deck_id, ...(role === 'owner' ? ['Botany'] : [])]
    case 'DECK_ID':
      return [things.deck_id]
    case 'DECK_NAME':
      return [role === 'owner' ? 'Botany' : 'olga/Botany']
    case 'CARD':
      return [things.card_id, beginning(things.card_id)]
    case 'IMAGE':
      return [things.image_id, beginning(things.image_id)]
    case 'OWN_CARD':
      return [things.own[role]]
    case 'PLAYLIST':
      return ['Private', things.playlist_id]
    case 'JOB':
      return [things.job_id, beginning(things.job_id)]
    case 'FILE':
      return [notes]
    default:
      return [word]
  }
}

/** The command lines that a line of the table stands for. */
function lines(line: string, things: Things, role: Role): string[][] {
  const words = Array.from(line.matchAll(/"([^"]*)"|(\S+)/g), ([, quoted, bare]) => quoted ?? bare ?? '')
  return words.reduce<string[][]>(
    (all, word) => all.flatMap((before) => called(word, things, role).map((name) => [...before, name])),
    [[]],
  )
}

const KINDS = Object.fromEntries(Object.entries(EXIT).map(([kind, code]) => [code, kind]))
const ROLES = Object.keys(PEOPLE) as Role[]

let things: Things
let clean = ''

test.each(TABLE)('rote %s', { timeout: 300_000 }, async (line, ...rest) => {
  const outcomes = rest.slice(0, ROLES.length)
  const given = rest.find((one): one is Circumstances => typeof one === 'object') ?? {}
  writeFileSync(
    notes,
    'The spruce keeps its needles.\nIt is a conifer that is green in winter, too.\n'.repeat(3),
  )
  clean = ''
  const found: string[] = []
  const wanted: string[] = []
  for (const [i, role] of ROLES.entries()) {
    // the ids of things are others each time: which of its names is run is told by its place
    for (let name = 0; name === 0 || name < lines(line, things, role).length; name++) {
      if (clean === '' || (await dump()) !== clean) {
        things = await make()
        clean = await dump()
      }
      const words = lines(line, things, role)[name] ?? []
      const ran = await rote([...words, '--user', PEOPLE[role]], given)
      const kind = ran.code === 0 ? 'ok' : (KINDS[ran.code] ?? String(ran.code))
      const what = `${role}: rote ${words.join(' ')}:`
      found.push(`${what} ${kind}`)
      wanted.push(`${what} ${outcomes[i]}`)
      if (kind !== 'ok' && (await dump()) !== clean) found.push(`${what} something has changed`)
      for (const [secret, readers] of Object.entries(SECRETS))
        if (!readers.includes(role) && `${ran.stdout}${ran.stderr}`.includes(secret))
          found.push(`${what} reads "${secret}"`)
      if (kind === 'bug') found.push(ran.stderr)
    }
  }
  expect(found).toEqual(wanted)
})

test('every command of the program is in the table', async () => {
  const root = await loadedProgram(
    () =>
      Object.assign(() => async () => {}, {
        offline: () => async () => {},
        admin: () => async () => {},
        anyhow: () => async () => {},
      }),
    {},
  )
  const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)]
  const path = (command: Command): string =>
    command.parent ? `${path(command.parent)} ${command.name()}`.trim() : ''
  const commands = all(root)
    .filter(({ commands, registeredArguments }) => commands.length === 0 || registeredArguments.length > 0)
    .map(path)
  // the longest that a line begins with
  const inTable = TABLE.map(([line]) =>
    commands
      .filter((command) => line === command || line.startsWith(`${command} `))
      .sort((a, b) => b.length - a.length)
      .at(0),
  )
  expect(commands.filter((command) => !inTable.includes(command))).toEqual([])
})
