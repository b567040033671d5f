// What being logged in costs: the same command on the same cards as a user with a password, among others, and as the only
// user, in turns.
import { execFileSync } from 'node:child_process'
import { renameSync } from 'node:fs'
import { join } from 'node:path'
import postgres from 'postgres'
import { fill } from './support/cards.js'
import { withDatabase } from './support/postgres.js'
import { alone, figure, median, noPostgres } from './support/report.js'
import { ROTE, rote, server, timeNode, withHome } from './support/rote.js'

const PAIRS = 40

/** @type {import('./support/report.js').Benchmark} */
export async function login(postgres) {
  const embedded = await withHome(null, (env) => commands(env, 'embedded'))
  const remote = postgres
    ? await withDatabase(postgres, (url) => withHome(url, (env) => commands(env, 'Postgres')))
    : [noPostgres('logged in : the only user, Postgres')]
  return [...embedded, ...remote]
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string} where
 */
async function commands(env, where) {
  await fill(env)
  const { username } = JSON.parse(rote(env, 'whoami', '--json'))
  const typed = { env, input: 'correct horse battery staple' }
  execFileSync(process.execPath, [ROTE, 'user', 'password', '--password-stdin'], typed)
  execFileSync(process.execPath, [ROTE, 'login', username, '--password-stdin'], typed)
  const folder = join(env.ROTE_HOME ?? '', 'logins')
  const options = { user: 'postgres', database: 'postgres', max: 1, fetch_types: false, onnotice: () => {} }
  const sql = env.DATABASE_URL
    ? postgres(env.DATABASE_URL, { max: 1 })
    : postgres({ ...options, path: server(env).socket })
  const [{ password_hash } = {}] = await sql`select password_hash from users`
  renameSync(folder, `${folder}.away`)
  const as = {
    async only() {
      await sql`delete from users where username = 'somebody-else'`
      await sql`update users set password_hash = null`
    },
    async one() {
      await sql`update users set password_hash = ${password_hash}`
      await sql`insert into users (username) values ('somebody-else')`
      renameSync(`${folder}.away`, folder)
    },
  }
  try {
    const rows = []
    for (const args of [
      ['deck', 'list', '--json'],
      ['due', '--count'],
    ]) {
      const ratios = []
      for (let pair = 0; pair <= PAIRS; pair++) {
        await as.only()
        const only = timeNode(env, ROTE, ...args)
        await as.one()
        const one = timeNode(env, ROTE, ...args)
        renameSync(folder, `${folder}.away`)
        // the first are cold
        if (pair > 0) ratios.push(one / only)
      }
      const what = `rote ${args.join(' ')}, logged in : the only user, ${where}`
      rows.push(figure(what, median(ratios), '×', 1.1))
    }
    return rows
  } finally {
    await sql.end()
  }
}

await alone(import.meta.url, login)
