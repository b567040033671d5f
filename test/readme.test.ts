import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

// Every command of the README's tour, in its order, in one home, through the shell that a reader would use.

const root = fileURLToPath(new URL('..', import.meta.url))
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const blocks = [...readme.matchAll(/^## (.+)\n(?:(?!^## )[\s\S])*?^```console\n([\s\S]*?)^```/gm)].map(
  ([, title = '', text = '']) => ({ title, lines: text.split('\n').filter(Boolean) }),
)
const server = process.env.TEST_DATABASE_URL
const database = `rote_readme_${process.pid}`

let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rote-readme-'))
  writeFileSync(join(folder, 'rote'), `#!/bin/sh\nexec "${process.execPath}" "${root}/bin/rote.js" "$@"\n`)
  chmodSync(join(folder, 'rote'), 0o755)
  symlinkSync(join(root, 'examples'), join(folder, 'examples'))
  await administer(`create database ${database}`)
})

afterAll(async () => {
  shell('rote db stop')
  rmSync(folder, { recursive: true, force: true })
  await administer(`drop database ${database} with (force)`)
})

async function administer(statement: string): Promise<void> {
  if (!server) return
  const sql = postgres(server, { max: 1 })
  await sql.unsafe(statement)
  await sql.end()
}

function shell(script: string) {
  const { DATABASE_URL: _, ...env } = process.env
  return spawnSync('bash', ['-c', script], {
    cwd: folder,
    env: { ...env, PATH: `${folder}:${env.PATH}`, ROTE_HOME: join(folder, 'home') },
    encoding: 'utf8',
  })
}

test('the tour has its stations', () => {
  expect(blocks.map(({ title }) => title)).toEqual([
    'Study',
    'Write cards',
    'Make cards from a PDF, a text or a web page',
    'Pipe decks in and out',
    'Move to a PostgreSQL server',
  ])
})

describe.each(blocks)('$title', ({ title, lines }) => {
  // without a server the chapter about one has nothing to talk to; CI runs the suite with one as well
  const possible = title !== 'Move to a PostgreSQL server' || server !== undefined

  test.runIf(possible)('every line is a command that works', () => {
    const script = lines.map((line) => {
      expect(line).toMatch(/^\$ /)
      return line
        .slice(2)
        .replace(/DATABASE_URL=\S+/, `DATABASE_URL="${server && new URL(`/${database}`, server).href}"`)
    })
    const { status, stderr } = shell(`set -e -o pipefail\n${script.join('\n')}`)
    expect(stderr).not.toMatch(/bug|error/i)
    expect(status).toBe(0)
  })
})

test('and leaves the decks that it promises', () => {
  const { stdout } = shell('rote deck list --json')
  const decks = JSON.parse(stdout).map(({ name, cards }: { name: string; cards: number }) => [name, cards])
  expect(decks).toEqual([
    ['Greetings', 2],
    ['Spanish', 2],
    ['World capitals', 198],
  ])
})

test('npm run demo imports once and says what is due', () => {
  const demo = () =>
    spawnSync(process.execPath, [join(root, 'scripts/demo.js')], {
      env: {
        ...process.env,
        ROTE_HOME: join(folder, 'home'),
        DATABASE_URL: 'postgresql://nobody@localhost:1/none',
      },
      encoding: 'utf8',
    })
  expect(demo().stderr).toContain('198 unchanged')
  const { status, stdout } = demo()
  expect(status).toBe(0)
  expect(stdout).toMatch(/\tWorld capitals\t\d+\t\d+\n/)
})
