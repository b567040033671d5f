import type { World } from '../world.ts'

/*
 * Pictures in a terminal, in one of the ways that terminals have for it, or as coloured half blocks. What a terminal can is
 * known by its name: it is asked nothing, because an answer could come when nobody reads it.
 */

/** How pictures are shown; `blocks` in 16 million colours or in 256; null: they are not. */
export type Graphics = 'kitty' | 'iterm' | 'sixel' | 'blocks' | 'blocks256' | null

/** What this terminal can. `wanted` is the setting, `color` whether colours are wanted at all. */
export function graphicsOf(
  env: World['env'],
  wanted: 'auto' | 'kitty' | 'iterm' | 'sixel' | 'blocks' | 'off',
  color: boolean,
): Graphics {
  if (wanted === 'off' || env.TERM === 'dumb') return null
  if (wanted === 'auto') return nativeOf(env) ?? blocksOf(env, color)
  if (wanted === 'blocks') return blocksOf(env, color) ?? (color ? 'blocks256' : null)
  return wanted
}

function nativeOf(env: World['env']): 'kitty' | 'iterm' | 'sixel' | null {
  const { TERM = '', TERM_PROGRAM = '' } = env
  // these pass pictures on only when they are told to, and then do not know where they are
  if (env.TMUX || env.STY || env.ZELLIJ || /^(?:tmux|screen)/.test(TERM)) return null
  if (env.KITTY_WINDOW_ID || /^xterm-(?:kitty|ghostty)$/.test(TERM) || TERM_PROGRAM === 'ghostty')
    return 'kitty'
  if (['iTerm.app', 'WezTerm', 'mintty'].includes(TERM_PROGRAM) || env.LC_TERMINAL === 'iTerm2')
    return 'iterm'
  if (/^(?:foot|mlterm|contour)/.test(TERM)) return 'sixel'
  return null
}

function blocksOf({ COLORTERM = '', TERM = '' }: World['env'], color: boolean): Graphics {
  if (!color) return null
  if (/^(?:truecolor|24bit)$/.test(COLORTERM) || /direct$/.test(TERM)) return 'blocks'
  return /256/.test(TERM) ? 'blocks256' : null
}

/** Pixels as lines of half blocks: two below each other in a character. `data` is RGBA, without anything transparent. */
export function blockLines(
  { width, height, data }: { width: number; height: number; data: Uint8Array },
  colours: 'blocks' | 'blocks256',
): string[] {
  const colour = (x: number, y: number) => {
    const at = (y * width + x) * 4
    const [r = 0, g = 0, b = 0] = data.subarray(at, at + 3)
    return colours === 'blocks' ? `2;${r};${g};${b}` : `5;${nearest(r, g, b)}`
  }
  return Array.from({ length: Math.ceil(height / 2) }, (_, row) => {
    let line = ''
    let before = ''
    for (let x = 0; x < width; x++) {
      const below = row * 2 + 1 < height ? `48;${colour(x, row * 2 + 1)}` : '49'
      const both = `38;${colour(x, row * 2)};${below}`
      line += both === before ? '▀' : `\x1b[${both}m▀`
      before = both
    }
    return `${line}\x1b[0m`
  })
}

