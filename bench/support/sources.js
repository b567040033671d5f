import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

/**
 * Loads TypeScript sources, which Node cannot load as they are. `contents` exports them by their paths in the repository.
 * @param {string} contents
 */
export async function sources(contents) {
  const folder = mkdtempSync(join(tmpdir(), 'rote-bench-'))
  try {
    const outfile = join(folder, 'sources.mjs')
    const resolveDir = join(import.meta.dirname, '../..')
    await build({ stdin: { contents, resolveDir }, outfile, bundle: true, format: 'esm', platform: 'node' })
    return await import(pathToFileURL(outfile).href)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
