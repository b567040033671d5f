import { sql } from './database.ts'

// What undo and the trash are to do, reckoned from the rows that there are: without a line of the program's.

/** A row as JSON, without when it was updated. */
export type Row = Record<string, unknown>
/** By table and id, `decks 3f9a…`, in that order. */
export type Rows = Map<string, Row>

/** The moment at which something goes to the trash, before it is known. */
export const NOW_TRASHED = 'now'

/** The tables whose rows can be taken back, and the columns of which that is true. */
const TABLES: Record<string, { key: string; columns: string[]; trash: boolean }> = {
  decks: { key: 'deck_id', columns: ['name', 'description', 'deleted_at'], trash: true },
  cards: {
    key: 'card_id',
    columns: ['deck_id', 'question', 'answer', 'difficulty_level', 'tags', 'position', 'deleted_at'],
    trash: true,
  },
  playlists: { key: 'playlist_id', columns: ['name', 'description', 'deleted_at'], trash: true },
  playlist_decks: { key: 'playlist_deck_id', columns: ['position'], trash: false },
  deck_shares: { key: 'share_id', columns: ['permission'], trash: false },
}

/** Everything that is in the database, but what is written down of its changes. */
export async function readRows(): Promise<Rows> {
  const names = (
    await sql<{ name: string }[]>`
      select tablename as name from pg_tables
      where schemaname = 'public' and tablename not in ('rote_migrations', 'changes', 'changed_rows') order by 1`
  ).map(({ name }) => name)
  const selects = names.map((name) => {
    const key = TABLES[name]?.key
    return `select '${name} ' || ${key ?? 'md5(t::text)'}::text as key, to_jsonb(t) - 'updated_at' as row from "${name}" t`
  })
  const found = await sql.unsafe<{ key: string; row: Row }[]>(`${selects.join(' union all ')} order by 1`)
  return new Map(found.map(({ key, row }) => [key, row]))
}

/** Whether somebody may change the cards of a deck. */
export function editable(rows: Rows, deck_id: unknown, user_id: string): boolean {
  const deck = rows.get(`decks ${deck_id}`)
  if (!deck || deck.deleted_at !== null) return false
  return (
    deck.user_id === user_id ||
    [...rows].some(
      ([key, share]) =>
        key.startsWith('deck_shares ') &&
        share.deck_id === deck_id &&
        share.shared_with_id === user_id &&
        share.permission === 'edit',
    )
  )
}

interface Difference {
  key: string
  table: string
  before: Row | undefined
  after: Row | undefined
  /** The columns that differ. */
  columns: string[]
}

function differences(before: Rows, after: Rows): Difference[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((key) => {
    const name = key.split(' ')[0] ?? ''
    const table = TABLES[name]
    const [was, is] = [before.get(key), after.get(key)]
    if (!table) return []
    const columns = was && is ? table.columns.filter((column) => !same(was[column], is[column])) : []
    return was && is && columns.length === 0 ? [] : [{ key, table: name, before: was, after: is, columns }]
  })
}

/** What is different, each as a line; that decks of a playlist move up is not said. */
export function changedBetween(before: Rows, after: Rows, people: Map<string, string>): string[] {
  return differences(before, after)
    .flatMap(({ table, before, after, columns }) => {
      const row = after ?? before ?? {}
      const what =
        table === 'cards'
          ? ` ${row.question} = ${row.answer}`
          : table === 'deck_shares'
            ? ` ${people.get(String(row.shared_with_id))} ${row.permission}`
            : table === 'decks'
              ? ` ${row.name}`
              : ''
      if (!before) return [`${table} made${what}`]
      if (!after) return [`${table} removed${what}`]
      if (table === 'playlist_decks') return []
      const named = columns.map((column) =>
        column !== 'deleted_at' ? `${column}=${row[column]}` : row.deleted_at ? 'trashed' : 'restored',
      )
      return [`${table} changed ${named.join(' ')}`]
    })
    .sort()
}

/**
 * The rows after somebody has taken back what made `after` of `before`: made goes to the trash, or goes; removed comes back;
 * what was changed is as it was, if it is as it was made. Or why not: nothing is left of it, something is not theirs to
 * change, or something has been changed since or is in the way.
 */
