import { type SQL, sql } from 'drizzle-orm'
import type { Direction, Grade } from '../core/card.ts'
import { type PastAttempt, replayer } from '../core/replay.ts'
import type { Schedule } from '../core/schedule.ts'
import type { Database } from '../db/connect.ts'
import { inlineJson } from '../db/inline.ts'
import { cardSchedules, cards, decks, revisionAttempts, revisionSessions } from '../db/schema.ts'
import { readSettings } from '../db/settings.ts'
import type { User } from '../db/user.ts'

/** An answer that was taken back, and what the card's schedule is without it; null when it is new again. */
export interface Undone {
  attempt_id: string
  card_id: string
  direction: Direction
  confidence_status: Grade
  attempted_at: Date
  schedule: Schedule | null
}

type FoundAttempt = Record<string, unknown> & {
  attempt_id: string
  session_id: string
  card_id: string
  direction: Direction
  confidence_status: Grade
  attempted_at: string
}

/**
 * Takes an answer of the person back: the one with this id, or with null their latest, whichever machine it was given at.
 * The schedule becomes what the answers that are left give, exactly. Null when there is no such answer any more.
 * The statements have their values in them: see `inlineJson`.
 */
export async function undoAttempt(
  db: Database,
  user: User,
  attempt_id: string | null,
): Promise<Undone | null> {
  const { weights, desired_retention } = await readSettings(db, user)
  const work = replayer({ desired_retention, weights })
  return db.transaction(async (db) => {
    for (;;) {
      const found = await lockAttempt(db, user, attempt_id)
      if (!found) return null
      // two terminals may want to take the same answer back: the second takes the one before it
      const [gone] = await db.execute(
        sql`delete from ${revisionAttempts} where attempt_id = ${found.attempt_id} returning attempt_id`.inlineParams(),
      )
      if (!gone && attempt_id !== null) return null
      if (!gone) continue
      const past = await attemptsAt(db, user, found)
      const schedule = work(past)
      const change = schedule
        ? writeSchedule(user, found, { ...schedule, first_review: past[0]?.attempted_at })
        : forgetSchedule(user, found)
      await db.execute(change.inlineParams())
      await db.execute(tidyUp(user, found).inlineParams())
      const { session_id: _, attempted_at, ...undone } = found
      return { ...undone, attempted_at: new Date(attempted_at), schedule }
    }
  })
}

/**
 * The answer to take back. The row of its schedule stays locked until the transaction ends: who answers the card meanwhile
 * waits, and then sees that its schedule is another one.
 */
async function lockAttempt(
  db: Database,
  user: User,
  attempt_id: string | null,
): Promise<FoundAttempt | undefined> {
  const columns = sql`a.attempt_id, a.session_id, a.card_id, a.direction, a.confidence_status, a.attempted_at`
  // session by session, for which there is an index, rather than all that a person has ever answered; without those that
  // came with a copy (see answeredHere), which were not given there
  const wanted =
    attempt_id === null
      ? sql`select a.* from ${revisionSessions} s cross join lateral (
            select ${columns} from ${revisionAttempts} a where a.session_id = s.session_id
            order by a.attempted_at desc limit 1) a
          where s.user_id = ${user.user_id} and s.sitting_id is distinct from s.deck_id
          order by a.attempted_at desc, a.attempt_id desc limit 1`
      : sql`select ${columns} from ${revisionAttempts} a join ${revisionSessions} s using (session_id)
          where a.attempt_id = ${attempt_id} and s.user_id = ${user.user_id}`
  const [found] = await db.execute<FoundAttempt>(wanted.inlineParams())
  if (!found) return undefined
  await db.execute(sql`select from ${cardSchedules} where ${keyIs(user, found)} for update`.inlineParams())
  return found
}

/** The answers of a person to a card in one direction that count for its schedule, oldest first. */
async function attemptsAt(db: Database, user: User, { card_id, direction }: Key): Promise<PastAttempt[]> {
  const answers = await db.execute<Omit<PastAttempt, 'attempted_at'> & { attempted_at: string }>(
    sql`
    select a.confidence_status, a.attempted_at, a.desired_retention
    from ${revisionAttempts} a join ${revisionSessions} s using (session_id)
    where a.card_id = ${card_id} and a.direction = ${direction} and a.scheduled and s.user_id = ${user.user_id}
    order by a.attempted_at, a.attempt_id`.inlineParams(),
  )
  return answers.map((answer) => ({ ...answer, attempted_at: new Date(answer.attempted_at) }))
}

interface Key {
  card_id: string
  direction: Direction
}

const keyIs = (user: User, { card_id, direction }: Key): SQL =>
  sql`user_id = ${user.user_id} and card_id = ${card_id} and direction = ${direction}`

function writeSchedule(user: User, key: Key, schedule: Schedule & { first_review: Date | undefined }): SQL {
  return sql`
    update ${cardSchedules} set due = given.due, stability = given.stability, difficulty = given.difficulty,
      state = given.state, learning_steps = given.learning_steps, reps = given.reps, lapses = given.lapses,
      first_review = given.first_review, last_review = given.last_review
    from jsonb_to_record(${inlineJson(schedule)}) as given (due timestamptz, stability float8, difficulty float8,
      state text, learning_steps int, reps int, lapses int, first_review timestamptz, last_review timestamptz)
    where ${keyIs(user, key)}`
}

/** The card is new again. That it is suspended or buried stays. */
function forgetSchedule(user: User, key: Key): SQL {
  return sql`
    with kept as (
      update ${cardSchedules} set due = now(), stability = 0, difficulty = 0, state = 'new', learning_steps = 0, reps = 0,
        lapses = 0, first_review = null, last_review = null
      where ${keyIs(user, key)} and (suspended_at is not null or buried_until is not null)
    )
    delete from ${cardSchedules} where ${keyIs(user, key)} and suspended_at is null and buried_until is null`
}

/** The owner's confidence is that of the answer before, and a revision session without answers was none. */
function tidyUp(user: User, { card_id, session_id }: FoundAttempt): SQL {
  return sql`
    with confidence as (
      update ${cards} set confidence_status = (
        select a.confidence_status from ${revisionAttempts} a join ${revisionSessions} s using (session_id)
        where a.card_id = ${card_id} and s.user_id = ${user.user_id}
        order by a.attempted_at desc, a.attempt_id desc limit 1)
      from ${decks}
      where cards.card_id = ${card_id} and decks.deck_id = cards.deck_id and decks.user_id = ${user.user_id}
    )
    delete from ${revisionSessions} s where s.session_id = ${session_id}
      and not exists (select from ${revisionAttempts} a where a.session_id = s.session_id)`
}
