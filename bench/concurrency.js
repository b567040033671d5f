// Many first commands at once: they have to agree on one server, one user and one deck.
import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { alone } from './support/report.js'
import { rote, roteBeside, withHome } from './support/rote.js'

const AT_ONCE = 20

/** @type {import('./support/report.js').Benchmark} */
export async function concurrency() {
  return withHome(null, async (env) => {
    const start = performance.now()
    const results = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, n) =>
        roteBeside(env, 'card', 'add', 'Words', '-Q', `Question ${n}`, '-A', `Answer ${n}`),
      ),
    )
    const seconds = ((performance.now() - start) / 1000).toFixed(1)
    const failed = results.filter(({ code }) => code !== 0)
    const cards = JSON.parse(rote(env, 'card', 'list', 'Words', '--json')).length
    const servers = await serversLeft(env.ROTE_HOME ?? '')
    for (const { stderr } of failed) console.error(stderr.trimEnd())
    return [
      {
        what: `${AT_ONCE} rote card add at once, empty ROTE_HOME`,
        measured: `${cards} cards, ${servers} server, ${failed.length} errors (${seconds} s)`,
        bar: `${AT_ONCE} cards, 1 server, 0 errors`,
        met: cards === AT_ONCE && servers === 1 && failed.length === 0,
      },
    ]
  })
}

/**
 * How many servers of a home there are. Those that lost the race need a moment to find that out.
 * @param {string} home
 */
async function serversLeft(home) {
  let count = 0
  for (let attempt = 0; attempt < 50 && count !== 1; attempt++) {
    await sleep(100)
    const processes = execFileSync('ps', ['-A', '-ww', '-o', 'args='], { encoding: 'utf8' }).split('\n')
    count = processes.filter((line) => line.includes('server.js') && line.includes(home)).length
  }
  return count
}

await alone(import.meta.url, concurrency)
