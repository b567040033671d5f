import { and, count as dbCount, desc, eq } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { plural } from '../core/plural.ts'
import { aiCandidates, aiJobs, decks } from '../db/schema.ts'
import { readSettings, studyDay } from '../db/settings.ts'
import { ownedBy } from '../db/where.ts'
import { newCardsLeft, toDo } from '../study/queue.ts'
import { dueView } from './due.ts'

/** A bare `rote`: what is due, and the next useful command. */
export default async function home({ db, user, config, out, now }: Context): Promise<void> {
  const settings = await readSettings(db, user)
  const moment = { now: now(), day: studyDay(settings, config.timeZone, now()) }
  const newLeft = await newCardsLeft(db, user, settings, moment.day)
  const { decks: due, count } = await toDo(db, user, newLeft, moment)
  await out.list({ ...dueView, empty: '' }, due)
  const [proposed] = await db
    .select({ job_id: aiCandidates.job_id, cards: dbCount() })
    .from(aiCandidates)
    .innerJoin(aiJobs, eq(aiJobs.job_id, aiCandidates.job_id))
    .where(and(eq(aiJobs.user_id, user.user_id), eq(aiCandidates.decision, 'proposed')))
    .groupBy(aiCandidates.job_id, aiJobs.created_at)
    .orderBy(desc(aiJobs.created_at))
    .limit(1)
  if (proposed)
    out.say(
      `\n${plural(proposed.cards, 'generated card')} ${proposed.cards === 1 ? 'waits' : 'wait'} for a decision: rote generate review ${proposed.job_id.slice(0, 8)}`,
    )
  if (count > 0)
    return out.say(
      `\n${count === 1 ? '1 card waits' : `${count.toLocaleString('en')} cards wait`}. Study: rote study`,
    )
  const any = await db.$count(decks, ownedBy(user))
  out.say(
    any > 0
      ? 'Nothing is due. Add cards with: rote card add <deck>'
      : 'No decks yet. Make one with: rote deck create <name>\nOr take one from a file:  rote deck import <file>',
  )
}
