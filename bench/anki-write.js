// A package for Anki of years of studying, written: cards, answers and schedules, with nothing read from a database.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { alone, figure } from './support/report.js'

const NOTES = 100_000
const REVIEWS = 3

/** What the child does: makes a page of cards at a time, as an export does, and keeps none. */
const WRITER = `import { open } from 'node:fs/promises'
import { writeAnki } from './write-anki.mjs'
const [path, notes, reviews] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])]
const DAY = 86_400_000
const START = Date.UTC(2025, 0, 1)
const GRADES = ['got_it', 'again', 'almost', 'got_it']
function card(i) {
  const attempts = Array.from({ length: reviews }, (_, r) => ({
    attempted_at: new Date(START + (r + 1) * 10 * DAY + i * 1000).toISOString(),
    confidence_status: GRADES[(i + r) % 4],
    duration_ms: 4321,
    direction: 'forward',
  }))
  const last_review = new Date(START + reviews * 10 * DAY + i * 1000)
  const due = new Date(last_review.getTime() + 12 * DAY)
  const stability = 10 + (i % 100) / 7
  const forward = { due, stability, difficulty: 5.5, state: 'review', learning_steps: 0, reps: reviews, lapses: 0, last_review }
  return {
    question: \`What does the word number \${i} mean, as in "the \${i}th word"?\`,
    answer: \`The meaning of \${i}\\nand more & more\`,
    difficulty_level: null, tags: ['words', 'common'], accepted_answers: [], external_id: null,
    deck: 'Words::Common', id: \`card \${i}\`, attempts, schedules: { forward },
  }
}
async function* pages() {
  for (let at = 0; at < notes; at += 1000) yield Array.from({ length: Math.min(1000, notes - at) }, (_, i) => card(at + i))
}
const start = performance.now()
const file = await open(path, 'w')
const written = await writeAnki((piece) => file.appendFile(piece), pages(), { deck: 'Words', history: true, now: new Date(START + 365 * DAY) })
await file.close()
console.log(JSON.stringify({ ...written, ms: performance.now() - start }))
`

/** @type {import('./support/report.js').Benchmark} */
export async function writingAnki() {
  const cache = join(import.meta.dirname, '../node_modules/.cache/rote')
  const folder = mkdtempSync(join(tmpdir(), 'rote-bench-'))
  try {
    mkdirSync(cache, { recursive: true })
    // beside the packages, which it loads
    await build({
      entryPoints: [join(import.meta.dirname, '../src/formats/anki/write.ts')],
      outfile: join(cache, 'write-anki.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
    })
    const writer = join(cache, 'bench-write-anki.mjs')
    writeFileSync(writer, WRITER)
    const file = join(folder, 'words.apkg')
    const memory = join(import.meta.dirname, 'support/peak-memory.js')
    const { stdout, stderr, output } = spawnSync(
      process.execPath,
      ['--import', memory, writer, file, String(NOTES), String(REVIEWS)],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe', 'pipe'] },
    )
    if (stdout === '') throw new Error(stderr)
    const { notes, reviews, ms } = JSON.parse(stdout)
    if (notes !== NOTES || reviews !== NOTES * REVIEWS) throw new Error(`wrong: ${stdout}`)
    return [
      figure('an .apkg of 100,000 notes and 300,000 reviews, written', ms / 1000, 's', 10),
      figure('its writer at the most', Number(output[3]) / 1024, 'MB', 250),
      figure('its size', statSync(file).size / 1024 ** 2, 'MB'),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

await alone(import.meta.url, writingAnki)
