import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Config } from '../../src/config.ts'
import { CliError } from '../../src/errors.ts'
import { s3Store } from '../../src/images/s3.ts'
import { readImage } from '../../src/images/store.ts'
import { KEY, SECRET, startBuckets } from '../support/buckets.ts'
import { PNG } from '../support/images.ts'

type Settings = Config['images']['s3']

let buckets: Awaited<ReturnType<typeof startBuckets>>
let settings: Settings
beforeAll(async () => {
  buckets = await startBuckets('pictures')
  settings = {
    endpoint: buckets.endpoint,
    region: null,
    bucket: 'pictures',
    prefix: 'rote/a b',
    pathStyle: null,
    accessKeyId: KEY,
    secretAccessKey: SECRET,
    sessionToken: null,
  }
})
afterAll(() => buckets.close())

const { signal } = new AbortController()
const put = (changed: Partial<Settings> = {}) => s3Store({ ...settings, ...changed }).put(PNG, 'png', signal)
const failure = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: CliError) => ({ kind: error.kind, message: error.message, hint: error.hint }),
  )

test('an image that is put into a bucket is got from it, and is there once', async () => {
  const address = await put()
  expect(address).toMatch(
    new RegExp(`^${buckets.endpoint}/pictures/rote/a%20b/[0-9a-f]{2}/[0-9a-f]{64}\\.png$`),
  )
  expect(await put()).toBe(address)
  const store = s3Store(settings)
  expect(store.has(address)).toBe(true)
  expect(Buffer.from(await store.get(address, signal)).equals(PNG)).toBe(true)
})

test('the object of a bucket that is ours is read with our keys', async () => {
  const address = await put()
  const images = {
    store: 'local',
    folder: '/nowhere',
    s3: settings,
    cloudinary: null,
    network: 'any',
  } as const
  expect(Buffer.from(await readImage(images, address, signal)).equals(PNG)).toBe(true)
  const wrong = { ...images, s3: { ...settings, secretAccessKey: 'wrong' } }
  expect(await failure(readImage(wrong, address, signal))).toMatchObject({ kind: 'denied' })
  const strangers = { ...images, s3: { ...settings, bucket: null } }
  expect(await failure(readImage(strangers, address, signal))).toMatchObject({
    kind: 'not_found',
    message: `${address} answered 403.`,
  })
  // nor is anybody's machine made to ask its own network by who wrote an address
  expect(await failure(readImage({ ...strangers, network: 'public' }, address, signal))).toMatchObject({
    kind: 'not_found',
    message: `${new URL(address).host} is in a private network, from which no images are read.`,
  })
})

test.each<[what: string, changed: Partial<Settings>, kind: string, message: string]>([
  [
    'a wrong secret',
    { secretAccessKey: 'wrong' },
    'denied',
    'does not accept the keys for "pictures" (403 SignatureDoesNotMatch)',
  ],
  [
    'a wrong key',
    { accessKeyId: 'wrong' },
    'denied',
    'does not accept the keys for "pictures" (403 InvalidAccessKeyId)',
  ],
  ['no keys', { accessKeyId: null }, 'denied', 'The keys for the bucket "pictures" are not set.'],
  ['no bucket', { bucket: null }, 'usage', 'No bucket for images is named.'],
  ['a bucket that is not there', { bucket: 'missing' }, 'unavailable', 'has no bucket "missing".'],
  ['an endpoint that is none', { endpoint: 'minio' }, 'usage', 'The endpoint of the bucket is no address.'],
  ['nobody there', { endpoint: 'http://127.0.0.1:9' }, 'unavailable', '127.0.0.1:9'],
])('%s is said', async (_, changed, kind, message) => {
  const said = await failure((async () => put(changed))())
  expect(said).toEqual({ kind, message: expect.stringContaining(message), hint: said?.hint })
})

test('an object that is gone is not found', async () => {
  const address = (await put()).replace(/[0-9a-f]{10}\.png$/, '0000000000.png')
  expect(await failure(s3Store(settings).get(address, signal))).toMatchObject({ kind: 'not_found' })
})

test('without an endpoint the bucket is in the name of the host, unless no certificate could be for it', () => {
  const at = (changed: Partial<Settings>) =>
    s3Store({ ...settings, endpoint: null, region: 'eu-west-3', ...changed })
  expect(at({}).has('https://pictures.s3.eu-west-3.amazonaws.com/rote/x.png')).toBe(true)
  expect(at({ bucket: 'my.pictures' }).has('https://s3.eu-west-3.amazonaws.com/my.pictures/x.png')).toBe(true)
  expect(at({ pathStyle: true }).has('https://s3.eu-west-3.amazonaws.com/pictures/x.png')).toBe(true)
  expect(at({}).has('https://pictures.s3.eu-west-3.amazonaws.com.example.org/x.png')).toBe(false)
})

/** A server that answers as told. */
async function serving(
  answer: Parameters<typeof createServer>[1],
): Promise<{ server: Server; endpoint: string }> {
  const server = createServer(answer as never)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return { server, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

test.each<[status: number, code: string, kind: string, message: string]>([
  [301, 'PermanentRedirect', 'unavailable', 'The bucket "pictures" is not in us-east-1.'],
  [400, 'AuthorizationHeaderMalformed', 'unavailable', 'The bucket "pictures" is not in us-east-1.'],
  [403, 'RequestTimeTooSkewed', 'denied', 'the clock of this machine is wrong'],
  [403, '', 'denied', '(403)'],
  [500, 'InternalError', 'unavailable', 'answered 500 InternalError'],
  [503, 'SlowDown', 'unavailable', 'answered 503 SlowDown'],
  [418, '', 'unavailable', 'refused: 418'],
])('a server that answers %s %s', async (status, code, kind, message) => {
  const body = code && `<?xml version="1.0"?><Error><Code>${code}</Code></Error>`
  const { server, endpoint } = await serving((_, response) => response.writeHead(status).end(body))
  const said = await failure(put({ endpoint }))
  server.closeAllConnections()
  server.close()
  expect(said).toEqual({ kind, message: expect.stringContaining(message), hint: said?.hint })
})

test('a server that does not answer is given up, and Ctrl-C ends the wait', async () => {
  const { server, endpoint } = await serving(() => {})
  expect(await failure(s3Store({ ...settings, endpoint }, 50).put(PNG, 'png', signal))).toMatchObject({
    kind: 'unavailable',
    message: `${new URL(endpoint).host} took longer than 0.05 s.`,
  })
  const stopping = new AbortController()
  stopping.abort(new CliError('interrupted', 'Stopped.'))
  expect(await failure(s3Store({ ...settings, endpoint }).put(PNG, 'png', stopping.signal))).toMatchObject({
    kind: 'interrupted',
  })
  server.closeAllConnections()
  server.close()
})
