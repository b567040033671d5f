// How long a warm command takes: the whole process against `node -e 0`, in turns, so that a busy machine slows down both.
import { fill } from './support/cards.js'
import { withDatabase } from './support/postgres.js'
import { alone, figure, noPostgres } from './support/report.js'
import { ratio, withHome } from './support/rote.js'

/** @type {import('./support/report.js').Benchmark} */
export async function startup(postgres) {
  const embedded = await withHome(null, (env) => commands(env, 'embedded'))
  const remote = postgres
    ? await withDatabase(postgres, (url) => withHome(url, (env) => commands(env, 'Postgres')))
    : [noPostgres('rote deck list --json, Postgres')]
  const help = await withHome(null, (env) => ratio(env, '--help'))
  const verb = await withHome(null, (env) => completing(env, 'deck', 'cr'))
  return [
    ...embedded,
    ...remote,
    figure('rote --help : node -e 0', help, '×', 1.6),
    figure('completing a verb : node -e 0', verb, '×', 2.2),
  ]
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string} where
 */
async function commands(env, where) {
  await fill(env)
  return [
    figure(`rote deck list --json : node -e 0, ${where}`, ratio(env, 'deck', 'list', '--json'), '×', 2.2),
    figure(`rote due --count : node -e 0, ${where}`, ratio(env, 'due', '--count'), '×'),
    figure(`completing a deck : node -e 0, ${where}`, completing(env, 'deck', 'view', ''), '×', 2.2),
  ]
}

/**
 * What Tab costs behind these words, the last of which is being typed.
 * @param {NodeJS.ProcessEnv} env
 * @param {string[]} words
 */
function completing(env, ...words) {
  return ratio(env, '--quiet', 'completion', 'zsh', '--answer', '--', ...words)
}

await alone(import.meta.url, startup)
