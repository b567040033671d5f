// `npm run demo`: the world's capitals into the embedded database, then a sitting of ten cards. A second run adds
// nothing and goes on where the first one stopped.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const { DATABASE_URL: _, ...env } = process.env
const DECK = 'World capitals'

/** @param {string[]} args */
function rote(...args) {
  const { status } = spawnSync(process.execPath, [join(root, 'bin/rote.js'), ...args], {
    stdio: 'inherit',
    env,
  })
  if (status !== 0) process.exit(status ?? 1)
}

rote('deck', 'import', join(root, 'examples/world-capitals.csv'), '--deck', DECK)
if (process.stdin.isTTY && process.stdout.isTTY) rote('study', DECK, '--limit', '10')
else rote('due')
