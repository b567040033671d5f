import { crc32, deflateSync } from 'node:zlib'

type Colour = readonly [red: number, green: number, blue: number]

/** A PNG of these pixels, line by line. */
export function png(pixels: readonly (readonly Colour[])[]): Buffer {
  const [first = []] = pixels
  const raw = pixels.flatMap((line) => [0, ...line.flat()])
  return pngOf(first.length, pixels.length, deflateSync(Uint8Array.from(raw)))
}

/** A PNG that says that it is so large, whatever is in it. */
export function pngOf(width: number, height: number, packed: Buffer): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', packed),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

export const RED: Colour = [255, 0, 0]
export const GREEN: Colour = [0, 255, 0]
export const BLUE: Colour = [0, 0, 255]
export const WHITE: Colour = [255, 255, 255]

/** Two by three pixels. */
export const PNG = png([
  [RED, GREEN],
  [BLUE, WHITE],
  [GREEN, RED],
])
