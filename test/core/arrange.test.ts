import { expect, test } from 'vitest'
import { arrange, type Place } from '../../src/core/arrange.ts'

test.each<[order: string, items: string, place: Place, result: string]>([
  ['', 'a b', 'last', 'a b'],
  ['a b', 'c d', 'last', 'a b c d'],
  ['a b c', 'a d', 'last', 'a b c d'],
  ['a b c', 'c', 'first', 'c a b'],
  ['a b c', 'd c', 'first', 'd c a b'],
  ['a b c', 'd', { after: 'a' }, 'a d b c'],
  ['a b c', 'a', { after: 'c' }, 'b c a'],
  ['a b c', 'c a', { after: 'b' }, 'b c a'],
  ['a b', 'c', { after: 'nowhere' }, 'a b c'],
  ['a', 'b b a b', 'last', 'a b'],
])('%j with %j %j is %j', (order, items, place, result) => {
  const words = (text: string) => text.split(' ').filter(Boolean)
  expect(arrange(words(order), words(items), place)).toEqual(words(result))
})
