import { type SQL, sql } from 'drizzle-orm'
import type { DifficultyLevel, Direction, Grade } from '../core/card.ts'
import type { StudyDay } from '../core/day.ts'
import type { Schedule } from '../core/schedule.ts'
import type { Database } from '../db/connect.ts'
import { calledBy } from '../db/find.ts'
import { cardSchedules, cards, decks, users } from '../db/schema.ts'
import type { Settings } from '../db/settings.ts'
import type { User } from '../db/user.ts'
import { dueAt, latestConfidence, live, readableBy } from '../db/where.ts'
import { type CardKey, type StoredSchedule, scheduleJson, studySchedule } from './cards.ts'

export const ORDERS = ['risk', 'due', 'added', 'random'] as const
export type Order = (typeof ORDERS)[number]

/** Which cards a sitting is about. */
export interface Selection {
  /** Null: all decks. In the order of a playlist. */
  deck_ids: readonly string[] | null
  tags: readonly string[]
  difficulty: DifficultyLevel | null
  confidence: Grade | null
  direction: Direction
}

/** Everything that a person has. */
export const EVERYTHING: Selection = {
  deck_ids: null,
  tags: [],
  difficulty: null,
  confidence: null,
  direction: 'forward',
}

interface Moment {
  now: Date
  day: StudyDay
}

/** How many cards a sitting has at the most. */
export interface Limits {
  limit: number
  newLimit: number
}

/** A card of a queue, and which of its siblings it stands for. */
type Picked = Record<string, unknown> & { card_id: string; direction: Direction; sibling: string }

/** Siblings share a note, and the two directions of a card are siblings too. */
const sibling = sql`coalesce(${cards.note_id}, ${cards.card_id})`

/** What has a row of its own to be suspended or buried by. */
const heldAt = (now: Date) =>
  sql`(held.suspended_at is not null or held.buried_until > ${now.toISOString()}::timestamptz)`

/**
 * The cards of a sitting. Due ones first: in the order `risk` the one most likely to be forgotten by now in front, which
 * is the one whose time since the last answer is the longest for its stability. Then new ones, deck by deck in turns. Of
 * siblings there is one a day.
 */
export async function loadQueue(
  db: Database,
  user: User,
  selection: Selection,
  { limit, newLimit }: Limits,
  order: Order,
  moment: Moment,
): Promise<CardKey[]> {
  const due = await db.execute<Picked>(sql`
    with seen as (${seenToday(user, moment.day)}), due as (
      select ${cards.card_id} as card_id, ${cardSchedules.direction} as direction, ${sibling} as sibling,
        ${orderBy(order, moment.now)} as place,
        row_number() over (partition by ${sibling} order by ${orderBy(order, moment.now)}, ${cards.card_id}, ${cardSchedules.direction}) as turn
      from ${dueCards(user, moment, selection, sql`join ${decks} on ${decks.deck_id} = ${cards.deck_id} and ${readableBy(user)}`)}
    )
    select card_id, direction, sibling from due where turn = 1 order by place, card_id limit ${limit}`)
  const room = Math.min(newLimit, limit - due.length)
  const siblings = new Set(due.map((card) => card.sibling))
  // one more for each that may turn out to be a sibling
  const fresh = room > 0 ? await newCards(db, user, selection, room + siblings.size, order, moment) : []
  const picked = [...due, ...fresh.filter((card) => !siblings.has(card.sibling)).slice(0, Math.max(0, room))]
  return picked.map(({ card_id, direction }) => [card_id, direction])
}

/** Everything that fits the selection, now, weakest first and what was never seen last: for cramming. */
export async function loadCram(
  db: Database,
  user: User,
  selection: Selection,
  { limit }: Limits,
  order: Order,
  { now }: Moment,
): Promise<CardKey[]> {
  const place = order === 'added' ? sql`${cards.position}` : order === 'random' ? sql`random()` : riskAt(now)
  const found = await db.execute<Picked>(sql`
    select ${cards.card_id} as card_id
    from ${cards}
    join ${decks} on ${decks.deck_id} = ${cards.deck_id}
    left join ${cardSchedules} on ${cardSchedules.card_id} = ${cards.card_id}
      and ${cardSchedules.user_id} = ${user.user_id} and ${cardSchedules.direction} = ${selection.direction}
    where ${readableBy(user)} and ${live} and ${cardSchedules.suspended_at} is null ${wanted(user, selection)}
    order by ${place} nulls last, ${cards.card_id} limit ${limit}`)
  return found.map(({ card_id }) => [card_id, selection.direction])
}

