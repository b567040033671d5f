import { type Session, shownIn, type Tally } from './session.ts'

/**
 * How far the sitting is. A card is done when it does not come back today, so `done` never falls and `left`
 * never grows, unless something is undone.
 */
interface Progress {
  total: number
  done: number
  left: number
  /** Of those left, the ones that were answered and have to come back. */
  returning: number
}

/** See `Progress`; the card on the screen counts as left. */
export function progress({ showing, queue, waiting, total }: Session): Progress {
  const onScreen = shownIn(showing)
  const left = queue.length + waiting.length + (onScreen ? 1 : 0)
  const returning = waiting.length + (onScreen && !onScreen.first ? 1 : 0)
  return { total, done: total - left, left, returning }
}

/** The account of a sitting, at its end or so far. */
export interface Summary extends Tally, Progress {
  answers: number
  gone: number
  set_aside: number
  started_at: Date
  ended_at: Date
}

/** Adds the sitting up; `at` is taken as its end while it is still going on. */
export function summary(session: Session, at: Date): Summary {
  const { tally, started_at, showing, gone, set_aside } = session
  const { again, almost, got_it } = tally.grades
  const ended_at = showing.phase === 'done' ? showing.ended_at : at
  const answers = again + almost + got_it
  return { ...tally, ...progress(session), answers, gone, set_aside, started_at, ended_at }
}
