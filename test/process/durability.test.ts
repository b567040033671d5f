import { join } from 'node:path'
import { expect, test } from 'vitest'
import { run } from './support.ts'

test('what was acknowledged is there after kill -9', async () => {
  const bench = join(import.meta.dirname, '../../bench/durability.js')
  const { stdout, stderr } = await run(process.execPath, [bench, '4'], {}).ended
  expect(stderr).toBe('')
  const { rounds, acknowledged, lost, corrupt_starts } = JSON.parse(stdout)
  expect({ rounds, lost, corrupt_starts }).toEqual({ rounds: 4, lost: 0, corrupt_starts: 0 })
  expect(acknowledged).toBeGreaterThan(10)
}, 90_000)
