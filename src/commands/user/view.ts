import { findUser } from '../../db/find.ts'
import { examples, type Verb } from '../verb.ts'
import { readUser, userView } from './shared.ts'

export const viewUser: Verb = (parent, run) => {
  const command = parent
    .command('view [user]')
    .description('show one user, without a name yourself')
    .action(
      run(async ({ db, user, out }, reference?: string) => {
        const { user_id } = reference === undefined ? user : await findUser(db, reference)
        await out.one(userView, await readUser(db, user, user_id))
      }),
    )
  examples(command, [['rote user view bert', 'who is that?']])
}
