import { type SQL, sql } from 'drizzle-orm'
import { changeText } from '../core/changes.ts'
import { plural } from '../core/plural.ts'
import { CliError, conflict } from '../errors.ts'
import { saying } from './changes.ts'
import type { Database } from './connect.ts'
import { type Change, selectChanges } from './history.ts'
import { hold, release } from './hold.ts'
import { sqlState, UNIQUE_VIOLATION } from './problem.ts'
import {
  aiCandidates,
  aiJobs,
  type CHANGED_TABLES,
  cardImages,
  cardSchedules,
  cards,
  changedRows,
  changes,
  deckShares,
  decks,
  playlistDecks,
  playlists,
} from './schema.ts'
import type { Author } from './user.ts'
import { editableBy } from './where.ts'

/*
 * Taking a change back. All that it did to a row counts as one: what the row was before, and what it was after.
 *
 *   made                     ─▶ into the trash; what has none (images, places, shares) goes
 *   removed                  ─▶ back, as it was
 *   changed, also to and fro
 *   between deck and trash   ─▶ the columns that were changed get what they held before, if they hold what they held after
 *
 * All of it or nothing: a row that somebody has changed since, or that is not the person's to change any more, stops it.
 */

type ChangedTable = (typeof CHANGED_TABLES)[number]

const FOREIGN_KEY_VIOLATION = '23503'

/**
 * Takes a change of the person's back and gives it as it is then. What is taken back is a change again, so it can be taken
 * back, too. Throws conflict when something of it was changed since, or stands in the way, and when it was taken back
 * already; denied when something of it is not the person's to change any more.
 */
export async function undoChange(db: Database, author: Author, change: Change, now: Date): Promise<Change> {
  const { change_id } = change
  const undo = { ...author, change_id: crypto.randomUUID() }
  try {
    return await db.transaction(async (db) => {
      // what jsonb functions give is estimated so high that a server compiles the statements, for longer than they run
      await db.execute(sql`select ${saying(undo)}, set_config('jit', 'off', true)`.inlineParams())
      const [there] = await db.execute<{ undone: boolean }>(
        sql`select undone_at is not null as undone from ${changes}
          where change_id = ${change_id} and user_id = ${author.user_id} for update`.inlineParams(),
      )
      if (!there || there.undone)
        throw conflict('This change has been taken back already.', 'See: rote undo --list')
      await db.execute(
        sql`insert into ${changes} (change_id, user_id, command, undoes)
          values (${undo.change_id}, ${author.user_id}, ${author.command}, ${change_id})`.inlineParams(),
      )
      const touched = await db.execute<{ table_name: ChangedTable }>(
        sql`select distinct table_name from ${changedRows} where change_id = ${change_id}`.inlineParams(),
      )
      const tables = new Set(touched.map(({ table_name }) => table_name))
      // what the person may change now, they may until this is done
      await db.execute(
        sql`select from ${deckShares} where shared_with_id = ${author.user_id} and permission = 'edit'
          order by share_id for share`.inlineParams(),
      )
      await refuseIfMoved(db, author, change, tables)
      // what others refer to comes first
      for (const table of ORDER) if (tables.has(table)) await takeBack(db, author, change_id, table, now)
      await syncCandidates(db, author, change_id)
      // what an undo took back stands again when the undo is taken back, and what that one had taken back does not
      await db.execute(
        sql`with recursive chain as (
            select change_id, undoes, true as undone from ${changes} where change_id = ${change_id}
            union all
            select c.change_id, c.undoes, not chain.undone from chain join ${changes} c on c.change_id = chain.undoes
          )
          update ${changes} set undone_at = case when chain.undone then now() end
          from chain where ${changes}.change_id = chain.change_id`.inlineParams(),
      )
      const [undone] = await selectChanges(db, author, 1, sql`${changes.change_id} = ${change_id}`)
      return undone ?? change
    })
  } catch (error) {
    if (sqlState(error) === UNIQUE_VIOLATION)
      throw conflict(
        `You ${changeText(change.parts)}. Something else has its name or its place by now, so nothing was taken back.`,
        'Rename or remove what is there now, then undo again.',
      )
    if (sqlState(error) === FOREIGN_KEY_VIOLATION)
      throw conflict(
        `You ${changeText(change.parts)}. Something that belongs to it is gone for good, so nothing was taken back.`,
      )
    throw error
  }
}

