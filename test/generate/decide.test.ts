import { randomUUID } from 'node:crypto'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { Connection } from '../../src/db/connect.ts'
import { insistently } from '../../src/db/insist.ts'
import type { Author } from '../../src/db/user.ts'
import { accept, proposeAgain, reject, rewrite, takeBackJob } from '../../src/generate/decide.ts'
import { createDesk } from '../../src/generate/desk.ts'
import { loadReview, sectionText } from '../../src/generate/waiting.ts'
import { makeDeck, makeJob, makeUser, share } from '../support/builders.ts'
import { openWorkers, sql, useDatabase } from '../support/database.ts'
import { did } from '../support/rote.ts'
import { USERNAME } from '../support/world.ts'

useDatabase()

let one: Connection
let other: Connection
let ada: Author
let bert: Author
beforeEach(async () => {
  await did('deck list')
  one ??= await openWorkers()
  other ??= await openWorkers()
  ada = { user_id: await makeUser(), username: USERNAME, command: 'generate review' }
  bert = { user_id: await makeUser('bert'), username: 'bert', command: 'generate review' }
})
afterAll(async () => {
  await one?.close()
  await other?.close()
})

const cards = () =>
  sql`select question, answer, tags, source_page, source_quote, deleted_at is not null as trashed
      from cards order by position`
const decisions = async () =>
  Object.fromEntries(
    (await sql`select question, decision from ai_candidates order by section, position`).map(
      ({ question, decision }) => [question, decision],
    ),
  )

type Made = Awaited<ReturnType<typeof makeJob>>
/** The candidates with ids for their cards, by their questions. */
const chosen = (job: Made, ...questions: string[]) =>
  questions.map((question) => {
    const found = job.candidates.find((candidate) => candidate.question === question)
    return { candidate_id: found?.candidate_id ?? '', card_id: randomUUID() }
  })
const ids = (rows: { candidate_id: string }[]) => rows.map(({ candidate_id }) => candidate_id)

async function answer(question: string): Promise<void> {
  await sql`
    with session as (
      insert into revision_sessions (user_id, deck_id)
      select ${ada.user_id}, deck_id from cards where question = ${question} returning session_id)
    insert into revision_attempts (session_id, card_id, confidence_status, study_date)
    select session_id, card_id, 'got_it', '2026-03-02' from session, cards where question = ${question}`
}

test('accepted ones become cards at the end of the deck, in the order of the source, with where they come from', async () => {
  const { deck_id } = await makeDeck('Biology', { Old: 'card' })
  const job = await makeJob({ deck_id, options: { tags: ['cells', 'book'] } }, [
    { question: 'c', section: 0, position: 2, page: null, quote: null, grounding: 'unverified' },
    { question: 'a', section: 0, position: 0, page: 7 },
    { question: 'b', section: 0, position: 1, quote: 'made up', grounding: 'unverified', page: null },
  ])
  const given = chosen(job, 'b', 'c', 'a')
  const { accepted, refusals } = await accept(one.db, ada, job.job_id, given)
  expect(ids(accepted)).toEqual(ids(chosen(job, 'a', 'b', 'c')))
  expect(new Set(accepted)).toEqual(new Set(given))
  expect(refusals).toEqual([])
  const made = { tags: ['cells', 'book'], trashed: false }
  expect(await cards()).toEqual([
    { question: 'Old', answer: 'card', tags: [], source_page: null, source_quote: null, trashed: false },
    { question: 'a', answer: 'a!', source_page: 7, source_quote: 'The quote of a', ...made },
    // what is not in the source is no evidence
    { question: 'b', answer: 'b!', source_page: null, source_quote: null, ...made },
    { question: 'c', answer: 'c!', source_page: null, source_quote: null, ...made },
  ])
  const [linked] = await sql`
    select count(*)::int from cards join ai_candidates using (card_id) where cards.job_id = ${job.job_id}`
  expect(linked?.count).toBe(3)
})

test('sent again after a lost connection it makes no second card, and says the same', async () => {
  const { deck_id } = await makeDeck('Biology')
  const job = await makeJob({ deck_id }, [{ question: 'a' }, { question: 'b' }])
  const given = chosen(job, 'a', 'b')
  const first = await accept(one.db, ada, job.job_id, given)
  expect(await accept(one.db, ada, job.job_id, given)).toEqual(first)
  expect(await cards()).toHaveLength(2)
  expect(await proposeAgain(one.db, ada, job.job_id, given, 'accepted')).toEqual([])
  expect(await proposeAgain(one.db, ada, job.job_id, given, 'accepted')).toEqual([])
  const rejected = ids(given)
  expect(await reject(one.db, ada, job.job_id, rejected)).toEqual([])
  expect(await reject(one.db, ada, job.job_id, rejected)).toEqual([])
  expect(await decisions()).toEqual({ a: 'rejected', b: 'rejected' })
})

