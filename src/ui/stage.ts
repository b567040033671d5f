import type { Frame } from './frame.ts'
import { type Graphic, type Placed, settle } from './graphics.ts'
import type { Terminal } from './terminal.ts'

// A terminal while somebody sits before it: every key comes at once, and whatever ends it, it is as it was.

/** Gives the terminal back for a while, and takes it again. */
type Aside = <T>(during: () => T | Promise<T>) => Promise<T>

/** The whole window, drawn over and over. */
export interface FullScreen {
  /** Draws what there is now; anew from its beginning when it is another place. */
  draw(): void
  /** Moves the window over a body that is too long for it; false when it is not. */
  scroll(by: 'line' | 'page', down: boolean): boolean
  aside: Aside
  close(): void
}

const ENTER = '\x1b[?1049h\x1b[?25l'
const LEAVE = '\x1b[?25h\x1b[?1049l'

/** What a window shows. */
interface Scene {
  /** Draws it at an offset. */
  frame(offset: number | null): Frame
  /** Names what the window scrolls over: with another name it begins at the top again. */
  place(): string
  /** A graphic that keeps its place in the frame. */
  graphic?(key: string): Graphic | undefined
}

/** Takes the whole window. */
export function fullScreen(term: Terminal, { frame, place, graphic }: Scene): FullScreen {
  const { stdin, stdout } = term
  let offset: number | null = null
  let shown: string | null = null
  let isMine = false
  /** Graphics on the screen. */
  let placed: Placed[] = []
  const draw = () => {
    const lines = frame(offset).text.split('\n')
    if (!graphic) return write(lines, [])
    const settled = settle(lines, term.size(), graphic)
    const isSame = (one: Placed) => (other: Placed) =>
      one.graphic.key === other.graphic.key && one.row === other.row && one.column === other.column
    const kept = placed.filter((one) => settled.placed.some(isSame(one)))
    const come = settled.placed.filter((one) => !kept.some(isSame(one)))
    for (const one of placed) if (!kept.includes(one)) stdout.write(one.graphic.hide)
    write(settled.lines, kept)
    for (const { graphic, row, column } of come) stdout.write(`\x1b[${row + 1};${column + 1}H${graphic.show}`)
    placed = settled.placed
  }
  const write = (lines: readonly string[], kept: readonly Placed[]) => {
    const isKept = (row: number) =>
      kept.some(({ graphic, row: first }) => row >= first && row < first + graphic.rows)
    // every line is cleared behind its text, not before it, so that nothing flickers; nor does what stays as it is
    const text = lines.map((line, row) => (isKept(row) ? '' : `${line}\x1b[K`)).join('\r\n')
    stdout.write(`\x1b[H${text}\x1b[J`)
  }
  const clear = () => {
    for (const { graphic } of placed) if (graphic.hide) stdout.write(graphic.hide)
    placed = []
  }
  /** What a window has done with its graphics when its size has changed, nobody knows. */
  const resized = () => {
    clear()
    draw()
  }
  const enter = () => {
    isMine = true
    stdin.setRawMode?.(true)
    stdout.write(ENTER)
  }
  const leave = () => {
    isMine = false
    clear()
    stdout.write(LEAVE)
    stdin.setRawMode?.(false)
  }
  const forget = term.onExit(leave)
  stdout.on('resize', resized)
  enter()
  return {
    draw() {
      // what comes in the background can come while somebody else has the terminal
      if (!isMine) return
      const now = place()
      if (now !== shown) offset = null
      shown = now
      draw()
    },
    scroll(by, down) {
      const { offset: from, last, page } = frame(offset)
      offset = Math.min(last, Math.max(0, from + (by === 'page' ? page : 1) * (down ? 1 : -1)))
      draw()
      return last > 0
    },
    async aside(during) {
      leave()
      stdout.off('resize', resized)
      try {
        return await during()
      } finally {
        stdout.on('resize', resized)
        enter()
        draw()
      }
    },
    close() {
      stdout.off('resize', resized)
      forget()
      leave()
      stdin.pause()
    },
  }
}

/** Takes the keys of a terminal that gets lines: they are keys all the same, and need no Enter. */
export function lineScreen({ stdin }: Terminal): { aside: Aside; close(): void } {
  const raw = (on: boolean) => {
    if (stdin.isTTY) stdin.setRawMode?.(on)
  }
  raw(true)
  return {
    async aside(during) {
      raw(false)
      try {
        return await during()
      } finally {
        raw(true)
      }
    },
    close() {
      raw(false)
      stdin.pause()
    },
  }
}
