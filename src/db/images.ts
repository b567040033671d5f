import { and, asc, eq, sql } from 'drizzle-orm'
import { notFound } from '../errors.ts'
import { changeableBy } from './change.ts'
import { changedBy, changing } from './changes.ts'
import type { Database } from './connect.ts'
import { cardImages, cards } from './schema.ts'
import type { Author } from './user.ts'
import { uuids } from './where.ts'

/** An image of a card. */
export type CardImage = typeof cardImages.$inferSelect

/** The images of cards, in their order. Whether the person may see the cards is for others to have asked. */
export function imagesOf(db: Database, card_ids: readonly string[]): Promise<CardImage[]> {
  return db
    .select()
    .from(cardImages)
    .where(sql`${cardImages.card_id} = any(${uuids(card_ids)})`)
    .orderBy(asc(cardImages.card_id), ...inOrder)
}

const inOrder = [asc(cardImages.position), asc(cardImages.created_at), asc(cardImages.image_id)] as const

/** Gives a card an image behind those that it has. Throws not_found when it is gone, or not the person's to change, by now. */
export async function addImage(
  db: Database,
  user: Author,
  card_id: string,
  image: Pick<CardImage, 'image_url' | 'side' | 'alt'>,
): Promise<CardImage> {
  return changing(db, user, async (db) => {
    // two who add one at a time take turns
    const [card] = await db
      .select({ card_id: cards.card_id })
      .from(cards)
      .where(and(eq(cards.card_id, card_id), changeableBy(db, user)))
      .for('no key update')
    if (!card) throw notFound('card', card_id)
    const [last] = await db
      .select({ position: sql<number>`coalesce(max(${cardImages.position}) + 1, 0)::int` })
      .from(cardImages)
      .where(eq(cardImages.card_id, card_id))
    const [made] = await db
      .insert(cardImages)
      .values({ card_id, ...image, position: last?.position ?? 0 })
      .returning()
    if (!made) throw new Error('an insert returned nothing')
    return made
  })
}

/** Takes an image from its card. Throws not_found when it is gone, or not the person's to change, by now. */
export async function removeImage(db: Database, user: Author, image_id: string): Promise<void> {
  const changeable = db.select({ card_id: cards.card_id }).from(cards).where(changeableBy(db, user))
  const [removed] = await db
    .delete(cardImages)
    .where(
      and(eq(cardImages.image_id, image_id), sql`${cardImages.card_id} in ${changeable}`, changedBy(user)),
    )
    .returning({ image_id: cardImages.image_id })
  if (!removed) throw notFound('image', image_id)
}
