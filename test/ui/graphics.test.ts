import { expect, test } from 'vitest'
import { blockLines, type Graphic, graphicsOf, placeLines, settle } from '../../src/ui/graphics.ts'

test.each<[env: Record<string, string>, graphics: string | null]>([
  [{ TERM: 'xterm-kitty' }, 'kitty'],
  [{ TERM: 'xterm-256color', KITTY_WINDOW_ID: '1' }, 'kitty'],
  [{ TERM: 'xterm-ghostty' }, 'kitty'],
  [{ TERM_PROGRAM: 'iTerm.app' }, 'iterm'],
  [{ TERM_PROGRAM: 'WezTerm' }, 'iterm'],
  [{ LC_TERMINAL: 'iTerm2' }, 'iterm'],
  [{ TERM: 'foot-extra' }, 'sixel'],
  [{ TERM: 'tmux-256color', KITTY_WINDOW_ID: '1' }, 'blocks256'],
  [{ TERM: 'screen', TMUX: '/tmp/x', COLORTERM: 'truecolor' }, 'blocks'],
  [{ TERM: 'xterm-256color' }, 'blocks256'],
  [{ TERM: 'xterm-256color', COLORTERM: 'truecolor' }, 'blocks'],
  [{ TERM: 'linux' }, null],
  [{ TERM: 'dumb', KITTY_WINDOW_ID: '1' }, null],
])('a terminal is known by its name: %j', (env, graphics) => {
  expect(graphicsOf(env, 'auto', true)).toBe(graphics)
})

test('without colours there are no blocks, and the setting decides', () => {
  expect(graphicsOf({ TERM: 'xterm-256color' }, 'auto', false)).toBeNull()
  expect(graphicsOf({ TERM: 'xterm-kitty' }, 'auto', false)).toBe('kitty')
  expect(graphicsOf({ TERM: 'xterm-kitty' }, 'off', true)).toBeNull()
  expect(graphicsOf({ TERM: 'xterm-kitty' }, 'blocks', true)).toBe('blocks256')
  expect(graphicsOf({ TERM: 'vt100' }, 'sixel', true)).toBe('sixel')
})

test('of 256 colours the nearest is taken', () => {
  const pixel = (...colour: number[]) =>
    blockLines({ width: 1, height: 1, data: Uint8Array.from([...colour, 255]) }, 'blocks256')[0]
  expect([pixel(255, 0, 0), pixel(0, 0, 0), pixel(128, 128, 128), pixel(95, 135, 175)]).toEqual(
    [196, 16, 244, 67].map((colour) => `\x1b[38;5;${colour};49m▀\x1b[0m`),
  )
})

const graphic: Graphic = { key: '1', columns: 10, rows: 3, show: 'SHOW', hide: 'HIDE', alt: '[image]' }
const of = (key: string) => (key === '1' ? graphic : undefined)
const place = placeLines(graphic).map((line) => `  ${line}`)
const size = { columns: 20, rows: 8 }

test('a graphic that is there as a whole gets its place', () => {
  expect(settle(['question', '', ...place, 'answer'], size, of)).toEqual({
    lines: ['question', '', '', '', '', 'answer'],
    placed: [{ graphic, row: 2, column: 2 }],
  })
})

test.each<[what: string, lines: string[], size: { columns: number; rows: number }, settled: string[]]>([
  ['cut off above', [...place.slice(1), 'x'], size, ['  [image]', '', 'x']],
  ['cut off below', ['x', ...place.slice(0, 2), '↓ more'], size, ['x', '  [image]', '', '↓ more']],
  ['on the last line', ['x', ...place], { columns: 20, rows: 4 }, ['x', '  [image]', '', '']],
  ['wider than the window', [...place, 'x'], { columns: 11, rows: 8 }, ['  [image]', '', '', 'x']],
  ['not known any more', placeLines({ ...graphic, key: '2' }), size, ['', '', '']],
])('one that is %s is words', (_, lines, size, settled) => {
  expect(settle(lines, size, of)).toEqual({ lines: settled, placed: [] })
})
