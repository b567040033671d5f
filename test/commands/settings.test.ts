import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { makeDeck, makeUser, share } from '../support/builders.ts'
import { databaseEnv, folder, onServer, sql, useDatabase } from '../support/database.ts'
import { did, rote } from '../support/rote.ts'

useDatabase()

// The config file would stay with the worker, so each test that writes one has a home of its own.
let home = ''
let made = 0
beforeEach(() => {
  home = join(folder, `home-${made++}`)
  mkdirSync(home)
})
const offline = () => ({ env: { ROTE_HOME: home, DATABASE_URL: undefined } })
const write = (content: string) => writeFileSync(join(home, 'config.json'), content)

test('config list shows all settings', async () => {
  const { stdout, code } = await rote('config list')
  expect(code).toBe(0)
  expect(stdout.split('\n').map((line) => line.split('\t').slice(0, 3))).toEqual([
    ['desired_retention', '0.9', 'person'],
    ['new_per_day', '20', 'person'],
    ['day_start', '4', 'person'],
    ['time_zone', '', 'person'],
    ['keys', '', 'person'],
    ['database_url', '', 'machine'],
    ['user', '', 'machine'],
    ['idle_minutes', '15', 'machine'],
    ['backups', 'on', 'machine'],
    ['editor', '', 'machine'],
    ['base_url', '', 'machine'],
    ['model', '', 'machine'],
    ['key_host', '', 'machine'],
    ['concurrency', '', 'machine'],
    ['price_in', '', 'machine'],
    ['price_out', '', 'machine'],
    ['images', 'local', 'machine'],
    ['s3_endpoint', '', 'machine'],
    ['s3_region', '', 'machine'],
    ['s3_bucket', '', 'machine'],
    ['s3_prefix', 'rote', 'machine'],
    ['s3_path_style', '', 'machine'],
    ['s3_access_key_id', '', 'machine'],
    ['s3_secret_access_key', '', 'machine'],
    ['cloudinary_url', '', 'machine'],
    ['image_network', 'public', 'machine'],
    ['image_display', 'auto', 'machine'],
    ['image_cell', '6x12', 'machine'],
    [''],
  ])
  const table = (await rote('config ls', { tty: true })).stdout.split('\n')
  expect(table[0]).toMatch(/^KEY +VALUE +WHAT IT IS$/)
  expect(table.every((line) => line.length <= 80)).toBe(true)
  const json = (await rote('config list --json')).json<Record<string, unknown>[]>()
  expect(json[1]).toEqual({
    key: 'new_per_day',
    value: 20,
    scope: 'person',
    help: 'new cards a day, over all decks',
  })
  expect((await did('config list -q')).split('\n')).toHaveLength(28)
})

test('a setting of the person is a row', async () => {
  expect(await rote('config set new_per_day 7', { tty: true })).toMatchObject({
    code: 0,
    stdout: 'new_per_day is 7 now.\n',
    stderr: '',
  })
  expect(await sql`select new_per_day, day_start, desired_retention, time_zone from user_settings`).toEqual([
    { new_per_day: 7, day_start: 4, desired_retention: 0.9, time_zone: null },
  ])
  expect(await rote('config get new_per_day')).toMatchObject({ code: 0, stdout: '7\n' })
  expect((await rote('config get new_per_day --json')).json()).toMatchObject({ key: 'new_per_day', value: 7 })
  expect(await rote('config set time_zone Asia/Tokyo')).toMatchObject({ code: 0, stdout: 'time_zone\n' })
  await did(['config', 'set', 'new_per_day', ''])
  expect(await sql`select new_per_day, time_zone from user_settings`).toEqual([
    { new_per_day: 20, time_zone: 'Asia/Tokyo' },
  ])
})

test.each([
  ['new_per_day', '-1', 'new_per_day is a whole number from 0 to 9999.\n'],
  ['new_per_day', '2.5', 'new_per_day is a whole number from 0 to 9999.\n'],
  ['new_per_day', ' ', 'new_per_day is a whole number from 0 to 9999.\n'],
  ['desired_retention', '1', 'desired_retention is a number from 0.7 to 0.99.\n'],
  ['day_start', '24', 'day_start is a whole number from 0 to 23.\n'],
  [
    'time_zone',
    'Mars/Olympus',
    'Unknown time zone "Mars/Olympus".\nUse a name such as Europe/Berlin, America/New_York or UTC.\n',
  ],
  [
    'idle_minutes',
    '0',
    'idle_minutes is a number of minutes, more than 0, and not "0".\nSet it: rote config set idle_minutes 15\n',
  ],
  ['concurrency', '0', 'concurrency is a whole number from 1 to 64, and not "0".\n'],
  ['concurrency', 'many', 'concurrency is a whole number from 1 to 64, and not "many".\n'],
  ['price_in', '-1', 'price_in is a number of 0 or more, and not "-1".\n'],
  ['price_out', ' ', 'price_out is a number of 0 or more, and not " ".\n'],
])('config set %s %j is refused', async (key, value, stderr) => {
  const options = /^(idle_minutes|concurrency|price_.*)$/.test(key) ? offline() : {}
  expect(await rote(['config', 'set', '--', key, value], options)).toMatchObject({
    code: 2,
    stdout: '',
    stderr,
  })
  expect(await sql`select from user_settings`).toHaveLength(0)
})

