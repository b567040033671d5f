import type { Config } from '../config.ts'
import { CliError } from '../errors.ts'
import { fetchImage, isAddress, type Network } from '../generate/web.ts'
import { checkImage, IMAGE_MS, type ImageType, MOST_BYTES } from './image.ts'

/** What the config says about images. */
export type ImageSettings = Pick<Config['images'], 'store' | 'folder' | 's3' | 'cloudinary' | 'network'>

/** A place for images. What is put there is never removed: see docs/images.md. */
export interface ImageStore {
  /** Keeps an image, and gives the address that a card has it by: for the same bytes the same. */
  put(bytes: Uint8Array, type: ImageType, signal: AbortSignal): Promise<string>
  /** Whether an address is of this place, and `get` knows better than the web how to read it. */
  has(address: string): boolean
  get(address: string, signal: AbortSignal): Promise<Uint8Array>
}

/** Keeps an image where the config says. Throws failure for what is no image, denied and unavailable. */
export async function storeImage(
  settings: ImageSettings,
  bytes: Uint8Array,
  name: string,
  signal: AbortSignal,
): Promise<string> {
  const { type } = checkImage(bytes, name)
  const store = await storeOf(settings)
  return store.put(bytes, type, signal)
}

async function storeOf(settings: ImageSettings): Promise<ImageStore> {
  switch (settings.store) {
    case 'local':
      return (await import('./local.ts')).localStore(settings.folder)
    case 's3':
      return (await import('./s3.ts')).s3Store(settings.s3)
    case 'cloudinary':
      return (await import('./cloudinary.ts')).cloudinaryStore(settings.cloudinary)
    default:
      return settings.store satisfies never
  }
}

/**
 * Reads the image at an address of a card, wherever it is kept: a bucket that is ours is asked with our keys, everything else
 * as anybody is. Throws not_found, unavailable, denied, interrupted, and failure for what is no image.
 */
export async function readImage(
  settings: ImageSettings,
  address: string,
  signal: AbortSignal,
  network?: Network,
): Promise<Uint8Array> {
  const { localStore } = await import('./local.ts')
  const local = localStore(settings.folder)
  if (local.has(address)) return local.get(address, signal)
  if (settings.s3.bucket !== null && settings.s3.accessKeyId !== null) {
    const { s3Store } = await import('./s3.ts')
    const store = s3Store(settings.s3)
    if (store.has(address)) return store.get(address, signal)
  }
  if (!isAddress(address)) throw new CliError('not_found', `"${address}" is no address of an image.`)
  const anywhere = settings.network === 'any'
  return fetchImage(address, {
    signal,
    maxBytes: MOST_BYTES,
    ms: IMAGE_MS,
    anywhere,
    ...(network && { network }),
  })
}
