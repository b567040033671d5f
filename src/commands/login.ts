import { eq, sql } from 'drizzle-orm'
import { endLogin, logIn } from '../db/login.ts'
import { loginFile, readLogin, writeLogin } from '../db/login-file.ts'
import { requireSchema } from '../db/migrate.ts'
import { users } from '../db/schema.ts'
import { usage } from '../errors.ts'
import type { View } from '../ui/output.ts'
import { askPassword, type PasswordOptions, pipedPassword, withPassword } from './password.ts'
import { examples, type Verb } from './verb.ts'

const login: Verb = (command, run) => {
  withPassword(command.argument('<user>', 'your name')).action(
    run.admin(async ({ db, config, out, term }, name: string, options: PasswordOptions) => {
      await requireSchema(db)
      await mustHavePassword(db, name)
      const password =
        (await pipedPassword(term, options)) ?? (await askPassword(term, `The password of ${name}:`))
      const path = loginFile(config)
      const before = readLogin(path, { exposed: true })
      const { token, ...made } = await logIn(db, name, password)
      writeLogin(path, { username: made.username, token })
      if (before) await endLogin(db, before.token)
      await out.done(
        loginView,
        made,
        `You are ${made.username} now, until ${made.expires_at.toISOString().slice(0, 10)}.`,
      )
    }),
  )
  examples(command, [
    ['rote login ada', 'asks for your password'],
    ['rote login ada --password-file secret.txt', 'for a script'],
  ])
}
export default login

/** Who has none can be told so: `--user` tells it as well. */
async function mustHavePassword(db: Parameters<typeof logIn>[0], name: string): Promise<void> {
  const [user] = await db
    .select({ username: users.username, has_password: sql<boolean>`(${users.password_hash} is not null)` })
    .from(users)
    .where(eq(sql`lower(${users.username})`, sql`lower(${name})`))
  if (user && !user.has_password)
    throw usage(
      `${user.username} has no password, and needs no login.`,
      `Say who you are: rote --user ${user.username} …`,
    )
}

const loginView: View<{ user_id: string; username: string; expires_at: Date }> = {
  columns: [],
  key: ({ user_id }) => user_id,
  empty: '',
}
