import { readableBy, sharedWith } from '../../db/where.ts'
import { batches, type PageOptions, paged, pageOf } from '../page.ts'
import { examples, type Verb } from '../verb.ts'
import { byName, type DeckRow, deckView, selectDecks } from './shared.ts'

export const listDecks: Verb = (deck, run) => {
  const command = paged(deck.command('list'))
    .alias('ls')
    .description('list decks, with what is due in them')
    .option('--shared', 'only those that others share with you')
    .action(
      run(async ({ db, user, out, now }, options: PageOptions & { shared?: true }) => {
        const at = now()
        const pages = batches(
          pageOf(options, out.mode),
          (limit, offset): Promise<DeckRow[]> =>
            selectDecks(db, user, at)
              .where(options.shared ? sharedWith(user) : readableBy(user))
              .orderBy(byName)
              .limit(limit)
              .offset(offset),
        )
        const view = deckView(user)
        await out.list(options.shared ? { ...view, empty: 'Nobody shares a deck with you.' } : view, pages)
      }),
    )
  examples(command, [
    ['rote deck list', 'your decks and those shared with you'],
    ['rote deck list --json | jq -r ".[].name"', 'their names, for a script'],
  ])
}
