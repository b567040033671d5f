import { expect, test } from 'vitest'
import { type Header, type Part, readBackup, writeBackup } from '../../src/backup/format.ts'
import { verifyBackup } from '../../src/backup/restore.ts'
import { LATEST_MIGRATION } from '../../src/db/migrate.ts'
import { CliError } from '../../src/errors.ts'

// What a disk, a cable or an impatient person makes of a backup. No database: what is refused here is refused before one
// is touched, as test/commands/backup.test.ts shows.

const HEADER: Header = {
  program: '0.1.0',
  migration: LATEST_MIGRATION,
  created_at: '2026-03-02T10:00:00.000Z',
  scope: 'all',
  user: null,
}
const USER = '57b00ba7-213a-4a8b-91b0-7a380875c271'

async function* parts(): AsyncGenerator<Part> {
  yield { kind: 'table', table: 'users', columns: ['user_id', 'username'] }
  yield { kind: 'rows', count: 1, lines: `["${USER}","ada"]\n` }
  yield { kind: 'table', table: 'decks', columns: ['user_id', 'name'] }
  yield { kind: 'rows', count: 2, lines: `["${USER}","Spanish"]\n["${USER}","日本語 ü"]\n` }
}

async function small(): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of writeBackup(HEADER, parts())) pieces.push(piece)
  return Buffer.concat(pieces)
}

async function* once(bytes: Uint8Array) {
  yield bytes
}

/** What a backup has in it; null for one that is refused in a sentence. Anything else is thrown. */
async function contentOf(bytes: Uint8Array): Promise<unknown[] | null> {
  try {
    await verifyBackup({ name: 'it', read: () => once(bytes) }, () => {})
    const all = []
    for await (const part of readBackup(once(bytes), 'it')) all.push(part)
    return all
  } catch (error) {
    if (error instanceof CliError && error.hint === 'Nothing was restored.') return null
    throw error
  }
}

test('cut off at any byte, it is refused', async () => {
  const whole = await small()
  expect(await contentOf(whole)).toHaveLength(5)
  const accepted = []
  for (let length = 0; length < whole.length; length++)
    if (await contentOf(whole.subarray(0, length))) accepted.push(length)
  expect(accepted).toEqual([])
})

test('with a bit the other way round, it is refused, or the bit has no meaning', async () => {
  const whole = await small()
  const content = await contentOf(whole)
  // every byte has two or three of them
  for (let bit = 0; bit < whole.length * 8; bit += 3) {
    const at = bit >> 3
    const flipped = Buffer.from(whole)
    flipped[at] = (whole[at] ?? 0) ^ (1 << (bit & 7))
    const read = await contentOf(flipped).catch((error) => error)
    if (read === null) continue
    // gzip's time, system and whether it is text; and what fills up the last byte of what it has compressed
    const meaningless = (at >= 3 && at < 10) || at === whole.length - 9
    expect({ bit, meaningless, read }).toEqual({ bit, meaningless: true, read: content })
  }
})

test.each([
  ['a byte less', (bytes: Buffer, at: number) => [bytes.subarray(0, at), bytes.subarray(at + 1)]],
  [
    'a byte more',
    (bytes: Buffer, at: number) => [bytes.subarray(0, at), Buffer.from('x'), bytes.subarray(at)],
  ],
  [
    'a hole',
    (bytes: Buffer, at: number) => [
      bytes.subarray(0, at),
      Buffer.alloc(Math.min(40, bytes.length - at)),
      bytes.subarray(at + 40),
    ],
  ],
])('with %s anywhere, it is refused', async (_, broken) => {
  const whole = await small()
  for (let at = 10; at < whole.length; at++) {
    const bytes = Buffer.concat(broken(whole, at))
    if (!bytes.equals(whole)) expect(await contentOf(bytes), `at ${at}`).toBe(null)
  }
})
