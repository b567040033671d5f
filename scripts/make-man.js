// Writes man/rote.1, from the commands and docs/cli.md. Run it when either has changed: test/man.test.ts compares.
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

process.chdir(join(import.meta.dirname, '..'))
const made = 'node_modules/.cache/rote/write-man.js'
mkdirSync('man', { recursive: true })
await build({
  entryPoints: ['scripts/write-man.ts'],
  outfile: made,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  packages: 'external',
  define: { ROTE_BUILD: '""' },
  logLevel: 'warning',
})
execFileSync(process.execPath, [made, 'man/rote.1'], { stdio: 'inherit' })
