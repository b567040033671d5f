import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  unlinkSync,
} from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { onTestFinished } from 'vitest'

const PACKAGE = join(import.meta.dirname, '../..')
const ROTE = join(PACKAGE, 'bin/rote.js')
const SERVER = join(PACKAGE, 'dist/server.js')

/** How a process ended and what it said. */
export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

/** A process of ours that may still be running. */
export interface Running {
  child: ChildProcess
  ended: Promise<Ended>
}

/** A ROTE_HOME of its own. After the test all its processes are killed and the folder is removed. */
export function newHome(below = '', parent = tmpdir()): string {
  const folder = mkdtempSync(join(parent, 'rote-process-'))
  const home = join(folder, below)
  onTestFinished(async () => {
    await until(() => {
      for (const pid of processesOf(basename(folder))) kill(pid)
      return processesOf(basename(folder)).length === 0
    })
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
    // the short name of a long home
    for (const name of readdirSync('/tmp').filter((name) => name.startsWith('rote-'))) {
      const link = join('/tmp', name)
      if (lstatSync(link).isSymbolicLink() && readlinkSync(link).startsWith(folder)) unlinkSync(link)
    }
  })
  return home
}

/** The ids of the server processes of a home. */
export function serversOf(home: string): number[] {
  return processesOf(`server.js {"home":"${home}"`)
}

/** The ids of the processes that have `mark` in their command line. */
export function processesOf(mark: string): number[] {
  return execFileSync('ps', ['-axo', 'pid=,stat=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(mark) && !/^\s*\d+ Z/.test(line))
    .map((line) => Number.parseInt(line, 10))
}

/** Ends a process at once, if it still runs. */
export function kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal)
  } catch {
    // it had gone by itself
  }
}

/** Starts a program and collects its output. It is killed after the test, should it still run. */
export function run(file: string, args: string[], env: NodeJS.ProcessEnv, options?: SpawnOptions): Running {
  const child = spawn(file, args, { env: { ...process.env, ...env }, ...options })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
    })
  }
  // a process that was killed does not read what it is sent
  child.stdin?.on('error', () => {})
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, ...output }))
  })
  return { child, ended }
}

/** The environment in which rote lives in `home`. */
export function at(home: string, env: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { ROTE_HOME: home, DATABASE_URL: '', NO_COLOR: '1', ...env }
}

/** Starts the built rote; its standard input stays open. */
export function start(home: string, args: string[], env?: NodeJS.ProcessEnv): Running {
  return run(process.execPath, [ROTE, ...args], at(home, env))
}

/** Runs the built rote to its end, with `input` on standard input. */
export function rote(home: string, args: string[], input = '', env?: NodeJS.ProcessEnv): Promise<Ended> {
  const { child, ended } = start(home, args, env)
  child.stdin?.end(input)
  return ended
}

/** Runs a command that has to succeed, and returns what it answers under --json. */
export async function answer<T>(home: string, ...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await rote(home, [...args, '--json'])
  if (code !== 0) throw new Error(`rote ${args.join(' ')} exited with ${code}: ${stderr}`)
  return JSON.parse(stdout) as T
}

/** Starts the server itself, with options that no command has. */
export async function startServer(home: string, options: { idle_ms?: number; patience_ms?: number } = {}) {
  mkdirSync(join(home, 'run'), { recursive: true })
  const running = run(
    process.execPath,
    [SERVER, JSON.stringify({ home, idle_ms: 60_000, ...options })],
    {},
    { cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] },
  )
  await until(() => existsSync(socketOf(home)))
  return running
}

export function socketOf(home: string): string {
  return join(home, 'run', '.s.PGSQL.5432')
}

/** A bare connection to the server of a home. */
export function plug(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => resolve(socket))
    socket.on('error', reject)
    onTestFinished(() => void socket.destroy())
  })
}

/** A postgres.js client of a running server, with one connection. */
export function client(home: string): postgres.Sql {
  const options = {
    socket: () => plug(socketOf(home)),
    max: 1,
    prepare: false,
    fetch_types: false,
    user: 'postgres',
    database: 'postgres',
    onnotice: () => {},
  }
  const sql = postgres(options as postgres.Options<Record<string, postgres.PostgresType>>)
  onTestFinished(() => sql.end({ timeout: 0 }))
  return sql
}

/** Waits for something to become true; throws when it does not in time. */
export async function until(condition: () => unknown, ms = 15_000): Promise<void> {
  const deadline = Date.now() + ms
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited ${ms} ms for ${condition}`)
    await sleep(10)
  }
}
