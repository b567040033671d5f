import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeDeck, makeUser, share } from '../support/builders.ts'
import { folder, sql, useDatabase } from '../support/database.ts'
import { pdf } from '../support/pdf.ts'
import { type Behaviour, type FakeProvider, startProvider } from '../support/provider.ts'
import { did, rote } from '../support/rote.ts'

useDatabase()

const TEXT = `# The cell

The mitochondrion is the organelle that produces most of the chemical energy of a cell. The nucleus is the organelle that keeps the genetic material of the cell. Ribosomes are small particles that assemble proteins from amino acids.

# The plant

Chlorophyll is a green pigment that absorbs the energy of light. Xylem is the tissue that carries water from the roots to the leaves. Phloem is the tissue that carries sugar from the leaves to the rest of the plant.
`

let provider: FakeProvider
let notes: string
let long: string

beforeAll(async () => {
  provider = await startProvider()
  mkdirSync(folder, { recursive: true })
  notes = join(folder, 'notes.md')
  writeFileSync(notes, TEXT)
  long = join(folder, 'long.md')
  // twelve sections, of which every sentence is another
  const words = [
    'iron',
    'gold',
    'lead',
    'zinc',
    'neon',
    'argon',
    'boron',
    'radon',
    'xenon',
    'cobalt',
    'nickel',
    'copper',
  ]
  const pieces = words.map((word, i) =>
    Array.from(
      { length: 40 },
      (_, j) =>
        `Sample ${word} ${String.fromCharCode(65 + (j % 26))}${j} is a specimen that the laboratory number ${i * 40 + j} keeps in a locked cabinet for ${word} alloys.`,
    ).join(' '),
  )
  writeFileSync(long, pieces.map((piece, i) => `# ${words[i]}\n\n${piece}\n`).join('\n'))
})
beforeEach(() => provider.reset())
afterAll(() => provider.close())

/** The environment in which the provider is. */
const env = () => ({ OPENAI_BASE_URL: provider.url, ROTE_MODEL: 'tiny' })
const generate = (line: string, options: Parameters<typeof rote>[1] = {}) =>
  rote(`generate ${line}`, { ...options, env: { ...env(), ...options?.env } })

