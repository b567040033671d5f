import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import postgres from 'postgres'

/**
 * Runs `work` with the address of a Postgres server on which it may make databases: the one in BENCH_DATABASE_URL, else
 * a throw-away cluster of the Postgres that is installed here, else null.
 * @template T
 * @param {(url: string | null) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withPostgres(work) {
  const given = process.env.BENCH_DATABASE_URL
  if (given) return work(given)
  const bin = programs()
  if (!bin) return work(null)

  const folder = owned('mktemp', '-d')
  const port = await freePort()
  const data = join(folder, 'data')
  const pgCtl = (/** @type {string[]} */ ...args) => owned(join(bin, 'pg_ctl'), '-D', data, '-w', ...args)
  try {
    owned(join(bin, 'initdb'), '-D', data, '-U', 'bench', '--auth=trust', '-E', 'UTF8', '--no-locale')
    const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder}`
    pgCtl('-l', join(folder, 'log'), '-o', options, 'start')
    try {
      return await work(`postgresql://bench@127.0.0.1:${port}/postgres`)
    } finally {
      pgCtl('-m', 'fast', 'stop')
    }
  } finally {
    owned('rm', '-rf', folder)
  }
}

let made = 0

/**
 * Runs `work` with an empty database on the server of `url`, and drops it afterwards.
 * @template T
 * @param {string} url
 * @param {(url: string) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withDatabase(url, work) {
  const name = `rote_bench_${process.pid}_${made++}`
  const admin = postgres(url, { max: 1, onnotice: () => {} })
  try {
    await admin.unsafe(`create database ${name}`)
    const mine = new URL(url)
    mine.pathname = `/${name}`
    return await work(mine.href)
  } finally {
    await admin.unsafe(`drop database if exists ${name} with (force)`)
    await admin.end()
  }
}

/** The folder with initdb and pg_ctl; null when there is none. */
function programs() {
  const packaged = '/usr/lib/postgresql'
  const versions = existsSync(packaged) ? readdirSync(packaged).sort((a, b) => Number(b) - Number(a)) : []
  const folders = versions.map((version) => join(packaged, version, 'bin'))
  try {
    folders.push(execFileSync('pg_config', ['--bindir'], { encoding: 'utf8', stdio: 'pipe' }).trim())
  } catch {
    // no pg_config, or one without a server
  }
  return folders.find((folder) => existsSync(join(folder, 'initdb'))) ?? null
}

/**
 * Runs a program as somebody who may own a cluster, which root may not.
 * @param {string} program
 * @param {string[]} args
 */
function owned(program, ...args) {
  const command = process.getuid?.() === 0 ? ['runuser', '-u', 'postgres', '--', program] : [program]
  const [first = '', ...rest] = [...command, ...args]
  // a server keeps the pipes of the pg_ctl that started it, so nobody may wait for their end
  const stdout = args.includes('start') ? 'ignore' : 'pipe'
  return execFileSync(first, rest, {
    cwd: '/',
    encoding: 'utf8',
    stdio: ['ignore', stdout, 'ignore'],
  })?.trim()
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
