import { and, eq } from 'drizzle-orm'
import type { CardText } from '../../core/card.ts'
import { plural } from '../../core/plural.ts'
import type { Database } from '../../db/connect.ts'
import { findDeck } from '../../db/find.ts'
import { cards, decks } from '../../db/schema.ts'
import type { User } from '../../db/user.ts'
import { live, readableBy } from '../../db/where.ts'
import { CliError } from '../../errors.ts'
import { WRITTEN_NAMES, type WrittenName } from '../../formats/format.ts'
import type { View } from '../../ui/output.ts'
import { safe } from '../../ui/safe.ts'
import { thingAt, writeFile } from '../file.ts'
import { behind, pages } from '../page.ts'
import { examples, oneOf, type Verb } from '../verb.ts'

export const exportDeck: Verb = (deck, run) => {
  const command = deck
    .command('export <deck>')
    .description('write the cards of a deck to a file or to standard output')
    .option(
      '--format <format>',
      `what to write: ${WRITTEN_NAMES.join(', ')} (default: by the name of the file, else jsonl, or json with --json)`,
      oneOf(WRITTEN_NAMES),
    )
    .option('-o, --output <file>', 'the file to write (default: standard output)')
    .action(
      run(
        async (
          { db, user, out, term },
          reference: string,
          options: { format?: WrittenName; output?: string },
        ) => {
          const { deck_id, name } = await findDeck(db, user, reference)
          const { output: file } = options
          const [{ formats }, { formatNamed }] = await Promise.all([
            import('../../formats/registry.ts'),
            import('../../formats/sniff.ts'),
          ])
          const unnamed = out.mode === 'json' ? 'json' : 'jsonl'
          const named = file === undefined ? undefined : formatNamed(file)
          const format = options.format ?? WRITTEN_NAMES.find((name) => name === named) ?? unnamed
          const counted = { cards: 0 }
          const text = formats[format].write(cardPages(db, user, deck_id, counted), { deck: name })
          if (file === undefined || file === '-') {
            for await (const piece of text) await out.write(term.stdout.isTTY ? safe(piece) : piece)
            return
          }
          const there = await thingAt(file)
          if (there?.isDirectory()) throw new CliError('failure', `${file} is a folder, not a file.`)
          if (there?.isFile() && !(await term.confirm(`Replace ${file}?`, '--yes')))
            return out.nothing('Nothing was written.')
          await writeFile(file, there, async (put) => {
            for await (const piece of text) await put(piece)
          })
          const sentence = `Wrote ${plural(counted.cards, 'card')} of "${name}" to ${file}.`
          await out.done(exportView, { deck_id, name, file, format, ...counted }, sentence)
        },
      ),
    )
  examples(command, [
    ['rote deck export Spanish -o spanish.csv', 'for a spreadsheet'],
    ['rote deck export Spanish | gzip > spanish.jsonl.gz', 'everything, for another rote'],
  ])
}

/** What an export into a file has done. */
interface ExportReport {
  deck_id: string
  name: string
  file: string
  format: WrittenName
  cards: number
}

const exportView: View<ExportReport> = { columns: [], key: ({ file }) => file, empty: '' }

/** The cards of a deck in their order, a page at a time. Throws not_found when the deck is gone before its end. */
async function* cardPages(
  db: Database,
  user: User,
  deck_id: string,
  counted: { cards: number },
): AsyncGenerator<CardText[]> {
  const found = pages<CardText & { position: number; card_id: string }>(({ last, limit }) =>
    db
      .select({
        question: cards.question,
        answer: cards.answer,
        difficulty_level: cards.difficulty_level,
        tags: cards.tags,
        accepted_answers: cards.accepted_answers,
        external_id: cards.external_id,
        position: cards.position,
        card_id: cards.card_id,
      })
      .from(cards)
      .innerJoin(decks, eq(decks.deck_id, cards.deck_id))
      .where(and(eq(cards.deck_id, deck_id), readableBy(user), live, last && behind(last)))
      .orderBy(cards.position, cards.card_id)
      .limit(limit),
  )
  for await (const page of found) {
    counted.cards += page.length
    yield page.map(({ position: _, card_id: __, ...card }) => card)
  }
  // that nothing more came can also mean that it is not shared any more
  await findDeck(db, user, deck_id)
}
