import type { JobOptions } from '../core/generate/job.ts'
import { usageText } from '../core/generate/report.ts'
import { plural } from '../core/plural.ts'
import type { Database } from '../db/connect.ts'
import type { Author } from '../db/user.ts'
import { CliError } from '../errors.ts'
import { createProgress } from '../ui/progress.ts'
import type { Terminal } from '../ui/terminal.ts'
import type { ProviderSettings } from './endpoint.ts'
import type { Standing, WorkingJob } from './job.ts'
import { createProvider } from './provider.ts'
import { type Turn, type Worker, workOn } from './work.ts'

/** What a job is carried out with in this process. */
export interface Surroundings {
  db: Database
  user: Author
  term: Terminal
  now(): Date
  /** Talk for people, on stderr. */
  say(text: string): void
  /** Whether there is somebody to show how far it is. */
  visible: boolean
}

/** How often to look whether others have finished, or left, what they hold. */
const LOOK_AGAIN_MS = 500

/**
 * Works on a job until it has ended, also while other workers have their part in it. Ctrl-C gives back what is in flight
 * and throws interrupted.
 */
export async function carryOut(
  job: WorkingJob,
  settings: ProviderSettings,
  { db, user, term, now, say, visible }: Surroundings,
): Promise<Turn> {
  const progress = createProgress(term.stderr, visible)
  const stopping = new AbortController()
  const heed = term.onInterrupt(() => stopping.abort(new CliError('interrupted', 'Stopped.')))
  let last: Standing | null = null
  let waiting: string | null = null
  const show = () => {
    if (last) progress.show([...progressParts(last, job.options), ...(waiting ? [waiting] : [])].join(' · '))
  }
  const worker = hire({ db, user, here: term.here, now, signal: stopping.signal }, settings, {
    onProgress(standing) {
      last = standing
      waiting = null
      show()
    },
    onWaiting(why) {
      waiting = why
      show()
    },
    onWarning(text) {
      say(text)
    },
  })
  try {
    for (;;) {
      const turn = await workOn(job, worker)
      if (turn.kind !== 'others') return turn
      waiting = 'others are at work on the rest'
      show()
      await pause(LOOK_AGAIN_MS, stopping.signal)
    }
  } finally {
    heed()
    progress.stop()
  }
}

/** Whom a worker tells how it goes. */
export interface Listener {
  onProgress(standing: Standing): void
  onWaiting(why: string): void
  onWarning(text: string): void
}

/** A worker with a provider of its own. A provider that complains of too many requests gets half as many at a time. */
export function hire(
  who: Pick<Worker, 'db' | 'user' | 'here' | 'now' | 'signal'>,
  settings: ProviderSettings,
  { onProgress, onWaiting, onWarning }: Listener,
): Worker {
  let concurrency = settings.concurrency
  const provider = createProvider(settings, {
    on(event) {
      if (event.type === 'limited') concurrency = Math.max(1, Math.floor(concurrency / 2))
      else if (event.type === 'warning') onWarning(event.text)
      else onWaiting(`${event.why}, waiting ${Math.ceil(event.ms / 1000)} s`)
    },
  })
  return { ...who, provider, concurrency: () => concurrency, onProgress }
}

/** How far a job is, for a line that a person watches. */
function progressParts(standing: Standing, options: JobOptions): string[] {
  const { sections, pending, candidates, page, source_pages } = standing
  return [
    ...(source_pages === null ? [] : [`page ${page ?? 0} of ${source_pages}`]),
    `${sections - pending} of ${plural(sections, 'section')}`,
    plural(candidates, 'card'),
    usageText(standing, options),
  ]
}

/** Waits, and rejects with the signal's reason as soon as that is raised. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
}
