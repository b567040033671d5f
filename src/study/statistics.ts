import { and, desc, eq, gt, gte, inArray, isNull, lt, ne, type SQL, sql } from 'drizzle-orm'
import type { Grade } from '../core/card.ts'
import { addDays, daysBetween, type StudyDay } from '../core/day.ts'
import type { ScheduleState } from '../core/schedule.ts'
import {
  answersOf,
  confidenceOver,
  daysUntil,
  HORIZON,
  heatmap,
  LEECH_LAPSES,
  type Retention,
  retention,
  type Scope,
  type Statistics,
  type StudiedDay,
  spent,
  streak,
  total,
} from '../core/stats.ts'
import type { Database } from '../db/connect.ts'
import { calledBy } from '../db/find.ts'
import { cardSchedules, cards, decks, revisionAttempts, revisionSessions, users } from '../db/schema.ts'
import { type Settings, studyDay } from '../db/settings.ts'
import type { User } from '../db/user.ts'
import { live, ownedBy, readableBy, sharedWith } from '../db/where.ts'

/** Hardest cards that are named. */
const HARDEST = 10

/**
 * What a person's answers come to, of `settings`, at the moment `now` on a machine in `timeZone`. PostgreSQL adds up;
 * of a million answers a few thousand rows arrive.
 */
