import { findJob } from '../../db/find.ts'
import { CliError } from '../../errors.ts'
import { acceptWaiting } from '../../generate/accept.ts'
import type { ProviderSettings } from '../../generate/endpoint.ts'
import { openJobs, readWorkingJob, type WorkingJob } from '../../generate/job.ts'
import { examples, type Verb } from '../verb.ts'
import { type ProviderFlags, providerFlags, providerOf, short } from './shared.ts'

interface Options extends ProviderFlags {
  once?: true
  job?: string
}

/** How often to look for work when there is none. */
const LOOK_AGAIN_MS = 2000
/** A worker for one job leaves after so many looks, about an hour. */
const MOST_LOOKS = 1800

export const runWorker: Verb = (generate, run) => {
  const command = generate
    .command('worker')
    .description('work on your jobs as they come, beside others if you like')
    .option('--once', 'end when there is nothing left to do')
    .option('--job <job>', 'this job only, until it has ended')
  providerFlags(command).action(
    run(async ({ db, user, config, out, term, now }, options: Options) => {
      const [{ hire, pause }, { workOn }] = await Promise.all([
        import('../../generate/carry-out.ts'),
        import('../../generate/work.ts'),
      ])
      const stopping = new AbortController()
      const heed = term.onInterrupt(() => stopping.abort(new CliError('interrupted', 'Stopped.')))
      const { signal } = stopping
      // jobs that nothing can be done for here, because a key is missing, say: told once
      let looks = 0
      const hopeless = new Set<string>()
      try {
        for (;;) {
          const jobs = (await openJobs(db, user)).filter(
            ({ job_id }) =>
              !hopeless.has(job_id) && (options.job === undefined || job_id.startsWith(options.job)),
          )
          let others = false
          for (const job of jobs) {
            const turn = await workOnIt(job)
            others ||= turn === 'others'
          }
          if (options.once && !others) return
          if (options.job !== undefined && (await isOver(options.job, ++looks))) return
          if (jobs.length === 0 || others) await pause(LOOK_AGAIN_MS, signal)
        }
      } finally {
        heed()
      }

      /** Whether there is nothing to wait for any more. A job whose provider is away for long waits for a person. */
      async function isOver(job: string, looks: number): Promise<boolean> {
        const { job_id } = await findJob(db, user, job)
        const { status } = await readWorkingJob(db, user, job_id)
        return hopeless.has(job_id) || status === 'done' || status === 'failed' || looks > MOST_LOOKS
      }

      async function workOnIt(job: WorkingJob): Promise<string> {
        const id = short(job.job_id)
        let settings: ProviderSettings
        try {
          settings = await providerOf(config, job, options)
        } catch (error) {
          if (!(error instanceof CliError)) throw error
          hopeless.add(job.job_id)
          out.say(`${id}: ${error.message}`)
          return 'stopped'
        }
        const worker = hire({ db, user, here: term.here, now, signal }, settings, {
          onProgress() {},
          onWaiting: (why) => out.say(`${id}: ${why}`),
          onWarning: (text) => out.say(`${id}: ${text}`),
        })
        out.say(`${id}: at work`)
        const turn = await workOn(job, worker)
        if (turn.kind === 'finished' && job.options.accept)
          await acceptWaiting(db, user, job.job_id, job.options.accept)
        if (turn.kind !== 'others')
          out.say(`${id}: ${turn.kind === 'stopped' ? turn.error.message : turn.kind}`)
        return turn.kind
      }
    }),
  )
  examples(command, [
    ['rote generate worker', 'until Ctrl-C; start several to share a job'],
    ['rote generate worker --once', 'what there is now, for cron'],
  ])
}
