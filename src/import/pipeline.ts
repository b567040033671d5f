import type { SQL } from 'drizzle-orm'
import type { Database } from '../db/connect.ts'

/**
 * Sends statements one behind the other, and lets the next be made while the server works on the one before. `add` throws what became
 * of that.
 */
export class Pipeline {
  /** Answers that were added so far. */
  attempts = 0
  readonly #db: Database
  #running: Promise<unknown> = Promise.resolve()

  constructor(db: Database) {
    this.#db = db
  }

  async add(statement: SQL): Promise<void> {
    await this.#running
    // a promise of its own: that of Drizzle sends the statement again for everyone who waits for it
    const running = Promise.resolve().then(() => this.#db.execute(statement))
    // whoever waits for it next hears of it
    running.catch(() => {})
    this.#running = running
  }

  /** Work of another kind, when all before it is done. */
  async between<T>(work: (db: Database) => Promise<T>): Promise<T> {
    await this.#running
    return work(this.#db)
  }

  /** What `items` gives; when that fails because of a statement before, what is thrown is what that one did. */
  async *guard<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
    try {
      yield* items
    } catch (error) {
      await this.#running
      throw error
    }
  }

  /** Returns when all is done. */
  async end(): Promise<void> {
    await this.#running
  }
}
