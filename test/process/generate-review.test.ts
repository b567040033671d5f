import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { serverSocket } from '../../src/db/embedded/client.ts'
import { insertJob } from '../support/builders.ts'
import { startProvider } from '../support/provider.ts'
import { Home, type Session } from './terminal.ts'

// The review of candidates as a person sees it.

let home: Home
let sql: postgres.Sql
let deck = ''
let decks = 0
let job = ''
const running: Session[] = []

beforeAll(() => {
  home = new Home()
  home.rote('deck', 'list')
  const socket = () => serverSocket({ home: home.folder, idle_ms: 60_000 })
  // the option is missing from postgres.js' types
  const options = { socket, max: 1, prepare: false, user: 'postgres', onnotice: () => {} }
  sql = postgres(options as postgres.Options<Record<string, postgres.PostgresType>>)
})
afterAll(async () => {
  await sql.end()
  home.close()
})

beforeEach(async () => {
  deck = `Deck ${++decks}`
  home.rote('deck', 'create', deck)
  const [made] = await sql`select deck_id, user_id from decks where name = ${deck}`
  const text = `[page 76]\n${'Cells are everywhere. '.repeat(60)}\n[page 77]\nIt was in 1665. Robert Hooke saw cells in cork.`
  const given = { deck_id: made?.deck_id, user_id: made?.user_id, sections: [text] }
  const { job_id } = await insertJob(sql, given, [
    {
      question: 'Who saw cells?',
      answer: 'Robert Hooke',
      quote: 'Robert Hooke saw cells in cork.',
      page: 77,
    },
    { question: '細胞とは何ですか。', answer: '生命の単位', flags: ['vague'] },
    { question: 'ما هي الخلية؟', answer: 'وحدة الحياة' },
    { question: 'evil \x1b]0;owned\x07\x1b[2J', answer: 'x\x9b31m', quote: '\x1b[31mred' },
  ])
  job = job_id.slice(0, 8)
})
afterEach(() => {
  for (const session of running.splice(0)) session.pty.kill('SIGKILL')
})

function review(size?: { columns: number; rows: number }, env?: Record<string, string>): Session {
  const session = home.terminal(['generate', 'review', job], size, env)
  running.push(session)
  return session
}

const questions = () =>
  JSON.parse(home.rote('card', 'list', deck, '--json').stdout).map(
    ({ question }: { question: string }) => question,
  )
const waiting = () =>
  JSON.parse(home.rote('generate', 'review', job, '--json').stdout).map(
    ({ question }: { question: string }) => question,
  )

test('from the first candidate to the sentence at the end', async () => {
  const terminal = review()
  expect(await terminal.shows('Who saw cells?')).toBe(
    `
    1 of 4 · page 77 · verified
    ────────────────────────────────────────────────────────────────────────

    Who saw cells?

    Robert Hooke

    ────────────────────────────────────────────────────────────────────────
    On page 77:
    “Robert Hooke saw cells in cork.”










    3 of 4 are verified and have no flags: v accepts them all.
    ⏎ y accept   n reject   e edit   r again                 ? keys   q quit`,
  )
  expect(terminal.fullScreen).toBe(true)
  terminal.type('w')
  expect(await terminal.shows('┃ It was in 1665. Robert Hooke saw cells in cork.')).toContain('↑')
  terminal.type('x\r')
  await terminal.shows('細胞とは何ですか。')
  terminal.type('\r')
  await terminal.shows('It has 1 flag: Enter does not accept it, y does.')
  terminal.type('n')
  await terminal.shows('ما هي الخلية؟')
  terminal.type('v')
  await terminal.shows('Accept all 2 that are verified and have no flags?')
  terminal.type('y')
  await terminal.shows('Nothing waits any more: 3 accepted, 1 rejected.')
  terminal.type('u')
  await terminal.shows('Took back the last acceptance of 2.')
  terminal.type('q')
  expect(await terminal.ended()).toBe(0)
  expect(terminal.fullScreen).toBe(false)
  expect(terminal.screen()).toBe(`1 accepted into "${deck}", 1 rejected, 2 wait: rote generate review ${job}`)
  expect(questions()).toEqual(['Who saw cells?'])
})

test('what is typed while cards are made decides nothing', async () => {
  const provider = await startProvider({ always: { first: 1500 } })
  onTestFinished(() => provider.close())
  const source = join(home.folder, 'cells.md')
  writeFileSync(
    source,
    'The nucleus is the organelle that keeps the genetic material of the cell.\n'.repeat(5),
  )
  const env = { OPENAI_BASE_URL: provider.url, ROTE_MODEL: 'tiny' }
  const terminal = home.terminal(['generate', source, '--deck', deck], undefined, env)
  running.push(terminal)
  await terminal.shows('Asking tiny')
  terminal.type('y\r\ry')
  await terminal.shows(/1 of \d · verified/)
  terminal.type('q')
  expect(await terminal.ended()).toBe(0)
  expect(questions()).toEqual([])
})

