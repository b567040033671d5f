import type { ChalkInstance } from 'chalk'
import { GRADES } from '../core/card.ts'
import { formatDuration } from '../core/interval.ts'
import { plural } from '../core/plural.ts'
import {
  answersOf,
  type HardCard,
  heatLevel,
  heatLevels,
  type Retention,
  type Spent,
  type Statistics,
} from '../core/stats.ts'
import { calendar, columnChart, shadeLegend, share, shareLegend } from '../ui/chart.ts'
import type { View } from '../ui/output.ts'
import { oneLine } from '../ui/safe.ts'
import { table } from '../ui/table.ts'
import { padEnd, width, wrap } from '../ui/text.ts'

/** Narrower windows have no margin and fewer columns. */
const NARROW = 60
/** The calendar's two characters a week need as much; wider lines would say nothing more. */
const WIDEST = 112
/** Decks that a person is shown; a script gets all of them. */
const DECKS = 10
const CHART_ROWS = 5
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

/** The statistics as a person reads them, in a window of so many columns. */
export function statsPage(statistics: Statistics, columns: number, style: ChalkInstance): string {
  const margin = columns < NARROW ? '' : '  '
  const room = Math.max(1, Math.min(WIDEST, columns) - margin.length)
  const since = longDate(statistics.scope.since)
  const sections: [
    heading: string,
    draw: (statistics: Statistics, room: number, style: ChalkInstance) => string[],
  ][] = [
    [scopeName(statistics), summaryLines],
    ['Answers a day', calendarLines],
    ['Due a day', forecastLines],
    [`Retention since ${since}`, retentionLines],
    [`Confidence by ${statistics.confidence.by} since ${since}`, confidenceLines],
    ['Hardest cards', hardestLines],
  ]
  return sections
    .map(([heading, draw]) => [heading, draw(statistics, room, style)] as const)
    .filter(([, lines]) => lines.length > 0)
    .map(([heading, lines]) =>
      [
        ...wrap(heading, columns).map((line) => style.bold(line)),
        ...lines.map((line) => (margin + line).trimEnd()),
        '',
      ].join('\n'),
    )
    .join('\n')
}

function scopeName({ scope }: Statistics): string {
  return scope.decks ? scope.decks.map(({ name }) => oneLine(name)).join(', ') : 'All decks'
}

function summaryLines(
  { scope, today, streak, time }: Statistics,
  room: number,
  style: ChalkInstance,
): string[] {
  const cards = plural(today.cards, 'card') + (today.new > 0 ? `, ${count(today.new)} new` : '')
  const missing = streak.current > 0 && !streak.today ? ' · today is not in it yet' : ''
  const { all_time } = time
  const each =
    time.studied_days > 0 ? `, ${formatDuration(time.duration_ms / time.studied_days)} on each` : ''
  const first = all_time.since ? ` since ${longDate(all_time.since)}` : ''
  const rows = [
    ['Today', `${cards} · ${plural(today.answers, 'answer')} · ${formatDuration(today.duration_ms)}`],
    ['Streak', `${plural(streak.current, 'day')}, the longest ${count(streak.longest)}${missing}`],
    [`Since ${shortDate(scope.since)}`, `${spentText(time)} of ${count(time.days)}${each}`],
    ['Ever', spentText(all_time) + first],
  ] as const
  const names = Math.max(...rows.map(([name]) => width(name))) + 2
  return rows.flatMap(([name, text]) =>
    wrap(text, Math.max(1, room - names)).map(
      (line, index) => style.dim(padEnd(index === 0 ? name : '', names)) + line,
    ),
  )
}

function spentText({ duration_ms, answers, studied_days }: Spent): string {
  return `${plural(answers, 'answer')} · ${formatDuration(duration_ms)} on ${plural(studied_days, 'day')}`
}

function calendarLines({ heatmap }: Statistics, room: number, style: ChalkInstance): string[] {
  const levels = heatLevels(heatmap.map(({ answers }) => answers))
  const weeks = Array.from({ length: Math.ceil(heatmap.length / 7) }, (_, week) =>
    heatmap.slice(week * 7, week * 7 + 7),
  )
  const months = weeks.flatMap((week, at) => {
    const first = week.find(({ date }) => date.endsWith('-01'))
    return first ? [{ at, text: monthOf(first.date) }] : []
  })
  const shades = weeks.map((week) => week.map(({ answers }) => heatLevel(answers, levels)))
  return [...calendar(shades, months, room, style), ...filled(shadeLegend(levels, style), room)]
}

function forecastLines({ forecast }: Statistics, room: number, style: ChalkInstance): string[] {
  const due = forecast.map(({ due }) => due)
  const within = (days: number) => count(due.slice(0, days).reduce((sum, due) => sum + due, 0))
  const labels = forecast.flatMap(({ date }, at) =>
    at % 7 === 0 ? [{ at, text: at === 0 ? 'today' : shortDate(date) }] : [],
  )
  return [
    ...columnChart(due, labels, { columns: room, rows: CHART_ROWS }, style),
    ...filled(
      [
        `today ${within(1)}`,
        `tomorrow ${count(due[1] ?? 0)}`,
        `7 days ${within(7)}`,
        `${due.length} days ${within(due.length)}`,
      ],
      room,
    ),
  ]
}

