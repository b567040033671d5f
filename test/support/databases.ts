import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, unlinkSync } from 'node:fs'
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
  if (!existsSync('dist/build-id')) throw new Error('dist/ is missing: build it first, with npm run build.')
  const folder = mkdtempSync(join(tmpdir(), 'rote-test-'))
  const databasePrefix = `rote_test_${process.pid}_`
  project.provide('folder', folder)
  project.provide('databasePrefix', databasePrefix)

  // an interrupted run has no teardown
  const clear = () => clearAway(folder)
  process.once('exit', clear)
  const interrupt = () => process.exit(130)
  process.once('SIGINT', interrupt)

  return async () => {
    process.off('exit', clear).off('SIGINT', interrupt)
    clear()
    if (process.env.TEST_DATABASE_URL) await dropDatabases(process.env.TEST_DATABASE_URL, databasePrefix)
  }
}

/** Stops every embedded server below the folder, then deletes it. */
function clearAway(folder: string): void {
  for (const home of homesIn(folder)) {
    const env = { ...process.env, DATABASE_URL: '', ROTE_HOME: home }
    execFileSync(process.execPath, ['bin/rote.js', 'db', 'stop', '--quiet'], { env })
  }
  rmSync(folder, { recursive: true, force: true })
  // the short names of homes whose own path is too long for a socket
  for (const entry of readdirSync('/tmp', { withFileTypes: true })) {
    const path = join('/tmp', entry.name)
    if (entry.isSymbolicLink() && entry.name.startsWith('rote-') && readlinkSync(path).startsWith(folder))
      unlinkSync(path)
  }
}

/** The homes of the workers, and those that tests made among their files. */
function homesIn(folder: string): string[] {
  const folders = (place: string) =>
    readdirSync(place, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(place, entry.name))
  const places = folders(folder).flatMap((place) => [place, ...folders(place)])
  return places.filter((place) => existsSync(join(place, 'run')))
}

async function dropDatabases(url: string, prefix: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  const found = await sql<{ datname: string }[]>`
    select datname from pg_database where starts_with(datname, ${prefix})`
  for (const { datname } of found) await sql`drop database ${sql(datname)} with (force)`
  await sql.end()
}
