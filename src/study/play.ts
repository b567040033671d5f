import type { ChalkInstance } from 'chalk'
import { eventFor } from '../core/keymap.ts'
import { type Session, step } from '../core/session.ts'
import { type Key, readKeys } from '../ui/keys.ts'
import type { Terminal } from '../ui/terminal.ts'
import type { Journal } from './journal.ts'
import { plain } from './plain.ts'
import { screen } from './screen.ts'

/** How a sitting came to its end. */
export interface Played {
  session: Session
  /** Ctrl-C was pressed, rather than q. */
  interrupted: boolean
}

/** Where a sitting is shown: a full screen, or line by line. */
interface Stage {
  show(session: Session, lines: () => string[]): void
  /** Gives the terminal back for a while, and takes it again. */
  aside(during: () => void): void
  close(): void
}

/**
 * Plays a sitting: keys become events, effects become rows. An answer is safe before the next card is shown. Whatever
 * ends it, the terminal is as it was.
 */
export async function play(
  begun: Session,
  journal: Journal,
  term: Terminal,
  write: (text: string) => void,
  now: () => Date,
): Promise<Played> {
  let session = begun
  let interrupted = false
  const stage = term.interactive ? fullScreen(term, () => session, now) : lineByLine(write)
  try {
    stage.show(session, () => plain(session, [], term.style, now()))
    for await (const key of readKeys(term.stdin)) {
      if (key === 'ctrl-z') {
        stage.aside(term.suspend)
        continue
      }
      interrupted = key === 'ctrl-c'
      const ended = await press(key)
      if (ended) return { session, interrupted }
    }
    // the input has ended, as a pipe does, or a terminal that was closed
    await advance({ type: 'quit' })
    return { session, interrupted }
  } finally {
    stage.close()
  }

  async function press(key: Key): Promise<boolean> {
    const event = eventFor(key, session.showing.phase)
    return event !== null && advance(event)
  }

  async function advance(event: Parameters<typeof step>[1]): Promise<boolean> {
    const at = now()
    const [next, effects] = step(session, event, at)
    if (next === session) return false
    for (const effect of effects) if (effect.type === 'attempt') await journal.save(effect)
    session = next
    const ended = session.showing.phase === 'done'
    if (ended) await journal.end(at)
    stage.show(session, () => plain(session, effects, term.style, now()))
    return ended
  }
}

const ENTER = '\x1b[?1049h\x1b[?25l'
const LEAVE = '\x1b[?25h\x1b[?1049l'

function fullScreen(term: Terminal, session: () => Session, now: () => Date): Stage {
  const { stdin, stdout } = term
  const draw = () => {
    const picture = screen(session(), term.size(), term.style as ChalkInstance, now())
    // every line is cleared behind its text, not before it, so that nothing flickers
    stdout.write(`\x1b[H${picture.split('\n').join('\x1b[K\r\n')}\x1b[K\x1b[J`)
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
    show: draw,
    aside(during) {
      leave()
      during()
      enter()
      draw()
    },
    close() {
      stdout.off('resize', draw)
      forget()
      leave()
      stdin.pause()
    },
  }
}

function lineByLine(write: (text: string) => void): Stage {
  return {
    show(_, lines) {
      const text = lines()
      if (text.length > 0) write(`${text.join('\n')}\n`)
    },
    aside: (during) => during(),
    close: () => {},
  }
}