const ORDER: readonly ChangedTable[] = [
  'decks',
  'playlists',
  'imports',
  'cards',
  'card_images',
  'card_schedules',
  'playlist_decks',
  'deck_shares',
]

/** Where each table's rows are, and what of them can change: the columns that the trigger writes down. */
const TABLES = {
  decks: { table: decks, key: 'deck_id', columns: ['name', 'description', 'deleted_at'], trash: true },
  playlists: {
    table: playlists,
    key: 'playlist_id',
    columns: ['name', 'description', 'deleted_at'],
    trash: true,
  },
  cards: {
    table: cards,
    key: 'card_id',
    columns: [
      ...[
        'deck_id',
        'question',
        'answer',
        'difficulty_level',
        'tags',
        'accepted_answers',
        'external_id',
        'position',
      ],
      ...['note_id', 'reversible', 'source_page', 'source_quote', 'deleted_at'],
    ],
    trash: true,
  },
  card_images: {
    table: cardImages,
    key: 'image_id',
    columns: ['image_url', 'side', 'alt', 'position'],
    trash: false,
  },
  playlist_decks: { table: playlistDecks, key: 'playlist_deck_id', columns: ['position'], trash: false },
  deck_shares: { table: deckShares, key: 'share_id', columns: ['permission'], trash: false },
} as const
type PlainTable = keyof typeof TABLES

/** Whether the person may change a row of a table, called `t`, as it is now or as it would be. */
function changeable(user: Author, name: PlainTable): SQL {
  const editable = sql`(select ${decks.deck_id} from ${decks} where ${editableBy(user)})`
  switch (name) {
    case 'decks':
    case 'playlists':
      return sql`t.user_id = ${user.user_id}`
    case 'cards':
      return sql`t.deck_id in ${editable}`
    case 'card_images':
      return sql`t.card_id in (select card_id from ${cards} where deck_id in ${editable})`
    case 'playlist_decks':
      return sql`t.playlist_id in (select playlist_id from ${playlists} where user_id = ${user.user_id})`
    case 'deck_shares':
      return sql`t.deck_id in (select deck_id from ${decks} where user_id = ${user.user_id})`
    default:
      return name satisfies never
  }
}

/** What a change did to each row of a table: its first and its last operation, and the columns before and after. */
function net(change_id: string, table: ChangedTable): SQL {
  const merged = (rows: SQL) => sql`(
    select jsonb_object_agg(e.key, e.value order by o.n) from jsonb_array_elements(${rows}) with ordinality as o (object, n),
      jsonb_each(case jsonb_typeof(o.object) when 'object' then o.object else '{}' end) as e)`
  // of several values for a key the last one counts, so the earliest before and the latest after come last
  return sql`
    net as materialized (
      select row_id, first, last, ${merged(sql`befores`)} as before, ${merged(sql`afters`)} as after
      from (
        select row_id, (array_agg(operation order by changed_row_id))[1] as first,
          (array_agg(operation order by changed_row_id desc))[1] as last,
          jsonb_agg(before order by changed_row_id desc) as befores, jsonb_agg(after order by changed_row_id) as afters
        from ${changedRows} where change_id = ${change_id} and table_name = ${table} group by row_id
      ) grouped
    )`
}

const MADE = sql`(net.first = 'insert' and net.last <> 'delete')`
const CHANGED = sql`(net.first <> 'insert' and net.last <> 'delete')`
const REMOVED = sql`(net.first <> 'insert' and net.last = 'delete')`

