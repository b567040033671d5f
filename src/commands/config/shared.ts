import { type Config, FILE_KEYS, type FileKeyName, readConfigFile } from '../../config.ts'
import { dayBounds } from '../../core/day.ts'
import type { Database } from '../../db/connect.ts'
import { readSettings, type Settings } from '../../db/settings.ts'
import type { User } from '../../db/user.ts'
import { notFound, usage } from '../../errors.ts'
import type { View } from '../../ui/output.ts'

/** One setting as commands publish it. */
export interface Setting {
  key: string
  value: string | number | null
  /** Kept on this machine, or with the person in the database. */
  scope: 'machine' | 'person'
  help: string
}

/** Those that a person sets; the others are set by commands. */
type PersonSettings = Omit<Settings, 'weights' | 'keys'>

interface PersonKey<K extends keyof PersonSettings> {
  help: string
  parse(text: string): PersonSettings[K]
}

function between(name: string, low: number, high: number, whole: boolean) {
  return (text: string) => {
    const number = Number(text)
    if (text.trim() === '' || !(number >= low && number <= high) || (whole && !Number.isInteger(number))) {
      throw usage(`${name} is a ${whole ? 'whole ' : ''}number from ${low} to ${high}.`)
    }
    return number
  }
}

/** A person's settings: the table that `config list` shows and `config set` checks against. */
export const PERSON_KEYS: { [K in keyof PersonSettings]: PersonKey<K> } = {
  new_per_day: { help: 'new cards a day, over all decks', parse: between('new_per_day', 0, 9999, true) },
  desired_retention: {
    help: 'the chance of recall at which a card falls due',
    parse: between('desired_retention', 0.7, 0.99, false),
  },
  day_start: { help: 'the hour at which a new study day begins', parse: between('day_start', 0, 23, true) },
  time_zone: {
    help: 'where your days are, such as Europe/Berlin (default: as the machine has it)',
    parse: (text) => {
      dayBounds(new Date(0), text, 0)
      return text
    },
  },
}

const isFileKey = (key: string): key is FileKeyName => Object.hasOwn(FILE_KEYS, key)
const isPersonKey = (key: string): key is keyof PersonSettings => Object.hasOwn(PERSON_KEYS, key)

/** Which table a key is in. Throws not_found for one that is in neither. */
export function findKey(
  key: string,
): { scope: 'machine'; key: FileKeyName } | { scope: 'person'; key: keyof PersonSettings } {
  if (isFileKey(key)) return { scope: 'machine', key }
  if (isPersonKey(key)) return { scope: 'person', key }
  throw notFound('setting', key, 'See them all: rote config list')
}

/** The settings of this machine. A password inside an address is not shown. */
export function machineSettings({ home }: Config): Setting[] {
  const file = readConfigFile(home)
  return (Object.keys(FILE_KEYS) as FileKeyName[]).map((key) => {
    const value = file[key] ?? FILE_KEYS[key].fallback
    return {
      key,
      value: key === 'database_url' ? hidePassword(value) : value,
      scope: 'machine',
      help: FILE_KEYS[key].help,
    }
  })
}

/** The settings of the person. */
export async function personSettings(db: Database, user: User): Promise<Setting[]> {
  const settings = await readSettings(db, user)
  return (Object.keys(PERSON_KEYS) as (keyof PersonSettings)[]).map((key) => ({
    key,
    value: settings[key],
    scope: 'person',
    help: PERSON_KEYS[key].help,
  }))
}

function hidePassword(value: string | number | null): string | number | null {
  if (typeof value !== 'string') return value
  return value.replace(/(\/\/[^:@/]*:).*@/, '$1***@').replace(/([?&]password=)[^&]*/g, '$1***')
}

/** How settings are shown. */
export const settingView: View<Setting> = {
  columns: [
    { header: 'key', value: (setting) => setting.key },
    {
      header: 'value',
      value: (setting) => setting.value,
      show: (setting) => String(setting.value ?? '–'),
      flexible: true,
    },
    { header: 'scope', value: (setting) => setting.scope, hidden: true },
    { header: 'what it is', value: (setting) => setting.help, flexible: true },
  ],
  key: (setting) => setting.key,
  empty: '',
}
