import { and, eq, sql } from 'drizzle-orm'
import { plural } from '../../core/plural.ts'
import { changedBy } from '../../db/changes.ts'
import { findDeck } from '../../db/find.ts'
import { decks } from '../../db/schema.ts'
import { ownedBy } from '../../db/where.ts'
import { notFound } from '../../errors.ts'
import { examples, type Verb } from '../verb.ts'
import { deckView, readDeck } from './shared.ts'

export const deleteDeck: Verb = (deck, run) => {
  const command = deck
    .command('delete <deck>')
    .alias('rm')
    .description('move a deck and its cards to the trash')
    .action(
      run(async ({ db, user, out, term, now }, reference: string) => {
        const { deck_id, name } = await findDeck(db, user, reference, 'own')
        const row = await readDeck(db, user, now(), deck_id)
        const what =
          row.cards === 0
            ? `the empty deck "${name}"`
            : `the deck "${name}" and its ${plural(row.cards, 'card')}`
        if (!(await term.confirm(`Move ${what} to the trash?`, '--yes'))) {
          return out.nothing('Nothing was changed.')
        }
        const [gone] = await db
          .update(decks)
          .set({ deleted_at: sql`now()` })
          .where(and(eq(decks.deck_id, deck_id), ownedBy(user), changedBy(user)))
          .returning({ deck_id: decks.deck_id })
        if (!gone) throw notFound('deck', reference)
        await out.done(deckView(user), row, `Moved ${what} to the trash.`)
      }),
    )
  examples(command, [
    ['rote deck delete Spanish', 'asks first'],
    ['rote deck delete Spanish --yes', 'for a script'],
  ])
}
