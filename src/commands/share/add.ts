import { and, eq, sql } from 'drizzle-orm'
import { changedBy } from '../../db/changes.ts'
import { findDeck, findPerson } from '../../db/find.ts'
import { deckShares, decks, PERMISSIONS } from '../../db/schema.ts'
import { ownedBy } from '../../db/where.ts'
import { notFound, usage } from '../../errors.ts'
import { examples, oneOf, type Verb } from '../verb.ts'
import { MAY, type ShareRow, selectShares, shareView } from './shared.ts'

type Permission = ShareRow['permission']

export const addShare: Verb = (share, run) => {
  const command = share
    .command('add <deck> <user>')
    .description('let somebody study a deck of yours; again: change what they may do')
    .option(
      '--permission <permission>',
      'view, or edit to let them change its cards, too',
      oneOf(PERMISSIONS),
      'view',
    )
    .action(
      run(
        async (
          { db, user, out },
          reference: string,
          called: string,
          { permission }: { permission: Permission },
        ) => {
          const { deck_id, name } = await findDeck(db, user, reference, 'own')
          const person = await findPerson(db, user, called)
          if (person.user_id === user.user_id)
            throw usage(`"${name}" is yours: there is no need to share it with yourself.`)
          const [added] = await db.execute<{ share_id: string; before: Permission | null }>(sql`
            with before as (
              select permission from ${deckShares} where deck_id = ${deck_id} and shared_with_id = ${person.user_id}
            ), added as (
              insert into ${deckShares} (deck_id, owner_id, shared_with_id, permission)
              select deck_id, user_id, ${person.user_id}::uuid, ${permission} from ${decks}
              where ${and(eq(decks.deck_id, deck_id), ownedBy(user), changedBy(user))}
              on conflict (deck_id, shared_with_id) do update set permission = excluded.permission
              returning share_id
            )
            select share_id, (select permission from before) as before from added`)
          if (!added) throw notFound('deck', reference)
          const [row] = await selectShares(db, user).where(eq(deckShares.share_id, added.share_id))
          // somebody has revoked it in this very moment
          if (!row) throw notFound('share', added.share_id)
          const { before } = added
          const now = before === permission ? 'already' : before ? 'from now on' : 'now'
          await out.done(shareView, row, `${row.shared_with} may ${MAY[permission]} "${name}" ${now}.`)
        },
      ),
    )
  examples(command, [
    ['rote share add Spanish bert', 'bert studies it, at his own pace'],
    ['rote share add Spanish bert --permission edit', 'and may change its cards'],
  ])
}
