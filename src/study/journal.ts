import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import type { Effect } from '../core/session.ts'
import type { Database } from '../db/connect.ts'
import { inlineJson } from '../db/inline.ts'
import { databaseProblem } from '../db/problem.ts'
import { cardSchedules, cards, deckShares, decks, revisionAttempts, revisionSessions } from '../db/schema.ts'
import type { User } from '../db/user.ts'
import { CliError } from '../errors.ts'

type Attempt = Extract<Effect, { type: 'attempt' }>

/** Where a sitting is written down. */
export interface Journal {
  /** Stores one answer. Resolves when it is safe; false when the card is no longer there for this person. */
  save(attempt: Attempt): Promise<boolean>
  /** Marks the end of the sitting in every deck that it touched. */
  end(at: Date): Promise<void>
}

const RETRY_AFTER_MS = [100, 500, 2000]

/** A journal for one sitting: one revision session for each deck, begun with the deck's first answer. */
export function createJournal(
  db: Database,
  user: User,
  sitting: { started_at: Date; time_zone: string },
): Journal {
  const sessions = new Map<string, string>()

  return {
    async save({ type: _, schedule, ...attempt }) {
      const session_id = sessions.get(attempt.deck_id) ?? randomUUID()
      const row = {
        ...schedule,
        ...attempt,
        ...sitting,
        attempt_id: randomUUID(),
        session_id,
        user_id: user.user_id,
      }
      const saved = await persistently(() => saveAttempt(db, row))
      if (saved) sessions.set(attempt.deck_id, session_id)
      return saved
    },

    async end(at) {
      if (sessions.size === 0) return
      const ids = sql.join(
        [...sessions.values()].map((id) => sql`${id}::uuid`),
        sql`, `,
      )
      await persistently(() =>
        db.execute(
          sql`update ${revisionSessions} set ended_at = greatest(started_at, ${at.toISOString()}::timestamptz) where session_id in (${ids})`,
        ),
      )
    },
  }
}

/**
 * One answer: attempt, schedule, the card's confidence and, the first time, the session. One statement, so one round
 * trip and one transaction; sent again with the same ids it changes nothing.
 */
async function saveAttempt(db: Database, row: Record<string, unknown>): Promise<boolean> {
  const [result] = await db.execute<{ allowed: string }>(sql`
    with given as (
      select * from jsonb_to_record(${inlineJson(row)}) as given (
        attempt_id uuid, session_id uuid, user_id uuid, deck_id uuid, card_id uuid, started_at timestamptz,
        confidence_status text, attempted_at timestamptz, duration_ms int, time_zone text,
        due timestamptz, stability float8, difficulty float8, state text, learning_steps int, reps int, lapses int)
    ), allowed as (
      select given.*, d.user_id = given.user_id as own
      from given
      join ${cards} c on c.card_id = given.card_id and c.deleted_at is null
      join ${decks} d on d.deck_id = c.deck_id and d.deleted_at is null
      where d.user_id = given.user_id or exists (
        select from ${deckShares} s where s.deck_id = d.deck_id and s.shared_with_id = given.user_id)
    ), session as (
      insert into ${revisionSessions} (session_id, user_id, deck_id, started_at)
      select session_id, user_id, deck_id, started_at from allowed
      on conflict (session_id) do nothing
    ), attempt as (
      insert into ${revisionAttempts} (attempt_id, session_id, card_id, confidence_status, attempted_at, duration_ms, time_zone)
      select attempt_id, session_id, card_id, confidence_status, attempted_at, duration_ms, time_zone from allowed
      on conflict (attempt_id) do nothing
    ), schedule as (
      insert into ${cardSchedules} (user_id, card_id, due, stability, difficulty, state, learning_steps, reps, lapses,
        first_review, last_review)
      select user_id, card_id, due, stability, difficulty, state, learning_steps, reps, lapses, attempted_at, attempted_at
      from allowed
      on conflict (user_id, card_id, direction) do update set
        due = excluded.due, stability = excluded.stability, difficulty = excluded.difficulty, state = excluded.state,
        learning_steps = excluded.learning_steps, reps = excluded.reps, lapses = excluded.lapses,
        last_review = excluded.last_review
    ), confidence as (
      update ${cards} set confidence_status = allowed.confidence_status from allowed
      where ${cards}.card_id = allowed.card_id and own
    )
    select count(*) as allowed from allowed`)
  return Number(result?.allowed) > 0
}

/** Tries again when the connection was lost on the way: a server that was restarted in between is no reason to stop. */
async function persistently<T>(work: () => Promise<T>): Promise<T> {
  for (const wait of RETRY_AFTER_MS) {
    try {
      return await work()
    } catch (error) {
      const problem = databaseProblem(error)
      if (problem?.kind !== 'unavailable' && problem?.kind !== 'try_later') throw error
    }
    await sleep(wait)
  }
  try {
    return await work()
  } catch (error) {
    const problem = databaseProblem(error)
    if (!problem) throw error
    throw new CliError(
      problem.kind,
      `Your last answer could not be saved; those before it are. ${problem.message}`,
      problem.hint,
    )
  }
}