describe('from a file to cards', () => {
  test('in a pipe the job is made, its cards wait, and its id is the answer', async () => {
    await makeDeck('Biology')
    const { code, stdout, stderr } = await generate(`${notes} --deck Biology`)
    expect({ code, stderr }).toMatchObject({ code: 0 })
    const [job] =
      await sql`select job_id, status, outcome, source_type, source_url, source_title from ai_jobs`
    expect(stdout).toBe(`${job?.job_id}\n`)
    expect(job).toMatchObject({ status: 'done', outcome: 'complete', source_type: 'text', source_url: notes })
    expect(stderr).toContain(`Asking tiny at ${new URL(provider.url).host}`)
    const made =
      await sql`select question, quote, grounding, flags, decision from ai_candidates order by section, position`
    expect(made.length).toBeGreaterThan(0)
    expect(made.filter(({ grounding }) => grounding !== 'verified')).toEqual([])
    expect(made.filter(({ decision }) => decision !== 'proposed')).toEqual([])
    expect(stderr).toContain(`rote generate review ${job?.job_id.slice(0, 8)}`)
    expect(await sql`select from cards`).toEqual([])
  })

  test('--accept verified puts the cards into the deck, with their evidence, and tags', async () => {
    const { deck_id } = await makeDeck('Biology')
    const { code, json } = await generate(`${notes} --deck Biology --accept verified --tag ai --json`)
    expect(code).toBe(0)
    const job = json()
    expect(job).toMatchObject({ status: 'done', deck: 'Biology', waiting: 0, rejected: 0 })
    const cards =
      await sql`select question, answer, deck_id, job_id, tags, source_quote, source_page from cards`
    expect(cards).toHaveLength(Number(job.accepted))
    for (const card of cards) {
      expect(card).toMatchObject({ deck_id, job_id: job.job_id, tags: ['ai'], source_page: null })
      expect(TEXT).toContain(card.source_quote)
    }
  })

  test('planted inventions are shown, and not accepted unseen', async () => {
    await makeDeck('Metals')
    provider.become({ always: { plant: ['made_up_quote', 'foreign_number'] } })
    await did(`generate ${long} --deck Metals --count all --accept verified`, { env: env() })
    const made = provider.asked().flatMap(({ cards }) => cards)
    const planted = new Set(made.filter((card) => card.planted).map(({ question }) => question))
    const rows = await sql`select question, decision from ai_candidates`
    expect(planted.size).toBeGreaterThan(20)
    expect(rows).toHaveLength(made.length)
    expect(
      rows.filter(({ question, decision }) => (decision === 'accepted') === planted.has(question)),
    ).toEqual([])
  })

  test('a deck that is not there is made when that is wished, and not otherwise', async () => {
    await makeUser()
    const refused = await generate(`${notes} --deck Biology`)
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toContain('There is no deck "Biology".')
    expect(provider.asked()).toHaveLength(0)
    expect((await generate(`${notes} --deck Biology --yes`)).code).toBe(0)
    expect(await sql`select name from decks`).toEqual([{ name: 'Biology' }])
  })

  test("a deck of somebody else's that one may only look at is refused before anything is read", async () => {
    await makeUser()
    const { deck_id } = await makeDeck('Biology', {}, 'bob')
    await share(deck_id, 'ada', 'view')
    expect(await generate(`/nowhere --deck bob/Biology --user ada`)).toMatchObject({ code: 6 })
    expect(await sql`select from ai_jobs`).toEqual([])
  })

  test('without a deck, a model, or a key for a distant host it says what is missing', async () => {
    await makeDeck('Biology')
    expect(await generate(notes)).toMatchObject({ code: 2, stderr: expect.stringContaining('--deck') })
    expect(await generate(`${notes} --deck Biology`, { env: { ROTE_MODEL: '' } })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('ROTE_MODEL'),
    })
    const distant = { OPENAI_BASE_URL: 'https://models.example/v1', OPENAI_API_KEY: 'sk-mine' }
    const { code, stderr } = await generate(`${notes} --deck Biology`, { env: distant })
    expect(code).toBe(6)
    expect(stderr).not.toContain('sk-mine')
    expect(provider.asked()).toHaveLength(0)
  })
})

describe('nobody is asked', () => {
  test('--show-text prints the text as it is read', async () => {
    const { code, stdout } = await rote(`generate ${notes} --show-text`)
    expect(code).toBe(0)
    expect(stdout).toContain('Chlorophyll is a green pigment')
  })

  test('the password of a PDF comes from a file or the environment', async () => {
    const locked = join(folder, 'locked.pdf')
    writeFileSync(locked, await pdf(['Nobody reads this.\n'.repeat(20)], { userPassword: 'sesame' }))
    const file = join(folder, 'password')
    writeFileSync(file, 'sesame\r\n')
    for (const given of [
      rote(`generate ${locked} --show-text --password-file ${file}`, { env: { PDF_PASSWORD: 'barley' } }),
      rote(`generate ${locked} --show-text`, { env: { PDF_PASSWORD: 'sesame' } }),
    ])
      expect(await given).toMatchObject({ code: 0, stdout: expect.stringContaining('Nobody reads this.') })
    expect(await rote(`generate ${locked} --show-text`)).toMatchObject({
      code: 3,
      stdout: '',
      stderr: `${locked} needs a password.\nSet PDF_PASSWORD, or use --password-file.\n`,
    })
    expect(await rote(`generate ${locked} --show-text`, { env: { PDF_PASSWORD: 'barley' } })).toMatchObject({
      code: 3,
      stderr: expect.stringContaining(`The password of ${locked} is wrong.`),
    })
    expect(await rote(`generate ${locked} --show-text --password-file ${file}.not`)).toMatchObject({
      code: 3,
    })
  })

  test('--dry-run says what would be read, sent and paid', async () => {
    const { code, json } = await generate(`${long} --dry-run --count 20 --json`)
    expect(code).toBe(0)
    expect(json()).toMatchObject({
      source_type: 'text',
      source_url: long,
      cards: 20,
      model: 'tiny',
      base_url: provider.url,
      cost: null,
    })
    expect(provider.requests).toHaveLength(0)
    const { stdout } = await generate(`${long} --dry-run`)
    expect(stdout).toContain('Nothing was sent and nothing stored.')
  })
})

