import type { Command } from 'commander'
import type { Mode } from '../ui/output.ts'
import { count } from './verb.ts'

/** What `--limit` and `--page` come to. */
export interface PageOptions {
  limit?: number
  page?: number
}

/** Rows that a person is shown at once unless they ask for more; a script always gets everything. */
const SCREENFUL = 50
/** Rows fetched at a time for a script, so that memory does not grow with the deck. */
const BATCH = 1000

/** Adds `--limit` and `--page` to a list. */
export function paged(command: Command): Command {
  return command
    .option('--limit <n>', `rows to show (default: ${SCREENFUL} in a terminal, all in a pipe)`, count)
    .option('--page <n>', 'which page of that many rows', count)
}

/** How many rows are wanted, from which on. `limit` null: all. */
export function pageOf(options: PageOptions, mode: Mode): { limit: number | null; offset: number } {
  const limit = options.limit ?? (mode === 'table' || options.page ? SCREENFUL : null)
  return { limit, offset: ((options.page ?? 1) - 1) * (limit ?? 0) }
}

/** Fetches `wanted` rows in batches: `fetch(limit, offset)` gives some of them, in a stable order. */
export async function* batches<Row>(
  wanted: { limit: number | null; offset: number },
  fetch: (limit: number, offset: number) => Promise<Row[]>,
): AsyncGenerator<Row[]> {
  let { offset } = wanted
  for (let left = wanted.limit ?? Infinity; left > 0; ) {
    const rows = await fetch(Math.min(left, BATCH), offset)
    if (rows.length > 0) yield rows
    if (rows.length < Math.min(left, BATCH)) return
    left -= rows.length
    offset += rows.length
  }
}
