import { randomUUID } from 'node:crypto'
import { type SQL, sql } from 'drizzle-orm'
import { nextSchedule, type Schedule } from '../core/schedule.ts'
import { type Attempt, type Effect, laterThan } from '../core/session.ts'
import { keyOf, type StudyCard } from '../core/study-card.ts'
import { changeCard, rewriteCard } from '../db/change.ts'
import type { Database } from '../db/connect.ts'
import { hold, release } from '../db/hold.ts'
import { inlineJson } from '../db/inline.ts'
import { insistently } from '../db/insist.ts'
import {
  cardSchedules,
  cards,
  deckShares,
  decks,
  revisionAttempts,
  revisionSessions,
  sittings,
  userSettings,
} from '../db/schema.ts'
import type { Author, User } from '../db/user.ts'
import {
  cardsQuery,
  loadCards,
  type StoredCard,
  type StoredSchedule,
  scheduleJson,
  studyCard,
  studySchedule,
} from './cards.ts'
import { undoAttempt } from './undo.ts'

/** What became of an answer. */
export type Saved =
  /** It is safe. `schedule` is the card's, when it is another than the answer had: it was answered elsewhere before. */
  | { kind: 'saved'; schedule: Schedule | null; upcoming: StudyCard | null | undefined }
  /** The card is deleted, or not shared any more. */
  | { kind: 'gone' }

/** Where a sitting is written down. Every promise resolves when it is safe. */
export interface Journal {
  /**
   * Stores one answer. `upcoming` is the card that is shown next: it comes back as it is now, null when it is gone,
   * undefined when none was named.
   */
  save(attempt: Attempt, upcoming: StudyCard | null): Promise<Saved>
  /** Whether the person can still be asked the card. */
  isThere(card: StudyCard): Promise<boolean>
  /** Does what an effect other than an answer says; of one that is undone the card comes back as it then is. */
  carryOut(effect: Exclude<Effect, Attempt>, at: Date): Promise<StudyCard | null>
}

/** What the journal has to know of a sitting. */
export interface Sitting {
  sitting_id: string
  mode: 'study' | 'cram' | 'exam' | 'script'
  /** What was asked for, and the cards in the order in which they were to come. */
  selection: unknown
  queue: unknown
  host: string
  pid: number
  playlist_id: string | null
  started_at: Date
  /** The name of the person's time zone; asked for with the first answer, since it takes as long as a query. */
  zone(): string
  /** The study date that an instant counts for, ISO. */
  studyDate(at: Date): string
  weights: readonly number[] | null
  /** The revision sessions that it has already, by deck. */
  sessions: ReadonlyMap<string, string>
}

/** A journal for one sitting: one revision session for each deck, begun with the deck's first answer. */
export function createJournal(db: Database, user: Author, sitting: Sitting): Journal {
  const sessions = new Map(sitting.sessions)
  let time_zone: string | undefined
  // they change when the person lets them be trained meanwhile
  let { weights } = sitting

  const save = async (attempt: Attempt, upcoming: StudyCard | null): Promise<Saved> => {
    const session_id = sessions.get(attempt.card.deck_id) ?? randomUUID()
    let given = attempt
    for (;;) {
      time_zone ??= sitting.zone()
      const when = { time_zone, study_date: sitting.studyDate(given.attempted_at) }
      const row = { ...sitting, ...attemptRow(given), ...when, weights, session_id, user_id: user.user_id }
      const result = await persistently(() => saveAttempt(db, user, row, upcoming))
      if (result === 'gone') return { kind: 'gone' }
      if (!('changed' in result)) {
        sessions.set(attempt.card.deck_id, session_id)
        const isSame = given.schedule === attempt.schedule
        return { kind: 'saved', schedule: isSame ? null : given.schedule, upcoming: result.upcoming }
      }
      weights = result.weights
      given = onTopOf(result.changed, given, weights)
    }
  }

  const carryOut = async (effect: Exclude<Effect, Attempt>, at: Date): Promise<StudyCard | null> => {
    switch (effect.type) {
      case 'unattempt': {
        const undone = await persistently(() => undoAttempt(db, user, effect.attempt_id))
        return undone && { ...effect.card, schedule: undone.schedule }
      }
      case 'suspend': {
        const ids = [effect.card.card_id]
        const change = effect.on
          ? hold(user, ids, { suspended_at: at })
          : release(user, ids, 'suspended_at', at)
        await persistently(() => db.execute(change))
        return null
      }
      case 'bury': {
        const ids = [effect.card.card_id]
        const { until } = effect
        const change = until
          ? hold(user, ids, { buried_until: until })
          : release(user, ids, 'buried_until', at)
        await persistently(() => db.execute(change))
        return null
      }
      case 'difficulty':
        await persistently(() => changeCard(db, user, effect.card, { difficulty_level: effect.level }))
        return null
      case 'accept':
        await persistently(() =>
          changeCard(db, user, effect.card, { accepted_answers: [...effect.accepted_answers] }),
        )
        return null
      case 'rewrite':
        await persistently(() => rewriteCard(db, user, effect.card, effect.draft))
        return null
      case 'end':
        await persistently(() => db.execute(endSitting(sitting.sitting_id, at)))
        return null
      default:
        return effect satisfies never
    }
  }
  const isThere = async ({ card_id, direction }: StudyCard): Promise<boolean> => {
    const found = await persistently(() => loadCards(db, user, [[card_id, direction]]))
    return found.length > 0
  }
  return { save, isThere, carryOut }
}