test('Ctrl-C half-way leaves a clean terminal, what was decided, and the rest waiting', async () => {
  const terminal = review()
  await terminal.shows('Who saw cells?')
  terminal.type('y')
  await terminal.shows('2 of 4')
  terminal.type('\x03')
  expect(await terminal.ended()).toBe(130)
  expect(terminal.fullScreen).toBe(false)
  expect(terminal.raw).toContain('\x1b[?25h')
  expect(terminal.screen()).toContain('Stopped. Every decision you made is saved.')
  expect(questions()).toEqual(['Who saw cells?'])
  expect(waiting()).toHaveLength(3)
})

test('kill -9 half-way: everything decided is kept, the rest waits, and it goes on there', async () => {
  const terminal = review()
  await terminal.shows('Who saw cells?')
  terminal.type('y')
  await terminal.shows('2 of 4')
  terminal.type('n')
  await terminal.shows('3 of 4')
  terminal.pty.kill('SIGKILL')
  await terminal.ended()
  expect(questions()).toEqual(['Who saw cells?'])
  expect(waiting()).toHaveLength(2)
  const again = review()
  expect(await again.shows('ما هي الخلية؟')).toContain('1 of 2')
  again.type('yyq')
  expect(await again.ended()).toBe(0)
  expect(questions()).toHaveLength(3)
  expect(waiting()).toEqual([])
})

test('the server is killed in the middle: the decision is kept all the same', async () => {
  const terminal = review()
  await terminal.shows('Who saw cells?')
  const { pid } = JSON.parse(home.rote('db', 'status', '--json').stdout)
  process.kill(pid, 'SIGKILL')
  terminal.type('y')
  await terminal.shows('2 of 4')
  terminal.type('q')
  expect(await terminal.ended()).toBe(0)
  expect(questions()).toEqual(['Who saw cells?'])
  expect(waiting()).toHaveLength(3)
})

test('two terminals with one job: nobody makes a card twice, and each sees what the other decided', async () => {
  const [one, other] = [review(), review()]
  await one.shows('Who saw cells?')
  await other.shows('Who saw cells?')
  one.type('y')
  await one.shows('2 of 4')
  other.type('y')
  expect(await other.shows('decided elsewhere')).toContain('2 of 4')
  one.type('n')
  await one.shows('3 of 4')
  other.type('j')
  await other.shows('3 of 4')
  other.type('kn')
  await other.shows('It was decided elsewhere.')
  one.type('q')
  other.type('q')
  await Promise.all([one.ended(), other.ended()])
  expect(questions()).toEqual(['Who saw cells?'])
  expect(waiting()).toHaveLength(2)
})

test('a window of 40 columns and 12 rows', async () => {
  const terminal = review({ columns: 40, rows: 12 })
  await terminal.shows('Who saw cells?')
  terminal.type('j')
  expect(await terminal.shows('2/4')).toBe(
    [
      ' 2/4 · p. 1 · verified',
      ' ──────────────────────────────────────',
      '',
      ' ! vague',
      ' 細胞とは何ですか。',
      ' 生命の単位',
      ' ──────────────────────────────────────',
      ' On page 1:',
      ' “The quote of 細胞とは何ですか。”',
      '',
      ' y accept   n reject   e edit   r again',
      ' ? keys   q quit',
    ].join('\n'),
  )
})

test('without colour, in a dumb terminal, and with escape sequences in a candidate', async () => {
  const plain = review(undefined, { NO_COLOR: '1' })
  await plain.shows('Who saw cells?')
  plain.type('jjj')
  expect(await plain.shows('4 of 4')).toContain('evil ␛]0;owned␇␛[2J')
  plain.type('w')
  await plain.shows('any key goes back')
  plain.type('xq')
  await plain.ended()
  expect(plain.raw.split('\x1b[').filter((sequence) => /^[\d;]*m/.test(sequence))).toEqual([])
  for (const sequence of ['\x1b]0;', '\x1b[2J', '\x9b']) expect(plain.raw).not.toContain(sequence)

  const dumb = review(undefined, { TERM: 'dumb' })
  await dumb.shows('Q  Who saw cells?')
  dumb.type('y')
  await dumb.shows('Q  細胞とは何ですか。')
  dumb.type('q')
  expect(await dumb.ended()).toBe(0)
  expect(dumb.raw).not.toContain('\x1b')
})
