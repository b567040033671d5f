import { expect, test } from 'vitest'
import { readAnswers, readTags, writeAnswers, writeTags } from '../../src/core/lists.ts'

test.each([
  ['', []],
  ['verb  irregular verb', ['verb', 'irregular']],
  ['UG::Europe, UG::Sovereign State', ['UG::Europe', 'UG::Sovereign State']],
  [' a ,, b,', ['a', 'b']],
  ['日本　語', ['日本', '語']],
  ['["a b","c,d",""]', ['a b', 'c,d']],
  ['[draft] a', ['[draft]', 'a']],
  ['[1]', ['[1]']],
])('tags of %j', (cell, tags) => {
  expect(readTags(cell)).toEqual(tags)
})

test.each([
  ['', []],
  ['Kiev | Kyjiw|Kiev', ['Kiev', 'Kyjiw']],
  ['New York, NY|NYC', ['New York, NY', 'NYC']],
  ['["a|b"," c"]', ['a|b', ' c']],
])('accepted answers of %j', (cell, answers) => {
  expect(readAnswers(cell)).toEqual(answers)
})

test.each([
  [[], '', ''],
  [['a', 'b'], 'a b', 'a|b'],
  [['a b'], '["a b"]', 'a b'],
  [['a b', 'c'], '["a b","c"]', 'a b|c'],
  [['a,b'], '["a,b"]', 'a,b'],
  [['a|b'], 'a|b', '["a|b"]'],
  [[' a'], '[" a"]', '[" a"]'],
  [['["a"]'], '["[\\"a\\"]"]', '["[\\"a\\"]"]'],
  [['[a]', '"'], '[a] "', '[a]|"'],
])('%j is written so that it comes back', (items, tags, answers) => {
  expect(writeTags(items)).toBe(tags)
  expect(readTags(tags)).toEqual(items)
  expect(writeAnswers(items)).toBe(answers)
  expect(readAnswers(answers)).toEqual(items)
})
