import { execFileSync, spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { bashReply, readBashLine } from '../../src/complete/bash.ts'

const NAMES = [
  'World War I',
  "O'Neil",
  "'",
  'say "hi"',
  '"',
  'pay $5 `now`',
  'back\\slash\\',
  'a:b=c@d',
  'semi;colon & (more) | <less>',
  'star*?[x]{a,b}',
  '~home',
  '#hash',
  'bang!x',
  'bang!',
  '日本語 N5',
  '🎌 déjà',
  '--deck=World War I',
]

describe('a line is taken apart as bash does it', () => {
  test.each<[line: string, words: string[], current: string]>([
    ['rote deck view ', ['rote', 'deck', 'view'], ''],
    ['rote deck vi', ['rote', 'deck'], 'vi'],
    ['rote deck view World\\ W', ['rote', 'deck', 'view'], 'World W'],
    ['rote deck view "World W', ['rote', 'deck', 'view'], 'World W'],
    ["rote deck view 'it''s \\", ['rote', 'deck', 'view'], 'its \\'],
    ['rote "deck"  view "a \\"b\\" \\c', ['rote', 'deck', 'view'], 'a "b" \\c'],
    ['rote card add "" ', ['rote', 'card', 'add', ''], ''],
    ['rote deck view a:b', ['rote', 'deck', 'view'], 'a:b'],
    ['rote deck view $HO', ['rote', 'deck', 'view'], '$HO'],
    ['rote deck view 日本', ['rote', 'deck', 'view'], '日本'],
  ])('%s', (line, words, current) => {
    expect(readBashLine(line, '')).toMatchObject({ words, current })
  })

  test.each<[line: string, replaced: string, kept: string, quote: string]>([
    ['rote deck view Wor', 'Wor', '', ''],
    ['rote deck view "Wor', 'Wor', '', '"'],
    ["rote deck view 'Wor", 'Wor', '', "'"],
    ['rote deck view a:b', 'b', 'a:', ''],
    ['rote study --playlist=My', 'My', '--playlist=', ''],
    ['rote study --playlist="My', 'My', '--playlist=', '"'],
    ['rote deck view ', '', '', ''],
    // where bash says something unforeseen, nothing is replaced
    ['rote deck view abc', 'x', 'abc', ''],
  ])('%s: bash replaces "%s"', (line, replaced, kept, quote) => {
    expect(readBashLine(line, replaced)).toMatchObject({ kept, quote })
  })
})

const hasBash = spawnSync('bash', ['--version']).status === 0

describe.runIf(hasBash)('what bash reads of an answer is the name (where there is a bash)', () => {
  const read = (typed: string) =>
    execFileSync('bash', ['--norc', '-c', `printf %s ${typed}`], {
      encoding: 'utf8',
      env: { LC_ALL: 'C.UTF-8' },
    })

  test.each(NAMES)('%s', (name) => {
    expect(read(bashReply(name, { kept: '', quote: '' }))).toBe(name)
    for (const quote of ['"', "'"] as const) {
      const reply = bashReply(name, { kept: '', quote })
      // readline closes the quote, unless there is one before the cursor
      expect(read(`${quote}${reply}${reply.endsWith(quote) ? '' : quote}`)).toBe(name)
    }
  })
})

test('what bash keeps is not put in again', () => {
  expect(bashReply('a:b c', { kept: 'a:', quote: '' })).toBe('b\\ c')
  expect(bashReply('--deck=My list', { kept: '--deck=', quote: '"' })).toBe('My list')
})
