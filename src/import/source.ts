import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { CliError, notFound, usage } from '../errors.ts'
import type { Input } from '../world.ts'

/** Something to import from. */
export interface Source {
  /** What its lines are called by: the path as it was typed, or `-`. */
  name: string
  /** The deck that the name of the file suggests; null for standard input and other pipes without a name. */
  deck: string | null
  /** Where the content begins, to tell formats apart by. */
  head: Uint8Array
  bytes: AsyncIterable<Uint8Array>
  /** How much of it has been read, from 0 to 1; null where its size is not known. */
  done(): number | null
}

/** How much of a content is waited for before it is looked at, in bytes. */
const HEAD = 65_536

/**
 * Opens a file, or standard input for `-` and for nothing at all. Throws usage, with `hint`, when standard input is a
 * terminal, not_found and failure for what cannot be read, also later on.
 */
export async function openSource(file: string | undefined, stdin: Input, hint: string): Promise<Source> {
  if (file === undefined || file === '-') {
    if (stdin.isTTY) throw usage('Nothing is piped into standard input.', hint)
    return { name: '-', deck: null, ...(await peek(stdin, 'standard input', null)) }
  }
  // what a shell writes for <(…) names no deck
  const deck = /^\/(?:dev|proc)\//.test(file) ? null : basename(file, extname(file))
  const found = await stat(file).catch((error) => {
    throw unreadable(file, error)
  })
  if (found.isDirectory()) throw new CliError('failure', `${file} is a folder, not a file.`)
  const size = found.isFile() && found.size > 0 ? found.size : null
  return { name: file, deck, ...(await peek(createReadStream(file), file, size)) }
}

async function peek(
  stream: AsyncIterable<Uint8Array>,
  name: string,
  size: number | null,
): Promise<Pick<Source, 'head' | 'bytes' | 'done'>> {
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
  let passed = 0
  async function* all() {
    for (const part of parts.splice(0)) {
      passed += part.length
      yield part
    }
    if (ended) return
    for (let next = await read(); !next.done; next = await read()) {
      passed += next.value.length
      yield next.value
    }
  }
  const head = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)
  const done = () => (size === null ? null : Math.min(passed / size, 1))
  return { head, bytes: all(), done }
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
