// Whether the real Anki takes what rote writes, and rote what Anki writes. By hand, for it needs Anki's own library:
// python3 -m pip install anki. PYTHON says which Python has it.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { build } from 'esbuild'

process.chdir(join(import.meta.dirname, '..'))
const made = 'node_modules/.cache/rote/anki-interop.mjs'
await build({
  entryPoints: ['scripts/check-anki.ts'],
  outfile: made,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  packages: 'external',
  logLevel: 'warning',
})
const python = process.env.PYTHON ?? 'python3'
execFileSync(process.execPath, [made, python, 'scripts/check-anki.py'], { stdio: 'inherit' })
