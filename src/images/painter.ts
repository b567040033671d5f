/*
 * The worker thread that unpacks pictures and makes them small. A photograph takes half a second, what is malicious for ever
 * or all memory, and the keys are answered meanwhile. Only here is the library for it loaded: Skia, as browsers have it.
 */
import { parentPort } from 'node:worker_threads'
import { createCanvas, loadImage } from '@napi-rs/canvas'

/** What the thread is asked for. */
export interface Order {
  id: number
  bytes: Uint8Array
  /** At most as large, in pixels; it is never made larger than it is. */
  box: { width: number; height: number }
  as: 'pixels' | 'png' | 'sixel'
}

/** What it answers. */
export type Painted =
  | { id: number; width: number; height: number; data: Uint8Array | string }
  | { id: number; problem: string }

/** More can hardly be told apart, and are slow to look for. */
const SIXEL_COLOURS = 256

parentPort?.on('message', async (order: Order) => {
  try {
    parentPort?.postMessage(await paint(order))
  } catch (error) {
    parentPort?.postMessage({ id: order.id, problem: (error as Error).message } satisfies Painted)
  }
})

async function paint({ id, bytes, box, as }: Order): Promise<Painted> {
  const image = await loadImage(Buffer.from(bytes))
  const scale = Math.min(1, box.width / image.width, box.height / image.height)
  const width = Math.max(1, Math.min(box.width, Math.round(image.width * scale)))
  const height = Math.max(1, Math.min(box.height, Math.round(image.height * scale)))
  const canvas = createCanvas(width, height)
  const context = canvas.getContext('2d')
  context.imageSmoothingQuality = 'high'
  // what is transparent was drawn for paper: formulas are black on nothing
  context.fillStyle = 'white'
  context.fillRect(0, 0, width, height)
  context.drawImage(image, 0, 0, width, height)
  if (as === 'png') return { id, width, height, data: await canvas.encode('png') }
  const { data } = context.getImageData(0, 0, width, height)
  if (as === 'pixels') return { id, width, height, data: new Uint8Array(data) }
  const { image2sixel } = await import('sixel')
  return { id, width, height, data: image2sixel(data, width, height, SIXEL_COLOURS, 1) }
}
