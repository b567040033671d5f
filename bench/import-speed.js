// The import beside psql's \copy of the same rows into the same table with its indexes, in turns on the same server. A busy machine
// slows both down, so it is the ratio that counts: the rate of rote over that of \copy.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { csv } from './support/cards.js'
import { withDatabase } from './support/postgres.js'
import { alone, figure, median, noPostgres } from './support/report.js'
import { residentMemory, rote, roteWithInput, server, withHome } from './support/rote.js'

/** How many cards, and how often. `node bench/import-speed.js 100000 5` */
const CARDS = Number(process.argv[2] ?? 100_000)
const TURNS = Number(process.argv[3] ?? 3)
const SOME = CARDS.toLocaleString('en')
const COPIED = 'deck_id, question, answer, tags, accepted_answers, import_id'

/** @type {import('./support/report.js').Benchmark} */
export async function importSpeed(url) {
  const input = csv(CARDS)
  const folder = mkdtempSync(join(tmpdir(), 'rote-bench-'))
  try {
    return [
      ...(await withHome(null, (env) => embedded(env, input))),
      ...(url
        ? await withDatabase(url, (url) => withHome(url, (env) => besideCopy(env, url, input, folder)))
        : [noPostgres(`${SOME} rows beside \\copy`)]),
    ]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string} input
 */
async function embedded(env, input) {
  rote(env, 'whoami')
  const { ms, megabytes } = await roteWithInput(env, input, 'deck', 'import', '-', '--deck', 'Words', '-q')
  return [
    figure(`${SOME} rows, embedded: ms for 15,000 cards`, (ms / CARDS) * 15_000, 'ms', 1000),
    figure('its client at the most', megabytes, 'MB', 250),
    figure('its server afterwards', residentMemory(server(env).pid), 'MB', 700),
  ]
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string} url
 * @param {string} input
 * @param {string} folder
 */
async function besideCopy(env, url, input, folder) {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  const ratios = []
  const again = []
  const memory = []
  try {
    for (let turn = 1; turn <= TURNS; turn++) {
      const copy = await copied(sql, url, input, folder)
      await emptied(sql)
      const words = ['deck', 'import', '-', '--deck', `Words ${turn}`, '--json']
      const { ms, megabytes } = await roteWithInput(env, input, ...words)
      ratios.push(copy / ms)
      memory.push(megabytes)
      const before = await versions(sql)
      const second = await roteWithInput(env, input, ...words)
      again.push(second.ms / ms)
      if (JSON.parse(second.stdout).unchanged !== CARDS) throw new Error(second.stdout)
      if ((await versions(sql)) !== before) throw new Error('the second import has changed rows')
    }
    // as a bar is the most that may be, the time of rote over that of \copy: 0.40 of its rate is 2.5 times its time
    return [
      figure(`${SOME} rows: the time of rote : that of psql \\copy`, 1 / median(ratios), '×', 2.5),
      figure(`${SOME} rows: the rate of rote : that of psql \\copy`, median(ratios), '×'),
      figure(`${SOME} rows again, nothing new : the time of the import`, median(again), '×', 1),
      figure('its client at the most, Postgres', Math.max(...memory), 'MB', 250),
    ]
  } finally {
    await sql.end()
  }
}

/**
 * Milliseconds that \copy takes for the same rows, with the same columns filled.
 * @param {postgres.Sql} sql
 * @param {string} url
 * @param {string} input
 * @param {string} folder
 */
async function copied(sql, url, input, folder) {
  const [user] = await sql`select user_id from users limit 1`
  const user_id =
    user?.user_id ?? (await sql`insert into users (username) values ('copy') returning user_id`)[0]?.user_id
  const name = `copied ${performance.now()}`
  const [deck] = await sql`insert into decks (user_id, name) values (${user_id}, ${name}) returning deck_id`
  const [made] = await sql`
    insert into imports (user_id, deck_id, source, format) values (${user_id}, ${deck?.deck_id}, 'copy', 'csv') returning import_id`
  const file = join(folder, 'rows.csv')
  const rows = input.trimEnd().split('\n').slice(1)
  const row = (/** @type {string} */ line) =>
    `${deck?.deck_id},${line.replace(/,([^,]*)$/, ',{$1}')},{},${made?.import_id}\n`
  writeFileSync(file, rows.map(row).join(''))
  await emptied(sql)
  const start = performance.now()
  execFileSync('psql', ['-q', url, '-c', `\\copy cards (${COPIED}) from '${file}' csv`])
  return performance.now() - start
}

/** @param {postgres.Sql} sql */
async function emptied(sql) {
  await sql`truncate cards cascade`
  await sql`checkpoint`
}

/**
 * One value for all rows as they are: another when any has been written again.
 * @param {postgres.Sql} sql
 */
async function versions(sql) {
  const [row] = await sql`select sum(xmin::text::bigint)::text || count(*)::text as all from cards`
  return row?.all
}

await alone(import.meta.url, importSpeed)