test('a setting of the machine is in a file that only its owner may read', async () => {
  expect(await rote(['config', 'set', 'editor', 'code --wait'], { ...offline(), tty: true })).toMatchObject({
    code: 0,
    stdout: 'editor is code --wait now.\n',
  })
  const path = join(home, 'config.json')
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ editor: 'code --wait' })
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(await rote('config get editor', offline())).toMatchObject({ stdout: 'code --wait\n' })
  await did(['config', 'set', 'editor', ''], offline())
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({})
})

test('no such setting', async () => {
  for (const line of ['get colour', 'set colour red'])
    expect(await rote(`config ${line}`)).toMatchObject({
      code: 3,
      stdout: '',
      stderr: 'No setting "colour".\nSee them all: rote config list\n',
    })
})

test.each(['constructor', 'toString', 'hasOwnProperty', '__proto__'])(
  'what every JavaScript object has is no setting: %s',
  async (key) => {
    for (const line of [`get ${key}`, `set ${key} 1`])
      expect(await rote(`config ${line}`)).toMatchObject({
        code: 3,
        stdout: '',
        stderr: `No setting "${key}".\nSee them all: rote config list\n`,
      })
  },
)

test.each([
  'postgresql://me:s3cret@localhost/rote',
  'postgresql://me:s3c@ret@localhost/rote',
  'postgresql://localhost/rote?user=me&password=s3cret',
])('a password inside an address is not shown: %s', async (url) => {
  const set = await rote(['config', 'set', 'database_url', url], { ...offline(), tty: true })
  const got = await rote('config get database_url --json', offline())
  expect(set.code + got.code).toBe(0)
  expect(set.stdout + got.stdout).not.toMatch(/s3c|ret@/)
  expect(set.stdout).toContain('***')
})

test.each([
  [
    'no JSON',
    '{"user": ',
    /^The config file PATH cannot be read: .*\.\nCorrect it, or start afresh: mv PATH PATH\.old\n$/,
  ],
  ['a list', '[]', /^The config file PATH cannot be read: not a JSON object\.\n/],
])('a corrupt config file: %s', async (_, content, stderr) => {
  write(content)
  for (const line of ['deck list', 'config list', 'config set editor vi', 'db status', '']) {
    const ran = await rote(line, { env: { ROTE_HOME: home } })
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr.replaceAll(join(home, 'config.json'), 'PATH')).toMatch(stderr)
  }
  expect(readFileSync(join(home, 'config.json'), 'utf8')).toBe(content)
})

test('flags come before the environment, and that before the config file', async () => {
  const { DATABASE_URL } = await databaseEnv()
  write('{"database_url":"postgresql://file.invalid/x"}')
  const status = async (line: string, env: Record<string, string | undefined>) =>
    (await rote(`db status ${line}`, { env: { ROTE_HOME: home, DATABASE_URL: undefined, ...env } })).stderr
  const bad = 'mysql://environment'
  expect(await status('', { DATABASE_URL: bad })).toContain('DATABASE_URL is not a PostgreSQL address.')
  expect(await status('--database-url postgresql://127.0.0.1:1/x', { DATABASE_URL: bad })).toContain(
    'nothing answers at that address',
  )
  expect(onServer).toBe(DATABASE_URL !== undefined)
})

test('whoami', async () => {
  const env = await databaseEnv()
  const where = onServer ? 'on the server of DATABASE_URL' : `on this machine, in ${env.ROTE_HOME}`
  expect(await rote('whoami', { tty: true })).toMatchObject({
    code: 0,
    stdout: `ada, ${where}\n`,
    stderr: '',
  })
  expect(await rote('whoami')).toMatchObject({ stdout: 'ada\n' })
  const json = (await rote('whoami --json')).json()
  const [row] = await sql`select user_id, created_at from users`
  expect(await rote('whoami -q')).toMatchObject({ stdout: `${row?.user_id}\n`, stderr: '' })
  expect(json).toEqual({
    user_id: row?.user_id,
    username: 'ada',
    email: null,
    full_name: null,
    created_at: row?.created_at.toISOString(),
    how: 'only',
  })
})

