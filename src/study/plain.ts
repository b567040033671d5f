import { formatInterval } from '../core/interval.ts'
import { progress } from '../core/progress.ts'
import type { Effect, Session } from '../core/session.ts'
import { asked, expected } from '../core/study-card.ts'
import { difference } from '../ui/difference.ts'
import { GAP, labelled, namesOf, tidy } from '../ui/frame.ts'
import { oneLine } from '../ui/safe.ts'
import { padEnd } from '../ui/text.ts'
import { factsOf, hints, type Look, VERDICTS } from './screen.ts'

/** Nobody looks at it: the lines may be long. */
const PLAIN_WIDTH = 1000

/**
 * What a pipe or a screen reader is told after a step: each answer given, what else was done, then what is now shown,
 * line by line. It is for a session that changed; a step that changed nothing has nothing to tell.
 */
export function plain(
  before: Session | null,
  session: Session,
  effects: readonly Effect[],
  look: Look,
  at: Date,
): string[] {
  const notice = session.notice && session.notice !== before?.notice ? [`   ${tidy(session.notice)}`] : []
  const isSame = before?.showing === session.showing
  return [
    ...effects.flatMap((effect) => plainEffect(effect, look)),
    ...notice,
    ...(isSame ? [] : plainShowing(session, look, at)),
  ]
}

function plainEffect(effect: Effect, { keys }: Look): string[] {
  if (effect.type !== 'attempt') return []
  const { confidence_status, schedule, attempted_at } = effect
  const label = keys.find(({ action }) => action === confidence_status)?.label
  const next = schedule ? `, next in ${formatInterval(schedule.due.getTime() - attempted_at.getTime())}` : ''
  return [`-> ${label}${next}`, '']
}

function plainShowing(session: Session, look: Look, at: Date): string[] {
  const { showing } = session
  switch (showing.phase) {
    case 'question':
    case 'typing': {
      // each character that is typed is a step of its own
      if (showing.phase === 'typing' && showing.text !== '') return []
      const { done, total } = progress(session)
      const { card } = showing
      const facts = ['', ...factsOf(card)].join(', ')
      return [
        `${oneLine(card.deck)}, ${done} of ${total} done${facts}`,
        ...labelled('Q', asked(card)),
        ...pictured(look.pictures?.words(card, 'asked')),
      ]
    }
    case 'answer': {
      const grades = hints(session, look, at).filter(({ aside }) => !aside)
      const keys = grades.map(({ name, interval }) => (interval ? `${name} ${interval}` : name))
      const { judgement, typed } = showing
      const verdict =
        judgement && typed?.trim()
          ? [VERDICTS[judgement.verdict], ...difference(judgement.parts, look.style, PLAIN_WIDTH, false)].map(
              (line) => `   ${line}`,
            )
          : []
      return [
        ...labelled('A', expected(showing.card)),
        ...pictured(look.pictures?.words(showing.card, 'expected')),
        ...verdict,
        `   ${keys.join(GAP)}`,
      ]
    }
    case 'help':
      return look.keys
        .filter(({ action }) => action !== 'close')
        .map((binding) => `   ${padEnd(namesOf(binding), 10)}${binding.help}`)
    case 'source': {
      const { source, source_page, source_quote } = showing.covers.card
      const where = [
        source ?? 'written by hand',
        ...(source_page === null ? [] : [`page ${source_page}`]),
      ].join(', ')
      return [...labelled('W', where), ...(source_quote ? labelled('"', source_quote) : [])]
    }
    case 'done':
      return []
    default:
      return showing satisfies never
  }
}

function pictured(words: readonly string[] = []): string[] {
  return words.map((line) => `   ${line}`)
}
