import { createHash } from 'node:crypto'
import { imageDimensionsFromData } from 'image-dimensions'
import { CliError } from '../errors.ts'
import { sizeOf } from '../generate/bytes.ts'

/** The kinds of image that can be kept, and what their files are called. */
export const IMAGE_TYPES = {
  png: 'png',
  jpeg: 'jpg',
  gif: 'gif',
  webp: 'webp',
  avif: 'avif',
  svg: 'svg',
} as const
export type ImageType = keyof typeof IMAGE_TYPES

/** What the bytes of an image say of it. */
export interface ImageFacts {
  type: ImageType
  /** In pixels; null for a drawing, which has none. */
  size: { width: number; height: number } | null
}

/** A photograph has five at the most. */
export const MOST_BYTES = 10_000_000
/** A whole image may take so long on its way. */
export const IMAGE_MS = 30_000
/** What the largest cameras of telephones make. As pixels in memory that is 200 MB, for a moment. */
const MOST_PIXELS = 50_000_000

/**
 * What kind of image these bytes are; the name and the server are not asked. Only the beginning is looked at: nothing is
 * unpacked. `name` is what it is called in messages. Throws failure for what is no image, or too large.
 */
export function checkImage(bytes: Uint8Array, name: string): ImageFacts {
  if (bytes.length > MOST_BYTES) throw tooLarge(name)
  if (bytes.length === 0) throw new CliError('failure', `${name} is empty.`)
  const found = imageDimensionsFromData(bytes)
  if (!found) {
    if (isDrawing(bytes)) return { type: 'svg', size: null }
    throw new CliError(
      'failure',
      `${name} is not an image.`,
      'It can be a PNG, JPEG, GIF, WebP, AVIF or SVG.',
    )
  }
  const { type, width, height } = found
  if (!Object.hasOwn(IMAGE_TYPES, type))
    throw new CliError('failure', `${name} is a ${type.toUpperCase()} image.`, 'Make a JPEG or a PNG of it.')
  if (!(width > 0 && height > 0)) throw new CliError('failure', `${name} is not an image: it has no size.`)
  if (width * height > MOST_PIXELS)
    throw new CliError(
      'failure',
      `${name} has ${width} x ${height} pixels, which is too many.`,
      `Make it smaller: ${MOST_PIXELS / 1e6} million at most.`,
    )
  return { type: type as ImageType, size: { width, height } }
}

/** For an image of more bytes than we keep. */
export function tooLarge(name: string): CliError {
  return new CliError(
    'failure',
    `${name} is larger than ${sizeOf(MOST_BYTES)}.`,
    'Make it smaller: on a card few pixels are enough.',
  )
}

/** SVG is text, and has no signature. */
function isDrawing(bytes: Uint8Array): boolean {
  const head = new TextDecoder().decode(bytes.subarray(0, 2000)).trimStart().toLowerCase()
  return /^(?:<\?xml|<!--|<!doctype svg|<svg)/.test(head) && /<svg[\s>]/.test(head) && !head.includes('<html')
}

/** What a file of these bytes is called wherever content has its own name: SHA-256 in hexadecimal, and an ending. */
export function nameOf(bytes: Uint8Array, type: ImageType): string {
  return `${createHash('sha256').update(bytes).digest('hex')}.${IMAGE_TYPES[type]}`
}

/** The media type for a server. */
export function mediaType(type: ImageType): string {
  return type === 'svg' ? 'image/svg+xml' : `image/${type}`
}
