import { FLAGS } from '../../core/generate/candidate.ts'
import type { Candidate } from '../../core/generate/review.ts'
import { plural } from '../../core/plural.ts'
import type { Database } from '../../db/connect.ts'
import { type FoundJob, findJob } from '../../db/find.ts'
import type { Author } from '../../db/user.ts'
import { ACCEPTS, type AcceptedCard, type Accepts, acceptWaiting } from '../../generate/accept.ts'
import { markDuplicates } from '../../generate/finish.ts'
import { waitingText } from '../../generate/review-screen.ts'
import { loadReview } from '../../generate/waiting.ts'
import type { Out, View } from '../../ui/output.ts'
import { examples, oneOf, type Verb } from '../verb.ts'
import { nothingWaits, reviewCandidates } from './go-on.ts'
import { short } from './shared.ts'

interface Options {
  accept?: Accepts
  plain?: true
}

export const reviewJob: Verb = (generate, run) => {
  const command = generate
    .command('review <job>')
    .description('decide which of the proposed cards become cards, one by one')
    .option('--accept <which>', `which become cards unseen: ${ACCEPTS.join(', ')}`, oneOf(ACCEPTS))
    .option('--plain', 'line by line, for screen readers')
    .action(
      run(async (context, reference: string, options: Options) => {
        const { db, user, out, term } = context
        const job = await findJob(db, user, reference)
        // one that is done has its marks; what was stopped has not
        if (job.status !== 'done') await markDuplicates(db, job.job_id)
        if (options.accept) return acceptFrom(db, user, out, job.job_id, options.accept)
        if (!term.interactive || out.mode === 'json' || out.mode === 'quiet')
          return listWaiting(db, user, out, job)
        await reviewCandidates(context, job.job_id, options.plain ?? false)
      }),
    )
  examples(command, [
    ['rote generate review 3f9a', 'in a terminal: one candidate a screen'],
    ['rote generate review 3f9a --accept verified', 'all whose quote is in the source word for word'],
    ['rote generate review 3f9a --json', 'what waits, for a script'],
  ])
}

/** Accepts without a screen, and says what became of it: the ids of the new cards for a pipe. */
async function acceptFrom(
  db: Database,
  user: Author,
  out: Out,
  job_id: string,
  which: Accepts,
): Promise<void> {
  const { accepted, same, waiting, deck } = await acceptWaiting(db, user, job_id, which)
  const left =
    same > 0 ? ` "${deck}" has ${same === 1 ? 'the question' : 'the questions'} of ${same} already.` : ''
  const rest =
    waiting > 0 ? `${waitingText(waiting)}: rote generate review ${short(job_id)}` : 'Nothing waits any more.'
  const done =
    accepted.length === 0
      ? 'Nothing was accepted.'
      : `Accepted ${plural(accepted.length, 'card')} into "${deck}".`
  await out.doneAll(acceptedView, accepted, `${done}${left}\n${rest}`)
}

async function listWaiting(db: Database, user: Author, out: Out, job: FoundJob): Promise<void> {
  const rows = await loadReview(db, user, job.job_id)
  const empty = rows.length === 0 ? await nothingWaits(db, user, job) : ''
  await out.list(
    { ...candidateView, empty },
    rows.map(({ section: _, position: __, card_id: ___, ...row }) => ({
      ...row,
      decision: 'proposed' as const,
    })),
  )
  if (out.mode === 'table' && rows.length > 0)
    out.say(`Decide in a terminal, or with: rote generate review ${short(job.job_id)} --accept verified`)
}

/** A candidate as commands publish it. */
type WaitingRow = Omit<Candidate, 'section' | 'position' | 'card_id'> & { decision: 'proposed' }

const candidateView: View<WaitingRow> = {
  columns: [
    {
      header: 'id',
      value: ({ candidate_id }) => candidate_id,
      show: ({ candidate_id }) => short(candidate_id),
    },
    { header: 'question', value: ({ question }) => question, flexible: true },
    { header: 'answer', value: ({ answer }) => answer, flexible: true },
    { header: 'quote', value: ({ quote }) => quote, flexible: true },
    { header: 'page', value: ({ page }) => page, align: 'right' },
    { header: 'grounding', value: ({ grounding }) => grounding },
    {
      header: 'flags',
      value: ({ flags }) => flags,
      show: ({ flags }) => flags.map((flag) => FLAGS[flag]).join('; '),
      flexible: true,
    },
    { header: 'like', value: ({ duplicate_of }) => duplicate_of, hidden: true },
    { header: 'decision', value: ({ decision }) => decision, hidden: true },
  ],
  key: ({ candidate_id }) => candidate_id,
  empty: '',
}

const acceptedView: View<AcceptedCard> = { columns: [], key: ({ card_id }) => card_id, empty: '' }
