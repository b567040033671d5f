import { checkText, DIFFICULTY_LEVELS, type DifficultyLevel } from '../../core/card.ts'
import type { Draft } from '../../core/draft.ts'
import { type CardChanges, changeCard, rewriteCard } from '../../db/change.ts'
import { findCard } from '../../db/find.ts'
import { usage } from '../../errors.ts'
import { editDraft } from '../draft.ts'
import { examples, oneOf, several, type Verb } from '../verb.ts'
import { acceptedFrom, cardView, notTurned, readCard, titled } from './shared.ts'

interface Options {
  question?: string
  answer?: string
  tag?: string[]
  tags?: false
  difficulty?: DifficultyLevel | 'none'
  accept?: string[] | false
  reverse?: boolean
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
    .option('--accept <answer>', 'the other answers that count; may be given several times', several)
    .option('--no-accept', 'let only its answer count')
    .option('--reverse', 'ask it both ways, each with its own schedule')
    .option('--no-reverse', 'ask only from question to answer')
    .action(
      run(async ({ db, user, out, term }, reference: string, options: Options) => {
        const { card_id } = await findCard(db, user, reference, 'edit')
        const before = await readCard(db, user, card_id)
        if (options.reverse && before.note_id !== null) throw notTurned()
        const changes = changesFrom(options)
        if (Object.keys(changes).length > 0) await changeCard(db, user, before, changes)
        else {
          if (!term.interactive) throw usage('There is nothing to change.', 'Say what: rote card edit --help')
          const save = async (draft: Draft) => {
            await rewriteCard(db, user, before, draft)
            return true
          }
          if (!(await editDraft(term, before, save))) return out.nothing('Nothing was changed.')
        }
        const after = await readCard(db, user, card_id)
        await out.done(cardView, after, `Changed ${titled(after)}.`)
      }),
    )
  examples(command, [
    ['rote card edit 3f9a', 'in your editor'],
    ['rote card edit 3f9a -A "the dog" --difficulty easy', 'from a script'],
    ['rote card edit 3f9a --accept hound --accept pooch --reverse', 'for typing, and both ways'],
  ])
}

function changesFrom({ question, answer, tag, tags, difficulty, accept, reverse }: Options): CardChanges {
  return {
    ...(question !== undefined && { question: checkText('question', question) }),
    ...(answer !== undefined && { answer: checkText('answer', answer) }),
    ...(tags === false ? { tags: [] } : tag && { tags: [...new Set(tag)] }),
    ...(accept !== undefined && { accepted_answers: acceptedFrom(accept || []) }),
    ...(reverse !== undefined && { reversible: reverse }),
    ...(difficulty && { difficulty_level: difficulty === 'none' ? null : difficulty }),
  }
}
