import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder of this run, deleted at its end. */
    folder: string
    /** What the names of this run's databases begin with, on the server of TEST_DATABASE_URL. */
    databasePrefix: string
  }
}

/**
 * Gives every run a place for its databases, and clears it away afterwards, whatever became of the tests: this runs in
 * the main process of vitest, which outlives its workers. The databases themselves are made by the workers, when a test
 * first needs one.
 */
export default function setup(project: TestProject): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'rote-test-'))
  const databasePrefix = `rote_test_${process.pid}_`
  project.provide('folder', folder)
  project.provide('databasePrefix', databasePrefix)

  return async () => {
    // those of the workers, and those that tests made among their files
    const places = readdirSync(folder).flatMap((name) => [
      name,
      ...readdirSync(join(folder, name)).map((inner) => join(name, inner)),
    ])
    for (const home of places
      .map((place) => join(folder, place))
      .filter((place) => existsSync(join(place, 'run')))) {
      const env = { ...process.env, DATABASE_URL: '', ROTE_HOME: home }
      execFileSync(process.execPath, ['bin/rote.js', 'db', 'stop', '--quiet'], { env })
    }
    rmSync(folder, { recursive: true, force: true })
    if (process.env.TEST_DATABASE_URL) await dropDatabases(process.env.TEST_DATABASE_URL, databasePrefix)
  }
}

async function dropDatabases(url: string, prefix: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  const found = await sql<{ datname: string }[]>`
    select datname from pg_database where starts_with(datname, ${prefix})`
  for (const { datname } of found) await sql`drop database ${sql(datname)} with (force)`
  await sql.end()
}
