import type { Socket } from 'node:net'
import { type Duplex, duplexPair } from 'node:stream'
import type { PGlite } from '@electric-sql/pglite'
import { type Database, overSocket } from '../connect.ts'
import { type Batch, BatchReader, fatalError, readStartup, SYNC } from './wire.ts'

interface Client {
  stream: Duplex
  batches: Batch[]
}

const ENCRYPTION_REFUSED = Buffer.from('N')

/**
 * One PostgreSQL session, many clients. PGlite has a single session, with a single unnamed prepared statement in it, so
 * a client that has begun something keeps the session until it is through:
 *
 *   free ── a batch that ends with Sync, no transaction open ──► free
 *   free ── BEGIN, or a Flush between Parse and Bind ──► held by that client ── Sync outside a transaction ──► free
 *
 * Sharing it message by message, as PGlite's own socket server does, lets one client execute the statement that
 * another one has just parsed: 8 clients with 100 queries each got 799 wrong answers out of 800.
 */
export class SharedSession {
  readonly #pg: PGlite
  readonly #greeting: Buffer
  readonly #patience: number
  readonly #clients = new Set<Client>()
  /** Clients with a batch to run, in the order in which they asked. */
  readonly #waiting = new Set<Client>()
  #holder: Client | null = null
  #eviction: NodeJS.Timeout | undefined
  #scheduled = false

  /**
   * `patience`: how long, in milliseconds, a client may do nothing inside a transaction while others wait for it.
   * A person who suspends a program with Ctrl-Z must not lock everybody else out.
   */
  constructor(pg: PGlite, patience: number) {
    this.#pg = pg
    this.#patience = patience
    this.#greeting = this.#run(startupPacket())
  }

  get clients(): number {
    return this.#clients.size
  }

  /** Serves the PostgreSQL protocol on `stream`, of which `first` has been read already. */
  attach(stream: Duplex, first: Buffer): void {
    const client: Client = { stream, batches: [] }
    const reader = new BatchReader()
    let startup: Buffer | null = first

    const onData = (chunk: Buffer) => {
      try {
        if (startup) {
          startup = this.#startup(client, Buffer.concat([startup, chunk]))
          return
        }
        const { batches, goodbye } = reader.push(chunk)
        client.batches.push(...batches)
        if (goodbye) stream.end()
        this.#want(client)
      } catch (error) {
        stream.end(fatalError('08P01', (error as Error).message))
      }
    }
    this.#clients.add(client)
    stream.on('data', onData)
    stream.on('error', () => stream.destroy())
    stream.on('close', () => this.#leave(client))
    if (first.length > 0) onData(Buffer.alloc(0))
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
      client.stream.end()
      return rest
    }
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

    const output = this.#run(batch.bytes)
    this.#holder = batch.complete && !this.#pg.isInTransaction() ? null : client
    if (client.batches.length > 0) this.#waiting.add(client)

    client.stream.write(output)
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
    // settings, temporary tables and prepared statements belong to the session, which is everybody's
    if (this.#clients.size === 0) this.#run(query('DISCARD ALL'))
    this.#watchHolder()
  }

  #watchHolder(): void {
    clearTimeout(this.#eviction)
    const holder = this.#holder
    if (!holder || this.#waiting.size === 0 || this.#waiting.has(holder)) return
    this.#eviction = setTimeout(() => {
      holder.stream.end(fatalError('25P03', 'a transaction was left open while others were waiting'))
      holder.stream.destroy()
    }, this.#patience)
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
  session.attach(far, Buffer.alloc(0))
  const { db, close } = overSocket(async () => near as Socket)
  try {
    return await work(db)
  } finally {
    near.destroy()
    far.destroy()
    await close()
  }
}

function startupPacket(): Buffer {
  const body = Buffer.from('user\0postgres\0database\0postgres\0\0')
  const head = Buffer.alloc(8)
  head.writeInt32BE(body.length + 8, 0)
  head.writeInt32BE(196608, 4)
  return Buffer.concat([head, body])
}

function query(sql: string): Buffer {
  const head = Buffer.alloc(5)
  head.write('Q')
  head.writeInt32BE(sql.length + 5, 1)
  return Buffer.concat([head, Buffer.from(`${sql}\0`)])
}
