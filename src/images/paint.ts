import { Worker } from 'node:worker_threads'
import { CliError } from '../errors.ts'
import { program } from '../program.ts'
import type { Order, Painted } from './painter.ts'

/** A picture as it was made. */
export type Picture = Extract<Painted, { data: unknown }>

/** Makes pictures of bytes, one after the other. */
export interface Painter {
  /** Throws failure for what cannot be unpacked, or takes too long. */
  paint(order: Omit<Order, 'id'>): Promise<Picture>
  /** Ends it, whatever it is doing; whoever waits still hears that it failed. */
  close(): void
}

/** The largest that is taken needs two seconds. */
const PAINT_MS = 10_000

/** A thread that paints, started with the first order, and anew after one that it did not survive. */
export function createPainter(ms = PAINT_MS): Painter {
  let worker: Worker | null = null
  let orders = 0
  const waiting = new Map<number, { done(painted: Painted): void; timer: NodeJS.Timeout }>()

  const give = (painted: Painted) => {
    const order = waiting.get(painted.id)
    clearTimeout(order?.timer)
    waiting.delete(painted.id)
    order?.done(painted)
    // nobody waits for a thread that has nothing to do
    if (waiting.size === 0) worker?.unref()
  }
  const end = (problem: string) => {
    const ended = worker
    worker = null
    ended?.removeAllListeners()
    ended?.on('error', () => {})
    ended?.terminate()
    for (const id of [...waiting.keys()]) give({ id, problem })
  }
  const start = (): Worker => {
    const started = new Worker(program.painter, { stdout: true, stderr: true })
    started.on('message', give)
    started.on('error', (error) => end(error.message))
    started.on('exit', () => end('the painter has gone'))
    return started
  }

  return {
    paint: async (order) => {
      worker ??= start()
      worker.ref()
      const id = orders++
      const painted = await new Promise<Painted>((done) => {
        // those before it have their time, too
        const timer = setTimeout(() => end('it took too long'), ms * (waiting.size + 1))
        waiting.set(id, { done, timer })
        worker?.postMessage({ ...order, id } satisfies Order)
      })
      if ('problem' in painted)
        throw new CliError('failure', `The image cannot be shown: ${painted.problem.replace(/\.$/, '')}.`)
      return painted
    },
    close: () => end('closed'),
  }
}
