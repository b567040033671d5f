import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Home, type Session } from './terminal.ts'

let home: Home
let deck = ''
let decks = 0
const running: Session[] = []

beforeAll(() => {
  home = new Home()
})
afterAll(() => home.close())

beforeEach(() => {
  deck = `Deck ${++decks}`
  home.rote('deck', 'create', deck)
  home.rote('card', 'add', deck, '-Q', '「犬」は英語で?', '-A', 'dog')
  home.rote('card', 'add', deck, '-Q', 'ما هي عاصمة مصر؟', '-A', 'القاهرة')
})
afterEach(() => {
  for (const session of running.splice(0)) session.pty.kill()
})

function study(size?: { columns: number; rows: number }, env?: Record<string, string>): Session {
  const session = home.terminal(['study', deck], size, env)
  running.push(session)
  return session
}

function attempts(): string[] {
  const cards = JSON.parse(home.rote('card', 'list', deck, '--json').stdout)
  return cards.map(({ confidence_status }: { confidence_status: string | null }) => confidence_status ?? '-')
}

test('a sitting from the first question to the summary', async () => {
  const terminal = study()
  expect(await terminal.shows('「犬」は英語で?')).toBe(
    `
    ${deck}                                                       0 of 2 done
    ────────────────────────────────────────────────────────────────────────



    「犬」は英語で?















    space shows the answer                                   ? keys   q quit`,
  )
  expect(terminal.fullScreen).toBe(true)

  terminal.type(' ')
  const answer = await terminal.shows('1 again')
  expect(answer).toContain('\n    dog\n')
  expect(answer).toMatch(/ 1 again 1m {3}2 almost 6m {3}3 got it 10m {2,}\? keys {3}q quit$/)

  terminal.type('1')
  await terminal.shows('ما هي عاصمة مصر؟')
  terminal.type(' 3')
  // the failed card comes back
  expect(await terminal.shows('「犬」は英語で?')).toContain('0 of 2 done · 2 coming back')

  terminal.type('q')
  expect(await terminal.ended()).toBe(0)
  expect(terminal.fullScreen).toBe(false)
  expect(terminal.screen()).toMatch(
    /^Stopped with 2 of 2 cards left\.\n\n {2}Cards {15}2\n {2}Right at first try {2}1 of 2 \(50%\)\n {2}Time {16}\d+ s\n {2}Due by tomorrow {5}\d+$/,
  )
  expect(attempts()).toEqual(['again', 'got_it'])
})

test('Ctrl-C leaves a clean terminal, the answers, and exit code 130', async () => {
  const terminal = study()
  await terminal.shows('「犬」は英語で?')
  terminal.type(' 2')
  await terminal.shows('ما هي عاصمة مصر؟')
  terminal.type('\x03')
  expect(await terminal.ended()).toBe(130)
  expect(terminal.fullScreen).toBe(false)
  expect(terminal.raw).toContain('\x1b[?25h')
  expect(terminal.screen()).toContain('Stopped. Every answer you gave is saved.')
  expect(attempts()).toEqual(['almost', '-'])
})

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'])('%s from outside restores the terminal', async (signal) => {
  const terminal = study()
  await terminal.shows('「犬」は英語で?')
  terminal.pty.kill(signal)
  expect(await terminal.ended()).toBe({ SIGTERM: 143, SIGINT: 130, SIGHUP: 129 }[signal])
  expect(terminal.fullScreen).toBe(false)
})

test('a terminal that goes away keeps what was answered', async () => {
  const terminal = study()
  await terminal.shows('「犬」は英語で?')
  terminal.type(' 3')
  await terminal.shows('ما هي عاصمة مصر؟')
  // what closing the window does
  ;(terminal.pty as unknown as { destroy(): void }).destroy()
  await expect.poll(attempts, { timeout: 10_000 }).toEqual(['got_it', '-'])
  const status = JSON.parse(home.rote('db', 'status', '--json').stdout)
  await expect
    .poll(() => JSON.parse(home.rote('db', 'status', '--json').stdout).clients, { timeout: 10_000 })
    .toBe(0)
  expect(status.running).toBe(true)
})

