import { and, eq } from 'drizzle-orm'
import { type Config, FILE_KEYS, type FileKeyName, readConfigFile } from '../../config.ts'
import { dayBounds } from '../../core/day.ts'
import { keysText, parseKeys } from '../../core/keymap.ts'
import type { Database } from '../../db/connect.ts'
import type { FoundDeck } from '../../db/find.ts'
import { deckSettings } from '../../db/schema.ts'
import { readSettings, type Settings } from '../../db/settings.ts'
import type { User } from '../../db/user.ts'
import { notFound, usage } from '../../errors.ts'
import type { View } from '../../ui/output.ts'
import { valued } from '../verb.ts'

/** One setting as commands publish it. */
export interface Setting {
  key: string
  value: string | number | boolean | null
  /** Kept on this machine, with the person in the database, or with the person and one deck there. */
  scope: 'machine' | 'person' | 'deck'
  help: string
}

/** Those that a person sets; the others are set by commands. */
type PersonSettings = Omit<Settings, 'weights'>

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
  desired_retention: {
    help: 'the chance of recall at which a card falls due',
    parse: between('desired_retention', 0.7, 0.99, false),
  },
  new_per_day: { help: 'new cards a day, over all decks', parse: between('new_per_day', 0, 9999, true) },
  day_start: { help: 'the hour at which a new study day begins', parse: between('day_start', 0, 23, true) },
  time_zone: {
    help: 'where your days are, such as Europe/Berlin (default: as the machine has it)',
    parse: (text) => {
      dayBounds(new Date(0), text, 0)
      return text
    },
  },
  keys: { help: 'keys of the study loop, such as got_it=3,space again=1 (see ? there)', parse: parseKeys },
}

/** What a person can have otherwise in one deck; null: as everywhere. */
type DeckSettings = Pick<typeof deckSettings.$inferSelect, 'desired_retention' | 'typed'>

/** The settings of a deck: the table that `config list --deck` shows and `config set --deck` checks against. */
export const DECK_KEYS: {
  [K in keyof DeckSettings]: { help: string; parse(text: string): DeckSettings[K] }
} = {
  desired_retention: {
    help: 'the chance of recall at which its cards fall due (default: as you have it)',
    parse: PERSON_KEYS.desired_retention.parse,
  },
  typed: {
    help: 'yes: its answers are typed',
    parse: (text) => {
      if (text !== 'yes' && text !== 'no') throw usage('typed is yes or no.')
      return text === 'yes'
    },
  },
}

/** The name of a setting, on a command line; which ones there are depends on --deck, and is checked later. */
export const settingKey = valued(
  Object.fromEntries(
    Object.entries({ ...DECK_KEYS, ...PERSON_KEYS, ...FILE_KEYS }).map(([key, { help }]) => [key, help]),
  ),
  (text) => text,
)

const isDeckKey = (key: string): key is keyof DeckSettings => Object.hasOwn(DECK_KEYS, key)
const isFileKey = (key: string): key is FileKeyName => Object.hasOwn(FILE_KEYS, key)
const isPersonKey = (key: string): key is keyof PersonSettings => Object.hasOwn(PERSON_KEYS, key)

/** Which table a key is in. Throws not_found for one that is in neither. */
export function findKey(
  key: string,
): { scope: 'machine'; key: FileKeyName } | { scope: 'person'; key: keyof PersonSettings } {
  if (isFileKey(key)) return { scope: 'machine', key }
  if (isPersonKey(key)) return { scope: 'person', key }
  if (isDeckKey(key)) throw usage(`${key} is a setting of a deck.`, 'Say of which: --deck <deck>')
  throw notFound('setting', key, 'See them all: rote config list')
}

/** The same for `--deck`. Throws usage for a key that a deck cannot have otherwise, and not_found for one that is none. */
export function findDeckKey(key: string): keyof DeckSettings {
  if (isDeckKey(key)) return key
  const { key: known } = findKey(key)
  throw usage(`${known} is no setting of a deck.`, `A deck has: ${Object.keys(DECK_KEYS).join(', ')}`)
}

/** The settings of this machine. A secret, or a password inside an address, is not shown. */
export function machineSettings({ home }: Config): Setting[] {
  const file = readConfigFile(home)
  return (Object.keys(FILE_KEYS) as FileKeyName[]).map((key) => {
    const value = file[key] ?? FILE_KEYS[key].fallback
    return {
      key,
      value: shownInFile(key, value),
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
    value: key === 'keys' ? settings.keys && keysText(settings.keys) : settings[key],
    scope: 'person',
    help: PERSON_KEYS[key].help,
  }))
}

/** What the person has otherwise in a deck. */
export async function settingsOfDeck(db: Database, user: User, deck: FoundDeck): Promise<Setting[]> {
  const [row] = await db
    .select()
    .from(deckSettings)
    .where(and(eq(deckSettings.user_id, user.user_id), eq(deckSettings.deck_id, deck.deck_id)))
  return (Object.keys(DECK_KEYS) as (keyof DeckSettings)[]).map((key) => ({
    key,
    value: row?.[key] ?? null,
    scope: 'deck',
    help: DECK_KEYS[key].help,
  }))
}

/** A value as it is shown, and as `config set` takes it; null when it is not set. */
export function shownValue({ value }: Setting): string | null {
  if (value === null) return null
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)
}

function shownInFile(key: FileKeyName, value: string | number | null): string | number | null {
  if (key === 's3_secret_access_key') return value === null ? null : '***'
  return key === 'database_url' || key === 'cloudinary_url' ? hidePassword(value) : value
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
      value: shownValue,
      show: (setting) => shownValue(setting) ?? '–',
      flexible: true,
    },
    { header: 'scope', value: (setting) => setting.scope, hidden: true },
    { header: 'what it is', value: (setting) => setting.help, flexible: true },
  ],
  key: (setting) => setting.key,
  empty: '',
}
