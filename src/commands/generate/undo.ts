import { plural } from '../../core/plural.ts'
import { findJob } from '../../db/find.ts'
import { type TakenBack, takeBackJob } from '../../generate/decide.ts'
import type { View } from '../../ui/output.ts'
import { examples, type Verb } from '../verb.ts'

const takenView: View<TakenBack> = { columns: [], key: ({ card_id }) => card_id, empty: '' }

export const undoJob: Verb = (generate, run) => {
  const command = generate
    .command('undo <job>')
    .description("take a job's cards back; its candidates wait for review again")
    .action(
      run(async ({ db, user, out }, reference: string) => {
        const { job_id } = await findJob(db, user, reference)
        const { taken, kept } = await takeBackJob(db, user, job_id)
        const answered = taken.filter((card) => card.answered).length
        const studied =
          answered === 0 ? '' : `, ${answered === taken.length ? 'all' : answered} answered already`
        const stay =
          kept === 0 ? '' : ` ${plural(kept, 'card')} ${kept === 1 ? 'stays' : 'stay'}: not yours to change.`
        if (taken.length === 0) return out.nothing(`This job has no cards to take back.${stay}`)
        await out.doneAll(
          takenView,
          taken,
          `Moved ${plural(taken.length, 'card')} to the trash${studied}.${stay}\n${
            taken.length === 1 ? 'It waits' : 'They wait'
          } again, and what was answered comes back with them: rote generate review ${job_id.slice(0, 8)}`,
        )
      }),
    )
  examples(command, [['rote generate undo 3f9a', 'as if none of them had been accepted']])
}
