import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test, vi } from 'vitest'
import { backupName } from '../../src/core/backups.ts'
import { answer, client, kill, newHome, rote, serversOf, until } from './support.ts'

vi.setConfig({ testTimeout: 90_000 })

const NAME = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.rote$/
const HOUR = 3_600_000

const folderOf = (home: string) => join(home, 'backups')
const backupsOf = (home: string) => (existsSync(folderOf(home)) ? readdirSync(folderOf(home)).sort() : [])
const logOf = (home: string) => readFileSync(join(home, 'run/server.log'), 'utf8')

/** Runs a command with a server that leaves as soon as it may, and returns when it has. */
async function briefly(home: string, ...args: string[]): Promise<void> {
  expect(await rote(home, args, '', { ROTE_IDLE_MINUTES: '0.005' })).toMatchObject({ code: 0, stderr: '' })
  await until(() => serversOf(home).length === 0)
}
const addCard = (home: string, question: string) =>
  briefly(home, 'card', 'add', 'Deck', '-Q', question, '-A', 'a')

/** Makes the backups of a home older. */
function age(home: string, ms: number): void {
  for (const name of backupsOf(home)) {
    const at = Date.parse(name.replace(/T(\d\d)-(\d\d)-(\d\d)Z\.rote$/, 'T$1:$2:$3Z'))
    renameSync(join(folderOf(home), name), join(folderOf(home), backupName(at - ms)))
  }
}

test('an idle server makes a backup, and another a day later if anything has changed', async () => {
  const home = newHome('home')
  await briefly(home, 'whoami')
  expect(backupsOf(home)).toEqual([])
  await addCard(home, 'one')
  const [first = ''] = backupsOf(home)
  expect(backupsOf(home)).toEqual([expect.stringMatching(NAME)])
  expect(statSync(folderOf(home)).mode & 0o777).toBe(0o700)
  expect(statSync(join(folderOf(home), first)).mode & 0o777).toBe(0o600)
  expect(logOf(home)).toBe('')

  // nothing new since
  age(home, 25 * HOUR)
  const [older = ''] = backupsOf(home)
  await briefly(home, 'card', 'list')
  expect(backupsOf(home)).toEqual([older])
  await addCard(home, 'two')
  const both = backupsOf(home)
  expect(both).toEqual([older, expect.stringMatching(NAME)])

  const status = await answer<{ backups: string; last_backup: string }>(home, 'db', 'status')
  expect(status.backups).toBe(folderOf(home))
  expect(backupName(Date.parse(status.last_backup))).toBe(both.at(-1))
})

test('it steps aside at once when somebody comes, and tries again', async () => {
  const home = newHome()
  const env = { ROTE_IDLE_MINUTES: '0.05' }
  expect(await rote(home, ['deck', 'create', 'Deck'], '', env)).toMatchObject({ code: 0 })
  const [server = 0] = serversOf(home)
  const sql = client(home)
  await sql`insert into cards (deck_id, question, answer)
    select deck_id, 'question ' || n, repeat(md5(n::text), 20) from decks, generate_series(1, 20000) n`
  await sql.end()
  await until(() => backupsOf(home).some((name) => name.endsWith('.part')))
  // it stands still while somebody knocks, so that there is something to cut off
  kill(server, 'SIGSTOP')
  const [part = ''] = backupsOf(home)
  expect(part).toMatch(/\.part$/)
  const other = client(home)
  const written =
    other`update cards set answer = 'late' where question = 'question 1' returning answer`.execute()
  kill(server, 'SIGCONT')
  expect(await written).toEqual([{ answer: 'late' }])
  await until(() => backupsOf(home).length === 0)
  expect(serversOf(home)).toEqual([server])
  await other.end()
  await until(() => serversOf(home).length === 0)
  expect(logOf(home)).toBe('')
  expect(backupsOf(home)).toEqual([expect.stringMatching(NAME)])
  const copy = gunzipSync(readFileSync(join(folderOf(home), backupsOf(home)[0] ?? ''))).toString()
  expect(copy).toContain('"late"')
  expect(copy).toContain('"cards":20000')
})

test('none at db stop, none when they are turned off, and what goes wrong is in the log', async () => {
  const home = newHome()
  await answer(home, 'card', 'add', 'Deck', '-Q', 'q', '-A', 'a')
  await answer(home, 'db', 'stop')
  expect(backupsOf(home)).toEqual([])
  expect(await rote(home, ['config', 'set', 'backups', 'sometimes'])).toMatchObject({ code: 2 })
  expect(await rote(home, ['config', 'set', 'backups', 'off'])).toMatchObject({ code: 0 })
  await addCard(home, 'two')
  expect(backupsOf(home)).toEqual([])
  expect(await rote(home, ['config', 'set', 'backups', 'on'])).toMatchObject({ code: 0 })
  writeFileSync(folderOf(home), 'not a folder')
  await briefly(home, 'deck', 'list')
  expect(logOf(home)).toMatch(/^could not make a backup: .*ENOTDIR/)
})
