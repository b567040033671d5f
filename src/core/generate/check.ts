import type { Checked, DropReason, Proposal } from './candidate.ts'
import { dropReason, formFlags, sameKey, sourceForm } from './form.ts'
import { factFlags, ground, readSection } from './grounding.ts'
import type { JobOptions, Section } from './job.ts'

/** What has become of the proposals of a reply. */
export interface CheckedReply {
  /** In the order of the proposals. */
  cards: Checked[]
  /** How many were dropped, by reason; without those of which there are none. */
  dropped: Partial<Record<DropReason, number>>
}

/**
 * Looks at what a model proposes for a section: what is no card is dropped and counted, everything else is kept with what is
 * to be said against it. Cards like those of other sections are not known here; see `duplicates`. `prompt` is what the model
 * was told besides the section, so that a card made of that is not taken for one of the source.
 */
export function check(
  proposals: readonly Proposal[],
  section: Section,
  { language }: Pick<JobOptions, 'language'>,
  prompt = '',
): CheckedReply {
  const reading = readSection(section)
  const source = reading.text.source
  const form = sourceForm(source)
  const cards: Checked[] = []
  const dropped: CheckedReply['dropped'] = {}
  const seen = new Set<string>()
  for (const proposal of proposals) {
    const question = storable(proposal.question)
    const answer = storable(proposal.answer)
    const key = `${sameKey(question)}\n${sameKey(answer) || answer}`
    const reason = dropReason({ question, answer }, source, prompt) ?? (seen.has(key) ? 'duplicate' : null)
    if (reason) {
      dropped[reason] = (dropped[reason] ?? 0) + 1
      continue
    }
    seen.add(key)
    const { grounding, page, quote } = ground({ quote: storable(proposal.quote) }, reading)
    const flags = [
      ...formFlags({ question, answer }, form, language),
      ...factFlags({ question, answer }, reading, language),
    ]
    cards.push({ question, answer, quote, page, grounding, flags })
  }
  return { cards, dropped }
}

/** A text as it can be stored and shown: no control characters but line ends and tabs, no half characters, no space around. */
function storable(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/(?![\n\t])\p{Cc}/gu, '')
    .toWellFormed()
    .trim()
}
