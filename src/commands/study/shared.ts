import type { Command } from 'commander'
import { sql } from 'drizzle-orm'
import type { Config } from '../../config.ts'
import { DIFFICULTY_LEVELS, type DifficultyLevel, GRADES, type Grade } from '../../core/card.ts'
import type { StudyDay } from '../../core/day.ts'
import { formatInterval } from '../../core/interval.ts'
import type { Database } from '../../db/connect.ts'
import { findDeck, findPlaylist } from '../../db/find.ts'
import { playlistDecks } from '../../db/schema.ts'
import { readSettings, type Settings, studyDay } from '../../db/settings.ts'
import type { User } from '../../db/user.ts'
import { usage } from '../../errors.ts'
import {
  loadCram,
  loadQueue,
  newCardsLeft,
  nextDue,
  ORDERS,
  type Order,
  type Selection,
} from '../../study/queue.ts'
import { count, countOrNone, oneOf, several } from '../verb.ts'

/** Enough for one sitting; another is one command away. */
export const SITTING = 200

/** The flags that say which cards a sitting has. */
export interface SelectOptions {
  playlist?: string
  limit?: number
  new?: number
  tag?: string[]
  difficulty?: DifficultyLevel
  confidence?: Grade
  order?: Order
  reverse?: true
}

/** The options of a verb of `study`. Those that `study` has as well, such as --limit, Commander leaves with it. */
export function optionsOf<Options>(command: Command): Options {
  return command.optsWithGlobals() as Options
}

/** Adds the flags that say which cards are meant. */
export function selecting(command: Command): Command {
  return command
    .argument('[deck...]', 'only these decks (default: all)')
    .option('--playlist <playlist>', 'only the decks of this playlist')
    .option('--limit <n>', `cards at the most (default: ${SITTING})`, count)
    .option('--new <n>', 'new cards at the most (default: what the daily limit leaves)', countOrNone)
    .option('--tag <tag>', 'only cards with this tag; may be given several times', several)
    .option(
      '--difficulty <level>',
      `only cards that are ${DIFFICULTY_LEVELS.join(', ')}`,
      oneOf(DIFFICULTY_LEVELS),
    )
    .option('--confidence <grade>', `only cards last answered ${GRADES.join(', ')}`, oneOf(GRADES))
    .option('--order <order>', `what comes first: ${ORDERS.join(', ')} (default: risk)`, oneOf(ORDERS))
    .option('--reverse', 'ask for the question by the answer; it has a schedule of its own')
}

/** What the flags come to for one person at one moment. */
export interface Chosen {
  selection: Selection
  playlist_id: string | null
  /** How a person would call it; null: everything. */
  called: string | null
  settings: Settings
  day: StudyDay
  limit: number
  newLimit: number
  order: Order
}

/** Finds the decks and the playlist that are named. Throws not_found for one that is not there. */
export async function choose(
  db: Database,
  user: User,
  config: Config,
  references: readonly string[],
  options: SelectOptions,
  now: Date,
): Promise<Chosen> {
  if (options.playlist !== undefined && references.length > 0)
    throw usage('Name decks or a playlist, not both.', `Such as: rote study --playlist ${options.playlist}`)
  const found = []
  for (const reference of references) found.push(await findDeck(db, user, reference))
  const playlist = options.playlist === undefined ? null : await findPlaylist(db, user, options.playlist)
  const settings = await readSettings(db, user)
  const day = studyDay(settings, config.timeZone, now)
  const ofPlaylist = playlist && (await decksOf(db, playlist.playlist_id))
  const named = references.length > 0 ? found.map(({ deck_id }) => deck_id) : null
  return {
    selection: {
      deck_ids: ofPlaylist ?? named,
      tags: options.tag ?? [],
      difficulty: options.difficulty ?? null,
      confidence: options.confidence ?? null,
      direction: options.reverse ? 'reverse' : 'forward',
    },
    playlist_id: playlist?.playlist_id ?? null,
    called: playlist?.name ?? (named ? found.map(({ name }) => name).join(', ') : null),
    settings,
    day,
    limit: options.limit ?? SITTING,
    newLimit: options.new ?? (await newCardsLeft(db, user, settings, day)),
    order: options.order ?? 'risk',
  }
}

async function decksOf(db: Database, playlist_id: string): Promise<string[]> {
  const rows = await db
    .select({ deck_id: playlistDecks.deck_id })
    .from(playlistDecks)
    .where(sql`${playlistDecks.playlist_id} = ${playlist_id}`)
    .orderBy(playlistDecks.position, playlistDecks.playlist_deck_id)
  return rows.map(({ deck_id }) => deck_id)
}

/** Why there is nothing to study, and what else there is to do. */
export async function nothingDue(
  db: Database,
  user: User,
  { selection, called, newLimit, day }: Chosen,
  now: Date,
): Promise<string> {
  const due = await nextDue(db, user, selection, now)
  const one = { limit: 1, newLimit: 1 }
  const fresh = newLimit > 0 ? [] : await loadQueue(db, user, selection, one, 'added', { now, day })
  const any = due ? [due] : await loadCram(db, user, selection, one, 'added', { now, day })
  const when = due ? ` The next card is due in ${formatInterval(due.getTime() - now.getTime())}.` : ''
  return [
    `Nothing is due${called === null ? '' : ` in ${called}`}.${when}`,
    ...(fresh.length > 0 ? ['More new cards than the daily limit: rote study --new 10'] : []),
    any.length > 0
      ? 'Study anyway, without touching the schedule: rote study --cram'
      : 'Add cards with: rote card add <deck>',
  ].join(due || fresh.length > 0 || any.length > 0 ? '\n' : ' ')
}
