// A large deck through a pipe: in, out, and in again.
import { csv } from './support/cards.js'
import { withDatabase } from './support/postgres.js'
import { alone, figure, noPostgres } from './support/report.js'
import { ROTE, residentMemory, rote, roteWithInput, server, timeNode, withHome } from './support/rote.js'

const CARDS = 100_000
const IMPORT = ['deck', 'import', '-', '--deck', 'Words', '--json']

/** @type {import('./support/report.js').Benchmark} */
export async function importing(postgres) {
  const input = csv(CARDS)
  const embedded = await withHome(null, async (env) => [
    ...(await there(env, input, 'embedded', 15)),
    figure('server after it, resident memory', residentMemory(server(env).pid), 'MB'),
  ])
  const remote = postgres
    ? await withDatabase(postgres, (url) => withHome(url, (env) => there(env, input, 'Postgres', 6)))
    : [noPostgres('100,000 rows of CSV on stdin, Postgres')]
  return [...embedded, ...remote]
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string} input
 * @param {string} where
 * @param {number} bar
 */
async function there(env, input, where, bar) {
  rote(env, 'whoami')
  const first = await roteWithInput(env, input, ...IMPORT)
  expect(first.stdout, { added: CARDS })
  const again = await roteWithInput(env, input, ...IMPORT)
  expect(again.stdout, { added: 0, updated: 0, unchanged: CARDS })
  const out = timeNode(env, ROTE, 'deck', 'export', 'Words', '--format', 'jsonl')
  return [
    figure(`100,000 rows of CSV on stdin, ${where}`, first.ms / 1000, 's', bar),
    figure(`its client at the most, ${where}`, first.megabytes, 'MB', 250),
    figure(`the same again, nothing new, ${where}`, again.ms / 1000, 's'),
    figure(`export of the same as jsonl, ${where}`, out / 1000, 's'),
  ]
}

/**
 * @param {string} report
 * @param {Record<string, number>} wanted
 */
function expect(report, wanted) {
  const found = JSON.parse(report)
  for (const [name, count] of Object.entries(wanted)) {
    if (found[name] !== count) throw new Error(`${name} should be ${count}: ${report}`)
  }
}

await alone(import.meta.url, importing)
