import { Worker } from 'node:worker_threads'
import type { SourceText, SourceType } from '../core/generate/job.ts'
import { CliError } from '../errors.ts'
import { program } from '../program.ts'
import { interrupted } from './abort.ts'
import type { Document, Report } from './extractor.ts'

/** The part of a reader's options that extracting needs. */
export interface ExtractOptions {
  password(wrong: boolean): Promise<string | null>
  signal: AbortSignal
  onPage(done: number, total: number): void
  pageMs?: number
  totalMs?: number
}

const PAGE_MS = 30_000
const TOTAL_MS = 300_000
const PASSWORD_TRIES = 3
/** Ten times as much as a long book takes. */
const HEAP_MB = 512

/**
 * Has a document read by a thread of its own, which takes the bytes away. The thread is ended when it takes too long over
 * a page or in all, when the signal says so, and when it is done. Throws what the thread says, and not_found when it had
 * to be stopped or broke down.
 */
export async function extract(
  document: Document,
  { password, signal, onPage, pageMs = PAGE_MS, totalMs = TOTAL_MS }: ExtractOptions,
): Promise<{ text: SourceText; article: boolean }> {
  if (signal.aborted) throw interrupted(signal)
  // what pdf.js has to remark is not for our own stdout and stderr
  const worker = new Worker(program.extractor, {
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  })
  const timers: { page?: NodeJS.Timeout; total?: NodeJS.Timeout } = {}
  let abort = () => {}
  try {
    return await new Promise((resolve, reject) => {
      abort = () => reject(interrupted(signal))
      signal.addEventListener('abort', abort)
      let left = totalMs
      let since = 0
      let step = stepName(document, null)
      const pause = () => {
        left -= performance.now() - since
        clearTimeout(timers.page)
        clearTimeout(timers.total)
      }
      const resume = () => {
        since = performance.now()
        timers.page = setTimeout(() => reject(tooSlow(step, pageMs, document.type)), pageMs)
        timers.total = setTimeout(
          () => reject(tooSlow(`Reading ${document.name}`, totalMs, document.type)),
          left,
        )
      }
      let tries = 0
      const ask = async (wrong: boolean) => {
        if (tries++ === PASSWORD_TRIES) throw locked(`The password of ${document.name} is wrong.`)
        const answer = await password(wrong)
        if (answer === null) {
          throw locked(
            wrong ? `The password of ${document.name} is wrong.` : `${document.name} needs a password.`,
          )
        }
        worker.postMessage(answer)
      }

      worker.on('error', (error) => reject(brokenDown(document.name, error)))
      worker.on('exit', () => reject(brokenDown(document.name, new Error('the reader has gone'))))
      worker.on('message', (report: Report) => {
        switch (report.report) {
          case 'page':
            pause()
            step = stepName(document, report.page)
            resume()
            return onPage(report.done, report.total)
          case 'password':
            pause()
            return ask(report.wrong).then(resume, reject)
          case 'text':
            return resolve(report)
          case 'problem':
            return reject(new CliError(report.kind, report.message, report.hint))
        }
      })
      worker.postMessage(document, [document.bytes.buffer])
      resume()
    })
  } finally {
    signal.removeEventListener('abort', abort)
    clearTimeout(timers.page)
    clearTimeout(timers.total)
    // nobody waits for its end: a thread in the middle of something takes its time
    worker.terminate()
  }
}

function stepName({ name, type }: Document, page: number | null): string {
  if (page !== null) return `Page ${page} of ${name}`
  return `${type === 'pdf' ? 'Opening' : 'Reading'} ${name}`
}

function tooSlow(step: string, ms: number, type: SourceType): CliError {
  const time = ms < 1000 ? `${ms} ms` : ms < 60_000 ? `${ms / 1000} s` : `${ms / 60_000} min`
  return new CliError(
    'not_found',
    `${step} took longer than ${time} and was stopped.`,
    type === 'pdf'
      ? 'The file may be damaged or malicious. To read only a part of it: --pages 1-10'
      : 'It may be damaged or malicious.',
  )
}

function locked(message: string): CliError {
  return new CliError('not_found', message, 'Set PDF_PASSWORD, or use --password-file.')
}

function brokenDown(name: string, error: Error & { code?: string }): CliError {
  const why = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'it takes too much memory' : error.message
  return new CliError('not_found', `${name} cannot be read: ${why}.`, undefined, { cause: error })
}
