import { inArray, sql } from 'drizzle-orm'
import { DIRECTIONS } from '../../core/card.ts'
import { findCards } from '../../db/find.ts'
import { cardSchedules, cards } from '../../db/schema.ts'
import { examples, type Verb } from '../verb.ts'
import { byPosition, cardView, selectCards, titled } from './shared.ts'

export const suspendCard: Verb = (card, run) => {
  const command = card
    .command('suspend <card...>')
    .description('do not ask cards any more, until unsuspended; for you alone')
    .action(
      run(async ({ db, user, out }, references: string[]) => {
        const ids = await findCards(db, user, references)
        // a card that was never answered has no schedule yet to hold it
        const held = {
          user_id: user.user_id,
          due: sql`now()`,
          stability: 0,
          difficulty: 0,
          state: 'new' as const,
          suspended_at: sql`now()`,
        }
        await db
          .insert(cardSchedules)
          .values(ids.flatMap((card_id) => DIRECTIONS.map((direction) => ({ ...held, card_id, direction }))))
          .onConflictDoUpdate({
            target: [cardSchedules.user_id, cardSchedules.card_id, cardSchedules.direction],
            set: { suspended_at: sql`coalesce(${cardSchedules.suspended_at}, excluded.suspended_at)` },
          })
        const rows = await selectCards(db, user)
          .where(inArray(cards.card_id, ids))
          .orderBy(...byPosition)
        await out.doneAll(cardView, rows, rows.map((row) => `Suspended ${titled(row)}.`).join('\n'))
      }),
    )
  examples(command, [
    ['rote card suspend 3f9a', 'its schedule waits'],
    ['rote card list Spanish --tag rare -q | xargs rote card suspend', 'all with a tag'],
  ])
}
