import { findDeck } from '../../db/find.ts'
import { examples, type Verb } from '../verb.ts'
import { machineSettings, personSettings, settingsOfDeck, settingView } from './shared.ts'

export const listConfig: Verb = (config, run) => {
  const command = config
    .command('list')
    .alias('ls')
    .description('all settings and what they are for')
    .option('--deck <deck>', 'what you have otherwise in this deck')
    .action(
      run(async ({ db, user, config, out }, { deck }: { deck?: string }) => {
        const settings =
          deck === undefined
            ? [...(await personSettings(db, user)), ...machineSettings(config)]
            : await settingsOfDeck(db, user, await findDeck(db, user, deck))
        await out.list(settingView, settings)
      }),
    )
  examples(command, [
    ['rote config list', 'what can be set'],
    ['rote config list --deck Spanish', 'what can be set for one deck'],
  ])
}
