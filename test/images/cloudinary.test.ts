import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CliError } from '../../src/errors.ts'
import { cloudinaryStore } from '../../src/images/cloudinary.ts'
import { PNG } from '../support/images.ts'

// A server that does what Cloudinary's documentation says: https://cloudinary.com/documentation/authentication_signatures
// All fields but these are sorted, joined, and hashed with the secret behind them; a signature holds for an hour.
const UNSIGNED = ['file', 'cloud_name', 'resource_type', 'api_key', 'signature']
const KEYS: Record<string, string> = { '123': 'hush' }
const CLOUD = 'demo'

const kept = new Map<string, Buffer>()
/** What is answered in the place of all that. */
let instead: { status: number; body: string } | null = null

const server = createServer(async (request, response) => {
  const answer = (status: number, body: unknown) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  const refuse = (status: number, message: string) => answer(status, { error: { message } })
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece)
  if (instead) return response.writeHead(instead.status).end(instead.body)
  const [, cloud] = /^\/v1_1\/([^/]+)\/image\/upload$/.exec(request.url ?? '') ?? []
  if (request.method !== 'POST' || cloud !== CLOUD) return refuse(404, 'Not found')
  const form = await new Response(Buffer.concat(pieces), {
    headers: { 'content-type': request.headers['content-type'] ?? '' },
  }).formData()
  const fields = Object.fromEntries([...form].filter(([name]) => !UNSIGNED.includes(name)))
  const secret = KEYS[String(form.get('api_key'))]
  if (secret === undefined) return refuse(401, 'Unknown API key')
  const signed = Object.keys(fields)
    .sort()
    .map((name) => `${name}=${fields[name]}`)
    .join('&')
  if (
    form.get('signature') !==
    createHash('sha1')
      .update(signed + secret)
      .digest('hex')
  )
    return refuse(401, `Invalid Signature. String to sign - '${signed}'.`)
  if (Math.abs(Date.now() / 1000 - Number(fields.timestamp)) > 3600) return refuse(400, 'Stale request')
  const file = Buffer.from(await (form.get('file') as File).arrayBuffer())
  const id = String(fields.public_id)
  if (!kept.has(id) || fields.overwrite !== 'false') kept.set(id, file)
  answer(200, { public_id: id, secure_url: `https://res.cloudinary.com/${CLOUD}/image/upload/v1/${id}.png` })
})

let prefix: string
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  prefix = encodeURIComponent(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const { signal } = new AbortController()
const put = async (login: string, cloud = CLOUD, now?: () => number) =>
  cloudinaryStore(`cloudinary://${login}@${cloud}?upload_prefix=${prefix}`, 5_000, now).put(
    PNG,
    'png',
    signal,
  )
const failure = (work: Promise<unknown>) =>
  work.then(
    () => null,
    ({ kind, message, hint }: CliError) => ({ kind, message, hint }),
  )

test('an upload is signed as the server reckons, and gives the address that the server says', async () => {
  const address = await put('123:hush')
  const [[id = '', file] = []] = [...kept]
  expect(id).toMatch(/^rote\/[0-9a-f]{64}$/)
  expect(file?.equals(PNG)).toBe(true)
  expect(address).toBe(`https://res.cloudinary.com/demo/image/upload/v1/${id}.png`)
  expect(await put('123:hush')).toBe(address)
  expect(kept.size).toBe(1)
})

test.each<[what: string, login: string, cloud: string, kind: string, message: string]>([
  ['a wrong secret', '123:wrong', CLOUD, 'denied', 'does not accept the keys for "demo": Invalid Signature'],
  ['a wrong key', '9:hush', CLOUD, 'denied', 'does not accept the keys for "demo": Unknown API key'],
  ['a cloud that is none', '123:hush', 'none', 'unavailable', 'has no cloud "none".'],
])('%s is said', async (_, login, cloud, kind, message) => {
  expect(await failure(put(login, cloud))).toMatchObject({ kind, message: expect.stringContaining(message) })
})

test('a clock that is wrong is said in the words of the server', async () => {
  expect(await failure(put('123:hush', CLOUD, () => 0))).toMatchObject({
    kind: 'unavailable',
    message: expect.stringContaining('refused the image: Stale request.'),
  })
})

test.each<[status: number, body: string, kind: string]>([
  [500, '<html>', 'unavailable'],
  [420, '{}', 'unavailable'],
  [200, '{"secure_url": "javascript:alert(1)"}', 'unavailable'],
  [200, 'hello', 'unavailable'],
])('an answer that makes no sense is no address: %s %s', async (status, body, kind) => {
  instead = { status, body }
  const said = await failure(put('123:hush'))
  instead = null
  expect(said).toMatchObject({ kind })
})

test.each([
  [null, 'denied'],
  ['cloudinary://demo', 'usage'],
  ['https://123:hush@demo', 'usage'],
  ['cloudinary://123:hush@demo?upload_prefix=ftp%3A%2F%2Fx', 'usage'],
])('the setting %s is refused', async (setting, kind) => {
  expect(await failure((async () => cloudinaryStore(setting))())).toMatchObject({ kind })
})

test('nobody there is said', async () => {
  const nobody = cloudinaryStore('cloudinary://1:2@demo?upload_prefix=http%3A%2F%2F127.0.0.1%3A9')
  expect(await failure(nobody.put(PNG, 'png', signal))).toMatchObject({ kind: 'unavailable' })
})
