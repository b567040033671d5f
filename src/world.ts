import { homedir, hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

/** A stream out, and what is at its other end. */
export type Output = Writable & { isTTY?: boolean; columns?: number; rows?: number }
/** A stream in, and whether a person types into it. */
export type Input = Readable & { isTTY?: boolean; setRawMode?(raw: boolean): unknown }

/** Everything outside the program: handed in, so that a test can be a world of its own. */
export interface World {
  stdin: Input
  stdout: Output
  stderr: Output
  env: Readonly<Record<string, string | undefined>>
  now(): Date
  /** The operating system's name for the person. */
  username(): string
  /** This process, and whether another of the same machine is still there. */
  here: { host: string; pid: number; isRunning(pid: number): boolean }
  /** Such as v22.4.1. */
  nodeVersion: string
  /** Where programs keep what belongs to the person. Throws when nobody knows. */
  dataFolder(): string
  /** The machine's IANA time zone. */
  timeZone(): string
  /** What the machine's wall clock shows at an instant, as the instant at which one in UTC shows it; both in epoch ms. */
  wallClock(instant: number): number
  /** Rejects with what was thrown where nobody could catch it, as in a timer of a library. */
  failure: Promise<never>
  /** Calls back when the process is about to end, whatever ends it; returns how to take that back. */
  onExit(restore: () => void): () => void
  /**
   * The first request to end, by Ctrl-C or by another program, is passed on instead of obeyed; the second is obeyed.
   * Returns how to take that back.
   */
  onInterrupt(stop: () => void): () => void
  /** Starts another program of this Node's that outlives this one, with nobody to talk to. */
  background(file: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<void>
  /** From now on an interrupt does not end the process, whose child it is meant for; returns how to take that back. */
  ignoreInterrupts(): () => void
  /** Stops the process as Ctrl-Z does, and returns when it has been brought back. */
  suspend(): void
}

/** The world of a real process. The only place, with bin/, that touches `process`. */
export function processWorld(): World {
  let ignoring = false
  const stops: (() => void)[] = []
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    process.on(signal, () => {
      if (signal === 'SIGINT' && ignoring) return
      const stop = stops.pop()
      if (stop) stop()
      else process.exit(code)
    })
  }
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    now: () => new Date(),
    username,
    here: { host: hostname(), pid: process.pid, isRunning },
    nodeVersion: process.version,
    dataFolder: () => dataFolder(process.platform, process.env),
    timeZone: () => Intl.DateTimeFormat().resolvedOptions().timeZone,
    wallClock: (instant) => instant - new Date(instant).getTimezoneOffset() * 60_000,
    failure: failure(),
    onExit(restore) {
      process.once('exit', restore)
      return () => process.off('exit', restore)
    },
    onInterrupt(stop) {
      stops.push(stop)
      return () => {
        if (stops.includes(stop)) stops.splice(stops.indexOf(stop), 1)
      }
    },
    async background(file, args, env) {
      const { spawn } = await import('node:child_process')
      const options = { detached: true, stdio: 'ignore', cwd: '/', env: { ...process.env, ...env } } as const
      const child = spawn(process.execPath, [file, ...args], options)
      await new Promise((resolve, reject) => child.on('spawn', resolve).on('error', reject))
      child.unref()
    },
    ignoreInterrupts() {
      ignoring = true
      return () => {
        ignoring = false
      }
    },
    // the whole process group, as the terminal does: with only this process stopped, an npm around it would wait on
    suspend: () => process.kill(0, 'SIGTSTP'),
  }
}

/** A container can run as a user whom no table knows. */
function username(): string {
  try {
    return userInfo().username
  } catch {
    return process.env.USER || process.env.LOGNAME || 'me'
  }
}

function failure(): Promise<never> {
  const failed = new Promise<never>((_, reject) => {
    process.on('uncaughtException', (error) => {
      reject(error)
      // whatever was half done may wait for ever
      setTimeout(() => process.exit(), 1000).unref()
    })
  })
  // it may come when everything is done and nobody waits any more
  failed.catch(() => {})
  return failed
}

/** A process that may not be sent a signal is there all the same. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** https://specifications.freedesktop.org/basedir-spec and its like on the other systems. */
function dataFolder(platform: string, env: World['env']): string {
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support')
  if (platform === 'win32') return env.LOCALAPPDATA || join(homedir(), 'AppData', 'Local')
  return env.XDG_DATA_HOME || join(homedir(), '.local', 'share')
}
