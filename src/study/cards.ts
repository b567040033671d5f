import { type SQL, sql } from 'drizzle-orm'
import type { Direction } from '../core/card.ts'
import type { Schedule } from '../core/schedule.ts'
import type { StudyCard } from '../core/study-card.ts'
import type { Database } from '../db/connect.ts'
import { calledBy } from '../db/find.ts'
import { inlineJson } from '../db/inline.ts'
import {
  aiJobs,
  cardSchedules,
  cards,
  deckSettings,
  deckShares,
  decks,
  imports,
  userSettings,
  users,
} from '../db/schema.ts'
import { DEFAULT_SETTINGS } from '../db/settings.ts'
import type { User } from '../db/user.ts'
import { live, readableBy } from '../db/where.ts'

/** A card in one direction, as a queue names it. */
export type CardKey = readonly [card_id: string, direction: Direction]

/** A schedule as JSON has it. */
export type StoredSchedule = Omit<Schedule, 'due' | 'last_review'> & {
  due: string
  last_review: string | null
}

/** What `cardsQuery` gives for each card. */
export interface StoredCard extends Record<string, unknown> {
  card: Omit<StudyCard, 'schedule'> & { schedule: StoredSchedule | null }
  suspended: boolean
}

/**
 * The cards for study, in the order of `keys`; those that are deleted or that the person may not see are missing.
 * Suspended ones are there only when asked for.
 */
export async function loadCards(
  db: Database,
  user: User,
  keys: readonly CardKey[],
  { suspended = false }: { suspended?: boolean } = {},
): Promise<StudyCard[]> {
  if (keys.length === 0) return []
  const rows = await db.execute<StoredCard>(cardsQuery(user, keys))
  return rows.filter((row) => suspended || !row.suspended).map(({ card }) => studyCard(card))
}

/** Dates in JSON are texts. */
export function studyCard(card: StoredCard['card']): StudyCard {
  return { ...card, schedule: card.schedule && studySchedule(card.schedule) }
}

/** As `studyCard`, for its schedule alone. */
export function studySchedule({ due, last_review, ...rest }: StoredSchedule): Schedule {
  return { ...rest, due: new Date(due), last_review: last_review === null ? null : new Date(last_review) }
}

/** The query behind `loadCards`, to be a part of others. It has no parameters: see `inlineJson`. */
export function cardsQuery(user: User, keys: readonly CardKey[]): SQL {
  return sql`
    select json_build_object(
        'card_id', cards.card_id, 'direction', wanted.direction, 'deck_id', decks.deck_id, 'deck', ${calledBy(user)},
        'question', cards.question, 'answer', cards.answer, 'accepted_answers', cards.accepted_answers,
        'tags', cards.tags, 'difficulty_level', cards.difficulty_level, 'note_id', cards.note_id,
        'source', case
          -- the folders of somebody else's machine are theirs
          when coalesce(job.user_id, import.user_id) = ${user.user_id} or job.source_type = 'webpage'
          then coalesce(job.source_url, import.source)
          else regexp_replace(coalesce(job.source_url, import.source), '^.*[/\\\\]', '') end, 'source_page', cards.source_page,
        'source_quote', cards.source_quote,
        'editable', decks.user_id = ${user.user_id} or exists (
          select from ${deckShares} share where share.deck_id = decks.deck_id
            and share.shared_with_id = ${user.user_id} and share.permission = 'edit'),
        'typed', coalesce(here.typed, false),
        'desired_retention', coalesce(here.desired_retention, mine.desired_retention, ${sql.raw(String(DEFAULT_SETTINGS.desired_retention))}),
        'schedule', case when schedule.state <> 'new' then ${scheduleJson('schedule')} end
      ) as card,
      schedule.suspended_at is not null as suspended
    from (
      select (key ->> 0)::uuid as card_id, key ->> 1 as direction, place
      from jsonb_array_elements(${inlineJson(keys)}) with ordinality as given (key, place)
    ) wanted
    join ${cards} on cards.card_id = wanted.card_id
    join ${decks} on decks.deck_id = cards.deck_id
    join ${users} on users.user_id = decks.user_id
    left join ${imports} import on import.import_id = cards.import_id
    left join ${aiJobs} job on job.job_id = cards.job_id
    left join ${deckSettings} here on here.deck_id = decks.deck_id and here.user_id = ${user.user_id}
    left join ${userSettings} mine on mine.user_id = ${user.user_id}
    left join ${cardSchedules} schedule on schedule.user_id = ${user.user_id}
      and schedule.card_id = wanted.card_id and schedule.direction = wanted.direction
    where ${readableBy(user)} and ${live}
    order by wanted.place`.inlineParams()
}

/** The columns of a schedule as JSON, for `studySchedule`. `row` is what the statement calls the row. */
export function scheduleJson(row: string): SQL {
  const r = sql.raw(row)
  return sql`json_build_object('due', ${r}.due, 'stability', ${r}.stability, 'difficulty', ${r}.difficulty,
    'state', ${r}.state, 'learning_steps', ${r}.learning_steps, 'reps', ${r}.reps, 'lapses', ${r}.lapses,
    'last_review', ${r}.last_review)`
}
