import { and, eq, getTableColumns, inArray, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../db/connect.ts'
import { findCard } from '../../db/find.ts'
import {
  cards,
  changedRows,
  changes,
  decks,
  imports,
  revisionAttempts,
  revisionSessions,
  users,
} from '../../db/schema.ts'
import type { User } from '../../db/user.ts'
import { readableBy } from '../../db/where.ts'
import type { View } from '../../ui/output.ts'
import { listPage, type PageOptions, paged } from '../page.ts'
import { examples, type Verb } from '../verb.ts'
import { titled } from './shared.ts'

type AttemptRow = typeof revisionAttempts.$inferSelect

/** What somebody did to the card, as commands publish it. */
interface ChangeRow {
  change_id: string
  card_id: string
  changed_at: Date
  /** Null: somebody who is not there any more, or another program. */
  changed_by: string | null
  command: string | null
  operation: 'insert' | 'update' | 'delete'
  /** Of the card itself or of an image of it. */
  table_name: string
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
}

/** An answer of the person's to the card, or a change of anybody's. `sort` is its place among those of the same moment. */
type Event = { sort: string; at: Date } & ({ answer: AttemptRow } | { change: ChangeRow })
type HistoryRow = (AttemptRow | ChangeRow) & { [SORT]: { at: Date; sort: string } }
/** Where the next page goes on: no field of what is published. */
const SORT = Symbol('sort')

/** A window in which the hour would leave no room for the answer. */
const NARROW = 60

const answered = (row: HistoryRow) => ('attempt_id' in row ? row : null)
const changed = (row: HistoryRow) => ('change_id' in row ? row : null)

/** In a window of so many columns, for somebody in that time zone. */
const historyView = (columns: number, zone: () => string): View<HistoryRow> => ({
  columns: [
    {
      header: 'id',
      value: (row) => answered(row)?.attempt_id ?? changed(row)?.change_id ?? '',
      hidden: true,
    },
    {
      header: 'when',
      value: (row) => row[SORT].at,
      show: (row) => clockTime(row[SORT].at, answered(row)?.time_zone ?? zone(), columns < NARROW),
    },
    {
      header: 'grade',
      value: (row) => answered(row)?.confidence_status ?? what(row),
    },
    { header: 'typed', value: (row) => answered(row)?.user_answer ?? null, flexible: true },
    {
      header: 'time',
      value: (row) => {
        const ms = answered(row)?.duration_ms
        return ms == null ? null : ms / 1000
      },
      show: (row) => {
        const ms = answered(row)?.duration_ms
        return ms == null ? '' : `${Math.round(ms / 1000)} s`
      },
      align: 'right',
    },
    {
      header: 'state',
      value: (row) => ('attempt_id' in row ? row.state : difference(row)),
      show: (row) =>
        'attempt_id' in row
          ? circumstances(row)
          : [row.changed_by ?? 'somebody', difference(row)].filter(Boolean).join(': '),
      flexible: true,
    },
    { header: 'direction', value: (row) => answered(row)?.direction ?? null, hidden: true },
    { header: 'counted', value: (row) => answered(row)?.scheduled ?? null, hidden: true },
    { header: 'study date', value: (row) => answered(row)?.study_date ?? null, hidden: true },
    { header: 'by', value: (row) => changed(row)?.changed_by ?? null, hidden: true },
  ],
  key: (row) => answered(row)?.attempt_id ?? changed(row)?.change_id ?? '',
  empty: '',
})

export const showHistory: Verb = (card, run) => {
  const command = paged(card.command('history <card>'))
    .description('your answers to a card, and who changed it and how, the latest first')
    .option('--answers', 'only your answers')
    .option('--changes', 'only the changes')
    .action(
      run(
        async (
          { db, user, out, term, config },
          reference: string,
          options: PageOptions & { answers?: true; changes?: true },
        ) => {
          const { card_id, question } = await findCard(db, user, reference)
          const view = {
            ...historyView(term.size().columns, () => config.timeZone.name),
            empty: options.changes
              ? `Nobody has changed ${titled({ question })} yet.`
              : `You have not answered ${titled({ question })} yet.`,
          }
          const wanted = {
            answers: !options.changes || options.answers,
            changes: !options.answers || options.changes,
          }
          await listPage<HistoryRow>(out, view, options, async ({ last, offset, limit }) => {
            const events = await readEvents(db, user, card_id, wanted, { last: last?.[SORT], offset, limit })
            return events.map((event) => ({
              ...('answer' in event ? event.answer : event.change),
              [SORT]: { at: event.at, sort: event.sort },
            }))
          })
        },
      ),
    )
  examples(command, [
    ['rote card history 3f9a', 'when you answered it and how, who changed it and what'],
    ['rote card history 3f9a --changes --json', 'all that is known of each change'],
  ])
}

/**
 * A page of what happened to a card, the latest first. A card that an import brought begins with that. What was done to it in a
 * deck that the person may not see is theirs who may: a card that is moved into a shared deck does not take it along.
 */
async function readEvents(
  db: Database,
  user: User,
  card_id: string,
  wanted: { answers: boolean | undefined; changes: boolean | undefined },
  { last, offset, limit }: { last: { at: Date; sort: string } | undefined; offset: number; limit: number },
): Promise<Event[]> {
  // as exact as the date of a row that the next page goes on behind
  const moment = (column: unknown) => sql`date_trunc('milliseconds', ${column}) as at`
  // an image's row does not say in which deck its card was: the next move does
  const deckThen = sql`coalesce((
    select (moved.before ->> 'deck_id')::uuid from ${changedRows} as moved
    where moved.card_id = ${card_id} and moved.table_name = 'cards' and moved.after ? 'deck_id'
      and moved.changed_row_id > ${changedRows.changed_row_id}
    order by moved.changed_row_id limit 1), (select deck_id from ${cards} where ${cards.card_id} = ${card_id}))`
  const found = await db.execute<{
    at: string
    sort: string
    kind: 'answer' | 'change' | 'import'
    id: string
  }>(sql`
    select * from (
      select ${moment(revisionAttempts.attempted_at)}, 'b' || ${revisionAttempts.attempt_id} as sort, 'answer' as kind,
        ${revisionAttempts.attempt_id}::text as id
      from ${revisionAttempts} join ${revisionSessions} using (session_id)
      where ${wanted.answers ?? false} and ${revisionAttempts.card_id} = ${card_id} and user_id = ${user.user_id}
      union all
      select ${moment(changes.changed_at)}, 'a' || lpad(${changedRows.changed_row_id}::text, 20, '0'), 'change',
        ${changedRows.changed_row_id}::text
      from ${changedRows} join ${changes} using (change_id)
      where ${wanted.changes ?? false} and ${changedRows.card_id} = ${card_id} and table_name in ('cards', 'card_images')
        and ${seen(user, deckThen)}
      union all
      select ${moment(cards.created_at)}, 'a', 'import', ${cards.import_id}::text
      from ${cards} join ${imports} using (import_id)
      where ${wanted.changes ?? false} and ${cards.card_id} = ${card_id} and ${seen(user, sql`${imports.deck_id}`)}
    ) as event
    where ${last ? sql`(at, sort) < (${last.at.toISOString()}::timestamptz, ${last.sort})` : sql`true`}
    order by at desc, sort desc offset ${offset} limit ${limit}`)
  const ids = (kind: string) => found.filter((row) => row.kind === kind).map(({ id }) => id)
  const answers = new Map<string, AttemptRow>()
  if (ids('answer').length > 0)
    for (const row of await db
      .select(getTableColumns(revisionAttempts))
      .from(revisionAttempts)
      .where(inArray(revisionAttempts.attempt_id, ids('answer'))))
      answers.set(row.attempt_id, row)
  const changeRows = new Map<string, ChangeRow>()
  if (ids('change').length > 0)
    for (const { id, ...row } of await db
      .select({
        id: changedRows.changed_row_id,
        change_id: changes.change_id,
        changed_at: changes.changed_at,
        changed_by: users.username,
        command: changes.command,
        operation: changedRows.operation,
        table_name: changedRows.table_name,
        // what it was before in a deck that the person may not see
        before: sql<ChangeRow['before']>`case when not ${changedRows.before} ? 'deck_id'
          or ${seen(user, sql`(${changedRows.before} ->> 'deck_id')::uuid`)} then ${changedRows.before} end`,
        after: changedRows.after,
      })
      .from(changedRows)
      .innerJoin(changes, eq(changes.change_id, changedRows.change_id))
      .leftJoin(users, eq(users.user_id, changes.user_id))
      .where(inArray(changedRows.changed_row_id, ids('change').map(Number))))
      changeRows.set(String(id), { ...row, card_id })
  for (const import_id of ids('import'))
    changeRows.set(import_id, await importOf(db, user, card_id, import_id))
  return found.flatMap(({ at, sort, kind, id }): Event[] => {
    const place = { at: new Date(at), sort }
    const answer = answers.get(id)
    if (kind === 'answer') return answer ? [{ ...place, answer }] : []
    const change = changeRows.get(id)
    return change ? [{ ...place, change }] : []
  })
}

/** The import that brought a card, as the change that it was. */
async function importOf(db: Database, user: User, card_id: string, import_id: string): Promise<ChangeRow> {
  const [row] = await db
    .select({
      change_id: changes.change_id,
      changed_at: imports.created_at,
      changed_by: users.username,
      command: changes.command,
      // the folders of somebody else's machine are theirs
      source: sql<string>`case when ${imports.user_id} = ${user.user_id} then ${imports.source}
        else regexp_replace(${imports.source}, '^.*[/\\\\]', '') end`,
    })
    .from(imports)
    .leftJoin(users, eq(users.user_id, imports.user_id))
    .leftJoin(
      changedRows,
      and(eq(changedRows.row_id, imports.import_id), eq(changedRows.table_name, 'imports')),
    )
    .leftJoin(changes, eq(changes.change_id, changedRows.change_id))
    .where(eq(imports.import_id, import_id))
  return {
    change_id: row?.change_id ?? import_id,
    card_id,
    changed_at: row?.changed_at ?? new Date(0),
    changed_by: row?.changed_by ?? null,
    command: row?.command ?? 'deck import',
    operation: 'insert',
    table_name: 'cards',
    before: null,
    after: { source: row?.source ?? null },
  }
}

/** Whether the person may see a deck, or has it in their trash: its id is null for one that is gone. */
function seen(user: User, deck_id: SQL): SQL {
  return sql`${deck_id} in (select ${decks.deck_id} from ${decks} where ${decks.user_id} = ${user.user_id} or ${readableBy(user)})`
}

/** The moment on a clock there: where the learner was, or is when it was no answer, `2026-03-02 11:00`, or its date alone. */
function clockTime(at: Date, timeZone: string, dateOnly: boolean): string {
  // Swedish dates are ISO dates
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    dateStyle: 'short',
    ...(!dateOnly && { timeStyle: 'short' }),
  })
  return format.format(at)
}

