import { eq } from 'drizzle-orm'
import { checkEmail, checkFullName, checkName } from '../../core/name.ts'
import { findUser } from '../../db/find.ts'
import { users } from '../../db/schema.ts'
import { notFound, usage } from '../../errors.ts'
import { examples, type Verb } from '../verb.ts'
import { mayManage, readUser, takenName, userView } from './shared.ts'

export const editUser: Verb = (parent, run) => {
  const command = parent
    .command('edit [user]')
    .description('change a name or an e-mail address, without a user your own')
    .option('--name <name>', 'the new name')
    .option('--email <address>', 'the new e-mail address; "" for none')
    .option('--full-name <name>', 'the new full name; "" for none')
    .action(
      run(
        async (
          { db, user, out },
          reference: string | undefined,
          options: { name?: string; email?: string; fullName?: string },
        ) => {
          const changes = {
            ...(options.name !== undefined && { username: checkName('user', options.name) }),
            ...(options.email !== undefined && { email: checkEmail(options.email) }),
            ...(options.fullName !== undefined && { full_name: checkFullName(options.fullName) }),
          }
          if (Object.keys(changes).length === 0)
            throw usage('There is nothing to change.', 'Say what: --name, --email or --full-name')
          const them = reference === undefined ? user : await findUser(db, reference)
          await mayManage(db, user, them)
          const [changed] = await db
            .update(users)
            .set(changes)
            .where(eq(users.user_id, them.user_id))
            .returning({ username: users.username })
            .catch((thrown) => {
              throw takenName(thrown, changes)
            })
          if (!changed) throw notFound('user', them.username)
          const row = await readUser(db, user, them.user_id)
          await out.done(userView, row, `Changed the user "${changed.username}".`)
        },
      ),
    )
  examples(command, [
    ['rote user edit --full-name "Ada Lovelace"', 'your own'],
    ['rote user edit bret --name bert', 'correct a name; all that is theirs stays'],
  ])
}
