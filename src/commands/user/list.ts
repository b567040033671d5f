import { type Fetch, listPage, type PageOptions, paged } from '../page.ts'
import { examples, type Verb } from '../verb.ts'
import { byName, byNameBehind, selectUsers, type UserRow, userView } from './shared.ts'

export const listUsers: Verb = (parent, run) => {
  const command = paged(parent.command('list'))
    .alias('ls')
    .description('list the people of the database')
    .action(
      run(async ({ db, user, out }, options: PageOptions) => {
        const fetch: Fetch<UserRow> = ({ last, offset, limit }) =>
          selectUsers(db, user)
            .where(last && byNameBehind(last))
            .orderBy(byName)
            .limit(limit)
            .offset(offset)
        await listPage(out, userView, options, fetch)
      }),
    )
  examples(command, [['rote user list', 'who can be given a share']])
}
