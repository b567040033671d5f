import { findDeck } from '../../db/find.ts'
import { examples, type Verb } from '../verb.ts'
import {
  findDeckKey,
  findKey,
  machineSettings,
  personSettings,
  type Setting,
  settingKey,
  settingsOfDeck,
  shownValue,
} from './shared.ts'

export const getConfig: Verb = (config, run) => {
  const fromDeck = run(async ({ db, user, out }, key: string, deck: string) =>
    show(await settingsOfDeck(db, user, await findDeck(db, user, deck)), key, out.answer),
  )
  const fromPerson = run(async ({ db, user, out }, key: string) =>
    show(await personSettings(db, user), key, out.answer),
  )
  const fromMachine = run.offline(async ({ config, out }, key: string) =>
    show(machineSettings(config), key, out.answer),
  )
  const command = config
    .command('get')
    .argument('<key>', 'which one: see rote config list', settingKey)
    .description('one setting')
    .option('--deck <deck>', 'as you have it in this deck')
    .action((key: string, { deck }: { deck?: string }) => {
      if (deck !== undefined) return fromDeck(findDeckKey(key), deck)
      return findKey(key).scope === 'person' ? fromPerson(key) : fromMachine(key)
    })
  examples(command, [
    ['rote config get new_per_day', 'just its value'],
    ['rote config get typed --deck Spanish', 'nothing, when it is not set for the deck'],
  ])
}

async function show(
  settings: Setting[],
  wanted: string,
  answer: (text: string, value: unknown) => Promise<void>,
) {
  const setting = settings.find(({ key }) => key === wanted)
  await answer((setting && shownValue(setting)) ?? '', setting)
}
