import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CliError } from '../errors.ts'

/** What is kept in memory before the rest goes to a file, in characters. */
const MEMORY = 4_000_000

/**
 * Strings put aside in order, to be read back once everything has been checked: a transaction may not be open while a
 * pipe is slow. Small amounts stay in memory, the rest goes to a private temporary file. Throws failure when there is no room for it.
 */
export class Spool {
  readonly #kept: string[] = []
  readonly #spilled: number[] = []
  #size = 0
  #file: { handle: FileHandle; folder: string } | undefined

  async add(text: string): Promise<void> {
    this.#size += text.length
    if (this.#size <= MEMORY) {
      this.#kept.push(text)
      return
    }
    try {
      this.#file ??= await temporary()
      const bytes = Buffer.from(text)
      await this.#file.handle.appendFile(bytes)
      this.#spilled.push(bytes.length)
    } catch (error) {
      throw noRoom(error)
    }
  }

  async *read(): AsyncGenerator<string> {
    yield* this.#kept
    let position = 0
    for (const length of this.#spilled) {
      const bytes = Buffer.allocUnsafe(length)
      await this.#file?.handle.read(bytes, 0, length, position)
      position += length
      yield bytes.toString('utf8')
    }
  }

  async discard(): Promise<void> {
    if (!this.#file) return
    const { handle, folder } = this.#file
    this.#file = undefined
    await handle.close()
    await rm(folder, { recursive: true, force: true })
  }
}

async function temporary(): Promise<{ handle: FileHandle; folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'rote-import-'))
  const handle = await open(join(folder, 'batches'), 'wx+', 0o600)
  // open, it needs no name, and whatever ends this process leaves nothing; where that is not so it goes at the end
  await rm(folder, { recursive: true, force: true }).catch(() => {})
  return { handle, folder }
}

/** An error of the operating system in words; any other error as it is. */
function noRoom(error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException
  const reason = code === 'ENOSPC' ? 'the disk is full' : /^E[A-Z0-9]+: ([^,]+)/.exec(message)?.[1]
  if (!reason) return error
  return new CliError(
    'failure',
    `What was read cannot be put aside in ${tmpdir()}: ${reason}.`,
    'Another folder for it: TMPDIR=<folder> rote deck import …',
  )
}
