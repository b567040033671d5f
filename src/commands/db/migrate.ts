import { migrate } from '../../db/migrate.ts'
import { program } from '../../program.ts'
import { examples, type Verb } from '../verb.ts'

export const migrateDatabase: Verb = (db, run) => {
  const command = db
    .command('migrate')
    .description("make rote's tables, or bring them up to date")
    .action(
      run.admin(async ({ db, out }) => {
        const applied = await migrate(db, program.migrations)
        const sentence =
          applied === 0
            ? 'The database is up to date.'
            : `Applied ${applied === 1 ? '1 migration' : `${applied} migrations`}.`
        if (out.mode === 'quiet') return
        await out.answer(sentence, { applied })
      }),
    )
  examples(command, [
    ['DATABASE_URL=postgresql://localhost/rote rote db migrate', 'once, on a server of yours'],
  ])
}
