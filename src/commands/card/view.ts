import { findCard } from '../../db/find.ts'
import { examples, type Verb } from '../verb.ts'
import { cardView, readCard } from './shared.ts'

export const viewCard: Verb = (card, run) => {
  const command = card
    .command('view <card>')
    .description('show one card')
    .action(
      run(async ({ db, user, out }, reference: string) => {
        const { card_id } = await findCard(db, user, reference)
        await out.one(
          {
            ...cardView,
            columns: cardView.columns.map((c) => (c.header === 'id' ? { header: 'id', value: c.value } : c)),
          },
          await readCard(db, user, card_id),
        )
      }),
    )
  examples(command, [['rote card view 3f9a', 'by the beginning of its id']])
}
