import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { loadedProgram } from '../src/commands/program.ts'
import { createRun } from '../src/context.ts'
import { rote } from './support/rote.ts'

const world: Parameters<typeof createRun>[1] = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: {},
  now: () => new Date(),
  username: () => 'nobody',
  here: { host: 'testhost', pid: 4711, isRunning: () => false },
  nodeVersion: 'v22.0.0',
  dataFolder: () => '/nowhere',
  timeZone: () => 'UTC',
  wallClock: (instant) => instant,
  failure: new Promise(() => {}),
  onExit: () => () => {},
  onInterrupt: () => () => {},
  background: async () => {},
  ignoreInterrupts: () => () => {},
  suspend: () => {},
}

const root = await loadedProgram((root) => createRun(root, world), {})
const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)]
const path = (command: Command): string =>
  command.parent ? `${path(command.parent)} ${command.name()}`.trim() : ''
const commands = all(root).map((command) => [path(command), command] as const)
const leaves = commands.filter(
  ([, command]) =>
    command.commands.length === 0 || command.registeredArguments.length > 0 || command === root,
)

test('every command of the contract that exists is there', () => {
  expect(leaves.map(([name]) => name)).toEqual([
    '',
    ...['create', 'list', 'view', 'edit', 'delete', 'copy', 'import', 'export'].map((verb) => `deck ${verb}`),
    ...['add', 'list', 'view', 'edit', 'delete', 'move', 'search', 'suspend', 'unsuspend', 'history'].map(
      (verb) => `card ${verb}`,
    ),
    ...['add', 'list', 'show', 'remove'].map((verb) => `card image ${verb}`),
    ...['create', 'list', 'view', 'edit', 'delete', 'add', 'remove'].map((verb) => `playlist ${verb}`),
    ...['', ' next', ' grade', ' undo', ' history', ' optimize'].map((verb) => `study${verb}`),
    ...['', ' list', ' view', ' review', ' retry', ' cancel', ' undo', ' paste', ' worker'].map(
      (verb) => `generate${verb}`,
    ),
    ...['add', 'list', 'revoke'].map((verb) => `share ${verb}`),
    'undo',
    ...['list', 'restore', 'empty'].map((verb) => `trash ${verb}`),
    'due',
    'stats',
    ...['status', 'migrate', 'backup', 'restore', 'rebuild', 'stop'].map((verb) => `db ${verb}`),
    ...['list', 'get', 'set'].map((verb) => `config ${verb}`),
    ...['create', 'list', 'view', 'edit', 'password', 'delete'].map((verb) => `user ${verb}`),
    'login',
    'logout',
    'whoami',
    'doctor',
    'completion',
  ])
})

test.each(commands)('rote %s: everything is described', (_, command) => {
  expect(command.description()).toMatch(/^\S.*\S$/)
  expect(command.options.filter(({ description }) => !description)).toEqual([])
})

test.each(leaves)('rote %s: the help has examples that can be typed, and fits 80 columns', async (name) => {
  const { code, stdout } = await rote(`${name} --help`)
  expect(code).toBe(0)
  const [, examples = ''] = stdout.split(/^Examples?:\n/m)
  const lines = examples.trimEnd().split('\n')
  expect(lines.length).toBeGreaterThanOrEqual(2)
  expect(lines.filter((line, i) => !(i % 2 === 0 ? /^ {2}# \S/ : /^ {2}\$ .*\brote\b/).test(line))).toEqual(
    [],
  )
  expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
})

test.each(commands)('rote %s: its examples are of this command', async (name) => {
  const { stdout } = await rote(`${name} --help`)
  const lines = stdout.split('\n').filter((line) => line.startsWith('  $ '))
  expect(lines.filter((line) => !line.includes(`rote ${name}`.trim()))).toEqual([])
})

test('a verb of study has not the options of study, neither in its help nor on its line', async () => {
  const { stdout } = await rote('study undo --help')
  expect(stdout).not.toContain('--cram')
  expect(stdout).toContain('--json')
  expect(await rote('study undo --cram')).toMatchObject({
    code: 2,
    stderr: "Unknown option '--cram'.\nSee: rote study undo --help\n",
  })
})

test('a list may be called ls, and delete rm', () => {
  for (const [name, command] of leaves) {
    const alias = { list: ['ls'], delete: ['rm'] }[command.name()] ?? []
    expect(command.aliases(), name).toEqual(alias)
  }
})
