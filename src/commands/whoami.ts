import { eq } from 'drizzle-orm'
import { users } from '../db/schema.ts'
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
      if (out.mode !== 'table') return out.one(userView, row)
      const where = config.databaseUrl
        ? 'on the server of DATABASE_URL'
        : `on this machine, in ${config.home}`
      await out.done(userView, row, `${row.username}, ${where}`)
    }),
  )
  examples(whoami, [['rote whoami --json', 'your user, for a script']])
}
export default whoami

const userView: View<{ user_id: string; username: string }> = {
  columns: [{ header: 'username', value: (user) => user.username }],
  key: (user) => user.user_id,
  empty: '',
}
