import { type SQL, sql } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import type { Grade } from '../core/card.ts'
import { addDays, daysBetween, type MachineZone, type StudyDay } from '../core/day.ts'
import {
  answersOf,
  confidenceOver,
  daysUntil,
  type HardCard,
  HORIZON,
  heatmap,
  type Retention,
  retention,
  type Scope,
  type Statistics,
  type StudiedDay,
  spent,
  streak,
  total,
} from '../core/stats.ts'
import { LEECH_LAPSES } from '../core/study-card.ts'
import type { Database } from '../db/connect.ts'
import { calledBy } from '../db/find.ts'
import { cardSchedules, cards, decks, revisionAttempts, revisionSessions, users } from '../db/schema.ts'
import { type Settings, studyDays } from '../db/settings.ts'
import type { User } from '../db/user.ts'
import { answeredHere, live, ownedBy, readableBy, sharedWith } from '../db/where.ts'

/** Hardest cards that are named. */
const HARDEST = 10

/**
 * What a person's answers come to, of `settings`, at the moment `now` on a machine in `zone`. PostgreSQL adds up;
 * of a million answers a few thousand rows arrive.
 */
export async function readStatistics(
  db: Database,
  user: User,
  settings: Settings,
  zone: MachineZone,
  scope: Scope,
  now: Date,
): Promise<Statistics> {
  const { since } = scope
  const whose = { user, deckIds: scope.decks?.map(({ deck_id }) => deck_id) ?? null }
  const days = studyDays(settings, zone, now, HORIZON)
  const [today] = days
  if (!today) throw new Error('a forecast has at least one day')
  const [answers, cardsToday, { due, leeches }, hardest, confidence] = await Promise.all([
    readAnswers(db, whose, since),
    countCards(db, whose, today),
    readSchedules(db, whose, days),
    readHardest(db, whose),
    readConfidence(db, whose),
  ])
  const studied = daysUntil(answers.days, today.date)
  const period = studied.filter(({ date }) => date >= since)
  const ofToday = period.find(({ date }) => date === today.date)
  return {
    scope: { ...scope, until: today.date },
    today: {
      date: today.date,
      ...cardsToday,
      answers: ofToday ? answersOf(ofToday) : 0,
      duration_ms: ofToday?.duration_ms ?? 0,
    },
    streak: streak(studied, { date: today.date, time_zones: [settings.time_zone ?? zone.name] }),
    retention: {
      ...retentionOf(period),
      all_time: retentionOf(answers.days),
      decks: answers.decks,
    },
    time: {
      ...spent(period),
      days: daysBetween(since, today.date) + 1,
      all_time: { ...spent(answers.days), since: answers.days[0]?.date ?? null },
    },
    confidence: { ...confidenceOver(period, today.date), now: confidence },
    heatmap: heatmap(studied, today.date),
    forecast: days.map(({ date }, index) => ({ date, due: due.get(index) ?? 0 })),
    leeches: { lapses: LEECH_LAPSES, cards: leeches },
    hardest,
  }
}

const retentionOf = (days: readonly StudiedDay[]): Retention =>
  retention({ reviews: total(days, 'reviews'), recalled: total(days, 'recalled') })

/** Whose answers and cards. */
interface Whose {
  user: User
  /** Null: all decks. */
  deckIds: readonly string[] | null
}

/** The sessions that count, as a condition. */
const mine = ({ user, deckIds }: Whose) =>
  sql`${revisionSessions.user_id} = ${user.user_id} and ${answeredHere}
    and ${among(revisionSessions.deck_id, deckIds)}`

/** The cards that count and that the person may see, as a condition, joined to their decks. */
const visible = ({ user, deckIds }: Whose) =>
  sql`${readableBy(user)} and ${live} and ${among(decks.deck_id, deckIds)}`

function among(column: AnyPgColumn, deckIds: readonly string[] | null): SQL {
  if (deckIds === null) return sql`true`
  if (deckIds.length === 0) return sql`false`
  return sql`${column} in (${sql.join(
    deckIds.map((id) => sql`${id}`),
    sql`, `,
  )})`
}

/**
 * The answers by day, and the reviews since `since` by the deck in which they were given; a deck that the person may no
 * longer see has no name. Summed by day and deck first: the one pass over the attempts is what all of this costs, so
 * what can be subtracted later is not counted in it.
 */
