import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { png, RED } from '../support/images.ts'
import { Home, type Session } from './terminal.ts'

// Pictures in a real terminal.

let home: Home
/** It takes a request and never answers. */
const silent = createServer(() => {})
beforeAll(async () => {
  home = new Home()
  home.rote('deck', 'create', 'Flags')
  const ids = ['first', 'second'].map((question) =>
    home.rote('card', 'add', 'Flags', '-Q', question, '-A', `${question} answer`).stdout.trim(),
  )
  const file = join(home.folder, 'flag.png')
  writeFileSync(file, png(Array.from({ length: 300 }, () => Array.from({ length: 300 }, () => RED))))
  home.rote('card', 'image', 'add', ids[0] ?? '', file, '--alt', 'a red flag')
  await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done))
  home.rote('config', 'set', 'image_network', 'any')
  const never = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/a.png`
  home.rote('card', 'image', 'add', ids[1] ?? '', never, '--alt', 'a blue flag')
})
afterAll(() => {
  silent.closeAllConnections()
  silent.close()
  home.close()
})

const study = (env: Record<string, string>) =>
  home.terminal(['study', '--cram', '--order', 'added'], undefined, env)
/** Waits for what no screen shows. */
async function wrote(session: Session, text: string, times = 1): Promise<void> {
  const deadline = Date.now() + 15_000
  while (count(session, text) < times) {
    if (Date.now() > deadline) throw new Error(`never wrote ${text}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
const count = ({ raw }: Session, text: string) => raw.split(text).length - 1
const [SHOW, HIDE] = ['\x1b_Ga=T,', '\x1b_Ga=d,d=I,']

test('kitty draws a picture once, keeps it while it stays, and leaves nothing', async () => {
  const session = study({ TERM: 'xterm-kitty' })
  await session.shows('first')
  await wrote(session, SHOW)
  session.type(' ')
  await session.shows('first answer')
  expect([count(session, SHOW), count(session, HIDE)]).toEqual([1, 0])
  session.resize(70, 30)
  await wrote(session, SHOW, 2)
  session.type('3')
  const screen = await session.shows('second')
  expect(count(session, HIDE)).toBe(count(session, SHOW))
  // nobody waits for the picture of this one
  expect(screen).toContain('[image: a blue flag]')
  session.type(' ')
  await session.shows('second answer')
  session.type('q')
  expect(await session.ended()).toBe(0)
  expect(count(session, HIDE)).toBe(count(session, SHOW))
  expect(session.fullScreen).toBe(false)
})

test('a picture is taken away while the terminal is somebody else’s', async () => {
  const editor = join(home.folder, 'editor.sh')
  writeFileSync(editor, 'echo in the editor; read line', { mode: 0o755 })
  const session = study({ TERM: 'xterm-kitty', VISUAL: `sh ${editor}` })
  await wrote(session, SHOW)
  session.type('e')
  await session.shows('in the editor')
  expect(count(session, HIDE)).toBe(1)
  session.type('\r')
  await wrote(session, SHOW, 2)
  session.type('q')
  expect(await session.ended()).toBe(0)
})

test('half blocks are text', async () => {
  const session = study({ COLORTERM: 'truecolor' })
  const screen = await session.shows('▀▀▀')
  expect(screen.split('\n').filter((line) => line.includes('▀')).length).toBeGreaterThanOrEqual(5)
  session.type('q')
  expect(await session.ended()).toBe(0)
})

test('line by line a picture is words, and nobody is asked for it', async () => {
  const { stdout } = home.rote('study', '--cram', '--plain', '--order', 'added')
  expect(stdout).toContain('[image: a red flag]')
  expect(stdout).not.toContain('\x1b')
})
