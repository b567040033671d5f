import { and, eq, ne, sql } from 'drizzle-orm'
import { check } from '../core/generate/check.ts'
import { duplicates } from '../core/generate/near.ts'
import { promptFor } from '../core/generate/prompt.ts'
import type { Database } from '../db/connect.ts'
import { aiCandidates, aiJobSections } from '../db/schema.ts'
import { CliError } from '../errors.ts'
import type { ProviderSettings } from './endpoint.ts'
import { deckCards } from './finish.ts'
import { account, type WorkingJob } from './job.ts'
import { createProvider, type Provider } from './provider.ts'
import type { Regenerate } from './review.ts'

/** As many of the questions asked before as a prompt takes. */
const ASKED = 30

/**
 * What asks a job's model for one card anew. The provider is found out only when it is needed; that it cannot be used is an
 * answer like any other, since a review goes on without it.
 */
export function regeneratorFor(
  db: Database,
  job: WorkingJob,
  settings: () => Promise<ProviderSettings>,
): Regenerate {
  let provider: Provider | undefined
  return async (candidate, remark, signal) => {
    if (job.options.copy) return { failed: 'This job has no provider: edit the card instead, with e.' }
    try {
      provider ??= createProvider(await settings())
    } catch (error) {
      if (error instanceof CliError) return { failed: error.message }
      throw error
    }
    const [row] = await db
      .select()
      .from(aiJobSections)
      .where(and(eq(aiJobSections.job_id, job.job_id), eq(aiJobSections.section, candidate.section)))
    if (!row || row.text === null) return { failed: 'The text that it came from is no longer kept.' }
    const section = { ...row, text: row.text }
    const others = await db
      .select({ question: aiCandidates.question, answer: aiCandidates.answer })
      .from(aiCandidates)
      .where(
        and(
          eq(aiCandidates.job_id, job.job_id),
          ne(aiCandidates.candidate_id, candidate.candidate_id),
          sql`${aiCandidates.decision} <> 'dropped'`,
        ),
      )
      .orderBy(aiCandidates.section, aiCandidates.position)
    const asked = others.slice(-ASKED).map(({ question }) => question)
    const about = { title: job.source_title, options: job.options }
    const answered = await provider.regenerate(section, about, candidate, remark, asked, signal)
    await account(db, job.job_id, row.section, answered.usage)
    if (answered.kind === 'later') return { failed: 'The provider asks to wait for some minutes.' }
    if (answered.kind === 'failed') return { failed: answered.message }
    const { system } = promptFor(section, about, [])
    const [card] = check(answered.proposals, section, job.options, system).cards
    if (!card) return { failed: 'The model made no card of it.' }
    const existing = [...others, ...(await deckCards(db, job.job_id))]
    const [twin] = duplicates([card], existing)
    if (!twin) return { ...card, duplicate_of: null }
    const duplicate_of = existing[twin.of.index]?.question ?? null
    return { ...card, flags: [...card.flags, 'duplicate'], duplicate_of }
  }
}
