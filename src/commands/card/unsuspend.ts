import { and, eq, inArray, isNotNull, sql } from 'drizzle-orm'
import { findCards } from '../../db/find.ts'
import { cardSchedules, cards } from '../../db/schema.ts'
import { examples, type Verb } from '../verb.ts'
import { byPosition, cardView, selectCards, titled } from './shared.ts'

export const unsuspendCard: Verb = (card, run) => {
  const command = card
    .command('unsuspend <card...>')
    .description('ask suspended cards again')
    .action(
      run(async ({ db, user, out }, references: string[]) => {
        const ids = await findCards(db, user, references)
        const theirs = and(eq(cardSchedules.user_id, user.user_id), inArray(cardSchedules.card_id, ids))
        await db.transaction(async (db) => {
          // what was never answered, and is not buried either, needs no schedule
          const idle = sql`(${cardSchedules.buried_until} is null or ${cardSchedules.buried_until} <= now())`
          await db.delete(cardSchedules).where(and(theirs, eq(cardSchedules.state, 'new'), idle))
          await db
            .update(cardSchedules)
            .set({ suspended_at: null })
            .where(and(theirs, isNotNull(cardSchedules.suspended_at)))
        })
        const rows = await selectCards(db, user)
          .where(inArray(cards.card_id, ids))
          .orderBy(...byPosition)
        await out.doneAll(cardView, rows, rows.map((row) => `${titled(row)} is asked again.`).join('\n'))
      }),
    )
  examples(command, [
    ['rote card unsuspend 3f9a', 'it goes on where it was'],
    ['rote card list --suspended -q | xargs rote card unsuspend', 'all of them'],
  ])
}
