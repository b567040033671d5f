import type { Config } from '../../config.ts'
import { findCard } from '../../db/find.ts'
import { addImage } from '../../db/images.ts'
import { usage } from '../../errors.ts'
import { isAddress, withoutCredentials } from '../../generate/web.ts'
import { MOST_BYTES, tooLarge } from '../../images/image.ts'
import { storeImage } from '../../images/store.ts'
import { openSource } from '../../import/source.ts'
import type { Input } from '../../world.ts'
import { examples, oneOf, type Verb } from '../verb.ts'
import { alt, imageView, SIDES } from './image-shared.ts'
import { titled } from './shared.ts'

interface Options {
  side: (typeof SIDES)[number]
  alt?: string
}

export const addCardImage: Verb = (image, run) => {
  const command = image
    .command('add')
    .argument('<card>')
    .argument('<file|url>', 'a file, - for standard input, or an address, which is kept as it is')
    .description('give a card an image')
    .option('--side <side>', 'where it is shown: question or answer', oneOf(SIDES), 'question')
    .option('--alt <text>', 'what it shows, for whoever does not see it', alt)
    .action(
      run(async ({ db, user, config, out, term }, reference: string, source: string, options: Options) => {
        const { card_id, question } = await findCard(db, user, reference, 'edit')
        const address = isAddress(source)
        if (address && withoutCredentials(source) !== new URL(source).href)
          throw usage(
            'The address has a password in it, which everybody could read who sees the card.',
            'Save the image, and add the file.',
          )
        const image_url = address ? source : await keep(config.images, source, term.stdin)
        const { side } = options
        const made = await addImage(db, user, card_id, { image_url, side, alt: options.alt ?? null })
        await out.done(imageView, made, `Added an image to the ${side} of ${titled({ question })}.`)
      }),
    )
  examples(command, [
    ['rote card image add 3f9a heart.png --alt "a heart, cut open"', 'a file'],
    ['rote card image add 3f9a https://example.org/dog.jpg --side answer', 'an address'],
  ])
}

/** Puts a file where images are kept, and gives its address. */
async function keep(settings: Config['images'], file: string, stdin: Input): Promise<string> {
  const source = await openSource(file, stdin, 'Pipe an image in: … | rote card image add <card> -')
  const name = source.name === '-' ? 'Standard input' : source.name
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of source.bytes) {
    size += piece.length
    if (size > MOST_BYTES) throw tooLarge(name)
    pieces.push(piece)
  }
  return storeImage(settings, Buffer.concat(pieces), name, new AbortController().signal)
}
