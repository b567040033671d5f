import { type SQL, sql } from 'drizzle-orm'
import { plural } from '../../core/plural.ts'
import type { Database } from '../../db/connect.ts'
import { forgetChanges } from '../../db/history.ts'
import { cards, decks, playlists } from '../../db/schema.ts'
import { selectTrash } from '../../db/trash.ts'
import type { User } from '../../db/user.ts'
import type { View } from '../../ui/output.ts'
import { age } from '../parse.ts'
import { examples, type Verb } from '../verb.ts'

/** What has been deleted for good, or would be. */
interface Emptied extends Record<string, unknown> {
  decks: number
  playlists: number
  /** Those of the decks included. */
  cards: number
}

const emptiedView: View<Emptied> = {
  columns: (['decks', 'playlists', 'cards'] as const).map((header) => ({
    header,
    value: (row) => row[header],
  })),
  key: () => '',
  empty: '',
}

export const emptyTrash: Verb = (trash, run) => {
  const command = trash
    .command('empty')
    .description('delete what is in the trash for good: your decks, playlists and cards, with their history')
    .option('--older-than <age>', 'only what has been there that long: 12h, 30d, 2w', age)
    .action(
      run(async ({ db, user, out, term, now }, { olderThan = 0 }: { olderThan?: number }) => {
        const before = new Date(now().getTime() - olderThan).toISOString()
        // without an age it is all of it, whatever the clocks say
        const old = (at: SQL) =>
          olderThan === 0 ? sql`${at} is not null` : sql`${at} < ${before}::timestamptz`
        const found = await count(db, user, old)
        if (found.decks + found.playlists + found.cards === 0)
          return out.nothing(
            olderThan > 0
              ? 'Nothing of yours has been in the trash that long.'
              : (await selectTrash(db, user, { limit: 1 })).length === 0
                ? 'The trash is empty.'
                : 'Nothing in the trash is yours: the cards in it are for the owners of their decks to delete for good.',
          )
        const text = listed(found)
        const question = `Delete ${text} for good? Their history and what others have learnt of them go, too.`
        if (!(await term.confirm(question, '--yes'))) return out.nothing('Nothing was changed.')
        const gone = await db.transaction(async (db) => {
          const gone = await count(db, user, old)
          await db.execute(
            sql`delete from ${playlists} as p where p.user_id = ${user.user_id} and ${old(sql`p.deleted_at`)}`,
          )
          await db.execute(
            sql`delete from ${decks} as d where d.user_id = ${user.user_id} and ${old(sql`d.deleted_at`)}`,
          )
          await db.execute(
            sql`delete from ${cards} as c where ${ownCards(user)} and ${old(sql`c.deleted_at`)}`,
          )
          await forgetChanges(db)
          return gone
        })
        await out.done(emptiedView, gone, `Deleted ${listed(gone)} for good.`)
      }),
    )
  examples(command, [
    ['rote trash empty', 'asks first'],
    ['rote trash empty --older-than 30d --yes', 'for a script'],
  ])
}

/** Of cards, called `c`: who may only change them does not delete them for good. */
function ownCards(user: User): SQL {
  return sql`c.deck_id in (select deck_id from ${decks} where user_id = ${user.user_id})`
}

async function count(db: Database, user: User, old: (at: SQL) => SQL): Promise<Emptied> {
  const [found] = await db.execute<Emptied>(sql`
    select
      (select count(*)::int from ${decks} d where d.user_id = ${user.user_id} and ${old(sql`d.deleted_at`)}) as decks,
      (select count(*)::int from ${playlists} p where p.user_id = ${user.user_id} and ${old(sql`p.deleted_at`)}) as playlists,
      (select count(*)::int from ${cards} c join ${decks} d using (deck_id)
        where d.user_id = ${user.user_id} and (${old(sql`d.deleted_at`)} or ${old(sql`c.deleted_at`)})) as cards`)
  return found ?? { decks: 0, playlists: 0, cards: 0 }
}

function listed({ decks, playlists, cards }: Emptied): string {
  const parts = [
    ...(decks > 0 ? [plural(decks, 'deck')] : []),
    ...(playlists > 0 ? [plural(playlists, 'playlist')] : []),
    ...(cards > 0 ? [plural(cards, 'card')] : []),
  ]
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}
