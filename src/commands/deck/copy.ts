import { and, eq } from 'drizzle-orm'
import { checkName } from '../../core/name.ts'
import { plural } from '../../core/plural.ts'
import { copyDeck } from '../../db/copy.ts'
import { findDeck } from '../../db/find.ts'
import { decks } from '../../db/schema.ts'
import { IN_DECK, OF_ATTEMPT, OF_SCHEDULE, seeNewRows } from '../../db/statistics.ts'
import { readableBy } from '../../db/where.ts'
import { conflict, notFound } from '../../errors.ts'
import { examples, type Verb } from '../verb.ts'
import { deckView, readDeck } from './shared.ts'

export const copyOfDeck: Verb = (deck, run) => {
  const command = deck
    .command('copy <deck>')
    .description('make a deck of your own out of one that you may study')
    .option('--name <name>', 'what to call it (default: as it is called)')
    .option('--with-progress', 'with your own answers and schedules')
    .action(
      run(
        async (
          { db, user, out, now },
          reference: string,
          options: { name?: string; withProgress?: true },
        ) => {
          const found = await findDeck(db, user, reference)
          const [source] = await db
            .select({ name: decks.name })
            .from(decks)
            .where(and(eq(decks.deck_id, found.deck_id), readableBy(user)))
          if (!source) throw notFound('deck', reference)
          const name = checkName('deck', options.name ?? source.name)
          const progress = options.withProgress ?? false
          const copied = await copyDeck(db, user, found.deck_id, name, { progress })
          if (!copied)
            throw conflict(
              `You already have a deck "${name}".`,
              'Call the copy something else: --name <name>',
            )
          const { cards, attempts } = copied
          await seeNewRows(db, cards, ...IN_DECK)
          await seeNewRows(db, attempts, ...OF_ATTEMPT)
          await seeNewRows(db, attempts, ...OF_SCHEDULE)
          const row = await readDeck(db, user, now(), copied.deck_id)
          const answers = progress ? ` and ${plural(attempts, 'answer')} of yours` : ''
          await out.done(
            deckView(user),
            row,
            `Copied ${plural(cards, 'card')}${answers} from "${found.name}" to your deck "${name}".`,
          )
        },
      ),
    )
  examples(command, [
    ['rote deck copy bert/Botany', 'a deck "Botany" of your own, to be learnt anew'],
    ['rote deck copy bert/Botany --name Plants --with-progress', 'and you go on where you are'],
  ])
}
