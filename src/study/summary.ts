import type { ChalkInstance } from 'chalk'
import { formatDuration } from '../core/interval.ts'
import { plural } from '../core/plural.ts'
import type { Summary } from '../core/session.ts'
import { padEnd } from '../ui/text.ts'

/**
 * The end of a sitting, for the normal screen. `dueTomorrow` counts the cards due by the end
 * of the next study day.
 */
export function summaryText(summary: Summary, dueTomorrow: number, style: ChalkInstance): string {
  const { cards, answers, first_try, duration_ms, left, total, gone } = summary
  const title = left === 0 ? 'All done for today.' : `Stopped with ${left} of ${plural(total, 'card')} left.`
  const rows = [
    ['Cards', cards === answers ? `${cards}` : `${cards}, in ${plural(answers, 'answer')}`],
    ['Right at first try', cards === 0 ? '–' : `${first_try} of ${cards} (${percent(first_try, cards)})`],
    ['Time', formatDuration(duration_ms)],
    ['Due tomorrow', `${dueTomorrow}`],
    ...(gone > 0 ? [['Gone', `${plural(gone, 'card')}, deleted meanwhile`] as const] : []),
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
