import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { CliError, notFound, usage } from '../errors.ts'
import type { Input } from '../world.ts'

/** How much of a content is waited for before it is looked at, in bytes. */
const HEAD = 65_536

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
 * Opens a file, or standard input for `-` and for nothing at all. Throws usage, with `hint`, when standard input is a
 * terminal, not_found and failure for what cannot be read, also later on.
 */
export async function openSource(file: string | undefined, stdin: Input, hint: string): Promise<Source> {
  if (file === undefined || file === '-') {
    if (stdin.isTTY) throw usage('Nothing is piped into standard input.', hint)
    return { name: '-', deck: null, ...(await peek(stdin, 'standard input')) }
  }
  const deck = basename(file, extname(file))
  const found = await stat(file).catch((error) => {
    throw unreadable(file, error)
  })
  if (found.isDirectory()) throw new CliError('failure', `${file} is a folder, not a file.`)
  return { name: file, deck, ...(await peek(createReadStream(file), file)) }
}

async function peek(
  stream: AsyncIterable<Uint8Array>,
  name: string,
): Promise<{ head: Uint8Array; bytes: AsyncIterable<Uint8Array> }> {
  const iterator = stream[Symbol.asyncIterator]()
  const read = () =>
    iterator.next().catch((error) => {
      throw unreadable(name, error)
    })
  // a pipe may give a line at a time, and a line is too little to tell formats apart
  const parts: Uint8Array[] = []
  let length = 0
  let ended = false
  while (length < HEAD && !ended) {
    const next = await read()
    ended = next.done === true
    if (next.done) break
    parts.push(next.value)
    length += next.value.length
  }
  async function* all() {
    yield* parts
    if (ended) return
    for (let next = await read(); !next.done; next = await read()) yield next.value
  }
  return { head: parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts), bytes: all() }
}

/** An error of the operating system in words; any other error as it is. */
function unreadable(name: string, error: NodeJS.ErrnoException): Error {
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return notFound('file', name)
    case 'EACCES':
      return new CliError('failure', `${name} may not be read by you.`)
  }
  // "ELOOP: too many symbolic links encountered, stat 'a'"
  const [, reason] = /^E[A-Z0-9]+: ([^,]+)/.exec(error.message) ?? []
  return reason ? new CliError('failure', `Cannot read ${name}: ${reason}.`) : error
}
