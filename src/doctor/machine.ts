import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs'
import { platform } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { type Config, FILE_KEYS, type FileKeyName, readConfigFile } from '../config.ts'
import { CliError } from '../errors.ts'
import { program } from '../program.ts'
import type { Terminal } from '../ui/terminal.ts'
import type { World } from '../world.ts'
import { type Check, fail, ok, warn } from './check.ts'

/** The oldest Node that rote is made for, as package.json says. */
const OLDEST_NODE = [20, 19] as const

/** Free space, in bytes, below which writing may fail, and below which it soon will. */
const TOO_LITTLE = 50e6
const LITTLE = 500e6

/**
 * File systems of other machines, by the numbers of statfs(2) and linux/magic.h. Locks and syncing do not hold there as
 * a database needs it.
 */
const REMOTE: Record<number, string> = {
  26985: 'NFS',
  20859: 'SMB',
  4283649346: 'SMB',
  4266872130: 'SMB',
  16914839: '9P',
  1397113167: 'AFS',
  12805120: 'Ceph',
  1702057286: 'FUSE',
}

/** What runs: rote and Node. */
export function checkVersions(node: string): Check[] {
  const [major = 0, minor = 0] = node.replace(/^v/, '').split('.').map(Number)
  const [oldest, from] = OLDEST_NODE
  const tooOld = major < oldest || (major === oldest && minor < from)
  return [
    ok('rote', `${program.version}, build ${program.build}`),
    tooOld
      ? fail(
          'node',
          `${node} is too old: rote is made for ${oldest}.${from} and newer`,
          'Update Node: https://nodejs.org',
        )
      : ok('node', node),
  ]
}

/** The config file: `trouble` is why it could not be read. */
export function checkConfig({ home }: Config, trouble: CliError | null): Check {
  const path = join(home, 'config.json')
  if (trouble) return fail('config', trouble.message, trouble.hint ?? null)
  if (!existsSync(path)) return ok('config', 'no config file: everything is as it comes')
  const content = readConfigFile(home)
  for (const [key, value] of Object.entries(content)) {
    if (!Object.hasOwn(FILE_KEYS, key))
      return warn(
        'config',
        `${path} has "${key}", which is no setting`,
        'See what there is: rote config list',
      )
    try {
      FILE_KEYS[key as FileKeyName].parse(String(value))
    } catch (error) {
      if (!(error instanceof CliError)) throw error
      return fail('config', error.message, `Set it back: rote config set ${key} ""`)
    }
  }
  // an address of a server can have a password in it
  if (platform() !== 'win32' && content.database_url && statSync(path).mode & 0o077)
    return warn('config', `others may read ${path}, and the address of your database`, `chmod 600 ${path}`)
  return ok('config', path)
}

/** The folder of rote: that it is private, on a disk of this machine, and with room. Makes nothing. */
export function checkHome({ home }: Config): Check[] {
  try {
    return [checkFolder(home), checkSpace(home)]
  } catch (error) {
    return [
      fail('home', `Cannot use ${home}: ${(error as Error).message}.`, 'Set ROTE_HOME to a folder of yours.'),
    ]
  }
}

function checkFolder(home: string): Check {
  const nearest = nearestFolder(home)
  const stat = statSync(nearest)
  if (!stat.isDirectory())
    return fail('home', `${nearest} is not a folder`, 'Set ROTE_HOME to a folder of yours.')
  try {
    accessSync(nearest, constants.W_OK | constants.X_OK)
  } catch {
    return fail('home', `${nearest} cannot be written to`, 'Set ROTE_HOME to a folder of yours.')
  }
  const remote = REMOTE[statfsSync(nearest).type]
  if (platform() === 'linux' && remote)
    return warn(
      'home',
      `${home} is on another machine's disk (${remote})`,
      'Set ROTE_HOME to a folder on a disk of this machine.',
    )
  if (nearest !== home) return ok('home', `${home}, made when it is needed`)
  if (platform() !== 'win32' && stat.mode & 0o077)
    return warn('home', `others may look into ${home}`, `chmod 700 ${home}`)
  return ok('home', home)
}

function checkSpace(home: string): Check {
  const { bavail, bsize } = statfsSync(nearestFolder(home))
  const free = bavail * bsize
  const found = `${size(free)} free`
  if (free < TOO_LITTLE) return fail('space', found, 'Make room: the database needs some for every change.')
  return free < LITTLE ? warn('space', found, 'Make room soon.') : ok('space', found)
}

/** The folder itself, or the one in which it would be made. */
function nearestFolder(path: string): string {
  const above = dirname(path)
  return existsSync(path) || above === path ? path : nearestFolder(above)
}

/** Bytes as a person reads them. */
export function size(bytes: number): string {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`
}

/** What the terminal can do. */
export function checkTerminal(term: Terminal, { mode, color }: Config, env: World['env']): Check[] {
  const { columns, rows } = term.size()
  const shown = term.stdout.isTTY
    ? `${env.TERM ?? 'no TERM'}, ${columns} × ${rows}, ${color ? 'colours' : 'no colours'}`
    : `stdout is no terminal: answers are ${mode}`
  const terminal = !term.stdout.isTTY
    ? ok('terminal', shown)
    : !env.TERM || term.dumb
      ? warn(
          'terminal',
          `${shown}: it can only show lines`,
          'rote study --plain works everywhere. Or: export TERM=xterm-256color',
        )
      : columns < 40
        ? warn('terminal', `${shown}: tables need 40 columns`, 'Make the window wider.')
        : ok('terminal', shown)
  return [terminal, checkLocale(env)]
}

/** POSIX: the first of these that is set decides. */
function checkLocale(env: World['env']): Check {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || ''
  // there it goes without saying
  if (/utf-?8/i.test(locale) || ['darwin', 'win32'].includes(platform()))
    return ok('locale', locale || 'UTF-8')
  return warn(
    'locale',
    `${locale || 'none is set'}: letters beyond ASCII may not be shown`,
    'Choose one with UTF-8: export LC_ALL=C.UTF-8',
  )
}

/** The editor for cards: whether the program that its command begins with is there. */
export function checkEditor({ editor }: Config, env: World['env']): Check {
  const command = editor ?? 'vi'
  const [first = ''] = command.trim().split(/\s+/)
  // quotes and variables are the shell's business
  if (/["'$\\`]/.test(first)) return ok('editor', command)
  const places = first.includes('/') ? [''] : (env.PATH ?? '').split(delimiter)
  const endings = platform() === 'win32' ? ['.exe', '.cmd', '.bat', ''] : ['']
  const isThere = places.some((place) => endings.some((ending) => isProgram(join(place, first + ending))))
  return isThere
    ? ok('editor', command)
    : warn('editor', `"${first}" was not found`, 'Name yours: export EDITOR=nano')
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
