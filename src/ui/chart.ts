import type { ChalkInstance } from 'chalk'

// Pictures made of characters. What a colour says a character says too, and the colours that stand beside each other,
// cyan, yellow and red, are told apart by people who do not see red or green.

/** A text that stands where a cell is, such as a month over its first week. */
interface Label {
  at: number
  text: string
}

/** From nothing to a lot: each denser than the one before. */
const SHADES = ['·', '░', '▒', '▓', '█'] as const
const WEEKDAYS = ['Mon', '', 'Wed', '', 'Fri', '', 'Sun'] as const
const WEEKDAY_COLUMNS = 4

/**
 * Weeks as columns, Monday first: as many of the latest as fit into `columns`, in cells of two characters where all of
 * them fit. A day is a level from 0 to 4, null before the first and after the last. `months` stand above, by the index
 * of their first week.
 */
export function calendar(
  weeks: readonly (readonly (number | null)[])[],
  months: readonly Label[],
  columns: number,
  style: ChalkInstance,
): string[] {
  const room = Math.max(1, columns - WEEKDAY_COLUMNS)
  const cell = weeks.length * 2 <= room ? 2 : 1
  const shown = Math.min(weeks.length, Math.floor(room / cell))
  const hidden = weeks.length - shown
  const above = labelLine(
    months.filter(({ at }) => at >= hidden).map(({ at, text }) => ({ at: (at - hidden) * cell, text })),
    room,
  )
  return [
    style.dim(' '.repeat(WEEKDAY_COLUMNS) + above),
    ...WEEKDAYS.map((name, weekday) => {
      const days = weeks.slice(hidden).map((week) => shade(week[weekday] ?? null, cell, style))
      return style.dim(name.padEnd(WEEKDAY_COLUMNS)) + days.join('')
    }),
  ]
}

/** What the shades of a calendar mean: `levels` has the count from which on a day is of each level. */
export function shadeLegend(levels: readonly number[], style: ChalkInstance): string[] {
  const ranges = levels.flatMap((from, index) => {
    const next = levels[index + 1]
    if (next !== undefined && next <= from) return []
    const to = next === undefined ? '+' : next - 1 === from ? '' : `–${next - 1}`
    return [`${shade(index + 1, 1, style)} ${from}${to}`]
  })
  return [`${shade(0, 1, style)} none`, ...ranges]
}

function shade(level: number | null, columns: number, style: ChalkInstance): string {
  if (level === null) return ' '.repeat(columns)
  if (level === 0) return style.dim(SHADES[0].padEnd(columns))
  return style.cyan((SHADES[level] ?? SHADES[4]).repeat(columns))
}

/** Eighths of a character cell, from the bottom. */
const EIGHTHS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const

/**
 * Columns side by side on a base line, `rows` lines high, with the highest value at the top left and labels below, by
 * the index of their column. Whatever is not 0 can be seen. A column is as wide as `columns` allow, three characters at
 * the most; those that do not fit are left out at the end.
 */
export function columnChart(
  values: readonly number[],
  labels: readonly Label[],
  { columns, rows }: { columns: number; rows: number },
  style: ChalkInstance,
): string[] {
  const top = Math.max(1, ...values)
  const axis = top.toLocaleString('en')
  const room = Math.max(1, columns - axis.length - 1)
  const cell = Math.min(3, Math.max(1, Math.floor(room / values.length)))
  const shown = values.slice(0, Math.floor(room / cell))
  const heights = shown.map((value) => value && Math.max(1, Math.round((value / top) * rows * 8)))
  const lines = Array.from({ length: rows }, (_, line) => {
    const below = (rows - 1 - line) * 8
    const blocks = heights.map((height) => EIGHTHS[Math.min(8, Math.max(0, height - below))] ?? ' ')
    const name = (line === 0 ? axis : '').padStart(axis.length)
    const drawn = blocks.map((block) => column(block, cell)).join('')
    return `${style.dim(name)} ${style.cyan(drawn.trimEnd())}`
  })
  const margin = ' '.repeat(axis.length + 1)
  const base = column('─', cell).repeat(shown.length).trimEnd()
  const names = labelLine(
    labels.map(({ at, text }) => ({ at: at * cell, text })),
    room,
  )
  return [...lines, style.dim(margin + base), style.dim(margin + names)]
}

/** A block as wide as its column, which wide ones leave a gap beside. */
function column(block: string, columns: number): string {
  return columns === 1 ? block : `${block.repeat(columns - 1)} `
}

/** What the three parts of `share` are drawn with. */
const MARKS = ['░', '▒', '█'] as const
const inColour = (style: ChalkInstance) => [style.red, style.yellow, style.cyan] as const

/** A bar of `columns` characters that three parts share in their proportion; empty when there is nothing of any. */
export function share(parts: readonly number[], columns: number, style: ChalkInstance): string {
  const whole = parts.reduce((sum, part) => sum + part, 0)
  if (whole === 0) return ' '.repeat(columns)
  let before = 0
  return MARKS.map((mark, index) => {
    const from = Math.round((before / whole) * columns)
    before += parts[index] ?? 0
    const length = Math.round((before / whole) * columns) - from
    return inColour(style)[index]?.(mark.repeat(length))
  }).join('')
}

/** What the parts of a `share` are, in its order. */
export function shareLegend(names: readonly string[], style: ChalkInstance): string[] {
  return MARKS.map((mark, index) => `${inColour(style)[index]?.(mark)} ${names[index] ?? ''}`)
}

/** Labels on one line, each where it belongs; one that would touch the one before or stick out is left out. */
function labelLine(labels: readonly Label[], columns: number): string {
  return labels.reduce((line, { at, text }) => {
    const free = line === '' || at > line.length
    return free && at + text.length <= columns ? line.padEnd(at) + text : line
  }, '')
}
