import { expect, test } from 'vitest'
import type { Phase } from '../../../src/core/generate/review.ts'
import { REVIEW_KEYS, reviewEventFor } from '../../../src/core/generate/review-keys.ts'

const quit = { type: 'quit' }

test.each<[string, Phase, object | null]>([
  ['y', 'candidate', { type: 'accept' }],
  ['n', 'candidate', { type: 'reject' }],
  ['e', 'candidate', { type: 'edit' }],
  ['r', 'candidate', { type: 'regenerate' }],
  ['v', 'candidate', { type: 'accept_all' }],
  ['u', 'candidate', { type: 'undo' }],
  ['enter', 'candidate', { type: 'take' }],
  ['space', 'candidate', { type: 'take' }],
  ['j', 'candidate', { type: 'move', by: 1 }],
  ['left', 'candidate', { type: 'move', by: -1 }],
  ['q', 'candidate', quit],
  ['x', 'candidate', null],
  ['y', 'confirm', { type: 'yes' }],
  ['v', 'confirm', { type: 'close' }],
  ['enter', 'confirm', { type: 'close' }],
  ['y', 'remark', { type: 'type', text: 'y' }],
  ['q', 'remark', { type: 'type', text: 'q' }],
  ['space', 'remark', { type: 'type', text: ' ' }],
  ['日', 'remark', { type: 'type', text: '日' }],
  ['enter', 'remark', { type: 'submit' }],
  ['escape', 'remark', { type: 'close' }],
  ['down', 'source', { type: 'scroll', by: 'line', down: true }],
  ['w', 'source', { type: 'close' }],
  ['u', 'end', { type: 'undo' }],
  ['enter', 'end', quit],
  ['y', 'asking', null],
  ['y', 'left', null],
])('%s in %s', (key, phase, event) => {
  expect(reviewEventFor(key, phase)).toEqual(event)
})

test.each<Phase>(['candidate', 'confirm', 'remark', 'source', 'help', 'end'])(
  'Ctrl-C leaves from %s',
  (phase) => {
    expect(reviewEventFor('ctrl-c', phase)).toEqual(quit)
  },
)

test('no key does two things at once', () => {
  for (const phase of new Set(REVIEW_KEYS.flatMap(({ when }) => when))) {
    const here = REVIEW_KEYS.filter(({ when }) => when.includes(phase)).flatMap(({ keys }) => keys)
    expect(here, phase).toEqual([...new Set(here)])
  }
})

test('what the overlay says fits beside the keys, in two columns and in a narrow window', () => {
  expect(REVIEW_KEYS.filter(({ help }) => help.length > 26).map(({ help }) => help)).toEqual([])
})
