import type { Context } from '../context.ts'
import { decks } from '../db/schema.ts'
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
