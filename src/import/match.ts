import { type SQL, sql } from 'drizzle-orm'
import type { CardText } from '../core/card.ts'
import { texts } from '../db/arrays.ts'
import type { Database } from '../db/connect.ts'
import { cards } from '../db/schema.ts'
import type { IncomingCard } from './gather.ts'

/** A card of the deck that an incoming one is. */
export type Match = CardText & { card_id: string }

/** Whether a deck has any cards to compare with. */
export async function hasCards(db: Database, deck_id: string): Promise<boolean> {
  const rows = await db.execute(
    sql`select 1 from ${cards} where ${cards.deck_id} = ${deck_id} and ${cards.deleted_at} is null limit 1`,
  )
  return rows.length > 0
}

/**
 * The card of a deck that each incoming one is, if there is one: that with its key, or without one that with its question, the same
 * answer before another, one without a key before one with, else the first. Cards of the import itself are none. `questions` false looks for keys only.
 *
 * What is looked for stands in the statement as an array, and not in a join: a deck that has come since PostgreSQL last counted its
 * cards looks empty to its planner, which then may well walk through all of the deck for each row of a join. With an array the worst
 * that it can do is to walk once.
 */
export async function findMatches(
  db: Database,
  deck_id: string,
  incoming: readonly IncomingCard[],
  import_id: string | null,
  questions: boolean,
): Promise<Map<IncomingCard, Match>> {
  const matches = new Map<IncomingCard, Match>()
  const others = import_id === null ? sql`true` : sql`import_id is distinct from ${import_id}::uuid`
  const found = (where: SQL) =>
    db.execute<Match & Record<string, unknown>>(sql`
      select card_id, question, answer, difficulty_level, to_json(tags) as tags, to_json(accepted_answers) as accepted_answers,
        external_id
      from ${cards} where deck_id = ${deck_id}::uuid and deleted_at is null
        and ${others} and ${where}`)

  const keyed = incoming.filter(({ external_id }) => external_id !== null)
  if (keyed.length > 0) {
    const rows = await found(sql`external_id = any(${texts(keyed.map(({ external_id }) => external_id))})`)
    const byKey = new Map(rows.map((row) => [row.external_id, row]))
    for (const card of keyed) {
      const match = byKey.get(card.external_id)
      if (match) matches.set(card, match)
    }
  }

  const unkeyed = incoming.filter(({ external_id }) => external_id === null)
  if (unkeyed.length > 0 && questions) {
    const [hashed] = await db.execute<{ hashes: string }>(sql`
      select coalesce(array_agg(hashtextextended(question, 0)), '{}')::text as hashes
      from unnest(${texts(unkeyed.map(({ question }) => question))}) as question`)
    const rows = await found(
      sql`hashtextextended(question, 0) = any(${hashed?.hashes ?? '{}'}::bigint[]) order by position`,
    )
    const byQuestion = new Map<string, Match[]>()
    for (const row of rows) {
      const same = byQuestion.get(row.question)
      if (same) same.push(row)
      else byQuestion.set(row.question, [row])
    }
    for (const card of unkeyed) {
      const same = byQuestion.get(card.question)
      const answered = same?.filter(({ answer }) => answer === card.answer) ?? []
      // a card with a key has a record with that key
      const match = [answered, same ?? []]
        .map((some) => some.find(({ external_id }) => external_id === null) ?? some[0])
        .find(Boolean)
      if (match) matches.set(card, match)
    }
  }
  return matches
}

/** Whether a file says something else than the card has; what it leaves empty says nothing. */
export function isChanged(card: CardText, match: CardText): boolean {
  return (
    card.question !== match.question ||
    card.answer !== match.answer ||
    (card.difficulty_level !== null && card.difficulty_level !== match.difficulty_level) ||
    (card.tags.length > 0 && !isSame(card.tags, match.tags)) ||
    (card.accepted_answers.length > 0 && !isSame(card.accepted_answers, match.accepted_answers))
  )
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text, i) => text === other[i])
}