export async function readStatistics(
  db: Database,
  user: User,
  settings: Settings,
  timeZone: string,
  scope: Scope,
  now: Date,
): Promise<Statistics> {
  const { since } = scope
  const deckIds = scope.decks?.map(({ deck_id }) => deck_id) ?? null
  const days = comingDays(settings, timeZone, now)
  const [today] = days
  const [answers, cardsToday, due, hardest, leeches, confidence] = await Promise.all([
    readAnswers(db, user, deckIds, since),
    countCards(db, user, deckIds, today),
    readForecast(db, user, deckIds, days),
    readHardest(db, user, deckIds),
    countLeeches(db, user, deckIds),
    readConfidence(db, user, deckIds),
  ])
  const studied = daysUntil(answers.days, today.date)
  const period = studied.filter(({ date }) => date >= since)
  const ofToday = period.find(({ date }) => date === today.date)
  return {
    scope: { ...scope, until: today.date },
    today: {
      date: today.date,
      cards: cardsToday,
      new: ofToday?.new ?? 0,
      answers: ofToday ? answersOf(ofToday) : 0,
      duration_ms: ofToday?.duration_ms ?? 0,
    },
    streak: streak(studied, { date: today.date, time_zones: [settings.time_zone ?? timeZone] }),
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

/** Today and the study days after it, as the person's clock is now. */
function comingDays(settings: Settings, timeZone: string, now: Date): [StudyDay, ...StudyDay[]] {
  const days: [StudyDay, ...StudyDay[]] = [studyDay(settings, timeZone, now)]
  for (let last = days[0]; days.length < HORIZON; days.push(last))
    last = studyDay(settings, timeZone, last.end)
  return days
}

const retentionOf = (days: readonly StudiedDay[]): Retention =>
  retention({ reviews: total(days, 'reviews'), recalled: total(days, 'recalled') })

const number = (expression: SQL): SQL<number> => sql<number>`coalesce(${expression}, 0)`.mapWith(Number)
const mine = (user: User, deckIds: string[] | null) =>
  and(
    eq(revisionSessions.user_id, user.user_id),
    deckIds ? inArray(revisionSessions.deck_id, deckIds) : undefined,
  )
const among = (deckIds: string[] | null) => (deckIds ? inArray(decks.deck_id, deckIds) : undefined)
const visible = (user: User, deckIds: string[] | null) => and(readableBy(user), among(deckIds))

/**
 * The answers by day, and the reviews since `since` by the deck in which they were given; a deck that the person may no
 * longer see has no name. Summed by day and deck first: the one pass over the attempts is what all of this costs, so
 * what can be subtracted later is not counted in it.
 */
async function readAnswers(
  db: Database,
  user: User,
  deckIds: string[] | null,
  since: string,
): Promise<{ days: StudiedDay[]; decks: ByDeck[] }> {
  const { confidence_status, state, scheduled, duration_ms, study_date, time_zone } = revisionAttempts
  const graded = (grade: Grade) => sql`${confidence_status} = ${grade}`
  const found = (wanted: ScheduleState) => sql`${scheduled} and ${state} = ${wanted}`
  const countIf = (condition: SQL) => sql`count(*) filter (where ${condition})`
  const part = db.$with('part').as(
    db
      .select({
        study_date,
        deck_id: revisionSessions.deck_id,
        answers: sql`count(*)`.as('answers'),
        again: countIf(graded('again')).as('again'),
        almost: countIf(graded('almost')).as('almost'),
        new: countIf(found('new')).as('new'),
        reviews: countIf(found('review')).as('reviews'),
        forgotten: countIf(sql`${found('review')} and ${graded('again')}`).as('forgotten'),
        duration_ms: sql`sum(${duration_ms})`.as('duration_ms'),
        first_zone: sql`min(${time_zone} collate "C")`.as('first_zone'),
        last_zone: sql`max(${time_zone} collate "C")`.as('last_zone'),
      })
      .from(revisionAttempts)
      .innerJoin(revisionSessions, eq(revisionSessions.session_id, revisionAttempts.session_id))
      .where(mine(user, deckIds))
      .groupBy(study_date, revisionSessions.deck_id),
  )
  const sum = (count: SQL.Aliased) => number(sql`sum(${count})`)
  const sumSince = (count: SQL.Aliased) =>
    number(sql`sum(${count}) filter (where ${part.study_date} >= ${since})`)
  const rows = await db
    .with(part)
    .select({
      date: sql<string | null>`${part.study_date}::text`,
      answers: sum(part.answers),
      again: sum(part.again),
      almost: sum(part.almost),
      new: sum(part.new),
      reviews: sum(part.reviews),
      forgotten: sum(part.forgotten),
      duration_ms: sum(part.duration_ms),
      first_zone: sql<string | null>`min(${part.first_zone})`,
      last_zone: sql<string | null>`max(${part.last_zone})`,
      deck_id: decks.deck_id,
      name: sql<string | null>`min(${calledBy(user)})`,
      reviews_since: sumSince(part.reviews),
      forgotten_since: sumSince(part.forgotten),
    })
    .from(part)
    .leftJoin(decks, and(eq(decks.deck_id, part.deck_id), readableBy(user)))
    .leftJoin(users, eq(users.user_id, decks.user_id))
    .groupBy(sql`grouping sets ((${part.study_date}), (${decks.deck_id}))`)
    .orderBy(part.study_date)

  const days: StudiedDay[] = []
  const byDeck: ByDeck[] = []
  for (const { date, answers, forgotten, first_zone, last_zone, ...row } of rows) {
    const { deck_id, name, reviews_since, forgotten_since, ...day } = row
    if (date !== null) {
      days.push({
        ...day,
        date,
        got_it: answers - day.again - day.almost,
        recalled: day.reviews - forgotten,
        time_zones: [first_zone, last_zone].filter((zone) => zone !== null),
      })
    } else if (reviews_since > 0) {
      const recalled = reviews_since - forgotten_since
      byDeck.push({ deck_id, name, ...retention({ reviews: reviews_since, recalled }) })
    }
  }
  return { days, decks: byDeck.sort(mostFirst) }
}

type ByDeck = Statistics['retention']['decks'][number]

/** By reviews; decks with as many of them by name, so that the order stays. */
function mostFirst(a: ByDeck, b: ByDeck): number {
  return b.reviews - a.reviews || (a.name ?? '').localeCompare(b.name ?? '', 'en')
}

/** How many different cards were answered today. */
async function countCards(
  db: Database,
  user: User,
  deckIds: string[] | null,
  today: StudyDay,
): Promise<number> {
  const [row] = await db
    .select({ cards: number(sql`count(distinct ${revisionAttempts.card_id})`) })
    .from(revisionAttempts)
    .innerJoin(revisionSessions, eq(revisionSessions.session_id, revisionAttempts.session_id))
    .where(
      and(
        mine(user, deckIds),
        eq(revisionAttempts.study_date, today.date),
        // only for the index: no clock on earth is two days behind another
        gte(revisionAttempts.attempted_at, new Date(addDays(today.date, -2))),
      ),
    )
  return row?.cards ?? 0
}

/** How many cards fall due on each of these days, by its index. What is overdue is due on the first. */
async function readForecast(
  db: Database,
  user: User,
  deckIds: string[] | null,
  days: StudyDay[],
): Promise<Map<number, number>> {
  const ends = days.map(({ end }) => end.toISOString())
  const due = sql`greatest(${cardSchedules.due}, ${cardSchedules.buried_until})`
  const index = number(sql`width_bucket(${due}, array[${sql.join(ends, sql`, `)}]::timestamptz[])`)
  const rows = await db
    .select({ index, cards: number(sql`count(*)`) })
    .from(cardSchedules)
    .innerJoin(cards, eq(cards.card_id, cardSchedules.card_id))
    .innerJoin(decks, eq(decks.deck_id, cards.deck_id))
    .where(
      and(
        eq(cardSchedules.user_id, user.user_id),
        ne(cardSchedules.state, 'new'),
        isNull(cardSchedules.suspended_at),
        lt(cardSchedules.due, new Date(ends.at(-1) ?? 0)),
        sql`(${cardSchedules.direction} = 'forward' or ${cards.reversible})`,
        visible(user, deckIds),
        live,
      ),
    )
    .groupBy(sql`1`)
  return new Map(rows.map(({ index, cards }) => [index, cards]))
}

/** The cards that were forgotten most often. */
async function readHardest(
  db: Database,
  user: User,
  deckIds: string[] | null,
): Promise<Statistics['hardest']> {
  const { lapses, difficulty, direction, suspended_at } = cardSchedules
  const rows = await db
    .select({
      card_id: cards.card_id,
      question: cards.question,
      deck_id: decks.deck_id,
      deck: calledBy(user),
      direction,
      lapses,
      difficulty: sql<number>`round(${difficulty}::numeric, 2)`.mapWith(Number),
      leech: sql<boolean>`${lapses} >= ${LEECH_LAPSES}`,
      suspended: sql<boolean>`${suspended_at} is not null`,
    })
    .from(cardSchedules)
    .innerJoin(cards, eq(cards.card_id, cardSchedules.card_id))
    .innerJoin(decks, eq(decks.deck_id, cards.deck_id))
    .innerJoin(users, eq(users.user_id, decks.user_id))
    .where(and(eq(cardSchedules.user_id, user.user_id), gt(lapses, 0), visible(user, deckIds), live))
    .orderBy(desc(lapses), desc(difficulty), cards.card_id, direction)
    .limit(HARDEST)
  return rows.map((card, index) => ({ rank: index + 1, ...card }))
}

/** How many cards have been forgotten so often that they are leeches. */
async function countLeeches(db: Database, user: User, deckIds: string[] | null): Promise<number> {
  const [row] = await db
    .select({ cards: number(sql`count(*)`) })
    .from(cardSchedules)
    .innerJoin(cards, eq(cards.card_id, cardSchedules.card_id))
    .innerJoin(decks, eq(decks.deck_id, cards.deck_id))
    .where(
      and(
        eq(cardSchedules.user_id, user.user_id),
        gte(cardSchedules.lapses, LEECH_LAPSES),
        visible(user, deckIds),
        live,
      ),
    )
  return row?.cards ?? 0
}

/**
 * How the latest answer to each card went: of one's own cards as it is written on them, of those that others share as
 * the person's own attempts say. These are looked for only when there are any: for what it might cost at the worst,
 * PostgreSQL would compile the query first.
 */
async function readConfidence(
  db: Database,
  user: User,
  deckIds: string[] | null,
): Promise<Statistics['confidence']['now']> {
  const count = (status: SQL, whose: SQL | undefined) =>
    db
      .select({ status: sql<Grade | null>`${status}`, cards: number(sql`count(*)`) })
      .from(cards)
      .innerJoin(decks, eq(decks.deck_id, cards.deck_id))
      .where(and(whose, among(deckIds), live))
      .groupBy(sql`1`)
  const own = count(sql`${cards.confidence_status}`, ownedBy(user))
  const latest = sql`(
    select a.confidence_status from ${revisionAttempts} a join ${revisionSessions} s on s.session_id = a.session_id
    where a.card_id = ${cards.card_id} and s.user_id = ${user.user_id}
    order by a.attempted_at desc, a.attempt_id desc limit 1)`
  const shared = (await db.$count(decks, sharedWith(user))) > 0 ? count(latest, sharedWith(user)) : []
  const now = { again: 0, almost: 0, got_it: 0, unseen: 0 }
  for (const { status, cards } of [...(await own), ...(await shared)]) now[status ?? 'unseen'] += cards
  return now
}
