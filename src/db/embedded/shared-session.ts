import type { Socket } from 'node:net'
import { type Duplex, duplexPair } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PGlite } from '@electric-sql/pglite'
import { type Database, overSocket } from '../connect.ts'
import { type Batch, BatchReader, COPY_FAIL, fatalError, query, readStartup, STARTUP, SYNC } from './wire.ts'

interface Client {
  stream: Duplex
  batches: Batch[]
  /** The server itself. */
  own: boolean
  /** It has said goodbye: the connection ends with the last batch. */
  done: boolean
}

const ENCRYPTION_REFUSED = Buffer.from('N')
/** A client that has not introduced itself by then is none. */
const STARTUP_MS = 5_000

/**
 * One PostgreSQL session, many clients. PGlite has a single session, with a single unnamed prepared statement in it, so
 * a client that has begun something keeps the session until it is through:
 *
 *   free ── a batch that ends with Sync, no transaction open ──► free
 *   free ── BEGIN, or a Flush between Parse and Bind ──► held by that client ── Sync outside a transaction ──► free
 *
 * Sharing it message by message, as PGlite's own socket server does, lets one client execute the statement that
 * another one has just parsed: 8 clients with 100 queries each got 799 wrong answers out of 800.
 *
 * What a client leaves in the session (settings, temporary tables, prepared statements) lasts until another one uses it.
 */
export class SharedSession {
  readonly #pg: PGlite
  readonly #greeting: Buffer
  readonly #patience: number
  readonly #clients = new Set<Client>()
  /** Clients with a batch to run, in the order in which they asked. */
  readonly #waiting = new Set<Client>()
  #holder: Client | null = null
  /** Whose settings the session has. */
  #last: Client | null = null
  #eviction: NodeJS.Timeout | undefined
  #scheduled = false

  /**
   * `patience`: how long, in milliseconds, a client may do nothing inside a transaction while others wait for it.
   * A person who suspends a program with Ctrl-Z must not lock everybody else out.
   */
  constructor(pg: PGlite, patience: number) {
    this.#pg = pg
    this.#patience = patience
    this.#greeting = this.#run(STARTUP)
  }

  /** How many there are, without the server itself. */
  get clients(): number {
    return [...this.#clients].filter(({ own }) => !own).length
  }

  /** Returns when the clients have gone, or after `patience` milliseconds, when none is in the middle of something. */
  async quiet(patience: number): Promise<void> {
    const deadline = Date.now() + patience
    while (this.#clients.size > 0 && Date.now() < deadline) await sleep(10)
    const last = Date.now() + patience
    while ((this.#holder || this.#waiting.size > 0) && Date.now() < last) await sleep(1)
  }

  /** Serves the PostgreSQL protocol on `stream`, of which `first` has been read already; `own` is the server itself. */
  attach(stream: Duplex, first: Buffer, own = false): void {
    const client: Client = { stream, batches: [], own, done: false }
    const reader = new BatchReader()
    let startup: Buffer | null = Buffer.alloc(0)
    const silence = setTimeout(() => stream.destroy(), STARTUP_MS)

    const onData = (chunk: Buffer) => {
      try {
        if (startup) {
          startup = this.#startup(client, Buffer.concat([startup, chunk]))
          if (!startup) clearTimeout(silence)
          return
        }
        const { batches, goodbye } = reader.push(chunk)
        client.batches.push(...batches)
        client.done ||= goodbye
        if (client.done && client.batches.length === 0) this.#dismiss(client)
        else this.#want(client)
      } catch (error) {
        this.#dismiss(client, fatalError('08P01', (error as Error).message))
      }
    }
    stream.on('data', onData)
    stream.on('error', () => stream.destroy())
    stream.on('close', () => {
      clearTimeout(silence)
      this.#leave(client)
    })
    if (first.length > 0) onData(first)
    stream.resume()
  }

  /** Answers the start-up packet. Returns what it still waits for, or null once the client is in. */
  #startup(client: Client, bytes: Buffer): Buffer | null {
    const packet = readStartup(bytes)
    if (!packet) return bytes
    const rest = bytes.subarray(packet.length)
    if (packet.request === 'encryption') {
      client.stream.write(ENCRYPTION_REFUSED)
      return this.#startup(client, rest)
    }
    if (packet.request === 'cancel') {
      this.#dismiss(client)
      return rest
    }
    this.#clients.add(client)
    setImmediate(() => client.stream.write(this.#greeting))
    // a client may not speak again before it has been greeted, so there is nothing behind the packet
    return null
  }

  #want(client: Client): void {
    if (client.batches.length === 0) return
    this.#waiting.add(client)
    this.#schedule()
    this.#watchHolder()
  }

  /** One batch a turn of the event loop: in between, a hang-up is noticed and a new client gets in. */
  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#serve()
      this.#watchHolder()
    })
  }

  #serve(): void {
    const client = this.#holder ?? this.#waiting.values().next().value
    const batch = client?.batches.shift()
    if (!client || !batch) return
    this.#waiting.delete(client)
    if (this.#last !== client) {
      if (this.#last) this.#run(query('DISCARD ALL'))
      this.#last = client
    }

    // COPY FROM STDIN would read on behind the batch, where there is nothing: it is told to stop there. Without a COPY,
    // PostgreSQL overlooks the message.
    const output = this.#run(
      Buffer.concat([batch.bytes.subarray(0, batch.body), COPY_FAIL, batch.bytes.subarray(batch.body)]),
    )
    this.#holder = batch.complete && !this.#pg.isInTransaction() ? null : client
    if (client.batches.length > 0) this.#waiting.add(client)

    client.stream.write(output)
    if (client.done && client.batches.length === 0) this.#dismiss(client)
    this.#schedule()
  }

  /** Takes a client's unfinished business back: what it had not committed never happened. */
  #leave(client: Client): void {
    this.#clients.delete(client)
    this.#waiting.delete(client)
    if (this.#holder === client) {
      this.#run(SYNC)
      if (this.#pg.isInTransaction()) this.#run(query('ROLLBACK'))
      this.#holder = null
      this.#schedule()
    }
    this.#watchHolder()
  }

  #watchHolder(): void {
    clearTimeout(this.#eviction)
    const holder = this.#holder
    if (!holder || this.#waiting.size === 0 || this.#waiting.has(holder)) return
    const farewell = fatalError('25P03', 'a transaction was left open while others were waiting')
    this.#eviction = setTimeout(() => this.#dismiss(holder, farewell), this.#patience)
  }

  /** Ends a connection, without waiting for the other end, which may have stopped reading. */
  #dismiss({ stream }: Client, last?: Buffer): void {
    if (last) stream.write(last)
    stream.destroy()
  }

  #run(bytes: Buffer): Buffer {
    const output: Buffer[] = []
    // the callback is the only way to the raw bytes; the call itself is synchronous
    void this.#pg.execProtocolRawStream(bytes, {
      syncToFs: false,
      onRawData: (data) => output.push(Buffer.from(data)),
    })
    return Buffer.concat(output)
  }
}

/** Does `work` as one more client of the session, so that migrations and care need no second way to the database. */
export async function asClient<T>(session: SharedSession, work: (db: Database) => Promise<T>): Promise<T> {
  const [near, far] = duplexPair()
  session.attach(far, Buffer.alloc(0), true)
  const { db, close } = overSocket(async () => near as Socket)
  try {
    return await work(db)
  } finally {
    near.destroy()
    far.destroy()
    await close()
  }
}