/** Throws when a row cannot be given back what it held. Locks those that are there. */
async function refuseIfMoved(
  db: Database,
  user: Author,
  { change_id, parts }: Change,
  tables: ReadonlySet<ChangedTable>,
): Promise<void> {
  let moved = 0
  let forbidden = 0
  const examples: string[] = []
  for (const name of ORDER) {
    if (!tables.has(name) || !isPlain(name)) continue
    const { table, key } = TABLES[name]
    const may = changeable(user, name)
    // instants are compared as such: their text depends on the session's time zone
    const differs = sql`exists (
      select from jsonb_each(net.after) as e where case
        when e.key = 'deleted_at' then (e.value #>> '{}')::timestamptz is distinct from (to_jsonb(t) ->> e.key)::timestamptz
        else e.value is distinct from to_jsonb(t) -> e.key end)`
    const back =
      name === 'cards'
        ? sql`and (not net.before ? 'deck_id' or (net.before ->> 'deck_id')::uuid in (
      select ${decks.deck_id} from ${decks} where ${editableBy(user)}))`
        : sql``
    await db.execute(
      sql`select from ${table} t where t.${sql.identifier(key)} in (
        select row_id from ${changedRows} where change_id = ${change_id} and table_name = ${name}) for no key update`.inlineParams(),
    )
    const rows = await db.execute<{ row_id: string; moved: boolean; name: string | null }>(
      sql`with ${net(change_id, name)}
        select row_id, ${may} ${back} as moved, ${name === 'cards' ? sql`t.question` : sql`null`} as name
        from net join ${table} t on t.${sql.identifier(key)} = net.row_id
        where (${CHANGED} and (not (${may} ${back}) or ${differs})) or (${MADE} and not (${may}))
        union all
        select row_id, true, null from net where ${CHANGED}
          and not exists (select from ${table} t where t.${sql.identifier(key)} = net.row_id)`.inlineParams(),
    )
    for (const row of rows) {
      if (row.moved) moved++
      else forbidden++
      if (row.moved && name === 'cards' && examples.length < 3) examples.push(row.row_id.slice(0, 8))
    }
  }
  const total = parts.reduce((sum, { count }) => sum + count, 0)
  const those = (n: number, one: string, several: string) =>
    total < 2 ? `That ${one}` : `${plural(n, 'thing')} of it ${n === 1 ? one : several}`
  if (forbidden > 0)
    throw new CliError(
      'denied',
      `You ${changeText(parts)}. ${those(forbidden, 'is', 'are')} in a deck that is in the trash, or not yours to change any more; nothing was taken back.`,
      'See: rote trash list. Another change can be taken back by its id: rote undo --list',
    )
  if (moved > 0)
    throw conflict(
      `You ${changeText(parts)}. ${those(moved, 'has', 'have')} been changed again since; nothing was taken back.`,
      `${examples[0] ? `See what happened: rote card history ${examples[0]}. ` : ''}Another change can be taken back by its id: rote undo --list`,
    )
}

function isPlain(name: ChangedTable): name is PlainTable {
  return name in TABLES
}

async function takeBack(
  db: Database,
  author: Author,
  change_id: string,
  name: ChangedTable,
  now: Date,
): Promise<void> {
  if (name === 'imports') return takeBackImport(db, author, change_id)
  if (name === 'card_schedules') return takeBackSuspension(db, author, change_id, now)
  const { table, key, columns, trash } = TABLES[name]
  const id = sql.identifier(key)
  const named = sql.raw(columns.map((column) => `"${column}"`).join(', '))
  const given = sql.raw(columns.map((column) => `p."${column}"`).join(', '))
  const with_net = sql`with ${net(change_id, name)}`
  const may = changeable(author, name)
  await db.execute(
    sql`${with_net}
      update ${table} set (${named}) = row(${given})
      from (
        select p.* from net join ${table} t on t.${id} = net.row_id, jsonb_populate_record(t, net.before) as p where ${CHANGED}
      ) as p
      where ${table}.${id} = p.${id}`.inlineParams(),
  )
  if (trash)
    await db.execute(
      sql`${with_net} update ${table} t set deleted_at = now() from net
        where t.${id} = net.row_id and ${MADE} and t.deleted_at is null and ${may}`.inlineParams(),
    )
  else {
    await db.execute(
      sql`${with_net} delete from ${table} t using net
        where t.${id} = net.row_id and ${MADE} and ${may} and not ${goesWithWhole(name, change_id)}`.inlineParams(),
    )
    await db.execute(
      sql`${with_net} insert into ${table} select t.* from net, jsonb_populate_record(null::${table}, net.before) as t
        where ${REMOVED} and ${may}`.inlineParams(),
    )
  }
}

