import type { ChalkInstance } from 'chalk'
import Table from 'cli-table3'
import { plain } from './cell.ts'
import type { View } from './output.ts'
import { oneLine, safe } from './safe.ts'
import { padEnd, truncate, width } from './text.ts'

// What a person at a terminal sees of rows. Loaded only then: see text.ts.

const GAP = 2
/** An id and four columns as narrow as this fit 40 columns. */
const NARROWEST = 6

/** Aligned columns by display width. Those that may give way share what the others leave. */
export function table<Row>(view: View<Row>, rows: Row[], style: ChalkInstance, available: number): string {
  const shown = view.columns.filter((column) => !column.hidden)
  const cells = rows.map((row) =>
    shown.map((column) => oneLine(column.show?.(row) ?? plain(column.value(row)))),
  )
  const widths = fitted(
    shown.map(({ header, flexible }, i) => ({
      width: cells.reduce((widest, line) => Math.max(widest, width(line[i] ?? '')), width(header)),
      flexible: flexible ?? false,
    })),
    available,
  )
  const drawn = new Table({
    head: shown.map(({ header }) => style.dim(header.toUpperCase())),
    colWidths: widths.map((columns) => columns + GAP),
    colAligns: shown.map(({ align }) => align ?? 'left'),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP, compact: true },
    chars: NO_LINES,
  })
  drawn.push(...cells.map((line) => line.map((text, i) => truncate(text, widths[i] ?? 0))))
  return `${drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')}\n`
}

const NO_LINES = Object.fromEntries(
  ['top', 'bottom', 'left', 'right', 'mid', 'middle']
    .flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`, `mid-mid`])
    .map((name) => [name, '']),
)

/** Narrows the flexible columns, the widest first, until everything fits or none can give more. */
function fitted(columns: { width: number; flexible: boolean }[], available: number): number[] {
  const widths = columns.map(({ width }) => width)
  let excess = widths.reduce((sum, width) => sum + width + GAP, -GAP) - available
  while (excess > 0) {
    const flexible = columns.map((column, i) => (column.flexible ? (widths[i] ?? 0) : 0))
    const widest = Math.max(...flexible)
    if (widest <= NARROWEST) break
    const next = Math.max(NARROWEST, ...flexible.filter((width) => width < widest))
    const cut = Math.min(excess, widest - next)
    widths[flexible.indexOf(widest)] = widest - cut
    excess -= cut
  }
  return widths
}

/** One thing, a line for each of its columns. */
export function sheet<Row>(view: View<Row>, row: Row, style: ChalkInstance): string {
  const widest = Math.max(...view.columns.map(({ header }) => width(header)))
  return view.columns
    .map((column) => {
      const text = safe(column.show?.(row) ?? plain(column.value(row)))
      return `${style.dim(padEnd(column.header, widest))}  ${text.split('\n').join(`\n${' '.repeat(widest + 2)}`)}\n`
    })
    .join('')
}
