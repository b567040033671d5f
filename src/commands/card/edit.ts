import { and, eq, ne } from 'drizzle-orm'
import { checkText, DIFFICULTY_LEVELS, type DifficultyLevel } from '../../core/card.ts'
import { findCard } from '../../db/find.ts'
import { cards } from '../../db/schema.ts'
import { conflict, usage } from '../../errors.ts'
import { examples, oneOf, several, type Verb } from '../verb.ts'
import { cardView, editDraft, readCard, sameQuestion, titled } from './shared.ts'

interface Options {
  question?: string
  answer?: string
  tag?: string[]
  tags?: false
  difficulty?: DifficultyLevel | 'none'
}

export const editCard: Verb = (card, run) => {
  const command = card
    .command('edit <card>')
    .description('change a card; its history and schedule stay')
    .option('-Q, --question <text>', 'the new front')
    .option('-A, --answer <text>', 'the new back')
    .option('--tag <tag>', 'its tags from now on; may be given several times', several)
    .option('--no-tags', 'take all its tags away')
    .option(
      '--difficulty <level>',
      `${DIFFICULTY_LEVELS.join(', ')}, or none`,
      oneOf([...DIFFICULTY_LEVELS, 'none']),
    )
    .action(
      run(async ({ db, user, out, term }, reference: string, options: Options) => {
        const { card_id } = await findCard(db, user, reference, 'edit')
        const before = await readCard(db, user, card_id)
        let changes = changesFrom(options)
        if (Object.keys(changes).length === 0) {
          if (!term.interactive)
            throw usage('There is nothing to change.', 'Say what: -Q, -A, --tag, --no-tags or --difficulty')
          const draft = await editDraft(term, before)
          if (!draft) return out.say('Nothing was changed.')
          changes = draft
        }
        if (changes.question !== undefined && changes.question !== before.question) {
          const [same] = await db
            .select({ card_id: cards.card_id })
            .from(cards)
            .where(and(sameQuestion(before.deck_id, changes.question), ne(cards.card_id, card_id)))
            .limit(1)
          if (same)
            throw conflict(
              `"${before.deck}" already has this question.`,
              `See: rote card view ${same.card_id.slice(0, 8)}`,
            )
        }
        await db.update(cards).set(changes).where(eq(cards.card_id, card_id))
        const after = await readCard(db, user, card_id)
        await out.done(cardView, after, `Changed ${titled(after)}.`)
      }),
    )
  examples(command, [
    ['rote card edit 3f9a', 'in your editor'],
    ['rote card edit 3f9a -A "the dog" --difficulty easy', 'from a script'],
  ])
}

function changesFrom({ question, answer, tag, tags, difficulty }: Options) {
  return {
    ...(question !== undefined && { question: checkText('question', question) }),
    ...(answer !== undefined && { answer: checkText('answer', answer) }),
    ...(tags === false ? { tags: [] } : tag && { tags: [...new Set(tag)] }),
    ...(difficulty && { difficulty_level: difficulty === 'none' ? null : difficulty }),
  } as Partial<{ question: string; answer: string; tags: string[]; difficulty_level: DifficultyLevel | null }>
}
