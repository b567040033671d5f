import { AwsClient } from 'aws4fetch'
import type { Config } from '../config.ts'
import { CliError, usage } from '../errors.ts'
import { mediaType, nameOf } from './image.ts'
import { type Answer, request } from './request.ts'
import type { ImageStore } from './store.ts'

const REGION = 'us-east-1'
const SET_KEYS = 'Set them: export AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=…'

/**
 * A bucket of Amazon's or of any server that speaks as S3 does. An address is the object's own, which everybody can read where
 * the bucket is public; ours are read with our keys. Throws usage when no bucket is named, or the endpoint is no address,
 * and denied without keys.
 */
export function s3Store(settings: Config['images']['s3'], ms?: number): ImageStore {
  const { bucket, accessKeyId, secretAccessKey, sessionToken } = settings
  if (bucket === null)
    throw usage('No bucket for images is named.', 'Name it: rote config set s3_bucket <bucket>')
  if (accessKeyId === null || secretAccessKey === null)
    throw new CliError('denied', `The keys for the bucket "${bucket}" are not set.`, SET_KEYS)
  const region = settings.region ?? REGION
  const base = baseOf(settings, bucket, region)
  const { host } = new URL(base)
  const client = new AwsClient({
    service: 's3',
    region,
    accessKeyId,
    secretAccessKey,
    ...(sessionToken !== null && { sessionToken }),
  })
  const ask = async (url: string, init: RequestInit, signal: AbortSignal) => {
    const { headers } = await client.sign(url, init)
    return request(url, { ...init, headers }, signal, ms)
  }
  const folder = settings.prefix.split('/').filter(Boolean).map(encodeURIComponent)

  return {
    async put(bytes, type, signal) {
      const name = nameOf(bytes, type)
      const url = base + [...folder, name.slice(0, 2), name].join('/')
      const [hash = ''] = name.split('.')
      const answer = await ask(
        url,
        {
          method: 'PUT',
          body: new Uint8Array(bytes),
          headers: { 'content-type': mediaType(type), 'x-amz-content-sha256': hash },
        },
        signal,
      )
      if (answer.status !== 200) throw refused(answer, host, bucket, region)
      return url
    },
    has: (address) => address.startsWith(base),
    async get(address, signal) {
      const answer = await ask(address, { method: 'GET' }, signal)
      if (answer.status !== 200) throw refused(answer, host, bucket, region)
      return answer.body
    },
  }
}

/** What the addresses of a bucket's objects begin with. https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html */
function baseOf({ endpoint, pathStyle }: Config['images']['s3'], bucket: string, region: string): string {
  const given = endpoint ?? `https://s3.${region}.amazonaws.com`
  const url = URL.canParse(given) ? new URL(given) : null
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.search || url.hash)
    throw usage(
      'The endpoint of the bucket is no address.',
      'It looks like this: rote config set s3_endpoint https://minio.example.org',
    )
  const root = url.pathname.replace(/\/*$/, '/')
  // no certificate is for a name with more dots
  if (pathStyle ?? (endpoint !== null || bucket.includes('.')))
    return `${url.protocol}//${url.host}${root}${encodeURIComponent(bucket)}/`
  return `${url.protocol}//${bucket}.${url.host}${root}`
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
function refused({ status, body }: Answer, host: string, bucket: string, region: string): CliError {
  const code = /<Code>(\w{1,60})<\/Code>/.exec(new TextDecoder().decode(body.subarray(0, 10_000)))?.[1] ?? ''
  const why = code === '' ? String(status) : `${status} ${code}`
  switch (code) {
    case 'NoSuchBucket':
      return new CliError(
        'unavailable',
        `${host} has no bucket "${bucket}".`,
        'Name another: rote config set s3_bucket <bucket>',
      )
    case 'NoSuchKey':
      return new CliError('not_found', `The image is not in the bucket "${bucket}" any more.`)
    case 'RequestTimeTooSkewed':
      return new CliError('denied', `${host} says that the clock of this machine is wrong.`)
    case 'PermanentRedirect':
    case 'TemporaryRedirect':
    case 'AuthorizationHeaderMalformed':
    case 'IllegalLocationConstraintException':
      return elsewhere(bucket, region)
  }
  if (status === 401 || status === 403)
    return new CliError('denied', `${host} does not accept the keys for "${bucket}" (${why}).`, SET_KEYS)
  if (status === 404) return new CliError('not_found', `The image is not in the bucket "${bucket}".`)
  if (status >= 300 && status < 400) return elsewhere(bucket, region)
  if (status === 429 || status >= 500)
    return new CliError('unavailable', `${host} answered ${why}.`, 'Try again later.')
  return new CliError('unavailable', `${host} refused: ${why}.`, 'Is it a server that speaks as S3 does?')
}

function elsewhere(bucket: string, region: string): CliError {
  return new CliError(
    'unavailable',
    `The bucket "${bucket}" is not in ${region}.`,
    'Say where: rote config set s3_region <region>',
  )
}
