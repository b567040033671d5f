import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { until } from './support.ts'
import { Home, ROTE } from './terminal.ts'

// Lines are typed into real shells, with Tab where a person would press it, and what counts is what rote is then called with.

const { spawn } = createRequire(import.meta.url)('@lydell/node-pty') as typeof import('@lydell/node-pty')

const DECKS = [
  'World War I',
  "O'Neil",
  'say "hi"',
  'pay $5',
  'back\\slash',
  'a:b=c',
  'tick`s',
  'semi;colon&',
  'star*?[x]',
  '~home',
  '日本語 N5',
  'ends in "',
  "an 's'",
  'bang!x',
]

/** What is typed, with → for Tab, and what rote gets. */
const LINES: [typed: string, args: string[]][] = [
  ['de→vi→Spa→', ['deck', 'view', 'Spanish']],
  ['deck view spa→', ['deck', 'view', 'Spanish']],
  ['deck view World→', ['deck', 'view', 'World War I']],
  ['deck view World\\ W→', ['deck', 'view', 'World War I']],
  ['deck view "World W→', ['deck', 'view', 'World War I']],
  ["deck view 'World W→", ['deck', 'view', 'World War I']],
  ['deck view O→', ['deck', 'view', "O'Neil"]],
  ['deck view "O→', ['deck', 'view', "O'Neil"]],
  ['deck view say→', ['deck', 'view', 'say "hi"']],
  ['deck view "say→', ['deck', 'view', 'say "hi"']],
  ['deck view pay→', ['deck', 'view', 'pay $5']],
  ['deck view "pay→', ['deck', 'view', 'pay $5']],
  ['deck view back→', ['deck', 'view', 'back\\slash']],
  ['deck view "back→', ['deck', 'view', 'back\\slash']],
  ['deck view a:→', ['deck', 'view', 'a:b=c']],
  ['deck view a:b=→', ['deck', 'view', 'a:b=c']],
  ['deck view "a:→', ['deck', 'view', 'a:b=c']],
  ['deck view tick→', ['deck', 'view', 'tick`s']],
  ['deck view semi→', ['deck', 'view', 'semi;colon&']],
  ['deck view star→', ['deck', 'view', 'star*?[x]']],
  ['deck view 日→', ['deck', 'view', '日本語 N5']],
  ['deck view ends→', ['deck', 'view', 'ends in "']],
  ["deck view 'an→", ['deck', 'view', "an 's'"]],
  ['deck view bang→', ['deck', 'view', 'bang!x']],
  ['study Spa→World→', ['study', 'Spanish', 'World War I']],
  ['study --play→M→', ['study', '--playlist', 'My list']],
  ['study --playlist=M→', ['study', '--playlist=My list']],
  ['deck import words→--on-d→ke→', ['deck', 'import', 'words in a file.csv', '--on-duplicate', 'keep']],
  ['deck export Spa→--output=words→', ['deck', 'export', 'Spanish', '--output=words in a file.csv']],
]

const SHELLS = {
  bash: { args: ['--norc', '-i'], load: 'source <(rote completion bash)' },
  zsh: { args: ['-f', '-i'], load: 'autoload -Uz compinit; compinit -u; source <(rote completion zsh)' },
  fish: { args: ['--no-config', '-i'], load: 'rote completion fish | source' },
}

let home: Home
beforeAll(() => {
  home = new Home()
  for (const deck of DECKS) home.rote('deck', 'create', deck)
  home.rote('deck', 'create', 'Spanish')
  home.rote('playlist', 'create', 'My list', 'Spanish')
})
afterAll(() => home.close())

const isThere = (shell: string) => spawnSync(shell, ['--version']).status === 0

describe.each(Object.entries(SHELLS))('%s', (shell, { args, load }) => {
  const found = isThere(shell)
  const name = found
    ? 'completes lines as they are typed'
    : `is not on this machine: nothing could be typed into it`

  test.runIf(found)(
    name,
    async () => {
      const folder = join(home.folder, shell)
      const log = join(folder, 'called')
      mkdirSync(folder)
      writeFileSync(join(folder, 'words in a file.csv'), '')
      // answers completions, and writes everything else down
      writeFileSync(
        join(folder, 'rote'),
        `#!/bin/sh
case "$*" in *completion*) exec "${process.execPath}" "${ROTE}" "$@";; esac
for word in "$@"; do printf '%s\\t' "$word" >> "${log}"; done
echo >> "${log}"
`,
      )
      chmodSync(join(folder, 'rote'), 0o755)
      const env = {
        ...home.env,
        ...{ PATH: `${folder}:${process.env.PATH}`, HOME: folder, ZDOTDIR: folder, XDG_CONFIG_HOME: folder },
        ...{ LC_ALL: 'C.UTF-8', TERM: 'xterm', PS1: '$ ' },
      }
      const terminal = spawn(shell, args, { cols: 200, rows: 40, env, cwd: folder })
      onTestFinished(() => terminal.kill())
      const called = () => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(0, -1) : [])

      terminal.write(`${load}; rote ready\r`)
      await until(() => called().length === 1)
      const results: [string, string[]][] = []
      for (const [typed] of LINES) {
        const before = called().length
        terminal.write(`rote ${typed.replaceAll('→', '\t')}\r`)
        await until(() => called().length > before)
        results.push([typed, (called().at(-1) ?? '').split('\t').slice(0, -1)])
      }
      expect(results).toEqual(LINES)
    },
    120_000,
  )
})
