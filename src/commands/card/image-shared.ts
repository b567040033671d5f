import type { CardImage } from '../../db/images.ts'
import { usage } from '../../errors.ts'
import type { View } from '../../ui/output.ts'
import { valued } from '../verb.ts'

export const SIDES = ['question', 'answer'] as const

/** How images of cards are shown. */
export const imageView: View<CardImage> = {
  columns: [
    { header: 'id', value: (image) => image.image_id, show: (image) => image.image_id.slice(0, 8) },
    { header: 'card', value: (image) => image.card_id, show: (image) => image.card_id.slice(0, 8) },
    { header: 'side', value: (image) => image.side },
    { header: 'shows', value: (image) => image.alt, flexible: true },
    { header: 'where', value: (image) => image.image_url, flexible: true },
    { header: 'position', value: (image) => image.position, hidden: true },
    { header: 'created', value: (image) => image.created_at, hidden: true },
  ],
  key: (image) => image.image_id,
  empty: 'No images yet. Add one with: rote card image add <card> <file>',
}

/** Longer ones are no description any more. */
const LONGEST_ALT = 1000

/** What an image shows, in words. Throws usage for a text that cannot be kept. */
export const alt = valued([], (text) => {
  if (text.trim() === '') throw usage('What the image shows is empty.', 'Leave --alt out.')
  if (text.includes('\0') || !text.isWellFormed()) throw usage('What the image shows is no text.')
  if (text.length > LONGEST_ALT) throw usage(`What the image shows is longer than ${LONGEST_ALT} characters.`)
  return text
})
