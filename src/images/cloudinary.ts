import { createHash } from 'node:crypto'
import { CliError, usage } from '../errors.ts'
import { mediaType, nameOf } from './image.ts'
import { type Answer, request } from './request.ts'
import type { ImageStore } from './store.ts'

const API = 'https://api.cloudinary.com'

/**
 * Cloudinary: a signed upload, https://cloudinary.com/documentation/authentication_signatures. Addresses are those that it
 * gives, and read as any other. `setting` is what Cloudinary calls its URL, `cloudinary://key:secret@cloud`, with
 * `?upload_prefix=` for another server. Throws usage for one that is none, and denied without.
 */
export function cloudinaryStore(setting: string | null, ms?: number, now = Date.now): ImageStore {
  const { cloud, key, secret, api } = account(setting)
  const { host } = new URL(api)
  return {
    async put(bytes, type, signal) {
      const name = nameOf(bytes, type)
      const [hash = ''] = name.split('.')
      const signed = {
        overwrite: 'false',
        public_id: `rote/${hash}`,
        timestamp: String(Math.floor(now() / 1000)),
      }
      const form = new FormData()
      for (const [field, value] of Object.entries(signed)) form.set(field, value)
      form.set('api_key', key)
      form.set('signature', signature(signed, secret))
      form.set('file', new Blob([new Uint8Array(bytes)], { type: mediaType(type) }), name)
      const url = `${api}/v1_1/${encodeURIComponent(cloud)}/image/upload`
      const answer = await request(url, { method: 'POST', body: form }, signal, ms)
      const { secure_url, error } = replyOf(answer)
      if (answer.status === 200 && secure_url !== undefined) return secure_url
      throw refused(answer.status, error ?? '', host, cloud)
    },
    has: () => false,
    async get() {
      throw new Error('addresses of Cloudinary are read as any other')
    },
  }
}

function account(setting: string | null) {
  if (setting === null)
    throw new CliError(
      'denied',
      'The keys for Cloudinary are not set.',
      'Set them: export CLOUDINARY_URL=cloudinary://key:secret@cloud',
    )
  const [, key, secret, cloud, rest = ''] =
    /^cloudinary:\/\/([^:@/]+):([^@/]+)@([^/?]+)(.*)$/.exec(setting) ?? []
  const prefix = /[?&]upload_prefix=([^&]+)/.exec(rest)?.[1]
  const api = (prefix === undefined ? API : decodeURIComponent(prefix)).replace(/\/+$/, '')
  if (
    key === undefined ||
    secret === undefined ||
    cloud === undefined ||
    !/^https?:\/\//.test(api) ||
    !URL.canParse(api)
  )
    throw usage(
      'The address of Cloudinary is none.',
      'It looks like this: cloudinary://key:secret@cloud, and your console there has it.',
    )
  return { key, secret, cloud, api }
}

function signature(signed: Record<string, string>, secret: string): string {
  const text = Object.keys(signed)
    .sort()
    .map((name) => `${name}=${signed[name]}`)
    .join('&')
  return createHash('sha1')
    .update(text + secret)
    .digest('hex')
}

function replyOf({ body }: Answer): { secure_url?: string; error?: string } {
  try {
    const reply = JSON.parse(new TextDecoder().decode(body)) as {
      secure_url?: unknown
      error?: { message?: unknown }
    }
    const url = reply.secure_url
    const message = reply.error?.message
    return {
      ...(typeof url === 'string' && /^https?:\/\//.test(url) && { secure_url: url }),
      ...(typeof message === 'string' && { error: message.slice(0, 200) }),
    }
  } catch {
    return {}
  }
}

function refused(status: number, message: string, host: string, cloud: string): CliError {
  const why = message || String(status)
  if (status === 401 || status === 403)
    return new CliError(
      'denied',
      `${host} does not accept the keys for "${cloud}": ${why}`.replace(/\.?$/, '.'),
      'Set the right ones: export CLOUDINARY_URL=cloudinary://key:secret@cloud',
    )
  if (status === 404) return new CliError('unavailable', `${host} has no cloud "${cloud}".`)
  if (status === 420 || status === 429 || status >= 500)
    return new CliError('unavailable', `${host} answered ${status}.`, 'Try again later.')
  return new CliError('unavailable', `${host} refused the image: ${why}`.replace(/\.?$/, '.'))
}
