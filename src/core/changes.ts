import { plural } from './plural.ts'

/** What can be done to what, as a change lists it. */
export const CHANGE_KINDS = [
  'deck_made',
  'deck_edited',
  'deck_trashed',
  'deck_restored',
  'card_added',
  'card_edited',
  'card_moved',
  'card_trashed',
  'card_restored',
  'card_suspended',
  'card_unsuspended',
  'imported',
  'image_added',
  'image_edited',
  'image_removed',
  'playlist_made',
  'playlist_edited',
  'playlist_trashed',
  'playlist_restored',
  'place_added',
  'place_moved',
  'place_removed',
  'shared',
  'permission_changed',
  'revoked',
] as const
export type ChangeKind = (typeof CHANGE_KINDS)[number]

/** A part of a change: so many things of a kind. */
export interface ChangePart {
  kind: ChangeKind
  count: number
  /** What the only one is called, or one of them; null when it is not the person's to see any more. */
  name: string | null
  /** Where: the deck of a card, the playlist of a place, the person of a share; null when there are several. */
  place: string | null
}

type Say = (part: ChangePart, things: (noun: string) => string) => string
const inDeck = ({ place }: ChangePart) => (place === null ? '' : ` in "${place}"`)

const SENTENCES: Record<ChangeKind, Say> = {
  deck_made: (_, things) => `made ${things('deck')}`,
  deck_edited: (_, things) => `edited ${things('deck')}`,
  deck_trashed: (_, things) => `moved ${things('deck')} to the trash`,
  deck_restored: (_, things) => `took ${things('deck')} out of the trash`,
  card_added: (part, things) => `added ${things('card')}${inDeck(part)}`,
  card_edited: (part, things) => `edited ${things('card')}${inDeck(part)}`,
  card_moved: (part, things) => `moved ${things('card')}${part.place === null ? '' : ` to "${part.place}"`}`,
  card_trashed: (part, things) => `moved ${things('card')}${inDeck(part)} to the trash`,
  card_restored: (part, things) => `took ${things('card')}${inDeck(part)} out of the trash`,
  card_suspended: (_, things) => `suspended ${things('card')}`,
  card_unsuspended: (_, things) => `unsuspended ${things('card')}`,
  imported: (part) =>
    `imported ${plural(part.count, 'card')}${part.name === null ? '' : ` from ${part.name === '-' ? 'standard input' : part.name}`}${
      part.place === null ? '' : ` into "${part.place}"`
    }`,
  image_added: (_, things) => `added an image to ${things('card')}`,
  image_edited: (_, things) => `changed an image of ${things('card')}`,
  image_removed: (_, things) => `took an image off ${things('card')}`,
  playlist_made: (_, things) => `made ${things('playlist')}`,
  playlist_edited: (_, things) => `edited ${things('playlist')}`,
  playlist_trashed: (_, things) => `moved ${things('playlist')} to the trash`,
  playlist_restored: (_, things) => `took ${things('playlist')} out of the trash`,
  place_added: (part, things) => `put ${things('deck')}${part.place === null ? '' : ` into "${part.place}"`}`,
  place_moved: (part, things) => `moved ${things('deck')}${part.place === null ? '' : ` in "${part.place}"`}`,
  place_removed: (part, things) =>
    `took ${things('deck')}${part.place === null ? '' : ` out of "${part.place}"`}`,
  shared: (part, things) => `shared ${things('deck')}${part.place === null ? '' : ` with ${part.place}`}`,
  permission_changed: ({ place }, things) =>
    `changed what ${place ?? 'somebody'} may do with ${things('deck')}`,
  revoked: (part, things) =>
    `stopped sharing ${things('deck')}${part.place === null ? '' : ` with ${part.place}`}`,
}

/** The longest name that stands whole in a sentence, in characters. */
const NAME = 40

/** What a change did, in words without an end: `edited the card "perro" in "Spanish"`. */
export function changeText(parts: readonly ChangePart[]): string {
  // an import that has only updated cards says so by the cards that it edited
  const telling = parts.filter(({ count }) => count > 0)
  return (telling.length > 0 ? telling : parts)
    .map((part) => {
      const things = (noun: string) => {
        if (part.count > 1) return plural(part.count, noun)
        return part.name === null ? `a ${noun}` : `the ${noun} "${short(part.name)}"`
      }
      return SENTENCES[part.kind](part, things)
    })
    .join(', ')
}

function short(name: string): string {
  const letters = Array.from(name.replace(/\s+/g, ' '))
  return letters.length > NAME ? `${letters.slice(0, NAME - 1).join('')}…` : letters.join('')
}
