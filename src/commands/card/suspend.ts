import { inArray, sql } from 'drizzle-orm'
import { DIRECTIONS } from '../../core/card.ts'
import { findCards } from '../../db/find.ts'
import { cardSchedules, cards } from '../../db/schema.ts'
import { uuids } from '../../db/where.ts'
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
        await db.execute(sql`
          insert into ${cardSchedules} (user_id, card_id, direction, due, stability, difficulty, state, suspended_at)
          select ${user.user_id}::uuid, card_id, direction, now(), 0, 0, 'new', now()
          from unnest(${uuids(ids)}) as card_id, unnest(${`{${DIRECTIONS.join(',')}}`}::text[]) as direction
          on conflict (user_id, card_id, direction)
            do update set suspended_at = coalesce(card_schedules.suspended_at, excluded.suspended_at)`)
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
