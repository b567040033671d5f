import { and, eq, getTableColumns, gt, type SQL, sql } from 'drizzle-orm'
import { checkText } from '../../core/card.ts'
import type { Database } from '../../db/connect.ts'
import { calledBy } from '../../db/find.ts'
import { cardSchedules, cards, decks, users } from '../../db/schema.ts'
import type { User } from '../../db/user.ts'
import { latestConfidence, readableBy } from '../../db/where.ts'
import { type CliError, notFound, usage } from '../../errors.ts'
import type { View } from '../../ui/output.ts'
import { behind, type Fetch } from '../page.ts'

/** A card as commands publish it. */
export type CardRow = Awaited<ReturnType<typeof selectCards>>[number]

/**
 * Cards that `user` may see, with their deck, when they see them next, how they knew them last, and whether they have suspended them. A query to
 * narrow and order.
 */
export function selectCards(db: Database, user: User) {
  const { deleted_at: _, unseen: __, ...columns } = getTableColumns(cards)
  return db
    .select({
      ...columns,
      // what stands on the card is its owner's
      confidence_status: latestConfidence(user),
      deck: calledBy(user),
      // the schedule of a card that was never answered is only there to suspend or bury it
      due: sql<Date | null>`case when ${cardSchedules.state} <> 'new' then ${cardSchedules.due} end`.mapWith(
        cardSchedules.due,
      ),
      suspended_at: cardSchedules.suspended_at,
    })
    .from(cards)
    .innerJoin(decks, and(eq(decks.deck_id, cards.deck_id), readableBy(user)))
    .innerJoin(users, eq(users.user_id, decks.user_id))
    .leftJoin(
      cardSchedules,
      and(
        eq(cardSchedules.card_id, cards.card_id),
        eq(cardSchedules.user_id, user.user_id),
        eq(cardSchedules.direction, 'forward'),
      ),
    )
    .$dynamic()
}

/**
 * Fetches cards deck by deck, each in its order. What is behind a card is asked for in two steps, the rest of its deck
 * and the decks behind that: so the index on deck and position finds it, where a comparison of all three columns would
 * make PostgreSQL sort every card again for each page.
 */
export function fetchCards(db: Database, user: User, wanted: SQL | undefined): Fetch<CardRow> {
  const select = (where: SQL | undefined, limit: number, offset = 0) =>
    selectCards(db, user)
      .where(and(wanted, where))
      .orderBy(cards.deck_id, ...byPosition)
      .limit(limit)
      .offset(offset)
  return async ({ last, offset, limit }) => {
    if (!last) return select(undefined, limit, offset)
    const rest = await select(and(eq(cards.deck_id, last.deck_id), behind(last)), limit)
    if (rest.length === limit) return rest
    return [...rest, ...(await select(gt(cards.deck_id, last.deck_id), limit - rest.length))]
  }
}

/** One card by its id. Throws not_found when it is gone, or not to be seen, by now. */
export async function readCard(db: Database, user: User, card_id: string): Promise<CardRow> {
  const [row] = await selectCards(db, user).where(eq(cards.card_id, card_id))
  if (!row) throw notFound('card', card_id)
  return row
}

/** How cards are shown: one line each in a list, all of it on its own. */
export const cardView: View<CardRow> = {
  columns: [
    { header: 'id', value: (card) => card.card_id, show: (card) => card.card_id.slice(0, 8) },
    { header: 'question', value: (card) => card.question, flexible: true },
    { header: 'answer', value: (card) => card.answer, flexible: true },
    { header: 'deck', value: (card) => card.deck, flexible: true },
    { header: 'tags', value: (card) => card.tags, flexible: true },
    { header: 'difficulty', value: (card) => card.difficulty_level, hidden: true },
    { header: 'confidence', value: (card) => card.confidence_status, hidden: true },
    { header: 'due', value: (card) => card.due, hidden: true },
    { header: 'accepts', value: (card) => card.accepted_answers, hidden: true },
    { header: 'key', value: (card) => card.external_id, hidden: true },
    { header: 'created', value: (card) => card.created_at, hidden: true },
    { header: 'updated', value: (card) => card.updated_at, hidden: true },
    { header: 'suspended', value: (card) => card.suspended_at, hidden: true },
    { header: 'reversible', value: (card) => card.reversible, hidden: true },
    { header: 'note', value: (card) => card.note_id, hidden: true },
  ],
  key: (card) => card.card_id,
  empty: 'No cards here yet. Add one with: rote card add <deck>',
}

/** Other answers that count, as flags give them. Throws usage for one that cannot be. */
export function acceptedFrom(answers: readonly string[]): string[] {
  return [...new Set(answers.map((answer) => checkText('accepted answer', answer)))]
}

/** A text with deletions has its answers in it: nobody can ask for the text. */
export function notTurned(): CliError {
  return usage('A text with deletions is asked in one direction only.')
}

/** The order of a deck, and a stable one. */
export const byPosition = [cards.position, cards.card_id] as const

/** A question short enough for a sentence about its card. */
export function titled({ question }: { question: string }): string {
  const line = question.replace(/\s+/g, ' ').trim()
  return [...line].length > 60 ? `"${[...line].slice(0, 59).join('')}…"` : `"${line}"`
}
