/*
 * The worker thread that unpacks pictures and makes them small. A photograph takes half a second, what is malicious for ever or
 * all memory, and the keys are answered meanwhile. Only here are the decoders loaded. They are WebAssembly, or JavaScript:
 * whatever a stranger's picture does to one stays in its own memory, and ends in an error.
 */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { parentPort } from 'node:worker_threads'
import type { ImageType } from './image.ts'
import { type Pixels, scaled } from './scale.ts'

/** What the thread is asked for. */
export interface Order {
  bytes: Uint8Array<ArrayBuffer>
  type: ImageType
  /** At most as large, in pixels; it is never made larger than it is. */
  box: { width: number; height: number }
  as: 'pixels' | 'png' | 'sixel'
}

/** What it answers. */
export type Painted =
  | {
      width: number
      height: number
      data: Uint8Array | string
      /** It has taken much memory, which decoders do not give back. */
      large: boolean
    }
  | { problem: string }

/** More can hardly be told apart, and are slow to look for. */
const SIXEL_COLOURS = 256

const DAMAGED = 'it is damaged'
/** The others are kept for those who can show them. */
const SHOWN: ReadonlySet<ImageType> = new Set(['png', 'jpeg', 'webp', 'gif'])

/** From so many pixels on a thread paints no other picture. */
const LARGE = 4_000_000
/** Of a pixel, in GIF89a. */
const GIF_BITS = 8

const require = createRequire(import.meta.url)

// the decoders were made for browsers, and look for this there
Object.assign(globalThis, {
  ImageData: class {
    constructor(
      readonly data: Uint8ClampedArray,
      readonly width: number,
      readonly height: number,
    ) {}
  },
})

parentPort?.on('message', async (order: Order) => {
  try {
    parentPort?.postMessage(await paint(order))
  } catch {
    // what the decoders throw is for those who wrote them
    const problem = SHOWN.has(order.type) ? DAMAGED : `${order.type.toUpperCase()} is not drawn in a terminal`
    parentPort?.postMessage({ problem } satisfies Painted)
  }
})

async function paint({ bytes, type, box, as }: Order): Promise<Painted> {
  const whole = await decode(bytes, type)
  const large = whole.width * whole.height > LARGE
  const { width, height, data } = scaled(whole, box)
  switch (as) {
    case 'pixels':
      return { width, height, data, large }
    case 'sixel': {
      const { image2sixel } = await import('sixel')
      return { width, height, data: image2sixel(data, width, height, SIXEL_COLOURS, 1), large }
    }
    case 'png': {
      const { default: encode, init } = await import('@jsquash/png/encode.js')
      await init(await compiled('@jsquash/png/codec/pkg/squoosh_png_bg.wasm'))
      const png = await encode(new ImageData(new Uint8ClampedArray(data), width, height))
      return { width, height, data: new Uint8Array(png), large }
    }
  }
}

async function decode(bytes: Uint8Array<ArrayBuffer>, type: ImageType): Promise<Pixels> {
  switch (type) {
    case 'png': {
      const { default: decode, init } = await import('@jsquash/png/decode.js')
      await init(await compiled('@jsquash/png/codec/pkg/squoosh_png_bg.wasm'))
      return decode(bytes.buffer)
    }
    case 'jpeg': {
      const { default: decode, init } = await import('@jsquash/jpeg/decode.js')
      await init(await compiled('@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm'))
      return decode(bytes.buffer, { preserveOrientation: true })
    }
    case 'webp': {
      const { default: decode, init } = await import('@jsquash/webp/decode.js')
      await init(await compiled('@jsquash/webp/codec/dec/webp_dec.wasm'))
      return decode(bytes.buffer)
    }
    case 'gif': {
      const { GifReader } = await import('omggif')
      const reader = new GifReader(Buffer.from(bytes))
      const { width, height } = reader
      // a frame can say that it is larger than the picture, up to 4 GB, and codes of more bits than there are have no end
      const { data_offset, ...frame } = reader.frameInfo(0)
      const isLarger = frame.x + frame.width > width || frame.y + frame.height > height
      if (isLarger || (bytes[data_offset] ?? 0) > GIF_BITS) throw new Error(DAMAGED)
      const data = new Uint8ClampedArray(width * height * 4)
      reader.decodeAndBlitFrameRGBA(0, data)
      return { width, height, data }
    }
    case 'avif':
    case 'svg':
      throw new Error(`there is no decoder for ${type}`)
  }
}

async function compiled(file: string): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await readFile(require.resolve(file)))
}
