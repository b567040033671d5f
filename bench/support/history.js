import postgres from 'postgres'
import { rote } from './rote.js'

/**
 * Fills the database of `env` with the history of one person who has studied for years: decks, cards that have all been
 * seen, and their attempts, ten for each card, up to now. Two cards of a hundred are due.
 * @param {NodeJS.ProcessEnv} env
 * @param {{ cards: number, attempts: number }} size
 */
export async function fillHistory(env, { cards, attempts }) {
  rote(env, 'whoami')
  const sql = await connect(env)
  const each = attempts / cards
  try {
    await sql.unsafe(
      `insert into decks (user_id, name) select user_id, 'Deck ' || n from users, generate_series(1, 10) n`,
    )
    await sql.unsafe(`
      insert into cards (deck_id, question, answer, tags)
      select deck_id, 'question ' || n, 'the answer to it, number ' || n, array['tag' || n % 7]
      from generate_series(1, ${cards}) n
      join (select deck_id, row_number() over (order by name) - 1 as place from decks) d on d.place = n % 10`)
    // sittings of five hundred answers, spread over three years, each in one deck
    await sql.unsafe(`
      insert into revision_sessions (user_id, deck_id, started_at, ended_at)
      select user_id, deck_id, started, started + interval '1 hour'
      from (
        select u.user_id, d.deck_id, now() - interval '3 years' * (1 - n / ${attempts / 500}.0) - interval '2 hours' as started
        from users u, generate_series(1, ${attempts / 500}) n
        join (select deck_id, row_number() over (order by name) - 1 as place from decks) d on d.place = n % 10
      ) s`)
    for (let round = 0; round < each; round++) {
      await sql.unsafe(`
        insert into revision_attempts (session_id, card_id, confidence_status, attempted_at, duration_ms, time_zone, study_date, state, desired_retention)
        select s.session_id, c.card_id,
          case when (c.n * 7 + ${round}) % 10 = 0 then 'again' when (c.n + ${round}) % 9 = 0 then 'almost' else 'got_it' end,
          s.started_at + interval '7 seconds' * (c.n % 500), 2000 + (c.n * 37) % 9000, 'UTC',
          (s.started_at - interval '4 hours')::date, case when ${round} = 0 then 'new' else 'review' end, 0.9
        from (select card_id, deck_id, row_number() over (partition by deck_id order by position) - 1 as n from cards) c
        join (select session_id, deck_id, started_at,
          row_number() over (partition by deck_id order by started_at) - 1 as place from revision_sessions) s
          on s.deck_id = c.deck_id and s.place = c.n / 500 + ${round} * ${cards / 10 / 500}`)
    }
    await sql.unsafe(`
      insert into card_schedules (user_id, card_id, due, stability, difficulty, state, reps, lapses, first_review, last_review)
      select user_id, card_id, now() + interval '1 day' * ((n * 7919) % 300 - 6), 20 + n % 200, 1 + n % 9, 'review', ${each}, n % 11,
        now() - interval '3 years', now() - interval '1 day' * (10 + n % 100)
      from users, (select card_id, row_number() over (order by position) as n from cards) c`)
    // what both servers do by themselves before long
    await sql.unsafe(`vacuum (analyze)`)
  } finally {
    await sql.end()
  }
}

/** @param {NodeJS.ProcessEnv} env */
export async function connect(env) {
  const options = { max: 1, prepare: false, onnotice: () => {} }
  if (env.DATABASE_URL) return postgres(env.DATABASE_URL, options)
  const { socket } = JSON.parse(rote(env, 'db', 'status', '--json'))
  return postgres({
    ...options,
    host: socket.replace(/\/[^/]*$/, ''),
    user: 'postgres',
    database: 'postgres',
  })
}
