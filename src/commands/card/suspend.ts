import { inArray } from 'drizzle-orm'
import { changing } from '../../db/changes.ts'
import { findCards } from '../../db/find.ts'
import { hold } from '../../db/hold.ts'
import { cards } from '../../db/schema.ts'
import { examples, type Verb } from '../verb.ts'
import { byPosition, cardView, selectCards, titled } from './shared.ts'

export const suspendCard: Verb = (card, run) => {
  const command = card
    .command('suspend <card...>')
    .description('stop asking cards until they are unsuspended; for you alone')
    .action(
      run(async ({ db, user, out, now }, references: string[]) => {
        const ids = await findCards(db, user, references)
        await changing(db, user, (db) => db.execute(hold(user, ids, { suspended_at: now() })))
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
