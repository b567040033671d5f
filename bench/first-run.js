// The commands that start the embedded server, and what that server weighs when nobody uses it.
import { fill } from './support/cards.js'
import { alone, figure, median } from './support/report.js'
import { idleMemory, ROTE, rote, timeNode, withHome } from './support/rote.js'

const RUNS = 5
const LIST = ['deck', 'list', '--json']

/** @type {import('./support/report.js').Benchmark} */
export async function firstRun() {
  /** @type {number[]} */
  const first = []
  let memory = 0
  for (let run = 1; run <= RUNS; run++) {
    await withHome(null, async (env) => {
      first.push(timeNode(env, ROTE, ...LIST))
      if (run === RUNS) memory = await idleMemory(env)
    })
  }
  return [
    figure('first command ever, empty ROTE_HOME', median(first) / 1000, 's', 3),
    figure('idle server after that, resident memory', memory, 'MB', 200),
    ...(await withHome(null, reopened)),
  ]
}

/** @param {NodeJS.ProcessEnv} env */
async function reopened(env) {
  await fill(env)
  const times = Array.from({ length: RUNS }, () => {
    rote(env, 'db', 'stop')
    return timeNode(env, ROTE, ...LIST)
  })
  return [
    figure('first command, 10,000 cards, no server', median(times) / 1000, 's', 1.5),
    figure('idle server after that, 10,000 cards', await idleMemory(env), 'MB', 200),
  ]
}

await alone(import.meta.url, firstRun)
