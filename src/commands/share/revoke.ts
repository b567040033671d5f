import { and, eq, sql } from 'drizzle-orm'
import { changedBy } from '../../db/changes.ts'
import { findDeck } from '../../db/find.ts'
import { deckShares } from '../../db/schema.ts'
import { CliError } from '../../errors.ts'
import { examples, type Verb } from '../verb.ts'
import { given, receivers, selectShares, shareView } from './shared.ts'

export const revokeShare: Verb = (share, run) => {
  const command = share
    .command('revoke <deck> <user>')
    .description('share a deck with somebody no longer; what they have learnt stays theirs')
    .action(
      run(async ({ db, user, out }, reference: string, called: string) => {
        const { deck_id, name } = await findDeck(db, user, reference, 'own')
        const person = called.trim()
        // looked for among those who have it only: it does not tell who else there is
        const [row] = await selectShares(db, user)
          .where(
            and(
              given(user),
              eq(deckShares.deck_id, deck_id),
              sql`lower(${receivers.username}) = lower(${person})`,
            ),
          )
          .orderBy(sql`${receivers.username} = ${person} desc`, deckShares.share_id)
          .limit(1)
        const [gone] = row
          ? await db
              .delete(deckShares)
              .where(
                and(
                  eq(deckShares.share_id, row.share_id),
                  eq(deckShares.owner_id, user.user_id),
                  changedBy(user),
                ),
              )
              .returning({ share_id: deckShares.share_id })
          : []
        if (!row || !gone)
          throw new CliError(
            'not_found',
            `"${name}" is not shared with "${person}".`,
            `See with whom: rote share list "${name}"`,
          )
        await out.done(shareView, row, `${row.shared_with} does not see "${name}" any more.`)
      }),
    )
  examples(command, [
    ['rote share revoke Spanish bert', 'his own history stays, and comes back if you share it again'],
  ])
}
