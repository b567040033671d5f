import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, request } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SignatureV4 } from '@smithy/signature-v4'

/** What we use of s3rver, which has no types. */
interface S3rver {
  run(): Promise<{ port: number }>
  close(): Promise<void>
}
const require = createRequire(import.meta.url)

/** The keys that the bucket is for. */
export const KEY = 'S3RVER'
export const SECRET = 'a secret of forty characters, as they are'

const KEYS = { accessKeyId: KEY, secretAccessKey: SECRET }

/** Node's hashes as Amazon's signer wants them. */
class Sha256 {
  #hash: Hash | Hmac
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined ? createHash('sha256') : createHmac('sha256', secret as NodeJS.ArrayBufferView)
  }
  update(piece: Uint8Array): void {
    this.#hash.update(piece)
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }
  reset(): void {}
}

/**
 * Starts s3rver with one empty bucket. It knows version 4 of the signatures, but does not look at them: in front of it each is
 * compared with what Amazon's own signer makes of the request, and a request without one is refused.
 */
export async function startBuckets(bucket: string): Promise<{ endpoint: string; close(): Promise<void> }> {
  const Server = require('s3rver') as new (options: Record<string, unknown>) => S3rver
  const directory = mkdtempSync(join(tmpdir(), 'rote-s3-'))
  const behind = new Server({
    port: 0,
    address: '127.0.0.1',
    silent: true,
    directory,
    configureBuckets: [{ name: bucket }],
  })
  const { port } = await behind.run()

  const front = createServer(async (incoming, outgoing) => {
    const pieces: Buffer[] = []
    for await (const piece of incoming) pieces.push(piece)
    const body = Buffer.concat(pieces)
    const code = await problem(incoming, body)
    if (code) return outgoing.writeHead(403).end(`<Error><Code>${code}</Code></Error>`)
    const { method, url, headers } = incoming
    request({ port, host: '127.0.0.1', method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(outgoing)
    }).end(body)
  })
  await new Promise<void>((done) => front.listen(0, '127.0.0.1', done))
  return {
    endpoint: `http://127.0.0.1:${(front.address() as AddressInfo).port}`,
    async close() {
      front.closeAllConnections()
      front.close()
      await behind.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** What is wrong with a request's signature, as S3 calls it; null: nothing. */
async function problem({ method, url, headers }: IncomingMessage, body: Buffer): Promise<string | null> {
  const { authorization = '' } = headers
  const [, key, region, signed = ''] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d+\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), /.exec(
      authorization,
    ) ?? []
  if (key === undefined || region === undefined) return 'AccessDenied'
  if (key !== KEY) return 'InvalidAccessKeyId'
  const hash = headers['x-amz-content-sha256']
  if (hash !== 'UNSIGNED-PAYLOAD' && hash !== createHash('sha256').update(body).digest('hex'))
    return 'XAmzContentSHA256Mismatch'
  const date = String(headers['x-amz-date'])
  const signer = new SignatureV4({
    credentials: KEYS,
    region,
    service: 's3',
    sha256: Sha256,
    uriEscapePath: false,
    applyChecksum: false,
  })
  const { pathname, searchParams } = new URL(url ?? '', 'http://localhost')
  const ours = await signer.sign(
    {
      method: method ?? '',
      protocol: 'http:',
      hostname: 'localhost',
      path: pathname,
      query: Object.fromEntries(searchParams),
      headers: Object.fromEntries(signed.split(';').map((name) => [name, String(headers[name])])),
    },
    { signingDate: new Date(date.replace(/^(.{4})(..)(..T..)(..)/, '$1-$2-$3:$4:')) },
  )
  return ours.headers.authorization === authorization ? null : 'SignatureDoesNotMatch'
}
