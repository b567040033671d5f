import type { Command } from 'commander'
import { and, desc, eq, type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import type { Database } from '../../db/connect.ts'
import { calledBy, findDeck } from '../../db/find.ts'
import { cards, decks, revisionAttempts, revisionSessions, users } from '../../db/schema.ts'
import type { User } from '../../db/user.ts'
import { answeredHere, readableBy } from '../../db/where.ts'
import type { View } from '../../ui/output.ts'
import { listPage, type PageOptions, paged } from '../page.ts'
import { examples, type Verb } from '../verb.ts'
import { optionsOf } from './shared.ts'

type AttemptRow = Awaited<ReturnType<typeof selectAttempts>>[number]

const historyView: View<AttemptRow> = {
  columns: [
    { header: 'id', value: (attempt) => attempt.attempt_id, hidden: true },
    {
      header: 'when',
      value: (attempt) => attempt.attempted_at,
      show: (attempt) => attempt.attempted_at.toISOString().slice(0, 16).replace('T', ' '),
    },
    { header: 'grade', value: (attempt) => attempt.confidence_status },
    { header: 'question', value: (attempt) => attempt.question, flexible: true },
    { header: 'typed', value: (attempt) => attempt.user_answer, flexible: true },
    { header: 'deck', value: (attempt) => attempt.deck, flexible: true },
    {
      header: 'time',
      value: (attempt) => attempt.duration_ms,
      show: (attempt) => (attempt.duration_ms === null ? '' : `${Math.round(attempt.duration_ms / 1000)} s`),
      align: 'right',
    },
    { header: 'card', value: (attempt) => attempt.card_id, hidden: true },
    { header: 'direction', value: (attempt) => attempt.direction, hidden: true },
    { header: 'state', value: (attempt) => attempt.state, hidden: true },
    { header: 'scheduled', value: (attempt) => String(attempt.scheduled), hidden: true },
    { header: 'study date', value: (attempt) => attempt.study_date, hidden: true },
  ],
  key: (attempt) => attempt.attempt_id,
  empty: 'No answers yet. Study with: rote study',
}

/** The person's answers with their cards. What they may not see any more is named by its id only. */
function selectAttempts(db: Database, user: User) {
  const visible = sql`${cards.deck_id} in (select ${decks.deck_id} from ${decks} where ${readableBy(user)})`
  return db
    .select({
      attempt_id: revisionAttempts.attempt_id,
      session_id: revisionAttempts.session_id,
      card_id: revisionAttempts.card_id,
      direction: revisionAttempts.direction,
      user_answer: revisionAttempts.user_answer,
      confidence_status: revisionAttempts.confidence_status,
      attempted_at: revisionAttempts.attempted_at,
      duration_ms: revisionAttempts.duration_ms,
      study_date: revisionAttempts.study_date,
      state: revisionAttempts.state,
      scheduled: revisionAttempts.scheduled,
      question: sql<string | null>`case when ${visible} then ${cards.question} end`,
      deck: sql<string | null>`case when ${visible} then ${calledBy(user)} end`,
      started_at: revisionSessions.started_at,
    })
    .from(revisionSessions)
    .innerJoin(revisionAttempts, eq(revisionAttempts.session_id, revisionSessions.session_id))
    .innerJoin(cards, eq(cards.card_id, revisionAttempts.card_id))
    .innerJoin(decks, eq(decks.deck_id, cards.deck_id))
    .innerJoin(users, eq(users.user_id, decks.user_id))
    .$dynamic()
}

export const listHistory: Verb = (study, run) => {
  const command = paged(study.command('history').argument('[deck]', 'only this deck'))
    .description('your answers, the latest sitting first')
    .action(
      run(async ({ db, user, out }, reference: string | undefined, _: unknown, command: Command) => {
        const options = optionsOf<PageOptions>(command)
        const deck = reference === undefined ? null : await findDeck(db, user, reference)
        const mine = and(
          eq(revisionSessions.user_id, user.user_id),
          // in the history of a copy are the answers that came with it; in that of everything each is once
          deck ? eq(cards.deck_id, deck.deck_id) : answeredHere,
        )
        await listPage(out, historyView, options, ({ last, offset, limit }) =>
          selectAttempts(db, user)
            .where(and(mine, last && behind(last)))
            // sitting by sitting, along the indexes
            .orderBy(
              desc(inMs(revisionSessions.started_at)),
              desc(revisionSessions.session_id),
              desc(inMs(revisionAttempts.attempted_at)),
              desc(revisionAttempts.attempt_id),
            )
            .offset(offset)
            .limit(limit),
        )
      }),
    )
  examples(command, [
    ['rote study history Spanish', 'what you answered, and when'],
    ['rote study history --json', 'all of it'],
  ])
}

/** The answers after this one, in the order of the list. */
function behind(last: AttemptRow): SQL {
  return sql`(${inMs(revisionSessions.started_at)}, ${revisionSessions.session_id}, ${inMs(revisionAttempts.attempted_at)}, ${revisionAttempts.attempt_id})
    < (${last.started_at.toISOString()}::timestamptz, ${last.session_id}::uuid, ${last.attempted_at.toISOString()}::timestamptz, ${last.attempt_id}::uuid)`
}

/** A date of JavaScript's, by which a page goes on, has no more than milliseconds. */
function inMs(column: SQLWrapper): SQL {
  return sql`date_trunc('milliseconds', ${column})`
}
