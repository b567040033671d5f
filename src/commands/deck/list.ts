import { and } from 'drizzle-orm'
import { type DeckRow, selectDecks } from '../../db/decks.ts'
import { readableBy, sharedWith } from '../../db/where.ts'
import { type Fetch, listPage, type PageOptions, paged } from '../page.ts'
import { examples, type Verb } from '../verb.ts'
import { byName, byNameBehind, deckView } from './shared.ts'

export const listDecks: Verb = (deck, run) => {
  const command = paged(deck.command('list'))
    .alias('ls')
    .description('list decks, with what is due in them')
    .option('--shared', 'only those that others share with you')
    .action(
      run(async ({ db, user, out, now }, options: PageOptions & { shared?: true }) => {
        const at = now()
        const wanted = options.shared ? sharedWith(user) : readableBy(user)
        const fetch: Fetch<DeckRow> = ({ last, offset, limit }) =>
          selectDecks(db, user, at)
            .where(and(wanted, last && byNameBehind(last)))
            .orderBy(byName)
            .limit(limit)
            .offset(offset)
        const view = deckView(user)
        if (!options.shared) return listPage(out, view, options, fetch)
        const columns = view.columns.map(({ hidden, ...column }) =>
          hidden && column.header !== 'permission' ? { ...column, hidden } : column,
        )
        await listPage(out, { ...view, columns, empty: 'Nobody shares a deck with you.' }, options, fetch)
      }),
    )
  examples(command, [
    ['rote deck list', 'your decks and those shared with you'],
    ['rote deck list --json | jq -r ".[].name"', 'their names, for a script'],
  ])
}
