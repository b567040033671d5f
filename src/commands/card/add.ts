import { randomUUID } from 'node:crypto'
import { and, eq, inArray, ne, or, sql } from 'drizzle-orm'
import { checkText, DIFFICULTY_LEVELS, type DifficultyLevel } from '../../core/card.ts'
import { parseCloze } from '../../core/cloze.ts'
import type { Draft } from '../../core/draft.ts'
import { checkName } from '../../core/name.ts'
import { plural } from '../../core/plural.ts'
import { lockDeck, sameQuestion } from '../../db/change.ts'
import { changing } from '../../db/changes.ts'
import type { Database } from '../../db/connect.ts'
import { type FoundDeck, findDeck, isId } from '../../db/find.ts'
import { cards, decks } from '../../db/schema.ts'
import type { Author, User } from '../../db/user.ts'
import { readableBy } from '../../db/where.ts'
import { CliError, conflict, usage } from '../../errors.ts'
import { jsonl } from '../../formats/jsonl.ts'
import { gather } from '../../import/gather.ts'
import { openSource } from '../../import/source.ts'
import { writeCards } from '../../import/write.ts'
import type { Input } from '../../world.ts'
import { editDraft } from '../draft.ts'
import { examples, oneOf, several, type Verb } from '../verb.ts'
import { acceptedFrom, byPosition, cardView, notTurned, readCard, selectCards, titled } from './shared.ts'

interface Options {
  question?: string
  answer?: string
  tag?: string[]
  difficulty?: DifficultyLevel
  accept?: string[]
  reverse?: true
  cloze?: string
}

export const addCard: Verb = (card, run) => {
  const command = card
    .command('add <deck> [input]')
    .description('add a card to a deck; - reads one JSON object a line from standard input')
    .option('-Q, --question <text>', 'the front')
    .option('-A, --answer <text>', 'the back')
    .option('--tag <tag>', 'a tag; may be given several times', several)
    .option(
      '--difficulty <level>',
      `how hard it is: ${DIFFICULTY_LEVELS.join(', ')}`,
      oneOf(DIFFICULTY_LEVELS),
    )
    .option('--accept <answer>', 'another answer that counts; may be given several times', several)
    .option('--reverse', 'ask it both ways, each with its own schedule')
    .option('--cloze <text>', 'a card for each deletion in it, as in "Botswana has {{c1::Gaborone}}"')
    .action(
      run(
        async (
          { db, user, out, term, now },
          reference: string,
          input: string | undefined,
          options: Options,
        ) => {
          if (input !== undefined && input !== '-') {
            throw usage(`"${input}" is one word too many.`, 'A card is given by: -Q <question> -A <answer>')
          }
          if (input === '-') {
            if (Object.keys(options).length > 0)
              throw usage(
                'Cards from standard input have their text there.',
                'Leave the flags out that are about one card.',
              )
            const { deck, import_id } = await addPiped(db, user, term.stdin, reference, now())
            const added = await selectCards(db, user)
              .where(eq(cards.import_id, import_id))
              .orderBy(...byPosition)
            return out.doneAll(cardView, added, `Added ${plural(added.length, 'card')} to "${deck}".`)
          }
          if (options.cloze !== undefined) {
            const drafts = clozeDrafts(options.cloze, options)
            const ids = await insertCards(db, user, await findOrName(db, user, reference), drafts)
            const added = await selectCards(db, user)
              .where(inArray(cards.card_id, ids))
              .orderBy(...byPosition)
            const sentences = added.map((card) => `Added ${titled(card)} to "${card.deck}".`)
            return out.doneAll(cardView, added, sentences.join('\n'))
          }
          const { draft, complete } = draftFrom(options, term.interactive)
          const accepted_answers = acceptedFrom(options.accept ?? [])
          const found = await findOrName(db, user, reference)
          const save = async (draft: Draft) => {
            const card = { ...draft, accepted_answers, reversible: options.reverse === true }
            return (await insertCards(db, user, found, [card]))[0] ?? ''
          }
          const card_id = complete ? await save(draft) : await editDraft(term, draft, save)
          if (card_id === null) return out.nothing('Nothing was added.')
          const card = await readCard(db, user, card_id)
          await out.done(cardView, card, `Added ${titled(card)} to "${card.deck}".`)
        },
      ),
    )
  examples(command, [
    ['rote card add Spanish -Q perro -A dog --reverse', 'one card, asked both ways'],
    ['rote card add Biology --cloze "{{c1::DNA}} has {{c2::four::number}} bases"', 'two cards'],
    ['rote card add Spanish', 'write it in your editor'],
    [`echo '{"question":"gato","answer":"cat"}' | rote card add Spanish -`, 'many, from a pipe'],
  ])
}

