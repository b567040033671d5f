import { hash } from 'node:crypto'
import { expect, test } from 'vitest'
import { Fingerprints } from '../../src/import/fingerprints.ts'

const key = (text: string) => hash('sha256', text, 'buffer')

test('what was put in is found with its latest number, and nothing else', () => {
  const seen = new Fingerprints()
  const numbers = Array.from({ length: 5000 }, (_, i) => i)
  for (const i of numbers) seen.set(key(`in ${i}`), i)
  for (const i of numbers) if (i % 2) seen.set(key(`in ${i}`), i + 1_000_000)
  expect(seen.size).toBe(5000)
  expect(numbers.map((i) => seen.get(key(`in ${i}`)))).toEqual(
    numbers.map((i) => (i % 2 ? i + 1_000_000 : i)),
  )
  expect(numbers.filter((i) => seen.get(key(`out ${i}`)) !== undefined)).toEqual([])
})

test('keys that begin alike are told apart', () => {
  const seen = new Fingerprints()
  const alike = Array.from({ length: 100 }, (_, i) =>
    Uint8Array.from({ length: 16 }, (_, at) => (at === 15 ? i : 7)),
  )
  for (const [i, one] of alike.entries()) seen.set(one, i)
  expect(alike.map((one) => seen.get(one))).toEqual(alike.map((_, i) => i))
})
