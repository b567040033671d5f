import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { CliError } from '../../../src/errors.ts'
import { archive, zstd } from '../../support/anki.ts'
import { random } from '../reading.ts'
import { fixture, readPath } from './reading.ts'

// Files with bytes changed by chance, the same ones each time. ROTE_MUTATIONS says how many of each, ROTE_SEED which.

const EACH = Number(process.env.ROTE_MUTATIONS ?? 20)
const SEED = Number(process.env.ROTE_SEED ?? 1)

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rote-test-'))
  mkdirSync(join(folder, 'tmp'))
  vi.stubEnv('TMPDIR', join(folder, 'tmp'))
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

/** A few bytes changed, a piece set to one value, moved, or cut off. */
function mutated(bytes: Buffer, chance: (limit: number) => number): Buffer {
  const copy = Buffer.from(bytes)
  for (let change = 0; change <= chance(8); change++) {
    const at = chance(copy.length)
    const length = 1 + chance(Math.min(512, copy.length - at))
    switch (chance(12)) {
      case 0:
        copy.fill(chance(256), at, at + length)
        break
      case 1:
        copy.copy(copy, chance(copy.length), at, at + length)
        break
      case 2:
        return copy.subarray(0, at)
      default:
        copy[at] = chance(2) ? chance(256) : (copy[at] ?? 0) ^ (1 << chance(8))
    }
  }
  return copy
}

const file = (name: string) => readFileSync(fixture(name))
/** Where the checksums hold, so that what is inside is what gets broken. */
const packed = (bytes: Buffer) => archive({ 'collection.anki2': bytes, media: '{}' }, 0)
const newest = (bytes: Buffer) =>
  archive({ meta: Buffer.from([8, 3]), 'collection.anki21b': bytes, media: '' }, 0)

test.each<[string, Buffer, (bytes: Buffer) => Buffer]>([
  ['packages of the oldest generation', file('anki-apkg-export.apkg'), (bytes) => bytes],
  ['packages of the middle one', file('mixed-legacy-2.apkg'), (bytes) => bytes],
  ['packages of the newest', file('anki-latest.apkg'), (bytes) => bytes],
  ['collections of schema 11', file('AnkiPandas.anki2'), (bytes) => bytes],
  ['collections of schema 18', file('apy.anki2'), (bytes) => bytes],
  ['collections in a package that is whole', file('AnkiPandas.anki2'), packed],
  ['zstd in a package that is whole', zstd(file('AnkiPandas.anki2')), newest],
])(
  `${EACH} mutated %s are read or refused, and nothing is left of them`,
  { timeout: 5000 + EACH * 2000 },
  async (what, bytes, wrap) => {
    const chance = random(SEED)
    const path = join(folder, 'deck.apkg')
    const outcomes = { read: 0, refused: 0 }
    let slowest = 0
    for (let round = 0; round < EACH; round++) {
      writeFileSync(path, wrap(mutated(bytes, chance)))
      const start = performance.now()
      const refusal = await readPath(path).then(
        () => null,
        (error) => error,
      )
      slowest = Math.max(slowest, performance.now() - start)
      if (refusal !== null && !(refusal instanceof CliError)) throw refusal
      outcomes[refusal === null ? 'read' : 'refused']++
      expect(readdirSync(join(folder, 'tmp'))).toEqual([])
    }
    expect(outcomes.read + outcomes.refused).toBe(EACH)
    if (process.env.ROTE_MUTATIONS) console.log(what, outcomes, `slowest ${Math.round(slowest)} ms`)
  },
)