test('several people on one database say who they are', async () => {
  await makeUser('ada')
  await makeUser('bert')
  expect(await rote('whoami')).toMatchObject({
    code: 6,
    stdout: '',
    stderr:
      'Several people use this database.\nLog in: rote login <name>. Without a password say who you are: rote --user <name> …\n',
  })
  expect(await rote('whoami --user BERT')).toMatchObject({ code: 0, stdout: 'bert\n' })
  expect(await rote('whoami --user carl')).toMatchObject({ code: 3, stdout: '', stderr: 'No user "carl".\n' })
  await sql`update users set password_hash = 'x' where username = 'bert'`
  expect(await rote('whoami --user bert')).toMatchObject({ code: 6, stdout: '' })
})

test('a user who is named but not there is not made up', async () => {
  expect(await rote('whoami --user carl')).toMatchObject({ code: 3, stdout: '' })
  expect(await sql`select from users`).toHaveLength(0)
})

test('a setting of a deck is a row of the person and the deck', async () => {
  const { deck_id } = await makeDeck('Spanish')
  expect(await rote('config set desired_retention 0.95 --deck spanish', { tty: true })).toMatchObject({
    code: 0,
    stdout: 'desired_retention is 0.95 now in "Spanish".\n',
    stderr: '',
  })
  expect(await rote('config set typed yes --deck Spanish')).toMatchObject({ code: 0, stdout: 'typed\n' })
  const rows = () =>
    sql`select deck_id, username, desired_retention, typed from deck_settings join users using (user_id)`
  expect(await rows()).toEqual([{ deck_id, username: 'ada', desired_retention: 0.95, typed: true }])

  expect(await rote('config get typed --deck Spanish')).toMatchObject({ stdout: 'yes\n' })
  expect((await rote('config get typed --deck Spanish --json')).json()).toMatchObject({
    key: 'typed',
    value: true,
    scope: 'deck',
  })
  expect(await rote('config get desired_retention')).toMatchObject({ stdout: '0.9\n' })
  expect(await rote('config list --deck Spanish', { tty: true })).toMatchObject({
    stdout: expect.stringMatching(/^KEY +VALUE +WHAT IT IS\ndesired_retention +0.95 .*\ntyped +yes .*\n$/),
  })
  expect(
    (await did('config list --deck Spanish')).split('\n').map((line) => line.split('\t').slice(0, 3)),
  ).toEqual([
    ['desired_retention', '0.95', 'deck'],
    ['typed', 'yes', 'deck'],
  ])

  expect(await rote(['config', 'set', 'typed', '', '--deck', 'Spanish'], { tty: true })).toMatchObject({
    stdout: 'typed is not set now in "Spanish".\n',
  })
  await did('config set desired_retention 0.8 --deck Spanish')
  expect(await rows()).toEqual([{ deck_id, username: 'ada', desired_retention: 0.8, typed: null }])
  expect(await rote('config get typed --deck Spanish')).toMatchObject({ code: 0, stdout: '\n' })
})

test.each([
  ['set desired_retention 1 --deck Spanish', 2, 'desired_retention is a number from 0.7 to 0.99.\n'],
  ['set typed maybe --deck Spanish', 2, 'typed is yes or no.\n'],
  [
    'set new_per_day 5 --deck Spanish',
    2,
    'new_per_day is no setting of a deck.\nA deck has: desired_retention, typed\n',
  ],
  ['get editor --deck Spanish', 2, 'editor is no setting of a deck.\nA deck has: desired_retention, typed\n'],
  ['set typed yes', 2, 'typed is a setting of a deck.\nSay of which: --deck <deck>\n'],
  ['set colour red --deck Spanish', 3, 'No setting "colour".\nSee them all: rote config list\n'],
  ['set toString red --deck Spanish', 3, 'No setting "toString".\nSee them all: rote config list\n'],
  ['set typed yes --deck Spansh', 3, 'No deck "Spansh".\nDid you mean "Spanish"?\n'],
  ['list --deck ada/Nope', 3, 'No deck "ada/Nope".\nSee what there is: rote deck list\n'],
])('config %s is refused', async (line, code, stderr) => {
  await makeDeck('Spanish')
  expect(await rote(`config ${line}`)).toMatchObject({ code, stdout: '', stderr })
  expect(await sql`select from deck_settings`).toHaveLength(0)
})

test('everybody has settings of their own in a shared deck, and none in one that is not shared', async () => {
  await makeUser()
  const { deck_id } = await makeDeck('Botany', { rose: 'Rosa' }, 'bert')
  expect(await rote('config set typed yes --deck bert/Botany --user ada')).toMatchObject({ code: 3 })
  await share(deck_id, 'ada', 'view')
  await did('config set typed yes --deck bert/Botany --user ada')
  await did('config set typed no --deck Botany --user bert')
  expect(await did('config get typed --deck bert/Botany --user ada')).toBe('yes')
  expect(await did('config get typed --deck Botany --user bert')).toBe('no')
})
