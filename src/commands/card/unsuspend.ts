import { inArray } from 'drizzle-orm'
import { changing } from '../../db/changes.ts'
import { findCards } from '../../db/find.ts'
import { release } from '../../db/hold.ts'
import { cards } from '../../db/schema.ts'
import { examples, type Verb } from '../verb.ts'
import { byPosition, cardView, selectCards, titled } from './shared.ts'

export const unsuspendCard: Verb = (card, run) => {
  const command = card
    .command('unsuspend <card...>')
    .description('ask suspended cards again')
    .action(
      run(async ({ db, user, out, now }, references: string[]) => {
        const ids = await findCards(db, user, references)
        await changing(db, user, (db) => db.execute(release(user, ids, 'suspended_at', now())))
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
