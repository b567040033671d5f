import { plural } from '../../core/plural.ts'
import { findUser } from '../../db/find.ts'
import { setPassword } from '../../db/login.ts'
import { loginFile, readLogin } from '../../db/login-file.ts'
import { hashPassword } from '../../db/password.ts'
import { askNewPassword, type PasswordOptions, pipedPassword, withPassword } from '../password.ts'
import { examples, type Verb } from '../verb.ts'
import { mayManage, readUser, userView } from './shared.ts'

export const changePassword: Verb = (parent, run) => {
  const command = withPassword(
    parent.command('password [user]').description('set a password, without a user your own'),
  ).action(
    run(async ({ db, user, config, out, term }, reference: string | undefined, options: PasswordOptions) => {
      const them = reference === undefined ? user : await findUser(db, reference)
      await mayManage(db, user, them)
      const password =
        (await pipedPassword(term, options)) ??
        (await askNewPassword(term, `The new password of ${them.username}:`))
      const password_hash = await hashPassword(password)
      const present = readLogin(loginFile(config))
      const ended = await setPassword(db, them.user_id, password_hash, present?.token ?? null)
      const row = await readUser(db, user, them.user_id)
      await out.done(userView, row, `${them.username} has a new password.`)
      if (out.mode !== 'table') return
      if (ended > 0) out.say(`${plural(ended, 'other login')} ended.`)
      if (user.how !== 'login' && user.user_id === them.user_id)
        out.say(`From now on log in: rote login ${them.username}`)
    }),
  )
  examples(command, [
    ['rote user password', 'asks for it, twice'],
    ['pass rote | rote user password --password-stdin', 'from a password manager'],
  ])
}
