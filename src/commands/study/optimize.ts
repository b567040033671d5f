import { plural } from '../../core/plural.ts'
import { readSettings, studyDay } from '../../db/settings.ts'
import { applyWeights, type Trained, train } from '../../study/optimize.ts'
import type { Rebuilt } from '../../study/rebuild.ts'
import type { Cell } from '../../ui/cell.ts'
import { fieldView } from '../../ui/fields.ts'
import type { View } from '../../ui/output.ts'
import { createProgress } from '../../ui/progress.ts'
import { examples, type Verb } from '../verb.ts'

export const optimizeStudy: Verb = (study, run) => {
  const command = study
    .command('optimize')
    .description('fit the scheduling to your own memory, from your answers')
    .option('--dry-run', 'only say what would change')
    .option('--reset', 'go back to the published weights')
    .action(
      run(async ({ db, user, config, out, term, now }, options: { dryRun?: true; reset?: true }) => {
        const settings = await readSettings(db, user)
        const { end: day_end } = studyDay(settings, config.timeZone, now())
        const dry_run = options.dryRun ?? false
        const progress = createProgress(term.stderr, out.mode === 'table' || out.mode === 'tsv')
        try {
          const trained = options.reset ? null : await train(db, user, settings.weights, progress.show)
          const wanted = trained ? trained.weights : null
          const change = trained ? isBetter(trained) : settings.weights !== null
          const came = change
            ? await applyWeights(db, user, wanted, { day_end, dry_run }, progress.show)
            : null
          progress.stop()
          const answer = {
            changed: change && !dry_run,
            dry_run,
            weights: change ? wanted : settings.weights,
            ...figures(trained, came),
          }
          if (out.mode === 'tsv') return await out.list(fieldView, Object.entries(answer).map(asField))
          const own = settings.weights !== null
          await out.done(optimizedView, answer, sentences(trained, came, { dry_run, own }))
        } finally {
          progress.stop()
        }
      }),
    )
  examples(command, [
    ['rote study optimize --dry-run', 'would other weights foretell your answers better?'],
    ['rote study optimize', 'take them if so, and work all schedules out again'],
    ['rote study optimize --reset', 'back to the weights that are published'],
  ])
}

/** As they are shown: a difference that cannot be seen is none, and not worth another date for every card. */
function isBetter({ before, after }: Trained): boolean {
  return Number(after.log_loss.toFixed(4)) < Number(before.log_loss.toFixed(4))
}

function figures(trained: Trained | null, came: Rebuilt | null) {
  return {
    answers: trained?.answers ?? null,
    trained_on: trained?.trained_on ?? null,
    held_back: trained?.before.answers ?? null,
    log_loss_before: trained?.before.log_loss ?? null,
    log_loss_after: trained?.after.log_loss ?? null,
    rmse_bins_before: trained?.before.rmse_bins ?? null,
    rmse_bins_after: trained?.after.rmse_bins ?? null,
    schedules: came && schedulesOf(came),
    rescheduled: came?.rescheduled ?? null,
    due_today_before: came?.due_before ?? null,
    due_today_after: came?.due_after ?? null,
  }
}

const schedulesOf = ({ right, changed, added }: Rebuilt) => right + changed + added

/** A list of numbers is one field in a pipe. */
function asField([key, value]: [string, number | boolean | number[] | null]): [string, Cell] {
  return [key, Array.isArray(value) ? value.join(' ') : value]
}

function sentences(
  trained: Trained | null,
  came: Rebuilt | null,
  { dry_run, own }: { dry_run: boolean; own: boolean },
): string {
  const lines = trained ? [...comparison(trained), ''] : []
  if (!came) {
    const had = own ? 'The weights that you have' : 'The published weights'
    lines.push(
      trained ? `${had} are as good. Nothing was changed.` : 'You have the published weights already.',
    )
    return lines.join('\n')
  }
  const [what, ending] = trained
    ? ['The new weights', dry_run ? 'are better' : 'are yours now']
    : ['The published weights', dry_run ? 'can be yours again' : 'are yours again']
  const fall = dry_run ? 'would fall' : came.rescheduled === 1 ? 'falls' : 'fall'
  lines.push(
    `${what} ${ending}.`,
    `${came.rescheduled.toLocaleString('en')} of ${plural(schedulesOf(came), 'schedule')} ${fall} due at another time.`,
    `Due today: ${plural(came.due_after, 'card')}, and ${came.due_before.toLocaleString('en')} with the old ones.`,
  )
  if (dry_run) lines.push('Nothing was changed.')
  return lines.join('\n')
}

function comparison({ trained_on, before, after }: Trained): string[] {
  const percent = (share: number) => `${(share * 100).toFixed(2)}%`
  const row = (name: string, ...cells: string[]) =>
    name.padEnd(11) + cells.map((cell) => cell.padStart(9)).join('')
  return [
    `Trained on ${plural(trained_on, 'answer')}, and judged by ${before.answers.toLocaleString('en')} later ones.`,
    '',
    row('', 'before', 'after'),
    row('log loss', before.log_loss.toFixed(4), after.log_loss.toFixed(4)),
    row('RMSE (bins)', percent(before.rmse_bins), percent(after.rmse_bins)),
  ]
}

/** There is nothing that --quiet could name. */
const optimizedView: View<object> = { columns: [], key: () => '', empty: '' }
