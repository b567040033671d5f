import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { loadedProgram } from '../src/commands/program.ts'
import { EXIT } from '../src/errors.ts'
import { makeJob, makeSchedule, makeUser, minutes, share } from './support/builders.ts'
import { folder, sql, useDatabase } from './support/database.ts'
import { dump, snapshot } from './support/dump.ts'
import { givePassword } from './support/people.ts'
import { rote } from './support/rote.ts'

useDatabase()

// Who may do what: every command of the program, by everybody, to the things of one person, Olga, and the outcome.
//
// - DECK is her deck "Botany", which she shares; CARD is a card in it and IMAGE an image of that; PLAYLIST and JOB are hers alone. Each line is run
//   with everything that the thing can be called: its name, its owner and name, its id, the beginning of it.
// - TRASHED_DECK, TRASHED_CARD and TRASHED_PLAYLIST are what she has in the trash; the card is of DECK. CHANGE is the last of
//   her changes, OWN_CHANGE that of whoever runs the command: what they did to a card of DECK when they were let, the
//   stranger to one of his own.
// - An outcome is `ok` or the kind of the error. What a person may not see is not found; what they see and may not do
//   is denied.
// - Everybody has a deck "Mine" and a playlist "List", in which are "Mine" and, but for the stranger, DECK. Everybody but the
//   stranger has answered CARD.
// - After everything that is not ok, nothing in the database is different. And nobody ever reads what is somebody else's.
// - Whatever is changed is somebody's change: the database has written down who it was, and by which command.
// - Whoever has a password and is not logged in is nobody, whatever is shared with them.
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
  /** It is shared with her to be edited, but she has a password, and nobody is logged in. */
  loggedOut: 'lena',
}
type Role = keyof typeof PEOPLE
const ROLES = Object.keys(PEOPLE) as Role[]

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
const TABLE: [line: string, owner: string, editor: string, viewer: string, former: string, stranger: string, loggedOut: string, with_?: Circumstances][] = [
  ['',                                        'ok',        'ok',        'ok',        'ok',        'ok',        'denied'],

  ['deck create New',                         'ok',        'ok',        'ok',        'ok',        'ok',        'denied'],
  ['deck list',                               'ok',        'ok',        'ok',        'ok',        'ok',        'denied'],
  ['deck list --shared',                      'ok',        'ok',        'ok',        'ok',        'ok',        'denied'],
  ['deck view DECK',                          'ok',        'ok',        'ok',        'not_found', 'not_found', 'denied'],
  ['deck edit DECK --name New',               'ok',        'denied',    'denied',    'not_found', 'not_found', 'denied'],
  ['deck edit DECK --description new',        'ok',        'denied',    'denied',    'not_found', 'not_found', 'denied'],
  ['deck delete DECK --yes',                  'ok',        'denied',    'denied',    'not_found', 'not_found', 'denied'],
  ['deck copy DECK --name Copy',              'ok',        'ok',        'ok',        'not_found', 'not_found', 'denied'],
  ['deck copy DECK --name Copy --with-progress', 'ok',     'ok',        'ok',        'not_found', 'not_found', 'denied'],
  ['deck import - --deck DECK_ID',            'ok',        'ok',        'denied',    'not_found', 'not_found', 'denied',    { input: CARDS }],
  ['deck import - --deck DECK_ID --dry-run',  'ok',        'ok',        'denied',    'not_found', 'not_found', 'denied',    { input: CARDS }],
  // a name that is nobody's to see is free for a deck of one's own
  ['deck import - --deck DECK_NAME',          'ok',        'ok',        'denied',    'ok',        'ok',        'denied',    { input: CARDS }],
  ['deck export DECK',                        'ok',        'ok',        'ok',        'not_found', 'not_found', 'denied'],

  ['card add DECK -Q q -A a',                 'ok',        'ok',        'denied',    'not_found', 'not_found', 'denied'],
  ['card add DECK --cloze "{{c1::a}} b"',     'ok',        'ok',        'denied',    'not_found', 'not_found', 'denied'],
  ['card add DECK -',                         'ok',        'ok',        'denied',    'not_found', 'not_found', 'denied',    { input: CARDS }],
  ['card list',                               'ok',        'ok',        'ok',        'ok',        'ok',        'denied'],
  ['card list DECK',                          'ok',        'ok',        'ok',        'not_found', 'not_found', 'denied'],
  ['card view CARD',                          'ok',        'ok',        'ok',        'not_found', 'not_found', 'denied'],
  ['card edit CARD -A new',                   'ok',        'ok',        'denied',    'not_found', 'not_found', 'denied'],
  ['card delete CARD',                        'ok',        'ok',        'denied',    'not_found', 'not_found', 'denied'],
  // an editor may not take a card away
  ['card move CARD Mine',                     'ok',        'denied',    'denied',    'not_found', 'not_found', 'denied'],
  // nor a viewer leave one there
  ['card move OWN_CARD DECK',                 'ok',        'ok',        'denied',    'not_found', 'not_found', 'denied'],
  ['card search erc',                         'ok',        'ok',        'ok',        'ok',        'ok',        'denied'],
  ['card suspend CARD',                       'ok',        'ok',        'ok',        'not_found', 'not_found', 'denied'],
  ['card unsuspend CARD',                     'ok',        'ok',        'ok',        'not_found', 'not_found', 'denied'],
  ['card history CARD',                       'ok',        'ok',        'ok',        'not_found', 'not_found', 'denied'],

  ['card image list CARD',                    'ok',        'ok',        'ok',        'not_found', 'not_found', 'denied'],
  ['card image show IMAGE',                   'ok',        'ok',        'ok',        'not_found', 'not_found', 'denied'],
  ['card image add CARD https://example.org/new.png', 'ok', 'ok',       'denied',    'not_found', 'not_found', 'denied'],
  ['card image remove IMAGE',                 'ok',        'ok',        'denied',    'not_found', 'not_found', 'denied'],

  ['playlist create New DECK',                'ok',        'ok',        'ok',        'not_found', 'not_found', 'denied'],
  ['playlist list',                           'ok',        'ok',        'ok',        'ok',        'ok',        'denied'],
  ['playlist view PLAYLIST',                  'ok',        'not_found', 'not_found', 'not_found', 'not_found', 'denied'],
  ['playlist view List',                      'ok',        'ok',        'ok',        'ok',        'ok',        'denied'],
  ['playlist edit PLAYLIST --name New',       'ok',        'not_found', 'not_found', 'not_found', 'not_found', 'denied'],
  ['playlist delete PLAYLIST --yes',          'ok',        'not_found', 'not_found', 'not_found', 'not_found', 'denied'],
  ['playlist add PLAYLIST Mine',              'ok',        'not_found', 'not_found', 'not_found', 'not_found', 'denied'],
  ['playlist add List DECK',                  'ok',        'ok',        'ok',        'not_found', 'not_found', 'denied'],
  ['playlist add List Mine --after DECK',     'ok',        'ok',        'ok',        'not_found', 'not_found', 'denied'],
  ['playlist remove PLAYLIST DECK_ID',        'ok',        'not_found', 'not_found', 'not_found', 'not_found', 'denied'],
  // it can be cleared away by whoever may not see it any more
  ['playlist remove List DECK',               'ok',        'ok',        'ok',        'ok',        'not_found', 'denied'],

  ['study DECK',                              'ok',        'ok',        'ok',        'not_found', 'not_found', 'denied',    { input: ' 3 1q' }],
  ['study --cram DECK',                       'ok',        'ok',        'ok',        'not_found', 'not_found', 'denied',    { input: ' 3 1q' }],
  ['study --by 2027-01-01 DECK',              'ok',        'ok',        'ok',        'not_found', 'not_found', 'denied',    { input: ' 3 1q' }],
  ['study --playlist List',                   'ok',        'ok',        'ok',        'ok',        'ok',        'denied',    { input: ' 3 1q' }],
  ['study --playlist PLAYLIST',               'ok',        'not_found', 'not_found', 'not_found', 'not_found', 'denied',    { input: ' 3 1q' }],
  ['study',                                   'ok',        'ok',        'ok',        'ok',        'ok',        'denied',    { input: ' 3 1 3q' }],
  ['study next DECK',                         'ok',        'ok',        'ok',        'not_found', 'not_found', 'denied'],
  ['study next',                              'ok',        'ok',        'ok',        'ok',        'ok',        'denied'],
  ['study grade CARD got_it',                 'ok',        'ok',        'ok',        'not_found', 'not_found', 'denied'],
  ['study undo',                              'ok',        'ok',        'ok',        'ok',        'not_found', 'denied'],
  ['study history DECK',                      'ok',        'ok',        'ok',        'not_found', 'not_found', 'denied'],
  ['study history',                           'ok',        'ok',        'ok',        'ok',        'ok',        'denied'],
  // there is too little to learn from
  ['study optimize',                          'failure',   'failure',   'failure',   'failure',   'failure',   'denied'],

  ['generate FILE --copy --deck DECK_ID',     'ok',        'ok',        'denied',    'not_found', 'not_found', 'denied'],
  ['generate FILE --copy --yes --deck DECK_NAME', 'ok',    'ok',        'denied',    'ok',        'ok',        'denied'],
  ['generate list',                           'ok',        'ok',        'ok',        'ok',        'ok',        'denied'],
  ['generate view JOB',                       'ok',        'not_found', 'not_found', 'not_found', 'not_found', 'denied'],
  ['generate review JOB',                     'ok',        'not_found', 'not_found', 'not_found', 'not_found', 'denied'],
  ['generate review JOB --accept all',        'ok',        'not_found', 'not_found', 'not_found', 'not_found', 'denied'],
  ['generate retry JOB',                      'ok',        'not_found', 'not_found', 'not_found', 'not_found', 'denied'],
  ['generate cancel JOB',                     'ok',        'not_found', 'not_found', 'not_found', 'not_found', 'denied'],
  ['generate undo JOB',                       'ok',        'not_found', 'not_found', 'not_found', 'not_found', 'denied'],
  ['generate paste JOB',                      'ok',        'not_found', 'not_found', 'not_found', 'not_found', 'denied',    { input: REPLY }],
  ['generate worker --once',                  'ok',        'ok',        'ok',        'ok',        'ok',        'denied'],

  ['share add DECK sven',                     'ok',        'denied',    'denied',    'not_found', 'not_found', 'denied'],
  ['share add DECK vito --permission edit',   'ok',        'denied',    'denied',    'not_found', 'not_found', 'denied'],
  ['share list',                              'ok',        'ok',        'ok',        'ok',        'ok',        'denied'],
  ['share list DECK',                         'ok',        'denied',    'denied',    'not_found', 'not_found', 'denied'],
  ['share list --with-me',                    'ok',        'ok',        'ok',        'ok',        'ok',        'denied'],
  ['share list --with-me DECK',               'ok',        'ok',        'ok',        'not_found', 'not_found', 'denied'],
  ['share revoke DECK vito',                  'ok',        'denied',    'denied',    'not_found', 'not_found', 'denied'],
  ['share revoke DECK fred',                  'not_found', 'denied',    'denied',    'not_found', 'not_found', 'denied'],

  ['undo',                                    'ok',        'ok',        'denied',    'denied',    'ok',        'denied'],
  ['undo --list',                             'ok',        'ok',        'ok',        'ok',        'ok',        'denied'],
  ['undo CHANGE',                             'ok',        'not_found', 'not_found', 'not_found', 'not_found', 'denied'],
  // what one may not change any more cannot be taken back either
  ['undo OWN_CHANGE',                         'ok',        'ok',        'denied',    'denied',    'ok',        'denied'],
  ['trash list',                              'ok',        'ok',        'ok',        'ok',        'ok',        'denied'],
  ['trash restore TRASHED_DECK',              'ok',        'not_found', 'not_found', 'not_found', 'not_found', 'denied'],
  ['trash restore TRASHED_CARD',              'ok',        'ok',        'not_found', 'not_found', 'not_found', 'denied'],
  ['trash restore TRASHED_PLAYLIST',          'ok',        'not_found', 'not_found', 'not_found', 'not_found', 'denied'],
  ['trash empty --yes',                       'ok',        'ok',        'ok',        'ok',        'ok',        'denied'],

  ['due',                                     'ok',        'ok',        'ok',        'ok',        'ok',        'denied'],
  ['stats',                                   'ok',        'ok',        'ok',        'ok',        'ok',        'denied'],
  ['stats DECK',                              'ok',        'ok',        'ok',        'not_found', 'not_found', 'denied'],
  ['stats --playlist PLAYLIST',               'ok',        'not_found', 'not_found', 'not_found', 'not_found', 'denied'],

  // these are about a machine, and anybody's who sits at it
  ['db status',                               'ok',        'ok',        'ok',        'ok',        'ok',        'ok',        { env: nowhere }],
  ['db stop',                                 'ok',        'ok',        'ok',        'ok',        'ok',        'ok',        { env: nowhere }],
  ['db migrate',                              'ok',        'ok',        'ok',        'ok',        'ok',        'ok'],
  ['db rebuild',                              'ok',        'ok',        'ok',        'ok',        'ok',        'denied'],
  ['config list',                             'ok',        'ok',        'ok',        'ok',        'ok',        'denied'],
  ['config list --deck DECK',                 'ok',        'ok',        'ok',        'not_found', 'not_found', 'denied'],
  ['config get new_per_day',                  'ok',        'ok',        'ok',        'ok',        'ok',        'denied'],
  ['config get typed --deck DECK',            'ok',        'ok',        'ok',        'not_found', 'not_found', 'denied'],
  ['config set new_per_day 3',                'ok',        'ok',        'ok',        'ok',        'ok',        'denied'],
  ['config set typed yes --deck DECK',        'ok',        'ok',        'ok',        'not_found', 'not_found', 'denied'],
  ['whoami',                                  'ok',        'ok',        'ok',        'ok',        'ok',        'denied'],

  ['user create nora',                        'ok',        'denied',    'denied',    'denied',    'denied',    'denied'],
  ['user list',                               'ok',        'ok',        'ok',        'ok',        'ok',        'denied'],
  ['user view olga',                          'ok',        'ok',        'ok',        'ok',        'ok',        'denied'],
  ['user edit olga --full-name Olga',         'ok',        'denied',    'denied',    'denied',    'denied',    'denied'],
  ['user password olga --password-stdin',     'ok',        'denied',    'denied',    'denied',    'denied',    'denied',    { input: 'correct horse\n' }],
  ['user delete olga --yes',                  'ok',        'denied',    'denied',    'denied',    'denied',    'denied'],
  ['user delete vito --yes',                  'ok',        'denied',    'ok',        'denied',    'denied',    'denied'],
  ['login olga --password-stdin',             'usage',     'usage',     'usage',     'usage',     'usage',     'usage',     { input: 'correct horse\n' }],
  ['logout',                                  'ok',        'ok',        'ok',        'ok',        'ok',        'ok'],

  ['db backup -',                             'ok',        'ok',        'ok',        'ok',        'ok',        'denied'],
  ['db backup - --mine',                      'ok',        'ok',        'ok',        'ok',        'ok',        'denied'],
  ['db restore /nowhere',                     'conflict',  'conflict',  'conflict',  'conflict',  'conflict',  'conflict'],
  // the clock of these tests stands still
  ['doctor',                                  'failure',   'failure',   'failure',   'failure',   'failure',   'failure'],
  ['completion bash',                         'ok',        'ok',        'ok',        'ok',        'ok',        'ok'],
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
  Fungi: ['owner'],
  Amanita: ['owner'],
  'Old plans': ['owner'],
  // in the trash of the deck
  Taxus: ['owner', 'editor'],
  // the editor has changed it when it was in the deck
  Ginkgo: ['owner'],
  ...Object.fromEntries(
    Object.keys(PEOPLE).flatMap((role) => [
      [`front of the ${role}`, [role as Role]],
      [`typed by the ${role}`, [role as Role]],
      [`tree of the ${role}`, role === 'stranger' ? ['stranger'] : ['owner', 'editor', 'viewer']],
    ]),
  ),
}

