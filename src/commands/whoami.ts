import { eq } from 'drizzle-orm'
import { users } from '../db/schema.ts'
import type { Reason } from '../db/user.ts'
import type { View } from '../ui/output.ts'
import { examples, type Verb } from './verb.ts'

const whoami: Verb = (whoami, run) => {
  whoami.action(
    run(async ({ db, user, config, out }) => {
      const [row] = await db
        .select({
          user_id: users.user_id,
          username: users.username,
          email: users.email,
          full_name: users.full_name,
          created_at: users.created_at,
        })
        .from(users)
        .where(eq(users.user_id, user.user_id))
      if (!row) throw new Error('the user vanished')
      const who = { ...row, how: user.how }
      if (out.mode !== 'table') return out.one(userView, who)
      const where = config.databaseUrl
        ? 'on the server of DATABASE_URL'
        : `on this machine, in ${config.home}`
      await out.done(userView, who, `${row.username}, ${where}${HOW[user.how]}`)
    }),
  )
  examples(whoami, [['rote whoami --json', 'your user, for a script']])
}
export default whoami

const HOW: Record<Reason, string> = {
  login: ', logged in',
  flag: ', as --user says',
  config: ', as rote config says',
  only: '',
}

const userView: View<{ user_id: string; username: string; how: Reason }> = {
  columns: [{ header: 'username', value: (user) => user.username }],
  key: (user) => user.user_id,
  empty: '',
}
