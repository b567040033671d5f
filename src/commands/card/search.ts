import { and, ilike, or } from 'drizzle-orm'
import { cards } from '../../db/schema.ts'
import { live, readableBy } from '../../db/where.ts'
import { batches, type PageOptions, paged, pageOf } from '../page.ts'
import { examples, type Verb } from '../verb.ts'
import { byPosition, cardView, selectCards } from './shared.ts'

export const searchCards: Verb = (card, run) => {
  const command = paged(card.command('search <text>'))
    .description('find cards by what is written on them')
    .action(
      run(async ({ db, user, out }, text: string, options: PageOptions) => {
        const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`
        const wanted = and(
          readableBy(user),
          live,
          or(ilike(cards.question, pattern), ilike(cards.answer, pattern)),
        )
        const pages = batches(pageOf(options, out.mode), (limit, offset) =>
          selectCards(db, user)
            .where(wanted)
            .orderBy(...byPosition)
            .limit(limit)
            .offset(offset),
        )
        await out.list({ ...cardView, empty: `No card says "${text}".` }, pages)
      }),
    )
  examples(command, [['rote card search perro', 'on either side, in capitals or not']])
}
