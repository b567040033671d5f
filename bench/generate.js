// A real book made into cards: what of it is covered, what is verified, and what a worker that is killed costs. The book is
// "Free Culture" by Lawrence Lessig, 352 pages; where it lies is told by ROTE_BENCH_BOOK.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { withProvider } from './support/provider.js'
import { alone } from './support/report.js'
import { ROTE, rote, server, withHome } from './support/rote.js'

const BOOK = resolve(
  process.env.ROTE_BENCH_BOOK ?? join(import.meta.dirname, '../../shared/data/pdf/freeculture.pdf'),
)
const KILLS = Number(process.env.ROTE_BENCH_KILLS ?? 20)
const WORKERS = 3
const CONCURRENCY = 4
/** Two true cards and then one of each of these in every section. */
const PLANT = ['made_up_quote', 'changed_word', 'foreign_number', 'foreign_name', 'no_quote']

/** @type {import('./support/report.js').Benchmark} */
export async function generate() {
  if (!existsSync(BOOK))
    return [{ what: `cards of a book (${BOOK} is not there)`, measured: '', bar: '', met: null }]
  const whole = await undisturbed()
  const killed = await disturbed()
  const same = JSON.stringify(whole.cards) === JSON.stringify(killed.cards)
  return [
    {
      what: `book of ${whole.pages} pages, ${whole.sections} sections, ${whole.seconds} s: pages with text that are in a section that is done`,
      measured: `${whole.covered} of ${whole.readable}`,
      bar: 'all',
      met: whole.covered === whole.readable && whole.readable > 0,
    },
    {
      what: `true cards verified, with the right page (${whole.true} made)`,
      measured: `${whole.trueVerified} verified, ${whole.trueRightPage} right (${whole.trueClean} without any flag)`,
      bar: 'all',
      met: whole.true > 0 && whole.trueVerified === whole.true && whole.trueRightPage === whole.true,
    },
    {
      what: `planted inventions verified without a flag (${whole.planted} made)`,
      measured: `${whole.plantedVerified}`,
      bar: '0',
      met: whole.planted > 0 && whole.plantedVerified === 0,
    },
    {
      what: `the same with ${WORKERS} workers and ${killed.kills} times kill -9`,
      measured: `${same ? 'the same' : 'other'} cards, ${killed.doubled} doubled, ${killed.requests - killed.sections} wasted calls`,
      bar: `the same, 0 doubled, ≤ ${killed.inFlight} in flight when killed`,
      met: same && killed.doubled === 0 && killed.requests - killed.sections <= killed.inFlight,
    },
  ]
}

/** One process, from the beginning to the end. */
function undisturbed() {
  return withHome(null, (home) =>
    withProvider({ always: { plant: PLANT, forgets: true } }, async (provider) => {
      const env = { ...home, OPENAI_BASE_URL: provider.url, ROTE_MODEL: 'bench' }
      rote(env, 'deck', 'create', 'Book')
      const start = performance.now()
      const [job] = [JSON.parse(rote(env, 'generate', BOOK, '--deck', 'Book', '--count', 'all', '--json'))]
      const seconds = Math.round((performance.now() - start) / 1000)
      const text = JSON.parse(rote(env, 'generate', BOOK, '--show-text', '--json'))
      const made = (await provider.asked()).flatMap(({ cards }) => cards)
      return await withSql(env, async (sql) => {
        const candidates =
          await sql`select question, answer, quote, page, grounding, to_jsonb(flags) as flags from ai_candidates`
        /** @type {Map<string, any[]>} */
        const found = new Map()
        for (const row of candidates)
          found.set(keyOf({ question: row.question, answer: row.answer }), [
            ...(found.get(keyOf({ question: row.question, answer: row.answer })) ?? []),
            row,
          ])
        // the same sentence may stand in two places, and of a quote we keep what stands in the source
        const of = (/** @type {import('./support/provider.js').MadeCard} */ card) => {
          const rows = (found.get(keyOf(card)) ?? []).filter(
            ({ quote }) => letters(quote) === letters(card.quote),
          )
          return rows.find(({ page }) => page === card.page) ?? rows[0]
        }
        const clean = (/** @type {any} */ row) =>
          row?.flags.every((/** @type {string} */ flag) => flag === 'duplicate')
        const verified = (/** @type {any} */ row) => row?.grounding === 'verified'
        const honest = made.filter(({ planted }) => !planted)
        const planted = made.filter(({ planted }) => planted)
        const done = await sql`select page_from, page_to from ai_job_sections where status = 'done'`
        const covered = text.pages.filter((/** @type {{ page: number }} */ { page }) =>
          done.some(({ page_from, page_to }) => page_from <= page && page <= page_to),
        )
        return {
          cards: await cardsOf(sql),
          pages: job.source_pages,
          sections: job.sections,
          seconds,
          readable: text.pages.length,
          covered: covered.length,
          true: honest.length,
          trueVerified: honest.filter((card) => verified(of(card))).length,
          trueRightPage: honest.filter((card) => of(card)?.page === card.page).length,
          planted: planted.length,
          trueClean: honest.filter((card) => verified(of(card)) && clean(of(card))).length,
          plantedVerified: planted.filter((card) => verified(of(card)) && clean(of(card))).length,
        }
      })
    }),
  )
}

