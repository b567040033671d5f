import { findImage } from '../../db/find.ts'
import { removeImage } from '../../db/images.ts'
import { examples, type Verb } from '../verb.ts'
import { imageView } from './image-shared.ts'
import { titled } from './shared.ts'

export const removeCardImage: Verb = (image, run) => {
  const command = image
    .command('remove <image>')
    .description('take an image from its card; the file stays where it is kept')
    .action(
      run(async ({ db, user, out }, reference: string) => {
        const { deck_id: _, question, ...found } = await findImage(db, user, reference, 'edit')
        await removeImage(db, user, found.image_id)
        await out.done(imageView, found, `Removed an image from ${titled({ question })}.`)
      }),
    )
  examples(command, [['rote card image remove 51ab', 'by the beginning of its id']])
}
