import { examples, type Verb } from '../verb.ts'
import { machineSettings, personSettings, settingView } from './shared.ts'

export const listConfig: Verb = (config, run) => {
  const command = config
    .command('list')
    .alias('ls')
    .description('all settings and what they are for')
    .action(
      run(async ({ db, user, config, out }) => {
        await out.list(settingView, [...(await personSettings(db, user)), ...machineSettings(config)])
      }),
    )
  examples(command, [['rote config list', 'what can be set']])
}
