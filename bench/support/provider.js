import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'esbuild'

/**
 * A card as the provider of the tests made it; `planted` says what is wrong with it on purpose.
 * @typedef {{ quote: string, page: number, question: string, answer: string, planted?: string }} MadeCard
 */

/**
 * Starts the provider of the tests in a process of its own, for the time of `work`.
 * @template T
 * @param {object} nature
 * @param {(provider: { url: string, asked(): Promise<{ cards: MadeCard[] }[]>, become(nature: object): Promise<void> }) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withProvider(nature, work) {
  const folder = mkdtempSync(join(tmpdir(), 'rote-provider-'))
  const file = join(folder, 'provider.mjs')
  await build({
    entryPoints: [join(import.meta.dirname, '../../test/support/provider-server.ts')],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  })
  const child = spawn(process.execPath, [file, '0', JSON.stringify(nature)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [url] = await once(createInterface(child.stdout), 'line')
    const control = (/** @type {string} */ what) => new URL(`/control/${what}`, url)
    return await work({
      url,
      async asked() {
        const all = /** @type {{ path: string, cards: MadeCard[] }[]} */ (
          await (await fetch(control('requests'))).json()
        )
        return all.filter(({ path }) => path.endsWith('/chat/completions'))
      },
      async become(nature) {
        await fetch(control('become'), { method: 'POST', body: JSON.stringify(nature) })
      },
    })
  } finally {
    child.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}
