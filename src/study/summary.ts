import type { ChalkInstance } from 'chalk'
import { formatDuration } from '../core/interval.ts'
import { plural } from '../core/plural.ts'
import type { Summary } from '../core/progress.ts'
import type { StudyCard } from '../core/study-card.ts'
import { oneLine } from '../ui/safe.ts'
import { padEnd, truncate } from '../ui/text.ts'

/**
 * The end of a sitting, for the normal screen. `dueTomorrow` counts the cards due by the end
 * of the next study day; leeches are named, so that something is done about them.
 */
export function summaryText(
  summary: Summary,
  leeches: readonly StudyCard[],
  dueTomorrow: number,
  style: ChalkInstance,
): string {
  const { cards, answers, first_try, duration_ms, left, total, gone, set_aside } = summary
  const title = left === 0 ? 'All done for today.' : `Stopped with ${left} of ${plural(total, 'card')} left.`
  const rows = [
    ['Cards', cards === answers ? `${cards}` : `${cards}, in ${plural(answers, 'answer')}`],
    ['Right at first try', cards === 0 ? '–' : `${first_try} of ${cards} (${percent(first_try, cards)})`],
    ['Time', formatDuration(duration_ms)],
    ['Due by tomorrow', `${dueTomorrow}`],
    ...(set_aside > 0 ? [['Set aside', plural(set_aside, 'card')] as const] : []),
    ...(gone > 0 ? [['Gone', `${plural(gone, 'card')}, deleted or answered elsewhere`] as const] : []),
    ...leeches.map((card) => ['Leech', truncate(oneLine(card.question), 50)] as const),
  ] as const
  return [
    style.bold(title),
    '',
    ...rows.map(([name, value]) => `  ${style.dim(padEnd(name, 20))}${value}`),
  ].join('\n')
}

function percent(part: number, whole: number): string {
  return `${Math.round((part / whole) * 100)}%`
}
