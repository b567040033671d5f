import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { CliError, notFound, usage } from '../errors.ts'
import type { Input } from '../world.ts'

/** Something to import from. */
export interface Source {
  /** What its lines are called by: the path as it was typed, or `-`. */
  name: string
  /** The deck that the name of the file suggests; null for standard input. */
  deck: string | null
  /** Where the content begins, to tell formats apart by. */
  head: Uint8Array
  bytes: AsyncIterable<Uint8Array>
}

/**
 * Opens a file, or standard input for `-` and for nothing at all. Throws usage when standard input is a terminal,
 * not_found and failure for files that cannot be read.
 */
export async function openSource(file: string | undefined, stdin: Input): Promise<Source> {
  if (file === undefined || file === '-') {
    if (stdin.isTTY)
      throw usage(
        'Nothing is piped into standard input.',
        'Name a file, or pipe one in: … | rote deck import - --deck <name>',
      )
    return { name: '-', deck: null, ...(await peek(stdin)) }
  }
  const deck = basename(file, extname(file))
  try {
    if ((await stat(file)).isDirectory()) throw new CliError('failure', `${file} is a folder, not a file.`)
    return { name: file, deck, ...(await peek(createReadStream(file))) }
  } catch (error) {
    switch ((error as NodeJS.ErrnoException).code) {
      case 'ENOENT':
      case 'ENOTDIR':
        throw notFound('file', file)
      case 'EACCES':
        throw new CliError('failure', `${file} may not be read by you.`)
      default:
        throw error
    }
  }
}

async function peek(
  stream: AsyncIterable<Uint8Array>,
): Promise<{ head: Uint8Array; bytes: AsyncIterable<Uint8Array> }> {
  const iterator = stream[Symbol.asyncIterator]()
  const first = await iterator.next()
  async function* all() {
    if (!first.done) yield first.value
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value
  }
  return { head: first.done ? new Uint8Array() : first.value, bytes: all() }
}
