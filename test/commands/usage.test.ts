import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { version } from '../../package.json'
import { makeDeck } from '../support/builders.ts'
import { folder, sql, useDatabase } from '../support/database.ts'
import { rote } from '../support/rote.ts'

useDatabase()

test('--version', async () => {
  expect(await rote('--version')).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' })
})

test.each([
  ['--help', 'help'],
  ['deck --help', 'help deck'],
  ['deck import --help', 'help deck import'],
  ['study --help', 'help study'],
])('%s and %s are the same, on stdout', async (line, other) => {
  const help = await rote(line)
  expect(help).toMatchObject({ code: 0, stderr: '' })
  expect(help.stdout).toMatch(/^Usage: rote /)
  expect((await rote(other)).stdout).toBe(help.stdout)
})

test.each(['', 'deck', 'deck import', 'study'])('rote %s -h is --help', async (line) => {
  expect(await rote(`${line} -h`)).toMatchObject({ code: 0, stdout: (await rote(`${line} --help`)).stdout })
})

test('help fits the window', async () => {
  const { stdout } = await rote('deck import --help', { tty: true, columns: 66 })
  const options = stdout.slice(0, stdout.indexOf('\nExamples:'))
  expect(options.split('\n').filter((line) => line.length > 66)).toEqual([])
})

test.each([
  ['dekc list', "Unknown command 'dekc'.\nDid you mean deck?\n"],
  ['help nosuch', "Unknown command 'nosuch'.\nSee: rote --help\n"],
  ['help dekc', "Unknown command 'dekc'.\nDid you mean deck?\n"],
  ['help deck lits', "Unknown command 'lits'.\nDid you mean list?\n"],
  ['deck lits --help', "Unknown command 'lits'.\nDid you mean list?\n"],
  ['nosuch --help', "Unknown command 'nosuch'.\nSee: rote --help\n"],
  ['xyzzy', "Unknown command 'xyzzy'.\nSee: rote --help\n"],
  ['deck lits', "Unknown command 'lits'.\nDid you mean list?\n"],
  ['deck list --jsno', "Unknown option '--jsno'.\nDid you mean --json?\n"],
  ['deck create', "Missing required argument 'name'.\nSee: rote --help\n"],
  ['whoami me', "Too many arguments for 'whoami'. Expected 0 arguments but got 1.\nSee: rote --help\n"],
  [
    'deck import --on-duplicate merge',
    "Option '--on-duplicate <policy>' argument 'merge' is invalid. It must be skip, update, keep or error.\nSee: rote --help\n",
  ],
  [
    'deck list --page x',
    "Option '--page <n>' argument 'x' is invalid. It must be a whole number, 1 or more.\nSee: rote --help\n",
  ],
  ['--user', "Option '--user <user>' argument missing.\nSee: rote --help\n"],
])('a wrong line: %s', async (line, stderr) => {
  expect(await rote(line)).toMatchObject({ code: 2, stdout: '', stderr })
})

test('a noun without a verb shows its help, as an error', async () => {
  const { code, stdout, stderr } = await rote('deck')
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(/^Usage: rote deck .*\n/)
})

test('a usage error in JSON, and a quiet one', async () => {
  const { code, stdout, stderr } = await rote('deck create --json')
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(JSON.parse(stderr)).toEqual({
    error: { kind: 'usage', message: "Missing required argument 'name'.", hint: 'See: rote --help' },
  })
  expect(await rote('deck view Nope -q')).toMatchObject({
    code: 3,
    stdout: '',
    stderr: expect.stringContaining('No deck "Nope".'),
  })
})

test('global flags may stand before or behind the command', async () => {
  await makeDeck('Spanish')
  expect((await rote('--json deck list')).stdout).toBe((await rote('deck list --json')).stdout)
  expect((await rote('deck --json list')).stdout).toBe((await rote('deck list --json')).stdout)
})

test.each([
  ['a terminal', { NO_COLOR: undefined }, '', true],
  ['NO_COLOR', { NO_COLOR: '1' }, '', false],
  ['--no-color', { NO_COLOR: undefined }, '--no-color', false],
  ['a dumb terminal', { NO_COLOR: undefined, TERM: 'dumb' }, '', false],
])('colours: %s', async (_, env, flag, coloured) => {
  await makeDeck('Spanish')
  const { stdout } = await rote(`deck list ${flag}`, { tty: true, env })
  expect(stdout.includes('\x1b[')).toBe(coloured)
})

test('what a person typed is shown to them without its control characters', async () => {
  await makeDeck('Spanish')
  const { stderr } = await rote(['deck', 'view', '\x1b[2Jx'], { tty: true })
  expect(stderr).toBe('No deck "␛[2Jx".\nSee what there is: rote deck list\n')
})

test('sentences about what a person typed come without its control characters; a pipe gets it as it is', async () => {
  const home = mkdtempSync(join(folder, 'safe-'))
  const env = { ROTE_HOME: home }
  const evil = 'evil\x1b]0;pwned\x07\x1b[31m'
  const shown = 'evil␛]0;pwned␇␛[31m'
  const tty = async (...words: string[]) => {
    const { stdout, stderr } = await rote(words, { tty: true, env: words[0] === 'config' ? env : {} })
    return stdout + stderr
  }
  const { deck_id } = await makeDeck('Cap')
  await sql`insert into decks (user_id, name) select user_id, 'Other' from decks where deck_id = ${deck_id}`
  expect(await tty('card', 'add', 'Cap', '-Q', evil, '-A', 'x')).toBe(`Added "${shown}" to "Cap".\n`)
  const [card] = await sql`select card_id from cards`
  expect(await tty('card', 'edit', card?.card_id, '-A', 'y')).toBe(`Changed "${shown}".\n`)
  expect(await tty('card', 'move', card?.card_id, 'Other')).toBe(`Moved "${shown}" to "Other".\n`)
  expect(await tty('card', 'delete', card?.card_id)).toBe(`Moved "${shown}" to the trash.\n`)
  expect(await tty('card', 'search', evil)).toBe(`No card says "${shown}".\n`)
  expect(await tty('config', 'set', 'editor', evil)).toBe(`editor is ${shown} now.\n`)
  expect(await tty('config', 'get', 'editor')).toBe(`${shown}\n`)
  expect((await rote('config get editor', { env })).stdout).toBe(`${evil}\n`)
  const file = join(home, `f\x1b[31m.csv`)
  expect(await tty('deck', 'export', 'Cap', '-o', file)).toBe(
    `Wrote 0 cards of "Cap" to ${home}/f␛[31m.csv.\n`,
  )
  expect((await rote(['deck', 'export', 'Cap', '-o', file, '--yes'])).stdout).toBe(`${file}\n`)
  const { stdout } = await rote(['deck', 'export', 'Cap', '-o', file], {
    tty: true,
    replies: { 'Replace ': 'n\r' },
  })
  expect(stdout).toContain('f␛[31m.csv?')
  const { stderr } = await rote(['deck', 'view', evil, '--debug'], { tty: true })
  expect(stderr).toContain(`Error: No deck "${shown}".`)
  expect(stderr).not.toContain('\x1b')
})

test.each([
  // https://github.com/porsager/postgres/issues/1208
  [
    new TypeError("Cannot read properties of null (reading 'write')"),
    5,
    'Cannot reach the database: the connection was cut.',
  ],
  [new Error('boom'), 70, 'This is a bug in rote: boom'],
])('what is thrown where nobody can catch it is an error like others: %s', async (thrown, code, message) => {
  expect(await rote('deck list', { thrown })).toMatchObject({
    code,
    stderr: expect.stringContaining(message),
  })
})