const retentionView: View<Retention & { name: string }> = {
  columns: [
    { header: 'deck', value: ({ name }) => name, flexible: true },
    { header: 'reviews', value: ({ reviews }) => count(reviews), align: 'right' },
    { header: 'recalled', value: ({ rate }) => percent(rate, 1), align: 'right' },
    {
      header: '95% CI',
      value: ({ low, high }) => (low === null ? '' : `${percent(low, 0)}–${percent(high, 0)}`),
      align: 'right',
    },
  ],
  key: ({ name }) => name,
  empty: '',
}

function retentionLines({ retention }: Statistics, room: number, style: ChalkInstance): string[] {
  const { decks, all_time } = retention
  if (all_time.reviews === 0) return ['Nothing yet: it counts from the second time that you see a card.']
  const lines = [
    ...decks.slice(0, DECKS).map((deck) => ({ ...deck, name: deck.name ?? '(no longer yours to see)' })),
    ...(decks.length === 1 ? [] : [{ ...retention, name: 'together' }]),
    { ...all_time, name: 'ever' },
  ]
  const more = decks.length - DECKS
  return [
    ...tableLines(retentionView, lines, room, style),
    ...(more > 0 ? wrap(`${plural(more, 'more deck')}: rote stats --json`, room) : []),
  ]
}

function confidenceLines({ confidence }: Statistics, room: number, style: ChalkInstance): string[] {
  const { by, periods, now } = confidence
  const rows = [
    ...periods.map((period) => ({ name: stretchName[by](period.from), parts: period })),
    { name: 'cards now', parts: now },
  ].map(({ name, parts }) => ({ name, parts: GRADES.map((grade) => parts[grade]), all: answersOf(parts) }))
  const names = Math.max(...rows.map(({ name }) => width(name))) + 1
  const bar = Math.max(1, Math.min(40, room - names - PERCENT * GRADES.length))
  const lines = rows.map(({ name, parts, all }) => {
    const shares = parts.map((part) => percent(all === 0 ? null : part / all, 0).padStart(PERCENT))
    return style.dim(padEnd(name, names)) + share(parts, bar, style) + shares.join('')
  })
  const unseen = now.unseen > 0 ? [`${plural(now.unseen, 'card')} not asked yet`] : []
  return [...lines, ...filled([...shareLegend(['again', 'almost', 'got it'], style), ...unseen], room)]
}

const stretchName = {
  week: shortDate,
  month: (date: string) => `${monthOf(date)} ${date.slice(0, 4)}`,
  year: (date: string) => date.slice(0, 4),
} as const

/** Columns of a percentage without decimals, and the space before it. */
const PERCENT = 5

function hardestView(narrow: boolean): View<HardCard> {
  return {
    columns: [
      { header: 'id', value: ({ card_id }) => card_id.slice(0, 8) },
      {
        header: 'card',
        value: ({ question, direction }) => (direction === 'reverse' ? `(reverse) ${question}` : question),
        flexible: true,
      },
      ...(narrow ? [] : [{ header: 'deck', value: ({ deck }: HardCard) => deck, flexible: true as const }]),
      { header: 'lapses', value: ({ lapses }) => lapses, align: 'right' },
      ...(narrow
        ? []
        : [
            {
              header: 'difficulty',
              value: ({ difficulty }: HardCard) => difficulty.toFixed(1),
              align: 'right' as const,
            },
          ]),
      { header: '', value: ({ leech, suspended }) => (suspended ? 'suspended' : leech ? 'leech' : '') },
    ],
    key: ({ card_id }) => card_id,
    empty: '',
  }
}

function hardestLines({ hardest, leeches }: Statistics, room: number, style: ChalkInstance): string[] {
  if (hardest.length === 0) return []
  const advice = `${count(leeches.cards)} with ${leeches.lapses} lapses or more: leeches. Write them anew: rote card edit <id>`
  return [
    ...tableLines(hardestView(room < NARROW), hardest, room, style),
    ...(leeches.cards > 0 ? wrap(advice, room) : []),
  ]
}

function tableLines<Row>(view: View<Row>, rows: Row[], room: number, style: ChalkInstance): string[] {
  return table(view, rows, style, room).trimEnd().split('\n')
}

/** Items beside each other, in as many lines as they need. */
function filled(items: readonly string[], columns: number): string[] {
  const lines: string[] = []
  for (const item of items) {
    const longer = lines.length > 0 ? `${lines.at(-1)}   ${item}` : item
    if (lines.length > 0 && width(longer) <= columns) lines[lines.length - 1] = longer
    else lines.push(item)
  }
  return lines
}

const count = (number: number) => number.toLocaleString('en')

function percent(share: number | null, digits: number): string {
  return share === null ? '–' : `${(share * 100).toFixed(digits)}%`
}

function monthOf(date: string): string {
  return MONTHS[Number(date.slice(5, 7)) - 1] ?? ''
}

/** `9 Mar`. */
function shortDate(date: string): string {
  return `${Number(date.slice(8))} ${monthOf(date)}`
}

/** `9 Mar 2026`. */
function longDate(date: string): string {
  return `${shortDate(date)} ${date.slice(0, 4)}`
}
