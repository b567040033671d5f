import { findJob } from '../../db/find.ts'
import { examples, type Verb } from '../verb.ts'
import { jobView, readJob, readSections, reportLines, short } from './shared.ts'

export const viewJob: Verb = (generate, run) => {
  const command = generate
    .command('view <job>')
    .description('show how far a job is, and what became of its source')
    .action(
      run(async ({ db, user, out }, reference: string) => {
        const { job_id } = await findJob(db, user, reference)
        const job = await readJob(db, user, job_id)
        if (out.mode === 'json') return out.answer('', { ...job, report: await readSections(db, job_id) })
        await out.one(jobView, job)
        if (out.mode !== 'table') return
        const next = nextStep(job)
        await out.answer(['', ...(await reportLines(db, job)), ...(next ? ['', next] : [])].join('\n'), null)
      }),
    )
  examples(command, [['rote generate view 3f9a', 'pages read, sections failed, tokens used']])
}

function nextStep(job: Awaited<ReturnType<typeof readJob>>): string | null {
  const id = short(job.job_id)
  if (job.working) return null
  if (job.waiting > 0) return `Decide on the cards: rote generate review ${id}`
  const unfinished = job.status === 'pending' || job.status === 'processing' || job.sections_failed > 0
  return unfinished || job.status === 'failed' ? `Go on with it: rote generate retry ${id}` : null
}