/** Everything that fits the selection, with its schedules: what a plan for an exam is made of. */
export async function loadForExam(
  db: Database,
  user: User,
  selection: Selection,
): Promise<{ key: CardKey; schedule: Schedule | null }[]> {
  const found = await db.execute<{ card_id: string; schedule: StoredSchedule | null }>(sql`
    select ${cards.card_id} as card_id,
      case when ${cardSchedules.state} <> 'new' then ${scheduleJson('card_schedules')} end as schedule
    from ${cards}
    join ${decks} on ${decks.deck_id} = ${cards.deck_id}
    left join ${cardSchedules} on ${cardSchedules.card_id} = ${cards.card_id}
      and ${cardSchedules.user_id} = ${user.user_id} and ${cardSchedules.direction} = ${selection.direction}
    where ${readableBy(user)} and ${live} and ${cardSchedules.suspended_at} is null ${wanted(user, selection)}
    order by lower(${decks.name}), ${decks.deck_id}, ${cards.position}, ${cards.card_id}`)
  return found.map(({ card_id, schedule }) => ({
    key: [card_id, selection.direction],
    schedule: schedule && studySchedule(schedule),
  }))
}

/**
 * Decks, tags, difficulty and confidence, as conditions to add. Backwards a text with gaps cannot be asked: what stands in
 * the gap does not tell the text.
 */
function wanted(user: User, { deck_ids, tags, difficulty, confidence, direction }: Selection): SQL {
  const list = (values: readonly string[]) =>
    sql.join(
      values.map((value) => sql`${value}`),
      sql`, `,
    )
  return sql.join(
    [
      sql``,
      ...(deck_ids
        ? [deck_ids.length > 0 ? sql`and ${decks.deck_id} in (${list(deck_ids)})` : sql`and false`]
        : []),
      // a tag stands for those below it too, as in Anki
      ...tags.map(
        (tag) =>
          sql`and exists (select from unnest(${cards.tags}) tag where lower(tag) = lower(${tag}) or starts_with(lower(tag), lower(${tag}) || '::'))`,
      ),
      ...(direction === 'reverse' ? [sql`and ${cards.note_id} is null`] : []),
      ...(difficulty ? [sql`and ${cards.difficulty_level} = ${difficulty}`] : []),
      ...(confidence ? [sql`and ${latestConfidence(user)} = ${confidence}`] : []),
    ],
    sql` `,
  )
}

/** The siblings that were asked in this study day. Few cards have any. */
function seenToday(user: User, day: StudyDay): SQL {
  return sql`
    select coalesce(c.note_id, c.card_id) as sibling
    from ${cardSchedules} s join ${cards} c on c.card_id = s.card_id
    where s.user_id = ${user.user_id} and s.last_review >= ${day.start.toISOString()}::timestamptz
      and (c.note_id is not null or c.reversible or s.direction = 'reverse')`
}

/**
 * Schedules that are due, with their cards: what follows a `from`, up to the end of its `where`. `joined` is where their decks
 * come in, and with them what the person may see; who counts by deck sees to that afterwards. `offset 0` keeps PostgreSQL
 * from reading all cards of everybody, which it takes for faster than to look up some thousand of them.
 */
function dueCards(user: User, { now, day }: Moment, selection: Selection, joined = sql``): SQL {
  const direction =
    selection.direction === 'reverse'
      ? sql`${cardSchedules.direction} = 'reverse'`
      : sql`(${cardSchedules.direction} = 'forward' or ${cards.reversible})`
  return sql`
    ${cardSchedules}
    cross join lateral (
      select card.* from ${cards} card where card.card_id = ${cardSchedules.card_id} offset 0
    ) ${cards}
    ${joined}
    where ${cardSchedules.user_id} = ${user.user_id} and ${cardSchedules.state} <> 'new' and ${dueAt(now)}
      and ${live} and ${direction} ${wanted(user, selection)}
      and (${cardSchedules.last_review} >= ${day.start.toISOString()}::timestamptz
        or ${sibling} not in (select seen.sibling from seen))`
}

/**
 * New cards in their order, the decks in turns. Each deck is asked for its first ones, so that nothing is read of those
 * behind: of own decks through the index on what is unseen.
 */
