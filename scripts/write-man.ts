import { readFileSync, writeFileSync } from 'node:fs'
import { loadedProgram } from '../src/commands/program.ts'
import type { Run } from '../src/context.ts'
import { program } from '../src/program.ts'
import { manPage } from './man-page.ts'

// Run by scripts/make-man.js.

const run = (() => async () => {}) as unknown as Run
Object.assign(run, { offline: run, admin: run, anyhow: run })
const root = await loadedProgram(() => run, { getOutHelpWidth: () => 80 })
const reference = readFileSync('docs/cli.md', 'utf8')
writeFileSync(process.argv[2] ?? '', manPage({ root, version: program.version, reference }))
