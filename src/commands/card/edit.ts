import { and, eq, ne } from 'drizzle-orm'
import { checkText, DIFFICULTY_LEVELS, type DifficultyLevel } from '../../core/card.ts'
import type { Draft } from '../../core/draft.ts'
import { findCard } from '../../db/find.ts'
import { cards } from '../../db/schema.ts'
import { live } from '../../db/where.ts'
import { conflict, notFound, usage } from '../../errors.ts'
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
        const save = async (changes: Changes) => {
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
          const [changed] = await db
            .update(cards)
            .set(changes)
            .where(and(eq(cards.card_id, card_id), live))
            .returning({ card_id: cards.card_id })
          // it was deleted while the editor was open
          if (!changed) throw notFound('card', reference)
          return changed
        }
        const changes = changesFrom(options)
        if (Object.keys(changes).length > 0) await save(changes)
        else {
          if (!term.interactive)
            throw usage('There is nothing to change.', 'Say what: -Q, -A, --tag, --no-tags or --difficulty')
          if (!(await editDraft(term, before, save))) return out.nothing('Nothing was changed.')
        }
        const after = await readCard(db, user, card_id)
        await out.done(cardView, after, `Changed ${titled(after)}.`)
      }),
    )
  examples(command, [
    ['rote card edit 3f9a', 'in your editor'],
    ['rote card edit 3f9a -A "the dog" --difficulty easy', 'from a script'],
  ])
}

type Changes = Partial<Draft>

function changesFrom({ question, answer, tag, tags, difficulty }: Options): Changes {
  return {
    ...(question !== undefined && { question: checkText('question', question) }),
    ...(answer !== undefined && { answer: checkText('answer', answer) }),
    ...(tags === false ? { tags: [] } : tag && { tags: [...new Set(tag)] }),
    ...(difficulty && { difficulty_level: difficulty === 'none' ? null : difficulty }),
  }
}
