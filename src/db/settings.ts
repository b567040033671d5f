import { eq, getTableColumns } from 'drizzle-orm'
import { dayBounds, daysFrom, type MachineZone, type StudyDay } from '../core/day.ts'
import type { Database } from './connect.ts'
import { userSettings } from './schema.ts'
import type { User } from './user.ts'

/** A person's own settings: they follow the person, not the machine. */
export interface Settings {
  /** The chance of recall at which a card falls due. */
  desired_retention: number
  /** New cards a day, over all decks. */
  new_per_day: number
  /** The hour at which a study day begins. */
  day_start: number
  /** IANA name; null: the machine's. */
  time_zone: string | null
  /** The weights of FSRS-6 that `study optimize` has found; null: the published ones. */
  weights: number[] | null
  /** Keys of the study loop by what they do, in the place of those they have by default; null: none. */
  keys: Record<string, string[]> | null
}

/** What holds until a person says otherwise; the defaults of the table. */
export const DEFAULT_SETTINGS: Settings = {
  desired_retention: 0.9,
  new_per_day: 20,
  day_start: 4,
  time_zone: null,
  weights: null,
  keys: null,
}

/** Reads a person's settings. */
export async function readSettings(db: Database, user: User): Promise<Settings> {
  const { user_id: _, updated_at: __, ...columns } = getTableColumns(userSettings)
  const mine = eq(userSettings.user_id, user.user_id).inlineParams()
  const [row] = await db.select(columns).from(userSettings).where(mine)
  return row ?? DEFAULT_SETTINGS
}

/** The study day that `at` belongs to, for a person whose machine is in `zone`. */
export function studyDay(settings: Settings, zone: MachineZone, at: Date): StudyDay {
  return dayBounds(at, settings.time_zone ?? zone.clock, settings.day_start)
}

/** The study day that `at` belongs to and those after it, `count` in all, by the clock and the settings of now. */
export function studyDays(settings: Settings, zone: MachineZone, at: Date, count: number): StudyDay[] {
  return daysFrom(at, settings.time_zone ?? zone.clock, settings.day_start, count)
}