/** Of the 256 colours the nearest of the cube or the greys, as xterm has them. */
function nearest(r: number, g: number, b: number): number {
  const step = (value: number) =>
    value < 48 ? 0 : value < 115 ? 1 : Math.min(5, Math.floor((value - 35) / 40))
  const level = (step: number) => (step === 0 ? 0 : 55 + step * 40)
  const off = (red: number, green: number, blue: number) =>
    (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2
  const [x, y, z] = [step(r), step(g), step(b)]
  const grey = Math.max(0, Math.min(23, Math.round(((r + g + b) / 3 - 8) / 10)))
  const shade = 8 + grey * 10
  return off(shade, shade, shade) < off(level(x), level(y), level(z)) ? 232 + grey : 16 + 36 * x + 6 * y + z
}

/** A picture that a terminal draws itself, over so many cells. */
export interface Graphic {
  /** Tells it apart from all others of this window. */
  key: string
  columns: number
  rows: number
  /** Draws it, its left upper corner where the cursor is. */
  show: string
  /** Takes it away, where writing over it does not. */
  hide: string
  /** Stands for it where there is no room for all of it. */
  alt: string
}

/** What kitty is sent at a time. */
const CHUNK = 4096

/** https://sw.kovidgoyal.net/kitty/graphics-protocol/ . `id` is its number in the terminal; kitty is to answer nothing. */
export function kittyGraphic(
  png: Uint8Array,
  id: number,
  { columns, rows }: { columns: number; rows: number },
) {
  const text = Buffer.from(png).toString('base64')
  const pieces = Array.from({ length: Math.ceil(text.length / CHUNK) }, (_, i) =>
    text.slice(i * CHUNK, (i + 1) * CHUNK),
  )
  const show = pieces
    .map((piece, i) => {
      const more = i < pieces.length - 1 ? 1 : 0
      return `\x1b_G${i === 0 ? `a=T,f=100,q=2,C=1,i=${id},c=${columns},r=${rows},` : 'q=2,'}m=${more};${piece}\x1b\\`
    })
    .join('')
  return { show, hide: `\x1b_Ga=d,d=I,i=${id},q=2\x1b\\` }
}

/** https://iterm2.com/documentation-images.html */
export function itermGraphic(png: Uint8Array, { columns, rows }: { columns: number; rows: number }) {
  const text = Buffer.from(png).toString('base64')
  return {
    show: `\x1b]1337;File=inline=1;size=${png.length};width=${columns};height=${rows};preserveAspectRatio=1;doNotMoveCursor=1:${text}\x07`,
    hide: '',
  }
}

// A window is lines of text, and a graphic in it is lines that only keep its place: what they are is told by a mark, an
// application program command, which no text of a card can have in it and every terminal ignores.
const MARK = '\x1b_rote;'
const MARK_END = '\x1b\\'

/** The lines that keep the place of a graphic. */
export function placeLines({ key, rows }: Graphic): string[] {
  return Array.from({ length: rows }, (_, row) => `${MARK}${key};${row}${MARK_END}`)
}

/** A graphic where it is in a window; from 0. */
export interface Placed {
  graphic: Graphic
  row: number
  column: number
}

/**
 * Finds the graphics of a window. Lines of one that is there as a whole are empty, and of one that has been cut off or stands on the last line,
 * where a terminal would scroll, the first is its alt text.
 */
export function settle(
  lines: readonly string[],
  { columns, rows }: { columns: number; rows: number },
  graphicOf: (key: string) => Graphic | undefined,
): { lines: string[]; placed: Placed[] } {
  const marks = lines.map((line) => {
    const at = line.indexOf(MARK)
    if (at < 0) return null
    const [key = '', index] = line.slice(at + MARK.length, -MARK_END.length).split(';')
    return { margin: line.slice(0, at), key, index: Number(index), graphic: graphicOf(key) }
  })
  const placed: Placed[] = []
  const settled = lines.map((line, row) => {
    const mark = marks[row]
    if (!mark) return line
    const { margin, key, index, graphic } = mark
    const begins = marks[row - 1]?.key !== key || marks[row - 1]?.index !== index - 1
    if (!graphic || !begins) return ''
    const isWhole =
      index === 0 &&
      row + graphic.rows < rows &&
      margin.length + graphic.columns <= columns &&
      marks[row + graphic.rows - 1]?.key === key &&
      marks[row + graphic.rows - 1]?.index === graphic.rows - 1
    if (!isWhole) return margin + graphic.alt
    placed.push({ graphic, row, column: margin.length })
    return ''
  })
  return { lines: settled, placed }
}
