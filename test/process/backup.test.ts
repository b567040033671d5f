import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { answer, at, newHome, rote, run, start, until } from './support.ts'

// first runs of several homes
vi.setConfig({ testTimeout: 90_000 })

const ROTE = join(import.meta.dirname, '../../bin/rote.js')

/** A home with a deck of cards that no compression makes small. */
async function homeWith(cards: number): Promise<string> {
  const home = newHome('home')
  const text = () => Array.from({ length: 20 }, () => Math.random().toString(36).slice(2)).join(' ')
  const lines = Array.from({ length: cards }, (_, i) => `question ${i} ${text()},answer ${i}`)
  const { code, stderr } = await rote(
    home,
    ['deck', 'import', '-', '--deck', 'Deck'],
    `question,answer\n${lines.join('\n')}\n`,
  )
  expect({ code, stderr }).toMatchObject({ code: 0 })
  return home
}

/** Runs a line of the shell, in which `rote` is the program. */
const shell = (line: string, env: NodeJS.ProcessEnv) =>
  run('bash', ['-o', 'pipefail', '-c', `rote() { "${process.execPath}" "${ROTE}" "$@"; }; ${line}`], env)

test('from one home into another, through a pipe', async () => {
  const home = await homeWith(3000)
  const other = newHome('other')
  const line = `rote db backup - | ROTE_HOME=${other} rote db restore - --json`
  const { code, stdout, stderr } = await shell(line, at(home)).ended
  expect({ code, stderr }, stderr).toMatchObject({ code: 0 })
  expect(JSON.parse(stdout)).toMatchObject({ rows: { users: 1, decks: 1, cards: 3000 } })
  const cards = (home: string) => answer<unknown[]>(home, 'card', 'list')
  expect(await cards(other)).toEqual(await cards(home))
})

test('a reader that has enough, and a full pipe', async () => {
  const home = await homeWith(3000)
  expect(
    await shell('rote db backup - | head -c 10 | wc -c; exit $PIPESTATUS', at(home)).ended,
  ).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\s*10\n$/),
  })
  const full = await shell('rote db backup - > /dev/full', at(home)).ended
  expect(full.code).not.toBe(0)
  expect(full.stderr).not.toMatch(/\n\s+at /)
})

const mountable =
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0

test.runIf(mountable)('a disk that fills up in the middle of a backup (needs root, for mount)', async () => {
  const home = await homeWith(10_000)
  const disk = newHome('disk')
  mkdirSync(disk)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=500k', 'tmpfs', disk])
  onTestFinished(() => until(() => spawnSync('umount', [disk]).status === 0))
  const file = join(disk, 'rote.backup')
  const failed = await rote(home, ['db', 'backup', file])
  expect(failed).toMatchObject({ code: 1, stdout: '', stderr: `Cannot write ${file}: the disk is full.\n` })
  expect(readdirSync(disk)).toEqual([])
  // one that was there is as it was
  writeFileSync(file, 'precious')
  expect(await rote(home, ['db', 'backup', file, '--yes'])).toMatchObject({ code: 1 })
  expect(readFileSync(file, 'utf8')).toBe('precious')
  expect(readdirSync(disk)).toEqual(['rote.backup'])
  // nor is there room to put it aside
  const piped = await rote(home, ['db', 'backup', '-'], '', { TMPDIR: disk })
  expect(piped).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('the disk is full') })
  expect(readdirSync(disk)).toEqual(['rote.backup'])
})

test.for<[NodeJS.Signals, number]>([
  ['SIGINT', 130],
  ['SIGTERM', 143],
])('%s in the middle leaves nothing, on either way', async ([signal, code]) => {
  const home = await homeWith(20_000)
  const place = newHome('place')
  mkdirSync(place)
  const file = join(place, 'rote.backup')
  const backup = start(home, ['db', 'backup', file])
  await until(() => readdirSync(place).length > 0)
  backup.child.kill(signal)
  expect(await backup.ended).toMatchObject({ code, stdout: '' })
  expect(readdirSync(place)).toEqual([])

  await answer(home, 'db', 'backup', file)
  const other = newHome('other')
  await answer(other, 'whoami')
  const restore = start(other, ['db', 'restore', file])
  await until(async () => (await answer<{ clients: number }>(other, 'db', 'status')).clients === 1)
  restore.child.kill(signal)
  expect(await restore.ended).toMatchObject({ code, stdout: '' })
  expect(await answer(other, 'deck', 'list')).toEqual([])
  expect(await rote(other, ['db', 'restore', file])).toMatchObject({ code: 0 })
})
