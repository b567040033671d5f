// A package of years of Anki, read: unpacked, rendered, with its review log, and nothing written.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { writeAnkiPackage } from './support/anki.js'
import { alone, figure } from './support/report.js'

const NOTES = 100_000
const REVIEWS = 3

/** What the child does: reads all, keeps nothing, and says how much there was. */
const READER = `import { openAnki } from './anki.mjs'
const start = performance.now()
const opened = await openAnki(process.argv[2], { history: true })
let cards = 0, attempts = 0
for await (const batch of opened.records) for (const { card } of batch) { cards++; attempts += card.attempts.length }
await opened.close()
console.log(JSON.stringify({ cards, attempts, ms: performance.now() - start }))
`

/** @type {import('./support/report.js').Benchmark} */
export async function readingAnki() {
  const cache = join(import.meta.dirname, '../node_modules/.cache/rote')
  const folder = mkdtempSync(join(tmpdir(), 'rote-bench-'))
  try {
    mkdirSync(cache, { recursive: true })
    // beside the packages, which it loads
    const bundle = join(cache, 'anki.mjs')
    await build({
      entryPoints: [join(import.meta.dirname, '../src/formats/anki/read.ts')],
      outfile: bundle,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
    })
    const reader = join(cache, 'read-anki.mjs')
    writeFileSync(reader, READER)
    const file = join(folder, 'words.apkg')
    await writeAnkiPackage(file, NOTES, REVIEWS)
    const memory = join(import.meta.dirname, 'support/peak-memory.js')
    const { stdout, stderr, output } = spawnSync(process.execPath, ['--import', memory, reader, file], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    })
    if (stdout === '') throw new Error(stderr)
    const { cards, attempts, ms } = JSON.parse(stdout)
    if (cards !== NOTES || attempts !== NOTES * REVIEWS) throw new Error(`wrong: ${stdout}`)
    return [
      figure('an .apkg of 100,000 notes and 300,000 reviews, read only', ms / 1000, 's', 6),
      figure('its reader at the most', Number(output[3]) / 1024, 'MB', 350),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

await alone(import.meta.url, readingAnki)
