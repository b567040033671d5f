import { findImage } from '../../db/find.ts'
import { examples, type Verb } from '../verb.ts'
import { imageView } from './image-shared.ts'

export const showCardImage: Verb = (image, run) => {
  const command = image
    .command('show <image>')
    .description('show an image; in a pipe, what there is to know of it')
    .action(
      run(async ({ db, user, config, out, term }, reference: string) => {
        const { deck_id: _, question: __, ...found } = await findImage(db, user, reference)
        const graphics = out.mode === 'table' ? term.graphics() : null
        if (graphics === null) return out.one(imageView, found)
        const [{ readImage }, { createPainter }, { drawImage }] = await Promise.all([
          import('../../images/store.ts'),
          import('../../images/paint.ts'),
          import('../../images/draw.ts'),
        ])
        const bytes = await readImage(config.images, found.image_url, new AbortController().signal)
        const { columns, rows } = term.size()
        const box = { columns, rows: Math.max(1, rows - MORE) }
        const painter = createPainter()
        try {
          const { cell } = config.images
          const { lines, graphic } = await drawImage(painter, bytes, graphics, box, {
            number: GRAPHIC,
            alt: '',
            cell,
          })
          await out.write(
            graphic
              ? // room first, so that nothing scrolls while it is drawn
                `${'\n'.repeat(graphic.rows)}\x1b[${graphic.rows}A\r\x1b7${graphic.show}\x1b8\x1b[${graphic.rows}B\r`
              : `${lines.join('\n')}\n`,
          )
          if (found.alt) await out.answer(found.alt, found.alt)
        } finally {
          painter.close()
        }
      }),
    )
  examples(command, [
    ['rote card image show 51ab', 'in the terminal'],
    ['rote card image show 51ab --json', 'where it is, for a script'],
  ])
}

/** Lines of the window that are left for the command and what follows. */
const MORE = 4
/** Its number in the terminal: what is shown next has it, too, and kitty forgets the one before. */
const GRAPHIC = 7683
