import type { Command } from 'commander'
import { type SQL, sql } from 'drizzle-orm'
import { cards } from '../db/schema.ts'
import type { Out, View } from '../ui/output.ts'
import { count } from './verb.ts'

/** What `--limit` and `--page` come to. */
export interface PageOptions {
  limit?: number
  page?: number
}

/**
 * Fetches some rows of a query in a stable order: up to `limit` of those behind `last`, the row that the fetch before
 * ended with; without one from the beginning, leaving out `offset`.
 */
export type Fetch<Row> = (from: { last: Row | undefined; offset: number; limit: number }) => Promise<Row[]>

/** Rows that a person is shown at once unless they ask for more; a script always gets everything. */
const SCREENFUL = 50
/** Rows fetched at a time, so that memory does not grow with the deck. */
const BATCH = 1000

/** Adds `--limit` and `--page` to a list. */
export function paged(command: Command): Command {
  return command
    .option('--limit <n>', `rows to show (default: ${SCREENFUL} in a terminal, all in a pipe)`, count)
    .option('--page <n>', 'which page of that many rows', count)
}

/** Lists the page that is wanted, and tells a person when there is more of it, or nothing. */
export async function listPage<Row>(
  out: Out,
  view: View<Row>,
  { limit: wanted, page = 1 }: PageOptions,
  fetch: Fetch<Row>,
): Promise<void> {
  const limit = wanted ?? (out.mode === 'table' || page > 1 ? SCREENFUL : Infinity)
  // what a bigint of the database can hold
  const offset = page === 1 ? 0 : Math.min((page - 1) * limit, Number.MAX_SAFE_INTEGER)
  let left = limit
  async function* shown(): AsyncGenerator<Row[]> {
    // one more than is shown tells whether there are more
    for await (const rows of pages(fetch, offset, limit + 1)) {
      if (left > 0) yield rows.slice(0, left)
      left -= rows.length
    }
  }
  await out.list(page === 1 ? view : { ...view, empty: `There is no page ${page}.` }, shown())
  if (left < 0 && out.mode === 'table')
    out.say(`Only ${limit} are shown. More: --page ${page + 1}, or --limit <n>`)
}

/** The cards of a deck behind this one, in the order of the deck: (position, card_id). */
export function behind({ position, card_id }: { position: number; card_id: string }): SQL {
  return sql`(${cards.position}, ${cards.card_id}) > (${position}, ${card_id}::uuid)`
}

/**
 * The rows of a query, a batch at a time. Each fetch goes on behind the last row of the one before, so nothing is read
 * twice, and no row is left out or repeated when others come and go meanwhile. No transaction is open while a pipe is
 * slow.
 */
export async function* pages<Row>(fetch: Fetch<Row>, offset = 0, limit = Infinity): AsyncGenerator<Row[]> {
  let last: Row | undefined
  for (let left = limit; left > 0; ) {
    const size = Math.min(left, BATCH)
    const rows = await fetch({ last, offset: last === undefined ? offset : 0, limit: size })
    if (rows.length > 0) yield rows
    if (rows.length < size) return
    left -= rows.length
    last = rows.at(-1)
  }
}