/** Three workers, of which one is killed again and again; another takes its place each time. */
function disturbed() {
  return withHome(null, (home) =>
    withProvider({ always: { plant: PLANT, first: 2500, forgets: true } }, async (provider) => {
      const env = { ...home, OPENAI_BASE_URL: provider.url, ROTE_MODEL: 'bench' }
      rote(env, 'deck', 'create', 'Book')
      // whoever makes the job finds nobody at the address and goes: from here on there are only our workers
      const make = [ROTE, 'generate', BOOK, '--deck', 'Book', '--count', 'all']
      spawnSync(process.execPath, make, { env: { ...env, OPENAI_BASE_URL: await closedPort() } })
      return await withSql(env, async (sql) => {
        await sql`update ai_jobs set base_url = ${provider.url}, run_after = null`
        const workers = Array.from({ length: WORKERS }, () => startWorker(env))
        let kills = 0
        let inFlight = 0
        while (kills < KILLS && !(await ended(sql))) {
          await sleep(200 + Math.random() * 800)
          const victim = Math.floor(Math.random() * WORKERS)
          workers[victim]?.child.kill('SIGKILL')
          await workers[victim]?.closed
          const worker = `%:${workers[victim]?.child.pid}`
          const [held] =
            await sql`select count(*)::integer as n from ai_job_sections where worker like ${worker}`
          inFlight += held?.n
          kills++
          workers[victim] = startWorker(env)
        }
        while (!(await ended(sql))) await sleep(200)
        await Promise.all(workers.map(({ closed }) => closed))
        const [sections] = await sql`select count(*)::integer as n from ai_job_sections where status = 'done'`
        const [doubled] =
          await sql`select count(*)::integer - count(distinct (section, position)) as n from ai_candidates `
        return {
          cards: await cardsOf(sql),
          doubled: Number(doubled?.n),
          requests: (await provider.asked()).length,
          sections: sections?.n,
          kills,
          inFlight,
        }
      })
    }),
  )
}

/** The address of a server that is not there any more. */
async function closedPort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  server.close()
  await once(server, 'close')
  return `http://127.0.0.1:${port}/v1`
}

/** @param {NodeJS.ProcessEnv} env */
function startWorker(env) {
  const args = [ROTE, 'generate', 'worker', '--once', '--concurrency', String(CONCURRENCY)]
  const child = spawn(process.execPath, args, { env, stdio: 'ignore' })
  return { child, closed: new Promise((resolve) => child.on('close', resolve)) }
}

/** @param {postgres.Sql} sql */
async function ended(sql) {
  const [job] = await sql`select status from ai_jobs`
  return job?.status === 'done' || job?.status === 'failed'
}

/** @param {{ question: string, answer: string }} card */
const keyOf = ({ question, answer }) => JSON.stringify([question.trim(), answer.trim()])
/** @param {string | null} text */
const letters = (text) => (text ?? '').toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')

/** What was made, whoever made it. @param {postgres.Sql} sql */
async function cardsOf(sql) {
  const rows = await sql`select section, position, question, answer, quote, page, grounding, flags, decision
    from ai_candidates order by section, position`
  return JSON.stringify([...rows])
}

/**
 * @template T
 * @param {NodeJS.ProcessEnv} env
 * @param {(sql: postgres.Sql) => Promise<T>} work
 */
async function withSql(env, work) {
  const { socket } = server(env)
  // postgres.js has the option, its types do not
  const options = {
    socket: async () => connect(socket),
    max: 1,
    prepare: false,
    fetch_types: false,
    user: 'postgres',
  }
  const sql = postgres(/** @type {postgres.Options<{}>} */ (options))
  try {
    return await work(sql)
  } finally {
    await sql.end()
  }
}

await alone(import.meta.url, generate)
