// How long it takes to copy a large deck, without and with one's progress in it.
import { connect } from './support/history.js'
import { withDatabase } from './support/postgres.js'
import { alone, figure, noPostgres } from './support/report.js'
import { ROTE, rote, timeNode, withHome } from './support/rote.js'

const CARDS = 100_000
const ATTEMPTS = 500_000
const SIZE = `${CARDS.toLocaleString('en')} cards`

/** @type {import('./support/report.js').Benchmark} */
export async function copy(postgres) {
  return [
    ...(await withHome(null, (env) => copies(env, 'embedded'))),
    ...(postgres
      ? await withDatabase(postgres, (url) => withHome(url, (env) => copies(env, 'Postgres')))
      : [noPostgres(`deck copy, ${SIZE}, Postgres`)]),
  ]
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string} where
 */
async function copies(env, where) {
  await fill(env)
  const plain = timeNode(env, ROTE, 'deck', 'copy', 'Large', '--name', 'Plain')
  const progress = timeNode(env, ROTE, 'deck', 'copy', 'Large', '--name', 'Progress', '--with-progress')
  return [
    figure(`deck copy, ${SIZE}, ${where}`, plain / 1000, 's'),
    figure(`… with ${ATTEMPTS.toLocaleString('en')} answers, ${where}`, progress / 1000, 's'),
    await equal(env, where),
  ]
}

/**
 * One deck, of which every card has been seen, some of them not since, some in both directions.
 * @param {NodeJS.ProcessEnv} env
 */
async function fill(env) {
  rote(env, 'deck', 'create', 'Large')
  const sql = await connect(env)
  try {
    await sql.unsafe(`
      insert into cards (deck_id, question, answer, tags, unseen, confidence_status)
      select deck_id, 'question ' || n, 'the answer to it, number ' || n, array['tag' || n % 7], false, 'got_it'
      from decks, generate_series(1, ${CARDS}) n`)
    await sql.unsafe(`
      insert into revision_sessions (user_id, deck_id, started_at, ended_at)
      select user_id, deck_id, now() - n * interval '1 day', now() - n * interval '1 day' + interval '1 hour'
      from decks, generate_series(1, ${ATTEMPTS / 500}) n`)
    await sql.unsafe(`
      insert into revision_attempts (session_id, card_id, confidence_status, attempted_at, duration_ms, time_zone, study_date, state, desired_retention)
      select session_id, card_id, 'got_it', started_at + interval '7 seconds' * (n % 500), 2000, 'UTC', started_at::date, 'review', 0.9
      from (select card_id, row_number() over (order by position) - 1 as n from cards) c
      cross join generate_series(0, ${ATTEMPTS / CARDS - 1}) round
      join (select session_id, started_at, row_number() over (order by started_at) - 1 as place from revision_sessions) s
        on s.place = (n + round * ${CARDS}) / 500`)
    await sql.unsafe(`
      insert into card_schedules (user_id, card_id, due, stability, difficulty, state, reps, first_review, last_review)
      select user_id, card_id, now() + interval '9 days', 20, 5, 'review', 5, now() - interval '3 years', now() - interval '10 days'
      from users, cards`)
    await sql.unsafe('vacuum (analyze)')
  } finally {
    await sql.end()
  }
}

/**
 * Whether the copy with progress is as the deck is.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} where
 */
async function equal(env, where) {
  const sql = await connect(env)
  try {
    const rows = await sql.unsafe(`
      select d.name, count(*) as cards, sum(hashtextextended(row(question, answer, tags, unseen, c.confidence_status, due,
        stability, s.difficulty, s.state, reps, first_review, last_review, attempts)::text, 0)) as sum
      from decks d join cards c using (deck_id) left join card_schedules s using (card_id)
      left join lateral (
        select array_agg(row(confidence_status, attempted_at, study_date) order by attempted_at)::text as attempts
        from revision_attempts a where a.card_id = c.card_id) a on true
      where d.name <> 'Plain' group by d.name`)
    const [first, second] = rows.map(({ cards, sum }) => `${cards} ${sum}`)
    const same = rows.length === 2 && first === second
    return {
      what: `cards, schedules and answers of the copy, ${where}`,
      measured: same ? 'equal' : 'different',
      bar: 'equal',
      met: same,
    }
  } finally {
    await sql.end()
  }
}

await alone(import.meta.url, copy)
