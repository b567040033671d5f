import { findJob } from '../../db/find.ts'
import { conflict } from '../../errors.ts'
import { cancel } from '../../generate/job.ts'
import { examples, type Verb } from '../verb.ts'
import { jobView, readJob, short } from './shared.ts'

export const cancelJob: Verb = (generate, run) => {
  const command = generate
    .command('cancel <job>')
    .description('end a job; the cards that it has proposed so far stay to be reviewed')
    .action(
      run(async ({ db, user, out }, reference: string) => {
        const { job_id } = await findJob(db, user, reference)
        if (!(await cancel(db, user, job_id))) {
          throw conflict('This job has ended already.', `See: rote generate view ${short(job_id)}`)
        }
        const job = await readJob(db, user, job_id)
        const done = `${job.sections_done} of its ${job.sections} sections were done.`
        await out.done(jobView, job, `Cancelled the job ${short(job_id)}; ${done}`)
      }),
    )
  examples(command, [['rote generate cancel 3f9a', 'ask nothing more of the provider']])
}
