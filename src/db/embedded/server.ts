import { chmodSync, openSync, unlinkSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { backUpIfDue } from '../../backup/automatic.ts'
import { wantsBackups } from '../../config.ts'
import { CliError } from '../../errors.ts'
import { program } from '../../program.ts'
import { migrate } from '../migrate.ts'
import { logPosition, tidyUp } from './care.ts'
import { startEngine } from './engine.ts'
import { greet, readOpening, type ServerRefusal, type ServerStatus } from './handshake.ts'
import { tryLock } from './lock.ts'
import type { EmbeddedOptions } from './options.ts'
import { embeddedPaths } from './paths.ts'
import { asClient, SharedSession } from './shared-session.ts'
import { prepareDataDirectory } from './template.ts'

// The background process that owns the embedded database of one home: `node server.js '{"home":"…","idle_ms":…}'`.
// It is a program of its own, so it may use `process`.
//
//   waiting for the lock → listening (greetings wait) → open → … → leaving: clients finish, checkpoint, exit
//
// It listens until the very end and the lock is the kernel's, so nobody else can open the data before it has let go.

const { home, idle_ms, patience_ms = 30_000 }: EmbeddedOptions = JSON.parse(process.argv[2] ?? '{}')

const LOCK_TIMEOUT_MS = 20_000
/** When nobody has been there for that long, the server tidies up after writers. */
const TIDY_AFTER_MS = 5_000
/** When nobody has been there for that long, it is time for a backup; sooner in a server that leaves soon. */
const BACKUP_AFTER_MS = 60_000
/** A backup that has not come to its end by then keeps no server from leaving. */
const LONGEST_BACKUP_MS = 600_000
/** How long a server that leaves lets its clients go on. */
const FAREWELL_MS = 2_000
/** Long enough for everyone who has started this server to be told why it does not open. */
const REFUSING_MS = 1_000

interface Opened {
  session: SharedSession
  close(): Promise<void>
}

const paths = await embeddedPaths(home)
const started_at = new Date().toISOString()

await takeLock()
// what an earlier server had to say is over
writeFileSync(paths.log, '')
process.umask(0o077)
const opened = open()
const server = createServer({ allowHalfOpen: false }, (socket) => void welcome(socket))
let idle: NodeJS.Timeout | undefined
let tidy: NodeJS.Timeout | undefined
let tidied = '0/0'
let rest: NodeJS.Timeout | undefined
let backup: Promise<void> | undefined
let interruption = new AbortController()
let leaving = false
listen()
void opened.then(restless, async ({ message }) => {
  console.error(message)
  await sleep(REFUSING_MS)
  process.exit(1)
})
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void leave())

/** Returns when this process owns the home; ends the process when another server of this build does. */
async function takeLock(): Promise<void> {
  const deadline = Date.now() + LOCK_TIMEOUT_MS
  const lock = openSync(paths.lock, 'a', 0o600)
  while (!(await tryLock(lock, paths.lock))) {
    if (Date.now() > deadline) {
      console.error(`another process holds ${paths.lock}`)
      process.exit(1)
    }
    const other = connect(paths.socket)
    const status = await greet(other, 'status', LOCK_TIMEOUT_MS).catch(() => null)
    other.destroy()
    if (status && (!('build' in status) || status.build === program.build)) process.exit(0)
    await sleep(20)
  }
}

function listen(): void {
  try {
    unlinkSync(paths.socket)
  } catch {
    // no stale socket of a server that was killed
  }
  server.on('error', ({ message }) => {
    console.error(`cannot listen on ${paths.socket}: ${message}`)
    process.exit(1)
  })
  server.listen(paths.socket, () => {
    if (process.platform !== 'win32') chmodSync(paths.socket, 0o600)
  })
}

