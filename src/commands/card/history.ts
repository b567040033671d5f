import { and, desc, eq, getTableColumns, sql } from 'drizzle-orm'
import { findCard } from '../../db/find.ts'
import { revisionAttempts, revisionSessions } from '../../db/schema.ts'
import type { View } from '../../ui/output.ts'
import { listPage, type PageOptions, paged } from '../page.ts'
import { examples, type Verb } from '../verb.ts'
import { titled } from './shared.ts'

type AttemptRow = typeof revisionAttempts.$inferSelect

/** A window in which the hour would leave no room for the answer. */
const NARROW = 60

const attemptView = (columns: number): View<AttemptRow> => ({
  columns: [
    { header: 'id', value: (attempt) => attempt.attempt_id, hidden: true },
    {
      header: 'when',
      value: (attempt) => attempt.attempted_at,
      show: (attempt) => clockTime(attempt, columns < NARROW),
    },
    { header: 'grade', value: (attempt) => attempt.confidence_status },
    { header: 'typed', value: (attempt) => attempt.user_answer, flexible: true },
    {
      header: 'time',
      value: (attempt) => attempt.duration_ms && attempt.duration_ms / 1000,
      show: (attempt) => (attempt.duration_ms === null ? '' : `${Math.round(attempt.duration_ms / 1000)} s`),
      align: 'right',
    },
    { header: 'state', value: (attempt) => attempt.state, show: circumstances, flexible: true },
    { header: 'direction', value: (attempt) => attempt.direction, hidden: true },
    { header: 'counted', value: (attempt) => attempt.scheduled, hidden: true },
    { header: 'study date', value: (attempt) => attempt.study_date, hidden: true },
  ],
  key: (attempt) => attempt.attempt_id,
  empty: '',
})

export const showHistory: Verb = (card, run) => {
  const command = paged(card.command('history <card>'))
    .description('your answers to a card, the newest first')
    .action(
      run(async ({ db, user, out, term }, reference: string, options: PageOptions) => {
        const { card_id, question } = await findCard(db, user, reference)
        const mine = and(eq(revisionAttempts.card_id, card_id), eq(revisionSessions.user_id, user.user_id))
        const { attempt_id } = revisionAttempts
        // as exact as the date of a row that the next page goes on behind
        const moment = sql`date_trunc('milliseconds', ${revisionAttempts.attempted_at})`
        const view = {
          ...attemptView(term.size().columns),
          empty: `You have not answered ${titled({ question })} yet.`,
        }
        await listPage<AttemptRow>(out, view, options, ({ last, offset, limit }) =>
          db
            .select(getTableColumns(revisionAttempts))
            .from(revisionAttempts)
            .innerJoin(revisionSessions, eq(revisionSessions.session_id, revisionAttempts.session_id))
            .where(
              and(
                mine,
                last &&
                  sql`(${moment}, ${attempt_id}) < (${last.attempted_at.toISOString()}::timestamptz, ${last.attempt_id}::uuid)`,
              ),
            )
            .orderBy(desc(moment), desc(attempt_id))
            .offset(offset)
            .limit(limit),
        )
      }),
    )
  examples(command, [
    ['rote card history 3f9a', 'when you answered it, and how'],
    ['rote card history 3f9a --json', 'all that is known of each answer'],
  ])
}

/** The moment on the clock where the learner was, `2026-03-02 11:00`, or its date alone. */
function clockTime({ attempted_at, time_zone }: AttemptRow, dateOnly: boolean): string {
  // Swedish dates are ISO dates
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: time_zone ?? 'UTC',
    dateStyle: 'short',
    ...(!dateOnly && { timeStyle: 'short' }),
  })
  return format.format(attempted_at)
}

/** What the card was like before the answer, and what was unusual about that. */
function circumstances({ state, direction, scheduled }: AttemptRow): string {
  return [state, direction === 'reverse' && 'reverse', !scheduled && 'cramming'].filter(Boolean).join(', ')
}