async function newCards(
  db: Database,
  user: User,
  selection: Selection,
  limit: number,
  order: Order,
  moment: Moment,
): Promise<Picked[]> {
  const turn =
    order === 'random'
      ? sql`random()`
      : order === 'added'
        ? sql`fresh.position`
        : sql`fresh.turn, lower(fresh.deck)`
  const found = await db.execute<Picked>(sql`
    with seen as (${seenToday(user, moment.day)}), fresh as (${newOnes(user, selection, limit, order, moment.now)})
    select card_id, direction, sibling from fresh
    order by ${turn}, fresh.card_id, fresh.direction limit ${limit * SIBLINGS}`)
  const taken = new Set<string>()
  return found.filter(({ sibling }) => !taken.has(sibling) && taken.add(sibling)).slice(0, limit)
}

/** Of siblings only one counts: so many more are looked at where the first of a note is not looked for. */
const SIBLINGS = 10

/**
 * The first new cards of each deck, question to answer, and those to be asked backwards as well. It is part of a statement
 * in which `seen` are the siblings that were asked today.
 */
function newOnes(user: User, selection: Selection, limit: number, order: Order, now: Date): SQL {
  const notHeld = (direction: Direction) => sql`not exists (
    select from ${cardSchedules} held where held.user_id = ${user.user_id} and held.card_id = ${cards.card_id}
      and held.direction = ${direction} and (held.state <> 'new' or ${heldAt(now)}))`
  const earlier = sql`
    select from ${cards} earlier
    where earlier.note_id = ${cards.note_id} and earlier.position < ${cards.position}
      and earlier.unseen and earlier.deleted_at is null and not exists (
        select from ${cardSchedules} held where held.user_id = ${user.user_id} and held.card_id = earlier.card_id
          and held.direction = 'forward' and ${heldAt(now)})`
  const first = sql`(${cards.note_id} is null or not exists (${earlier}))`
  const among = (direction: Direction, whose: SQL, which: SQL, most: number) => sql`
    select fresh.*, ${direction}::text as direction, decks.deck_id, decks.name as deck,
      row_number() over (partition by decks.deck_id order by fresh.position) as turn
    from (
      select decks.* from ${decks}
      where ${readableBy(user)} and ${whose} ${wanted(user, { ...EVERYTHING, deck_ids: selection.deck_ids })} offset 0
    ) decks cross join lateral (
      select ${cards.card_id} as card_id, ${sibling} as sibling, ${cards.position} as position
      from ${cards}
      where ${cards.deck_id} = ${decks.deck_id} and ${live} and ${which} and ${notHeld(direction)}
        and ${sibling} not in (select seen.sibling from seen)
        ${wanted(user, { ...selection, deck_ids: null })}
      order by ${order === 'random' ? sql`random()` : cards.position} limit ${most}
    ) fresh`
  const mine = sql`${decks.user_id} = ${user.user_id}`
  // who has never seen the front is not asked for it
  const turned = sql`${cards.reversible} and exists (
    select from ${cardSchedules} front where front.user_id = ${user.user_id} and front.card_id = ${cards.card_id}
      and front.direction = 'forward' and front.state <> 'new')`
  if (selection.direction === 'reverse') return among('reverse', sql`true`, sql`true`, limit)
  return sql`
    ${among('forward', sql`not ${mine}`, sql`true`, limit * SIBLINGS)}
    union all ${among('forward', mine, sql`${cards.unseen} and ${first}`, limit)}
    union all ${among('reverse', sql`true`, turned, limit)}`
}

function orderBy(order: Order, now: Date): SQL {
  switch (order) {
    case 'risk':
      return riskAt(now)
    case 'due':
      return sql`${cardSchedules.due}`
    case 'added':
      return sql`${cards.position}`
    case 'random':
      return sql`hashtextextended(${cards.card_id}::text, ${now.getTime()})`
    default:
      return order satisfies never
  }
}

/** Smallest first: the longest time since the last answer, measured in the card's stability. */
function riskAt(now: Date): SQL {
  return sql`(extract(epoch from ${cardSchedules.last_review} - ${now.toISOString()}::timestamptz) / nullif(${cardSchedules.stability}, 0))`
}

/** What there is to do in a deck. */
export interface DueDeck {
  deck_id: string
  name: string
  /** Cards seen before that are due. */
  due: number
  /** Cards never seen, of those that the daily limit still allows over all decks. */
  new: number
}

