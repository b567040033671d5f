import { and, eq } from 'drizzle-orm'
import { addDays } from '../core/day.ts'
import { type HardCard, HORIZON, type Scope, type Statistics, total } from '../core/stats.ts'
import type { Database } from '../db/connect.ts'
import { calledBy, findDeck, findPlaylist } from '../db/find.ts'
import { decks, playlistDecks, users } from '../db/schema.ts'
import { readSettings, studyDay } from '../db/settings.ts'
import type { User } from '../db/user.ts'
import { readableBy } from '../db/where.ts'
import { usage } from '../errors.ts'
import { readStatistics } from '../study/statistics.ts'
import type { Cell } from '../ui/cell.ts'
import type { View } from '../ui/output.ts'
import { date } from './parse.ts'
import { examples, type Verb } from './verb.ts'

const stats: Verb = (stats, run) => {
  stats
    .argument('[deck...]', 'only these decks (default: all)')
    .option('--playlist <playlist>', 'only the decks of this playlist')
    .option('--since <date>', `where the period begins (default: ${HORIZON} days, with today)`, date)
    .action(
      run(
        async (
          { db, user, config, out, term, now },
          references: string[],
          options: { playlist?: string; since?: string },
        ) => {
          const chosen = await chosenDecks(db, user, references, options.playlist)
          const settings = await readSettings(db, user)
          const today = studyDay(settings, config.timeZone, now()).date
          const since = options.since ?? addDays(today, 1 - HORIZON)
          if (since > today) throw usage(`--since ${since} has not come yet: today is ${today}.`)
          const statistics = await readStatistics(
            db,
            user,
            settings,
            config.timeZone,
            { since, ...chosen },
            now(),
          )
          if (out.mode === 'json') return out.answer('', statistics)
          if (out.mode === 'quiet') return out.list(cardView, statistics.hardest)
          if (out.mode === 'tsv') return out.list(lineView, lines(statistics))
          if (isEmpty(statistics)) return out.say(await whatFirst(db, user, chosen))
          const { statsPage } = await import('../study/stats-page.ts')
          await out.write(statsPage(statistics, term.size().columns, term.style))
        },
      ),
    )
  examples(stats, [
    ['rote stats', 'how it goes'],
    ['rote stats Spanish --since 2026-01-01', 'one deck, from that day on'],
    ["rote stats | awk -F '\\t' '$1 == \"streak\"'", 'a line for each number, for scripts'],
  ])
}
export default stats

/** The decks that are asked for, each once; null: all of them. */
async function chosenDecks(
  db: Database,
  user: User,
  references: string[],
  called: string | undefined,
): Promise<Pick<Scope, 'playlist' | 'decks'>> {
  if (references.length === 0 && called === undefined) return { playlist: null, decks: null }
  if (references.length > 0 && called !== undefined)
    throw usage('Name decks or a playlist, not both.', `Such as: rote stats --playlist ${called}`)
  const found: { deck_id: string; name: string }[] = []
  for (const reference of references) found.push(await findDeck(db, user, reference))
  const playlist = called === undefined ? null : await findPlaylist(db, user, called)
  if (playlist) found.push(...(await playlistDecksOf(db, user, playlist.playlist_id)))
  const once = new Map(found.map(({ deck_id, name }) => [deck_id, { deck_id, name }]))
  return { playlist: playlist?.name ?? null, decks: [...once.values()] }
}

/** The decks of a playlist that the person may see, in its order. */
function playlistDecksOf(db: Database, user: User, playlist_id: string) {
  return db
    .select({ deck_id: decks.deck_id, name: calledBy(user) })
    .from(playlistDecks)
    .innerJoin(decks, eq(decks.deck_id, playlistDecks.deck_id))
    .innerJoin(users, eq(users.user_id, decks.user_id))
    .where(and(eq(playlistDecks.playlist_id, playlist_id), readableBy(user)))
    .orderBy(playlistDecks.position, playlistDecks.playlist_deck_id)
}

function isEmpty({ time, forecast }: Statistics): boolean {
  return time.all_time.answers === 0 && total(forecast, 'due') === 0
}

/** What somebody does who has nothing to count yet. */
async function whatFirst(
  db: Database,
  user: User,
  scope: Pick<Scope, 'playlist' | 'decks'>,
): Promise<string> {
  if (scope.decks?.length === 0)
    return `No decks in "${scope.playlist}". Put one in: rote playlist add <playlist> <deck>`
  const any = await db.$count(decks, readableBy(user))
  return any > 0
    ? 'Nothing to count yet. Answers show up here: rote study'
    : 'Nothing to count yet. It begins with a deck: rote deck create <name>'
}

/** What --quiet gives: the ids of the hardest cards. */
const cardView: View<HardCard> = { columns: [], key: ({ card_id }) => card_id, empty: '' }

type Line = [section: string, key: string, value: Cell]

/** A line for each number, for a pipe. */
const lineView: View<Line> = {
  columns: [
    { header: 'section', value: ([section]) => section },
    { header: 'key', value: ([, key]) => key },
    { header: 'value', value: ([, , value]) => value },
  ],
  key: ([section, key]) => `${section} ${key}`,
  empty: '',
}

/**
 * The statistics as lines. What is in a list is named by its first field, such as its date or its id; where there is only
 * one other field, that is the value.
 */
function lines(statistics: Statistics): Line[] {
  return Object.entries(statistics).flatMap(([section, value]) =>
    leaves(value).map(([path, leaf]): Line => [section, path.join('.'), leaf]),
  )
}

function leaves(value: unknown): [path: string[], leaf: Cell][] {
  if (Array.isArray(value)) {
    return value.flatMap((item: Record<string, unknown>) => {
      const [name, ...fields] = Object.entries(item)
      const rest = fields.length === 1 ? fields[0]?.[1] : Object.fromEntries(fields)
      return leaves(rest).map(([path, leaf]): [string[], Cell] => [[String(name?.[1] ?? ''), ...path], leaf])
    })
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, field]) =>
      leaves(field).map(([path, leaf]): [string[], Cell] => [[key, ...path], leaf]),
    )
  }
  return [[[], value as Cell]]
}