interface Things {
  deck_id: string
  card_id: string
  image_id: string
  playlist_id: string
  job_id: string
  trashed: Record<'deck' | 'card' | 'playlist', { id: string; name: string }>
  own: Record<Role, { card_id: string; change_id: string }>
}

/** Everything that the table speaks of, anew. */
async function make(): Promise<Things> {
  await sql`delete from users`
  await sql`delete from changes`
  const ids: Partial<Record<Role, string>> = {}
  for (const role of ROLES) ids[role] = await makeUser(PEOPLE[role])
  const first = (rows: Record<string, string>[]) => Object.values(rows[0] ?? {})[0] ?? ''
  const makeDeck = async (owner: Role, name: string, question: string, answer: string) => {
    const description = name === 'Botany' ? 'All about trees' : null
    const deck_id = first(
      await sql`
      insert into decks (user_id, name, description) values (${ids[owner] ?? ''}, ${name}, ${description}) returning deck_id`,
    )
    return { deck_id, card_id: await makeCard(deck_id, question, answer) }
  }
  const makeCard = async (deck_id: string, question: string, answer: string) =>
    first(
      await sql`
      insert into cards (deck_id, question, answer) values (${deck_id}, ${question}, ${answer}) returning card_id`,
    )
  const makePlaylist = async (owner: Role, name: string, description: string, decks: string[]) => {
    const playlist_id = first(
      await sql`
      insert into playlists (user_id, name, description) values (${ids[owner] ?? ''}, ${name}, ${description}) returning playlist_id`,
    )
    for (const deck_id of decks)
      await sql`insert into playlist_decks (playlist_id, deck_id) values (${playlist_id}, ${deck_id})`
    return playlist_id
  }
  /** That somebody is doing it, said as commands do: in the statement that does it. */
  const by = (role: Role, command: string) =>
    sql`(select set_config('rote.change', ${`- ${ids[role]} each ${command}`}, true)) is not null`

  const { deck_id, card_id } = await makeDeck('owner', 'Botany', 'oak', 'Quercus')
  await makeCard(deck_id, 'cork oak', 'Quercus suber')
  const image_id = first(
    await sql`
    insert into card_images (card_id, image_url, alt)
    values (${card_id}, 'https://example.org/oak.png', 'a drawing of an oak') returning image_id`,
  )
  await share(deck_id, PEOPLE.editor, 'edit')
  await share(deck_id, PEOPLE.viewer, 'view')
  await share(deck_id, PEOPLE.loggedOut, 'edit')
  const own: Partial<Things['own']> = {}
  const mine: Partial<Record<Role, { deck_id: string; card_id: string }>> = {}
  for (const role of ROLES) {
    if (role === 'loggedOut') continue
    const deck = await makeDeck(role, 'Mine', `front of the ${role}`, 'back')
    mine[role] = deck
    await makePlaylist(role, 'List', '', role === 'stranger' ? [deck.deck_id] : [deck.deck_id, deck_id])
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

  const fungi = await makeDeck('owner', 'Fungi', 'Amanita', 'no')
  await sql`update decks set deleted_at = now() where deck_id = ${fungi.deck_id} and ${by('owner', 'deck delete')}`
  const plans = await makePlaylist('owner', 'Old plans', '', [deck_id])
  await sql`update playlists set deleted_at = now() where playlist_id = ${plans} and ${by('owner', 'playlist delete')}`
  await sql`
    insert into playlists (user_id, name, deleted_at) select user_id, 'Old list', now() from users where username <> 'lena'`
  // by him who may only look at the deck now
  const yew = await makeCard(deck_id, 'Taxus', 'yew')
  await sql`update cards set deleted_at = now() where card_id = ${yew} and ${by('viewer', 'card delete')}`
  const ginkgo = await makeCard(deck_id, 'maidenhair', 'old')
  await sql`update cards set answer = 'new' where card_id = ${ginkgo} and ${by('editor', 'card edit')}`
  await sql`
    update cards set deck_id = ${mine.owner?.deck_id ?? ''}, question = 'Ginkgo'
    where card_id = ${ginkgo} and ${by('owner', 'card move')}`
  for (const role of ROLES) {
    const deck = role === 'stranger' ? mine.stranger?.deck_id : deck_id
    const tree = await makeCard(deck ?? '', `tree of the ${role}`, 'young')
    await sql`update cards set answer = 'old' where card_id = ${tree} and ${by(role, 'card edit')}`
    const change_id = first(await sql`select change_id from changes order by position desc limit 1`)
    own[role] = { card_id: mine[role]?.card_id ?? tree, change_id }
  }
  // all this was nobody's doing
  await sql`delete from changes where user_id is null`
  return {
    ...{ deck_id, card_id, image_id, playlist_id, job_id, own: own as Things['own'] },
    trashed: {
      deck: { id: fungi.deck_id, name: 'Fungi' },
      card: { id: yew, name: yew },
      playlist: { id: plans, name: 'Old plans' },
    },
  }
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
      return [things.own[role].card_id]
    case 'PLAYLIST':
      return ['Private', things.playlist_id]
    case 'JOB':
      return [things.job_id, beginning(things.job_id)]
    case 'TRASHED_DECK':
      return [things.trashed.deck.name, things.trashed.deck.id, beginning(things.trashed.deck.id)]
    case 'TRASHED_CARD':
      return [things.trashed.card.id, beginning(things.trashed.card.id)]
    case 'TRASHED_PLAYLIST':
      return [things.trashed.playlist.name, things.trashed.playlist.id]
    case 'CHANGE':
      return [things.own.owner.change_id, beginning(things.own.owner.change_id)]
    case 'OWN_CHANGE':
      return [things.own[role].change_id]
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

let things: Things
let clean = ''

/** As `make`, but from the second time on only what it made is put back. */
let again: (() => Promise<void>) | undefined
async function remake(): Promise<void> {
  if (again) return again()
  things = await make()
  again = await snapshot()
}

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
    for (let name = 0; name === 0 || name < namesFor(role, line); name++) {
      if (clean === '') {
        await remake()
        clean = await dump()
      }
      const words = lines(line, things, role)[name] ?? []
      if (role === 'loggedOut') {
        // only now, because what the others may do depends on whether anybody has one
        await givePassword(PEOPLE[role])
        clean = await dump()
      }
      const ran = await rote([...words, '--user', PEOPLE[role]], given)
      const kind = ran.code === 0 ? 'ok' : (KINDS[ran.code] ?? String(ran.code))
      const what = `${role}: rote ${words.join(' ')}:`
      found.push(`${what} ${kind}`)
      wanted.push(`${what} ${outcomes[i]}`)
      if ((await dump()) !== clean) {
        if (kind !== 'ok') found.push(`${what} something has changed`)
        for (const { rows } of await nobodys()) found.push(`${what} nobody has changed ${rows}`)
        clean = ''
      }
      for (const [secret, readers] of Object.entries(SECRETS))
        if (
          !readers.includes(role) &&
          !words.includes(secret) &&
          `${ran.stdout}${ran.stderr}`.includes(secret)
        )
          found.push(`${what} reads "${secret}"`)
      if (kind === 'bug') found.push(ran.stderr)
    }
  }
  expect(found).toEqual(wanted)
})