/** What the card was like before the answer, and what was unusual about that. */
function circumstances({ state, direction, scheduled }: AttemptRow): string {
  return [state, direction === 'reverse' && 'reverse', !scheduled && 'cramming'].filter(Boolean).join(', ')
}

/** What was done to the card, in a word. */
function what(row: HistoryRow): string {
  const change = changed(row)
  if (!change) return ''
  const { operation, after, table_name } = change
  if (operation === 'insert') return table_name === 'cards' ? 'added' : 'image added'
  if (operation === 'delete') return 'image removed'
  if (after && 'deleted_at' in after) return after.deleted_at === null ? 'restored' : 'deleted'
  return after && 'deck_id' in after ? 'moved' : 'edited'
}

/** The columns of which a person is told what they held before, and what they are called. */
const TOLD: Record<string, string> = {
  question: 'question',
  answer: 'answer',
  difficulty_level: 'difficulty',
  tags: 'tags',
  accepted_answers: 'accepted',
  reversible: 'both ways',
  image_url: 'image',
  alt: 'alt',
}

/** `answer: dog → hound`; '' for what its word says already. */
function difference(row: HistoryRow): string {
  const { before, after } = changed(row) ?? {}
  if (!before) return typeof after?.source === 'string' ? `from ${after.source}` : ''
  const text = (value: unknown) =>
    Array.isArray(value)
      ? value.join(', ') || 'none'
      : value === null || value === undefined
        ? 'none'
        : String(value)
  return Object.entries(TOLD)
    .filter(([column]) => after && column in after)
    .map(([column, name]) => `${name}: ${text(before[column])} → ${text(after?.[column])}`)
    .join('; ')
}