describe('again', () => {
  test('what was done before is not done again without being asked', async () => {
    await makeDeck('Biology')
    await did(`generate ${notes} --deck Biology --accept all`, { env: env() })
    const asked = provider.asked().length
    const { code, stderr } = await generate(`${notes} --deck Biology`)
    expect(code).toBe(2)
    expect(stderr).toMatch(/You made \d+ cards? from this on 20\d\d-\d\d-\d\d\. Make more\?/)
    expect(provider.asked()).toHaveLength(asked)
    // the same cards once more are all dropped as duplicates
    const again = await generate(`${notes} --deck Biology --yes`)
    expect(again).toMatchObject({ code: 1, stdout: '' })
    expect(again.stderr).toMatch(/No cards were made: all \d+ that were proposed were there already\./)
  })

  test('a job that a bad key stopped goes on with the same command', async () => {
    await makeDeck('Metals')
    provider.become({ key: 'right' })
    const refused = await generate(`${long} --deck Metals --concurrency 1`)
    expect(refused).toMatchObject({ code: 6, stdout: '' })
    const [job] = await sql`select job_id, status from ai_jobs`
    expect(job).toMatchObject({ status: 'failed' })
    expect(refused.stderr).toContain(`rote generate retry ${job?.job_id.slice(0, 8)}`)
    expect(provider.asked()).toHaveLength(1)
    provider.become({})
    const done = await generate(`${long} --deck Metals`)
    expect(done).toMatchObject({ code: 0, stdout: `${job?.job_id}\n` })
    expect(await sql`select count(*)::integer as jobs from ai_jobs`).toEqual([{ jobs: 1 }])
  })

  test('what was made and waits is not made again without being asked', async () => {
    await makeDeck('Biology')
    const job_id = await did(`generate ${notes} --deck Biology`, { env: env() })
    const { code, stderr } = await generate(`${notes} --deck Biology`)
    expect(code).toBe(2)
    expect(stderr).toMatch(
      new RegExp(
        `You made 0 cards from this on .*, and \\d+ waits? for you \\(rote generate review ${job_id.slice(0, 8)}\\)`,
      ),
    )
  })

  test('an old job is not opened again beside a newer one that is at the same', async () => {
    await makeDeck('Biology')
    const old = await did(`generate ${notes} --deck Biology --async`, { env: env() })
    await did(`generate cancel ${old}`)
    await did(`generate ${notes} --deck Biology --async`, { env: env() })
    expect(await generate(`retry ${old}`)).toMatchObject({
      code: 4,
      stderr: 'A newer job is at the same already.\nSee which one: rote generate list\n',
    })
  })

  test('the same command goes on also with a job that has made its deck', async () => {
    await makeUser()
    provider.become({ key: 'right' })
    expect((await generate(`${long} --deck Metals --yes`)).code).toBe(6)
    provider.become({})
    const done = await generate(`${long} --deck Metals`)
    expect(done).toMatchObject({ code: 0, stderr: expect.stringContaining('Going on with the job') })
    expect(await sql`select count(*)::integer as jobs from ai_jobs`).toEqual([{ jobs: 1 }])
  })

  test('sections that failed are named, and retried on their own', async () => {
    await makeDeck('Metals')
    provider.rule((_, index) => (index === 1 ? { refusal: 'I would rather not.' } : undefined))
    const partial = await generate(`${long} --deck Metals --count all --concurrency 1 --json`)
    expect(partial.code).toBe(7)
    const job = partial.json()
    expect(job).toMatchObject({ status: 'done', outcome: 'partial', sections_failed: 1 })
    const before = provider.asked().length
    const retried = await generate(`retry ${job.job_id} --json`)
    expect(retried.code).toBe(0)
    expect(retried.json()).toMatchObject({ outcome: 'complete', sections_failed: 0 })
    expect(provider.asked()).toHaveLength(before + 1)
  })

  test('Ctrl-C gives back what is in flight, and retry goes on from there', async () => {
    await makeDeck('Metals')
    let third = () => {}
    const interrupted = new Promise<void>((resolve) => {
      third = resolve
    })
    provider.rule((_, index) => {
      if (index < 2) return undefined
      third()
      return { hang: true }
    })
    const stopped = await generate(`${long} --deck Metals --count all --concurrency 1`, { interrupted })
    expect(stopped).toMatchObject({ code: 130, stdout: '' })
    expect(stopped.stderr).toMatch(/Stopped\. 2 of \d+ sections are saved\./)
    const [job] = await sql`select job_id from ai_jobs`
    expect(await sql`select from ai_job_sections where lease_token is not null`).toEqual([])
    // the request that was broken off is perhaps on the bill
    expect(
      await sql`select requests, usage_missing from ai_job_sections where requests > 0 order by section`,
    ).toMatchObject([{ usage_missing: 0 }, { usage_missing: 0 }, { requests: 1, usage_missing: 1 }])
    provider.rule(() => undefined)
    const before = provider.asked().length
    const done = await generate(`retry ${job?.job_id} --json`)
    expect(done.code).toBe(0)
    const { sections } = done.json()
    expect(provider.asked()).toHaveLength(before + Number(sections) - 2)
  })
})

