import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { answer, newHome, rote, run, serversOf } from './support.ts'

const PACKAGE = join(import.meta.dirname, '../..')

// Holds the lock and speaks the handshake, as another rote's server would; leaves when it is asked to.
const OTHER = `
  import native from 'fs-native-extensions'
  import { openSync, rmSync } from 'node:fs'
  import { createServer } from 'node:net'
  const [home, version, build] = process.argv.slice(1)
  if (!native.tryLock(openSync(home + '/run/lock', 'a'))) throw new Error('the lock is taken')
  rmSync(home + '/run/.s.PGSQL.5432', { force: true })
  const me = { pid: process.pid, version, build, started_at: new Date().toISOString(), clients: 0, memory: 1 }
  createServer((socket) => socket.on('error', () => {}).once('data', (line) => {
    const { ask } = JSON.parse(String(line).slice(5))
    if (ask === 'leave') setTimeout(() => process.exit(0), 100)
    else socket.write(JSON.stringify(me) + '\\n')
  })).listen(home + '/run/.s.PGSQL.5432', () => console.log('ready'))`

async function otherServer(home: string, version: string, build = 'another') {
  mkdirSync(join(home, 'run'), { recursive: true })
  const other = run(
    process.execPath,
    ['--input-type=module', '-e', OTHER, home, version, build],
    {},
    { cwd: PACKAGE },
  )
  await new Promise((resolve) => other.child.stdout?.once('data', resolve))
  return other
}

test.for(['0.0.1', '0.1.0'])(
  'a server of another rote %s is asked to leave, and replaced',
  async (version) => {
    const home = newHome()
    const { ended } = await otherServer(home, version)
    const adding = Array.from({ length: 5 }, (_, i) =>
      rote(home, ['card', 'add', 'Deck', '-Q', `q${i}`, '-A', 'a']),
    )
    const results = await Promise.all(adding)
    expect(results.filter(({ code, stderr }) => code !== 0 || stderr !== '')).toEqual([])
    expect((await ended).code).toBe(0)
    expect(await answer(home, 'card', 'list')).toHaveLength(5)
    expect(serversOf(home)).toHaveLength(1)
  },
)

test('a server of a newer rote keeps its place', async () => {
  const home = newHome()
  const { child, ended } = await otherServer(home, '99.10.0')
  const { code, stdout, stderr } = await rote(home, ['card', 'list'])
  expect({ code, stdout }).toEqual({ code: 5, stdout: '' })
  expect(stderr).toContain('A newer rote (99.10.0) is using this database')
  expect(stderr).toContain('rote db stop')
  expect(child.exitCode).toBeNull()
  expect(await answer(home, 'db', 'stop')).toEqual({ stopped: true })
  expect((await ended).code).toBe(0)
  expect(await answer(home, 'card', 'list')).toEqual([])
})

test('a lock file and a socket that a dead server has left are no obstacle', async () => {
  const home = newHome()
  const build = readFileSync(join(PACKAGE, 'dist/build-id'), 'utf8')
  const { child, ended } = await otherServer(home, '0.1.0', build)
  child.kill('SIGKILL')
  await ended
  writeFileSync(openSync(join(home, 'run/lock'), 'a'), '4711\n')
  expect(await answer(home, 'card', 'list')).toEqual([])
})
