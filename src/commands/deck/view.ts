import { findDeck } from '../../db/find.ts'
import { examples, type Verb } from '../verb.ts'
import { deckView, readDeck } from './shared.ts'

export const viewDeck: Verb = (deck, run) => {
  const command = deck
    .command('view <deck>')
    .description('show one deck')
    .action(
      run(async ({ db, user, out, now }, reference: string) => {
        const { deck_id } = await findDeck(db, user, reference)
        await out.one(deckView(user), await readDeck(db, user, now(), deck_id))
      }),
    )
  examples(command, [['rote deck view Spanish', 'how many cards, how many due']])
}