test('of two reviewers at once each candidate has one, and nobody makes a card twice', async () => {
  const { deck_id } = await makeDeck('Biology')
  const questions = Array.from({ length: 40 }, (_, index) => `question ${index}`)
  const job = await makeJob(
    { deck_id },
    questions.map((question) => ({ question })),
  )
  const [mine, theirs] = [chosen(job, ...questions), chosen(job, ...questions)]
  const results = await Promise.all([
    ...mine.map((candidate) => accept(one.db, ada, job.job_id, [candidate])),
    ...theirs.map((candidate) => accept(other.db, ada, job.job_id, [candidate])),
  ])
  const accepted = results.flatMap((result) => result.accepted)
  const refused = results.flatMap((result) => result.refusals)
  expect(accepted).toHaveLength(40)
  expect(refused).toHaveLength(40)
  expect(new Set(refused.map(({ why }) => why))).toEqual(new Set(['elsewhere']))
  expect(new Set(ids(accepted)).size).toBe(40)
  const made = await sql`select question from cards order by question`
  expect(made.map(({ question }) => question)).toEqual([...questions].sort())
})

test('two who accept everything at once, from both ends, while somebody takes the job back', async () => {
  const { deck_id } = await makeDeck('Biology')
  const questions = Array.from({ length: 30 }, (_, index) => `question ${index}`)
  const job = await makeJob(
    { deck_id },
    questions.map((question) => ({ question })),
  )
  const third = await openWorkers()
  for (let round = 0; round < 5; round++) {
    const [mine, theirs] = [createDesk(one.db, ada, job.job_id), createDesk(other.db, ada, job.job_id)]
    const waiting = await loadReview(one.db, ada, job.job_id)
    await Promise.all([
      mine.accept(waiting),
      theirs.accept(waiting.toReversed()),
      insistently(() => takeBackJob(third.db, ada, job.job_id), 'Not taken back.'),
    ])
    const [linked] = await sql`
      select count(*)::int, count(distinct c.card_id)::int as cards from ai_candidates c
      join cards k using (card_id) where c.decision = 'accepted' and k.deleted_at is null`
    const [live] = await sql`select count(*)::int from cards where deleted_at is null`
    expect(linked?.count).toBe(live?.count)
    expect(linked?.cards).toBe(live?.count)
    await takeBackJob(one.db, ada, job.job_id)
  }
  await third.close()
  expect(await loadReview(one.db, ada, job.job_id)).toHaveLength(30)
})

test('one accepts and another rejects at once: one of them is told', async () => {
  const { deck_id } = await makeDeck('Biology')
  const job = await makeJob({ deck_id }, [{ question: 'a' }])
  const given = chosen(job, 'a')
  const [accepted, rejected] = await Promise.all([
    accept(one.db, ada, job.job_id, given),
    reject(other.db, ada, job.job_id, ids(given)),
  ])
  const came = accepted.accepted.length === 1
  expect(rejected).toEqual(came ? [{ candidate_id: given[0]?.candidate_id, why: 'elsewhere' }] : [])
  expect(await decisions()).toEqual({ a: came ? 'accepted' : 'rejected' })
  expect(await cards()).toHaveLength(came ? 1 : 0)
})

test('a question that the deck has is left, also when two candidates have it', async () => {
  const { deck_id } = await makeDeck('Biology', { a: 'there' })
  const job = await makeJob({ deck_id }, [
    { question: 'a' },
    { question: 'b', answer: 'first' },
    { question: 'b', answer: 'second' },
  ])
  const given = job.candidates.map(({ candidate_id }) => ({ candidate_id, card_id: randomUUID() }))
  const { accepted, refusals } = await accept(one.db, ada, job.job_id, given)
  expect(accepted).toEqual([given[1]])
  expect(refusals).toEqual([
    { candidate_id: given[0]?.candidate_id, why: 'same' },
    { candidate_id: given[2]?.candidate_id, why: 'same' },
  ])
  expect((await cards()).map(({ answer }) => answer)).toEqual(['there', 'first'])
})

