import { type WriteOptions, type Written, writeAnki } from '../../../src/formats/anki/write.ts'
import type { FileCard } from '../../../src/formats/format.ts'

export const NOW = new Date('2026-03-04T10:00:00Z')

/** A card with nothing odd about it, but for what is given. */
export function fileCard(given: Partial<FileCard> = {}): FileCard {
  return {
    question: 'Capital of France',
    answer: 'Paris',
    difficulty_level: null,
    tags: [],
    accepted_answers: [],
    external_id: null,
    deck: 'Words',
    ...given,
  }
}

/** The bytes of a package of these cards, and what is said of it. */
export async function packageOf(
  cards: readonly FileCard[],
  options: Partial<WriteOptions> = {},
): Promise<{ bytes: Buffer; written: Written }> {
  const pieces: Uint8Array[] = []
  const written = await writeAnki(
    async (piece) => {
      pieces.push(piece.slice())
    },
    (async function* () {
      for (let at = 0; at < cards.length; at += 7) yield cards.slice(at, at + 7)
    })(),
    { deck: 'Words', history: true, now: NOW, offset: 0, ...options },
  )
  return { bytes: Buffer.concat(pieces), written }
}
