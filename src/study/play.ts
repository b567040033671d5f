import { randomUUID } from 'node:crypto'
import type { Draft } from '../core/draft.ts'
import { eventFor, type KeyEvent } from '../core/keymap.ts'
import { type Effect, type Session, type SessionEvent, shownIn, step } from '../core/session.ts'
import { keyOf, type StudyCard } from '../core/study-card.ts'
import { CliError } from '../errors.ts'
import { type Key, readKeys } from '../ui/keys.ts'
import { plainLines, textLines } from '../ui/markup.ts'
import type { Terminal } from '../ui/terminal.ts'
import type { Journal } from './journal.ts'
import { plain } from './plain.ts'
import { GAP, hints, type Look, screen } from './screen.ts'

/** How a sitting came to its end. */
export interface Played {
  session: Session
  /** Ctrl-C was pressed, rather than q. */
  interrupted: boolean
}

/** What a sitting is played with. */
export interface Surroundings {
  journal: Journal
  term: Terminal
  look: Look
  /** Line by line, whatever the terminal can. */
  plain: boolean
  write(text: string): Promise<void>
  now(): Date
  /** Lets the person write the card anew, and stores it; null when they left it as it was. */
  edit(card: StudyCard): Promise<Draft | null>
}

/** Where a sitting is shown: a full screen, or line by line. */
interface Stage {
  show(before: Session | null, session: Session, effects: readonly Effect[]): Promise<void>
  scroll(session: Session, by: 'line' | 'page', down: boolean): void
  /** Gives the terminal back for a while, and takes it again. */
  aside<T>(during: () => T | Promise<T>): Promise<T>
  close(): void
}

/**
 * Plays a sitting: keys become events, effects become rows. An answer is safe before the next card is shown. Whatever
 * ends it, the terminal is as it was.
 */
