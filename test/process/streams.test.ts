import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { answer, at, newHome, type Running, rote, run, start, startServer, until } from './support.ts'

const ROTE = join(import.meta.dirname, '../../bin/rote.js')
const csv = (cards: number) =>
  `question,answer\n${Array.from({ length: cards }, (_, i) => `question ${i},answer ${i}`).join('\n')}\n`

/** A shell line with rote in it. */
function shell(home: string, line: string): Running {
  return run('sh', ['-c', `rote() { "${process.execPath}" "${ROTE}" "$@"; }; ${line}`], at(home))
}

async function homeWith(cards: number): Promise<string> {
  const home = newHome()
  await rote(home, ['deck', 'import', '-', '--deck', 'Deck'], csv(cards))
  return home
}

/** Returns when the server of a home begins to write a lot. */
function writing(home: string): Promise<void> {
  const log = join(home, 'data/pg_wal')
  const newest = () => Math.max(...readdirSync(log).map((name) => statSync(join(log, name)).mtimeMs))
  const before = newest()
  return until(() => newest() > before + 50)
}

test('a reader that has had enough ends the program quietly', async () => {
  const home = await homeWith(5000)
  for (const flags of ['', '--json', '-q']) {
    const line = `{ rote card list ${flags}; echo "exit $?" >&2; } | head -1`
    const { stdout, stderr } = await shell(home, line).ended
    expect(stderr).toBe('exit 0\n')
    expect(stdout.split('\n')).toHaveLength(2)
  }
})

test('closed streams are no reason to crash', async () => {
  const home = await homeWith(3)
  expect(await shell(home, 'rote card list 2>&- | wc -l').ended).toMatchObject({
    stdout: expect.stringMatching(/^\s*3\n$/),
  })
  expect(await shell(home, 'rote card list 2>&-; echo "exit $?"').ended).toMatchObject({
    stdout: expect.stringMatching(/exit 0\n$/),
  })
  expect(await shell(home, 'rote card view nonsense 2>&-; echo "exit $?"').ended).toMatchObject({
    stdout: 'exit 3\n',
  })
  const { stdout, stderr } = await shell(home, 'rote card list <&- | wc -l').ended
  expect({ stdout: stdout.trim(), stderr }).toEqual({ stdout: '3', stderr: '' })
  expect(await shell(home, 'rote deck import - --deck Other <&-; echo "exit $?"').ended).toMatchObject({
    stdout: expect.stringMatching(/exit [1-9]\n$/),
    stderr: expect.not.stringMatching(/\n\s+at /),
  })
  expect(await shell(home, 'rote study <&- >&-; echo "exit $?" >&2').ended).toMatchObject({
    stderr: 'exit 0\n',
  })
})

test('a full standard output is an error', async () => {
  const home = await homeWith(3)
  const { stdout, stderr } = await shell(home, 'rote card list > /dev/full; echo "exit $?"').ended
  expect(stdout).toMatch(/exit [1-9]\d*\n$/)
  expect(stderr).not.toMatch(/\n\s+at /)
})

test.for<[NodeJS.Signals, number | null]>([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGKILL', null],
])('%s in the middle of an import leaves the deck as it was', { timeout: 60_000 }, async ([signal, code]) => {
  const home = await homeWith(3)
  const cards = csv(60_000).replaceAll('question', 'new question').replace('new question', 'question')
  for (const moment of ['reading', 'writing']) {
    const { child, ended } = start(home, ['deck', 'import', '-', '--deck', 'Deck'])
    if (moment === 'reading') {
      child.stdin?.write(cards.slice(0, 100_000))
      await until(async () => (await answer<{ clients: number }>(home, 'db', 'status')).clients === 1)
    } else {
      child.stdin?.end(cards)
      await writing(home)
    }
    child.kill(signal)
    const result = await ended
    expect(result).toMatchObject(signal === 'SIGKILL' ? { signal } : { code })
    expect(result.stderr).not.toMatch(/\n\s+at /)
    expect(await answer(home, 'card', 'list')).toHaveLength(3)
  }
})

test('an import that is stopped while it writes is cut off when others wait, and says so', async () => {
  const home = newHome()
  await startServer(home, { patience_ms: 300 })
  await answer(home, 'deck', 'create', 'Deck')
  const file = join(home, 'large.csv')
  writeFileSync(file, csv(60_000))
  const { child, ended } = start(home, ['deck', 'import', file, '--deck', 'Deck'])
  await writing(home)
  child.kill('SIGSTOP')
  expect(await answer(home, 'card', 'list')).toEqual([])
  child.kill('SIGCONT')
  const { code, stderr } = await ended
  expect(stderr).not.toMatch(/\n\s+at /)
  expect([5, 75]).toContain(code)
  expect(await answer(home, 'card', 'list')).toEqual([])
}, 60_000)
