import { forgetting_curve, fsrs } from 'ts-fsrs'
import { DIRECTIONS, type Direction, type Grade } from '../../src/core/card.ts'
import { pick, random } from '../core/random.ts'
import { minutes } from './builders.ts'
import { sql } from './database.ts'

const DAY = 24 * 60
const RATING = { again: 1, almost: 2, got_it: 3 } as const

/**
 * Years of answers of somebody whose memory FSRS describes with these weights, at cards that there are already. Nothing
 * but attempts is stored. Gives how many.
 */
export async function makeHistory(
  cards: { card_id: string }[],
  { weights, each = 9, username = 'ada' }: { weights: readonly number[]; each?: number; username?: string },
): Promise<number> {
  const algorithm = fsrs({ w: [...weights] })
  const next = random(42)
  const answers: { card_id: string; direction: Direction; confidence_status: Grade; attempted_at: Date }[] =
    []
  for (const { card_id } of cards) {
    for (const direction of DIRECTIONS) {
      let at = -700 * DAY + Math.floor(next() * 300) * DAY
      let memory: ReturnType<typeof algorithm.next_state> | null = null
      for (let i = 0; i < each; i++) {
        const days: number = i === 0 || next() < 0.2 ? 0 : pick(next, [1, 2, 4, 8, 16, 40])
        at += days * DAY + 1
        const recalled: boolean =
          next() < (memory ? forgetting_curve([...weights], days, memory.stability) : 0.6)
        const confidence_status: Grade = recalled
          ? pick(next, ['got_it', 'got_it', 'got_it', 'almost'])
          : 'again'
        memory = algorithm.next_state(memory, days, RATING[confidence_status])
        answers.push({ card_id, direction, confidence_status, attempted_at: minutes(at) })
      }
    }
  }
  await sql`
    with given as (
      select * from jsonb_to_recordset(${JSON.stringify(answers)}::text::jsonb) as a (card_id uuid, direction text,
        confidence_status text, attempted_at timestamptz)
    ), session as (
      insert into revision_sessions (user_id, deck_id)
      select users.user_id, deck_id from users, (select distinct deck_id from given join cards using (card_id)) d
      where username = ${username} returning session_id, deck_id
    )
    insert into revision_attempts (session_id, card_id, direction, confidence_status, attempted_at, desired_retention, time_zone)
    select session_id, card_id, direction, given.confidence_status, attempted_at, 0.9, 'UTC'
    from given join cards using (card_id) join session using (deck_id)`
  return answers.length
}
