import { plural } from '../../core/plural.ts'

/** How many rows of each table are in a backup. */
export type Rows = Record<string, number>

/** All rows of a backup. */
export function total(rows: Rows): number {
  return Object.values(rows).reduce((sum, count) => sum + count, 0)
}

/** What people look for in a backup: `1 user, 3 decks, 20 cards, 4 answers`. */
export function contentSentence(rows: Rows): string {
  return [
    plural(rows.users ?? 0, 'user'),
    plural(rows.decks ?? 0, 'deck'),
    plural(rows.cards ?? 0, 'card'),
    plural(rows.revision_attempts ?? 0, 'answer'),
  ].join(', ')
}