export async function play(begun: Session, surroundings: Surroundings): Promise<Played> {
  const { journal, term, look, now } = surroundings
  let session = begun
  let interrupted = false
  const full = term.interactive && !term.dumb && !surroundings.plain
  const stage = full
    ? fullScreen(term, look, () => session, now)
    : lineByLine(term, look, surroundings.write, now)
  try {
    await stage.show(null, session, [])
    for await (const key of readKeys(term.stdin)) {
      if (key === 'ctrl-z') {
        await stage.aside(term.suspend)
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
    const event = eventFor(look.keys, key, session.showing.phase)
    if (!event) return false
    if (event.type === 'scroll') {
      stage.scroll(session, event.by, event.down)
      return false
    }
    if (event.type === 'edit') return advance(await edited())
    return advance(identified(event))
  }

  async function advance(event: SessionEvent): Promise<boolean> {
    const at = now()
    const before = session
    const [next, effects] = step(session, event, at)
    if (next === session) return false
    try {
      session = await carriedOut(next, effects, at)
    } catch (error) {
      const told = refusal(error)
      if (!told) throw error
      return advance(told)
    }
    await stage.show(before, session, effects)
    return session.showing.phase === 'done'
  }

  /** Makes rows of the effects; the session comes back with what the database knows better. */
  async function carriedOut(next: Session, effects: readonly Effect[], at: Date): Promise<Session> {
    let result = next
    for (const effect of effects) {
      if (effect.type !== 'attempt') {
        const card = await unlessInterrupted(term, journal.carryOut(effect, at))
        if (card) result = await follow(result, { type: 'refreshed', card }, at)
        continue
      }
      const upcoming = shownIn(next.showing)?.card ?? null
      const saved = await unlessInterrupted(term, journal.save(effect, upcoming))
      // the answer could not be kept: nobody is there any more to have one
      if (saved.kind === 'gone') return pastTheGone(await follow(session, { type: 'gone' }, at), at)
      if (saved.schedule)
        result = await follow(
          result,
          { type: 'refreshed', card: { ...effect.card, schedule: saved.schedule } },
          at,
        )
      if (upcoming && saved.upcoming === null)
        result = await pastTheGone(await follow(result, { type: 'gone' }, at), at)
      if (upcoming && saved.upcoming) {
        // how it is asked is for this sitting to say
        const card = {
          ...saved.upcoming,
          typed: upcoming.typed,
          desired_retention: upcoming.desired_retention,
        }
        if (JSON.stringify(card) !== JSON.stringify(upcoming))
          result = await follow(result, { type: 'refreshed', card }, at)
      }
    }
    return result
  }

  /** Where one card is gone its whole deck may be: nobody is asked what could not be kept. */
  async function pastTheGone(from: Session, at: Date): Promise<Session> {
    let result = from
    for (let card = shownIn(result.showing)?.card; card; card = shownIn(result.showing)?.card) {
      if (await unlessInterrupted(term, journal.isThere(card))) return result
      result = await follow(result, { type: 'gone' }, at)
    }
    return result
  }

  /** A step whose effects can only be the end. */
  async function follow(from: Session, event: SessionEvent, at: Date): Promise<Session> {
    const [next, effects] = step(from, event, at)
    for (const effect of effects)
      if (effect.type === 'end') await unlessInterrupted(term, journal.carryOut(effect, at))
    return next
  }

  async function edited(): Promise<SessionEvent> {
    const { showing } = session
    if (!('card' in showing)) return { type: 'notice', text: '' }
    if (!showing.card.editable) return { type: 'notice', text: 'You may not change the cards of this deck.' }
    try {
      const draft = await stage.aside(() => surroundings.edit(showing.card))
      if (draft && look.lines === plainLines) look.lines = await textLines([draft.question, draft.answer])
      return draft ? { type: 'edited', draft } : { type: 'notice', text: 'Nothing was changed.' }
    } catch (error) {
      const told = refusal(error)
      if (!told) throw error
      return told
    }
  }
}

/** What is wrong with a card or an editor is said on the screen, and the sitting goes on. */
function refusal(error: unknown): SessionEvent | null {
  if (!(error instanceof CliError) || error.kind === 'interrupted') return null
  if (error.kind === 'unavailable' || error.kind === 'try_later') return null
  return { type: 'notice', text: error.hint ? `${error.message} ${error.hint}` : error.message }
}

function identified(
  event: Exclude<KeyEvent, { type: 'edit' | 'scroll' }> | { type: 'type'; text: string },
): SessionEvent {
  return event.type === 'grade' || event.type === 'take' ? { ...event, attempt_id: randomUUID() } : event
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

function fullScreen(term: Terminal, look: Look, session: () => Session, now: () => Date): Stage {
  const { stdin, stdout } = term
  let offset: number | null = null
  const frame = () => screen(session(), term.size(), look, now(), offset)
  const draw = () => {
    // every line is cleared behind its text, not before it, so that nothing flickers
    stdout.write(`\x1b[H${frame().text.split('\n').join('\x1b[K\r\n')}\x1b[K\x1b[J`)
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
    async show(before, session) {
      if (!before || place(before) !== place(session)) offset = null
      draw()
    },
    scroll(_, by, down) {
      const { offset: from, last, page } = frame()
      offset = Math.min(last, Math.max(0, from + (by === 'page' ? page : 1) * (down ? 1 : -1)))
      draw()
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

/** What a window scrolls over: it begins at the top again with another card, or another side of it. */
function place({ showing }: Session): string {
  return 'card' in showing ? `${showing.phase} ${keyOf(showing.card)}` : showing.phase
}

function lineByLine(
  term: Terminal,
  look: Look,
  write: (text: string) => Promise<void>,
  now: () => Date,
): Stage {
  const { stdin } = term
  const raw = (on: boolean) => {
    // its keys are keys all the same, and need no Enter
    if (stdin.isTTY) stdin.setRawMode?.(on)
  }
  raw(true)
  return {
    async show(before, session, effects) {
      const lines = plain(before, session, effects, look, now())
      if (stdin.isTTY) await write(echo(before, session))
      // somebody who is not a script has to know how it begins
      const keys = before || !stdin.isTTY ? [] : hints(session, look, now()).map(({ name }) => name)
      if (keys.length > 0) lines.push(`   ${keys.join(GAP)}`)
      if (lines.length > 0) await write(`${lines.join('\n')}\n`)
    },
    // nothing is cut off here
    scroll() {},
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

/** In raw mode a terminal does not show what is typed. */
function echo(before: Session | null, { showing }: Session): string {
  if (before?.showing.phase !== 'typing') return ''
  if (showing.phase !== 'typing') return '\n'
  const [old, text] = [before.showing.text, showing.text]
  return text.startsWith(old) ? text.slice(old.length) : `\n${text}`
}
