// All figures in one table: `npm run bench`, or with --json after `--`.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { importingAnki } from './anki-import.js'
import { readingAnki } from './anki-read.js'
import { writingAnki } from './anki-write.js'
import { backup } from './backup.js'
import { concurrency } from './concurrency.js'
import { copy } from './copy.js'
import { exam } from './exam.js'
import { firstRun } from './first-run.js'
import { generate } from './generate.js'
import { generateChecks } from './generate-checks.js'
import { generateSources } from './generate-sources.js'
import { importing } from './import.js'
import { keypress } from './keypress.js'
import { login } from './login.js'
import { startup } from './startup.js'
import { study } from './study.js'
import { withPostgres } from './support/postgres.js'
import { print } from './support/report.js'

/** @type {import('./support/report.js').Row[]} */
const rows = []
await withPostgres(async (postgres) => {
  const all = [
    startup,
    login,
    firstRun,
    keypress,
    study,
    exam,
    generateSources,
    generateChecks,
    generate,
    importing,
    readingAnki,
    importingAnki,
    writingAnki,
    backup,
    copy,
    concurrency,
    durability,
  ]
  for (const benchmark of all) {
    console.error(`${benchmark.name} …`)
    rows.push(...(await benchmark(postgres)))
  }
})
print(rows)
if (rows.some(({ met }) => met === false)) process.exitCode = 1

/** @type {import('./support/report.js').Benchmark} */
async function durability() {
  const script = join(import.meta.dirname, 'durability.js')
  const output = execFileSync(process.execPath, [script], { encoding: 'utf8' })
  const { rounds, acknowledged, lost, corrupt_starts } = JSON.parse(output)
  return [
    {
      what: `kill -9 at random moments, ${rounds} rounds, ${acknowledged} answered writes`,
      measured: `${lost} lost, ${corrupt_starts} corrupt starts`,
      bar: '0 lost, 0 corrupt starts',
      met: acknowledged > 0 && lost === 0 && corrupt_starts === 0,
    },
  ]
}
