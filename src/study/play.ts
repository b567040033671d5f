import { randomUUID } from 'node:crypto'
import type { Draft } from '../core/draft.ts'
import { eventFor, type KeyEvent } from '../core/keymap.ts'
import { type Effect, type Session, type SessionEvent, shownIn, step } from '../core/session.ts'
import { keyOf, type StudyCard } from '../core/study-card.ts'
import { CliError } from '../errors.ts'
import { GAP } from '../ui/frame.ts'
import { unlessInterrupted } from '../ui/interrupt.ts'
import { type Key, readKeys } from '../ui/keys.ts'
import { plainLines, textLines } from '../ui/markup.ts'
import { fullScreen, lineScreen } from '../ui/stage.ts'
import type { Terminal } from '../ui/terminal.ts'
import type { Journal } from './journal.ts'
import { plain } from './plain.ts'
import { hints, type Look, screen } from './screen.ts'

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
  scroll(by: 'line' | 'page', down: boolean): void
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
    ? inFull(term, look, () => session, now)
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
    look.pictures?.close()
    stage.close()
  }

  async function press(key: Key): Promise<boolean> {
    const event = eventFor(look.keys, key, session.showing.phase)
    if (!event) return false
    if (event.type === 'scroll') {
      stage.scroll(event.by, event.down)
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
        const card = await waited(term, journal.carryOut(effect, at))
        if (card) result = await follow(result, { type: 'refreshed', card }, at)
        continue
      }
      const upcoming = shownIn(next.showing)?.card ?? null
      const saved = await waited(term, journal.save(effect, upcoming))
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
      if (await waited(term, journal.isThere(card))) return result
      result = await follow(result, { type: 'gone' }, at)
    }
    return result
  }

  /** A step whose effects can only be the end. */
  async function follow(from: Session, event: SessionEvent, at: Date): Promise<Session> {
    const [next, effects] = step(from, event, at)
    for (const effect of effects) if (effect.type === 'end') await waited(term, journal.carryOut(effect, at))
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

/** Waits for the database; Ctrl-C ends the wait. */
function waited<T>(term: Terminal, work: Promise<T>): Promise<T> {
  return unlessInterrupted(term, work, 'the last answer may not be saved.')
}

function inFull(term: Terminal, look: Look, session: () => Session, now: () => Date): Stage {
  const { pictures } = look
  const { draw, scroll, aside, close } = fullScreen(term, {
    frame: (offset) => screen(session(), term.size(), look, now(), offset),
    place: () => place(session()),
    ...(pictures && { graphic: pictures.graphic }),
  })
  pictures?.onCome(draw)
  const show = async () => {
    draw()
    const { queue, waiting } = session()
    for (const card of [queue[0], waiting[0]?.card]) if (card) pictures?.ahead(card)
  }
  return { show, scroll, aside, close }
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
  return {
    ...lineScreen(term),
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
  }
}

/** In raw mode a terminal does not show what is typed. */
function echo(before: Session | null, { showing }: Session): string {
  if (before?.showing.phase !== 'typing') return ''
  if (showing.phase !== 'typing') return '\n'
  const [old, text] = [before.showing.text, showing.text]
  return text.startsWith(old) ? text.slice(old.length) : `\n${text}`
}