describe('whose it is', () => {
  test("somebody else's job is not there: nothing is decided, changed, shown or taken back", async () => {
    const { deck_id } = await makeDeck('Biology')
    await share(deck_id, 'bert', 'edit')
    const job = await makeJob({ deck_id }, [{ question: 'a' }, { question: 'b' }])
    const [a = { candidate_id: '', card_id: '' }] = chosen(job, 'a')
    await accept(one.db, ada, job.job_id, [a])
    const [candidate] = await loadReview(one.db, ada, job.job_id)
    await expect(accept(one.db, bert, job.job_id, chosen(job, 'b'))).rejects.toMatchObject({
      kind: 'not_found',
    })
    expect(await reject(one.db, bert, job.job_id, ids(chosen(job, 'b')))).toHaveLength(1)
    expect(await proposeAgain(one.db, bert, job.job_id, [a], 'accepted')).toHaveLength(1)
    expect(await takeBackJob(one.db, bert, job.job_id)).toEqual({ taken: [], kept: 0 })
    expect(await loadReview(one.db, bert, job.job_id)).toEqual([])
    expect(await sectionText(one.db, bert, job.job_id, 0)).toBeNull()
    if (candidate)
      await expect(rewrite(one.db, bert, job.job_id, { ...candidate, answer: 'x' })).rejects.toMatchObject({
        kind: 'conflict',
      })
    expect(await decisions()).toEqual({ a: 'accepted', b: 'proposed' })
    expect(await sql`select answer from ai_candidates where answer = 'x'`).toEqual([])
    expect(await cards()).toHaveLength(1)
  })

  test.each([
    ['in the trash', 'not_found', () => sql`update decks set deleted_at = now()`],
    ['deleted for good', 'not_found', () => sql`delete from decks`],
    ['not shared any more', 'not_found', () => sql`delete from deck_shares`],
    ['only to be looked at', 'denied', () => sql`update deck_shares set permission = 'view'`],
  ])('a deck that is %s takes no cards', async (_, kind, change) => {
    const { deck_id } = await makeDeck('Botany', {}, 'bert')
    await sql`insert into deck_shares (deck_id, owner_id, shared_with_id, permission)
      values (${deck_id}, ${bert.user_id}, ${ada.user_id}, 'edit')`
    const job = await makeJob({ deck_id }, [{ question: 'a' }])
    await change()
    await expect(accept(one.db, ada, job.job_id, chosen(job, 'a'))).rejects.toMatchObject({ kind })
    expect(await decisions()).toEqual({ a: 'proposed' })
    expect(await cards()).toEqual([])
  })
})

