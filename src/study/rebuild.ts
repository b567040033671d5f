import { and, eq, getTableColumns, sql } from 'drizzle-orm'
import { replayer } from '../core/replay.ts'
import type { Schedule, ScheduleOptions } from '../core/schedule.ts'
import { keyOf } from '../core/study-card.ts'
import type { Database } from '../db/connect.ts'
import { inlineJson } from '../db/inline.ts'
import { databaseProblem } from '../db/problem.ts'
import { cardSchedules, cards, decks } from '../db/schema.ts'
import type { User } from '../db/user.ts'
import { live, readableBy, uuids } from '../db/where.ts'
import { CliError } from '../errors.ts'
import { type AttemptRow, attemptsOf, bySchedule, studiedCards } from './attempts.ts'

/** What came of working schedules out again. */
export interface Rebuilt {
  /** Schedules that were as they have to be. */
  right: number
  changed: number
  /** There were answers and no schedule. */
  added: number
  /** There was a schedule and no answer. */
  removed: number
  /** Own cards whose confidence was not that of the latest answer. */
  confidence: number
  /** Of those changed, the ones that fall due at another time. */
  rescheduled: number
  /** Cards that are due before `day_end`, as it was and as it has to be. */
  due_before: number
  due_after: number
}

export interface RebuildOptions extends ScheduleOptions {
  /** The end of the study day. */
  day_end: Date
  /** Only finds out what would be done. */
  dry_run: boolean
}

const NOTHING: Rebuilt = {
  right: 0,
  changed: 0,
  added: 0,
  removed: 0,
  confidence: 0,
  rescheduled: 0,
  due_before: 0,
  due_after: 0,
}

/**
 * Works a person's schedules out again from their attempts and nothing else, and the confidence of their own cards. What
 * suspends or buries a card stays. `db` may be a transaction, and then all of it is one; otherwise each batch is.
 *
 * A sitting that goes on meanwhile loses nothing. An answer is stored with its schedule in one statement, and a batch
 * locks its cards and schedules before it looks at the attempts: either the answer is among them, or it waits for the
 * lock and is stored behind.
 */
export async function rebuildSchedules(
  db: Database,
  user: User,
  options: RebuildOptions,
  progress: (cards: number) => void,
): Promise<Rebuilt> {
  const replay = replayer(options)
  const total = { ...NOTHING }
  let done = 0
  for await (const ids of studiedCards(db, user)) {
    const work = (tx: Database) => rebuildBatch(tx, user, ids, replay, options)
    const came = options.dry_run
      ? // schedules and attempts of one moment, without a lock
        await db.transaction(work, { isolationLevel: 'repeatable read', accessMode: 'read only' })
      : await untilItSucceeds(() => db.transaction(work))
    for (const name of Object.keys(total) as (keyof Rebuilt)[]) total[name] += came[name]
    done += ids.length
    progress(done)
  }
  return total
}

/** The same for some cards. Call it inside a transaction. */
export async function rebuildCards(
  tx: Database,
  user: User,
  ids: readonly string[],
  options: RebuildOptions,
): Promise<void> {
  const replay = replayer(options)
  const sorted = ids.toSorted()
  for (let start = 0; start < sorted.length; start += CARDS) {
    await rebuildBatch(tx, user, sorted.slice(start, start + CARDS), replay, options)
  }
}

/** Cards at a time, and with them some ten thousand attempts. */
const CARDS = 1000

const TRIES = 5

/** Of two that lock the same rows in different orders PostgreSQL ends one, which may begin again. */
async function untilItSucceeds<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (databaseProblem(error)?.kind !== 'try_later' || tries === TRIES) throw error
    }
  }
}

type Replay = ReturnType<typeof replayer>

async function rebuildBatch(
  tx: Database,
  user: User,
  ids: string[],
  replay: Replay,
  { day_end, dry_run }: RebuildOptions,
): Promise<Rebuilt> {
  // in the order in which an answer locks them: the schedule, then its card
  const selectRows = scheduleRows(tx, user, ids, day_end)
  const rows = await (dry_run ? selectRows : selectRows.for('update', { of: cardSchedules }))
  const selectOwn = ownCards(tx, user, ids)
  const own = await (dry_run ? selectOwn : selectOwn.for('no key update', { of: cards }))
  const difference = compare(rows, own, await attemptsOf(tx, user, ids), replay, day_end)
  if (!dry_run) await write(tx, user, difference)
  return difference.came
}

/** The person's own among the cards, which carry their confidence. */
function ownCards(db: Database, user: User, ids: string[]) {
  return db
    .select({ card_id: cards.card_id, confidence_status: cards.confidence_status })
    .from(cards)
    .innerJoin(decks, eq(decks.deck_id, cards.deck_id))
    .where(and(sql`${cards.card_id} = any(${uuids(ids)})`, eq(decks.user_id, user.user_id)))
    .orderBy(cards.card_id)
}

/** The schedules that there are, and whether their cards could be asked today if they were due. */
function scheduleRows(db: Database, user: User, ids: string[], dayEnd: Date) {
  const { user_id, ...columns } = getTableColumns(cardSchedules)
  const free = sql`${cardSchedules.suspended_at} is null
    and coalesce(${cardSchedules.buried_until} < ${dayEnd.toISOString()}, true)`
  return db
    .select({ ...columns, askable: sql<boolean>`${and(readableBy(user), live, free)}` })
    .from(cardSchedules)
    .innerJoin(cards, eq(cards.card_id, cardSchedules.card_id))
    .innerJoin(decks, eq(decks.deck_id, cards.deck_id))
    .where(and(eq(user_id, user.user_id), sql`${columns.card_id} = any(${uuids(ids)})`))
    .orderBy(columns.card_id, columns.direction)
}

