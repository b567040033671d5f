import { pathToFileURL } from 'node:url'
import { withPostgres } from './postgres.js'

/**
 * One line of the answer. `bar` is the most that may be; a row without one only informs.
 * @typedef {{ what: string, measured: string, bar: string, met: boolean | null }} Row
 */

/**
 * A benchmark: `url` is a Postgres server to make databases on, or null where there is none.
 * @typedef {(url: string | null) => Promise<Row[]>} Benchmark
 */

/**
 * @param {string} what
 * @param {number} value
 * @param {string} unit
 * @param {number} [bar]
 * @returns {Row}
 */
export function figure(what, value, unit, bar) {
  const show = (/** @type {number} */ number) => `${number}${unit === '×' ? '' : ' '}${unit}`
  const rounded = Number(value.toPrecision(3))
  return {
    what,
    measured: show(rounded),
    bar: bar === undefined ? '' : `≤ ${show(bar)}`,
    met: bar === undefined ? null : value <= bar,
  }
}

/**
 * What stands in the place of figures that this machine cannot give.
 * @param {string} what
 * @returns {Row}
 */
export function noPostgres(what) {
  return { what, measured: 'no Postgres here', bar: '', met: null }
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  if (low === undefined || high === undefined) throw new Error('nothing was measured')
  return (low + high) / 2
}

/** @param {readonly Row[]} rows */
export function print(rows) {
  if (process.argv.includes('--json')) {
    console.log(JSON.stringify(rows, null, 2))
    return
  }
  const lines = [
    ['what', 'measured', 'bar', 'met?'],
    ...rows.map(({ what, measured, bar, met }) => [
      what,
      measured,
      bar,
      met === null ? '' : met ? 'yes' : 'NO',
    ]),
  ]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)))
  for (const cells of lines)
    console.log(
      cells
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
}

/**
 * Runs a benchmark and prints its rows when its file is what Node was started with.
 * @param {string} file the module's import.meta.url
 * @param {Benchmark} benchmark
 */
export async function alone(file, benchmark) {
  if (file !== pathToFileURL(process.argv[1] ?? '').href) return
  const rows = await withPostgres(benchmark)
  print(rows)
  if (rows.some(({ met }) => met === false)) process.exitCode = 1
}
