import type postgres from 'postgres'
import type { Candidate } from '../../src/core/generate/review.ts'
import { sql } from './database.ts'
import { NOW, USERNAME } from './world.ts'

// Rows for tests in which commands would only be typing.

interface CardRow {
  card_id: string
  question: string
}

/** Makes a person, by default the one who runs the commands. */
export async function makeUser(username = USERNAME): Promise<string> {
  const [there] = await sql`select user_id from users where username = ${username}`
  if (there) return there.user_id
  const [made] = await sql`insert into users (username) values (${username}) returning user_id`
  return made?.user_id
}

/** Makes a deck with one card for each `question: answer`, in that order, of the person who runs the commands. */
export async function makeDeck(
  name: string,
  cards: Record<string, string> = {},
  owner = USERNAME,
): Promise<{ deck_id: string; cards: CardRow[] }> {
  const user_id = await makeUser(owner)
  const [deck] = await sql`insert into decks (user_id, name) values (${user_id}, ${name}) returning deck_id`
  const deck_id: string = deck?.deck_id
  const made: CardRow[] = []
  for (const [question, answer] of Object.entries(cards)) {
    made.push(
      ...(await sql<CardRow[]>`
        insert into cards (deck_id, question, answer) values (${deck_id}, ${question}, ${answer})
        returning card_id, question`),
    )
  }
  return { deck_id, cards: made }
}

/** Gives a card of the person who runs the commands a schedule, as after one answer ten days before it is due. */
export async function makeSchedule(card_id: string, due: Date, username = USERNAME): Promise<void> {
  const before = new Date(due.getTime() - 10 * 86_400_000)
  await sql`
    insert into card_schedules (user_id, card_id, due, stability, difficulty, state, reps, first_review, last_review)
    select user_id, ${card_id}, ${due}, 10, 5, 'review', 3, ${before}, ${before} from users where username = ${username}`
}

/** Shares a deck of the person who runs the commands, or one of somebody else's with them. */
export async function share(deck_id: string, withName: string, permission: 'view' | 'edit'): Promise<void> {
  await sql`
    insert into deck_shares (deck_id, owner_id, shared_with_id, permission)
    select deck_id, decks.user_id, other.user_id, ${permission} from decks, users other
    where deck_id = ${deck_id} and other.username = ${withName}`
}

/** A job as it is made for a test: a section for each text. */
interface JobGiven {
  deck_id: string | null
  sections?: string[]
  status?: 'pending' | 'processing' | 'done' | 'failed'
  options?: { tags?: string[] }
}

/**
 * Makes a job that is done, of the person who runs the commands, with candidates that wait, in the order given. One is
 * verified and without flags, in the first section, unless it says something else.
 */
export async function makeJob(
  { owner = USERNAME, ...job }: JobGiven & { owner?: string },
  candidates: GivenCandidate[],
): Promise<MadeJob> {
  return insertJob(sql, { ...job, user_id: await makeUser(owner) }, candidates)
}

type GivenCandidate = Partial<Candidate> & { question: string }
interface MadeJob {
  job_id: string
  candidates: { candidate_id: string; question: string }[]
}

/** As `makeJob`, into any database. */
export async function insertJob(
  sql: postgres.Sql,
  {
    deck_id,
    sections = ['[page 1]\nText.'],
    status = 'done',
    options = {},
    user_id,
  }: JobGiven & { user_id: string },
  candidates: GivenCandidate[],
): Promise<MadeJob> {
  const [job] = await sql`
    insert into ai_jobs (user_id, deck_id, source_type, source_url, source_title, status, options)
    values (${user_id}, ${deck_id}, 'pdf', '/books/cells.pdf', 'Cells', ${status}, ${sql.json(options)})
    returning job_id`
  const job_id: string = job?.job_id
  for (const [section, text] of sections.entries())
    await sql`
      insert into ai_job_sections (job_id, section, text, tokens, quota, status)
      values (${job_id}, ${section}, ${text}, 100, 5, 'done')`
  const made: { candidate_id: string; question: string }[] = []
  for (const [index, given] of candidates.entries()) {
    const { section, position, question, answer, quote, page, grounding, flags, duplicate_of } = {
      ...{
        section: 0,
        position: index,
        answer: `${given.question}!`,
        quote: `The quote of ${given.question}`,
      },
      ...{ page: 1, grounding: 'verified', flags: [], duplicate_of: null },
      ...given,
    }
    made.push(
      ...(await sql<{ candidate_id: string; question: string }[]>`
        insert into ai_candidates (job_id, section, position, question, answer, quote, page, grounding, flags, duplicate_of)
        values (${job_id}, ${section}, ${position}, ${question}, ${answer}, ${quote}, ${page}, ${grounding}, ${flags}, ${duplicate_of})
        returning candidate_id, question`),
    )
  }
  return { job_id, candidates: made }
}

/** So many minutes after the moment at which commands run. */
export function minutes(count: number): Date {
  return new Date(NOW.getTime() + count * 60_000)
}
