import { type SQL, sql } from 'drizzle-orm'
import { changing } from './changes.ts'
import type { Database } from './connect.ts'
import { findDeck } from './find.ts'
import {
  cardImages,
  cardSchedules,
  cards,
  deckSettings,
  decks,
  revisionAttempts,
  revisionSessions,
  sittings,
} from './schema.ts'
import type { Author } from './user.ts'
import { live, readableBy } from './where.ts'

/** What a copy has. */
export interface Copied {
  deck_id: string
  cards: number
  images: number
  /** The person's answers that came with it. */
  attempts: number
}

/**
 * Makes a deck of the person's own out of one that they may see, under `name`; null when they have one of that name. With
 * progress their own schedules, answers and settings come with it, and nobody else's: the schedules of the copy are what its answers
 * give. All of it is the deck as it is at one moment, and all or nothing. Throws not_found when the deck is gone by now.
 *
 * What is copied has an id that follows from the copy and what it was, so no row has to remember which is which.
 */
export function copyDeck(
  db: Database,
  user: Author,
  source_id: string,
  name: string,
  { progress }: { progress: boolean },
): Promise<Copied | null> {
  const { user_id } = user
  return changing(
    db,
    user,
    async (db) => {
      await findDeck(db, user, source_id)
      const [made] = await db.execute<{ deck_id: string }>(sql`
        insert into ${decks} (user_id, name, description)
        select ${user_id}::uuid, ${name}, ${decks.description} from ${decks}
        where ${decks.deck_id} = ${source_id} and ${readableBy(user)}
        on conflict do nothing returning deck_id`)
      if (!made) return null
      const { deck_id } = made
      const copyOf = (id: SQL) => sql`md5(${deck_id}::text || ${id}::text)::uuid`
      const source = sql`select card_id from ${cards} where deck_id = ${source_id} and ${live}`
      const mine = sql`a.card_id in (${source}) and s.user_id = ${user_id}`

      const latest = sql`
        select distinct on (a.card_id) a.card_id, a.confidence_status
        from ${revisionAttempts} a join ${revisionSessions} s using (session_id)
        where ${progress ? mine : sql`false`} order by a.card_id, a.attempted_at desc, a.attempt_id desc`
      // right from the start: the trigger on schedules would write every card anew, with all its indexes
      const seen = sql`exists (
        select from ${cardSchedules} s where s.user_id = ${user_id} and s.card_id = cards.card_id
          and s.direction = 'forward' and s.state <> 'new')`
      const copied = await db.execute(sql`
        insert into ${cards} (card_id, deck_id, question, answer, difficulty_level, tags, accepted_answers, external_id,
          note_id, reversible, unseen, source_page, source_quote, confidence_status)
        select ${copyOf(sql`cards.card_id`)}, ${deck_id}::uuid, question, answer, difficulty_level, tags, accepted_answers,
          external_id, ${copyOf(sql`note_id`)}, reversible, ${progress ? sql`not ${seen}` : sql`true`}, source_page, source_quote, latest.confidence_status
        from ${cards} left join (${latest}) latest on latest.card_id = cards.card_id
        where deck_id = ${source_id} and ${live} order by position, cards.card_id`)
      const images = await db.execute(sql`
        insert into ${cardImages} (image_id, card_id, image_url, side, alt, position)
        select ${copyOf(sql`image_id`)}, ${copyOf(sql`card_id`)}, image_url, side, alt, position
        from ${cardImages} where card_id in (${source})`)
      const result = { deck_id, cards: copied.count, images: images.count, attempts: 0 }
      if (!progress) return result

      // The sitting of these sessions is called like their deck: see answeredHere. What a card and a session become is
      // reckoned once for each, and not for each of their answers.
      const attempts = await db.execute(sql`
        with card as materialized (
          select card_id, ${copyOf(sql`card_id`)} as copy from ${cards} where deck_id = ${source_id} and ${live}
        ), session as materialized (
          select session_id, started_at, ended_at, ${copyOf(sql`session_id`)} as copy
          from ${revisionSessions} where user_id = ${user_id}
        ), theirs as materialized (
          select a.attempt_id, session.copy as session_id, card.copy as card_id, a.user_answer, a.confidence_status,
            a.attempted_at, a.duration_ms, a.time_zone, a.study_date, a.direction, a.state, a.scheduled, a.desired_retention
          from ${revisionAttempts} a join card using (card_id) join session using (session_id)
        ), answered as materialized (
          select copy, started_at, ended_at from session where copy in (select session_id from theirs)
        ), made_sitting as (
          insert into ${sittings} (sitting_id, user_id, mode, selection, queue, started_at, ended_at)
          select ${deck_id}::uuid, ${user_id}::uuid, 'study', jsonb_build_object('copied_from', ${source_id}::text), '[]',
            min(started_at), max(coalesce(ended_at, started_at))
          from answered having count(*) > 0
        ), made_sessions as (
          insert into ${revisionSessions} (session_id, user_id, deck_id, sitting_id, started_at, ended_at)
          select copy, ${user_id}::uuid, ${deck_id}::uuid, ${deck_id}::uuid, started_at, ended_at from answered
        )
        insert into ${revisionAttempts} (attempt_id, session_id, card_id, user_answer, confidence_status, attempted_at,
          duration_ms, time_zone, study_date, direction, state, scheduled, desired_retention)
        select ${copyOf(sql`attempt_id`)}, session_id, card_id, user_answer, confidence_status, attempted_at, duration_ms,
          time_zone, study_date, direction, state, scheduled, desired_retention
        from theirs`)
      await db.execute(sql`
        insert into ${cardSchedules} (user_id, card_id, direction, due, stability, difficulty, state, learning_steps, reps,
          lapses, first_review, last_review, suspended_at, buried_until)
        select user_id, ${copyOf(sql`card_id`)}, direction, due, stability, difficulty, state, learning_steps, reps, lapses,
          first_review, last_review, suspended_at, buried_until
        from ${cardSchedules} where user_id = ${user_id} and card_id in (${source})`)
      await db.execute(sql`
        insert into ${deckSettings} (user_id, deck_id, desired_retention, typed)
        select user_id, ${deck_id}::uuid, desired_retention, typed
        from ${deckSettings} where user_id = ${user_id} and deck_id = ${source_id}`)
      return { ...result, attempts: attempts.count }
    },
    { whole: true, isolationLevel: 'repeatable read' },
  )
}
