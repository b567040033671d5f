import postgres from 'postgres'
import { rote, server } from './rote.js'

/**
 * Makes 100 decks with 100 cards each. Three cards in four have been seen, and one in four of those is due.
 * @param {NodeJS.ProcessEnv} env
 */
export async function fill(env) {
  // the first command makes the user
  rote(env, 'whoami')
  const sql = env.DATABASE_URL
    ? postgres(env.DATABASE_URL, { max: 1, onnotice: () => {} })
    : postgres({
        path: server(env).socket,
        user: 'postgres',
        database: 'postgres',
        max: 1,
        fetch_types: false,
      })
  try {
    await sql`
      with deck as (
        insert into decks (user_id, name, description)
        select user_id, 'Deck ' || n, 'Number ' || n || ' of a hundred' from users, generate_series(1, 100) n
        returning deck_id, user_id
      ), card as (
        insert into cards (deck_id, question, answer)
        select deck_id, 'What is the meaning of word ' || n || '?', 'It is meaning ' || n
        from deck, generate_series(1, 100) n
        returning card_id, deck_id, answer
      )
      insert into card_schedules (user_id, card_id, due, stability, difficulty, state, reps, first_review, last_review)
      select user_id, card_id, now() + (n % 4 - 0.5) * interval '1 day', 10, 5, 'review', 3,
        now() - interval '20 days', now() - interval '10 days'
      from (select *, substring(answer from '[0-9]+')::int as n from card) as numbered join deck using (deck_id)
      where n % 100 >= 25`
    // what both servers do by themselves before long
    await sql`vacuum (analyze)`
  } finally {
    await sql.end()
  }
}

/**
 * CSV with so many cards, all different.
 * @param {number} count
 */
export function csv(count) {
  const lines = ['question,answer,tags']
  for (let n = 1; n <= count; n++) {
    lines.push(
      `What does word ${n} of the list mean?,"Meaning ${n}, and a second one; ü${n}",lesson-${n % 50}`,
    )
  }
  return `${lines.join('\n')}\n`
}
