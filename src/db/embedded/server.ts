import { chmodSync, openSync, unlinkSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { CliError } from '../../errors.ts'
import { program } from '../../program.ts'
import type { Database } from '../connect.ts'
import { migrate } from '../migrate.ts'
import { GREETING, greet, parseAsk, type ServerRefusal, type ServerStatus } from './handshake.ts'
import { tryLock } from './lock.ts'
import { embeddedPaths } from './paths.ts'
import { asClient, SharedSession } from './shared-session.ts'
import { prepareDataDirectory } from './template.ts'

// The background process that owns the embedded database of one home: `node server.js '{"home":"…","idle_ms":…}'`.
// It is a program of its own, so it may use `process`.
//
//   waiting for the lock → listening (greetings wait) → open → … → leaving: clients cut off, checkpoint, exit
//
// It listens until the very end and the lock is the kernel's, so nobody else can open the data before it has let go.

const { home, idle_ms } = JSON.parse(process.argv[2] ?? '{}') as { home: string; idle_ms: number }

/** How long a client may keep an idle transaction open while others wait. */
const PATIENCE_MS = 30_000
const LOCK_TIMEOUT_MS = 20_000
/** So much written, in bytes of WAL, is worth a VACUUM. */
const MUCH_WAL = 4_000_000
/** When nobody has been there for that long, the server tidies up after writers. */
const TIDY_AFTER_MS = 5_000

const paths = await embeddedPaths(home)
const started_at = new Date().toISOString()

await takeLock()
process.umask(0o077)
const opened = open()
const server = createServer({ allowHalfOpen: false }, (socket) => void welcome(socket))
let idle: NodeJS.Timeout | undefined
let tidy: NodeJS.Timeout | undefined
let leaving = false
/** Where the write-ahead log ended when the database was last in order. */
let tidyAt: string
listen()
void opened.then(restless, async ({ message }) => {
  console.error(message)
  // long enough for everyone who started this server to be told
  await sleep(1000)
  process.exit(1)
})
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void leave())

/** Returns when this process owns the home; ends the process when another server of this build does. */
async function takeLock(): Promise<void> {
  const deadline = Date.now() + LOCK_TIMEOUT_MS
  const lock = openSync(paths.lock, 'a', 0o600)
  while (!(await tryLock(lock, paths.lock))) {
    const other = connect(paths.socket)
    const status = await greet(other, 'status')
    other.destroy()
    if (status && 'build' in status && status.build === program.build) process.exit(0)
    if (Date.now() > deadline) {
      console.error(`another process holds ${paths.lock}`)
      process.exit(1)
    }
    await sleep(50)
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
async function open(): Promise<{ session: SharedSession; close: () => Promise<void> }> {
  try {
    await prepareDataDirectory(paths.data, program.template)
    const [{ PGlite }, { DurableNodeFS }] = await Promise.all([
      import('@electric-sql/pglite'),
      import('./durable-fs.ts'),
    ])
    const pg = await PGlite.create({
      fs: new DurableNodeFS(paths.data),
      // without -F, which would turn fsync off
      startParams: [
        ...PGlite.defaultStartParams.filter((flag) => flag !== '-F'),
        '-c',
        'shared_buffers=16MB',
      ],
    })
    const session = new SharedSession(pg, PATIENCE_MS)
    await asClient(session, async (db) => {
      await migrate(db, program.migrations)
      tidyAt = await writtenUpTo(db)
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
  socket.once('data', async (first) => {
    const greeting = first.toString('latin1').startsWith(GREETING)
    const ask = greeting ? parseAsk(first.toString('utf8')) : 'serve'
    if (leaving || !ask) return socket.destroy()
    if (ask === 'leave') {
      // the asker knows by the end of the connection that the process is gone
      return void leave()
    }
    socket.pause()
    try {
      const { session } = await opened
      if (greeting) socket.write(`${JSON.stringify(status(session))}\n`)
      if (ask === 'status') return socket.end()
      clearTimeout(idle)
      clearTimeout(tidy)
      session.attach(socket, greeting ? Buffer.alloc(0) : first)
      socket.resume()
    } catch (error) {
      const { kind, message, hint } = error as CliError
      const refusal: ServerRefusal = {
        error: { kind: kind as 'unavailable', message, ...(hint ? { hint } : {}) },
      }
      socket.end(`${JSON.stringify(refusal)}\n`)
    }
  })
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

/** Starts the clocks for tidying up and for leaving when the last client has gone. */
function restless({ session }: { session: SharedSession }): void {
  clearTimeout(idle)
  clearTimeout(tidy)
  if (session.clients > 0 || leaving) return
  idle = setTimeout(() => void leave(), idle_ms)
  tidy = setTimeout(() => void tidyUp(session), TIDY_AFTER_MS)
}

/**
 * Does what PostgreSQL's background processes do elsewhere: a checkpoint, so that a crash is quickly recovered from,
 * and VACUUM with fresh statistics once much has been written since the last time, or since the server was started.
 */
async function tidyUp(session: SharedSession): Promise<void> {
  await asClient(session, async (db) => {
    const [wal] = await db.execute<{ bytes: string }>(
      sql`select pg_wal_lsn_diff(pg_current_wal_lsn(), ${tidyAt}) as bytes`,
    )
    const written = Number(wal?.bytes)
    if (written === 0) return
    if (written > MUCH_WAL) await db.execute(sql`vacuum (analyze)`)
    await db.execute(sql`checkpoint`)
    tidyAt = await writtenUpTo(db)
  })
}

async function writtenUpTo(db: Database): Promise<string> {
  const [wal] = await db.execute<{ lsn: string }>(sql`select pg_current_wal_lsn()::text as lsn`)
  if (!wal) throw new Error('no write-ahead log')
  return wal.lsn
}

async function leave(): Promise<void> {
  if (leaving) return
  leaving = true
  const { close } = await opened
  await close()
  process.exit(0)
}