describe('taking back', () => {
  test('a card that nobody has touched is gone as if it had never been', async () => {
    const { deck_id } = await makeDeck('Biology')
    const job = await makeJob({ deck_id }, [{ question: 'a' }, { question: 'b' }])
    const given = chosen(job, 'a')
    await accept(one.db, ada, job.job_id, given)
    expect(await proposeAgain(one.db, ada, job.job_id, given, 'accepted')).toEqual([])
    expect(await cards()).toEqual([])
    expect(await sql`select decision, decided_at, card_id from ai_candidates`).toEqual([
      { decision: 'proposed', decided_at: null, card_id: null },
      { decision: 'proposed', decided_at: null, card_id: null },
    ])
  })

  test.each([
    ['answered', () => answer('a'), 'a!'],
    ['changed', () => sql`update cards set answer = 'better'`, 'better'],
    [
      'suspended',
      async () => did(`--user ada card suspend ${(await sql`select card_id from cards`)[0]?.card_id}`),
      'a!',
    ],
  ])(
    'one that was %s goes to the trash, and comes out of it when it is accepted again',
    async (_, touch, text) => {
      const { deck_id } = await makeDeck('Biology')
      const job = await makeJob({ deck_id }, [{ question: 'a' }])
      const given = chosen(job, 'a')
      await accept(one.db, ada, job.job_id, given)
      await touch()
      expect(await proposeAgain(one.db, ada, job.job_id, given, 'accepted')).toEqual([])
      expect(await cards()).toMatchObject([{ answer: text, trashed: true }])
      const [candidate] = await loadReview(one.db, ada, job.job_id)
      expect(candidate).toMatchObject({ question: 'a', answer: text, card_id: given[0]?.card_id })
      expect((await accept(one.db, ada, job.job_id, given)).accepted).toEqual(given)
      expect(await cards()).toMatchObject([{ answer: text, trashed: false }])
    },
  )

  test('a decision that is by now another one is not taken back', async () => {
    const { deck_id } = await makeDeck('Biology')
    const job = await makeJob({ deck_id }, [{ question: 'a' }])
    const [mine, theirs] = [chosen(job, 'a'), chosen(job, 'a')]
    await accept(one.db, ada, job.job_id, theirs)
    const late = [{ candidate_id: mine[0]?.candidate_id, why: 'elsewhere' }]
    expect(await proposeAgain(one.db, ada, job.job_id, mine, 'accepted')).toEqual(late)
    expect(await proposeAgain(one.db, ada, job.job_id, mine, 'rejected')).toEqual(late)
    expect(await cards()).toHaveLength(1)
  })

  test('a whole job: its live cards go to the trash, and what was accepted waits again', async () => {
    const { deck_id } = await makeDeck('Biology', { Old: 'card' })
    const job = await makeJob({ deck_id }, [
      { question: 'a' },
      { question: 'b' },
      { question: 'c' },
      { question: 'd' },
    ])
    await accept(one.db, ada, job.job_id, chosen(job, 'a', 'b', 'c'))
    await reject(one.db, ada, job.job_id, ids(chosen(job, 'd')))
    await answer('b')
    await sql`update cards set answer = 'better' where question = 'b'`
    await sql`update cards set deleted_at = now() where question = 'c'`
    const { taken, kept } = await takeBackJob(one.db, ada, job.job_id)
    expect(taken.map(({ question, answered }) => [question, answered])).toEqual([
      ['a', false],
      ['b', true],
    ])
    expect(kept).toBe(0)
    expect(await decisions()).toEqual({ a: 'proposed', b: 'proposed', c: 'proposed', d: 'rejected' })
    expect((await cards()).filter(({ trashed }) => !trashed)).toMatchObject([{ question: 'Old' }])
    expect(await takeBackJob(one.db, ada, job.job_id)).toEqual({ taken: [], kept: 0 })

    const again = (await loadReview(one.db, ada, job.job_id)).map(({ candidate_id, card_id }) => ({
      candidate_id,
      card_id: card_id ?? '',
    }))
    expect((await accept(one.db, ada, job.job_id, again)).accepted).toHaveLength(3)
    expect(await cards()).toMatchObject([
      { question: 'Old' },
      { question: 'a', trashed: false },
      { question: 'b', answer: 'better', trashed: false },
      { question: 'c', trashed: false },
    ])
    expect(await sql`select question from revision_attempts join cards using (card_id)`).toEqual([
      { question: 'b' },
    ])
  })

  test('cards in a deck that is not theirs to change any more stay', async () => {
    const { deck_id } = await makeDeck('Biology')
    const { deck_id: botany } = await makeDeck('Botany', {}, 'bert')
    const job = await makeJob({ deck_id }, [{ question: 'a' }, { question: 'b' }])
    const given = chosen(job, 'a', 'b')
    await accept(one.db, ada, job.job_id, given)
    await sql`update cards set deck_id = ${botany} where question = 'b'`
    expect(await proposeAgain(one.db, ada, job.job_id, given.slice(1), 'accepted')).toHaveLength(1)
    const { taken, kept } = await takeBackJob(one.db, ada, job.job_id)
    expect(taken.map(({ question }) => question)).toEqual(['a'])
    expect(kept).toBe(1)
    expect(await decisions()).toEqual({ a: 'proposed', b: 'accepted' })
  })
})

describe('changing a candidate', () => {
  test('what waits takes a new text; what is decided does not', async () => {
    const { deck_id } = await makeDeck('Biology')
    const job = await makeJob({ deck_id }, [{ question: 'a', flags: ['long', 'list'] }])
    const [candidate] = await loadReview(one.db, ada, job.job_id)
    if (!candidate) throw new Error('nothing waits')
    const changed = { ...candidate, question: "it's", quote: null, page: null, flags: [], duplicate_of: 'x' }
    await rewrite(one.db, ada, job.job_id, changed)
    expect(await loadReview(one.db, ada, job.job_id)).toEqual([changed])
    await expect(rewrite(one.db, ada, job.job_id, { ...candidate, answer: ' ' })).rejects.toMatchObject({
      kind: 'usage',
      message: 'The answer is empty.',
    })
    await reject(other.db, ada, job.job_id, [candidate.candidate_id])
    await expect(rewrite(one.db, ada, job.job_id, candidate)).rejects.toMatchObject({ kind: 'conflict' })
  })
})
