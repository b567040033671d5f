import type { Context } from '../../context.ts'
import { checkEmail, checkFullName, checkName } from '../../core/name.ts'
import { hashPassword } from '../../db/password.ts'
import { users } from '../../db/schema.ts'
import { hasUsers, type User } from '../../db/user.ts'
import { askNewPassword, type PasswordOptions, pipedPassword, withPassword } from '../password.ts'
import { examples, type Verb } from '../verb.ts'
import { mustOwn, readUser, takenName, userView } from './shared.ts'

type Options = PasswordOptions & { email?: string; fullName?: string }

export const createUser: Verb = (parent, run) => {
  const byOwner = run(async ({ user, ...context }, name: string, options: Options) => {
    await mustOwn(context.db, user, 'make users')
    await create(context, user, name, options)
  })
  const command = withPassword(
    parent
      .command('create <name>')
      .description('make a user; without a password they are whoever says so')
      .option('--email <address>', 'their e-mail address')
      .option('--full-name <name>', 'their full name'),
  ).action(
    run.admin(async (context, name: string, options: Options) => {
      // the first user is the one who is named, and not also one with the system's name
      if (await hasUsers(context.db)) await byOwner(name, options)
      else await create(context, null, name, options)
    }),
  )
  examples(command, [
    ['rote user create bert', 'asks for a password'],
    ['rote user create bert --password-stdin < secret.txt', 'for a script'],
  ])
}

async function create(
  { db, out, term }: Omit<Context, 'user'>,
  me: User | null,
  name: string,
  options: Options,
): Promise<void> {
  const username = checkName('user', name)
  const email = checkEmail(options.email ?? '')
  const full_name = checkFullName(options.fullName ?? '')
  const piped = await pipedPassword(term, options)
  const password =
    piped ?? (term.interactive ? await askNewPassword(term, `A password for ${username} (Enter: none):`) : '')
  const password_hash = piped === null && password === '' ? null : await hashPassword(password)
  const [made] = await db
    .insert(users)
    .values({ username, email, full_name, password_hash })
    .returning({ user_id: users.user_id, username: users.username })
    .catch((thrown) => {
      throw takenName(thrown, { username, email })
    })
  if (!made) throw new Error('the user was not made')
  await out.done(userView, await readUser(db, me ?? made, made.user_id), `Made the user "${username}".`)
  if (out.mode !== 'table') return
  out.say(
    password_hash
      ? `They log in with: rote login ${username}`
      : `They say who they are: rote --user ${username} …`,
  )
  if (me && !(await readUser(db, me, me.user_id)).has_password)
    out.say(
      `You have no password: whoever says so is ${me.username}. Set one: rote user password --user ${me.username}`,
    )
}