describe('how many', () => {
  test('a number of cards is spread over the source, and what is missing is asked for once more', async () => {
    await makeDeck('Metals')
    provider.rule((_, index) => (index % 2 === 0 && index < 12 ? { text: '{"cards":[]}' } : undefined))
    const { code, json } = await generate(`${long} --deck Metals --count 20 --json`)
    expect(code).toBe(0)
    expect(json()).toMatchObject({ proposed: 20, options: { count: 20, topped_up: true } })
  })

  test('a model that has no more is not asked for ever', async () => {
    await makeDeck('Metals')
    provider.become({ always: { text: '{"cards":[]}' } })
    const { code, stderr } = await generate(`${long} --deck Metals --count 20`)
    expect(code).toBe(1)
    expect(stderr).toContain('No cards were made')
    const sections = await sql`select from ai_job_sections where status = 'done'`
    expect(provider.asked()).toHaveLength(sections.length)
  })
})

describe('limits', () => {
  test('--max-tokens stops before it is passed, and retry goes on with more', async () => {
    await makeDeck('Metals')
    const stopped = await generate(`${long} --deck Metals --count all --max-tokens 9000 --json`)
    expect(stopped.code).toBe(7)
    const job = stopped.json()
    expect(Number(job.prompt_tokens) + Number(job.completion_tokens)).toBeLessThanOrEqual(9000)
    expect(Number(job.sections_done)).toBeGreaterThan(0)
    expect((await generate(`retry ${job.job_id} --max-tokens 900000`)).code).toBe(0)
  })

  test('whoever else is at work on it ends as the one does who came to the limit', async () => {
    await makeDeck('Metals')
    provider.become({ always: { first: 60 } })
    const job_id = await did(`generate ${long} --deck Metals --count all --max-tokens 9000 --async`, {
      env: env(),
    })
    const both = await Promise.all([generate(`retry ${job_id}`), generate(`retry ${job_id}`)])
    expect(both.map(({ code }) => code)).toEqual([7, 7])
    for (const { stderr } of both)
      expect(stderr).toMatch(/Stopped at --max-tokens 9000\. \d+ of 12 sections are saved\./)
  })

  test('a limit of money on a job that was made without prices needs them now', async () => {
    await makeDeck('Metals')
    const job_id = await did(`generate ${long} --deck Metals --count all --async`, { env: env() })
    const refused = await generate(`retry ${job_id} --max-cost 0.01`)
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('--max-cost needs the prices') })
    for (const price of ['price_in', 'price_out']) await did(['config', 'set', price, '1'])
    const stopped = await generate(`retry ${job_id} --max-cost 0.01`)
    for (const price of ['price_in', 'price_out']) await did(['config', 'set', price, ''])
    expect(stopped).toMatchObject({ code: 7, stderr: expect.stringContaining('Stopped at --max-cost 0.01.') })
  })

  test('what was stopped has its duplicates marked before any of it is accepted', async () => {
    await makeDeck('Metals')
    provider.become({ always: { plant: ['near_duplicate'] } })
    const stopped = await generate(
      `${long} --deck Metals --count all --max-tokens 9000 --accept verified --json`,
    )
    expect(stopped.code).toBe(7)
    const flagged = await sql`select decision from ai_candidates where flags @> '{duplicate}'`
    expect(flagged.length).toBeGreaterThan(0)
    expect(flagged.filter(({ decision }) => decision === 'accepted')).toEqual([])
  })

  test('--max-cost needs prices', async () => {
    await makeDeck('Metals')
    const { code, stderr } = await generate(`${long} --deck Metals --max-cost 1`)
    expect(code).toBe(2)
    expect(stderr).toContain('price_in')
  })

  test('a provider that asks to wait for long gets its time', async () => {
    await makeDeck('Biology')
    provider.become({
      always: { status: 429, headers: { 'retry-after': '3600' }, body: { error: { message: 'slow down' } } },
    })
    const { code, stderr } = await generate(`${notes} --deck Biology`)
    expect(code).toBe(75)
    expect(stderr).toMatch(/The provider asks to wait until \d\d:\d\d\./)
    expect(await sql`select status, run_after > now() + interval '50 minutes' as rests from ai_jobs`).toEqual(
      [{ status: 'pending', rests: true }],
    )
  })
})

