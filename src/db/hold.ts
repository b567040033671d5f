import { type SQL, sql } from 'drizzle-orm'
import { cardSchedules } from './schema.ts'
import type { User } from './user.ts'
import { uuids } from './where.ts'

// What keeps cards from being asked, for one person, in both directions. A card that was never answered has no schedule to
// write it into: it gets one in state `new`, which goes away again with the last thing that it holds.

/** Suspends cards, or buries them until an instant. Those that are suspended already stay so since then. */
export function hold(
  user: User,
  card_ids: readonly string[],
  what: { suspended_at: Date } | { buried_until: Date },
): SQL {
  const [column, at] = 'suspended_at' in what ? [SUSPENDED, what.suspended_at] : [BURIED, what.buried_until]
  const value =
    column === SUSPENDED ? sql`coalesce(held.${column}, excluded.${column})` : sql`excluded.${column}`
  return sql`
    insert into ${cardSchedules} as held (user_id, card_id, direction, due, stability, difficulty, state, ${column})
    select ${user.user_id}::uuid, card_id, direction, now(), 0, 0, 'new', ${at.toISOString()}::timestamptz
    from unnest(array['forward', 'reverse']) direction, ${listed(card_ids)}
    on conflict (user_id, card_id, direction) do update set ${column} = ${value}`
}

/** Takes back what `hold` did. A time of burying that is over by `now` holds nothing any more. */
export function release(
  user: User,
  card_ids: readonly string[],
  what: 'suspended_at' | 'buried_until',
  now: Date,
): SQL {
  const theirs = sql`user_id = ${user.user_id} and card_id in (select card_id from ${listed(card_ids)})`
  const [column, otherwise] =
    what === 'suspended_at'
      ? [SUSPENDED, sql`${BURIED} > ${now.toISOString()}::timestamptz`]
      : [BURIED, sql`${SUSPENDED} is not null`]
  return sql`
    with released as (
      update ${cardSchedules} set ${column} = null where ${theirs} and (state <> 'new' or ${otherwise})
      returning card_id, direction
    )
    delete from ${cardSchedules} where ${theirs} and state = 'new'
      and (card_id, direction) not in (select card_id, direction from released)`
}

const SUSPENDED = sql.identifier('suspended_at')
const BURIED = sql.identifier('buried_until')

function listed(card_ids: readonly string[]): SQL {
  return sql`unnest(${uuids(card_ids)}) as given (card_id)`
}
