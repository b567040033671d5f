import { findJob } from '../../db/find.ts'
import { CliError, type ErrorKind } from '../../errors.ts'
import { acceptWaiting } from '../../generate/accept.ts'
import type { ProviderSettings } from '../../generate/endpoint.ts'
import { openJobs, readWorkingJob, type WorkingJob } from '../../generate/job.ts'
import { jobDeck } from '../../generate/waiting.ts'
import { examples, type Verb } from '../verb.ts'
import { nobodyPastes } from './go-on.ts'
import { type ProviderFlags, providerFlags, providerOf } from './options.ts'
import { short } from './shared.ts'

interface Options extends ProviderFlags {
  once?: true
  job?: string
}

/** How often to look for work when there is none. */
const LOOK_AGAIN_MS = 2000
/** A worker for one job leaves after so many looks, about an hour. */
const MOST_LOOKS = 1800

/** Troubles of one job, which is left then: a key is missing, or its deck is gone. */
const HOPELESS: ReadonlySet<ErrorKind> = new Set(['usage', 'not_found', 'denied'] satisfies ErrorKind[])

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
      const only = options.job === undefined ? null : await theJob(options.job)
      const stopping = new AbortController()
      const heed = term.onInterrupt(() => stopping.abort(new CliError('interrupted', 'Stopped.')))
      const { signal } = stopping
      // jobs that nothing can be done for here, because a key is missing, say: told once
      let looks = 0
      const hopeless = new Set<string>()
      try {
        for (;;) {
          const jobs = (await openJobs(db, user)).filter(
            ({ job_id }) => !hopeless.has(job_id) && (only === null || job_id === only),
          )
          let others = false
          for (const job of jobs) {
            const turn = await workOnIt(job)
            others ||= turn === 'others'
          }
          if (options.once && !others) return
          if (only !== null && (await isOver(only, ++looks))) return
          if (jobs.length === 0 || others) await pause(LOOK_AGAIN_MS, signal)
        }
      } finally {
        heed()
      }

      async function theJob(reference: string): Promise<string> {
        const { job_id } = await findJob(db, user, reference)
        const { base_url } = await readWorkingJob(db, user, job_id)
        if (base_url === null) throw nobodyPastes()
        return job_id
      }

      /** Whether there is nothing to wait for any more. A job whose provider is away for long waits for a person. */
      async function isOver(job_id: string, looks: number): Promise<boolean> {
        const { status } = await readWorkingJob(db, user, job_id)
        return hopeless.has(job_id) || status === 'done' || status === 'failed' || looks > MOST_LOOKS
      }

      async function workOnIt(job: WorkingJob): Promise<string> {
        const id = short(job.job_id)
        let settings: ProviderSettings
        try {
          await jobDeck(db, user, job.job_id)
          settings = await providerOf(config, job, options)
        } catch (error) {
          if (!(error instanceof CliError) || !HOPELESS.has(error.kind)) throw error
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
        if (turn.kind === 'finished') await acceptWished(job.job_id)
        if (turn.kind !== 'others')
          out.say(`${id}: ${turn.kind === 'stopped' ? turn.error.message : turn.kind}`)
        return turn.kind
      }

      /** What is wished may have changed meanwhile, and so may the deck. */
      async function acceptWished(job_id: string): Promise<void> {
        const { accept } = (await readWorkingJob(db, user, job_id)).options
        if (!accept) return
        try {
          await acceptWaiting(db, user, job_id, accept)
        } catch (error) {
          if (!(error instanceof CliError) || !HOPELESS.has(error.kind)) throw error
          out.say(`${short(job_id)}: ${error.message}`)
        }
      }
    }),
  )
  examples(command, [
    ['rote generate worker', 'until Ctrl-C; start several to share a job'],
    ['rote generate worker --once', 'what there is now, for cron'],
  ])
}
