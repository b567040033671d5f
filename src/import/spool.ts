import { mkdtempSync, rmSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What is kept in memory before the rest goes to a file, in characters. */
const MEMORY = 16_000_000

/**
 * Strings put aside in order, to be read back once everything has been checked: a transaction may not be open while a
 * pipe is slow. Small amounts stay in memory, the rest goes to a private temporary file.
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
    if (!this.#file) {
      const folder = mkdtempSync(join(tmpdir(), 'rote-import-'))
      this.#file = { handle: await open(join(folder, 'batches'), 'wx+', 0o600), folder }
    }
    const bytes = Buffer.from(text)
    await this.#file.handle.appendFile(bytes)
    this.#spilled.push(bytes.length)
  }

  async *read(): AsyncGenerator<string> {
    yield* this.#kept
    let position = 0
    for (const length of this.#spilled) {
      const bytes = Buffer.alloc(length)
      await this.#file?.handle.read(bytes, 0, length, position)
      position += length
      yield bytes.toString('utf8')
    }
  }

  async discard(): Promise<void> {
    if (!this.#file) return
    await this.#file.handle.close()
    rmSync(this.#file.folder, { recursive: true, force: true })
    this.#file = undefined
  }
}
