import { findCard } from '../../db/find.ts'
import { imagesOf } from '../../db/images.ts'
import type { View } from '../../ui/output.ts'
import { examples, type Verb } from '../verb.ts'
import { type CardRow, cardView, readCard } from './shared.ts'

export const viewCard: Verb = (card, run) => {
  const command = card
    .command('view <card>')
    .description('show one card')
    .action(
      run(async ({ db, user, out }, reference: string) => {
        const { card_id } = await findCard(db, user, reference)
        const card = await readCard(db, user, card_id)
        await out.one(wholeView, { ...card, images: await imagesOf(db, [card_id]) })
      }),
    )
  examples(command, [['rote card view 3f9a', 'by the beginning of its id']])
}

type Whole = CardRow & { images: Awaited<ReturnType<typeof imagesOf>> }

/** A card with all that it has: its whole id, and a line for each image. */
const wholeView: View<Whole> = {
  ...cardView,
  columns: [
    ...cardView.columns.map((column) =>
      column.header === 'id' ? { header: 'id', value: column.value } : column,
    ),
    {
      header: 'images',
      value: ({ images }) => images.map(({ image_id }) => image_id),
      show: ({ images }) => images.map(line).join('\n'),
    },
  ],
}

function line({ image_id, side, alt, image_url }: Whole['images'][number]): string {
  return [image_id.slice(0, 8), side, (alt ?? image_url).replace(/\s+/g, ' ')].join('  ')
}