async function readAnswers(
  db: Database,
  whose: Whose,
  since: string,
): Promise<{ days: StudiedDay[]; decks: ByDeck[] }> {
  const { confidence_status, state, scheduled, duration_ms, study_date, time_zone } = revisionAttempts
  const graded = (grade: Grade) => sql`${confidence_status} = ${grade}`
  const reviewed = sql`${scheduled} and ${state} = 'review'`
  const countIf = (condition: SQL) => sql`count(*) filter (where ${condition})`
  type Count = 'answers' | 'again' | 'almost' | 'reviews' | 'forgotten' | 'duration_ms'
  type Row = Record<Count | 'reviews_since' | 'forgotten_since', string> &
    Record<'date' | 'first_zone' | 'last_zone' | 'deck_id' | 'name', string | null>
  const rows = await db.execute<Row>(
    sql`
    with part as (
      select ${study_date} as study_date, ${revisionSessions.deck_id} as deck_id,
        count(*) as answers,
        ${countIf(graded('again'))} as again,
        ${countIf(graded('almost'))} as almost,
        ${countIf(reviewed)} as reviews,
        ${countIf(sql`${graded('again')} and ${reviewed}`)} as forgotten,
        sum(${duration_ms}) as duration_ms,
        min(${time_zone} collate "C") as first_zone,
        max(${time_zone} collate "C") as last_zone
      from ${revisionAttempts}
      join ${revisionSessions} on ${revisionSessions.session_id} = ${revisionAttempts.session_id}
      where ${mine(whose)}
      group by ${study_date}, ${revisionSessions.deck_id}
    )
    select part.study_date::text as date, sum(answers) as answers, sum(again) as again, sum(almost) as almost,
      sum(reviews) as reviews, sum(forgotten) as forgotten, coalesce(sum(duration_ms), 0) as duration_ms,
      min(first_zone) as first_zone, max(last_zone) as last_zone,
      ${decks.deck_id} as deck_id, min(${calledBy(whose.user)}) as name,
      coalesce(sum(reviews) filter (where part.study_date >= ${since}), 0) as reviews_since,
      coalesce(sum(forgotten) filter (where part.study_date >= ${since}), 0) as forgotten_since
    from part
    left join ${decks} on ${decks.deck_id} = part.deck_id and ${readableBy(whose.user)}
    left join ${users} on ${users.user_id} = ${decks.user_id}
    group by grouping sets ((part.study_date), (${decks.deck_id}))
    order by part.study_date`.inlineParams(),
  )

  const days: StudiedDay[] = []
  const byDeck: ByDeck[] = []
  for (const row of rows) {
    const count = (name: Count) => Number(row[name])
    if (row.date !== null) {
      days.push({
        date: row.date,
        again: count('again'),
        almost: count('almost'),
        got_it: count('answers') - count('again') - count('almost'),
        reviews: count('reviews'),
        recalled: count('reviews') - count('forgotten'),
        duration_ms: count('duration_ms'),
        time_zones: [row.first_zone, row.last_zone].filter((zone) => zone !== null),
      })
    } else {
      const reviews = Number(row.reviews_since)
      const recalled = reviews - Number(row.forgotten_since)
      byDeck.push({ deck_id: row.deck_id, name: row.name, ...retention({ reviews, recalled }) })
    }
  }
  return { days, decks: byDeck.filter(({ reviews }) => reviews > 0).sort(mostFirst) }
}

type ByDeck = Statistics['retention']['decks'][number]

/** By reviews; decks with as many of them by name, so that the order stays. */
function mostFirst(a: ByDeck, b: ByDeck): number {
  return b.reviews - a.reviews || (a.name ?? '').localeCompare(b.name ?? '', 'en')
}

/** How many different cards were answered today, and how many of them for the first time. */
async function countCards(
  db: Database,
  whose: Whose,
  today: StudyDay,
): Promise<{ cards: number; new: number }> {
  const { card_id, session_id, study_date, attempted_at, state, scheduled } = revisionAttempts
  // the moment is only for the index: no clock on earth is two days behind another
  const [row] = await db.execute<{ cards: string; new: string }>(
    sql`
    select count(distinct ${card_id}) as cards,
      count(distinct ${card_id}) filter (where ${scheduled} and ${state} = 'new') as new
    from ${revisionAttempts} join ${revisionSessions} on ${revisionSessions.session_id} = ${session_id}
    where ${mine(whose)} and ${study_date} = ${today.date} and ${attempted_at} >= ${addDays(today.date, -2)}::timestamptz`.inlineParams(),
  )
  return { cards: Number(row?.cards ?? 0), new: Number(row?.new ?? 0) }
}

/**
 * How many cards fall due on each of these days, by its index, what is overdue on the first; and how many cards have been
 * forgotten so often that they are leeches. One pass over the schedules.
 */
