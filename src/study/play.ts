import type { ChalkInstance } from 'chalk'
import { eventFor } from '../core/keymap.ts'
import { type Session, type SessionEvent, step } from '../core/session.ts'
import { CliError } from '../errors.ts'
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
  show(lines: () => string[]): Promise<void>
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
  write: (text: string) => Promise<void>,
  now: () => Date,
): Promise<Played> {
  let session = begun
  let interrupted = false
  const stage =
    term.interactive && !term.dumb ? fullScreen(term, () => session, now) : lineByLine(term, write)
  try {
    await stage.show(() => plain(session, [], term.style, now()))
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

  async function advance(event: SessionEvent): Promise<boolean> {
    const at = now()
    const [next, effects] = step(session, event, at)
    if (next === session) return false
    const attempt = effects.find((effect) => effect.type === 'attempt')
    const saved = !attempt || (await unlessInterrupted(term, journal.save(attempt)))
    if (!saved) return advance({ type: 'gone' })
    session = next
    const ended = session.showing.phase === 'done'
    if (ended) await unlessInterrupted(term, journal.end(at))
    await stage.show(() => plain(session, effects, term.style, now()))
    return ended
  }
}

/** An answer is usually safe long before that. */
const LISTEN_AFTER_MS = 300
const CTRL_C = 3

/**
 * Waits for the database, and lets Ctrl-C end the wait: while it lasts nobody else reads the keys, and in raw mode
 * Ctrl-C is one. Other keys that come meanwhile are given back.
 */
async function unlessInterrupted<T>({ stdin, interactive }: Terminal, work: Promise<T>): Promise<T> {
  if (!interactive) return work
  const early: Buffer[] = []
  let onKeys: ((keys: Buffer) => void) | undefined
  const interrupted = new Promise<never>((_, reject) => {
    onKeys = (keys) => {
      if (!keys.includes(CTRL_C)) return void early.push(keys)
      reject(
        new CliError(
          'interrupted',
          'Stopped while the database did not answer: the last answer may not be saved.',
        ),
      )
    }
  })
  const listening = setTimeout(() => onKeys && stdin.on('data', onKeys).resume(), LISTEN_AFTER_MS)
  try {
    return await Promise.race([work, interrupted])
  } finally {
    clearTimeout(listening)
    if (onKeys && stdin.listeners('data').includes(onKeys)) stdin.off('data', onKeys).pause()
    for (const keys of early.reverse()) stdin.unshift(keys)
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
    show: async () => draw(),
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

function lineByLine({ stdin }: Terminal, write: (text: string) => Promise<void>): Stage {
  // a dumb terminal: its keys are keys all the same, and need no Enter
  if (stdin.isTTY) stdin.setRawMode?.(true)
  return {
    async show(lines) {
      const text = lines()
      if (text.length > 0) await write(`${text.join('\n')}\n`)
    },
    aside: (during) => during(),
    close() {
      if (stdin.isTTY) stdin.setRawMode?.(false)
      stdin.pause()
    },
  }
}
