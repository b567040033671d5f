import { type SQL, sql } from 'drizzle-orm'
import type { Grade } from '../core/card.ts'
import type { replayer } from '../core/replay.ts'
import type { Schedule } from '../core/schedule.ts'
import { texts } from '../db/arrays.ts'
import type { Database } from '../db/connect.ts'
import { cardSchedules, revisionAttempts, revisionSessions, sittings } from '../db/schema.ts'
import { uuids } from '../db/where.ts'
import type { FileAttempt } from '../formats/format.ts'
import type { IncomingCard } from './gather.ts'
import { idOf } from './id.ts'
import type { Pipeline } from './pipeline.ts'

/** What is needed to take answers along. */
export interface Progress {
  replay: ReturnType<typeof replayer>
  /** The study day that an instant counts for, such as `2026-03-29`. */
  dayOf(at: Date): string
  /** Works out the schedules of cards that had some before. */
  rebuild(db: Database, card_ids: string[]): Promise<void>
}

/** A card that is in the database now, and what the file says of its past. */
export interface Carried {
  card: IncomingCard
  card_id: string
  isNew: boolean
}

/** Everything about whose past it is. */
interface Whose {
  user_id: string
  source: string
  now: Date
  progress: Progress | null
}

interface Attempt extends FileAttempt {
  attempt_id: string
  card_id: string
  at: Date
  date: string
  session_id: string
}

/** Cards that are worked on before the socket has its turn. */
const TURN = 100

/** How the latest answer to a card went. */
export function latestGrade({ attempts = [] }: IncomingCard): Grade | null {
  let latest = -Infinity
  let grade: Grade | null = null
  for (const { attempted_at, confidence_status } of attempts) {
    const at = Date.parse(attempted_at)
    if (at < latest) continue
    latest = at
    grade = confidence_status
  }
  return grade
}

/**
 * Adds the answers that come with cards, in sessions of their own: one for each deck and study day. Their ids follow from card and
 * moment, so those that are there already stay as they are. The schedules of new cards are what the answers give; those of cards that
 * were there are worked out again when answers were added. New cards that are suspended in the file are suspended.
 */
export async function carry(
  statements: Pipeline,
  carried: readonly Carried[],
  deck_id: string,
  { user_id, source, now, progress }: Whose,
): Promise<void> {
  const sessions = new Map<string, string>()
  const histories: (Carried & { attempts: Attempt[] })[] = []
  const all: Attempt[] = []
  let done = 0
  for (const { card, card_id, isNew } of progress ? carried : []) {
    if (++done % TURN === 0) await statements.turn()
    const attempts = progress
      ? attemptsOf({ card, card_id, isNew }, deck_id, user_id, progress, sessions)
      : []
    if (attempts.length === 0) continue
    histories.push({ card, card_id, isNew, attempts })
    for (const attempt of attempts) all.push(attempt)
  }
  if (all.length > 0) {
    await statements.add(sittingOf(all, deck_id, user_id, source))
    await statements.add(sessionsOf(all, deck_id, user_id))
    if (histories.every(({ isNew }) => isNew)) {
      // nothing of these can be there, so nobody has to wait for what was
      await statements.add(insertAttempts(all))
      statements.attempts += all.length
    } else {
      const added = await statements.between((db) =>
        db.execute<{ card_id: string; attempts: number }>(addAttempts(all)),
      )
      for (const { attempts } of added) statements.attempts += attempts
      const changed = new Set(added.map(({ card_id }) => card_id))
      const before = histories.flatMap(({ card_id, isNew }) =>
        !isNew && changed.has(card_id) ? [card_id] : [],
      )
      if (before.length > 0 && progress) await statements.between((db) => progress.rebuild(db, before))
    }
  }
  const schedules: Row[] = []
  const scheduled = new Map(histories.filter(({ isNew }) => isNew).map((one) => [one.card_id, one.attempts]))
  for (const { card, card_id, isNew } of carried) {
    if (!isNew) continue
    if (++done % TURN === 0) await statements.turn()
    const attempts = scheduled.get(card_id) ?? []
    const suspended_at = card.suspended ? now : null
    for (const direction of ['forward', 'reverse'] as const) {
      const answers = attempts.filter((attempt) => attempt.direction === direction)
      const past = answers.map(({ confidence_status, at }) => ({
        confidence_status,
        attempted_at: at,
        desired_retention: null,
      }))
      const schedule = progress?.replay(past) ?? null
      if (schedule)
        schedules.push({
          card_id,
          direction,
          ...schedule,
          first_review: answers[0]?.at ?? null,
          suspended_at,
        })
      else if (suspended_at) schedules.push({ card_id, direction, ...untouched(now), suspended_at })
    }
  }
  if (schedules.length > 0) await statements.add(scheduledAs(schedules, user_id))
}

