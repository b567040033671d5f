import type { TrashRow } from '../../db/trash.ts'
import type { View } from '../../ui/output.ts'

/** A window in which not all of it has room. */
const NARROW = 60

/** How things in the trash are shown, in a window of so many columns. */
export const trashView = (columns: number): View<TrashRow> => ({
  columns: [
    { header: 'id', value: (thing) => thing.id, show: (thing) => thing.id.slice(0, 8) },
    { header: 'kind', value: (thing) => thing.kind },
    { header: 'name', value: (thing) => thing.name, flexible: true },
    { header: 'deck', value: (thing) => thing.deck, flexible: true },
    {
      header: 'cards',
      value: (thing) => thing.cards,
      align: 'right',
      ...(columns < NARROW && { hidden: true as const }),
    },
    {
      header: 'deleted',
      value: (thing) => thing.deleted_at,
      show: (thing) => thing.deleted_at.toISOString().slice(0, 10),
      ...(columns < NARROW && { hidden: true as const }),
    },
    {
      header: 'by',
      value: (thing) => thing.deleted_by,
      flexible: true,
      ...(columns < NARROW && { hidden: true as const }),
    },
  ],
  key: (thing) => thing.id,
  empty: 'The trash is empty.',
})

/** What a thing is called in a sentence: `the deck "Spanish"`. */
export function called({ kind, name }: Pick<TrashRow, 'kind' | 'name'>): string {
  const text = name.replace(/\s+/g, ' ')
  const letters = Array.from(text)
  return `the ${kind} "${letters.length > 40 ? `${letters.slice(0, 39).join('')}…` : text}"`
}
