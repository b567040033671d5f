import { asc, eq, getTableColumns, type SQL, sql } from 'drizzle-orm'
import { keyOf } from '../core/study-card.ts'
import type { Database } from '../db/connect.ts'
import { cardSchedules, cards, decks, revisionAttempts, revisionSessions } from '../db/schema.ts'
import type { User } from '../db/user.ts'
import { uuids } from '../db/where.ts'

/** An attempt as it is read back. */
export type AttemptRow = Awaited<ReturnType<typeof attemptsOf>>[number]

/** Cards at a time, and with them some ten thousand attempts. */
const BATCH = 1000
/** Cards without a schedule are looked for among all attempts, so not too often; usually there are none. */
const SEARCH = 10_000

/**
 * The ids of all cards that have a schedule of the person, an attempt or, being their own, a confidence; in batches, so
 * that what it takes in memory does not grow with their number. Ids are random: the first are a fair sample.
 */
export async function* studiedCards(db: Database, { user_id }: User): AsyncGenerator<string[]> {
  const next = async (among: SQL, last: string | undefined, limit: number) => {
    const behind = last ? sql`card_id > ${last}::uuid` : sql`true`
    const rows = await db.execute<{ card_id: string }>(
      sql`select distinct card_id from ${among} and ${behind} order by card_id limit ${limit}`,
    )
    return rows.map(({ card_id }) => card_id)
  }

  const scheduled = sql`${cardSchedules} where user_id = ${user_id}`
  for (let page = await next(scheduled, undefined, BATCH); page.length > 0; ) {
    yield page
    page = await next(scheduled, page.at(-1), BATCH)
  }
  const unscheduled = sql`(
      select a.card_id from ${revisionSessions} s join ${revisionAttempts} a using (session_id)
      where s.user_id = ${user_id}
      union
      select c.card_id from ${decks} d join ${cards} c using (deck_id)
      where d.user_id = ${user_id} and c.confidence_status is not null
    ) as answered
    where not exists (
      select from ${cardSchedules} s where s.user_id = ${user_id} and s.card_id = answered.card_id)`
  for (let page = await next(unscheduled, undefined, SEARCH); page.length > 0; ) {
    for (let start = 0; start < page.length; start += BATCH) yield page.slice(start, start + BATCH)
    page = page.length < SEARCH ? [] : await next(unscheduled, page.at(-1), SEARCH)
  }
}

/** The person's attempts at these cards, in both directions: card by card, oldest first. */
export function attemptsOf(db: Database, user: User, cardIds: readonly string[]) {
  const { card_id, direction, confidence_status, attempted_at, study_date, scheduled, desired_retention } =
    getTableColumns(revisionAttempts)
  return db
    .select({
      card_id,
      direction,
      confidence_status,
      attempted_at,
      study_date,
      scheduled,
      desired_retention,
    })
    .from(revisionAttempts)
    .innerJoin(revisionSessions, eq(revisionSessions.session_id, revisionAttempts.session_id))
    .where(sql`${eq(revisionSessions.user_id, user.user_id)} and ${card_id} = any(${uuids(cardIds)})`)
    .orderBy(asc(card_id), asc(attempted_at), asc(revisionAttempts.attempt_id))
}

/** The attempts that count for schedules, by their keys, in the order in which they come. */
export function bySchedule(attempts: readonly AttemptRow[]): Map<string, AttemptRow[]> {
  const groups = new Map<string, AttemptRow[]>()
  for (const attempt of attempts) {
    if (!attempt.scheduled) continue
    const group = groups.get(keyOf(attempt))
    if (group) group.push(attempt)
    else groups.set(keyOf(attempt), [attempt])
  }
  return groups
}
