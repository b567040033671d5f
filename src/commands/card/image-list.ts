import { findCard } from '../../db/find.ts'
import { imagesOf } from '../../db/images.ts'
import { examples, type Verb } from '../verb.ts'
import { imageView } from './image-shared.ts'

export const listCardImages: Verb = (image, run) => {
  const command = image
    .command('list <card>')
    .alias('ls')
    .description('the images of a card')
    .action(
      run(async ({ db, user, out }, reference: string) => {
        const { card_id } = await findCard(db, user, reference)
        await out.list(imageView, await imagesOf(db, [card_id]))
      }),
    )
  examples(command, [['rote card image list 3f9a', 'what it has, and where that is kept']])
}
