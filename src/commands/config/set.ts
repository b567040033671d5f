import { type ConfigFile, FILE_KEYS, readConfigFile, writeConfigFile } from '../../config.ts'
import { findDeck } from '../../db/find.ts'
import { deckSettings, userSettings } from '../../db/schema.ts'
import { DEFAULT_SETTINGS } from '../../db/settings.ts'
import { examples, type Verb } from '../verb.ts'
import {
  DECK_KEYS,
  findDeckKey,
  findKey,
  machineSettings,
  PERSON_KEYS,
  personSettings,
  type Setting,
  settingKey,
  settingsOfDeck,
  settingView,
  shownValue,
} from './shared.ts'

export const setConfig: Verb = (config, run) => {
  const forDeck = run(
    async ({ db, user, out }, key: keyof typeof DECK_KEYS, text: string, reference: string) => {
      const deck = await findDeck(db, user, reference)
      const change = { [key]: text === '' ? null : DECK_KEYS[key].parse(text) }
      await db
        .insert(deckSettings)
        .values({ user_id: user.user_id, deck_id: deck.deck_id, ...change })
        .onConflictDoUpdate({ target: [deckSettings.user_id, deckSettings.deck_id], set: change })
      const setting = pick(await settingsOfDeck(db, user, deck), key)
      const value = shownValue(setting) ?? 'not set'
      await out.done(settingView, setting, `${key} is ${value} now in "${deck.name}".`)
    },
  )
  const forPerson = run(async ({ db, user, out }, key: keyof typeof PERSON_KEYS, text: string) => {
    const value = text === '' ? DEFAULT_SETTINGS[key] : PERSON_KEYS[key].parse(text)
    const change = { [key]: value }
    await db
      .insert(userSettings)
      .values({ user_id: user.user_id, ...change })
      .onConflictDoUpdate({ target: userSettings.user_id, set: change })
    const setting = pick(await personSettings(db, user), key)
    await out.done(settingView, setting, `${key} is ${shownValue(setting) ?? 'not set'} now.`)
  })
  const forMachine = run.offline(async ({ config, out }, key: keyof ConfigFile, text: string) => {
    const { [key]: _, ...rest } = readConfigFile(config.home)
    const content: ConfigFile = text === '' ? rest : { ...rest, [key]: FILE_KEYS[key].parse(text) }
    writeConfigFile(config.home, content)
    const setting = pick(machineSettings(config), key)
    await out.done(settingView, setting, `${key} is ${shownValue(setting) ?? 'not set'} now.`)
  })
  const command = config
    .command('set')
    .argument('<key>', 'which one: see rote config list', settingKey)
    .argument('<value>', 'what it is to be')
    .description('change a setting; "" sets it back')
    .option('--deck <deck>', 'for this deck only')
    .action(async (name: string, value: string, { deck }: { deck?: string }) => {
      if (deck !== undefined) return forDeck(findDeckKey(name), value, deck)
      const found = findKey(name)
      await (found.scope === 'person' ? forPerson(found.key, value) : forMachine(found.key, value))
    })
  examples(command, [
    ['rote config set new_per_day 10', 'fewer new cards a day'],
    ['rote config set desired_retention 0.95 --deck Spanish', 'know this deck better'],
    ['rote config set editor "code --wait"', 'where cards are written'],
  ])
}

function pick(settings: Setting[], wanted: string): Setting {
  const setting = settings.find(({ key }) => key === wanted)
  if (!setting) throw new Error(`no setting ${wanted}`)
  return setting
}