async function readSchedules(
  db: Database,
  whose: Whose,
  days: StudyDay[],
): Promise<{ due: Map<number | null, number>; leeches: number }> {
  const { due, buried_until, suspended_at, state, direction, lapses } = cardSchedules
  const ends = days.map(({ end }) => sql`${end.toISOString()}`)
  const soon = sql`${due} < ${ends.at(-1)}::timestamptz`
  const rows = await db.execute<{ day: number | null; cards: string; leeches: string }>(
    sql`
    select
      case when ${soon} and ${state} <> 'new' and ${suspended_at} is null and (${direction} = 'forward' or ${cards.reversible})
        then width_bucket(greatest(${due}, ${buried_until}), array[${sql.join(ends, sql`, `)}]::timestamptz[]) end as day,
      count(*) as cards,
      count(*) filter (where ${lapses} >= ${LEECH_LAPSES}) as leeches
    from ${cardSchedules}
    join ${cards} on ${cards.card_id} = ${cardSchedules.card_id}
    join ${decks} on ${decks.deck_id} = ${cards.deck_id}
    where ${cardSchedules.user_id} = ${whose.user.user_id} and (${soon} or ${lapses} >= ${LEECH_LAPSES}) and ${visible(whose)}
    group by 1`.inlineParams(),
  )
  return {
    due: new Map(rows.map(({ day, cards }) => [day, Number(cards)])),
    leeches: rows.reduce((sum, { leeches }) => sum + Number(leeches), 0),
  }
}

/** So many schedules are looked at for the hardest cards before all of them are. */
const HARDEST_AMONG = 1000

/**
 * The cards that were forgotten most often. Looked for among the hardest schedules first, which need no join to be found:
 * if there are enough that the person may see and asked for, these are the hardest of all.
 */
async function readHardest(db: Database, whose: Whose): Promise<HardCard[]> {
  const found = await hardestAmong(db, whose, sql`${HARDEST_AMONG}`)
  return found.length === HARDEST ? found : hardestAmong(db, whose, sql`all`)
}

async function hardestAmong(db: Database, { user, ...whose }: Whose, limit: SQL): Promise<HardCard[]> {
  const rows = await db.execute<Omit<HardCard, 'rank'> & Record<string, unknown>>(
    sql`
    with hard as (
      select * from ${cardSchedules}
      where ${cardSchedules.user_id} = ${user.user_id} and ${cardSchedules.lapses} > 0
      order by lapses desc, difficulty desc, card_id, direction
      limit ${limit}
    )
    select ${cards.card_id}, ${cards.question}, ${decks.deck_id}, ${calledBy(user)} as deck, direction, lapses,
      difficulty, lapses >= ${LEECH_LAPSES} as leech, suspended_at is not null as suspended
    from hard
    join ${cards} on ${cards.card_id} = hard.card_id
    join ${decks} on ${decks.deck_id} = ${cards.deck_id}
    join ${users} on ${users.user_id} = ${decks.user_id}
    where ${visible({ user, ...whose })}
    order by lapses desc, difficulty desc, hard.card_id, direction
    limit ${HARDEST}`.inlineParams(),
  )
  return rows.map((card, index) => ({
    rank: index + 1,
    ...card,
    difficulty: Math.round(card.difficulty * 100) / 100,
  }))
}

/**
 * How the latest answer to each card went: of one's own cards as it is written on them, of those that others share as
 * the person's own attempts say. These are looked for only when there are any: for what it might cost at the worst,
 * PostgreSQL would compile the query first.
 */
async function readConfidence(db: Database, whose: Whose): Promise<Statistics['confidence']['now']> {
  const { user, deckIds } = whose
  const count = (status: SQL, whichDecks: SQL | undefined) =>
    db.execute<{ status: Grade | null; cards: string }>(
      sql`
      select ${status} as status, count(*) as cards
      from ${cards} join ${decks} on ${decks.deck_id} = ${cards.deck_id}
      where ${whichDecks} and ${live} and ${among(decks.deck_id, deckIds)}
      group by 1`.inlineParams(),
    )
  const latest = sql`(
    select a.confidence_status from ${revisionAttempts} a join ${revisionSessions} s on s.session_id = a.session_id
    where a.card_id = ${cards.card_id} and s.user_id = ${user.user_id}
    order by a.attempted_at desc, a.attempt_id desc limit 1)`
  const [own, shares] = await Promise.all([
    count(sql`${cards.confidence_status}`, ownedBy(user)),
    db.execute(sql`select from ${decks} where ${sharedWith(user)} limit 1`.inlineParams()),
  ])
  const shared = shares.length > 0 ? await count(latest, sharedWith(user)) : []
  const now = { again: 0, almost: 0, got_it: 0, unseen: 0 }
  for (const { status, cards } of [...own, ...shared]) now[status ?? 'unseen'] += Number(cards)
  return now
}
