import { randomUUID } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import type { Checked } from '../../src/core/generate/candidate.ts'
import type { Section } from '../../src/core/generate/job.ts'
import type { Database } from '../../src/db/connect.ts'
import type { User } from '../../src/db/user.ts'
import {
  account,
  buryDead,
  cancel,
  enqueue,
  giveBack,
  halt,
  type NewJob,
  openJobs,
  postpone,
  renew,
  reopen,
  settle,
  standing,
  take,
} from '../../src/generate/job.ts'
import { makeDeck, makeUser } from '../support/builders.ts'
import { openDb, sql, useDatabase } from '../support/database.ts'

useDatabase()

let db: Database
let user: User
let deck_id: string

beforeEach(async () => {
  db = await openDb()
  deck_id = (await makeDeck('Biology')).deck_id
  user = { user_id: await makeUser(), username: 'ada' }
})

const section = (n: number, quota = 3): Section => ({
  heading: null,
  page_from: n,
  page_to: n,
  text: `[page ${n}]\nText ${n}.`,
  tokens: 100,
  quota,
})

function jobOf(more: Partial<NewJob> = {}): NewJob {
  return {
    user_id: user.user_id,
    deck_id,
    source_type: 'pdf',
    source_url: '/tmp/lecture.pdf',
    source_title: 'Lecture',
    source_pages: 3,
    source_notes: [],
    fingerprint: null,
    options: {},
    prompt_version: 1,
    base_url: 'http://localhost:1/v1',
    model: 'tiny',
    ...more,
  }
}

async function makeJob(sections = [section(1), section(2)], more: Partial<NewJob> = {}): Promise<string> {
  const job_id = await enqueue(db, jobOf(more), sections)
  if (!job_id) throw new Error('there is one already')
  return job_id
}

const card = (question: string, more: Partial<Checked> = {}): Checked => ({
  question,
  answer: 'yes and no',
  quote: 'it is so',
  page: 1,
  grounding: 'verified',
  flags: [],
  ...more,
})

const HERE = { host: 'testhost', pid: 1, isRunning: () => true }

test('a job is made with all its sections, and one of which no cards are wanted is never taken', async () => {
  const job_id = await makeJob([section(1), section(2, 0), section(3)])
  const token = randomUUID()
  const taken = [await take(db, user, job_id, token, 'w'), await take(db, user, job_id, token, 'w')]
  expect(taken.map((one) => one?.section)).toEqual([0, 2])
  expect(taken[0]).toMatchObject({
    text: '[page 1]\nText 1.',
    quota: 3,
    page_from: 1,
    attempts: 1,
    asked: [],
  })
  expect(await take(db, user, job_id, token, 'w')).toBeNull()
  expect(await standing(db, job_id)).toMatchObject({
    status: 'processing',
    sections: 2,
    pending: 2,
    leased: 2,
  })
})

test('of jobs that have not ended there is one with a fingerprint, and a new one when it has', async () => {
  const job_id = await makeJob(undefined, { fingerprint: 'abc' })
  expect(await enqueue(db, jobOf({ fingerprint: 'abc' }), [section(1)])).toBeNull()
  expect(await sql`select count(*)::integer as n from ai_job_sections`).toEqual([{ n: 2 }])
  await cancel(db, user, job_id)
  expect(await enqueue(db, jobOf({ fingerprint: 'abc' }), [section(1)])).not.toBeNull()
})

test('many who take at once get a section each', async () => {
  const job_id = await makeJob(Array.from({ length: 12 }, (_, i) => section(i + 1)))
  const taken = await Promise.all(Array.from({ length: 15 }, () => take(db, user, job_id, randomUUID(), 'w')))
  const sections = taken.flatMap((one) => (one ? [one.section] : []))
  expect(sections.sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i))
})

