import { lstatSync, mkdirSync, readlinkSync, realpathSync, symlinkSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { CliError } from '../../errors.ts'

/** Where the embedded database lives under ROTE_HOME. */
export interface EmbeddedPaths {
  /** The PostgreSQL data directory. */
  data: string
  /** Locked by the one server of this home for as long as it lives. */
  lock: string
  /** What the server last said; read when it does not come up. */
  log: string
  /** The Unix socket, or the named pipe on Windows. */
  socket: string
}

// The name that PostgreSQL's own programs look for: `psql -h $ROTE_HOME/run -U postgres`.
const SOCKET = '.s.PGSQL.5432'

// sun_path holds 108 bytes on Linux and 104 on macOS, with the terminating NUL.
const SOCKET_PATH_LIMIT = 103

/**
 * The paths of the embedded database of `home`; makes the folders, readable by their owner only.
 * Throws CliError('unavailable') when that cannot be done.
 */
export async function embeddedPaths(home: string): Promise<EmbeddedPaths> {
  try {
    mkdirSync(join(home, 'run'), { recursive: true, mode: 0o700 })
    const real = realpathSync(home)
    const run = join(real, 'run')
    return {
      data: join(real, 'data'),
      lock: join(run, 'lock'),
      log: join(run, 'server.log'),
      socket: await socketPath(run),
    }
  } catch (error) {
    throw cannotUse(home, error)
  }
}

const REASONS: Record<string, string> = {
  EROFS: 'it cannot be written to',
  EACCES: 'it cannot be written to',
  EPERM: 'it cannot be written to',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full',
  ENOTDIR: 'it is not a folder',
  EEXIST: 'it is not a folder',
}

/** Puts what the file system says of a home into words. */
export function cannotUse(home: string, error: unknown): CliError {
  if (error instanceof CliError) return error
  const { code = '', message } = error as NodeJS.ErrnoException
  const hint =
    REASONS[code] === REASONS.ENOSPC
      ? 'Make room, then run the same command again.'
      : 'Set ROTE_HOME to a folder of yours.'
  return new CliError('unavailable', `Cannot use ${home}: ${REASONS[code] ?? message}.`, hint)
}

async function socketPath(run: string): Promise<string> {
  const direct = join(run, SOCKET)
  const isWindows = process.platform === 'win32'
  if (!isWindows && Buffer.byteLength(direct) <= SOCKET_PATH_LIMIT) return direct
  const { createHash } = await import('node:crypto')
  const id = createHash('sha256').update(run).digest('hex').slice(0, 16)
  return isWindows ? `\\\\.\\pipe\\rote-${id}` : join(shortAlias(run, id), SOCKET)
}

/**
 * A short name for a folder whose own is too long for a socket. Only the name is in /tmp: lock and socket stay in the
 * home, so a cleaned /tmp costs nothing. Always /tmp and not TMPDIR, which differs from shell to shell.
 */
function shortAlias(run: string, id: string): string {
  const alias = `/tmp/rote-${process.getuid?.()}-${id}`
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      symlinkSync(run, alias)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const link = lstatSync(alias)
    if (link.isSymbolicLink() && link.uid === process.getuid?.() && readlinkSync(alias) === run) return alias
    if (link.uid === process.getuid?.()) unlinkSync(alias)
  }
  throw new CliError(
    'unavailable',
    `${alias} belongs to somebody else, and the path of ROTE_HOME is too long for a socket.`,
    'Set ROTE_HOME to a shorter path.',
  )
}
