import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { median } from './report.js'

// The built program, used from outside as a person uses it.

export const ROTE = join(import.meta.dirname, '../../bin/rote.js')
const PEAK_MEMORY = pathToFileURL(join(import.meta.dirname, 'peak-memory.js')).href

/**
 * Runs `work` with the environment of somebody who has never used rote, and takes the home away afterwards. With `url`
 * the data is on that server, and its tables are there.
 * @template T
 * @param {string | null} url
 * @param {(env: NodeJS.ProcessEnv) => T | Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withHome(url, work) {
  const home = mkdtempSync(join(tmpdir(), 'rote-bench-'))
  const inherited = Object.entries(process.env).filter(([name]) => !/^(ROTE_|DATABASE_URL$)/.test(name))
  const env = { ...Object.fromEntries(inherited), ROTE_HOME: home, ...(url ? { DATABASE_URL: url } : {}) }
  try {
    if (url) rote(env, 'db', 'migrate')
    return await work(env)
  } finally {
    if (!url) spawnSync(process.execPath, [ROTE, 'db', 'stop'], { env })
    rmSync(home, { recursive: true, force: true })
  }
}

/**
 * Runs a command and returns what it printed. A command that fails is the end of the benchmark.
 * @param {NodeJS.ProcessEnv} env
 * @param {string[]} args
 */
export function rote(env, ...args) {
  return execFileSync(process.execPath, [ROTE, ...args], { env, encoding: 'utf8', maxBuffer: 1e9 })
}

/**
 * Milliseconds from the start of a Node process until it has ended.
 * @param {NodeJS.ProcessEnv} env
 * @param {string[]} args
 */
export function timeNode(env, ...args) {
  const start = performance.now()
  const { status, stderr } = spawnSync(process.execPath, args, { env, maxBuffer: 1e9 })
  if (status !== 0) throw new Error(`${args.join(' ')}: exit ${status}\n${stderr}`)
  return performance.now() - start
}

const PAIRS = 20

/**
 * How many times as long as `node -e 0` a warm command takes: the median of pairs, so that a busy machine slows down both.
 * @param {NodeJS.ProcessEnv} env
 * @param {string[]} args
 */
export function ratio(env, ...args) {
  timeNode(env, ROTE, ...args)
  timeNode(env, '-e', '0')
  const ratios = Array.from({ length: PAIRS }, () => {
    const node = timeNode(env, '-e', '0')
    return timeNode(env, ROTE, ...args) / node
  })
  return median(ratios)
}

/**
 * Runs a command beside others.
 * @param {NodeJS.ProcessEnv} env
 * @param {string[]} args
 * @returns {Promise<{ code: number | null, stderr: string }>}
 */
export function roteBeside(env, ...args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [ROTE, ...args], { env, stdio: ['ignore', 'ignore', 'pipe'] })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text
    })
    child.on('error', reject).on('close', (code) => resolve({ code, stderr }))
  })
}

/**
 * Runs a command with `input` in its pipe. Returns what it printed, how long it took and the most memory that it had.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} input
 * @param {string[]} args
 * @returns {Promise<{ stdout: string, ms: number, megabytes: number }>}
 */
export function roteWithInput(env, input, ...args) {
  return new Promise((resolve, reject) => {
    const start = performance.now()
    const child = spawn(process.execPath, ['--import', PEAK_MEMORY, ROTE, ...args], {
      env,
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    let kilobytes = ''
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      stdout += text
    })
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      stderr += text
    })
    child.stdio[3]?.on('data', (text) => {
      kilobytes += text
    })
    child.on('error', reject).on('close', (code) => {
      const ms = performance.now() - start
      if (code === 0) resolve({ stdout, ms, megabytes: Number(kilobytes) / 1024 })
      else reject(new Error(`rote ${args.join(' ')}: exit ${code}\n${stderr}`))
    })
    child.stdin?.end(input)
  })
}

/**
 * The embedded server of a home, which has to be running.
 * @param {NodeJS.ProcessEnv} env
 * @returns {{ pid: number, socket: string }}
 */
export function server(env) {
  return JSON.parse(rote(env, 'db', 'status', '--json'))
}

/**
 * Resident memory of a process in megabytes.
 * @param {number} pid
 */
export function residentMemory(pid) {
  const kilobytes =
    process.platform === 'linux'
      ? /^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
      : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })
  return Number(kilobytes) / 1024
}

/**
 * The most memory that an idle server takes while it tidies up behind the last command, which it does after seconds.
 * @param {NodeJS.ProcessEnv} env
 */
export async function idleMemory(env) {
  const { pid } = server(env)
  let most = 0
  for (let second = 0; second < 8; second++) {
    await sleep(1000)
    most = Math.max(most, residentMemory(pid))
  }
  return most
}
