import { eq, sql } from 'drizzle-orm'
import { plural } from '../../core/plural.ts'
import type { Database } from '../../db/connect.ts'
import { findUser } from '../../db/find.ts'
import { forgetChanges } from '../../db/history.ts'
import { loginFile, removeLogin } from '../../db/login-file.ts'
import { users } from '../../db/schema.ts'
import type { User } from '../../db/user.ts'
import { conflict, notFound } from '../../errors.ts'
import { examples, type Verb } from '../verb.ts'
import { mayManage, readUser, userView } from './shared.ts'

export const deleteUser: Verb = (parent, run) => {
  const command = parent
    .command('delete <user>')
    .alias('rm')
    .description('delete a user with all that is theirs, for good')
    .action(
      run(async ({ db, user, config, out, term }, reference: string) => {
        const them = await findUser(db, reference)
        await mayManage(db, user, them)
        const row = await readUser(db, user, them.user_id)
        if ((await db.$count(users)) === 1) throw lastUser(them)
        const what = await belongings(db, them)
        const question = `Delete ${them.username === user.username ? 'yourself' : them.username}${what}? This cannot be undone.`
        if (!(await term.confirm(question, '--yes'))) return out.nothing('Nothing was changed.')
        await db.transaction(async (db) => {
          // two who delete each other at once would both leave somebody behind
          await db.execute(sql`select pg_advisory_xact_lock(7239802)`)
          if ((await db.$count(users)) === 1) throw lastUser(them)
          const [gone] = await db
            .delete(users)
            .where(eq(users.user_id, them.user_id))
            .returning({ user_id: users.user_id })
          if (!gone) throw notFound('user', reference)
          await forgetChanges(db)
        })
        if (them.user_id === user.user_id && user.how === 'login') removeLogin(loginFile(config))
        await out.done(userView, row, `Deleted ${them.username}${what}.`)
      }),
    )
  examples(command, [
    ['rote user delete bert', 'says what goes with them, and asks'],
    ['rote user delete bert --yes', 'for a script'],
  ])
}

function lastUser({ username }: User) {
  return conflict(
    `${username} is the only user, and cannot be deleted.`,
    'Make another first: rote user create <name>',
  )
}

/** What goes with a user, as the end of a sentence. */
async function belongings(db: Database, { user_id }: User): Promise<string> {
  const [found] = await db.execute<
    Record<'decks' | 'cards' | 'playlists' | 'answers' | 'people', number>
  >(sql`
    select
      (select count(*)::int from decks where user_id = ${user_id}) as decks,
      (select count(*)::int from cards join decks using (deck_id) where user_id = ${user_id}) as cards,
      (select count(*)::int from playlists where user_id = ${user_id}) as playlists,
      (select count(*)::int from revision_attempts join revision_sessions using (session_id)
        where user_id = ${user_id}) as answers,
      (select count(distinct shared_with_id)::int from deck_shares where owner_id = ${user_id}) as people`)
  if (!found) throw new Error('nothing was counted')
  const things = [
    ...(['deck', 'card', 'playlist', 'answer'] as const).flatMap((thing) =>
      found[`${thing}s`] > 0 ? [plural(found[`${thing}s`], thing)] : [],
    ),
    ...(found.people > 0
      ? [
          `all that ${found.people === 1 ? '1 other person has' : `${found.people} other people have`} learned of it`,
        ]
      : []),
  ]
  return things.length === 0 ? '' : ` with ${things.join(', ')}`
}
