import type { ChalkInstance } from 'chalk'
import { formatInterval } from '../core/interval.ts'
import { KEYS } from '../core/keymap.ts'
import { type Effect, progress, type Session } from '../core/session.ts'
import { oneLine } from '../ui/safe.ts'
import { padEnd } from '../ui/text.ts'
import { GAP, hints, tidy } from './screen.ts'

/**
 * What a pipe or a screen reader is told after a step: each answer given, then what is now shown, line by
 * line. It is for a session that changed; a step that changed nothing has nothing to tell.
 */
export function plain(
  session: Session,
  effects: readonly Effect[],
  style: ChalkInstance,
  at: Date,
): string[] {
  return [...effects.flatMap(plainEffect), ...plainShowing(session, style, at)]
}

function plainEffect(effect: Effect): string[] {
  if (effect.type !== 'attempt') return []
  const { confidence_status, schedule, attempted_at } = effect
  const label = KEYS.find(({ action }) => action === confidence_status)?.label
  return [`-> ${label}, next in ${formatInterval(schedule.due.getTime() - attempted_at.getTime())}`, '']
}

function plainShowing(session: Session, style: ChalkInstance, at: Date): string[] {
  const { showing } = session
  switch (showing.phase) {
    case 'question': {
      const { done, total } = progress(session)
      const { deck, question } = showing.card
      return [`${oneLine(deck)}, ${done} of ${total} done`, ...labelled('Q', question)]
    }
    case 'answer': {
      const grades = hints(session, style, at).filter(({ interval }) => interval)
      const keys = grades.map(({ name, interval }) => `${name} ${interval}`)
      return [...labelled('A', showing.card.answer), `   ${keys.join(GAP)}`]
    }
    case 'help':
      return KEYS.map(({ keys: [key = ''], help }) => `   ${padEnd(key, 10)}${help}`)
    case 'done':
      return []
    default:
      return showing satisfies never
  }
}

/** A text behind its letter, with its further lines under the first. */
function labelled(letter: string, text: string): string[] {
  return tidy(text)
    .split('\n')
    .map((line, index) => `${index === 0 ? letter : ' '}  ${line}`.trimEnd())
}