/** The same answer to a card whose schedule has turned out to be another: it was answered elsewhere meanwhile. */
function onTopOf(schedule: Schedule | null, attempt: Attempt, weights: readonly number[] | null): Attempt {
  const { card, confidence_status } = attempt
  const attempted_at = laterThan(attempt.attempted_at, schedule?.last_review)
  return {
    ...attempt,
    card: { ...card, schedule },
    attempted_at,
    schedule: nextSchedule(schedule, confidence_status, attempted_at, { ...card, weights }),
  }
}

function attemptRow(attempt: Attempt): Record<string, unknown> {
  const { card, schedule, attempt_id, confidence_status, user_answer, attempted_at, duration_ms } = attempt
  const { card_id, direction, deck_id, desired_retention } = card
  return {
    ...schedule,
    attempt_id,
    card_id,
    direction,
    deck_id,
    desired_retention,
    confidence_status,
    // PostgreSQL has no NUL, and half a character is none
    user_answer: user_answer?.replaceAll('\0', '').toWellFormed() ?? null,
    attempted_at,
    duration_ms,
    scheduled: schedule !== null,
    state_before: card.schedule?.state ?? 'new',
    last_review_before: card.schedule?.last_review ?? null,
    due_before: card.schedule?.due ?? null,
  }
}

type SaveResult =
  | 'gone'
  | { changed: Schedule | null; weights: readonly number[] | null }
  | { upcoming: StudyCard | null | undefined }

/**
 * One answer: attempt, schedule, the card's confidence and, the first time, session and sitting. One statement, so one
 * round trip and one transaction; sent again with the same ids it changes nothing. Nothing is written when the schedule
 * is not the one that the answer was reckoned from.
 */
