import { examples, type Verb } from '../verb.ts'
import { findKey, machineSettings, personSettings, type Setting } from './shared.ts'

export const getConfig: Verb = (config, run) => {
  const fromPerson = run(async ({ db, user, out }, key: string) =>
    show(await personSettings(db, user), key, out.answer),
  )
  const fromMachine = run.offline(async ({ config, out }, key: string) =>
    show(machineSettings(config), key, out.answer),
  )
  const command = config
    .command('get <key>')
    .description('one setting')
    .action((key: string) => (findKey(key).scope === 'person' ? fromPerson(key) : fromMachine(key)))
  examples(command, [['rote config get new_per_day', 'just its value']])
}

async function show(
  settings: Setting[],
  wanted: string,
  answer: (text: string, value: unknown) => Promise<void>,
) {
  const setting = settings.find(({ key }) => key === wanted)
  await answer(String(setting?.value ?? ''), setting)
}
