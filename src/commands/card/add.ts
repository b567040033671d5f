import { and, eq, ne, sql } from 'drizzle-orm'
import { checkText, DIFFICULTY_LEVELS, type DifficultyLevel } from '../../core/card.ts'
import type { Draft } from '../../core/draft.ts'
import { checkName } from '../../core/name.ts'
import { plural } from '../../core/plural.ts'
import { sameQuestion } from '../../db/change.ts'
import type { Database } from '../../db/connect.ts'
import { type FoundDeck, findDeck } from '../../db/find.ts'
import { cards, decks } from '../../db/schema.ts'
import type { User } from '../../db/user.ts'
import { CliError, conflict, usage } from '../../errors.ts'
import { jsonl } from '../../formats/jsonl.ts'
import { gather } from '../../import/gather.ts'
import { openSource } from '../../import/source.ts'
import { writeCards } from '../../import/write.ts'
import { editDraft } from '../draft.ts'
import { examples, oneOf, several, type Verb } from '../verb.ts'
import { byPosition, cardView, readCard, selectCards, titled } from './shared.ts'

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
          const { bytes } = await openSource('-', term.stdin, 'Pipe cards in: … | rote card add <deck> -')
          const gathered = await gather(
            jsonl.read(bytes, { columns: {}, encoding: undefined }),
            '-',
            'error',
            () => {},
          )
          const deck = await orMade(db, user, await findOrName(db, user, reference))
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
        const { draft, complete } = draftFrom(options, term.interactive)
        const found = await findOrName(db, user, reference)
        const save = async (draft: Draft) => {
          const deck = await orMade(db, user, found)
          return insertCard(db, deck, { ...draft, accepted_answers: options.accept ?? [] })
        }
        const card_id = complete ? await save(draft) : await editDraft(term, draft, save)
        if (card_id === null) return out.nothing('Nothing was added.')
        const card = await readCard(db, user, card_id)
        await out.done(cardView, card, `Added ${titled(card)} to "${card.deck}".`)
      }),
    )
  examples(command, [
    ['rote card add Spanish -Q perro -A dog --tag animals', 'one card'],
    ['rote card add Spanish', 'write it in your editor'],
    [`echo '{"question":"gato","answer":"cat"}' | rote card add Spanish -`, 'many, from a pipe'],
  ])
}

/** What the flags say. In a terminal it need not be complete: what is missing is written in the editor. */
function draftFrom(
  { question, answer, tag = [], difficulty }: Options,
  interactive: boolean,
): { draft: Draft; complete: boolean } {
  const draft = {
    question: question ?? '',
    answer: answer ?? '',
    tags: [...new Set(tag)],
    difficulty_level: difficulty ?? null,
  }
  if (question !== undefined && answer !== undefined) {
    checkText('question', question)
    checkText('answer', answer)
    return { draft, complete: true }
  }
  if (interactive) return { draft, complete: false }
  throw usage(
    `The ${question === undefined ? 'question' : 'answer'} is missing.`,
    'Give both: -Q <question> -A <answer>',
  )
}

/** Adds a card to the end of a deck, unless the deck has its question already. */
function insertCard(
  db: Database,
  deck: FoundDeck,
  card: Draft & { accepted_answers: string[] },
): Promise<string> {
  return db.transaction(async (db) => {
    // two people adding the same question take turns
    await db.execute(sql`select from ${decks} where ${decks.deck_id} = ${deck.deck_id} for no key update`)
    const [same] = await db
      .select({ card_id: cards.card_id })
      .from(cards)
      .where(sameQuestion(deck.deck_id, card.question))
      .limit(1)
    if (same) {
      throw conflict(
        `"${deck.name}" already has this question.`,
        `Change its card: rote card edit ${same.card_id.slice(0, 8)}`,
      )
    }
    const [made] = await db
      .insert(cards)
      .values({ deck_id: deck.deck_id, ...card })
      .returning({ card_id: cards.card_id })
    return made?.card_id ?? ''
  })
}

/**
 * The deck to add to, or the name of one to make. The very first card of all makes its deck: there is no other that
 * could have been meant.
 */
async function findOrName(db: Database, user: User, reference: string): Promise<FoundDeck | string> {
  try {
    return await findDeck(db, user, reference, 'edit')
  } catch (error) {
    if (!(error instanceof CliError) || error.kind !== 'not_found') throw error
    const name = checkName('deck', reference)
    const [other] = await db.select({ name: decks.name }).from(decks).where(otherDecks(user, name)).limit(1)
    if (other) throw error
    return name
  }
}

/** Makes the very first deck from its name, unless another came first. */
async function orMade(db: Database, user: User, found: FoundDeck | string): Promise<FoundDeck> {
  if (typeof found !== 'string') return found
  const anyOther = sql`select from ${decks} where ${otherDecks(user, found)}`
  await db.execute(
    sql`insert into ${decks} (user_id, name) select ${user.user_id}::uuid, ${found} where not exists (${anyOther}) on conflict do nothing`,
  )
  return findDeck(db, user, found, 'edit')
}

function otherDecks(user: User, name: string) {
  return and(eq(decks.user_id, user.user_id), ne(decks.name, name))
}
