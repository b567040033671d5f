import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { Home, type Session } from './terminal.ts'

// What a person does in a sitting beside answering, on the screen that they see.

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
  home.rote('card', 'add', deck, '-Q', 'capital of France', '-A', 'Paris')
  home.rote('card', 'add', deck, '-Q', 'capital of Japan', '-A', '東京')
  home.rote('card', 'add', deck, '-Q', 'capital of Egypt', '-A', 'القاهرة')
})
afterEach(() => {
  for (const session of running.splice(0)) session.pty.kill('SIGKILL')
})

function study(
  args: string[] = [],
  size?: { columns: number; rows: number },
  env?: Record<string, string>,
): Session {
  const session = home.terminal(['study', deck, ...args], size, env)
  running.push(session)
  return session
}

interface Row {
  question: string
  confidence_status: string
}
const history = () =>
  JSON.parse(home.rote('study', 'history', deck, '--json').stdout).map(
    ({ question, confidence_status }: Row) => `${question}: ${confidence_status}`,
  )

test('undo brings the card back, with what was known before, as often as there were answers', async () => {
  const terminal = study()
  await terminal.shows('capital of France')
  terminal.type(' 3')
  await terminal.shows('capital of Japan')
  terminal.type(' 1')
  expect(await terminal.shows('capital of Egypt')).toContain('2 coming back')
  terminal.type('u')
  expect(await terminal.shows('Took back the last answer.')).toContain('capital of Japan')
  terminal.type('u')
  const screen = await terminal.shows('capital of France')
  expect(screen).toContain('0 of 3 done')
  expect(screen).not.toContain('coming back')
  terminal.type('u')
  await terminal.shows('There is nothing to undo in this sitting.')
  expect(history()).toEqual([])
  terminal.type(' 2q')
  expect(await terminal.ended()).toBe(0)
  expect(history()).toEqual(['capital of France: almost'])
})

test('an answer can be taken back from elsewhere after the sitting', async () => {
  const terminal = study()
  await terminal.shows('capital of France')
  terminal.type(' 3q')
  await terminal.ended()
  expect(home.rote('study', 'undo').status).toBe(0)
  expect(history()).toEqual([])
})

test('edit writes the card in the editor, and the sitting goes on where it was', async () => {
  const editor = join(home.folder, 'editor.sh')
  writeFileSync(editor, 'sed -i "s/Paris/Paris (Lutetia)/" "$1"', { mode: 0o755 })
  const terminal = study([], undefined, { EDITOR: `sh ${editor}` })
  await terminal.shows('capital of France')
  terminal.type(' ')
  await terminal.shows('Paris')
  terminal.type('e')
  expect(await terminal.shows('Paris (Lutetia)')).toContain('Changed.')
  terminal.type('3')
  await terminal.shows('capital of Japan')
  terminal.type('uu')
  expect(await terminal.shows('Took back the last change.')).toContain('capital of France')
  terminal.type(' ')
  expect(await terminal.shows('1 again')).not.toContain('Lutetia')
  const cards = JSON.parse(home.rote('card', 'list', deck, '--json').stdout)
  expect(cards[0].answer).toBe('Paris')
})

test('an editor that fails is told of on the screen, and nothing is lost', async () => {
  const terminal = study([], undefined, { EDITOR: 'sh -c "exit 3"' })
  await terminal.shows('capital of France')
  terminal.type('e')
  expect(await terminal.shows('failed (exit code 3)')).toContain('capital of France')
  terminal.type(' 3')
  await terminal.shows('capital of Japan')
})

test('suspend, bury and skip show the next card; the header says what is left', async () => {
  const terminal = study()
  await terminal.shows('capital of France')
  terminal.type('n')
  expect(await terminal.shows('Later, then.')).toContain('capital of Japan')
  terminal.type('s')
  expect(await terminal.shows('Suspended.')).toContain('0 of 2 done')
  terminal.type('b')
  expect(await terminal.shows('Buried until tomorrow.')).toContain('capital of France')
  terminal.type('d')
  expect(await terminal.shows('Difficulty: easy.')).toMatch(/Deck \d+ · easy .* 0 of 1 done/)
  terminal.type('q')
  expect(await terminal.ended()).toBe(0)
  expect(terminal.screen()).toContain('Set aside           2 cards')
  expect(home.rote('due', '--count').stdout).not.toBe('0\n')
})

test('a sitting whose terminal was killed is gone on with, same queue, nothing repeated', async () => {
  const killed = study()
  await killed.shows('capital of France')
  killed.type('n')
  await killed.shows('Later, then.')
  killed.type(' 3')
  await killed.shows('capital of Egypt')
  killed.pty.kill('SIGKILL')
  await killed.ended()

  const next = study()
  await next.shows(/A sitting with Deck \d+ was broken off 1 minute ago\. Go on with it\?/)
  next.type('\r')
  expect(await next.shows('coming back')).toMatch(/0 of 3 done · 1 coming back/)
  expect(next.screen()).toMatch(/capital of (France|Egypt)/)
  next.type('u')
  expect(await next.shows('Took back the last answer.')).toContain('capital of Japan')
  next.type('q')
  await next.ended()
  expect(history()).toEqual([])
})

test('a sitting that is still running somewhere is nobody else to go on with', async () => {
  const first = study()
  await first.shows('capital of France')
  first.type(' 3')
  await first.shows('capital of Japan')
  const second = study()
  expect(await second.shows('capital of')).not.toContain('broken off')
})