test('a section is committed with its cards, once, and only by who holds it', async () => {
  const job_id = await makeJob()
  const [mine, other] = [randomUUID(), randomUUID()]
  await take(db, user, job_id, mine, 'w')
  const done = { status: 'done', cards: [card('What is it?'), card("'); drop table cards; --")] } as const
  expect(await settle(db, job_id, 0, other, done)).toBe(false)
  expect(await settle(db, job_id, 0, mine, done)).toBe(true)
  expect(await settle(db, job_id, 0, mine, done)).toBe(false)
  const rows =
    await sql`select section, position, question, page, grounding, flags, decision from ai_candidates order by position`
  expect(rows).toEqual([
    {
      section: 0,
      position: 0,
      question: 'What is it?',
      page: 1,
      grounding: 'verified',
      flags: [],
      decision: 'proposed',
    },
    {
      section: 0,
      position: 1,
      question: "'); drop table cards; --",
      page: 1,
      grounding: 'verified',
      flags: [],
      decision: 'proposed',
    },
  ])
})

test('a worker whose lease ran out is fenced off by the one who took over', async () => {
  const job_id = await makeJob([section(1)])
  const [frozen, fresh] = [randomUUID(), randomUUID()]
  await take(db, user, job_id, frozen, 'w')
  expect(await take(db, user, job_id, fresh, 'w')).toBeNull()
  await sql`update ai_job_sections set lease_until = now() - interval '1 second'`
  expect(await take(db, user, job_id, fresh, 'w')).toMatchObject({ section: 0, attempts: 2 })
  expect(await renew(db, frozen)).toEqual([])
  expect(await settle(db, job_id, 0, frozen, { status: 'done', cards: [card('late')] })).toBe(false)
  expect(await settle(db, job_id, 0, fresh, { status: 'done', cards: [card('new')] })).toBe(true)
  expect(await sql`select question from ai_candidates`).toEqual([{ question: 'new' }])
})

test('what a living worker holds is renewed, and what it gives back can be taken at once', async () => {
  const job_id = await makeJob([section(1)])
  const token = randomUUID()
  await take(db, user, job_id, token, 'w')
  await sql`update ai_job_sections set lease_until = now() + interval '1 second'`
  expect(await renew(db, token)).toEqual([0])
  const [lease] = await sql`select lease_until > now() + interval '30 seconds' as long from ai_job_sections`
  expect(lease).toEqual({ long: true })
  await giveBack(db, token)
  expect(await take(db, user, job_id, randomUUID(), 'w')).toMatchObject({ section: 0, attempts: 1 })
})

test('a section that has ended five workers is given up when its turn comes', async () => {
  const job_id = await makeJob()
  await sql`update ai_job_sections set attempts = 5 where section = 0`
  expect(await take(db, user, job_id, randomUUID(), 'w')).toMatchObject({ section: 1 })
  expect(await take(db, user, job_id, randomUUID(), 'w')).toBeNull()
  expect(await sql`select status, error_code from ai_job_sections where section = 0`).toEqual([
    { status: 'failed', error_code: 'worker_crashed' },
  ])
})

test('a section that has ended a worker waits until the others have had their turn', async () => {
  const job_id = await makeJob([section(1), section(2), section(3)])
  await take(db, user, job_id, randomUUID(), 'testhost:11')
  await buryDead(db, user, { ...HERE, isRunning: () => false })
  const order = []
  for (let i = 0; i < 3; i++) order.push((await take(db, user, job_id, randomUUID(), 'testhost:1'))?.section)
  expect(order).toEqual([1, 2, 0])
})

test('what a dead worker of this machine held can be taken at once, what a living or a distant one holds not', async () => {
  const job_id = await makeJob([section(1), section(2), section(3)])
  for (const worker of ['testhost:11', 'testhost:12', 'elsewhere:11'])
    await take(db, user, job_id, randomUUID(), worker)
  await buryDead(db, user, { ...HERE, isRunning: (pid) => pid === 12 })
  const held = await sql`select worker from ai_job_sections order by section`
  expect(held).toEqual([{ worker: null }, { worker: 'testhost:12' }, { worker: 'elsewhere:11' }])
})

