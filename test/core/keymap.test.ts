import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { bindings, eventFor, parseKeys } from '../../src/core/keymap.ts'
import type { Phase } from '../../src/core/session.ts'

const keys = bindings(null)
const reveal = { type: 'reveal' }
const quit = { type: 'quit' }
const help = { type: 'help' }
const close = { type: 'close' }
const graded = (grade: string) => ({ type: 'grade', grade })

test.each<[string, Phase, object | null]>([
  ['space', 'question', reveal],
  ['enter', 'question', reveal],
  ['3', 'question', null],
  ['日', 'question', null],
  ['q', 'question', quit],
  ['ctrl-c', 'question', quit],
  ['ctrl-z', 'question', null],
  ['unknown', 'question', null],
  ['?', 'question', help],
  ['u', 'question', { type: 'undo' }],
  ['e', 'question', { type: 'edit' }],
  ['s', 'question', { type: 'suspend' }],
  ['b', 'answer', { type: 'bury' }],
  ['d', 'answer', { type: 'difficulty' }],
  ['w', 'answer', { type: 'source' }],
  ['n', 'question', { type: 'skip' }],
  ['1', 'answer', graded('again')],
  ['2', 'answer', graded('almost')],
  ['3', 'answer', graded('got_it')],
  ['j', 'answer', graded('again')],
  ['k', 'answer', graded('almost')],
  ['l', 'answer', graded('got_it')],
  [';', 'answer', { type: 'undo' }],
  ['space', 'answer', null],
  ['enter', 'answer', { type: 'take' }],
  ['a', 'answer', { type: 'accept' }],
  ['down', 'answer', { type: 'scroll', by: 'line', down: true }],
  ['pageup', 'help', { type: 'scroll', by: 'page', down: false }],
  ['?', 'answer', help],
  ['ctrl-d', 'answer', quit],
  ['?', 'help', close],
  ['1', 'help', close],
  ['x', 'source', close],
  ['q', 'help', quit],
  ['unknown', 'help', null],
  ['q', 'done', null],
  ['q', 'typing', { type: 'type', text: 'q' }],
  ['3', 'typing', { type: 'type', text: '3' }],
  ['space', 'typing', { type: 'type', text: ' ' }],
  ['👩‍👩‍👧', 'typing', { type: 'type', text: '👩‍👩‍👧' }],
  ['enter', 'typing', reveal],
  ['backspace', 'typing', { type: 'erase', what: 'character' }],
  ['ctrl-w', 'typing', { type: 'erase', what: 'word' }],
  ['escape', 'typing', { type: 'escape' }],
  ['ctrl-c', 'typing', quit],
  ['unknown', 'typing', null],
])('%s on the %s: %o', (key, phase, event) => {
  expect(eventFor(keys, key, phase)).toEqual(event)
})

test('docs/study.md names every key that has to do with a card', () => {
  const page = readFileSync('docs/study.md', 'utf8')
  const onCards = keys.filter(({ when, event }) => when.includes('answer') && event.type !== 'scroll')
  for (const {
    action,
    keys: [key = ''],
  } of onCards)
    if (action !== 'help') expect(page, action).toContain(`\`${key}\``)
})

test('no key means two things in one phase', () => {
  for (const phase of ['question', 'typing', 'answer', 'help', 'source'] as const) {
    const here = keys.filter(({ when }) => when.includes(phase)).flatMap(({ keys }) => keys)
    expect(new Set(here).size).toBe(here.length)
  }
})

test('keys can be laid anew, and Ctrl-C still ends the sitting', () => {
  const chosen = bindings(parseKeys('got_it=3,space again=f quit=x'))
  expect(eventFor(chosen, 'space', 'answer')).toEqual(graded('got_it'))
  expect(eventFor(chosen, 'space', 'question')).toEqual(reveal)
  expect(eventFor(chosen, 'f', 'answer')).toEqual(graded('again'))
  expect(eventFor(chosen, '1', 'answer')).toBeNull()
  expect(eventFor(chosen, 'q', 'question')).toBeNull()
  expect(eventFor(chosen, 'x', 'question')).toEqual(quit)
  expect(eventFor(chosen, 'ctrl-c', 'question')).toEqual(quit)
})

test.each([
  ['again=u', 'The key "u" would be both again and undo.'],
  ['quit=space', 'The key "space" would be both reveal and quit.'],
  ['suspend=ctrl-c', 'The key "ctrl-c" would be both suspend and quit.'],
  ['fly=x', '"fly=x" is no action with its keys.'],
  ['close=x', '"close=x" is no action with its keys.'],
  ['again', '"again" is no action with its keys.'],
  ['again=', '"again=" is no action with its keys.'],
  ['again=ab', '"ab" is no key.'],
  ['again=f13', '"f13" is no key.'],
  ['again=ctrl-z', '"ctrl-z" is no key.'],
  ['again=x,ctrl-m', '"ctrl-m" is no key.'],
])('%s is refused', (text, message) => {
  expect(() => parseKeys(text)).toThrow(message)
})