/** What belongs to something that the same change made lies in the trash with it, so that both can be taken out: it is called `t`. */
function goesWithWhole(name: PlainTable, change_id: string): SQL {
  const whole = { card_images: 'card_id', playlist_decks: 'playlist_id' }
  if (!(name in whole)) return sql`false`
  const id = sql.identifier(whole[name as keyof typeof whole])
  return sql`t.${id} in (select row_id from ${changedRows}
    where change_id = ${change_id} and table_name in ('cards', 'playlists') and operation = 'insert')`
}

/** Cards that an import brought go to the trash, wherever they have been moved to; those of a deck that goes there itself go with it. */
async function takeBackImport(db: Database, user: Author, change_id: string): Promise<void> {
  const brought = sql`c.import_id in (
    select row_id from ${changedRows} where change_id = ${change_id} and table_name = 'imports') and c.deleted_at is null`
  const editable = sql`c.deck_id in (select ${decks.deck_id} from ${decks} where ${editableBy(user)})`
  const trashed = sql`c.deck_id in (select deck_id from ${decks} where user_id = ${user.user_id} and deleted_at is not null)`
  const [others] = await db.execute<{ n: number }>(
    sql`select count(*)::int as n from ${cards} c where ${brought} and not ${editable} and not ${trashed}`.inlineParams(),
  )
  if (others && others.n > 0)
    throw new CliError(
      'denied',
      `${plural(others.n, 'card')} of this import ${others.n === 1 ? 'is' : 'are'} in a deck that is not yours to change any more.`,
      'Nothing was changed.',
    )
  await db.execute(
    sql`update ${cards} c set deleted_at = now() where ${brought} and ${editable}`.inlineParams(),
  )
}

async function takeBackSuspension(db: Database, user: Author, change_id: string, now: Date): Promise<void> {
  const rows = await db.execute<{ card_id: string; suspended: boolean }>(
    sql`select row_id as card_id,
        bool_or(operation = 'insert' or coalesce(after -> 'suspended_at' <> 'null', false)) as suspended
      from ${changedRows} where change_id = ${change_id} and table_name = 'card_schedules' group by row_id`.inlineParams(),
  )
  const ids = (suspended: boolean) =>
    rows.filter((row) => row.suspended === suspended).map(({ card_id }) => card_id)
  const [released, held] = [ids(true), ids(false)]
  if (released.length > 0) await db.execute(release(user, released, 'suspended_at', now))
  if (held.length === 0) return
  await db.execute(hold(user, held, { suspended_at: now }))
  // since when they had been
  await db.execute(
    sql`update ${cardSchedules} s set suspended_at = (r.before ->> 'suspended_at')::timestamptz
      from ${changedRows} r
      where r.change_id = ${change_id} and r.table_name = 'card_schedules' and s.card_id = r.row_id
        and s.user_id = ${user.user_id} and r.before ->> 'suspended_at' is not null`.inlineParams(),
  )
}

/**
 * When it was `rote generate` that accepted candidates or let them wait again: they wait when their cards are in the trash now, and are
 * accepted when these came back.
 */
async function syncCandidates(db: Database, user: Author, change_id: string): Promise<void> {
  await db.execute(
    sql`with recursive done as (
        select command, undoes from ${changes} where change_id = ${change_id}
        union all
        select c.command, c.undoes from ${changes} c join done on c.change_id = done.undoes
      )
      update ${aiCandidates} a
      set decision = case when k.deleted_at is null then 'accepted' else 'proposed' end,
        decided_at = case when k.deleted_at is null then now() end
      from ${cards} k, ${aiJobs} j
      where exists (select from done where command like 'generate%') and a.card_id = k.card_id and j.job_id = a.job_id and j.user_id = ${user.user_id}
        and k.card_id in (select row_id from ${changedRows} where change_id = ${change_id} and table_name = 'cards')
        and a.decision = case when k.deleted_at is null then 'proposed' else 'accepted' end`.inlineParams(),
  )
}