test('a cancelled job takes nothing more in, and counts what it has used all the same', async () => {
  const job_id = await makeJob()
  const token = randomUUID()
  await take(db, user, job_id, token, 'w')
  expect(await cancel(db, user, job_id)).toBe(true)
  expect(await cancel(db, user, job_id)).toBe(false)
  expect(await renew(db, token)).toEqual([])
  const used = { requests: 2, usage_missing: 1, prompt_tokens: 700, completion_tokens: 90 }
  await account(db, job_id, 0, used)
  expect(await settle(db, job_id, 0, token, { status: 'done', cards: [card('late')] })).toBe(false)
  expect(await take(db, user, job_id, randomUUID(), 'w')).toBeNull()
  expect(await standing(db, job_id)).toMatchObject({
    outcome: 'cancelled',
    candidates: 0,
    prompt_tokens: 700,
    completion_tokens: 90,
    usage_missing: 1,
  })
})

test('a job that was stopped keeps what was in flight, and goes on when it is opened again', async () => {
  const job_id = await makeJob([section(1), section(2), section(3)])
  const token = randomUUID()
  await take(db, user, job_id, token, 'w')
  await take(db, user, job_id, token, 'w')
  await settle(db, job_id, 1, token, {
    status: 'failed',
    error_code: 'refused',
    error_message: 'It declined.',
  })
  await halt(db, job_id, { code: 'auth', message: 'The key was refused.', rests: false })
  expect(await openJobs(db, user)).toEqual([])
  expect(await settle(db, job_id, 0, token, { status: 'done', cards: [card('in flight')] })).toBe(true)
  await reopen(db, user, job_id, { max_tokens: 5000 })
  expect(await openJobs(db, user)).toMatchObject([
    { job_id, status: 'pending', options: { max_tokens: 5000 } },
  ])
  expect(await standing(db, job_id)).toMatchObject({ pending: 2, failed: 0, error_code: null })
})

test('a job that rests is not worked on before its time', async () => {
  const job_id = await makeJob()
  await take(db, user, job_id, randomUUID(), 'w')
  await postpone(db, job_id, 3_600_000)
  expect(await take(db, user, job_id, randomUUID(), 'w')).toBeNull()
  expect(await openJobs(db, user)).toEqual([])
  await sql`update ai_jobs set run_after = now() - interval '1 second'`
  expect(await openJobs(db, user)).toMatchObject([{ job_id }])
  await halt(db, job_id, { code: 'unreachable', message: 'Nothing answers.', rests: true })
  expect(await standing(db, job_id)).toMatchObject({ status: 'pending', error_code: 'unreachable' })
})

test("somebody else's job is not there", async () => {
  const job_id = await makeJob()
  const other = { user_id: await makeUser('bob'), username: 'bob' }
  expect(await take(db, other, job_id, randomUUID(), 'w')).toBeNull()
  expect(await openJobs(db, other)).toEqual([])
  expect(await cancel(db, other, job_id)).toBe(false)
  await reopen(db, other, job_id, { max_tokens: 1 })
  expect(await sql`select options from ai_jobs`).toEqual([{ options: {} }])
})

test('a section that is asked about again adds to what it has', async () => {
  const job_id = await makeJob([section(1)])
  for (const dropped of [{ empty: 1, same: 2 }, { empty: 1 }]) {
    const token = randomUUID()
    await take(db, user, job_id, token, 'w')
    await settle(db, job_id, 0, token, {
      status: 'done',
      cards: [card('One more?')],
      dropped,
      error_code: 'incomplete',
    })
    await reopen(db, user, job_id, {})
  }
  expect(await sql`select dropped from ai_job_sections`).toEqual([{ dropped: { empty: 2, same: 2 } }])
  expect(await sql`select position from ai_candidates order by position`).toEqual([
    { position: 0 },
    { position: 1 },
  ])
})

test('the questions asked last go along with a section', async () => {
  const job_id = await makeJob()
  const token = randomUUID()
  await take(db, user, job_id, token, 'w')
  await settle(db, job_id, 0, token, {
    status: 'done',
    cards: Array.from({ length: 40 }, (_, i) => card(`Question ${i}?`)),
  })
  const next = await take(db, user, job_id, token, 'w')
  expect(next?.asked).toEqual(Array.from({ length: 30 }, (_, i) => `Question ${i + 10}?`))
})