describe('in the background', () => {
  test('--async answers with the job, and leaves a worker behind', async () => {
    await makeDeck('Biology')
    const { code, stdout, background } = await generate(`${notes} --deck Biology --async --accept verified`)
    expect(code).toBe(0)
    const [job] = await sql`select job_id, status, options from ai_jobs`
    expect(stdout).toBe(`${job?.job_id}\n`)
    expect(job).toMatchObject({ status: 'pending', options: { accept: 'verified' } })
    expect(provider.asked()).toHaveLength(0)
    expect(background).toMatchObject([
      [expect.stringMatching(/rote\.js$/), expect.arrayContaining(['worker', '--job', job?.job_id]), {}],
    ])
    const worker = background[0]?.[1].join(' ') ?? ''
    expect(await rote(worker, { env: env() })).toMatchObject({ code: 0, stdout: '' })
    const [after] = await sql`select status, (select count(*)::integer from cards) as cards from ai_jobs`
    expect(after?.status).toBe('done')
    expect(after?.cards).toBeGreaterThan(0)
  })

  test('retry --async keeps what is to be accepted, and takes it back', async () => {
    await makeDeck('Biology')
    const job_id = await did(`generate ${notes} --deck Biology --async`, { env: env() })
    await did(`generate retry ${job_id} --async --accept verified`, { env: env() })
    expect(await sql`select options ->> 'accept' as accept from ai_jobs`).toEqual([{ accept: 'verified' }])
    await did(`generate retry ${job_id} --async --accept none`, { env: env() })
    expect(await sql`select options ? 'accept' as kept from ai_jobs`).toEqual([{ kept: false }])
  })

  test('a worker is given one job by any beginning of its id, and not one without a provider', async () => {
    await makeDeck('Biology')
    const job_id = await did(`generate ${notes} --deck Biology --async`, { env: env() })
    const [head, tail] = [job_id.slice(0, 8).toUpperCase(), job_id.slice(9, 11).toUpperCase()]
    expect((await generate(`worker --job ${head}${tail}`)).code).toBe(0)
    expect(await sql`select status from ai_jobs`).toEqual([{ status: 'done' }])
    await did(`generate ${notes} --deck Biology --copy`, { env: env() })
    const [byHand] = await sql`select job_id from ai_jobs where base_url is null`
    expect((await generate(`worker --job ${byHand?.job_id}`)).code).toBe(2)
  })

  test('a job whose deck is gone is left, and the others are worked on', async () => {
    await makeDeck('Biology')
    await makeDeck('Metals')
    await did(`generate ${notes} --deck Biology --async --accept all`, { env: env() })
    await did(`generate ${long} --deck Metals --async --accept all`, { env: env() })
    await did('deck delete Biology --yes')
    const { code, stderr } = await generate('worker --once')
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('is gone') })
    expect(await sql`select status from ai_jobs order by created_at`).toEqual([
      { status: 'pending' },
      { status: 'done' },
    ])
    const [job] = await sql`select job_id from ai_jobs where status = 'pending'`
    const asked = provider.asked().length
    expect((await generate(`retry ${job?.job_id}`)).code).toBe(3)
    expect(provider.asked()).toHaveLength(asked)
  })

  test('a worker takes all jobs there are, the oldest first, and ends with --once', async () => {
    await makeDeck('Biology')
    await did(`generate ${notes} --deck Biology --async`, { env: env() })
    await did(`generate ${long} --deck Biology --async`, { env: env() })
    expect((await generate('worker --once')).code).toBe(0)
    expect(await sql`select distinct status from ai_jobs`).toEqual([{ status: 'done' }])
    const { stdout } = await generate('list --json')
    expect(JSON.parse(stdout).map((job: { source_url: string }) => job.source_url)).toEqual([long, notes])
  })

  test('three workers at once share a job, and each section is asked about once', async () => {
    await makeDeck('Metals')
    provider.become({ always: { first: 20 } })
    const job_id = await did(`generate ${long} --deck Metals --count all --async`, { env: env() })
    const workers = await Promise.all(
      Array.from({ length: 3 }, () => generate('worker --once --concurrency 2')),
    )
    expect(workers.map(({ code }) => code)).toEqual([0, 0, 0])
    const [job] = await sql`select status, outcome from ai_jobs where job_id = ${job_id}`
    expect(job).toEqual({ status: 'done', outcome: 'complete' })
    const [{ sections } = { sections: 0 }] =
      await sql`select count(*)::integer as sections from ai_job_sections where status = 'done'`
    expect(provider.asked()).toHaveLength(sections)
  })
})

