import { sql } from 'drizzle-orm'
import type { Direction, Grade } from '../core/card.ts'
import type { StudyDay } from '../core/day.ts'
import { type PastAttempt, replayer } from '../core/replay.ts'
import { type GivenAnswer, resumeSession, type Session, type SessionOptions, step } from '../core/session.ts'
import type { Database } from '../db/connect.ts'
import { revisionAttempts, revisionSessions, sittings } from '../db/schema.ts'
import type { Settings } from '../db/settings.ts'
import type { User } from '../db/user.ts'
import { type CardKey, loadCards } from './cards.ts'

/** What was asked for when a sitting began: enough to go on with it. */
export interface Asked {
  deck_ids: readonly string[] | null
  playlist_id: string | null
  tags: readonly string[]
  /** How a person would call it: the names of decks, or of the playlist; null: everything. */
  called: string | null
  direction: Direction
  /** Answers are typed, whatever the deck says. */
  typed: boolean
  strict: boolean
  scheduled: boolean
  /** Aimed at in the place of what deck and person have; null: as they have it. */
  desired_retention: number | null
}

/** A sitting of today that was broken off. */
export interface BrokenOff {
  sitting_id: string
  mode: 'study' | 'cram' | 'exam'
  selection: Asked
  queue: CardKey[]
  host: string | null
  pid: number | null
  started_at: Date
  last_answer: Date
}

type Row = Record<string, unknown> &
  Omit<BrokenOff, 'started_at' | 'last_answer'> & { started_at: string; last_answer: string | null }

/** The person's sittings of this study day that have answers and have not come to their end, the latest first. */
export async function notEnded(db: Database, user: User, day: StudyDay): Promise<BrokenOff[]> {
  const rows = await db.execute<Row>(sql`
    select sitting_id, mode, selection, queue, host, pid, started_at, (
        select max(a.attempted_at) from ${revisionSessions} s join ${revisionAttempts} a using (session_id)
        where s.sitting_id = sitting.sitting_id) as last_answer
    from ${sittings} sitting
    where user_id = ${user.user_id} and ended_at is null and mode <> 'script'
      and started_at >= ${day.start.toISOString()}::timestamptz
    order by started_at desc limit 5`)
  return rows.flatMap(({ last_answer, ...row }) =>
    last_answer === null
      ? []
      : [{ ...row, started_at: new Date(row.started_at), last_answer: new Date(last_answer) }],
  )
}

/** Makes a broken-off sitting this process's own. False when another was faster. */
export async function takeOver(
  db: Database,
  { sitting_id, host, pid }: BrokenOff,
  here: { host: string; pid: number },
): Promise<boolean> {
  const taken = await db.execute(sql`
    update ${sittings} set host = ${here.host}, pid = ${here.pid}
    where sitting_id = ${sitting_id} and ended_at is null
      and host is not distinct from ${host} and pid is not distinct from ${pid}
    returning sitting_id`)
  return taken.length > 0
}

/** Lets a broken-off sitting be: nobody is asked about it again. Its revision sessions stay without an end. */
export async function letBe(db: Database, { sitting_id }: BrokenOff, at: Date): Promise<void> {
  await db.execute(sql`
    update ${sittings} set ended_at = greatest(started_at, ${at.toISOString()}::timestamptz)
    where sitting_id = ${sitting_id} and ended_at is null`)
}

/**
 * A broken-off sitting as it was: the same cards in the same order, without those that were answered, and with everything
 * that can be undone. And the revision sessions that it has, by deck.
 */
export async function resumed(
  db: Database,
  user: User,
  sitting: BrokenOff,
  options: SessionOptions,
  settings: Settings,
  at: Date,
): Promise<{ session: Session; sessions: Map<string, string> }> {
  const { selection } = sitting
  const answers = await db.execute<
    Record<string, unknown> &
      Omit<GivenAnswer, 'attempted_at'> & { attempted_at: string; session_id: string; deck_id: string }
  >(sql`
    select a.attempt_id, a.card_id, a.direction, a.confidence_status, a.user_answer, a.attempted_at,
      coalesce(a.duration_ms, 0) as duration_ms, s.session_id, s.deck_id
    from ${revisionSessions} s join ${revisionAttempts} a using (session_id)
    where s.sitting_id = ${sitting.sitting_id} and s.user_id = ${user.user_id}
    order by a.attempted_at, a.attempt_id`)
  const given = answers.map((answer) => ({ ...answer, attempted_at: new Date(answer.attempted_at) }))

  const cards = (await loadCards(db, user, sitting.queue)).map((card) => ({
    ...card,
    typed: card.typed || selection.typed,
    desired_retention: selection.desired_retention ?? card.desired_retention,
  }))
  const before = await schedulesBefore(db, user, sitting, settings)
  const asTheyWere = cards.map((card) => {
    const answered = given.some(
      ({ card_id, direction }) => card_id === card.card_id && direction === card.direction,
    )
    return answered ? { ...card, schedule: before(card) } : card
  })
  const session = resumeSession(asTheyWere, given, options, sitting.started_at, at)
  // what was answered in another terminal since
  const current = cards.reduce(
    (session, card) =>
      session.waiting.some((waiting) => isSame(waiting.card, card))
        ? step(session, { type: 'refreshed', card }, at)[0]
        : session,
    session,
  )
  return {
    session: current,
    sessions: new Map(answers.map(({ deck_id, session_id }) => [deck_id, session_id])),
  }
}

interface Key {
  card_id: string
  direction: Direction
}

function isSame(one: Key, other: Key): boolean {
  return one.card_id === other.card_id && one.direction === other.direction
}

/** The schedules that the answered cards of a sitting had before it. */
async function schedulesBefore(db: Database, user: User, { sitting_id }: BrokenOff, settings: Settings) {
  const past = await db.execute<
    Record<string, unknown> &
      Key & { confidence_status: Grade; attempted_at: string; desired_retention: number | null }
  >(sql`
    with answered as (
      select a.card_id, a.direction, min(a.attempted_at) as first
      from ${revisionSessions} s join ${revisionAttempts} a using (session_id)
      where s.sitting_id = ${sitting_id} group by a.card_id, a.direction
    )
    select a.card_id, a.direction, a.confidence_status, a.attempted_at, a.desired_retention
    from answered
    join ${revisionAttempts} a on a.card_id = answered.card_id and a.direction = answered.direction
      and a.attempted_at < answered.first and a.scheduled
    join ${revisionSessions} s on s.session_id = a.session_id and s.user_id = ${user.user_id}
    order by a.attempted_at, a.attempt_id`)
  const work = replayer(settings)
  return (card: Key) =>
    work(
      past
        .filter((attempt) => isSame(attempt, card))
        .map((attempt): PastAttempt => ({ ...attempt, attempted_at: new Date(attempt.attempted_at) })),
    )
}
