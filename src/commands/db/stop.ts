import { stopServer } from '../../db/embedded/client.ts'
import { examples, type Verb } from '../verb.ts'

export const stopDatabase: Verb = (db, run) => {
  const command = db
    .command('stop')
    .description('stop the embedded database; the next command starts it again')
    .action(
      run.offline(async ({ config, out }) => {
        const stopped = await stopServer(config.home)
        if (out.mode === 'quiet') return
        await out.answer(
          stopped ? 'The embedded database has stopped.' : 'The embedded database was not running.',
          { stopped },
        )
      }),
    )
  examples(command, [['rote db stop', 'before copying or moving its files']])
}