describe('a provider that cannot be used', () => {
  test.each([
    [
      'an empty account',
      { status: 429, body: { error: { code: 'insufficient_quota', message: 'You exceeded your quota.' } } },
      5,
    ],
    ['an unknown model', { status: 404, body: { error: { message: 'The model `tiny` does not exist' } } }, 5],
    ['a refused key', { status: 401, body: { error: { message: 'Incorrect API key' } } }, 6],
  ])('%s ends the job after one request, and says how to go on', async (_, behaviour, code) => {
    await makeDeck('Metals')
    provider.become({ always: behaviour })
    const ended = await generate(`${long} --deck Metals --concurrency 1`)
    expect(ended).toMatchObject({ code, stdout: '' })
    expect(ended.stderr).toMatch(
      /0 of \d+ sections are saved\.\n[\s\S]*Go on with it: rote generate retry [0-9a-f]{8}\n$/,
    )
    expect(provider.asked()).toHaveLength(1)
    expect(await sql`select status from ai_jobs`).toEqual([{ status: 'failed' }])
  })

  test('one that is not there may be back in a minute: the job waits for whoever comes first', async () => {
    await makeDeck('Metals')
    const gone = await startProvider()
    await gone.close()
    const away = { OPENAI_BASE_URL: gone.url }
    const ended = await generate(`${long} --deck Metals`, { env: away })
    expect(ended).toMatchObject({ code: 5, stdout: '' })
    expect(ended.stderr).toContain('ECONNREFUSED')
    expect(await sql`select status, error_code, run_after > now() as rests from ai_jobs`).toEqual([
      { status: 'pending', error_code: 'unreachable', rests: true },
    ])
  })
})

describe('a provider that says strange things', () => {
  const cases: [string, Behaviour][] = [
    ['more tokens than there are', { usage: 3_000_000_000 }],
    ['a NUL in what is no answer', { text: 'No \0 cards.' }],
  ]
  test.each(cases)('%s', async (_, always) => {
    await makeDeck('Biology')
    provider.become({ always })
    const { code, stderr } = await generate(`${notes} --deck Biology`)
    expect({ code, stderr }).toMatchObject({ code: expect.toBeOneOf([0, 5]) })
    expect(await sql`select from ai_jobs where status in ('pending', 'processing')`).toEqual([])
  })

  test('its words are a sentence of their own', async () => {
    await makeDeck('Biology')
    provider.become({ always: { status: 401, body: { error: { message: 'Who are you' } } } })
    const { stderr } = await generate(`${notes} --deck Biology`)
    expect(stderr).toContain('Who are you. 0 of 1 section is saved.')
  })
})

