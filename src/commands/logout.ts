import { endLogin } from '../db/login.ts'
import { loginFile, readLogin, removeLogin } from '../db/login-file.ts'
import { requireSchema } from '../db/migrate.ts'
import { examples, type Verb } from './verb.ts'

const logout: Verb = (command, run) => {
  command.action(
    run.admin(async ({ db, config, out }) => {
      const path = loginFile(config)
      const login = readLogin(path, { exposed: true })
      if (login) {
        await requireSchema(db)
        await endLogin(db, login.token)
      }
      removeLogin(path)
      if (!login) return out.nothing('You were not logged in.')
      if (out.mode === 'quiet') return
      await out.answer(`You are not ${login.username} any more.`, { username: login.username })
    }),
  )
  examples(command, [['rote logout', 'here; other machines stay logged in']])
}
export default logout
