import { and, eq, sql } from 'drizzle-orm'
import { findDeck } from '../../db/find.ts'
import { cards } from '../../db/schema.ts'
import { live, readableBy } from '../../db/where.ts'
import { listPage, type PageOptions, paged } from '../page.ts'
import { examples, type Verb } from '../verb.ts'
import { cardView, fetchCards } from './shared.ts'

export const listCards: Verb = (card, run) => {
  const command = paged(card.command('list [deck]'))
    .alias('ls')
    .description('list the cards of a deck, or all')
    .option('--tag <tag>', 'only those with this tag')
    .action(
      run(
        async ({ db, user, out }, reference: string | undefined, options: PageOptions & { tag?: string }) => {
          const deck = reference === undefined ? undefined : await findDeck(db, user, reference)
          const wanted = and(
            readableBy(user),
            live,
            deck && eq(cards.deck_id, deck.deck_id),
            options.tag === undefined ? undefined : sql`${options.tag} = any(${cards.tags})`,
          )
          const empty = deck
            ? `No cards here yet. Add one with: rote card add "${deck.name}"`
            : cardView.empty
          const columns = deck
            ? cardView.columns.map((c) => (c.header === 'deck' ? { ...c, hidden: true as const } : c))
            : cardView.columns
          await listPage(out, { ...cardView, columns, empty }, options, fetchCards(db, user, wanted))
        },
      ),
    )
  examples(command, [
    ['rote card list Spanish', 'its cards, in their order'],
    ['rote card list --tag animals --json', 'all cards with a tag, for a script'],
  ])
}
