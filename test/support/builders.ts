import { sql } from './database.ts'
import { NOW, USERNAME } from './world.ts'

// Rows for tests in which commands would only be typing.

interface CardRow {
  card_id: string
  question: string
}

/** Makes a person, by default the one who runs the commands. */
export async function makeUser(username = USERNAME): Promise<string> {
  const [there] = await sql`select user_id from users where username = ${username}`
  if (there) return there.user_id
  const [made] = await sql`insert into users (username) values (${username}) returning user_id`
  return made?.user_id
}

/** Makes a deck with one card for each `question: answer`, in that order, of the person who runs the commands. */
export async function makeDeck(
  name: string,
  cards: Record<string, string> = {},
  owner = USERNAME,
): Promise<{ deck_id: string; cards: CardRow[] }> {
  const user_id = await makeUser(owner)
  const [deck] = await sql`insert into decks (user_id, name) values (${user_id}, ${name}) returning deck_id`
  const deck_id: string = deck?.deck_id
  const made: CardRow[] = []
  for (const [question, answer] of Object.entries(cards)) {
    made.push(
      ...(await sql<CardRow[]>`
        insert into cards (deck_id, question, answer) values (${deck_id}, ${question}, ${answer})
        returning card_id, question`),
    )
  }
  return { deck_id, cards: made }
}

/** Gives a card of the person who runs the commands a schedule, as after one answer ten days before it is due. */
export async function makeSchedule(card_id: string, due: Date, username = USERNAME): Promise<void> {
  const before = new Date(due.getTime() - 10 * 86_400_000)
  await sql`
    insert into card_schedules (user_id, card_id, due, stability, difficulty, state, reps, first_review, last_review)
    select user_id, ${card_id}, ${due}, 10, 5, 'review', 3, ${before}, ${before} from users where username = ${username}`
}

/** Shares a deck of the person who runs the commands, or one of somebody else's with them. */
export async function share(deck_id: string, withName: string, permission: 'view' | 'edit'): Promise<void> {
  await sql`
    insert into deck_shares (deck_id, owner_id, shared_with_id, permission)
    select deck_id, decks.user_id, other.user_id, ${permission} from decks, users other
    where deck_id = ${deck_id} and other.username = ${withName}`
}

/** So many minutes after the moment at which commands run. */
export function minutes(count: number): Date {
  return new Date(NOW.getTime() + count * 60_000)
}