test('a window of 40 columns and 12 rows', async () => {
  const terminal = study({ columns: 40, rows: 12 })
  await terminal.shows('「犬」は英語で?')
  terminal.type(' ')
  expect(await terminal.shows('1 again')).toBe(
    [
      ` ${deck}                             0/2`,
      ' ──────────────────────────────────────',
      '',
      ' 「犬」は英語で?',
      ' ──────────────────────────────────────',
      ' dog',
      '',
      '',
      '',
      '',
      ' 1 again   2 almost   3 got it',
      ' 1m        6m         10m',
    ].join('\n'),
  )
})

test('a resize draws the screen anew', async () => {
  const terminal = study()
  await terminal.shows('? keys   q quit')
  terminal.resize(40, 12)
  expect(await terminal.shows(/0\/2/)).toMatch(
    /^ Deck \d+ +0\/2\n ─{38}\n\n 「犬」は英語で\?\n{7} space .*\n \? keys {3}q quit$/,
  )
})

describe('without colour', () => {
  test('NO_COLOR: not one colour or weight reaches the terminal', async () => {
    const terminal = study(undefined, { NO_COLOR: '1' })
    await terminal.shows('「犬」は英語で?')
    terminal.type(' ')
    await terminal.shows('1 again')
    expect(terminal.raw.split('\x1b[').filter((sequence) => /^[\d;]*m/.test(sequence))).toEqual([])
  })
})

test('escape sequences in a card stay text', async () => {
  home.rote('card', 'add', deck, '-Q', 'evil \x1b]0;owned\x07\x1b[2J', '-A', 'x\x9b31m')
  const list = home.terminal(['card', 'list', deck])
  running.push(list)
  await list.ended()
  for (const sequence of ['\x1b]0;', '\x1b[2J', '\x9b']) expect(list.raw).not.toContain(sequence)
  expect(list.screen()).toContain('evil ␛]0;owned␇␛[2J')
})

test('a deck that is deleted meanwhile: the answer is not kept, the person is told, and nothing more is asked', async () => {
  const terminal = study()
  await terminal.shows('「犬」は英語で?')
  home.rote('deck', 'delete', deck, '--yes')
  terminal.type(' 3')
  expect(await terminal.ended()).toBe(0)
  expect(terminal.screen()).toMatch(/Cards {15}0\n[\s\S]*Gone {16}2 cards, deleted or answered elsewhere$/)
})

test('Ctrl-C works while the database is silent', async () => {
  const terminal = study()
  await terminal.shows('「犬」は英語で?')
  terminal.type(' ')
  await terminal.shows('1 again')
  const { pid } = JSON.parse(home.rote('db', 'status', '--json').stdout)
  process.kill(pid, 'SIGSTOP')
  try {
    terminal.type('3')
    await new Promise((resolve) => setTimeout(resolve, 600))
    terminal.type('\x03')
    expect(await terminal.ended()).toBe(130)
    expect(terminal.fullScreen).toBe(false)
    expect(terminal.screen()).toContain('the last answer may not be saved')
  } finally {
    process.kill(pid, 'SIGCONT')
  }
})

test('a dumb terminal gets lines, and needs no Enter', async () => {
  const terminal = study(undefined, { TERM: 'dumb' })
  await terminal.shows('Q  「犬」は英語で?')
  terminal.type(' ')
  await terminal.shows('A  dog')
  terminal.type('3q')
  expect(await terminal.ended()).toBe(0)
  expect(terminal.raw).not.toContain('\x1b')
})

test('a mistyped command of the built program gets a suggestion', () => {
  expect(home.rote('dekc', 'list')).toMatchObject({
    status: 2,
    stderr: "Unknown command 'dekc'.\nDid you mean deck?\n",
  })
})
