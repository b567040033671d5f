import { type SQL, sql } from 'drizzle-orm'
import type { ChangeKind, ChangePart } from '../core/changes.ts'
import type { Database } from './connect.ts'
import { cards, changedRows, changes, deckShares, decks, imports, playlists, users } from './schema.ts'
import type { User } from './user.ts'
import { editableBy, readableBy } from './where.ts'

/** Something that a command of the person's has changed. */
export interface Change {
  change_id: string
  /** Counts up; a later change has a higher one. */
  position: number
  command: string | null
  changed_at: Date
  /** When it was taken back; null: it stands. */
  undone_at: Date | null
  /** The change that this one took back. */
  undoes: string | null
  /** What it did, in the order in which it began to. */
  parts: ChangePart[]
}

/** What a row that was changed comes to, as a ChangeKind. The statement calls the row `r`. */
const kindOf = sql<ChangeKind>`case
  when r.table_name = 'imports' then 'imported'
  when r.table_name = 'deck_shares' then case r.operation
    when 'insert' then 'shared' when 'update' then 'permission_changed' else 'revoked' end
  when r.table_name = 'playlist_decks' then case r.operation
    when 'insert' then 'place_added' when 'update' then 'place_moved' else 'place_removed' end
  when r.table_name = 'card_images' then case r.operation
    when 'insert' then 'image_added' when 'update' then 'image_edited' else 'image_removed' end
  when r.table_name = 'card_schedules' then case
    when r.operation = 'insert' or r.after -> 'suspended_at' <> 'null' then 'card_suspended' else 'card_unsuspended' end
  when r.table_name = 'cards' and r.after ? 'deck_id' then 'card_moved'
  when r.table_name = 'cards' and r.operation = 'insert' then 'card_added'
  else case r.table_name when 'decks' then 'deck' when 'cards' then 'card' else 'playlist' end || case
    when r.operation = 'insert' then '_made'
    when r.after -> 'deleted_at' = 'null' then '_restored'
    when r.after ? 'deleted_at' then '_trashed'
    else '_edited' end
end`

/**
 * Changes of the person's, the latest first, each with what it did; those of which nothing is left are left out. `wanted` is
 * a condition on `changes`. What is called how, only where the person may see it now, or it is in their own trash.
 */
export async function selectChanges(
  db: Database,
  user: User,
  limit: number,
  wanted: SQL = sql`true`,
): Promise<Change[]> {
  const those = (may: SQL | undefined) => sql`(select ${decks.deck_id} from ${decks} where ${may})`
  const visible = sql`(d.user_id = ${user.user_id} or d.deck_id in ${those(readableBy(user))})`
  // where the card is now, and in its trash only who may take it out
  const cardVisible = sql`(now_in.user_id = ${user.user_id} or now_in.deck_id in ${those(editableBy(user))}
    or (k.deleted_at is null and now_in.deck_id in ${those(readableBy(user))}))`
  const rows = await db.execute<
    Omit<Change, 'changed_at' | 'undone_at'> & { changed_at: string; undone_at: string | null } & Record<
        string,
        unknown
      >
  >(
    sql`
    select c.change_id, c.position::float8 as position, c.command, c.changed_at, c.undone_at, c.undoes, p.parts
    from (
      select * from ${changes} where ${changes.user_id} = ${user.user_id} and ${wanted}
        and exists (select from ${changedRows} r where r.change_id = ${changes.change_id})
      order by ${changes.position} desc limit ${limit}
    ) c cross join lateral (
      select jsonb_agg(jsonb_build_object('kind', kind, 'count', n, 'name', name, 'place', place) order by first) as parts
      from (
        select ${kindOf} as kind, case min(r.table_name) when 'imports' then sum(i.added) else count(distinct r.row_id) end as n,
          min(r.changed_row_id) as first,
          (array_agg(case
            when r.table_name in ('cards', 'card_images', 'card_schedules') then case when ${cardVisible} then k.question end
            when r.table_name = 'playlists' then l.name
            when r.table_name = 'imports' then i.source
            else deck.name end order by r.changed_row_id))[1] as name,
          case when count(place.name) = count(*) and min(place.name) = max(place.name) then min(place.name) end as place
        from ${changedRows} r
        left join ${cards} k on k.card_id = r.card_id
        left join ${decks} d on d.deck_id = coalesce(r.deck_id, k.deck_id)
        left join ${decks} now_in on now_in.deck_id = k.deck_id
        left join ${playlists} l on l.playlist_id = r.playlist_id
        left join ${imports} i on r.table_name = 'imports' and i.import_id = r.row_id
        left join ${deckShares} s on r.table_name = 'deck_shares' and s.share_id = r.row_id
        left join ${users} u on u.user_id = coalesce(s.shared_with_id, (r.before ->> 'shared_with_id')::uuid, case
          -- of a share that is there no more, whatever took it away knows
          when r.table_name = 'deck_shares' then (
            select (gone.before ->> 'shared_with_id')::uuid from ${changedRows} gone
            where gone.deck_id = r.deck_id and gone.row_id = r.row_id and gone.operation = 'delete' limit 1) end)
        left join ${users} o on o.user_id = d.user_id
        cross join lateral (
          select case when ${visible} then case when d.user_id = ${user.user_id} then d.name else o.username || '/' || d.name end end as name
        ) deck
        cross join lateral (
          select case
            when r.table_name in ('cards', 'card_images', 'imports') then deck.name
            when r.table_name = 'playlist_decks' then l.name
            when r.table_name = 'deck_shares' then u.username end as name
        ) place
        where r.change_id = c.change_id
        group by 1
      ) part
    ) p
    order by c.position desc`.inlineParams(),
  )
  return rows.map(({ change_id, position, command, changed_at, undone_at, undoes, parts }) => ({
    change_id,
    position,
    command,
    changed_at: new Date(changed_at),
    undone_at: undone_at === null ? null : new Date(undone_at),
    undoes,
    parts,
  }))
}

/** Takes those changes away of which nothing is left: what they were about has been deleted for good. */
export async function forgetChanges(db: Database): Promise<void> {
  await db.execute(
    sql`delete from ${changes} where not exists (select from ${changedRows} r where r.change_id = ${changes.change_id})`,
  )
}
