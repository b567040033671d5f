import { and, ilike, or } from 'drizzle-orm'
import { cards } from '../../db/schema.ts'
import { live } from '../../db/where.ts'
import { listPage, type PageOptions, paged } from '../page.ts'
import { examples, type Verb } from '../verb.ts'
import { cardView, fetchCards } from './shared.ts'

export const searchCards: Verb = (card, run) => {
  const command = paged(card.command('search <text>'))
    .description('find cards by what is written on them')
    .action(
      run(async ({ db, user, out }, text: string, options: PageOptions) => {
        const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`
        const wanted = and(live, or(ilike(cards.question, pattern), ilike(cards.answer, pattern)))
        const view = { ...cardView, empty: `No card says "${text}".` }
        await listPage(out, view, options, fetchCards(db, user, wanted))
      }),
    )
  examples(command, [['rote card search perro', 'on either side, in capitals or not']])
}
