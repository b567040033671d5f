import { fdatasyncSync } from 'node:fs'
import type { PGlite } from '@electric-sql/pglite'
import { NodeFS } from '@electric-sql/pglite/nodefs'

interface NodeStream {
  nfd?: number
}
interface EmscriptenModule {
  NODEFS: { stream_ops: { fsync?: (stream: NodeStream) => number } }
}
type Init = Parameters<NodeFS['init']>

/**
 * PGlite's file system with an fsync that reaches the disk. Emscripten's NODEFS has none, so PostgreSQL's own call
 * succeeds without doing anything and an acknowledged commit would not survive a power cut.
 */
export class DurableNodeFS extends NodeFS {
  override async init(pg: PGlite, options: Init[1]) {
    const prepared = await super.init(pg, options)
    const addFsync = (module: EmscriptenModule) => {
      module.NODEFS.stream_ops.fsync = ({ nfd }) => {
        if (nfd !== undefined) fdatasyncSync(nfd)
        return 0
      }
    }
    const preRun = [...(prepared.emscriptenOpts.preRun ?? []), addFsync]
    return {
      emscriptenOpts: { ...prepared.emscriptenOpts, preRun: preRun as NonNullable<Init[1]['preRun']> },
    }
  }
}
