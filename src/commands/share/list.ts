import { and, eq, sql } from 'drizzle-orm'
import { findDeck } from '../../db/find.ts'
import { deckShares, decks } from '../../db/schema.ts'
import { type Fetch, listPage, type PageOptions, paged } from '../page.ts'
import { examples, type Verb } from '../verb.ts'
import { given, received, receivers, type ShareRow, selectShares, shareView } from './shared.ts'

interface Options extends PageOptions {
  withMe?: true
}

export const listShares: Verb = (share, run) => {
  const command = paged(share.command('list [deck]'))
    .alias('ls')
    .description('list what you share, with whom, and what they may do')
    .option('--with-me', 'what others share with you')
    .action(
      run(async ({ db, user, out }, reference: string | undefined, options: Options) => {
        const { withMe = false } = options
        const deck =
          reference === undefined ? null : await findDeck(db, user, reference, withMe ? 'read' : 'own')
        const whose = withMe ? received(user) : given(user)
        const name = sql`lower(${decks.name})`
        const whom = sql`lower(${receivers.username})`
        const fetch: Fetch<ShareRow> = ({ last, offset, limit }) =>
          selectShares(db, user)
            .where(
              and(
                whose,
                deck ? eq(decks.deck_id, deck.deck_id) : undefined,
                last &&
                  sql`(${name}, ${whom}, ${deckShares.share_id}) > (select ${name}, ${whom}, ${deckShares.share_id}
                  from ${deckShares} join ${decks} using (deck_id)
                  join users receivers on receivers.user_id = shared_with_id
                  where share_id = ${last.share_id})`,
              ),
            )
            .orderBy(name, whom, deckShares.share_id)
            .limit(limit)
            .offset(offset)
        const hidden = withMe ? 'with' : ''
        const columns = shareView.columns.map((c) =>
          c.header === hidden ? { ...c, hidden: true as const } : c,
        )
        const none = deck
          ? `"${deck.name}" is shared with nobody. Share it with: rote share add "${deck.name}" <user>`
          : shareView.empty
        const empty = withMe ? 'Nobody shares a deck with you.' : none
        await listPage(out, { ...shareView, columns, empty }, options, fetch)
      }),
    )
  examples(command, [
    ['rote share list', 'by deck'],
    ['rote share list Spanish', 'who studies it with you'],
    ['rote share list --with-me', 'decks of others, and what you may do with them'],
  ])
}
