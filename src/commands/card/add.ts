import { eq, sql } from 'drizzle-orm'
import { checkText, DIFFICULTY_LEVELS, type DifficultyLevel } from '../../core/card.ts'
import type { Draft } from '../../core/draft.ts'
import { checkName } from '../../core/name.ts'
import { plural } from '../../core/plural.ts'
import type { Database } from '../../db/connect.ts'
import { type FoundDeck, findDeck } from '../../db/find.ts'
import { cards, decks } from '../../db/schema.ts'
import type { User } from '../../db/user.ts'
import { CliError, conflict, usage } from '../../errors.ts'
import { jsonl } from '../../formats/jsonl.ts'
import { gather } from '../../import/gather.ts'
import { openSource } from '../../import/source.ts'
import { writeCards } from '../../import/write.ts'
import { examples, oneOf, several, type Verb } from '../verb.ts'
import { byPosition, cardView, editDraft, readCard, sameQuestion, selectCards, titled } from './shared.ts'

interface Options {
  question?: string
  answer?: string
  tag?: string[]
  difficulty?: DifficultyLevel
  accept?: string[]
}

export const addCard: Verb = (card, run) => {
  const command = card
    .command('add <deck> [input]')
    .description('add a card to a deck; - reads one JSON object a line from standard input')
    .option('-Q, --question <text>', 'the front')
    .option('-A, --answer <text>', 'the back')
    .option('--tag <tag>', 'a tag; may be given several times', several)
    .option('--difficulty <level>', DIFFICULTY_LEVELS.join(', '), oneOf(DIFFICULTY_LEVELS))
    .option('--accept <answer>', 'another answer that counts; may be given several times', several)
    .action(
      run(async ({ db, user, out, term }, reference: string, input: string | undefined, options: Options) => {
        if (input !== undefined && input !== '-') {
          throw usage(`"${input}" is one word too many.`, 'A card is given by: -Q <question> -A <answer>')
        }
        if (input === '-') {
          const { bytes } = await openSource('-', term.stdin)
          const gathered = await gather(
            jsonl.read(bytes, { columns: {}, encoding: undefined }),
            '-',
            'error',
            () => {},
          )
          const deck = await deckFor(db, user, reference)
          const import_id = await db.transaction(async (db) => {
            const target = {
              ...deck,
              user_id: user.user_id,
              source: '-',
              format: 'jsonl',
              onDuplicate: 'error',
              dryRun: false,
            } as const
            return (await writeCards(db, gathered, target)).import_id
          })
          await gathered.batches.discard()
          const added = await selectCards(db, user)
            .where(eq(cards.import_id, import_id ?? ''))
            .orderBy(...byPosition)
          return out.doneAll(cardView, added, `Added ${plural(added.length, 'card')} to "${deck.name}".`)
        }
        const draft = await draftFrom(options, (before) => editDraft(term, before), term.interactive)
        if (!draft) return out.nothing('Nothing was added.')
        const deck = await deckFor(db, user, reference)
        const { accept = [] } = options
        const values = { deck_id: deck.deck_id, ...draft, accepted_answers: accept }
        const card_id = await db.transaction(async (db) => {
          // two people adding the same question take turns
          await db.execute(
            sql`select from ${decks} where ${decks.deck_id} = ${deck.deck_id} for no key update`,
          )
          const [same] = await db
            .select({ card_id: cards.card_id })
            .from(cards)
            .where(sameQuestion(deck.deck_id, draft.question))
            .limit(1)
          if (same) {
            throw conflict(
              `"${deck.name}" already has this question.`,
              `Change its card: rote card edit ${same.card_id.slice(0, 8)}`,
            )
          }
          const [made] = await db.insert(cards).values(values).returning({ card_id: cards.card_id })
          return made?.card_id ?? ''
        })
        await out.done(
          cardView,
          await readCard(db, user, card_id),
          `Added ${titled(draft)} to "${deck.name}".`,
        )
      }),
    )
  examples(command, [
    ['rote card add Spanish -Q perro -A dog --tag animals', 'one card'],
    ['rote card add Spanish', 'write it in your editor'],
    [`echo '{"question":"gato","answer":"cat"}' | rote card add Spanish -`, 'many, from a pipe'],
  ])
}

/** From the flags; in a terminal, what is missing is written in the editor. */
async function draftFrom(
  { question, answer, tag = [], difficulty }: Options,
  edit: (before: Draft) => Promise<Draft | null>,
  interactive: boolean,
): Promise<Draft | null> {
  const draft = {
    question: question ?? '',
    answer: answer ?? '',
    tags: [...new Set(tag)],
    difficulty_level: difficulty ?? null,
  }
  if (question !== undefined && answer !== undefined) {
    checkText('question', question)
    checkText('answer', answer)
    return draft
  }
  if (interactive) return edit(draft)
  throw usage(
    `The ${question === undefined ? 'question' : 'answer'} is missing.`,
    'Give both: -Q <question> -A <answer>',
  )
}

/** The deck to add to. The very first card of all makes its deck: there is no other that could have been meant. */
async function deckFor(db: Database, user: User, reference: string): Promise<FoundDeck> {
  try {
    return await findDeck(db, user, reference, 'edit')
  } catch (error) {
    if (!(error instanceof CliError) || error.kind !== 'not_found') throw error
    const name = checkName('deck', reference)
    const anyOther = sql`select from ${decks} where ${decks.user_id} = ${user.user_id} and ${decks.name} <> ${name}`
    await db.execute(
      sql`insert into ${decks} (user_id, name) select ${user.user_id}::uuid, ${name} where not exists (${anyOther}) on conflict do nothing`,
    )
    return findDeck(db, user, reference, 'edit')
  }
}
