import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Candidate } from '../../src/core/generate/review.ts'
import type { Database } from '../../src/db/connect.ts'
import type { User } from '../../src/db/user.ts'
import { CliError } from '../../src/errors.ts'
import { providerSettings } from '../../src/generate/endpoint.ts'
import { enqueue, readWorkingJob, settle, take, type WorkingJob } from '../../src/generate/job.ts'
import { regeneratorFor } from '../../src/generate/regenerate.ts'
import { loadReview } from '../../src/generate/waiting.ts'
import { makeDeck, makeUser } from '../support/builders.ts'
import { openDb, sql, useDatabase } from '../support/database.ts'
import { type FakeProvider, startProvider } from '../support/provider.ts'

useDatabase()

const TEXT =
  'Chlorophyll is a green pigment that absorbs the energy of light. Xylem is the tissue that carries water from the roots to the leaves.'
const TOKEN = '00000000-0000-4000-8000-000000000001'
const asLongAsItTakes = new AbortController().signal

let provider: FakeProvider
let db: Database
let user: User
let job: WorkingJob
let candidate: Candidate

beforeAll(async () => {
  provider = await startProvider()
})
afterAll(() => provider.close())

beforeEach(async () => {
  provider.reset()
  db = await openDb()
  const { deck_id } = await makeDeck('Biology', { 'Which tissue carries water up?': 'Xylem' })
  user = { user_id: await makeUser(), username: 'ada' }
  const job_id = await enqueue(
    db,
    {
      user_id: user.user_id,
      deck_id,
      source_type: 'text',
      source_url: '/notes.txt',
      source_title: null,
      source_pages: null,
      source_notes: [],
      fingerprint: null,
      options: {},
      prompt_version: 1,
      base_url: provider.url,
      model: 'tiny',
    },
    [{ heading: null, page_from: null, page_to: null, text: TEXT, tokens: 40, quota: 2 }],
  )
  await take(db, user, job_id ?? '', TOKEN, 'testhost:1')
  const card = { question: 'What is green?', answer: 'It', quote: null, page: null }
  await settle(db, job_id ?? '', 0, TOKEN, {
    status: 'done',
    cards: [{ ...card, grounding: 'unverified', flags: ['vague'] }],
  })
  job = await readWorkingJob(db, user, job_id ?? '')
  const [only] = await loadReview(db, user, job.job_id)
  if (!only) throw new Error('nothing waits')
  candidate = only
})

const settings = () =>
  providerSettings(
    { baseURL: provider.url, model: 'tiny', key: null, keyHost: null, concurrency: null },
    asLongAsItTakes,
  )
const again = (remark: string) => regeneratorFor(db, job, settings)(candidate, remark, asLongAsItTakes)

const reply = (card: object) => JSON.stringify({ cards: [card] })

test('the model is told the card, the remark and the text, and its card is checked like any other', async () => {
  const quote = 'Chlorophyll is a green pigment that absorbs the energy of light.'
  provider.script({
    text: reply({
      quote,
      page: 0,
      question: 'Which pigment absorbs light in plants?',
      answer: 'Chlorophyll',
    }),
  })
  expect(await again('name the pigment')).toMatchObject({
    question: 'Which pigment absorbs light in plants?',
    answer: 'Chlorophyll',
    quote,
    grounding: 'verified',
    flags: [],
    duplicate_of: null,
  })
  const told = JSON.stringify(provider.asked()[0]?.body?.messages)
  for (const words of ['name the pigment', 'What is green?', 'Xylem is the tissue'])
    expect(told).toContain(words)
  const [used] = await sql`select requests, prompt_tokens > 0 as counted from ai_job_sections`
  expect(used).toEqual({ requests: 1, counted: true })
})

test('one that is made up, and one that the deck has already, are told as such', async () => {
  provider.script(
    {
      text: reply({
        quote: 'Plants dream of the sea.',
        page: 0,
        question: 'What do plants dream of?',
        answer: 'The sea',
      }),
    },
    {
      text: reply({
        quote: 'Xylem is the tissue that carries water from the roots to the leaves.',
        page: 0,
        question: 'Which tissue carries the water up?',
        answer: 'Xylem',
      }),
    },
  )
  expect(await again('')).toMatchObject({ grounding: 'unverified' })
  expect(await again('')).toMatchObject({
    grounding: 'verified',
    flags: ['duplicate'],
    duplicate_of: 'Which tissue carries water up?',
  })
})

test('whatever keeps the model from it is said, and the review goes on', async () => {
  provider.script({ text: '{"cards":[]}' }, { refusal: 'I would rather not.' })
  expect(await again('')).toEqual({ failed: 'The model made no card of it.' })
  expect(await again('')).toEqual({ failed: expect.stringMatching(/declined|rather not/) })
  const without = regeneratorFor(db, job, async () => {
    throw new CliError('denied', 'OPENAI_API_KEY is not set.')
  })
  expect(await without(candidate, '', asLongAsItTakes)).toEqual({ failed: 'OPENAI_API_KEY is not set.' })
  const byHand = regeneratorFor(db, { ...job, options: { copy: true } }, settings)
  expect(await byHand(candidate, '', asLongAsItTakes)).toEqual({
    failed: expect.stringContaining('edit the card'),
  })
  await sql`update ai_job_sections set text = null`
  expect(await again('')).toEqual({ failed: 'The text that it came from is no longer kept.' })
})

test('it can be called off', async () => {
  provider.script({ hang: true })
  const calling = new AbortController()
  const asked = regeneratorFor(db, job, settings)(candidate, '', calling.signal)
  calling.abort(new CliError('interrupted', 'Called off.'))
  await expect(asked).rejects.toThrow('Called off.')
})
