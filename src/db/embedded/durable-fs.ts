import { fdatasyncSync } from 'node:fs'
import type { PGlite } from '@electric-sql/pglite'
import { NodeFS } from '@electric-sql/pglite/nodefs'

interface NodeStream {
  /** Of a file or a folder. */
  nfd?: number
}
interface EmscriptenModule {
  NODEFS: {
    stream_ops: { fsync?: (stream: NodeStream) => number }
    /** Turns what Node throws into an errno that PostgreSQL can deal with. */
    tryFSOperation(operation: () => void): void
  }
}
type Init = Parameters<NodeFS['init']>

/**
 * PGlite's file system with an fsync that reaches the disk. Emscripten's NODEFS has none, so PostgreSQL's own call
 * succeeds without doing anything and an acknowledged commit would not survive a power cut.
 */
export class DurableNodeFS extends NodeFS {
  override async init(pg: PGlite, options: Init[1]) {
    const prepared = await super.init(pg, options)
    const addFsync = ({ NODEFS }: EmscriptenModule) => {
      NODEFS.stream_ops.fsync = ({ nfd }) => {
        if (nfd !== undefined) NODEFS.tryFSOperation(() => fdatasyncSync(nfd))
        return 0
      }
    }
    const preRun = [...(prepared.emscriptenOpts.preRun ?? []), addFsync]
    return {
      emscriptenOpts: { ...prepared.emscriptenOpts, preRun: preRun as NonNullable<Init[1]['preRun']> },
    }
  }
}
