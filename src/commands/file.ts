import { rmSync, type Stats } from 'node:fs'
import {
  constants,
  type FileHandle,
  mkdtemp,
  open,
  readlink,
  realpath,
  rename,
  rm,
  stat,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CliError, conflict } from '../errors.ts'
import type { World } from '../world.ts'

// Files that commands write.

/** Gives what is to be written, piece by piece. */
type Fill = (put: (piece: string | Uint8Array) => Promise<void>) => Promise<void>

/** What is at a path, through symbolic links; null when nothing is. */
export async function thingAt(path: string): Promise<Stats | null> {
  try {
    return await stat(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw unwritable(path, error)
  }
}

/**
 * Writes a file that is there as a whole or not at all: beside its place first, and on the disk before it is moved there.
 * Into a device or a pipe it just writes. `there` is what was found at the path; the file gets `mode`, or keeps
 * what it had; one that has come meanwhile is left as it is. Throws failure, in a sentence, for what the system refuses.
 */
export async function writeFile(
  path: string,
  there: Stats | null,
  fill: Fill,
  { mode, onExit }: { mode?: number; onExit?: World['onExit'] } = {},
): Promise<void> {
  try {
    if (there && !there.isFile()) await writeInto(await openThere(path), fill)
    else await writeWhole(await targetOf(path), there, fill, mode ?? there?.mode, onExit)
  } catch (error) {
    throw unwritable(path, error)
  }
}

/** Opens a device or a pipe. Waiting for a pipe's reader inside `open` would keep the process from being ended. */
async function openThere(path: string): Promise<FileHandle> {
  for (;;) {
    try {
      const probe = await open(path, constants.O_WRONLY | constants.O_NONBLOCK)
      try {
        return await open(path, 'w')
      } finally {
        await probe.close()
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'ENXIO' || !(await stat(path)).isFIFO()) throw error
      await sleep(50)
    }
  }
}

async function writeWhole(
  path: string,
  there: Stats | null,
  fill: Fill,
  mode: number | undefined,
  onExit: World['onExit'] = () => () => {},
): Promise<void> {
  const part = `${path}.part-${Date.now().toString(36)}`
  const written = onExit(() => rmSync(part, { force: true }))
  try {
    const file = await open(part, 'wx', mode)
    await writeInto(file, fill, async () => {
      // as it was, whatever the umask says
      if (mode !== undefined) await file.chmod(mode & 0o7777)
      await file.sync()
    })
    if (!there && (await thingAt(path))) throw conflict(`${path} has come to be there meanwhile.`)
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  } finally {
    written()
  }
}

async function writeInto(
  file: FileHandle,
  fill: Fill,
  finish: () => Promise<void> = async () => {},
): Promise<void> {
  try {
    await fill((piece) => file.appendFile(piece))
    await finish()
  } finally {
    await file.close()
  }
}

/** A file without a name: what is put into it can be read as often as one likes, and is gone with it or the process. */
interface TemporaryFile {
  put(piece: string | Uint8Array): Promise<void>
  read(): AsyncIterable<Uint8Array>
  discard(): Promise<void>
}

/** Makes a temporary file that nobody else can read. */
export async function temporaryFile(): Promise<TemporaryFile> {
  const folder = await mkdtemp(join(tmpdir(), 'rote-'))
  const file = await open(join(folder, 'spool'), 'wx+', 0o600)
  const remove = () => rm(folder, { recursive: true, force: true })
  // open, it needs no name, and whatever ends this process leaves nothing; where that is not so it goes at the end
  await remove().catch(() => {})
  return {
    async put(piece) {
      await file.appendFile(piece).catch((error) => {
        throw unwritable(tmpdir(), error)
      })
    },
    read: () => file.createReadStream({ start: 0, autoClose: false }),
    async discard() {
      await file.close()
      await remove()
    },
  }
}

/** Gathers all that is to be written before it gives any of it: for readers that may be slow. */
export async function* spooled(fill: Fill): AsyncGenerator<Uint8Array, void> {
  const file = await temporaryFile()
  try {
    await fill(file.put)
    yield* file.read()
  } finally {
    await file.discard()
  }
}

/** Where the symbolic links that a path may be lead to, whether anything is there or not. */
async function targetOf(path: string): Promise<string> {
  const link = await readlink(path).catch(() => null)
  return link === null ? path : targetOf(resolve(await realpath(dirname(path)), link))
}

/** An error of the operating system in words; any other error as it is. */
export function unwritable(path: string, error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException
  // "EACCES: permission denied, open 'a'"
  const [, words] = /^E[A-Z0-9]+: ([^,]+)/.exec(message) ?? []
  const reason =
    code === 'ENOENT' ? 'there is no such folder' : code === 'ENOSPC' ? 'the disk is full' : words
  return reason ? new CliError('failure', `Cannot write ${path}: ${reason}.`) : error
}