test('two terminals with the same cards: no answer is lost, and none is asked for twice', async () => {
  const [one, other] = [study(), study()]
  await one.shows('capital of France')
  await other.shows('capital of France')
  one.type(' 3')
  await one.shows('capital of Japan')
  // the other has the card still on its screen, reckoned from before
  other.type(' 1')
  await other.shows('capital of Japan')
  one.type(' 3')
  await one.shows('capital of Egypt')
  other.type(' 3')
  await other.shows('capital of Egypt')
  expect(history().sort()).toEqual([
    'capital of France: again',
    'capital of France: got_it',
    'capital of Japan: got_it',
    'capital of Japan: got_it',
  ])
  expect(home.rote('db', 'rebuild', '--json').stdout).toMatch(/"changed": 0/)
})

test('the server is killed in the middle: the answer is kept all the same', async () => {
  const terminal = study()
  await terminal.shows('capital of France')
  terminal.type(' ')
  await terminal.shows('1 again')
  const { pid } = JSON.parse(home.rote('db', 'status', '--json').stdout)
  process.kill(pid, 'SIGKILL')
  terminal.type('3')
  await terminal.shows('capital of Japan')
  terminal.type('q')
  expect(await terminal.ended()).toBe(0)
  expect(history()).toEqual(['capital of France: got_it'])
})

test('a card that was changed elsewhere is asked as it is now', async () => {
  const terminal = study()
  await terminal.shows('capital of France')
  const [, japan] = JSON.parse(home.rote('card', 'list', deck, '--json').stdout)
  home.rote('card', 'edit', japan.card_id, '-Q', 'capital of Nippon')
  terminal.type(' 3')
  await terminal.shows('capital of Nippon')
})

test('a typed answer: what differs, a suggestion, and one key to accept it', async () => {
  const terminal = study(['--type'])
  await terminal.shows('> ')
  terminal.type('Pariz\x7fs!')
  await terminal.shows('> Paris!')
  terminal.type('\r')
  const right = await terminal.shows('Right.')
  expect(right).toContain('⏎ 3 got it')
  terminal.type('\r')
  await terminal.shows('capital of Japan')
  terminal.type('edo\r')
  expect(await terminal.shows('Not this.')).toContain('⏎ 1 again')
  terminal.type('a')
  expect(await terminal.shows('Counts as an answer from now on.')).toContain('⏎ 3 got it')
  terminal.type('q')
  await terminal.ended()
  const cards = JSON.parse(home.rote('card', 'list', deck, '--json').stdout)
  expect(cards[1].accepted_answers).toEqual(['edo'])
  const [answer] = JSON.parse(home.rote('study', 'history', deck, '--json').stdout)
  expect(answer).toMatchObject({ user_answer: 'Paris!', confidence_status: 'got_it' })
})

test('a long answer scrolls, with the keys in their place', async () => {
  const answer = Array.from({ length: 60 }, (_, line) => `line ${line + 1}`).join('\n')
  home.rote('card', 'add', deck, '-Q', 'long', '-A', answer, '--tag', 'long')
  const terminal = study(['--cram', '--tag', 'long'])
  await terminal.shows('long')
  terminal.type(' ')
  expect(await terminal.shows('line 1\n')).toContain('more lines')
  terminal.type('\x1b[B')
  expect(await terminal.shows(/↑ \d+ more lines/)).toContain('1 again')
  for (let page = 0; page < 6; page++) terminal.type('\x1b[6~')
  expect(await terminal.shows('line 60')).not.toContain('↓')
  for (let page = 0; page < 6; page++) terminal.type('\x1b[5~')
  await terminal.shows('line 1\n')
})

test('Markdown is drawn, and stays readable without colours', async () => {
  home.rote('card', 'add', deck, '-Q', 'the **strong** one', '-A', '- one\n- two', '--tag', 'md')
  const terminal = study(['--cram', '--tag', 'md'])
  expect(await terminal.shows('strong')).not.toContain('**')
  const plain = study(['--cram', '--tag', 'md'], undefined, { NO_COLOR: '1' })
  await plain.shows('the **strong** one')
})

test('--plain: line by line in a terminal that could do more, for those who listen', async () => {
  const terminal = study(['--plain'])
  await terminal.shows('Q  capital of France\n   space shows the answer   ? keys   q quit')
  terminal.type(' ')
  await terminal.shows('A  Paris')
  terminal.type('3u')
  await terminal.shows('Took back the last answer.')
  terminal.type('?')
  await terminal.shows('show these keys')
  terminal.type('xq')
  expect(await terminal.ended()).toBe(0)
  expect(terminal.raw).not.toContain('\x1b[?1049h')
})

test('a window of 200 columns and 50 rows: a block in the middle that can be read', async () => {
  const terminal = study([], { columns: 200, rows: 50 })
  await terminal.shows('capital of France')
  terminal.type(' ')
  const screen = await terminal.shows('1 again')
  const lines = screen.split('\n')
  expect(lines).toHaveLength(49)
  expect(Math.max(...lines.map((line) => line.trimEnd().length))).toBe(64 + 72)
  expect(lines.filter((line) => /\S/.test(line)).every((line) => line.startsWith(' '.repeat(64)))).toBe(true)
})

test('keys as the person has laid them', async () => {
  home.rote('config', 'set', 'keys', 'got_it=g reveal=x')
  try {
    const terminal = study()
    expect(await terminal.shows('capital of France')).toContain('x shows the answer')
    terminal.type('x')
    expect(await terminal.shows('g got it')).toContain('1 again')
    terminal.type('g')
    await terminal.shows('capital of Japan')
  } finally {
    home.rote('config', 'set', 'keys', '')
  }
})
