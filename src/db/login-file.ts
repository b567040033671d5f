import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { platform } from 'node:os'
import { dirname, join } from 'node:path'
import { CliError } from '../errors.ts'
import { databaseOf } from './connect.ts'

/** A login as this machine keeps it, one for each database. The database has only a hash of the token. */
export interface SavedLogin {
  username: string
  /** 32 random bytes, in hexadecimal. */
  token: string
}

/** Where the login for a database is kept; for the embedded one, `databaseUrl` is null. */
export function loginFile({ home, databaseUrl }: { home: string; databaseUrl: string | null }): string {
  // readable, and no way out of the folder: a slash becomes %2F
  const name = databaseUrl === null ? 'embedded' : encodeURIComponent(databaseOf(databaseUrl)).slice(-200)
  return join(home, 'logins', `${name}.json`)
}

/**
 * Reads a login; null when there is none. Throws denied for one that others can read, unless `exposed` is true, and for
 * one that makes no sense.
 */
export function readLogin(path: string, { exposed = false } = {}): SavedLogin | null {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw new CliError('denied', `Your login cannot be read: ${message}.`, `Log in again, without ${path}`)
  }
  try {
    // Windows has no such mode; there the home folder is the person's alone
    const others = platform() === 'win32' ? 0 : fstatSync(file).mode & 0o077
    if (others !== 0 && !exposed)
      throw new CliError(
        'denied',
        `Others on this machine can read your login, in ${path}.`,
        `Nobody else has used it? chmod 600 '${path}'. Otherwise end it: rote logout`,
      )
    const found: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (isLogin(found)) return { username: found.username, token: found.token }
  } catch (error) {
    if (error instanceof CliError) throw error
  } finally {
    closeSync(file)
  }
  if (exposed) return null
  throw new CliError('denied', `The login in ${path} makes no sense.`, 'Log in again: rote login <name>')
}

function isLogin(found: unknown): found is SavedLogin {
  if (typeof found !== 'object' || found === null) return false
  const { username, token } = found as Partial<Record<string, unknown>>
  return typeof username === 'string' && typeof token === 'string' && /^[0-9a-f]{64}$/.test(token)
}

/** Keeps a login, for its owner's eyes only, in the place of the one before. */
export function writeLogin(path: string, login: SavedLogin): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    // a new file, never an old one with the rights that it had
    rmSync(`${path}.new`, { force: true })
    writeFileSync(`${path}.new`, `${JSON.stringify(login)}\n`, { mode: 0o600, flag: 'wx' })
    renameSync(`${path}.new`, path)
  } catch (error) {
    throw new CliError('failure', `Cannot keep your login: ${(error as Error).message}.`)
  }
}

/** Forgets a login of this machine. */
export function removeLogin(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch (error) {
    throw new CliError('failure', `Cannot delete ${path}: ${(error as Error).message}.`)
  }
}
