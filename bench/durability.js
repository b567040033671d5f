// Kills the server or a client with -9 at random moments while cards are added and graded, and counts what was
// acknowledged but is not there afterwards: `node bench/durability.js [rounds]`. Prints one JSON object.
import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import postgres from 'postgres'

const ROUNDS = Number(process.argv[2] ?? 20)
const ROTE = join(import.meta.dirname, '../bin/rote.js')
const home = mkdtempSync(join(tmpdir(), 'rote-durability-'))
const env = { ...process.env, ROTE_HOME: home, DATABASE_URL: '' }
const run = promisify(execFile)

/** @param {string[]} args */
const rote = (...args) => run(process.execPath, [ROTE, ...args], { env })

/** @type {Set<string>} */
const addedCards = new Set()
let grades = 0
let corruptStarts = 0
let lost = 0

/** Adds cards until it is told to stop. @param {string} name @param {AbortSignal} signal */
async function add(name, signal) {
  for (let i = 0; !signal.aborted; i++) {
    try {
      const { stdout } = await rote('card', 'add', 'Deck', '-Q', `${name}/${i}`, '-A', 'answer')
      addedCards.add(stdout.trim())
    } catch (error) {
      // killed, or its server was: what it has printed counts all the same
      const { stdout = '' } = /** @type {{ stdout?: string }} */ (error)
      if (stdout.endsWith('\n')) addedCards.add(stdout.trim())
    }
  }
}

/** A sitting on a pipe that answers until it is killed. */
function study() {
  const child = spawn(process.execPath, [ROTE, 'study', '--new', '200'], {
    env,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    grades += lines.filter((line) => line.startsWith('-> ')).length
  })
  child.stdin.on('error', () => {})
  const keys = setInterval(() => child.stdin.write(' 1'), 5)
  const closed = new Promise((resolve) => child.on('close', resolve)).then(() => clearInterval(keys))
  return { child, closed }
}

async function check() {
  let socket
  try {
    socket = JSON.parse(
      (await rote('deck', 'list', '--json').then(() => rote('db', 'status', '--json'))).stdout,
    ).socket
  } catch (error) {
    corruptStarts++
    console.error(error)
    return
  }
  // postgres.js has the option, its types do not
  const options = {
    socket: async () => connect(socket),
    max: 1,
    prepare: false,
    fetch_types: false,
    user: 'postgres',
  }
  const sql = postgres(/** @type {postgres.Options<{}>} */ (options))
  const cards = new Set((await sql`select card_id from cards`).map(({ card_id }) => card_id))
  const [attempts] = await sql`select count(*)::int as n from revision_attempts`
  await sql.end()
  lost = [...addedCards].filter((id) => !cards.has(id)).length + Math.max(0, grades - attempts?.n)
}

try {
  for (let i = 0; i < 5; i++) await rote('card', 'add', 'Deck', '-Q', `first ${i}`, '-A', 'answer')
  for (let round = 0; round < ROUNDS; round++) {
    const pid = JSON.parse((await rote('db', 'status', '--json')).stdout).pid
    const stop = new AbortController()
    const adding = [add(`${round}a`, stop.signal), add(`${round}b`, stop.signal)]
    const { child, closed } = study()
    await sleep(300 + Math.random() * 1500)
    if (round % 2 === 0) process.kill(pid, 'SIGKILL')
    else child.kill('SIGKILL')
    await sleep(Math.random() * 200)
    stop.abort()
    child.kill('SIGKILL')
    await Promise.all([...adding, closed])
    await check()
  }
} finally {
  await rote('db', 'stop').catch(() => {})
  rmSync(home, { recursive: true, force: true })
}
console.log(
  JSON.stringify({
    rounds: ROUNDS,
    acknowledged: addedCards.size + grades,
    lost,
    corrupt_starts: corruptStarts,
  }),
)
process.exitCode = lost + corruptStarts > 0 ? 1 : 0
