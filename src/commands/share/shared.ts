import { and, eq, getTableColumns, type SQL } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import type { Database } from '../../db/connect.ts'
import { calledBy } from '../../db/find.ts'
import { deckShares, decks, users } from '../../db/schema.ts'
import type { User } from '../../db/user.ts'
import { ownedBy, sharedWith } from '../../db/where.ts'
import type { View } from '../../ui/output.ts'

/** A share as commands publish it. */
export type ShareRow = Awaited<ReturnType<typeof selectShares>>[number]

/** Those who study with somebody; the owner of a deck is `users`, as everywhere. */
export const receivers = alias(users, 'receivers')

/** Shares with the names of what and who they are about. A query to narrow, by `given` or `received`, and order. */
export function selectShares(db: Database, user: User) {
  return db
    .select({
      ...getTableColumns(deckShares),
      deck: calledBy(user),
      owner: users.username,
      shared_with: receivers.username,
    })
    .from(deckShares)
    .innerJoin(decks, eq(decks.deck_id, deckShares.deck_id))
    .innerJoin(users, eq(users.user_id, decks.user_id))
    .innerJoin(receivers, eq(receivers.user_id, deckShares.shared_with_id))
    .$dynamic()
}

/** Shares of the person's own decks. */
export function given(user: User): SQL | undefined {
  return and(eq(deckShares.owner_id, user.user_id), ownedBy(user))
}

/** Shares by which others let the person see decks. */
export function received(user: User): SQL | undefined {
  return and(eq(deckShares.shared_with_id, user.user_id), sharedWith(user))
}

/** How shares are shown. */
export const shareView: View<ShareRow> = {
  columns: [
    { header: 'id', value: (share) => share.share_id, hidden: true },
    { header: 'deck', value: (share) => share.deck, flexible: true },
    { header: 'owner', value: (share) => share.owner, hidden: true },
    { header: 'with', value: (share) => share.shared_with, flexible: true },
    { header: 'permission', value: (share) => share.permission },
    {
      header: 'since',
      value: (share) => share.created_at,
      show: (share) => share.created_at.toISOString().slice(0, 10),
    },
  ],
  key: (share) => share.share_id,
  empty: 'You share no decks. Share one with: rote share add <deck> <user>',
}

/** What a permission lets a person do, in a sentence. */
export const MAY = {
  view: 'see and study',
  edit: 'study and change the cards of',
} as const satisfies Record<ShareRow['permission'], string>