/** How many command lines a line stands for. Of who is nobody it is enough to try one. */
function namesFor(role: Role, line: string): number {
  return role === 'loggedOut' ? 1 : lines(line, things, role).length
}

/** What has been changed and is no command's of anybody: a new command that does not say whose its change is. */
function nobodys() {
  return sql<{ rows: string }[]>`
    select distinct table_name || ' (' || operation || ')' as rows from changed_rows join changes using (change_id)
    where command is null`
}

test('whoever empties their trash deletes what is theirs and in it, and nothing else', async () => {
  const left = () => sql<{ what: string; gone: string | null }[]>`
    select what, case when trashed then username end as gone from (
      select d.name as what, d.user_id, d.deleted_at is not null as trashed from decks d
      union all
      select c.question, d.user_id, coalesce(c.deleted_at, d.deleted_at) is not null from cards c join decks d using (deck_id)
      union all
      select p.name, p.user_id, p.deleted_at is not null from playlists p
    ) things join users using (user_id) order by what, username`
  for (const [role, username] of Object.entries(PEOPLE)) {
    if (role === 'loggedOut') continue
    await remake()
    const before = await left()
    const { code, stderr } = await rote(['trash', 'empty', '--yes', '--user', username])
    expect([code, stderr]).toEqual([0, expect.anything()])
    expect(await left(), role).toEqual(before.filter(({ gone }) => gone !== username))
  }
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
