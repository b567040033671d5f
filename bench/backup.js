// A large history into a file and back: embedded → Postgres → embedded.
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, fillHistory } from './support/history.js'
import { withDatabase } from './support/postgres.js'
import { alone, figure, noPostgres } from './support/report.js'
import { ROTE, residentMemory, rote, roteWithInput, server, timeNode, withHome } from './support/rote.js'

const CARDS = 100_000
const ATTEMPTS = 1_000_000
const SIZE = '100,000 cards, 1,000,000 attempts'

/** @type {import('./support/report.js').Benchmark} */
export async function backup(postgres) {
  const folder = mkdtempSync(join(tmpdir(), 'rote-bench-'))
  const [first, second] = [join(folder, 'first'), join(folder, 'second')]
  try {
    /** @type {Content} */
    let before = { rows: {}, exported: '' }
    const out = await withHome(null, async (env) => {
      await fillHistory(env, { cards: CARDS, attempts: ATTEMPTS })
      before = await content(env)
      const written = roteWithInput(env, '', 'db', 'backup', first)
      // another command, when the reading has begun
      await sleep(2000)
      const waited = timeNode(env, ROTE, 'due', '--count')
      const { ms, megabytes } = await written
      return [
        figure(`backup, ${SIZE}, embedded`, ms / 1000, 's'),
        figure('its client at the most, embedded', megabytes, 'MB', 250),
        figure('another command meanwhile, embedded', waited / 1000, 's'),
        figure('the file', statSync(first).size / 1e6, 'MB'),
      ]
    })
    const between = postgres
      ? await withDatabase(postgres, (url) =>
          withHome(url, async (env) => {
            const rows = await restored(env, first, 'Postgres', before, 60)
            const { ms, megabytes } = await roteWithInput(env, '', 'db', 'backup', second)
            return [
              ...rows,
              figure('backup of the same, Postgres', ms / 1000, 's', 60),
              figure('its client at the most, Postgres', megabytes, 'MB', 250),
            ]
          }),
        )
      : [noPostgres(`backup and restore, ${SIZE}, Postgres`)]
    const back = await withHome(null, async (env) => {
      const rows = await restored(env, postgres ? second : first, 'embedded', before)
      return [...rows, figure('server after it, resident memory', residentMemory(server(env).pid), 'MB')]
    })
    return [...out, ...between, ...back]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Restores a file and compares what there is then with what there was: every row, and every export.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} file
 * @param {string} where
 * @param {Content} before
 * @param {number} [bar]
 */
async function restored(env, file, where, before, bar) {
  const { ms, megabytes } = await roteWithInput(env, '', 'db', 'restore', file)
  const same = JSON.stringify(await content(env)) === JSON.stringify(before)
  return [
    figure(`restore of ${SIZE}, ${where}`, ms / 1000, 's', bar),
    figure(`its client at the most, ${where}`, megabytes, 'MB', 250),
    {
      what: `rows and exports after it, ${where}`,
      measured: same ? 'equal' : 'different',
      bar: 'equal',
      met: same,
    },
  ]
}

/**
 * A hash of the rows of each table, and of the exports of all decks.
 * @typedef {{ rows: Record<string, string>, exported: string }} Content
 */

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Content>}
 */
async function content(env) {
  const sum = createHash('sha256')
  for (const { name } of JSON.parse(rote(env, 'deck', 'list', '--json')))
    sum.update(rote(env, 'deck', 'export', name, '--format', 'jsonl'))
  const sql = await connect(env)
  try {
    /** @type {Record<string, string>} */
    const rows = {}
    const tables = await sql`select tablename as name from pg_tables where schemaname = 'public' order by 1`
    for (const { name } of tables.filter(({ name }) => name !== 'rote_migrations')) {
      // a sum of hashes needs no order
      const [row] = await sql.begin(async (sql) => {
        await sql`set local time zone 'UTC'`
        return sql`select count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) as sum from ${sql(name)} t`
      })
      rows[name] = row?.sum
    }
    return { rows, exported: sum.digest('hex') }
  } finally {
    await sql.end()
  }
}

await alone(import.meta.url, backup)
