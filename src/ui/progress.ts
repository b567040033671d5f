import type { Output } from '../world.ts'

/** A line on stderr that tells a waiting person how far things are; nothing where nobody looks. */
export interface Progress {
  show(text: string): void
  /** Out of the way, for a question, until there is something to show again. */
  pause(): void
  stop(): void
}

/** Shown only when the wait is long enough to wonder about; the library for it is loaded only then. */
const WORTH_SHOWING_MS = 500

export function createProgress(stderr: Output, wanted: boolean): Progress {
  if (!wanted || !stderr.isTTY) return { show: () => {}, pause: () => {}, stop: () => {} }
  let text = ''
  let spinner: { text: string; start(): unknown; stop(): unknown } | undefined
  let paused = false
  const timer = setTimeout(async () => {
    const { default: ora } = await import('ora')
    if (timer.hasRef())
      spinner = ora({ text, stream: stderr as NodeJS.WriteStream, discardStdin: false }).start()
  }, WORTH_SHOWING_MS)
  return {
    show(now) {
      text = now
      if (!spinner) return
      spinner.text = now
      if (paused) spinner.start()
      paused = false
    },
    pause() {
      spinner?.stop()
      paused = spinner !== undefined
    },
    stop() {
      clearTimeout(timer)
      timer.unref()
      spinner?.stop()
    },
  }
}
