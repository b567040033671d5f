import type { ChildProcess } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CliError } from '../../errors.ts'
import { program } from '../../program.ts'
import { type Ask, greet, type ServerRefusal, type ServerStatus } from './handshake.ts'
import type { EmbeddedOptions } from './options.ts'
import { cannotUse, type EmbeddedPaths, embeddedPaths } from './paths.ts'

/** Time for a slow machine to start, and to recover from a crash. */
const START_TIMEOUT_MS = 60_000
const ANSWER_TIMEOUT_MS = 30_000
const RETRY_MS = 10

/**
 * A connected socket to the embedded server of this home, which is started when there is none. However many processes
 * call this at once, they end up with the same server. Throws CliError('unavailable') with what went wrong.
 */
export async function serverSocket(options: EmbeddedOptions): Promise<Socket> {
  const paths = await embeddedPaths(options.home)
  const deadline = Date.now() + START_TIMEOUT_MS
  let child: ChildProcess | undefined
  while (Date.now() < deadline) {
    const socket = await tryConnect(paths.socket)
    if (socket) {
      const answer = statusIn(await answerOf(socket, 'serve', paths))
      if (answer && answer.build === program.build) return socket
      socket.destroy()
      if (answer) await replace(answer, paths)
    } else if (!child) {
      child = await start(options, paths)
    } else if (child.exitCode) {
      throw new CliError(
        'unavailable',
        `The embedded database did not start: ${lastLine(paths.log)}`,
        `See ${paths.log}`,
      )
    } else if (child.exitCode === 0 || child.signalCode) {
      // another process had won the race, and its server has left since; or somebody has killed this one
      child = undefined
    }
    await sleep(RETRY_MS)
  }
  throw silent(START_TIMEOUT_MS, paths)
}

/** What the server of this home says of itself; null when none runs. */
export async function serverStatus(home: string): Promise<(ServerStatus & { socket: string }) | null> {
  if (!everUsed(home)) return null
  const paths = await embeddedPaths(home)
  const answer = statusIn(await ask(paths, 'status'))
  return answer && { ...answer, socket: paths.socket }
}

/** Asks the server of this home to leave and returns when its process has; false when none ran. */
export async function stopServer(home: string): Promise<boolean> {
  if (!everUsed(home)) return false
  const paths = await embeddedPaths(home)
  const socket = await tryConnect(paths.socket)
  if (!socket) return false
  await answerOf(socket, 'leave', paths)
  return true
}

/** Asking how a database does makes no folders for one. */
const everUsed = (home: string) => existsSync(join(home, 'run'))

/** Makes way for this program: an older server is asked to leave, a newer one keeps its place. */
async function replace(running: ServerStatus, paths: EmbeddedPaths): Promise<void> {
  if (running.version.localeCompare(program.version, 'en', { numeric: true }) > 0) {
    throw new CliError(
      'unavailable',
      `A newer rote (${running.version}) is using this database; this is ${program.version}.`,
      'Update this rote, or stop the other: rote db stop',
    )
  }
  await ask(paths, 'leave')
}

async function ask(paths: EmbeddedPaths, what: Ask): Promise<ServerStatus | ServerRefusal | null> {
  const socket = await tryConnect(paths.socket)
  if (!socket) return null
  const answer = await answerOf(socket, what, paths)
  socket.destroy()
  return answer
}

/** What the server says; a server that says nothing at all, because it hangs or was stopped, is an error. */
async function answerOf(socket: Socket, what: Ask, paths: EmbeddedPaths) {
  try {
    return await greet(socket, what, ANSWER_TIMEOUT_MS)
  } catch {
    socket.destroy()
    throw silent(ANSWER_TIMEOUT_MS, paths)
  }
}

function silent(patience: number, { log }: EmbeddedPaths): CliError {
  return new CliError(
    'unavailable',
    `The embedded database did not answer in ${patience / 1000} seconds.`,
    `See ${log}`,
  )
}

function statusIn(answer: ServerStatus | ServerRefusal | null): ServerStatus | null {
  if (answer && 'error' in answer)
    throw new CliError(answer.error.kind, answer.error.message, answer.error.hint)
  return answer
}

/** No socket; one of a server that was killed; one that is leaving this moment; a queue that is full at the start. */
const NOBODY = new Set(['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EAGAIN'])

/** Null when nobody listens there: no socket, or one that a killed server has left behind. */
function tryConnect(path: string): Promise<Socket | null> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    const onError = (error: NodeJS.ErrnoException) => {
      if (NOBODY.has(error.code ?? '')) resolve(null)
      else reject(new CliError('unavailable', `Cannot reach the embedded database: ${error.message}`))
    }
    socket.once('error', onError)
    socket.once('connect', () => {
      socket.off('error', onError)
      resolve(socket)
    })
  })
}

async function start(options: EmbeddedOptions, paths: EmbeddedPaths): Promise<ChildProcess> {
  const { spawn } = await import('node:child_process')
  const log = openLog(options.home, paths)
  // a small young generation: what passes through the server is short-lived, and it mostly waits
  const child = spawn(
    process.execPath,
    ['--max-semi-space-size=1', program.server, JSON.stringify(options)],
    {
      detached: true,
      // glibc keeps freed memory apart for every thread: a third of the server's, and nobody would use it again
      env: { ...process.env, MALLOC_ARENA_MAX: '1' },
      stdio: ['ignore', log, log],
      cwd: '/',
    },
  )
  closeSync(log)
  child.unref()
  return child
}

function openLog(home: string, { log }: EmbeddedPaths): number {
  try {
    return openSync(log, 'a', 0o600)
  } catch (error) {
    throw cannotUse(home, error)
  }
}

function lastLine(log: string): string {
  try {
    return readFileSync(log, 'utf8').trim().split('\n').at(-1) || 'it said nothing'
  } catch {
    return 'it left no log'
  }
}
