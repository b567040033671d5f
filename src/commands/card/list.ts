import { and, eq, isNotNull, sql } from 'drizzle-orm'
import { findDeck } from '../../db/find.ts'
import { cardSchedules, cards } from '../../db/schema.ts'
import { live } from '../../db/where.ts'
import { listPage, type PageOptions, paged } from '../page.ts'
import { examples, type Verb } from '../verb.ts'
import { cardView, fetchCards } from './shared.ts'

interface Options extends PageOptions {
  tag?: string
  suspended?: true
}

export const listCards: Verb = (card, run) => {
  const command = paged(card.command('list [deck]'))
    .alias('ls')
    .description('list the cards of a deck, or all')
    .option('--tag <tag>', 'only those with this tag')
    .option('--suspended', 'only those that you have suspended')
    .action(
      run(async ({ db, user, out }, reference: string | undefined, options: Options) => {
        const deck = reference === undefined ? undefined : await findDeck(db, user, reference)
        const wanted = and(
          live,
          deck && eq(cards.deck_id, deck.deck_id),
          options.tag === undefined ? undefined : sql`${options.tag} = any(${cards.tags})`,
          options.suspended && isNotNull(cardSchedules.suspended_at),
        )
        const none = deck ? `No cards here yet. Add one with: rote card add "${deck.name}"` : cardView.empty
        const empty = options.suspended
          ? 'No card is suspended. Suspend one with: rote card suspend <card>'
          : none
        const columns = deck
          ? cardView.columns.map((c) => (c.header === 'deck' ? { ...c, hidden: true as const } : c))
          : cardView.columns
        await listPage(out, { ...cardView, columns, empty }, options, fetchCards(db, user, wanted))
      }),
    )
  examples(command, [
    ['rote card list Spanish', 'its cards, in their order'],
    ['rote card list --tag animals --json', 'all cards with a tag, for a script'],
  ])
}
