// From the press of a grade key until the next question can be read, in a pseudo-terminal with an emulator behind it.
import { spawn } from '@lydell/node-pty'
import xterm from '@xterm/headless'
import { withDatabase } from './support/postgres.js'
import { alone, figure, median, noPostgres } from './support/report.js'
import { ROTE, rote, roteWithInput, withHome } from './support/rote.js'

const GRADES = 100
const COLUMNS = 80
const ROWS = 24
const PATIENCE_MS = 10_000

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

  const study = open(env)
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

/**
 * `rote study` in a terminal of its own.
 * @param {NodeJS.ProcessEnv} env
 */
function open(env) {
  const screen = new xterm.Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true })
  const pty = spawn(process.execPath, [ROTE, 'study'], {
    name: 'xterm-256color',
    cols: COLUMNS,
    rows: ROWS,
    env: { ...env, TERM: 'xterm-256color' },
  })
  const ended = new Promise((resolve) => pty.onExit(resolve))
  let drawn = () => {}
  pty.onData((data) => screen.write(data, () => drawn()))

  const picture = () =>
    Array.from({ length: ROWS }, (_, row) => screen.buffer.active.getLine(row)?.translateToString(true)).join(
      '\n',
    )

  return {
    press: (/** @type {string} */ key) => pty.write(key),

    /**
     * Returns once the screen shows `pattern`, with what its group matched.
     * @param {RegExp} pattern
     * @returns {Promise<string | undefined>}
     */
    shows: (pattern) =>
      new Promise((resolve, reject) => {
        const impatient = setTimeout(
          () => reject(new Error(`${pattern} never appeared; the screen shows:\n${picture()}`)),
          PATIENCE_MS,
        )
        drawn = () => {
          const match = pattern.exec(picture())
          if (!match) return
          clearTimeout(impatient)
          drawn = () => {}
          resolve(match[1])
        }
        drawn()
      }),

    async close() {
      pty.write('q')
      const impatient = setTimeout(() => pty.kill(), 2000)
      await ended
      clearTimeout(impatient)
      screen.dispose()
    },
  }
}

await alone(import.meta.url, keypress)
