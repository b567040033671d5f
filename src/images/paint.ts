import { Worker } from 'node:worker_threads'
import { CliError } from '../errors.ts'
import { program } from '../program.ts'
import type { Order, Painted } from './painter.ts'

/** A picture as it was made. */
export type Picture = Extract<Painted, { data: unknown }>

/** Makes pictures of bytes, one after the other. */
export interface Painter {
  /** Throws failure for what cannot be unpacked, or takes too long. */
  paint(order: Order): Promise<Picture>
  /** Ends it, whatever it is doing; whoever waits hears that. */
  close(): void
}

/** The largest that is taken needs two seconds. */
const PAINT_MS = 10_000
/** A GIF is small; in a damaged one omggif can go round for ever. */
const GIF_MS = 3_000

interface Waiting {
  order: Order
  done(picture: Picture): void
  fail(error: CliError): void
}

/**
 * A thread that paints, started with the first order. After one that failed it is another, for what the decoders are like
 * then nobody knows, and after a large one, for its memory.
 */
export function createPainter(ms = PAINT_MS): Painter {
  const queue: Waiting[] = []
  let worker: Worker | null = null
  let timer: NodeJS.Timeout | undefined

  const next = () => {
    const [first] = queue
    // nobody waits for a thread that has nothing to do
    if (!first) return worker?.unref()
    worker ??= start()
    worker.ref()
    const limit = first.order.type === 'gif' ? Math.min(ms, GIF_MS) : ms
    timer = setTimeout(() => fail('it took too long'), limit)
    worker.postMessage(first.order)
  }
  const start = (): Worker => {
    const started = new Worker(program.painter, { stdout: true, stderr: true })
    started.on('error', (error) => fail(error.message))
    started.on('exit', () => fail('the painter has gone'))
    started.on('message', (painted: Painted) => {
      if ('problem' in painted) return fail(painted.problem)
      clearTimeout(timer)
      if (painted.large) end()
      queue.shift()?.done(painted)
      next()
    })
    return started
  }
  const fail = (problem: string) => {
    end()
    queue.shift()?.fail(new CliError('failure', `The image cannot be shown: ${problem.replace(/\.$/, '')}.`))
    next()
  }
  const end = () => {
    clearTimeout(timer)
    worker?.removeAllListeners().on('error', () => {})
    worker?.terminate()
    worker = null
  }

  return {
    paint: (order) =>
      new Promise((done, fail) => {
        queue.push({ order, done, fail })
        if (queue.length === 1) next()
      }),
    close() {
      end()
      for (const { fail } of queue.splice(0)) fail(new CliError('interrupted', 'The painter was closed.'))
    },
  }
}