/** Opens and migrates the database. Rejects with a CliError that every client is told. */
async function open(): Promise<Opened> {
  try {
    await prepareDataDirectory(paths.data, program.template)
    const pg = await startEngine(paths.data, die)
    const session = new SharedSession(pg, patience_ms)
    await asClient(session, async (db) => {
      await migrate(db, program.migrations)
      tidied = await logPosition(db)
    })
    return { session, close: () => pg.close() }
  } catch (error) {
    if (error instanceof CliError) throw error
    throw new CliError(
      'unavailable',
      `The embedded database could not be opened: ${(error as Error).message}`,
      `See ${paths.log}`,
    )
  }
}

/** Finds out what a new connection wants. */
async function welcome(socket: Socket): Promise<void> {
  socket.on('error', () => socket.destroy())
  socket.on('close', () => void opened.then(restless, () => {}))
  const opening = await readOpening(socket)
  if (!opening || leaving) return void socket.destroy()
  // the asker knows by the end of the connection that the process is gone
  if ('ask' in opening && opening.ask === 'leave') return leave()
  try {
    const { session } = await opened
    if (leaving) return void socket.destroy()
    if ('ask' in opening) socket.write(`${JSON.stringify(status(session))}\n`)
    if ('ask' in opening && opening.ask === 'status') return void socket.end()
    clearTimeout(idle)
    clearTimeout(tidy)
    clearTimeout(rest)
    interruption.abort()
    session.attach(socket, 'bytes' in opening ? opening.bytes : Buffer.alloc(0))
  } catch (error) {
    const { kind, message, hint } = error as CliError
    const refusal: ServerRefusal = {
      error: { kind: kind as 'unavailable', message, ...(hint ? { hint } : {}) },
    }
    socket.end(`${JSON.stringify(refusal)}\n`)
  }
}

function status(session: SharedSession): ServerStatus {
  return {
    pid: process.pid,
    version: program.version,
    build: program.build,
    started_at,
    clients: session.clients,
    memory: process.memoryUsage.rss(),
  }
}

/** Starts the clocks for tidying up, for a backup and for leaving when the last client has gone. */
function restless({ session }: Opened): void {
  clearTimeout(idle)
  clearTimeout(tidy)
  clearTimeout(rest)
  if (session.clients > 0 || leaving) return
  const mine = setTimeout(async () => {
    await Promise.race([backUp(session), sleep(LONGEST_BACKUP_MS)])
    // whoever has come meanwhile has started the clock anew, or will
    if (idle === mine && session.clients === 0) void leave()
  }, idle_ms)
  idle = mine
  rest = setTimeout(() => void backUp(session), Math.min(BACKUP_AFTER_MS, idle_ms / 2))
  tidy = setTimeout(async () => {
    tidied = await tidyUp(session, tidied).catch(({ message }) => {
      console.error(`could not tidy up: ${message}`)
      return tidied
    })
  }, TIDY_AFTER_MS)
}

/** Makes an automatic backup if it is time for one, unless somebody comes. What goes wrong with it is written down. */
function backUp(session: SharedSession): Promise<void> {
  if (backup) return backup
  interruption = new AbortController()
  const { signal } = interruption
  const made = async () => {
    if (!wantsBackups(home)) return
    await backUpIfDue({
      home,
      program: program.version,
      now: new Date(),
      database: (work) => asClient(session, work),
      signal,
    })
  }
  backup = made()
    .catch(({ message }) => {
      if (!signal.aborted) console.error(`could not make a backup: ${message}`)
    })
    .finally(() => {
      backup = undefined
    })
  return backup
}

/** Lets the clients finish what they are at, stores everything in its place and ends the process. */
async function leave(): Promise<void> {
  if (leaving) return
  leaving = true
  interruption.abort()
  try {
    const { session, close } = await opened
    await Promise.race([backup, sleep(FAREWELL_MS)])
    await session.quiet(FAREWELL_MS)
    await close()
  } catch {
    // it had never opened
  }
  process.exit(0)
}

/** PostgreSQL has given up. What was committed is in its log, and the next server recovers it from there. */
function die(why: string): void {
  console.error(`PostgreSQL ended: ${why}`)
  process.exit(1)
}
