import { and, eq, inArray, ne, type SQL, sql } from 'drizzle-orm'
import type { Draft } from '../core/draft.ts'
import { conflict, notFound } from '../errors.ts'
import { changedBy } from './changes.ts'
import type { Database } from './connect.ts'
import { cards, decks } from './schema.ts'
import type { Author, User } from './user.ts'
import { editableBy, live } from './where.ts'

/** What of a card can be changed. */
export type CardChanges = Partial<
  Pick<
    typeof cards.$inferInsert,
    'question' | 'answer' | 'tags' | 'difficulty_level' | 'accepted_answers' | 'reversible'
  >
>

/**
 * Changes a card; its history and schedule stay. Throws conflict when its deck has the new question already, or when it is not
 * as `expected`, a condition, any more, and not_found when it is gone, or not the person's to change, by now.
 */
export async function changeCard(
  db: Database,
  user: Author,
  card: { card_id: string; deck_id: string; deck: string; question: string },
  changes: CardChanges,
  expected?: SQL,
): Promise<void> {
  if (changes.question !== undefined && changes.question !== card.question) {
    const [same] = await db
      .select({ card_id: cards.card_id })
      .from(cards)
      .where(and(sameQuestion(card.deck_id, changes.question), ne(cards.card_id, card.card_id)))
      .limit(1)
    if (same)
      throw conflict(
        `"${card.deck}" already has this question.`,
        `See: rote card view ${same.card_id.slice(0, 8)}`,
      )
  }
  const [changed] = await db
    .update(cards)
    .set(changes)
    .where(and(eq(cards.card_id, card.card_id), changeableBy(db, user), expected, changedBy(user)))
    .returning({ card_id: cards.card_id })
  if (changed) return
  const [there] = await db
    .select({ card_id: cards.card_id })
    .from(cards)
    .where(and(eq(cards.card_id, card.card_id), changeableBy(db, user)))
  if (!there) throw notFound('card', card.card_id)
  // it was in the trash for a moment, or in another deck, and nobody has changed what is written here
  if (!expected) return changeCard(db, user, card, changes)
  throw conflict(
    'Somebody else has changed this card meanwhile; nothing was overwritten.',
    `See how: rote card history ${card.card_id.slice(0, 8)}`,
  )
}

/**
 * Writes a card as a person has rewritten it, who began with `base`: what they left as it was stays as it is by now. Throws as
 * `changeCard` does, and conflict when somebody else has changed what they rewrote meanwhile.
 */
export async function rewriteCard(
  db: Database,
  user: Author,
  base: Parameters<typeof changeCard>[2] & Draft,
  draft: Draft,
): Promise<void> {
  const { question, answer, tags, difficulty_level } = draft
  const changes = {
    ...(question !== base.question && { question }),
    ...(answer !== base.answer && { answer }),
    ...(JSON.stringify(tags) !== JSON.stringify(base.tags) && { tags }),
    ...(difficulty_level !== base.difficulty_level && { difficulty_level }),
  }
  if (Object.keys(changes).length === 0) return
  const asItWas = Object.keys(changes).map((name) => {
    const field = name as keyof typeof changes
    return sql`to_jsonb(${cards[field]}) is not distinct from nullif(${JSON.stringify(base[field])}::jsonb, 'null')`
  })
  await changeCard(db, user, base, changes, and(...asItWas))
}

/** Cards that the person may change, as a condition of the statement that changes them: what a finder has found may be gone. */
export function changeableBy(db: Database, user: User): SQL | undefined {
  return and(
    live,
    inArray(cards.deck_id, db.select({ deck_id: decks.deck_id }).from(decks).where(editableBy(user))),
  )
}

/**
 * Lets nobody else add cards to a deck, delete it or share it no longer until the transaction ends. Throws not_found when
 * the person may not add any by now.
 */
export async function lockDeck(db: Database, user: Pick<User, 'user_id'>, deck_id: string): Promise<void> {
  await db.execute(sql`select from ${decks} where ${decks.deck_id} = ${deck_id} for no key update`)
  // a statement of its own: it sees what has been committed while the lock was waited for
  const [deck] = await db
    .select({ deck_id: decks.deck_id })
    .from(decks)
    .where(and(eq(decks.deck_id, deck_id), editableBy(user)))
  if (!deck) throw notFound('deck', deck_id, 'It is gone, or not shared with you any more.')
}

/** Whether a deck holds this question already, as a condition. */
export function sameQuestion(deck_id: string, question: string): SQL | undefined {
  return and(
    eq(cards.deck_id, deck_id),
    live,
    sql`hashtextextended(${cards.question}, 0) = hashtextextended(${question}, 0)`,
    eq(cards.question, question),
  )
}
