import type { Frame } from './frame.ts'
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

/**
 * Takes the whole window. `frame` draws it at an offset; `place` names what a window scrolls over: with another name it
 * begins at the top again.
 */
export function fullScreen(
  term: Terminal,
  { frame, place }: { frame(offset: number | null): Frame; place(): string },
): FullScreen {
  const { stdin, stdout } = term
  let offset: number | null = null
  let shown: string | null = null
  const draw = () => {
    // every line is cleared behind its text, not before it, so that nothing flickers
    stdout.write(`\x1b[H${frame(offset).text.split('\n').join('\x1b[K\r\n')}\x1b[K\x1b[J`)
  }
  const enter = () => {
    stdin.setRawMode?.(true)
    stdout.write(ENTER)
  }
  const leave = () => {
    stdout.write(LEAVE)
    stdin.setRawMode?.(false)
  }
  const forget = term.onExit(leave)
  stdout.on('resize', draw)
  enter()
  return {
    draw() {
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
      stdout.off('resize', draw)
      try {
        return await during()
      } finally {
        stdout.on('resize', draw)
        enter()
        draw()
      }
    },
    close() {
      stdout.off('resize', draw)
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
