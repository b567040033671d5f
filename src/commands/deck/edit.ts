import { and, eq, ne, notExists, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { checkName } from '../../core/name.ts'
import { changedBy } from '../../db/changes.ts'
import { findDeck } from '../../db/find.ts'
import { decks } from '../../db/schema.ts'
import { ownedBy } from '../../db/where.ts'
import { conflict, notFound, usage } from '../../errors.ts'
import { examples, type Verb } from '../verb.ts'
import { deckView, readDeck } from './shared.ts'

export const editDeck: Verb = (deck, run) => {
  const command = deck
    .command('edit <deck>')
    .description('rename a deck or describe it')
    .option('--name <name>', 'its new name')
    .option('--description <text>', 'its new description; "" for none')
    .action(
      run(
        async (
          { db, user, out, now },
          reference: string,
          options: { name?: string; description?: string },
        ) => {
          if (options.name === undefined && options.description === undefined) {
            throw usage('There is nothing to change.', 'Say what: --name <name> or --description <text>')
          }
          const { deck_id } = await findDeck(db, user, reference, 'own')
          const changes = {
            ...(options.name !== undefined && { name: checkName('deck', options.name) }),
            ...(options.description !== undefined && { description: options.description || null }),
          }
          const other = alias(decks, 'other')
          const taken = db
            .select({ found: sql`1` })
            .from(other)
            .where(
              and(
                eq(other.user_id, user.user_id),
                eq(other.name, changes.name ?? ''),
                ne(other.deck_id, deck_id),
                sql`${other.deleted_at} is null`,
              ),
            )
          const [changed] = await db
            .update(decks)
            .set(changes)
            .where(and(eq(decks.deck_id, deck_id), ownedBy(user), notExists(taken), changedBy(user)))
            .returning({ name: decks.name })
          if (!changed && changes.name === undefined) throw notFound('deck', reference)
          if (!changed) throw conflict(`You already have a deck "${changes.name}".`, 'Choose another name.')
          await out.done(
            deckView(user),
            await readDeck(db, user, now(), deck_id),
            `Changed the deck "${changed.name}".`,
          )
        },
      ),
    )
  examples(command, [['rote deck edit Spansh --name Spanish', 'correct its name; nothing else changes']])
}
