import { and, eq, exists, ne, sql } from 'drizzle-orm'
import { changeableBy, sameQuestion } from '../../db/change.ts'
import { changedBy } from '../../db/changes.ts'
import { findCard, findDeck } from '../../db/find.ts'
import { cards, decks } from '../../db/schema.ts'
import { editableBy } from '../../db/where.ts'
import { conflict, notFound } from '../../errors.ts'
import { examples, type Verb } from '../verb.ts'
import { cardView, readCard, titled } from './shared.ts'

export const moveCard: Verb = (card, run) => {
  const command = card
    .command('move <card> <deck>')
    .description('move a card to another deck; its history and schedule stay')
    .action(
      run(async ({ db, user, out }, reference: string, to: string) => {
        const { card_id, deck_id: from, question } = await findCard(db, user, reference, 'edit')
        const deck = await findDeck(db, user, to, 'edit')
        // who may change the cards of a deck may not take them away from it: its owner, and all who study it, would have lost them
        if (deck.user_id !== (await findDeck(db, user, from)).user_id)
          await findCard(db, user, card_id, 'own')
        const before = await readCard(db, user, card_id)
        if (before.deck_id !== deck.deck_id) {
          const [same] = await db
            .select({ card_id: cards.card_id })
            .from(cards)
            // itself, when somebody has just moved it there
            .where(and(sameQuestion(deck.deck_id, question), ne(cards.card_id, card_id)))
            .limit(1)
          if (same)
            throw conflict(
              `"${deck.name}" already has this question.`,
              `See: rote card view ${same.card_id.slice(0, 8)}`,
            )
          // to the end of its new deck, with its key unless another card there has the same
          const taken = sql`select from ${cards} as c where c.deck_id = ${deck.deck_id}
            and c.external_id = ${cards.external_id} and c.deleted_at is null`
          const editable = db
            .select({ deck_id: decks.deck_id })
            .from(decks)
            .where(and(eq(decks.deck_id, deck.deck_id), editableBy(user)))
          const [moved] = await db
            .update(cards)
            .set({
              deck_id: deck.deck_id,
              position: sql`nextval('cards_position_seq')`,
              external_id: sql`case when not exists (${taken}) then ${cards.external_id} end`,
            })
            .where(and(eq(cards.card_id, card_id), changeableBy(db, user), exists(editable), changedBy(user)))
            .returning({ card_id: cards.card_id })
          if (!moved) throw notFound('card', reference)
        }
        const after = await readCard(db, user, card_id)
        await out.done(cardView, after, `Moved ${titled(after)} to "${deck.name}".`)
      }),
    )
  examples(command, [['rote card move 3f9a Portuguese', 'to the end of another deck']])
}
