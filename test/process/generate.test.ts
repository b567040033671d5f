import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { startProvider } from '../support/provider.ts'
import { answer, client, newHome, rote, start, until } from './support.ts'

// The built program and its workers as processes, and what becomes of a job when they are killed.

const SECTIONS = 24
let text: string

beforeAll(() => {
  const parts = Array.from({ length: SECTIONS }, (_, i) => {
    const sentences = Array.from(
      { length: 34 },
      (_, j) =>
        `Specimen ${String.fromCharCode(65 + i)}${j} is a mineral that the cabinet number ${i * 100 + j} of the old museum keeps behind glass.`,
    )
    return `# Room ${i + 1}\n\n${sentences.join(' ')}\n`
  })
  text = parts.join('\n')
})

/** A home with a deck and a source, and a provider that takes its time. */
async function beginning(first: number) {
  const home = newHome()
  const provider = await startProvider({ always: { first, plant: ['made_up_quote'] } })
  onTestFinished(() => provider.close())
  const env = { OPENAI_BASE_URL: provider.url, ROTE_MODEL: 'tiny' }
  await answer(home, 'deck', 'create', 'Museum')
  const source = join(home, 'museum.md')
  writeFileSync(source, text)
  const generate = (...args: string[]) => ['generate', source, '--deck', 'Museum', '--count', 'all', ...args]
  return { home, provider, env, generate }
}

const cardsOf = async (home: string) =>
  JSON.stringify(
    await client(home)`
    select section, position, question, answer, quote, page, grounding, flags, decision
    from ai_candidates order by section, position`,
  )

test('three workers of which one is killed again and again make the same cards, none twice', async () => {
  const calm = await beginning(0)
  expect((await rote(calm.home, calm.generate(), '', calm.env)).code).toBe(0)
  const wanted = await cardsOf(calm.home)
  expect(calm.provider.asked()).toHaveLength(SECTIONS)

  const { home, provider, env, generate } = await beginning(400)
  // the job is made by somebody who cannot reach the provider, and has gone
  const gone = await startProvider()
  await gone.close()
  expect((await rote(home, generate(), '', { ...env, OPENAI_BASE_URL: gone.url })).code).toBe(5)
  const sql = client(home)
  await sql`update ai_jobs set base_url = ${provider.url}, run_after = null`
  const worker = () => start(home, ['generate', 'worker', '--once', '--concurrency', '2'], env)
  const workers = [worker(), worker(), worker()]
  let inFlight = 0
  for (let round = 0; round < 5; round++) {
    await until(async () => (await sql`select from ai_job_sections where lease_until > now()`).length > 1)
    await sleep(100 + 70 * round)
    const victim = workers[round % 3]
    victim?.child.kill('SIGKILL')
    await victim?.ended
    const held = await sql`select from ai_job_sections where worker like ${`%:${victim?.child.pid}`}`
    inFlight += held.length
    workers[round % 3] = worker()
  }
  await until(async () => (await sql`select from ai_jobs where status = 'done'`).length === 1, 30_000)
  await Promise.all(workers.map(({ ended }) => ended))
  expect(await cardsOf(home)).toBe(wanted)
  const twice = await sql`
    select from ai_candidates group by section, position having count(*) > 1`
  expect(twice).toHaveLength(0)
  expect(provider.asked().length - SECTIONS).toBeLessThanOrEqual(inFlight)
}, 90_000)

test('--async answers before the cards are there, and they come all the same', async () => {
  const { home, env, generate } = await beginning(100)
  const { code, stdout } = await rote(
    home,
    generate('--async', '--accept', 'verified', '--concurrency', '6'),
    '',
    env,
  )
  expect(code).toBe(0)
  const job_id = stdout.trim()
  const job = () => answer<{ status: string; accepted: number }>(home, 'generate', 'view', job_id)
  expect((await job()).status).not.toBe('done')
  await until(async () => (await job()).accepted > 0, 30_000)
  expect(await answer<unknown[]>(home, 'card', 'list', 'Museum')).toHaveLength((await job()).accepted)
}, 60_000)

test('Ctrl-C while it asks: what was done is kept, what was in flight is free at once', async () => {
  const { home, provider, env, generate } = await beginning(200)
  const { child, ended } = start(home, generate('--concurrency', '2'), env)
  await until(() => provider.asked().length >= 6)
  child.kill('SIGINT')
  const { code, stdout, stderr } = await ended
  expect({ code, stdout }).toEqual({ code: 130, stdout: '' })
  expect(stderr).toMatch(
    /Stopped\. \d+ of 24 sections are saved\.\nGo on with it: rote generate retry [0-9a-f]{8}\n$/,
  )
  const sql = client(home)
  expect(await sql`select from ai_job_sections where lease_token is not null`).toHaveLength(0)
  const [done] = await sql`select count(*)::integer as n from ai_job_sections where status = 'done'`
  expect(done?.n).toBeGreaterThan(0)
})
