import {
  type Candidate,
  type Regenerated,
  type Review,
  type ReviewEffect,
  type ReviewEvent,
  shownItem,
  step,
} from '../core/generate/review.ts'
import { reviewEventFor } from '../core/generate/review-keys.ts'
import { CliError } from '../errors.ts'
import { unlessCalledOff, unlessInterrupted } from '../ui/interrupt.ts'
import { type Key, readKeys } from '../ui/keys.ts'
import { plainLines, textLines } from '../ui/markup.ts'
import { fullScreen, lineScreen } from '../ui/stage.ts'
import type { Terminal } from '../ui/terminal.ts'
import type { Desk, Stored } from './desk.ts'
import { reviewPlain } from './review-plain.ts'
import { type ReviewLook, reviewScreen } from './review-screen.ts'

/** Asks a model for a candidate anew, with what a person has to say about it. It may fail in words of its own. */
export type Regenerate = (
  candidate: Candidate,
  remark: string,
  signal: AbortSignal,
) => Promise<Regenerated | { failed: string }>

/** What a review is played with. */
export interface ReviewSurroundings {
  desk: Desk
  term: Terminal
  look: ReviewLook
  /** Line by line, whatever the terminal can. */
  plain: boolean
  write(text: string): Promise<void>
  /** Lets the person write a candidate anew, and stores it; null when they left it as it was. */
  edit(candidate: Candidate): Promise<{ question: string; answer: string } | null>
  regenerate: Regenerate
}

/** How a review came to its end. */
export interface Reviewed {
  review: Review
  /** Ctrl-C was pressed, rather than q. */
  interrupted: boolean
}

/** Where a review is shown: a full screen, or line by line. */
interface Stage {
  show(before: Review | null, review: Review): Promise<void>
  /** False when all of it is to be seen. */
  scroll(by: 'line' | 'page', down: boolean): boolean
  aside<T>(during: () => T | Promise<T>): Promise<T>
  close(): void
}

/**
 * Plays a review in a terminal: keys become events, effects become rows. A decision is safe before the next candidate is
 * shown. Whatever ends it, the terminal is as it was.
 */
