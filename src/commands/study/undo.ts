import { formatInterval } from '../../core/interval.ts'
import { CliError } from '../../errors.ts'
import { loadCards } from '../../study/cards.ts'
import { type Undone, undoAttempt } from '../../study/undo.ts'
import type { View } from '../../ui/output.ts'
import { oneLine } from '../../ui/safe.ts'
import { examples, type Verb } from '../verb.ts'

const undoneView: View<Undone> = { columns: [], key: ({ attempt_id }) => attempt_id, empty: '' }

export const undoAnswer: Verb = (study, run) => {
  const command = study
    .command('undo')
    .description('take back your last answer, wherever you gave it; again: the one before')
    .action(
      run(async ({ db, user, out, now }) => {
        const undone = await undoAttempt(db, user, null)
        if (!undone) throw new CliError('not_found', 'You have no answer to take back.')
        const [card] = await loadCards(db, user, [[undone.card_id, undone.direction]], { suspended: true })
        const due = undone.schedule?.due
        const again = due
          ? due <= now()
            ? 'due now'
            : `due in ${formatInterval(due.getTime() - now().getTime())}`
          : 'new'
        const what = card ? `"${oneLine(card.question)}"` : 'a card that is no longer there'
        await out.done(
          undoneView,
          undone,
          `Took back ${undone.confidence_status} for ${what}. It is ${again} again.`,
        )
      }),
    )
  examples(command, [['rote study undo', 'the last answer never happened']])
}
