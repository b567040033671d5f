import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { answer, client, kill, newHome, rote, start, until } from './support.ts'

// first runs of several homes
vi.setConfig({ testTimeout: 90_000 })

/** The bytes of the files that tables and indexes are in. Asking the server would wait for the import. */
function tables(home: string): number {
  const base = join(home, 'data', 'base')
  return readdirSync(base, { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(join(base, name), { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, size) => sum + size, 0)
}

test.each<[signal: NodeJS.Signals, code: number | null]>([
  ['SIGINT', 130],
  ['SIGKILL', null],
])('%s in the middle of an import leaves the deck as it was', async (signal, code) => {
  const home = newHome('home')
  const before = 'uno,one\ndos,two\n'
  expect(await rote(home, ['deck', 'import', '-', '--deck', 'Words'], before)).toMatchObject({ code: 0 })
  const file = join(home, 'words.csv')
  writeFileSync(file, Array.from({ length: 20_000 }, (_, i) => `question ${i},answer ${i}\n`).join(''))
  const size = tables(home)

  const { child, ended } = start(home, ['deck', 'import', file, '--deck', 'Words'])
  // they have grown: rows are written that nobody sees yet
  await until(() => tables(home) > size + 2_000_000, 60_000)
  kill(child.pid ?? 0, signal)
  expect(await ended).toMatchObject({ code, stdout: '' })
  await until(async () => (await answer<unknown[]>(home, 'card', 'list')).length === 2)
  expect(await client(home)`select source from imports`).toEqual([{ source: '-' }])

  expect(await rote(home, ['deck', 'import', file, '--deck', 'Words'])).toMatchObject({
    code: 0,
    stderr: 'Imported into "Words": 20,000 added, 0 updated, 0 skipped.\n',
  })
})

test('an import that is broken off while it is read says that nothing has come of it', async () => {
  const { child, ended } = start(newHome('home'), ['deck', 'import', '-', '--deck', 'Words'])
  // more than a pipe holds and than tells a format: it is being read
  await new Promise((resolve) => child.stdin?.write('uno,one\n'.repeat(200_000), resolve))
  kill(child.pid ?? 0, 'SIGINT')
  expect(await ended).toMatchObject({ code: 130, stdout: '', stderr: 'Nothing was imported.\n' })
})

test('no room for what was read', async () => {
  const home = newHome('home')
  const input = `question,answer\n${Array.from({ length: 60_000 }, (_, i) => `question ${i},${'x'.repeat(60)}`).join('\n')}\n`
  const nowhere = join(home, 'nowhere')
  expect(
    await rote(home, ['deck', 'import', '-', '--deck', 'Words'], input, { TMPDIR: nowhere }),
  ).toMatchObject({
    code: 1,
    stdout: '',
    stderr: `What was read cannot be put aside in ${nowhere}: no such file or directory.\nNothing was imported.\nAnother folder for it: TMPDIR=<folder> rote deck import …\n`,
  })
})
