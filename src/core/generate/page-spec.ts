import { type CliError, usage } from '../../errors.ts'
import { plural } from '../plural.ts'

/** Pages from … to, both inclusive; without an end: to the last page. */
interface PageRange {
  from: number
  to: number | null
}

/**
 * Checks the syntax of a page specification before a document is opened: numbers and ranges between commas, such as
 * `1-10,15`, `5-` and `-3`. Throws usage.
 */
export function checkPageSpec(spec: string): void {
  ranges(spec)
}

/**
 * The pages that a specification means in a document of `total` pages: distinct, ascending, counted from 1.
 * Throws usage for bad syntax, and for pages that the document has not.
 */
export function parsePages(spec: string, total: number): number[] {
  const wanted = new Set<number>()
  for (const { from, to } of ranges(spec)) {
    if (Math.max(from, to ?? from) > total) {
      throw usage(`--pages ${spec}: the document has ${plural(total, 'page')}.`)
    }
    for (let page = from; page <= (to ?? total); page++) wanted.add(page)
  }
  return [...wanted].sort((a, b) => a - b)
}

/** Ascending pages for people: three and more in a row as a range, as in `2, 3, 5–8`. */
export function pageRanges(pages: readonly number[]): string {
  const rows: number[][] = []
  for (const page of pages) {
    const row = rows.at(-1)
    if (row?.at(-1) === page - 1) row.push(page)
    else rows.push([page])
  }
  return rows.map((row) => (row.length < 3 ? row.join(', ') : `${row[0]}–${row.at(-1)}`)).join(', ')
}

function ranges(spec: string): PageRange[] {
  return spec.split(',').map((part) => {
    const [, single, from, to] =
      /^(?:(\d{1,7})|(\d{1,7})?[-–](\d{1,7})?)$/.exec(part.replace(/\s/g, '')) ?? []
    if (single !== undefined) return range(spec, Number(single), Number(single))
    if (from === undefined && to === undefined) throw malformed(spec, 'that is no list of pages')
    return range(spec, Number(from ?? 1), to === undefined ? null : Number(to))
  })
}

function range(spec: string, from: number, to: number | null): PageRange {
  if (from === 0 || to === 0) throw malformed(spec, 'pages are counted from 1')
  if (to !== null && to < from) throw malformed(spec, `${from}-${to} ends before it begins`)
  return { from, to }
}

function malformed(spec: string, why: string): CliError {
  return usage(`--pages ${spec}: ${why}.`, 'For example: --pages 1-10,15 or --pages 5-')
}
