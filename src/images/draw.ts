import type { Config } from '../config.ts'
import {
  blockLines,
  type Graphic,
  type Graphics,
  itermGraphic,
  kittyGraphic,
  placeLines,
} from '../ui/graphics.ts'
import { checkImage } from './image.ts'
import type { Painter } from './paint.ts'

/** A picture as lines of a window; with graphics of the terminal's own these only keep its place. */
export interface Drawn {
  lines: string[]
  graphic: Graphic | null
}

/** A character of a terminal that scales by itself, in the pixels that we think in. */
const CELL = { width: 10, height: 20 }
/** And as many as fine screens have of them. */
const FINE = 2

/**
 * Draws an image into a box of so many cells at most. `number` tells it apart from the other graphics of the terminal. Throws
 * failure for what is no image, and what cannot be unpacked.
 */
export async function drawImage(
  painter: Painter,
  bytes: Uint8Array,
  graphics: NonNullable<Graphics>,
  box: { columns: number; rows: number },
  { number, alt, cell }: { number: number; alt: string; cell: Config['images']['cell'] },
): Promise<Drawn> {
  const { type } = checkImage(bytes, 'The image')
  if (graphics === 'blocks' || graphics === 'blocks256') {
    const pixels = { width: box.columns, height: box.rows * 2 }
    const { data, ...made } = await painter.paint({
      bytes: new Uint8Array(bytes),
      type,
      box: pixels,
      as: 'pixels',
    })
    return { lines: blockLines({ ...made, data: data as Uint8Array }, graphics), graphic: null }
  }
  const isSixel = graphics === 'sixel'
  const one = isSixel ? cell : { width: CELL.width * FINE, height: CELL.height * FINE }
  const pixels = { width: box.columns * one.width, height: box.rows * one.height }
  const { data, width, height } = await painter.paint({
    bytes: new Uint8Array(bytes),
    type,
    box: pixels,
    as: isSixel ? 'sixel' : 'png',
  })
  // a small one is shown as large as it is, another as large as the box
  const by = isSixel ? 1 : Math.max(1, width / (box.columns * CELL.width), height / (box.rows * CELL.height))
  const each = isSixel ? cell : { width: CELL.width * by, height: CELL.height * by }
  const cells = {
    columns: Math.min(box.columns, Math.max(1, Math.ceil(width / each.width))),
    rows: Math.min(box.rows, Math.max(1, Math.ceil(height / each.height))),
  }
  const sequences =
    graphics === 'kitty'
      ? kittyGraphic(data as Uint8Array, number, cells)
      : graphics === 'iterm'
        ? itermGraphic(data as Uint8Array, cells)
        : { show: data as string, hide: '' }
  const graphic = { key: String(number), ...cells, ...sequences, alt }
  return { lines: placeLines(graphic), graphic }
}
