import { expect, test } from 'vitest'
import { eventFor, KEYS } from '../../src/core/keymap.ts'
import type { Phase, SessionEvent } from '../../src/core/session.ts'

const reveal: SessionEvent = { type: 'reveal' }
const quit: SessionEvent = { type: 'quit' }
const help: SessionEvent = { type: 'help' }
const close: SessionEvent = { type: 'close' }

test.each<[string, Phase, SessionEvent | null]>([
  ['space', 'question', reveal],
  ['enter', 'question', reveal],
  ['3', 'question', reveal],
  ['日', 'question', reveal],
  ['left', 'question', reveal],
  ['q', 'question', quit],
  ['ctrl-c', 'question', quit],
  ['ctrl-z', 'question', null],
  ['unknown', 'question', null],
  ['?', 'question', help],
  ['1', 'answer', { type: 'grade', grade: 'again' }],
  ['2', 'answer', { type: 'grade', grade: 'almost' }],
  ['3', 'answer', { type: 'grade', grade: 'got_it' }],
  ['space', 'answer', null],
  ['enter', 'answer', null],
  ['?', 'answer', help],
  ['ctrl-d', 'answer', quit],
  ['?', 'help', close],
  ['1', 'help', close],
  ['q', 'help', quit],
  ['unknown', 'help', null],
  ['q', 'done', null],
])('%s on the %s: %o', (key, phase, event) => {
  expect(eventFor(key, phase)).toEqual(event)
})

test('no key means two things in one phase', () => {
  for (const phase of ['question', 'answer', 'help'] as const) {
    const keys = KEYS.filter(({ when }) => when.includes(phase)).flatMap(({ keys }) => keys)
    expect(new Set(keys).size).toBe(keys.length)
  }
})
