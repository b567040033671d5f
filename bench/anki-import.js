// Years of Anki into an empty database, answers and schedules and all, and the same once more: what is there already is found.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeAnkiPackage } from './support/anki.js'
import { withDatabase } from './support/postgres.js'
import { alone, figure, noPostgres } from './support/report.js'
import { rote, roteWithInput, withHome } from './support/rote.js'

const NOTES = 100_000
const REVIEWS = 3
const PACKAGE = 'an .apkg of 100,000 notes and 300,000 reviews'

/** @type {import('./support/report.js').Benchmark} */
export async function importingAnki(url) {
  const folder = mkdtempSync(join(tmpdir(), 'rote-bench-'))
  try {
    const file = join(folder, 'words.apkg')
    await writeAnkiPackage(file, NOTES, REVIEWS)
    return [
      ...(url
        ? await withDatabase(url, (url) => withHome(url, (env) => imported(env, file, 'Postgres')))
        : [noPostgres(`${PACKAGE}, imported`)]),
      ...(await withHome(null, (env) => imported(env, file, 'embedded'))),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string} file
 * @param {string} where
 */
async function imported(env, file, where) {
  // the database is there and awake
  rote(env, 'whoami')
  const take = () => roteWithInput(env, '', 'deck', 'import', file, '--with-history', '--json')
  const first = await take()
  const { added, attempts } = JSON.parse(first.stdout)
  if (added !== NOTES || attempts !== NOTES * REVIEWS) throw new Error(`wrong: ${first.stdout}`)
  const again = await take()
  const { unchanged, attempts: more } = JSON.parse(again.stdout)
  if (unchanged !== NOTES || more !== 0) throw new Error(`wrong: ${again.stdout}`)
  return [
    figure(`${PACKAGE}, imported, ${where}`, first.ms / 1000, 's', 20),
    figure('its client at the most', first.megabytes, 'MB', 500),
    figure('unchanged once more, in times of that', again.ms / first.ms, '×', 1),
    figure('its client at the most', again.megabytes, 'MB', 500),
  ]
}

await alone(import.meta.url, importingAnki)