/** How many answers `carry` would add. */
export async function countNew(
  db: Database,
  carried: readonly Carried[],
  progress: Progress,
  user_id: string,
): Promise<number> {
  const sessions = new Map<string, string>()
  const idsOf = (isNew: boolean) =>
    carried.flatMap((one) =>
      one.isNew === isNew
        ? attemptsOf(one, '', user_id, progress, sessions).map(({ attempt_id }) => attempt_id)
        : [],
    )
  const ids = idsOf(false)
  if (ids.length === 0) return idsOf(true).length
  const [row] = await db.execute<{ there: number }>(
    sql`select count(*)::int as there from ${revisionAttempts} where attempt_id = any(${uuids(ids)})`,
  )
  return idsOf(true).length + ids.length - (row?.there ?? 0)
}

/** The answers of a card, oldest first, each once. `sessions` has the ids of those of a day that are known. */
function attemptsOf(
  { card, card_id }: Carried,
  deck_id: string,
  user_id: string,
  { dayOf }: Progress,
  sessions: Map<string, string>,
): Attempt[] {
  const { attempts: given = [] } = card
  const attempts = new Map<string, Attempt>()
  for (const { attempted_at: text, confidence_status, duration_ms, direction } of given) {
    const at = new Date(text)
    const attempted_at = at.toISOString()
    const date = dayOf(at)
    const known = sessions.get(date)
    const session_id = known ?? idOf(user_id, deck_id, date)
    if (known === undefined) sessions.set(date, session_id)
    const attempt_id = idOf(user_id, card_id, direction, attempted_at)
    attempts.set(attempt_id, {
      attempted_at,
      confidence_status,
      duration_ms,
      direction,
      attempt_id,
      card_id,
      at,
      date,
      session_id,
    })
  }
  return [...attempts.values()].sort(
    (one, other) => one.at.getTime() - other.at.getTime() || (one.attempt_id < other.attempt_id ? -1 : 1),
  )
}

/** The sitting of these sessions is called like their deck: they were not given here, see answeredHere. */
function sittingOf(attempts: readonly Attempt[], deck_id: string, user_id: string, source: string): SQL {
  const { from, to } = spanOf(attempts)
  return sql`
    insert into ${sittings} as there (sitting_id, user_id, mode, selection, queue, started_at, ended_at)
    values (${deck_id}::uuid, ${user_id}::uuid, 'study', jsonb_build_object('imported_from', ${source}::text), '[]',
      ${from}::timestamptz, ${to}::timestamptz)
    on conflict (sitting_id) do update
    set started_at = least(there.started_at, excluded.started_at), ended_at = greatest(there.ended_at, excluded.ended_at)
    where there.started_at > excluded.started_at or there.ended_at < excluded.ended_at`
}

function sessionsOf(attempts: readonly Attempt[], deck_id: string, user_id: string): SQL {
  const sessions = new Map<string, Attempt[]>()
  for (const attempt of attempts) {
    const session = sessions.get(attempt.session_id)
    if (session) session.push(attempt)
    else sessions.set(attempt.session_id, [attempt])
  }
  const spans = [...sessions].map(([session_id, given]) => ({ session_id, ...spanOf(given) }))
  return sql`
    insert into ${revisionSessions} as there (session_id, user_id, deck_id, sitting_id, started_at, ended_at)
    select session_id::uuid, ${user_id}::uuid, ${deck_id}::uuid, ${deck_id}::uuid, started_at::timestamptz, ended_at::timestamptz
    from unnest(${texts(spans.map(({ session_id }) => session_id))}, ${texts(spans.map(({ from }) => from))},
      ${texts(spans.map(({ to }) => to))}) as given (session_id, started_at, ended_at)
    on conflict (session_id) do update
    set started_at = least(there.started_at, excluded.started_at), ended_at = greatest(there.ended_at, excluded.ended_at)
    where there.started_at > excluded.started_at or there.ended_at < excluded.ended_at`
}

