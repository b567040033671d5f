// A program of its own that reads a source and prints what that was like for everything else in the process. Bundled by
// bench/generate-sources.js, because Node runs no TypeScript.
import { readSource } from '../../src/generate/source.ts'

const TICK_MS = 80
const [path = '', abortAt = '0'] = process.argv.slice(2)

const abort = new AbortController()
const start = performance.now()
let last = start
let ticks = 0
let gap = 0
let aborted = 0
const timer = setInterval(() => {
  const now = performance.now()
  gap = Math.max(gap, now - last)
  last = now
  ticks++
}, TICK_MS)

const source = await readSource(path, {
  stdin: process.stdin,
  signal: abort.signal,
  password: async () => null,
  dubious: async () => true,
  onPage(done) {
    if (done !== Number(abortAt) || done === 0) return
    aborted = performance.now()
    abort.abort()
  },
}).catch((error) => {
  if (error.kind !== 'interrupted') throw error
})
const ms = performance.now() - start
clearInterval(timer)
const characters = source?.text.pages.reduce((sum, { text }) => sum + text.length, 0)
console.log(JSON.stringify({ ms, ticks, gap, answered: performance.now() - aborted, characters }))
