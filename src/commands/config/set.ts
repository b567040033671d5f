import { type ConfigFile, FILE_KEYS, readConfigFile, writeConfigFile } from '../../config.ts'
import { userSettings } from '../../db/schema.ts'
import { DEFAULT_SETTINGS } from '../../db/settings.ts'
import { examples, type Verb } from '../verb.ts'
import { findKey, machineSettings, PERSON_KEYS, personSettings, type Setting, settingView } from './shared.ts'

export const setConfig: Verb = (config, run) => {
  const forPerson = run(async ({ db, user, out }, key: keyof typeof PERSON_KEYS, text: string) => {
    const value = text === '' ? DEFAULT_SETTINGS[key] : PERSON_KEYS[key].parse(text)
    const change = { [key]: value }
    await db
      .insert(userSettings)
      .values({ user_id: user.user_id, ...change })
      .onConflictDoUpdate({ target: userSettings.user_id, set: change })
    const setting = pick(await personSettings(db, user), key)
    await out.done(settingView, setting, `${key} is ${setting.value ?? 'not set'} now.`)
  })
  const forMachine = run.offline(async ({ config, out }, key: keyof ConfigFile, text: string) => {
    const { [key]: _, ...rest } = readConfigFile(config.home)
    const content: ConfigFile = text === '' ? rest : { ...rest, [key]: FILE_KEYS[key].parse(text) }
    writeConfigFile(config.home, content)
    const setting = pick(machineSettings(config), key)
    await out.done(settingView, setting, `${key} is ${setting.value ?? 'not set'} now.`)
  })
  const command = config
    .command('set <key> <value>')
    .description('change a setting; "" sets it back')
    .action(async (name: string, value: string) => {
      const found = findKey(name)
      await (found.scope === 'person' ? forPerson(found.key, value) : forMachine(found.key, value))
    })
  examples(command, [
    ['rote config set new_per_day 10', 'fewer new cards a day'],
    ['rote config set editor "code --wait"', 'where cards are written'],
  ])
}

function pick(settings: Setting[], wanted: string): Setting {
  const setting = settings.find(({ key }) => key === wanted)
  if (!setting) throw new Error(`no setting ${wanted}`)
  return setting
}
