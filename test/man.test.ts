import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { manPage } from '../scripts/man-page.ts'
import { loadedProgram } from '../src/commands/program.ts'
import type { Run } from '../src/context.ts'
import { program } from '../src/program.ts'

const run = (() => async () => {}) as unknown as Run
Object.assign(run, { offline: run, admin: run, anyhow: run })

test('man/rote.1 is what the commands make of it (else: node scripts/make-man.js)', async () => {
  const root = await loadedProgram(() => run, { getOutHelpWidth: () => 80 })
  const reference = readFileSync('docs/cli.md', 'utf8')
  expect(readFileSync('man/rote.1', 'utf8')).toBe(manPage({ root, version: program.version, reference }))
})

const hasGroff = spawnSync('groff', ['--version']).status === 0

test.runIf(hasGroff)('groff has nothing to complain of, where there is a groff', () => {
  const { status, stdout, stderr } = spawnSync(
    'groff',
    ['-mandoc', '-ww', '-Tutf8', '-P-cbu', 'man/rote.1'],
    {
      encoding: 'utf8',
    },
  )
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  for (const words of [
    'rote card add [options] <deck> [input]',
    '--on-duplicate <policy>',
    'OPENAI_API_KEY',
    '130',
  ])
    expect(stdout).toContain(words)
})
