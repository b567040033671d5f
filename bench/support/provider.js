import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'esbuild'

const SERVER = join(import.meta.dirname, '../../test/support/provider-server.ts')

/**
 * Runs `work` with the address of a provider in a process of its own, so that it takes no time of the one that measures.
 * @template T
 * @param {import('../../test/support/provider.ts').Nature} nature
 * @param {(url: string) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withProvider(nature, work) {
  const folder = mkdtempSync(join(tmpdir(), 'rote-provider-'))
  const outfile = join(folder, 'provider.mjs')
  await build({
    entryPoints: [SERVER],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'error',
  })
  const child = spawn(process.execPath, [outfile, '0', JSON.stringify(nature)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const url = await new Promise((resolve, reject) => {
      createInterface(child.stdout).once('line', (line) => resolve(line))
      child.once('exit', (code) => reject(new Error(`the provider ended with ${code}`)))
    })
    return await work(url)
  } finally {
    child.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}
