import { plural } from '../../core/plural.ts'
import { readSettings, studyDay } from '../../db/settings.ts'
import { type Rebuilt, rebuildSchedules } from '../../study/rebuild.ts'
import { fieldView } from '../../ui/fields.ts'
import type { View } from '../../ui/output.ts'
import { createProgress } from '../../ui/progress.ts'
import { examples, type Verb } from '../verb.ts'

export const rebuildDatabase: Verb = (db, run) => {
  const command = db
    .command('rebuild')
    .description('work your schedules out again from your answers')
    .option('--dry-run', 'only say what would change')
    .action(
      run(async ({ db, user, config, out, term, now }, options: { dryRun?: true }) => {
        const settings = await readSettings(db, user)
        const { end: day_end } = studyDay(settings, config.timeZone, now())
        const dry_run = options.dryRun ?? false
        const progress = createProgress(term.stderr, out.mode === 'table' || out.mode === 'tsv')
        try {
          const came = await rebuildSchedules(db, user, { ...settings, day_end, dry_run }, (done) =>
            progress.show(`${plural(done, 'card')} worked out`),
          )
          progress.stop()
          const { right, changed, added, removed, confidence } = came
          const answer = { right, changed, added, removed, confidence, dry_run }
          if (out.mode === 'tsv') return await out.list(fieldView, Object.entries(answer))
          await out.done(rebuiltView, answer, sentences(came, dry_run))
        } finally {
          progress.stop()
        }
      }),
    )
  examples(command, [
    ['rote db rebuild --dry-run', 'are all schedules what your answers say?'],
    ['rote db rebuild', 'make them so'],
  ])
}

function sentences({ right, changed, added, removed, confidence }: Rebuilt, dryRun: boolean): string {
  const schedules = plural(right + changed + added + removed, 'schedule')
  if (changed + added + removed + confidence === 0) return `${schedules}, all of them right.`
  const [change, add, remove, correct] = dryRun
    ? ['to change', 'to add', 'to remove', 'is to be corrected']
    : ['changed', 'added', 'removed', 'was corrected']
  const counts = [
    `${right.toLocaleString('en')} right`,
    `${changed.toLocaleString('en')} ${change}`,
    `${added.toLocaleString('en')} ${add}`,
    `${removed.toLocaleString('en')} ${remove}`,
  ]
  return [
    `${schedules}: ${counts.join(', ')}.`,
    ...(confidence > 0 ? [`The confidence of ${plural(confidence, 'card')} ${correct}.`] : []),
    ...(dryRun ? ['Nothing was changed.'] : []),
  ].join('\n')
}

/** There is nothing that --quiet could name. */
const rebuiltView: View<object> = { columns: [], key: () => '', empty: '' }
