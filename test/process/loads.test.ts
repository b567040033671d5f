import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Home } from './terminal.ts'

// What a command loads besides the program itself, seen from the outside: Node is asked to write every module down.

const HEAVY = [
  '@electric-sql/pglite',
  '@node-rs/argon2',
  'fs-native-extensions',
  'inquirer',
  'ora',
  'cli-table3',
  'marked',
  'tar',
  'drizzle-kit',
  '@open-spaced-repetition/binding',
  'openai',
  'pdf-parse',
  'linkedom',
  '@mozilla/readability',
  'html-encoding-sniffer',
  'htmlparser2',
  'clipboardy',
  '@jsquash',
  'omggif',
  'sixel',
]

let home: Home
let log: string
let env: Record<string, string>

beforeAll(() => {
  home = new Home()
  home.rote('deck', 'create', 'Spanish')
  log = join(home.folder, 'loaded')
  const hooks = join(home.folder, 'hooks.mjs')
  const preload = join(home.folder, 'preload.mjs')
  writeFileSync(
    hooks,
    `import { appendFileSync } from 'node:fs'
export async function resolve(name, context, next) {
  appendFileSync(${JSON.stringify(log)}, name + '\\n')
  return next(name, context)
}`,
  )
  writeFileSync(
    preload,
    `import { appendFileSync } from 'node:fs'
import Module, { register } from 'node:module'
register(${JSON.stringify(`file://${hooks}`)})
const load = Module._load
Module._load = function (name, ...rest) {
  appendFileSync(${JSON.stringify(log)}, name + '\\n')
  return load.call(this, name, ...rest)
}`,
  )
  env = { NODE_OPTIONS: `--import=file://${preload}` }
})
afterAll(() => home.close())

async function heavyOf(...args: string[]): Promise<string[]> {
  writeFileSync(log, '')
  await home.terminal(args, undefined, env).ended()
  const loaded = readFileSync(log, 'utf8').split('\n')
  expect(loaded).toContain('node:vm')
  return HEAVY.filter((name) => loaded.some((line) => line.includes(name)))
}

test.each([
  [['--help']],
  [['deck', 'list', '--json']],
  [['due', '--count']],
  [['config', 'get', 'user']],
  [['generate', '--help']],
  [['generate', 'list', '--json']],
  [['-q', 'completion', 'bash', '--answer', '--', 'rote deck vi', 'vi', '9']],
  [['-q', 'completion', 'bash', '--answer', '--', 'rote deck view Sp', 'Sp', '9']],
  [['doctor']],
])('rote %s loads nothing heavy', async (args) => {
  expect(await heavyOf(...args)).toEqual([])
})

test('a table loads what draws it, and nothing else', async () => {
  expect(await heavyOf('deck', 'list')).toEqual(['cli-table3'])
})
