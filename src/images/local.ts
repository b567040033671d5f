import { constants } from 'node:fs'
import { access, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CliError } from '../errors.ts'
import { nameOf } from './image.ts'
import type { ImageStore } from './store.ts'

const ADDRESS = /^media:([0-9a-f]{64}\.[a-z]{3,4})$/

/**
 * A folder in which every file is called by its content, so that the same image is there once, however often it is put
 * there. An address says nothing of where the folder is: `media:<sha256>.png`.
 */
export function localStore(folder: string): ImageStore {
  const place = (name: string) => join(folder, name.slice(0, 2), name)
  return {
    async put(bytes, type) {
      const name = nameOf(bytes, type)
      const path = place(name)
      try {
        if (!(await isThere(path))) await writeWhole(path, bytes)
      } catch (error) {
        throw unwritable(path, error)
      }
      return `media:${name}`
    },
    has: (address) => address.startsWith('media:'),
    async get(address) {
      const [, name] = ADDRESS.exec(address) ?? []
      if (name === undefined) throw new CliError('not_found', `"${address}" is no address of an image.`)
      try {
        return await readFile(place(name))
      } catch (error) {
        throw new CliError(
          'not_found',
          'The image is not in the media folder of this machine.',
          `It would be ${place(name)}`,
          { cause: error },
        )
      }
    },
  }
}

const isThere = (path: string) =>
  access(path, constants.R_OK).then(
    () => true,
    () => false,
  )

/** There as a whole or not at all, and on the disk before a card names it. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const part = `${path}.part-${Math.random().toString(36).slice(2)}`
  try {
    const file = await open(part, 'wx', 0o600)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
  // the new name is in the folder only once that is on the disk, too; not every system can do that
  const folder = await open(dirname(path), 'r').catch(() => null)
  await folder?.sync().catch(() => {})
  await folder?.close()
}

function unwritable(path: string, error: unknown): CliError {
  const { code, message } = error as NodeJS.ErrnoException
  const [, words = message] = /^E[A-Z0-9]+: ([^,]+)/.exec(message) ?? []
  const reason = code === 'ENOSPC' ? 'the disk is full' : words
  return new CliError('failure', `Cannot write ${path}: ${reason}.`, undefined, { cause: error })
}
