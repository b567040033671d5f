// One person with 100,000 cards and 1,000,000 answers: how long until a card is there, until a prompt has its number and
// until the statistics are drawn.
import { fillHistory } from './support/history.js'
import { withDatabase } from './support/postgres.js'
import { alone, figure, median, noPostgres } from './support/report.js'
import { ratio, withHome } from './support/rote.js'
import { openTerminal } from './support/terminal.js'

const SIZE = { cards: 100_000, attempts: 1_000_000 }
const RUNS = 7
const PROMPT = 2.2

/** @type {import('./support/report.js').Benchmark} */
export async function study(postgres) {
  return [
    ...(await withHome(null, (env) => withHistory(env, 'embedded', { card: 1000, stats: 3000 }))),
    ...(postgres
      ? await withDatabase(postgres, (url) =>
          withHome(url, (env) => withHistory(env, 'Postgres', { card: 300, stats: 800 })),
        )
      : [noPostgres('1,000,000 answers, Postgres')]),
  ]
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string} where
 * @param {{ card: number, stats: number }} bars in milliseconds
 */
async function withHistory(env, where, bars) {
  await fillHistory(env, SIZE)
  const shows = async (/** @type {string} */ command, /** @type {RegExp} */ pattern) =>
    median(await repeated(() => untilShown(env, command, pattern)))
  return [
    figure(
      `1,000,000 answers: rote study to the first card, ${where}`,
      await shows('study', /question \d+/),
      'ms',
      bars.card,
    ),
    figure(`rote due --count : node -e 0, ${where}`, ratio(env, 'due', '--count'), '×', PROMPT),
    figure(`rote stats, all drawn, ${where}`, await shows('stats', /rote card edit/), 'ms', bars.stats),
  ]
}

/**
 * Milliseconds from the start of a command until its terminal shows `pattern`.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} command
 * @param {RegExp} pattern
 */
async function untilShown(env, command, pattern) {
  const start = performance.now()
  const terminal = openTerminal(env, [command], { rows: 100 })
  try {
    await terminal.shows(pattern)
    return performance.now() - start
  } finally {
    await terminal.close()
  }
}

/**
 * What several runs take, after one that warms up.
 * @param {() => Promise<number>} run
 */
async function repeated(run) {
  await run()
  const times = []
  while (times.length < RUNS) times.push(await run())
  return times
}

await alone(import.meta.url, study)