async function saveAttempt(
  db: Database,
  user: User,
  row: Record<string, unknown>,
  upcoming: StudyCard | null,
): Promise<SaveResult> {
  const next = upcoming && keyOf(upcoming) !== `${row.card_id} ${row.direction}` ? upcoming : null
  const nextQuery = next
    ? sql`(select card from (${cardsQuery(user, [[next.card_id, next.direction]])}) next where not suspended)`
    : sql`null::json`
  const [result] = await db.execute<{
    allowed: boolean
    known: boolean
    written: boolean
    now: StoredSchedule | null
    weights: number[] | null
    next: StoredCard['card'] | null
  }>(sql`
    with given as (
      select given.*, exists (
        select from ${revisionAttempts} a where a.attempt_id = given.attempt_id) as known
      from jsonb_to_record(${inlineJson(row)}) as given (
        attempt_id uuid, session_id uuid, sitting_id uuid, playlist_id uuid, user_id uuid, deck_id uuid, card_id uuid,
        direction text, mode text, selection jsonb, queue jsonb, host text, pid int, started_at timestamptz,
        confidence_status text, user_answer text, attempted_at timestamptz, duration_ms int, time_zone text, study_date date,
        scheduled boolean, desired_retention float8, state_before text, last_review_before timestamptz,
        due_before timestamptz, weights float8[],
        due timestamptz, stability float8, difficulty float8, state text, learning_steps int, reps int, lapses int)
    ), allowed as (
      select given.*, d.user_id = given.user_id as own
      from given
      join ${cards} c on c.card_id = given.card_id and c.deleted_at is null
      join ${decks} d on d.deck_id = c.deck_id and d.deleted_at is null
      where d.user_id = given.user_id or exists (
        select from ${deckShares} s where s.deck_id = d.deck_id and s.shared_with_id = given.user_id)
    ), before as (
      select s.* from ${cardSchedules} s join given on s.user_id = given.user_id
        and s.card_id = given.card_id and s.direction = given.direction
    ), mine as (
      select weights from ${userSettings} where user_id = (select user_id from given)
    ), schedule as (
      insert into ${cardSchedules} as s (user_id, card_id, direction, due, stability, difficulty, state, learning_steps,
        reps, lapses, first_review, last_review)
      select user_id, card_id, direction, due, stability, difficulty, state, learning_steps, reps, lapses, attempted_at,
        attempted_at
      from allowed
      where scheduled and not known and (last_review_before is null or exists (select from before))
        and weights is not distinct from (select mine.weights from mine)
      on conflict (user_id, card_id, direction) do update set
        due = excluded.due, stability = excluded.stability, difficulty = excluded.difficulty, state = excluded.state,
        learning_steps = excluded.learning_steps, reps = excluded.reps, lapses = excluded.lapses,
        first_review = coalesce(s.first_review, excluded.first_review), last_review = excluded.last_review
      -- dates of ours are whole milliseconds, those of others may not be
      where s.state = 'new' and (select last_review_before is null from given)
        or (date_trunc('milliseconds', s.last_review), date_trunc('milliseconds', s.due))
          = (select last_review_before, due_before from given)
      returning s.card_id
    ), accepted as (
      select * from allowed where not known and (not scheduled or exists (select from schedule))
    ), sitting as (
      insert into ${sittings} (sitting_id, user_id, mode, selection, queue, host, pid, started_at)
      select sitting_id, user_id, mode, selection, queue, host, pid, started_at from accepted
      on conflict (sitting_id) do nothing
    ), session as (
      insert into ${revisionSessions} (session_id, user_id, deck_id, playlist_id, sitting_id, started_at)
      select session_id, user_id, deck_id, playlist_id, sitting_id, started_at from accepted
      on conflict (session_id) do nothing
    ), attempt as (
      insert into ${revisionAttempts} (attempt_id, session_id, card_id, direction, user_answer, confidence_status,
        attempted_at, duration_ms, time_zone, study_date, state, scheduled, desired_retention)
      select attempt_id, session_id, card_id, direction, user_answer, confidence_status, attempted_at, duration_ms,
        time_zone, study_date, state_before, scheduled, desired_retention from accepted
    ), confidence as (
      update ${cards} set confidence_status = accepted.confidence_status from accepted
      where cards.card_id = accepted.card_id and own
    )
    select exists (select from allowed) as allowed, (select known from given) as known,
      exists (select from accepted) as written,
      (select ${scheduleJson('before')} from before where state <> 'new') as now,
      (select to_json(mine.weights) from mine) as weights,
      ${nextQuery} as next`)
  if (!result?.allowed) return 'gone'
  if (!result.written && !result.known)
    return { changed: result.now && studySchedule(result.now), weights: result.weights }
  return { upcoming: next ? result.next && studyCard(result.next) : undefined }
}

/** The end of a sitting, in every deck that it touched. */
export function endSitting(sitting_id: string, at: Date): SQL {
  const ended = sql`greatest(started_at, ${at.toISOString()}::timestamptz)`
  return sql`
    with sitting as (update ${sittings} set ended_at = ${ended} where sitting_id = ${sitting_id})
    update ${revisionSessions} set ended_at = ${ended} where sitting_id = ${sitting_id}`
}

/** An answer must not be lost to a server that is restarted meanwhile. */
function persistently<T>(work: () => Promise<T>): Promise<T> {
  return insistently(work, 'Your last answer could not be saved; those before it are.')
}
