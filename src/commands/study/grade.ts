import { randomUUID } from 'node:crypto'
import { type Command, InvalidArgumentError } from 'commander'
import { sql } from 'drizzle-orm'
import { type Direction, GRADES, type Grade } from '../../core/card.ts'
import { formatInterval } from '../../core/interval.ts'
import { nextSchedule, type Schedule } from '../../core/schedule.ts'
import { laterThan } from '../../core/session.ts'
import type { Database } from '../../db/connect.ts'
import { findCard } from '../../db/find.ts'
import { revisionSessions, sittings } from '../../db/schema.ts'
import { readSettings, studyDay } from '../../db/settings.ts'
import type { User } from '../../db/user.ts'
import { notFound } from '../../errors.ts'
import { loadCards } from '../../study/cards.ts'
import { createJournal } from '../../study/journal.ts'
import type { View } from '../../ui/output.ts'
import { examples, oneOf, type Verb } from '../verb.ts'
import { optionsOf } from './shared.ts'

interface Graded extends Schedule {
  attempt_id: string
  card_id: string
  direction: Direction
  confidence_status: Grade
  user_answer: string | null
  attempted_at: Date
}

const gradedView: View<Graded> = { columns: [], key: ({ attempt_id }) => attempt_id, empty: '' }

export const gradeCard: Verb = (study, run) => {
  const command = study
    .command('grade')
    .argument('<card>')
    .argument('<grade>', GRADES.join(', '), oneOf(GRADES))
    .description('answer a card from a script or an editor')
    .option('--answer <text>', 'what was typed')
    .option('--reverse', 'it was asked back to front')
    .option('--seconds <n>', 'how many seconds it took', seconds)
    .action(
      run(
        async (
          { db, user, config, out, term, now },
          reference: string,
          grade: Grade,
          ____: unknown,
          command: Command,
        ) => {
          const options = optionsOf<{ answer?: string; reverse?: true; seconds?: number }>(command)
          const { card_id } = await findCard(db, user, reference)
          const direction = options.reverse ? 'reverse' : 'forward'
          const [card] = await loadCards(db, user, [[card_id, direction]], { suspended: true })
          if (!card) throw notFound('card', reference)
          const settings = await readSettings(db, user)
          const at = now()
          const attempted_at = laterThan(at, card.schedule?.last_review)
          const { weights } = settings
          const schedule = nextSchedule(card.schedule, grade, attempted_at, { ...card, weights })
          const today = await scriptedToday(db, user, studyDay(settings, config.timeZone, at).start)
          const journal = createJournal(db, user, {
            sitting_id: today?.sitting_id ?? randomUUID(),
            mode: 'script',
            selection: {},
            queue: [],
            ...term.here,
            playlist_id: null,
            started_at: at,
            zone: () => settings.time_zone ?? config.timeZone.name,
            studyDate: (at) => studyDay(settings, config.timeZone, at).date,
            weights,
            sessions: today?.sessions ?? new Map(),
          })
          const attempt = {
            type: 'attempt',
            attempt_id: randomUUID(),
            card,
            confidence_status: grade,
            user_answer: options.answer ?? null,
            attempted_at,
            duration_ms: Math.round((options.seconds ?? 0) * 1000),
            schedule,
          } as const
          const saved = await journal.save(attempt, null)
          if (saved.kind === 'gone') throw notFound('card', reference)
          await journal.carryOut({ type: 'end' }, at)
          const after = saved.schedule ?? schedule
          const { type: _, card: __, schedule: ___, ...row } = attempt
          await out.done(
            gradedView,
            { ...row, card_id, direction, ...after },
            `${grade}: back in ${formatInterval(after.due.getTime() - at.getTime())}.`,
          )
        },
      ),
    )
  examples(command, [
    ['rote study grade 3f9a got_it', 'the card whose id begins with 3f9a'],
    ['rote study grade 3f9a almost --answer "el pero" --seconds 4', 'with what was typed'],
  ])
}

/** What scripts have answered today is one sitting, however many processes it takes. */
async function scriptedToday(
  db: Database,
  user: User,
  since: Date,
): Promise<{ sitting_id: string; sessions: Map<string, string> } | null> {
  const rows = await db.execute<{
    sitting_id: string
    deck_id: string | null
    session_id: string | null
  }>(sql`
    select sitting.sitting_id, session.deck_id, session.session_id
    from (
      select sitting_id from ${sittings}
      where user_id = ${user.user_id} and mode = 'script' and started_at >= ${since.toISOString()}::timestamptz
      order by started_at desc limit 1
    ) sitting
    left join ${revisionSessions} session using (sitting_id)`)
  const [first] = rows
  if (!first) return null
  const sessions = rows.flatMap(({ deck_id, session_id }) =>
    deck_id && session_id ? [[deck_id, session_id] as const] : [],
  )
  return { sitting_id: first.sitting_id, sessions: new Map(sessions) }
}

function seconds(text: string): number {
  const number = Number(text)
  if (text.trim() === '' || !(number >= 0 && number <= 86_400))
    throw new InvalidArgumentError('It must be a number of seconds, from 0 to 86400.')
  return number
}
