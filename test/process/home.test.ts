import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { answer, newHome, rote, serversOf, start, until } from './support.ts'

const root = process.getuid?.() === 0
/** Whether file systems may be mounted here: as root, and not in every container. */
const mountable = (() => {
  if (!root || process.platform !== 'linux') return false
  const probe = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'])
  return probe.status === 0
})()

const add = (home: string, question: string) => rote(home, ['card', 'add', 'Deck', '-Q', question, '-A', 'a'])

/** A folder with a file system of its own, `size` as mount has it. */
function mounted(size: string): string {
  const folder = newHome('disk')
  mkdirSync(folder)
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder])
  onTestFinished(async () => {
    await until(() => {
      for (const pid of serversOf(join(folder, 'home'))) process.kill(pid, 'SIGKILL')
      return spawnSync('umount', [folder]).status === 0
    })
  })
  return folder
}

test.for([`-rf it's "ünï" 日本語 🎴 $HOME;\`id\``, `${'long-'.repeat(20)}/${'long-'.repeat(20)}`])(
  'a home called %s',
  async (name) => {
    const home = newHome(name)
    expect(await add(home, 'q')).toMatchObject({ code: 0, stderr: '' })
    expect(await add(home, 'r')).toMatchObject({ code: 0, stderr: '' })
    const { pid } = await answer<{ pid: number }>(home, 'db', 'status')
    expect(pid).toBeGreaterThan(0)
    expect(await answer(home, 'db', 'stop')).toEqual({ stopped: true })
    expect(await answer(home, 'card', 'list')).toHaveLength(2)
  },
)

test('everything in a home is for its owner only', async () => {
  const home = newHome('home')
  await add(home, 'q')
  for (const name of ['', 'run', 'data', 'run/.s.PGSQL.5432', 'run/server.log', 'run/lock']) {
    expect(`${name} ${(statSync(join(home, name)).mode & 0o077).toString(8)}`).toBe(`${name} 0`)
  }
})

test('a home that is a file', async () => {
  const home = newHome('file')
  writeFileSync(home, '')
  const { code, stderr } = await rote(home, ['deck', 'list'])
  expect(code).toBe(5)
  expect(stderr).toBe(`Cannot use ${home}: it is not a folder.\nSet ROTE_HOME to a folder of yours.\n`)
})

test.skipIf(root)('a home without permission to write (root may always)', async () => {
  const home = newHome('home')
  mkdirSync(home, { mode: 0o555 })
  onTestFinished(() => chmodSync(home, 0o755))
  const { code, stderr } = await rote(home, ['deck', 'list'])
  expect(code).toBe(5)
  expect(stderr).toContain(`Cannot use ${home}: it cannot be written to.`)
})

test.runIf(mountable)('a home on a read-only disk (needs root, for mount)', async () => {
  const disk = mounted('60m')
  const home = join(disk, 'home')
  await add(home, 'q')
  await answer(home, 'db', 'stop')
  // the system may take a moment to let go of what the server had open
  await until(() => spawnSync('mount', ['-o', 'remount,ro', disk]).status === 0)
  const { code, stderr } = await rote(home, ['card', 'list'])
  expect(code).toBe(5)
  expect(stderr).toContain(home)
  expect(stderr).not.toMatch(/\n\s+at /)
  execFileSync('mount', ['-o', 'remount,rw', disk])
  expect(await answer(home, 'card', 'list')).toHaveLength(1)
})

test.runIf(mountable)('a first run on a full disk (needs root, for mount)', async () => {
  const disk = mounted('60m')
  const home = join(disk, 'home')
  writeFileSync(join(disk, 'ballast'), Buffer.alloc(50_000_000))
  const { code, stdout, stderr } = await add(home, 'q')
  expect({ code, stdout }).toEqual({ code: 5, stdout: '' })
  expect(stderr).toMatch(/disk is full|no space left/i)
  expect(stderr).not.toMatch(/\n\s+at /)
  await until(() => serversOf(home).length === 0)
  rmSync(join(disk, 'ballast'))
  expect(await add(home, 'q')).toMatchObject({ code: 0, stderr: '' })
  expect(readdirSync(home).sort()).toEqual(['data', 'run'])
})

test.runIf(mountable)(
  'a disk that fills up during an import (needs root, for mount)',
  async () => {
    const disk = mounted('100m')
    const home = join(disk, 'home')
    await add(home, 'q')
    const file = join(newHome('csv'), '..', 'large.csv')
    const lines = Array.from({ length: 60_000 }, (_, i) => `question ${i} ${'long '.repeat(60)},answer ${i}`)
    writeFileSync(file, `question,answer\n${lines.join('\n')}\n`)
    const { code, stdout, stderr } = await rote(home, ['deck', 'import', file, '--deck', 'Deck'])
    expect({ code, stdout }, stderr).toEqual({ code: 5, stdout: '' })
    expect(stderr).not.toMatch(/\n\s+at /)
    // a server that dies of it may not get to say so
    expect(stderr).toMatch(/disk is full|no space left|connection was cut/i)
    // what there is can still be read, or at least is there when there is room again
    execFileSync('mount', ['-o', 'remount,size=200m', disk])
    expect(await answer(home, 'card', 'list')).toHaveLength(1)
    expect((await add(home, 'r')).code).toBe(0)
  },
  90_000,
)

test('a command that cannot find its home starts nothing', async () => {
  const home = newHome('file')
  writeFileSync(home, '')
  const { ended } = start(home, ['deck', 'list'])
  expect((await ended).code).toBe(5)
  expect(readdirSync(dirname(home))).toEqual(['file'])
})
