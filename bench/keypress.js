// From the press of a grade key until the next question can be read, in a pseudo-terminal with an emulator behind it.
import { withDatabase } from './support/postgres.js'
import { alone, figure, median, noPostgres } from './support/report.js'
import { rote, roteWithInput, withHome } from './support/rote.js'
import { openTerminal } from './support/terminal.js'

const GRADES = 100

/** @type {import('./support/report.js').Benchmark} */
export async function keypress(postgres) {
  const rows = (/** @type {string} */ where, /** @type {number[]} */ times) => [
    figure(`key to next card, ${where}, median of ${GRADES}`, median(times), 'ms', 30),
    figure(`key to next card, ${where}, slowest`, Math.max(...times), 'ms'),
  ]
  const embedded = rows('embedded', await withHome(null, sitting))
  const remote = postgres
    ? rows('Postgres', await withDatabase(postgres, (url) => withHome(url, sitting)))
    : [noPostgres('key to next card, Postgres')]
  return [...embedded, ...remote]
}

/**
 * Grades cards as fast as they come. Returns the milliseconds that each took.
 * @param {NodeJS.ProcessEnv} env
 */
async function sitting(env) {
  const cards = Array.from({ length: GRADES + 20 }, (_, n) => `Question ${n}?,The answer is ${n}\n`)
  await roteWithInput(env, `question,answer\n${cards.join('')}`, 'deck', 'import', '-', '--deck', 'Numbers')
  rote(env, 'config', 'set', 'new_per_day', '9999')

  const study = openTerminal(env, ['study'])
  try {
    const times = []
    let asked = await study.shows(/Question (\d+)\?/)
    while (times.length < GRADES) {
      study.press(' ')
      await study.shows(/The answer is \d+/)
      const pressed = performance.now()
      study.press('3')
      asked = await study.shows(new RegExp(`Question (?!${asked}\\?)(\\d+)\\?`))
      times.push(performance.now() - pressed)
    }
    return times
  } finally {
    await study.close()
  }
}

await alone(import.meta.url, keypress)
