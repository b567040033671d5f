import { and, inArray, sql } from 'drizzle-orm'
import { changeableBy } from '../../db/change.ts'
import { changedBy } from '../../db/changes.ts'
import { findCards } from '../../db/find.ts'
import { cards } from '../../db/schema.ts'
import { examples, type Verb } from '../verb.ts'
import { cardView, selectCards, titled } from './shared.ts'

export const deleteCard: Verb = (card, run) => {
  const command = card
    .command('delete <card...>')
    .alias('rm')
    .description('move cards to the trash')
    .action(
      run(async ({ db, user, out }, references: string[]) => {
        const ids = await findCards(db, user, references, 'edit')
        const found = await selectCards(db, user).where(inArray(cards.card_id, ids))
        const deleted = await db
          .update(cards)
          .set({ deleted_at: sql`now()` })
          .where(and(inArray(cards.card_id, ids), changeableBy(db, user), changedBy(user)))
          .returning({ card_id: cards.card_id })
        const gone = new Set(deleted.map(({ card_id }) => card_id))
        const rows = found.filter(({ card_id }) => gone.has(card_id))
        const sentences = rows.map((row) => `Moved ${titled(row)} to the trash.`).join('\n')
        await out.doneAll(cardView, rows, sentences)
      }),
    )
  examples(command, [['rote card delete 3f9a 77c0', 'two cards, by the beginnings of their ids']])
}