/** Adds the cards that come in on a pipe, all or none. */
async function addPiped(
  db: Database,
  user: Author,
  stdin: Input,
  reference: string,
  now: Date,
): Promise<{ deck: string; import_id: string }> {
  const { bytes } = await openSource('-', stdin, 'Pipe cards in: … | rote card add <deck> -')
  const records = jsonl.read(bytes, { columns: {}, encoding: undefined })
  const gathered = await gather(records, {
    name: '-',
    deck: reference,
    otherwise: null,
    tags: [],
    onDuplicate: 'error',
    onError: 'abort',
    progress: () => {},
  })
  const found = await findOrName(db, user, reference)
  const write = async (db: Database) => {
    const deck = await orMade(db, user, found)
    const target = {
      decks: [deck],
      user_id: user.user_id,
      source: '-',
      format: 'jsonl',
      onDuplicate: 'error',
      dryRun: false,
      now,
      progress: null,
      prune: false,
    } as const
    const { import_id } = await writeCards(db, gathered, target)
    return { deck: deck.name, import_id: import_id ?? '' }
  }
  return changing(db, user, write, { whole: true }).finally(() => gathered.batches.discard())
}

/** A card as it is added. */
type NewCard = Draft & { accepted_answers: string[]; reversible?: boolean; note_id?: string }

/** The cards of a text with deletions. Throws usage for flags that do not go with one. */
function clozeDrafts(text: string, options: Options): NewCard[] {
  const { question, answer, tag = [], difficulty = null, accept = [], reverse } = options
  if (question !== undefined || answer !== undefined)
    throw usage('A text with deletions makes question and answer itself.', 'Leave -Q and -A out, or --cloze.')
  if (reverse) throw notTurned()
  const made = parseCloze(text)
  if (accept.length > 0 && made.length > 1)
    throw usage(
      `This text makes ${made.length} cards, and --accept is for one.`,
      'Add it later: rote card edit <card> --accept <answer>',
    )
  const note_id = randomUUID()
  return made.map(({ question, answer }) => ({
    question: checkText('question', question),
    answer: checkText('answer', answer),
    tags: [...new Set(tag)],
    difficulty_level: difficulty,
    accepted_answers: acceptedFrom(accept),
    note_id,
  }))
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

/** Adds cards to the end of a deck, in their order; none if it has one of the questions already. Gives their ids. */
function insertCards(
  db: Database,
  user: Author,
  found: FoundDeck | string,
  added: readonly NewCard[],
): Promise<string[]> {
  return changing(db, user, async (db) => {
    const deck = await orMade(db, user, found)
    // two people adding the same question take turns
    await lockDeck(db, user, deck.deck_id)
    const [same] = await db
      .select({ card_id: cards.card_id, question: cards.question })
      .from(cards)
      .where(or(...added.map(({ question }) => sameQuestion(deck.deck_id, question))))
      .limit(1)
    if (same) {
      throw conflict(
        `"${deck.name}" already has ${added.length === 1 ? 'this question' : `the question ${titled(same)}`}.`,
        `Change its card: rote card edit ${same.card_id.slice(0, 8)}`,
      )
    }
    const made = await db
      .insert(cards)
      .values(added.map((card) => ({ deck_id: deck.deck_id, ...card })))
      .returning({ card_id: cards.card_id })
    return made.map(({ card_id }) => card_id)
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
    if (!(error instanceof CliError) || error.kind !== 'not_found' || isId(reference)) throw error
    // owner/name: one that is not shared any more, rather than a first one
    if (reference.includes('/')) throw error
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
  return and(readableBy(user), or(ne(decks.user_id, user.user_id), ne(decks.name, name)))
}