export function takenBack(
  rows: Rows,
  change: { before: Rows; after: Rows },
  user_id: string,
): Rows | 'not_found' | 'denied' | 'conflict' {
  const all = differences(change.before, change.after)
  const made = new Set(all.flatMap(({ key, before }) => (before ? [] : [key])))
  const left = all.filter(({ table, before, after }) => {
    const row = after ?? before ?? {}
    // the cards of a deck go where it goes
    if (table === 'cards' && !before && made.has(`decks ${row.deck_id}`)) return false
    return ['deck', 'card', 'playlist'].every(
      (of) => !row[`${of}_id`] || rows.has(`${of}s ${row[`${of}_id`]}`),
    )
  })
  if (left.length === 0) return 'not_found'
  const may = (table: string, row: Row) => {
    if (table === 'cards') return editable(rows, row.deck_id, user_id)
    if (table === 'playlist_decks') return rows.get(`playlists ${row.playlist_id}`)?.user_id === user_id
    return (table === 'deck_shares' ? rows.get(`decks ${row.deck_id}`) : row)?.user_id === user_id
  }
  const results = left.map(({ key, table, before, after, columns }) => {
    const row = rows.get(key)
    if (before && after) {
      if (!row) return 'conflict'
      if (!may(table, row)) return 'denied'
      return columns.every((column) => same(row[column], after[column])) ? null : 'conflict'
    }
    return !before && row && !may(table, row) ? 'denied' : null
  })
  if (results.includes('denied')) return 'denied'
  if (results.includes('conflict')) return 'conflict'

  const wanted: Rows = new Map(rows)
  for (const { key, table, before, after, columns } of left) {
    const row = wanted.get(key)
    if (before && after)
      wanted.set(key, { ...row, ...Object.fromEntries(columns.map((name) => [name, before[name]])) })
    else if (before) wanted.set(key, before)
    else if (row && !TABLES[table]?.trash) wanted.delete(key)
    else if (row && row.deleted_at === null) wanted.set(key, { ...row, deleted_at: NOW_TRASHED })
  }
  const unique = [...wanted].flatMap(([key, row]) => {
    if (key.startsWith('decks ') && row.deleted_at === null) return [`deck ${row.user_id} ${row.name}`]
    if (key.startsWith('deck_shares ')) return [`share ${row.deck_id} ${row.shared_with_id}`]
    if (key.startsWith('playlist_decks ')) return [`place ${row.deck_id} ${row.playlist_id}`]
    return []
  })
  if (new Set(unique).size < unique.length) return 'conflict'
  return settled(wanted)
}

/** The rows after somebody's trash is empty: it takes along whatever belongs to what was in it. */
export function emptied(rows: Rows, user_id: string): Rows {
  const left: Rows = new Map(rows)
  const gone = new Set<unknown>()
  for (const [key, row] of rows) {
    const owner = key.startsWith('cards ') ? rows.get(`decks ${row.deck_id}`)?.user_id : row.user_id
    const table = TABLES[key.split(' ')[0] ?? '']
    if (table?.trash && row.deleted_at !== null && owner === user_id) gone.add(row[table.key])
  }
  for (let size = -1; size !== left.size; ) {
    size = left.size
    for (const [key, row] of left) {
      if (!['deck_id', 'card_id', 'playlist_id', 'session_id'].some((id) => gone.has(row[id]))) continue
      if (key.startsWith('cards ')) gone.add(row.card_id)
      if (key.startsWith('revision_sessions ')) gone.add(row.session_id)
      left.delete(key)
    }
  }
  return settled(left)
}

/** With what the database keeps by itself, and in order. */
function settled(rows: Rows): Rows {
  const shared = new Set(
    [...rows].flatMap(([key, row]) => (key.startsWith('deck_shares ') ? [row.deck_id] : [])),
  )
  return new Map(
    [...rows]
      .map(([key, row]): [string, Row] => [
        key,
        key.startsWith('decks ') ? { ...row, is_shared: shared.has(row.deck_id) } : row,
      ])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