/** What there is to do now, by deck and in all. */
export interface ToDo {
  /** The decks in which there is something to do, by name. */
  decks: DueDeck[]
  /** How many cards a sitting would have: due ones, and new ones within the daily limit. */
  count: number
}

/** New cards that may still be begun today, over all decks. */
export async function newCardsLeft(
  db: Database,
  user: User,
  settings: Settings,
  day: StudyDay,
): Promise<number> {
  const [row] = await db.execute<{ begun: string }>(
    sql`
    select count(*) as begun from ${cardSchedules}
    where ${cardSchedules.user_id} = ${user.user_id} and ${cardSchedules.first_review} >= ${day.start.toISOString()}::timestamptz`.inlineParams(),
  )
  return Math.max(0, settings.new_per_day - Number(row?.begun ?? 0))
}

/** What is due and what is new. `newLeft` is what `newCardsLeft` gives. */
export async function toDo(db: Database, user: User, newLeft: number, moment: Moment): Promise<ToDo> {
  const rows = await db.execute<{ deck_id: string; name: string; due: string; new: string }>(
    sql`
    with seen as (${seenToday(user, moment.day)}), found as (
      select ${cards.deck_id} as deck_id, ${sibling} as due, null::uuid as fresh from ${dueCards(user, moment, EVERYTHING)}
      union all
      (select deck_id, null, sibling from (
        select fresh.*, row_number() over (
          partition by sibling order by turn, lower(deck), card_id, direction) as nth
        from (${newOnes(user, EVERYTHING, newLeft, 'risk', moment.now)}) fresh
      ) fresh where nth = 1 order by turn, lower(deck), card_id limit ${newLeft})
    ), counted as (
      select deck_id, count(distinct due) as due, count(distinct fresh) as new from found group by deck_id
    )
    select counted.*, ${calledBy(user)} as name
    from counted join ${decks} on ${decks.deck_id} = counted.deck_id join ${users} on ${users.user_id} = ${decks.user_id}
    where ${readableBy(user)}
    order by lower(${decks.name}), ${decks.deck_id}`.inlineParams(),
  )
  const found = rows.map(({ due, new: fresh, ...deck }) => ({
    ...deck,
    due: Number(due),
    new: Number(fresh),
  }))
  return { decks: found, count: found.reduce((sum, deck) => sum + deck.due + deck.new, 0) }
}

/** How many cards fall due by the end of `tomorrow`, including those that are overdue by then. */
export async function dueTomorrow(db: Database, user: User, tomorrow: StudyDay): Promise<number> {
  const [row] = await db.execute<{ due: string }>(sql`
    select count(distinct ${sibling}) as due
    from ${cardSchedules}
    join ${cards} on ${cards.card_id} = ${cardSchedules.card_id}
    join ${decks} on ${decks.deck_id} = ${cards.deck_id}
    where ${cardSchedules.user_id} = ${user.user_id} and ${cardSchedules.state} <> 'new' and ${readableBy(user)} and ${live}
      and ${cardSchedules.due} < ${tomorrow.end.toISOString()}::timestamptz and ${cardSchedules.suspended_at} is null
      and (${cardSchedules.direction} = 'forward' or ${cards.reversible})`)
  return Number(row?.due ?? 0)
}

/** When the next card falls due that is not suspended; null when none ever does. */
export async function nextDue(
  db: Database,
  user: User,
  selection: Selection,
  now: Date,
): Promise<Date | null> {
  const [row] = await db.execute<{ due: string | null }>(sql`
    select min(greatest(${cardSchedules.due}, coalesce(${cardSchedules.buried_until}, ${cardSchedules.due}))) as due
    from ${cardSchedules}
    join ${cards} on ${cards.card_id} = ${cardSchedules.card_id}
    join ${decks} on ${decks.deck_id} = ${cards.deck_id}
    where ${cardSchedules.user_id} = ${user.user_id} and ${cardSchedules.state} <> 'new' and ${readableBy(user)} and ${live}
      and ${cardSchedules.suspended_at} is null and (${cardSchedules.direction} = ${selection.direction} or ${cards.reversible})
      and (${cardSchedules.due} > ${now.toISOString()}::timestamptz or ${cardSchedules.buried_until} > ${now.toISOString()}::timestamptz)
      ${wanted(user, selection)}`)
  return row?.due ? new Date(row.due) : null
}
