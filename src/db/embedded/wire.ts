// Just enough of PostgreSQL's frontend/backend protocol 3.0 to cut a client's bytes into batches that stand alone.
// https://www.postgresql.org/docs/current/protocol-message-formats.html

const SSL_REQUEST = 80877103
const GSSENC_REQUEST = 80877104
const CANCEL_REQUEST = 80877102
const PROTOCOL_3 = 196608

const byte = (letter: string) => letter.charCodeAt(0)
const TERMINATE = byte('X')
/** Messages after which a client waits for an answer. */
const ENDS_BATCH = new Set(['Q', 'S', 'H', 'F', 'c', 'f'].map(byte))

export const SYNC = message('S')

/** What COPY FROM STDIN finds instead of data. */
export const COPY_FAIL = message('f', 'the embedded database takes no COPY FROM STDIN: use INSERT')

export const STARTUP = startup('user\0postgres\0database\0postgres\0\0')

/** A run of messages that has to reach PostgreSQL in one piece. */
export interface Batch {
  bytes: Buffer
  /** Where the closing Sync or Flush begins; the end when there is none. */
  body: number
  /** False when the client only flushed: it will go on with the statement it has just parsed. */
  complete: boolean
}

export type StartupRequest = 'start' | 'encryption' | 'cancel'

/** The first packet of a connection, which has no type byte; null while it is still incomplete. */
export function readStartup(bytes: Buffer): { request: StartupRequest; length: number } | null {
  if (bytes.length < 8) return null
  const length = bytes.readInt32BE(0)
  if (length < 8 || length > 10_000) throw new Error('not a PostgreSQL start-up packet')
  if (bytes.length < length) return null
  const code = bytes.readInt32BE(4)
  if (code === SSL_REQUEST || code === GSSENC_REQUEST) return { request: 'encryption', length }
  return { request: code === CANCEL_REQUEST ? 'cancel' : 'start', length }
}

/** Collects what a client sends until it is a batch. One for each connection. */
export class BatchReader {
  #chunks: Buffer[] = []
  #size = 0
  /** Bytes that must be there before it is worth looking again: keeps a large message linear. */
  #wanted = 5

  /** Adds what arrived. Returns the batches that it completes, and whether the client said goodbye. */
  push(chunk: Buffer): { batches: Batch[]; goodbye: boolean } {
    this.#chunks.push(chunk)
    this.#size += chunk.length
    if (this.#size < this.#wanted) return { batches: [], goodbye: false }

    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks)
    const batches: Batch[] = []
    let begin = 0
    let at = 0
    let goodbye = false
    while (bytes.length - at >= 5) {
      const end = at + 1 + bytes.readInt32BE(at + 1)
      if (end <= at + 4) throw new Error('not a PostgreSQL message')
      if (end > bytes.length) break
      const type = bytes[at] as number
      const start = at
      at = end
      if (type === TERMINATE) {
        goodbye = true
        break
      }
      if (ENDS_BATCH.has(type)) {
        const closing = type === byte('S') || type === byte('H') ? start : at
        batches.push({
          bytes: bytes.subarray(begin, at),
          body: closing - begin,
          complete: type !== byte('H'),
        })
        begin = at
      }
    }
    const rest = bytes.subarray(begin)
    const partial = bytes.length - at >= 5 ? 1 + bytes.readInt32BE(at + 1) : 5
    this.#chunks = rest.length > 0 ? [rest] : []
    this.#size = rest.length
    this.#wanted = at - begin + partial
    return { batches, goodbye }
  }
}

/** A FATAL ErrorResponse, as a server sends it before it closes a connection. */
export function fatalError(sqlState: string, text: string): Buffer {
  return message('E', `SFATAL\0VFATAL\0C${sqlState}\0M${text}\0`)
}

/** A simple query. */
export function query(sql: string): Buffer {
  return message('Q', sql)
}

/** A message with a type byte and a string, if there is anything in it. */
function message(type: string, text?: string): Buffer {
  const body = Buffer.from(text === undefined ? '' : `${text}\0`)
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

/** The packet that a connection begins with, which has a version instead of a type byte. */
function startup(parameters: string): Buffer {
  const body = Buffer.from(parameters)
  const head = Buffer.alloc(8)
  head.writeInt32BE(body.length + 8, 0)
  head.writeInt32BE(PROTOCOL_3, 4)
  return Buffer.concat([head, body])
}