describe('looking after jobs', () => {
  test('the deck is deleted while cards are made: what was done is told, and the cards wait', async () => {
    await makeDeck('Biology')
    provider.rule(() => {
      sql`update decks set deleted_at = now()`.execute()
      return { first: 200 }
    })
    const { code, stdout, stderr } = await generate(`${notes} --deck Biology --accept all`)
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toMatch(/1 of 1 section done\.\n\d cards? proposed[\s\S]*The deck of these cards is gone/)
  })

  test('a bare rote tells of cards that wait for a decision', async () => {
    await makeDeck('Biology')
    const job_id = await did(`generate ${notes} --deck Biology`, { env: env() })
    const { stderr } = await rote('', { tty: 'out' })
    expect(stderr).toMatch(/\d generated cards? waits? for a decision: rote generate review [0-9a-f]{8}\n/)
    await did(`generate review ${job_id} --accept all`)
    expect((await rote('', { tty: 'out' })).stderr).not.toContain('generated')
  })

  test('view tells what became of the source', async () => {
    await makeDeck('Biology')
    const job_id = await did(`generate ${notes} --deck Biology`, { env: env() })
    const { stdout } = await rote(`generate view ${job_id.slice(0, 8)}`, { tty: 'out' })
    expect(stdout).toMatch(/1 of 1 section done\./)
    expect(stdout).toMatch(/\d+ cards? proposed: \d+ verified, 0 with remarks\./)
    expect(stdout).toMatch(/Used: \d+ \+ \d+ tokens/)
  })

  test('cancel ends a job for good until it is retried', async () => {
    await makeDeck('Biology')
    const job_id = await did(`generate ${notes} --deck Biology --async`, { env: env() })
    expect(await rote(`generate cancel ${job_id}`)).toMatchObject({ code: 0, stdout: `${job_id}\n` })
    expect(await rote(`generate cancel ${job_id}`)).toMatchObject({ code: 4 })
    expect((await generate('worker --once')).code).toBe(0)
    expect(provider.asked()).toHaveLength(0)
    expect((await generate(`retry ${job_id}`)).code).toBe(0)
  })
})

describe('--copy', () => {
  test('in the background is refused before anything is made', async () => {
    await makeUser()
    const refused = await rote(`generate ${notes} --deck Biology --copy --async --yes`)
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(await sql`select from decks`).toEqual([])
    expect(await sql`select from ai_jobs`).toEqual([])
  })

  test('--dry-run names no provider, since none is asked', async () => {
    const { code, stdout } = await generate(`${notes} --copy --dry-run`)
    expect(code).toBe(0)
    expect(stdout).not.toContain(new URL(provider.url).host)
  })

  const answer = JSON.stringify({
    cards: [
      {
        quote: 'Chlorophyll is a green pigment that absorbs the energy of light.',
        page: 0,
        question: 'Which pigment absorbs the energy of light in plants?',
        answer: 'Chlorophyll',
      },
    ],
  })

  test('in a pipe: the prompt comes out, the answer goes in', async () => {
    await makeDeck('Biology')
    const { code, stdout, stderr } = await rote(`generate ${notes} --deck Biology --copy`)
    expect(code).toBe(0)
    expect(stdout).toContain('Chlorophyll is a green pigment')
    const [job] = await sql`select job_id from ai_jobs`
    const id = job?.job_id.slice(0, 8)
    expect(stderr).toContain(`rote generate paste ${id}`)
    expect(await rote(`generate paste ${id}`, { input: 'Sorry, no.' })).toMatchObject({ code: 2, stdout: '' })
    const pasted = await rote(`generate paste ${id}`, {
      input: `Here you are:\n\`\`\`json\n${answer}\n\`\`\``,
    })
    expect(pasted).toMatchObject({ code: 0, stdout: `${job?.job_id}\n` })
    expect(await sql`select question, grounding from ai_candidates`).toMatchObject([
      { grounding: 'verified' },
    ])
    expect(await rote(`generate paste ${id}`, { input: answer })).toMatchObject({ code: 4 })
  })

  test('a job that waits for an answer is not interrupted, and one that was cancelled says so', async () => {
    await makeDeck('Biology')
    await did(`generate ${notes} --deck Biology --copy`)
    const [job] = await sql`select job_id from ai_jobs`
    expect((await rote('generate list', { tty: true })).stdout).not.toContain('interrupted')
    await did(`generate cancel ${job?.job_id}`)
    const late = await rote(`generate paste ${job?.job_id}`, { input: answer })
    expect(late).toMatchObject({ code: 4, stderr: expect.stringContaining('was cancelled') })
  })
})
