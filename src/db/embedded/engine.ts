import { setFlagsFromString } from 'node:v8'
import type { PGlite } from '@electric-sql/pglite'

/** What PostgreSQL leaves with when it only jumps back to its main loop after an error. */
const JUMPED_BACK = 100

/**
 * Starts PostgreSQL in this process, on a data directory that exists. `onDeath` is told when it has given up for good:
 * it can then do nothing but be started anew, in another process.
 */
export async function startEngine(data: string, onDeath: (why: string) => void): Promise<PGlite> {
  // PostgreSQL's log has people's cards in it: no more is kept of it than what explains the end
  const lastWords: string[] = []
  const why = (error: unknown) =>
    lastWords.findLast((line) => /FATAL|PANIC/.test(line))?.replace(/^.*?(FATAL|PANIC): +/, '') ??
    (error as Error).message
  // Optimised machine code is most of what the server would keep in memory: only the really hot functions get it.
  // Before the module is compiled, and not on the command line, where an unknown flag would be an error.
  setFlagsFromString('--wasm-tiering-budget=200000000')
  const [{ PGlite }, { DurableNodeFS }] = await Promise.all([
    import('@electric-sql/pglite'),
    import('./durable-fs.ts'),
  ])
  const pg = await PGlite.create({
    onStderr: (line) => {
      lastWords.push(line)
      if (lastWords.length > 20) lastWords.shift()
      return false
    },
    fs: new DurableNodeFS(data),
    startParams: [
      // without -F, which would turn fsync off
      ...PGlite.defaultStartParams.filter((flag) => flag !== '-F'),
      // Emscripten's fdatasync, the usual method, never gets to the file system
      ...['-c', 'wal_sync_method=fsync'],
      ...['-c', 'shared_buffers=16MB'],
      ...['-c', 'maintenance_work_mem=8MB'],
    ],
  }).catch((error) => {
    throw new Error(why(error), { cause: error })
  })
  guard(pg, (error) => onDeath(why(error)))
  return pg
}

/**
 * PGlite goes on after whatever its main loop throws, also when PostgreSQL has panicked, as it must when the disk is
 * too full for the log: it would then loop for ever.
 */
function guard(pg: PGlite, onDeath: (error: unknown) => void): void {
  const { Module } = pg
  const once = Module._PostgresMainLoopOnce
  Module._PostgresMainLoopOnce = () => {
    try {
      once()
    } catch (error) {
      const { status } = error as { status?: number }
      if (status !== JUMPED_BACK) onDeath(error)
      throw error
    }
  }
}
