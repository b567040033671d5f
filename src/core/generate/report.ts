import { plural } from '../plural.ts'
import type { DropReason } from './candidate.ts'
import type { JobOptions, SectionStatus, SourceNote } from './job.ts'
import { pageRanges } from './page-spec.ts'

/** What tokens cost at the prices that a job was made with; null when there are none: nobody guesses. */
export function costOf(
  { prompt_tokens, completion_tokens }: { prompt_tokens: number; completion_tokens: number },
  { price_in, price_out }: JobOptions,
): number | null {
  if (price_in === undefined || price_out === undefined) return null
  return (prompt_tokens * price_in + completion_tokens * price_out) / 1_000_000
}

/** Tokens and what they cost, as in `58,400 + 9,100 tokens, cost 0.03`. */
export function usageText(
  used: { prompt_tokens: number; completion_tokens: number; usage_missing?: number },
  options: JobOptions,
): string {
  const n = (count: number) => count.toLocaleString('en')
  const cost = costOf(used, options)
  const tokens = `${n(used.prompt_tokens)} + ${n(used.completion_tokens)} tokens`
  const uncounted = used.usage_missing
    ? ` and ${plural(used.usage_missing, 'request')} that the provider did not count`
    : ''
  return `${tokens}${uncounted}${cost === null ? '' : `, cost ${costText(cost)}`}`
}

/** An amount of money, of which a card's worth can be tiny. */
export function costText(cost: number): string {
  return cost === 0 || cost >= 0.01 ? cost.toFixed(2) : cost.toPrecision(1)
}

/** A section as the report needs it. */
export interface ReportedSection {
  section: number
  page_from: number | null
  page_to: number | null
  status: SectionStatus
  error_code: string | null
  error_message: string | null
  dropped: Partial<Record<DropReason, number>>
}

const NOTES: Record<SourceNote['kind'], string> = {
  blank: 'blank',
  scanned: 'images without text',
  garbled: 'unreadable text',
  failed: 'damaged',
}

const DROPPED: Record<DropReason, string> = {
  empty: 'empty',
  same: 'with the question as the answer',
  markup: 'with markup in place of text',
  leaked_prompt: 'made of our own instructions',
  duplicate: 'that were there already',
}

/**
 * What became of a source, so that nothing is missing without being said: sections done, failed and left out, by their
 * pages, and pages that could not be read. Lines for a person.
 */
export function coverage(
  job: { source_pages: number | null; source_notes: readonly SourceNote[]; pages?: string | undefined },
  sections: readonly ReportedSection[],
): string[] {
  const of = (status: SectionStatus) => sections.filter((section) => section.status === status)
  const lines: string[] = []
  const asked = sections.length - of('skipped').length
  const where =
    job.source_pages === null
      ? ''
      : `Pages ${job.pages ?? (job.source_pages > 1 ? `1–${job.source_pages}` : '1')}: `
  lines.push(`${where}${of('done').length} of ${plural(asked, 'section')} done.`)
  for (const section of sections) {
    if (section.status === 'failed' || section.error_code === 'incomplete') {
      lines.push(`${capitalised(placeOf(section))}: ${section.error_message ?? section.error_code}`)
    }
  }
  const skipped = of('skipped')
  if (skipped.length > 0) lines.push(`Passed over, since fewer cards are wanted: ${placesOf(skipped)}.`)
  for (const { kind, pages } of job.source_notes) {
    lines.push(`Left out: ${pages.length === 1 ? 'page' : 'pages'} ${pageRanges(pages)} (${NOTES[kind]}).`)
  }
  return lines
}

/** What was dropped unseen, in a sentence; null when nothing was. */
export function droppedText(dropped: Partial<Record<DropReason, number>>): string | null {
  const parts = Object.entries(DROPPED).flatMap(([reason, words]) => {
    const count = dropped[reason as DropReason] ?? 0
    return count > 0 ? [`${count} ${words}`] : []
  })
  return parts.length === 0 ? null : `Dropped: ${parts.join(', ')}.`
}

/** What all sections have dropped, together. */
export function allDropped(sections: readonly ReportedSection[]): Partial<Record<DropReason, number>> {
  const sum: Partial<Record<DropReason, number>> = {}
  for (const { dropped } of sections) {
    for (const [reason, count] of Object.entries(dropped) as [DropReason, number][])
      sum[reason] = (sum[reason] ?? 0) + count
  }
  return sum
}

/** Where a section is: its pages, or its number in a source without. */
export function placeOf({
  section,
  page_from,
  page_to,
}: Pick<ReportedSection, 'section' | 'page_from' | 'page_to'>): string {
  if (page_from === null) return `section ${section + 1}`
  return page_to === null || page_to === page_from ? `page ${page_from}` : `pages ${page_from}–${page_to}`
}

/** So many ranges of pages are told one by one. */
const MOST_RANGES = 12

function placesOf(sections: readonly ReportedSection[]): string {
  const pages = new Set<number>()
  for (const { page_from, page_to } of sections) {
    if (page_from === null) return plural(sections.length, 'section')
    for (let page = page_from; page <= (page_to ?? page_from); page++) pages.add(page)
  }
  const ranges = pageRanges([...pages].sort((a, b) => a - b))
  // nobody reads a line of fifty of them; --json has them all
  return ranges.split(', ').length <= MOST_RANGES ? `pages ${ranges}` : plural(sections.length, 'section')
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