type Row = Awaited<ReturnType<typeof scheduleRows>>[number]
type OwnCard = Awaited<ReturnType<typeof ownCards>>[number]
/** The columns of a schedule that follow from attempts. */
type Derived = Schedule & { first_review: Date | null }

/** Which schedule of the person. */
type Key = Pick<Row, 'card_id' | 'direction'>

/** What there is to do so that rows are what attempts give. */
interface Difference {
  came: Rebuilt
  change: (Key & Derived)[]
  add: (Key & Derived)[]
  remove: Key[]
  confidence: OwnCard[]
}

function compare(
  rows: Row[],
  own: OwnCard[],
  attempts: AttemptRow[],
  replay: Replay,
  dayEnd: Date,
): Difference {
  const rowAt = new Map(rows.map((row) => [keyOf(row), row]))
  const answersAt = bySchedule(attempts)
  const latest = new Map(attempts.map(({ card_id, confidence_status }) => [card_id, confidence_status]))
  // the first answer stands for all
  const unscheduled = [...answersAt].flatMap(([key, [first]]) => (first && !rowAt.has(key) ? [first] : []))
  const came = { ...NOTHING }
  const difference: Difference = { came, change: [], add: [], remove: [], confidence: [] }

  for (const { card_id, direction } of [...rows, ...unscheduled]) {
    const key = { card_id, direction }
    const row = rowAt.get(keyOf(key))
    const answers = answersAt.get(keyOf(key)) ?? []
    const schedule = replay(answers)
    const wanted = schedule && { ...schedule, first_review: answers[0]?.attempted_at ?? null }

    if (row?.askable && row.state !== 'new' && row.due < dayEnd) came.due_before++
    if (wanted && (row?.askable ?? true) && wanted.due < dayEnd) came.due_after++
    if (!row && wanted) {
      came.added++
      difference.add.push({ ...key, ...wanted })
    } else if (row && wanted && !isEqual(row, wanted)) {
      came.changed++
      if (row.due.getTime() !== wanted.due.getTime()) came.rescheduled++
      difference.change.push({ ...key, ...wanted })
    } else if (row && !wanted && row.state !== 'new') {
      came.removed++
      // a card that is suspended or buried stays so, and is new again
      if (row.suspended_at || row.buried_until) difference.change.push({ ...key, ...NEW, due: row.due })
      else difference.remove.push(key)
    } else if (row) came.right++
  }
  for (const { card_id, confidence_status } of own) {
    const wanted = latest.get(card_id) ?? null
    if (confidence_status !== wanted) difference.confidence.push({ card_id, confidence_status: wanted })
  }
  came.confidence = difference.confidence.length
  return difference
}

const NEW = {
  stability: 0,
  difficulty: 0,
  state: 'new',
  learning_steps: 0,
  reps: 0,
  lapses: 0,
  first_review: null,
  last_review: null,
} as const

function isEqual(row: Derived, wanted: Derived): boolean {
  return (Object.keys(wanted) as (keyof Derived)[]).every((name) => {
    const [one, other] = [row[name], wanted[name]]
    return one instanceof Date && other instanceof Date ? one.getTime() === other.getTime() : one === other
  })
}

/** The columns of `Key & Derived`, for jsonb_to_recordset. */
const COLUMNS =
  sql.raw(`card_id uuid, direction text, due timestamptz, stability float8, difficulty float8, state text,
  learning_steps int, reps int, lapses int, first_review timestamptz, last_review timestamptz`)

async function write(
  tx: Database,
  { user_id }: User,
  { change, add, remove, confidence }: Difference,
): Promise<void> {
  if (change.length > 0)
    await tx.execute(sql`
      update ${cardSchedules} s set due = given.due, stability = given.stability, difficulty = given.difficulty,
        state = given.state, learning_steps = given.learning_steps, reps = given.reps, lapses = given.lapses,
        first_review = given.first_review, last_review = given.last_review
      from jsonb_to_recordset(${inlineJson(change)}) as given (${COLUMNS})
      where s.user_id = ${user_id} and s.card_id = given.card_id and s.direction = given.direction`)
  if (remove.length > 0)
    await tx.execute(sql`
      delete from ${cardSchedules} s
      using jsonb_to_recordset(${inlineJson(remove)}) as given (card_id uuid, direction text)
      where s.user_id = ${user_id} and s.card_id = given.card_id and s.direction = given.direction`)
  if (add.length > 0) {
    const added = await tx.execute(sql`
      insert into ${cardSchedules} (user_id, card_id, direction, due, stability, difficulty, state, learning_steps, reps,
        lapses, first_review, last_review)
      select ${user_id}::uuid, card_id, direction, due, stability, difficulty, state, learning_steps, reps, lapses,
        first_review, last_review
      from jsonb_to_recordset(${inlineJson(add)}) as given (${COLUMNS})
      on conflict do nothing returning card_id`)
    // there was no row to lock, and a first answer has come in between: the batch begins again
    if (added.length < add.length)
      throw new CliError('try_later', 'Cards were studied at the same moment.', 'Run the same command again.')
  }
  if (confidence.length > 0)
    await tx.execute(sql`
      update ${cards} c set confidence_status = given.confidence_status
      from jsonb_to_recordset(${inlineJson(confidence)}) as given (card_id uuid, confidence_status text)
      where c.card_id = given.card_id`)
}
