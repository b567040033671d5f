import { setImmediate } from 'node:timers/promises'
import type { SQL } from 'drizzle-orm'
import type { Database } from '../db/connect.ts'

/** Statements that may wait for the server: those of one batch, while the next is made. */
const AHEAD = 5

/**
 * Sends statements one behind the other, and lets the next be made while the server works on those before. `add` and whatever else
 * waits here throws what became of them, the first failure first.
 */
export class Pipeline {
  /** Answers that were added so far. */
  attempts = 0
  readonly #db: Database
  /** Oldest first. */
  readonly #running: Promise<unknown>[] = []

  constructor(db: Database) {
    this.#db = db
  }

  async add(statement: SQL): Promise<void> {
    while (this.#running.length >= AHEAD) await this.#oldest()
    // a promise of its own: that of Drizzle sends the statement again for everyone who waits for it
    const running = Promise.resolve().then(() => this.#db.execute(statement))
    // whoever waits for it next hears of it
    running.catch(() => {})
    this.#running.push(running)
    await this.turn()
  }

  /** Lets the socket have its turn: work that takes long must ask for it now and then, or the server waits for what is made already. */
  async turn(): Promise<void> {
    await setImmediate()
  }

  /** Work of another kind, when all before it is done. */
  async between<T>(work: (db: Database) => Promise<T>): Promise<T> {
    await this.end()
    return work(this.#db)
  }

  /** What `items` gives; when that fails because of a statement before, what is thrown is what that one did. */
  async *guard<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
    try {
      yield* items
    } catch (error) {
      await this.end()
      throw error
    }
  }

  /** Returns when all is done. */
  async end(): Promise<void> {
    while (this.#running.length > 0) await this.#oldest()
  }

  async #oldest(): Promise<void> {
    await this.#running[0]
    this.#running.shift()
  }
}
