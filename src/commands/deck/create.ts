import { checkName } from '../../core/name.ts'
import { changing } from '../../db/changes.ts'
import { decks } from '../../db/schema.ts'
import { conflict } from '../../errors.ts'
import { examples, type Verb } from '../verb.ts'
import { deckView, readDeck } from './shared.ts'

export const createDeck: Verb = (deck, run) => {
  const command = deck
    .command('create <name>')
    .description('make a deck')
    .option('--description <text>', 'what it is about')
    .action(
      run(async ({ db, user, out, now }, name: string, options: { description?: string }) => {
        const [made] = await changing(db, user, (db) =>
          db
            .insert(decks)
            .values({
              user_id: user.user_id,
              name: checkName('deck', name),
              description: options.description || null,
            })
            .onConflictDoNothing()
            .returning({ deck_id: decks.deck_id, name: decks.name }),
        )
        if (!made)
          throw conflict(
            `You already have a deck "${name.trim()}".`,
            `Put cards in it: rote card add "${name.trim()}"`,
          )
        const row = await readDeck(db, user, now(), made.deck_id)
        await out.done(deckView(user), row, `Made the deck "${made.name}".`)
        if (out.mode === 'table') out.say(`Put cards in it: rote card add "${made.name}"`)
      }),
    )
  examples(command, [
    ['rote deck create Spanish', 'an empty deck'],
    ['rote deck create "World War I" --description "1914-1918"', 'with a description'],
  ])
}