export async function playReview(begun: Review, surroundings: ReviewSurroundings): Promise<Reviewed> {
  const { desk, term, look } = surroundings
  let review = begun
  const stage = term.dumb || surroundings.plain ? inLines() : inFull()
  try {
    await stage.show(null, review)
    for (let open = true; open; ) {
      open = false
      for await (const key of readKeys(term.stdin)) {
        if (key === 'ctrl-z') {
          await stage.aside(term.suspend)
          continue
        }
        const asked = await press(key)
        if (review.showing.phase === 'left') return { review, interrupted: key === 'ctrl-c' }
        // what was typed, or pasted, before there was an answer of the model is not meant for it
        open = asked
        if (asked) break
      }
    }
    // a terminal that was closed
    return { review, interrupted: false }
  } finally {
    stage.close()
  }

  /** True when the model was asked. */
  async function press(key: Key): Promise<boolean> {
    const event = reviewEventFor(key, review.showing.phase)
    if (!event) return false
    if (event.type === 'edit') return advance(await edited())
    if (event.type !== 'scroll') return advance(event)
    const scrolled = stage.scroll(event.by, event.down)
    if (scrolled || event.by !== 'line' || review.showing.phase !== 'candidate') return false
    return advance({ type: 'move', by: event.down ? 1 : -1 })
  }

  async function advance(event: ReviewEvent): Promise<boolean> {
    const before = review
    const [next, effects] = step(review, event)
    if (next === review && effects.length === 0) return false
    const asked = effects.find((effect) => effect.type === 'regenerate')
    try {
      review = await carriedOut(next, effects, event.type === 'move')
    } catch (error) {
      const told = refusal(error)
      // of several some may have been done
      if (effects.length > 1)
        review = step(review, { type: 'refreshed', candidates: await waited(desk.load()) })[0]
      return advance(told)
    }
    await stage.show(before, review)
    if (asked) await advance(await regenerated(asked))
    return asked !== undefined
  }

  /** Makes rows of the effects, and looks whether what is shown next is still as it was. */
  async function carriedOut(next: Review, effects: readonly ReviewEffect[], moved: boolean): Promise<Review> {
    const source = effects.find((effect) => effect.type === 'source')
    if (source) {
      const text = await waited(desk.source(source.candidate))
      return step(next, { type: 'loaded', text })[0]
    }
    const stored = effects.filter((effect): effect is Stored => effect.type !== 'regenerate')
    const upcoming = shownItem(next)
    const isNews =
      next.showing.phase === 'candidate' &&
      upcoming?.decision === 'proposed' &&
      upcoming.candidate !== shownItem(review)?.candidate
    const [refusals, isCurrent] = await waited(
      Promise.all([
        inTurn(stored.map((effect) => () => desk.carryOut(effect))),
        isNews ? desk.isCurrent(upcoming.candidate) : true,
      ]),
    )
    const told = refusals.length > 0 ? step(next, { type: 'refused', refusals })[0] : next
    const isOver = told.showing.phase === 'end' && review.showing.phase !== 'end'
    if (isCurrent && refusals.length === 0 && !isOver) return renewed(told)
    return renewed(step(told, { type: 'refreshed', candidates: await waited(desk.load()), moved })[0])
  }

  /** Texts that came in may be the first with Markdown. */
  async function renewed(next: Review): Promise<Review> {
    const candidate = shownItem(next)?.candidate
    if (candidate && look.lines === plainLines)
      look.lines = await textLines([candidate.question, candidate.answer])
    return next
  }

  async function regenerated({
    candidate,
    remark,
  }: Extract<ReviewEffect, { type: 'regenerate' }>): Promise<ReviewEvent> {
    try {
      const result = await unlessCalledOff(term, (signal) =>
        surroundings.regenerate(candidate, remark, signal),
      )
      if (result === null) return { type: 'called_off' }
      return 'failed' in result ? { type: 'failed', text: result.failed } : { type: 'regenerated', result }
    } catch (error) {
      if (error instanceof CliError) return { type: 'failed', text: sentence(error) }
      throw error
    }
  }

  async function edited(): Promise<ReviewEvent> {
    const item = shownItem(review)
    if (item?.decision !== 'proposed')
      return { type: 'notice', text: 'It is decided. u takes the last decision back.' }
    try {
      const text = await stage.aside(() => surroundings.edit(item.candidate))
      return text ? { type: 'edited', text } : { type: 'notice', text: 'Nothing was changed.' }
    } catch (error) {
      return refusal(error)
    }
  }

  function waited<T>(work: Promise<T>): Promise<T> {
    return unlessInterrupted(term, work, 'the last decision may not be saved.')
  }

  function inFull(): Stage {
    const { draw, scroll, aside, close } = fullScreen(term, {
      frame: (offset) => reviewScreen(review, term.size(), look, offset),
      place: () => `${review.showing.phase} ${shownItem(review)?.candidate.candidate_id}`,
    })
    return { show: async () => draw(), scroll, aside, close }
  }

  function inLines(): Stage {
    return {
      ...lineScreen(term),
      async show(before, now) {
        const lines = reviewPlain(before, now, look)
        const echoed = echo(before, now)
        if (lines.length > 0 || echoed)
          await surroundings.write(`${echoed}${lines.map((line) => `${line}\n`).join('')}`)
      },
      // nothing is cut off here
      scroll: () => false,
    }
  }
}

/** What is wrong with a candidate, an editor or the deck is said on the screen, and the review goes on. Throws the rest. */
function refusal(error: unknown): ReviewEvent {
  const goesOn =
    error instanceof CliError && !['interrupted', 'unavailable', 'try_later'].includes(error.kind)
  if (!goesOn) throw error
  return { type: 'notice', text: sentence(error) }
}

function sentence({ message, hint }: CliError): string {
  return hint ? `${message} ${hint}` : message
}

async function inTurn<T>(works: readonly (() => Promise<T[]>)[]): Promise<T[]> {
  const results: T[] = []
  for (const work of works) results.push(...(await work()))
  return results
}

/** In raw mode a terminal does not show what is typed. */
function echo(before: Review | null, { showing }: Review): string {
  const old = before?.showing.phase === 'remark' ? before.showing.text : null
  if (showing.phase !== 'remark') return old === null ? '' : '\n'
  if (old === null) return ''
  return showing.text.startsWith(old) ? showing.text.slice(old.length) : `\n${showing.text}`
}