function spanOf(attempts: readonly Attempt[]): { from: string; to: string } {
  let [from, to] = [Infinity, -Infinity]
  for (const { at } of attempts) {
    from = Math.min(from, at.getTime())
    to = Math.max(to, at.getTime())
  }
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
}

/** Adds answers of which none can be there. */
function insertAttempts(attempts: readonly Attempt[]): SQL {
  return sql`
    insert into ${revisionAttempts} (attempt_id, session_id, card_id, confidence_status, attempted_at, duration_ms, direction,
      study_date)
    ${selected(attempts)}`
}

/** Adds those that are not there; gives the cards that got some, and how many. */
function addAttempts(attempts: readonly Attempt[]): SQL {
  return sql`
    with added as (
      ${insertAttempts(attempts)} on conflict (attempt_id) do nothing returning card_id
    )
    select card_id, count(*)::int as attempts from added group by card_id`
}

/** Answers as rows, in the order of their columns in `insertAttempts`. Only what has no quotes in it stands in the statement. */
function selected(attempts: readonly Attempt[]): SQL {
  const all = (of: (attempt: Attempt) => string | number | null, type: string) =>
    literal(attempts.map(of), type)
  return sql`select * from unnest(${all(({ attempt_id }) => attempt_id, 'uuid')}, ${all(({ session_id }) => session_id, 'uuid')},
    ${all(({ card_id }) => card_id, 'uuid')}, ${all(({ confidence_status }) => confidence_status, 'text')},
    ${all(({ attempted_at }) => attempted_at, 'timestamptz')}, ${all(({ duration_ms }) => duration_ms, 'int')},
    ${all(({ direction }) => direction, 'text')}, ${all(({ date }) => date, 'date')})`
}

type Row = Schedule & {
  card_id: string
  direction: FileAttempt['direction']
  first_review: Date | null
  suspended_at: Date | null
}

/** A card that was never answered has a schedule only because it is suspended. */
function untouched(now: Date): Schedule & { first_review: null } {
  return {
    due: now,
    stability: 0,
    difficulty: 0,
    state: 'new',
    learning_steps: 0,
    reps: 0,
    lapses: 0,
    last_review: null,
    first_review: null,
  }
}

function scheduledAs(rows: readonly Row[], user_id: string): SQL {
  const all = (of: (row: Row) => string | number | null, type: string) => literal(rows.map(of), type)
  const instants = (of: (row: Row) => Date | null) =>
    all((row) => of(row)?.toISOString() ?? null, 'timestamptz')
  return sql`
    insert into ${cardSchedules} (user_id, card_id, direction, due, stability, difficulty, state, learning_steps, reps, lapses,
      first_review, last_review, suspended_at)
    select ${literal([user_id], 'uuid')}[1], given.*
    from unnest(${all(({ card_id }) => card_id, 'uuid')}, ${all(({ direction }) => direction, 'text')},
      ${instants(({ due }) => due)}, ${all(({ stability }) => stability, 'float8')},
      ${all(({ difficulty }) => difficulty, 'float8')}, ${all(({ state }) => state, 'text')},
      ${all(({ learning_steps }) => learning_steps, 'int')}, ${all(({ reps }) => reps, 'int')},
      ${all(({ lapses }) => lapses, 'int')}, ${instants(({ first_review }) => first_review)},
      ${instants(({ last_review }) => last_review)}, ${instants(({ suspended_at }) => suspended_at)}) as given`
}

/**
 * Ids, codes, numbers and instants as an array inside the statement: one without parameters goes out whole, and waits at the server
 * for the one before it. Throws for a value that would have to be quoted.
 */
function literal(values: readonly (string | number | null)[], type: string): SQL {
  const list = values.map((value) => value ?? 'NULL').join(',')
  if (!/^[\w:.,+-]*$/.test(list)) throw new Error(`not a list of ${type}: ${list.slice(0, 100)}`)
  return sql.raw(`('{${list}}'::${type}[])`)
}
