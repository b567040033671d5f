import { createHash } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { BlockList, isIPv6 } from 'node:net'
import type { SourceType } from '../core/generate/job.ts'
import { CliError, type ErrorKind, usage } from '../errors.ts'
import { program } from '../program.ts'
import { abortable, interrupted } from './abort.ts'
import { type Bytes, joined, sizeOf, tooLarge } from './bytes.ts'

/** How the outside is reached; a test has its own. */
export interface Network {
  fetch(url: URL, init: RequestInit): Promise<Response>
  /** The addresses of a host. Rejects as Node's own lookup does. */
  lookup(host: string): Promise<string[]>
}

export interface FetchOptions {
  signal: AbortSignal
  /** What the page is taken for, whatever the server calls it. */
  type?: SourceType
  /** The most that is read, unpacked. */
  maxBytes?: number
  /** How long a page may take in all, and a PDF six times as long; 20,000 ms. */
  webMs?: number
  network?: Network
}

/** What a server sent. */
export interface Fetched {
  bytes: Bytes
  sha256: string
  /** What it says that it is; undefined when that says nothing. */
  says: SourceType | undefined
  charset: string | undefined
}

const PAGE_BYTES = 10_000_000
const FILE_BYTES = 100_000_000
const WEB_MS = 20_000
/** A book takes longer than a page. */
const PDF_PATIENCE = 6
const MOST_REDIRECTS = 5

const network: Network = {
  fetch: (url, init) => fetch(url, init),
  lookup: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
}

/** Whether an argument is an address. Throws usage for those that are not on the web. */
export function isAddress(argument: string): boolean {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(argument)?.[1]?.toLowerCase()
  if (scheme === undefined) return false
  // what is no address has no credentials that could be told apart, but for what stands before an @
  const shown = argument.replace(/^([^/]*\/\/).*@/, '$1…@')
  if (scheme !== 'http' && scheme !== 'https') {
    throw usage(`${shown} is no http or https address.`, 'A file is given by its path.')
  }
  if (!URL.canParse(argument)) throw usage(`${shown} is no address.`)
  return true
}

/** An address as it may be kept and shown: without user name and password. */
export function withoutCredentials(address: string): string {
  const url = new URL(address)
  url.username = ''
  url.password = ''
  return url.href
}

/**
 * Reads what stands at an http(s) address, following redirects. The address itself may be one of a private network,
 * because a person typed it. A redirect is somebody else's word: it may lead from a public host to public ones only, and
 * from a private one also to the same machine. Throws not_found, and interrupted when the signal says so.
 *
 * What is left: between our look at a host's addresses and the connection a hostile name server may change its answer.
 * With https the certificate would be wrong then. With http a page could be read from a private network, and it would be
 * shown to nobody but the person and their model.
 */
export async function fetchDocument(
  address: string,
  { signal, type, maxBytes, webMs = WEB_MS, network: net = network }: FetchOptions,
): Promise<Fetched> {
  const clock = new AbortController()
  let ms = webMs
  let timer = setTimeout(() => clock.abort(), ms)
  const either = AbortSignal.any([signal, clock.signal])
  const name = withoutCredentials(address)
  try {
    const response = await follow(new URL(address), net, either, DOCUMENTS)
    const { says, charset } = contentType(name, response, type)
    const isPage = (type ?? says) === 'webpage' || (type ?? says) === 'text'
    if (!isPage) {
      clearTimeout(timer)
      ms *= PDF_PATIENCE
      timer = setTimeout(() => clock.abort(), ms)
    }
    const most = maxBytes ?? (isPage ? PAGE_BYTES : FILE_BYTES)
    const body = await readBody(name, response, most, either)
    if (body.bytes.length === 0) throw new CliError('not_found', `${name} is empty.`)
    return { ...body, says, charset }
  } catch (error) {
    if (signal.aborted) throw interrupted(signal)
    if (clock.signal.aborted) {
      throw new CliError('not_found', `${name} took longer than ${ms / 1000} s and was given up.`)
    }
    throw error instanceof CliError ? error : networkProblem(new URL(name), error)
  } finally {
    clearTimeout(timer)
  }
}

const DOCUMENTS = 'text/html, application/xhtml+xml, application/pdf, text/markdown, text/plain, */*;q=0.1'
const IMAGES = 'image/avif, image/webp, image/png, image/jpeg, image/gif, */*;q=0.1'

/**
 * Reads an image at an http(s) address, by the same rules as a document, but that somebody else may have written the address: only with
 * `anywhere` it may be one of a private network. Whether it is an image, its bytes say. Throws not_found for that, for what the
 * server does not have or is too much, unavailable when it cannot be reached, and interrupted.
 */
export async function fetchImage(
  address: string,
  {
    signal,
    maxBytes,
    ms,
    anywhere,
    network: net = network,
  }: {
    signal: AbortSignal
    maxBytes: number
    /** How long it may take in all. */
    ms: number
    anywhere: boolean
    network?: Network
  },
): Promise<Uint8Array> {
  const clock = AbortSignal.timeout(ms)
  const either = AbortSignal.any([signal, clock])
  const name = withoutCredentials(address)
  try {
    const url = new URL(address)
    if (!anywhere && (await privateAddresses(url, net, either)).length > 0)
      throw new CliError('not_found', `${url.host} is in a private network, from which no images are read.`)
    const response = await follow(url, net, either, IMAGES)
    return (await readBody(name, response, maxBytes, either)).bytes
  } catch (error) {
    if (signal.aborted) throw interrupted(signal)
    if (clock.aborted) throw new CliError('unavailable', `${name} took longer than ${ms / 1000} s.`)
    if (!(error instanceof CliError)) throw networkProblem(new URL(name), error, 'unavailable')
    // the hints are about documents
    throw new CliError(error.cause ? 'unavailable' : error.kind, error.message, undefined, { cause: error })
  }
}

/** The first answer that is no redirect. */
async function follow(start: URL, net: Network, signal: AbortSignal, accept: string): Promise<Response> {
  let url = start
  const credentials = { origin: start.origin, login: authorization(start) }
  for (let redirects = 0; ; redirects++) {
    const shown = withoutCredentials(url.href)
    const response = await net
      .fetch(new URL(shown), {
        redirect: 'manual',
        signal,
        headers: {
          'user-agent': `rote/${program.version} (a flashcard program, reading one page for a person)`,
          accept,
          ...(credentials.login && url.origin === credentials.origin
            ? { authorization: credentials.login }
            : {}),
        },
      })
      .catch((error) => {
        throw signal.aborted ? error : networkProblem(url, error)
      })
    const location = response.headers.get('location')
    if (![301, 302, 303, 307, 308].includes(response.status) || location === null) {
      if (response.status >= 400) {
        discard(response)
        throw refused(shown, response.status)
      }
      return response
    }
    discard(response)
    if (redirects === MOST_REDIRECTS) {
      throw new CliError(
        'not_found',
        `${withoutCredentials(start.href)} was redirected more than ${MOST_REDIRECTS} times.`,
      )
    }
    url = await redirected(url, location, net, signal)
  }
}

/** Where a redirect leads, when it may lead there. */
async function redirected(from: URL, location: string, net: Network, signal: AbortSignal): Promise<URL> {
  if (!URL.canParse(location, from.href)) {
    throw new CliError('not_found', `${withoutCredentials(from.href)} redirects to no address.`)
  }
  const to = new URL(location, from)
  if (to.protocol !== 'http:' && to.protocol !== 'https:') {
    throw new CliError(
      'not_found',
      `${withoutCredentials(from.href)} redirects to a ${to.protocol} address, which is not followed.`,
    )
  }
  const privates = await privateAddresses(to, net, signal)
  if (privates.length > 0) {
    const here = await abortable(net.lookup(bareHost(from)), signal).catch((): string[] => [])
    const isSameMachine = privates.every((address) => here.includes(address))
    if (!isSameMachine) {
      throw new CliError(
        'not_found',
        `${withoutCredentials(from.href)} redirects to ${to.host}, which is in a private network, and was not followed.`,
        'If that is meant, give the other address itself.',
      )
    }
  }
  return to
}

/** The addresses of a host that are not of the public internet. */
async function privateAddresses(url: URL, net: Network, signal: AbortSignal): Promise<string[]> {
  const addresses = await abortable(net.lookup(bareHost(url)), signal).catch((error) => {
    throw signal.aborted ? error : networkProblem(url, error)
  })
  const isPublic = publicAddresses()
  return addresses.filter((address) => !isPublic(address))
}

/** A host without the brackets of an IPv6 address. */
const bareHost = ({ hostname }: URL) => hostname.replace(/^\[|\]$/g, '')

/**
 * Networks that are nobody's on the public internet: https://www.iana.org/assignments/iana-ipv4-special-registry and
 * https://www.iana.org/assignments/iana-ipv6-special-registry, with multicast.
 */
const SPECIAL_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/4',
  '240.0.0.0/4',
]
const SPECIAL_IPV6 = [
  '::/127',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/9',
  'ff00::/8',
]
/** Prefixes below which an IPv4 address stands, bare, mapped and translated. */
const CARRIERS = ['::', '::ffff:', '64:ff9b::']

/** Says whether an IP address is one of the public internet. */
export function publicAddresses(): (address: string) => boolean {
  const special = new BlockList()
  for (const range of SPECIAL_IPV4) {
    const [net = '', bits] = range.split('/')
    special.addSubnet(net, Number(bits), 'ipv4')
    for (const carrier of CARRIERS) special.addSubnet(carrier + net, 96 + Number(bits), 'ipv6')
  }
  for (const range of SPECIAL_IPV6) {
    const [net = '', bits] = range.split('/')
    special.addSubnet(net, Number(bits), 'ipv6')
  }
  return (address) => {
    // a zone, as in fe80::1%eth0, is only for addresses of one's own network
    const [bare = '', zone] = address.split('%')
    return zone === undefined && !special.check(bare, isIPv6(bare) ? 'ipv6' : 'ipv4')
  }
}

function authorization({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined
  const login = `${decoded(username)}:${decoded(password)}`
  return `Basic ${Buffer.from(login).toString('base64')}`
}

/** A percent sign in a password need not be the beginning of anything. */
function decoded(text: string): string {
  return text.replace(/(?:%[\da-f]{2})+/gi, (signs) =>
    Buffer.from(signs.replaceAll('%', ''), 'hex').toString(),
  )
}

function discard(response: Response): void {
  response.body?.cancel().catch(() => {})
}

const TYPES: Record<string, SourceType | undefined> = {
  'text/html': 'webpage',
  'application/xhtml+xml': 'webpage',
  'text/plain': 'text',
  'text/markdown': 'text',
  'text/x-markdown': 'text',
  'application/pdf': 'pdf',
  'application/x-pdf': 'pdf',
  // these say nothing: the content will
  'application/octet-stream': undefined,
  'binary/octet-stream': undefined,
  '': undefined,
}

/** Throws not_found for what is neither a page nor a text nor a PDF. */
function contentType(name: string, response: Response, wanted: SourceType | undefined) {
  const header = response.headers.get('content-type') ?? ''
  const [essence = ''] = header.toLowerCase().split(';')
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(header)?.[1]
  const type = essence.trim()
  if (wanted === undefined && !Object.hasOwn(TYPES, type)) {
    discard(response)
    throw new CliError('not_found', `${name} is ${type}, not a page.`, 'It can be a page, a text or a PDF.')
  }
  return { says: TYPES[type], charset }
}

/** The body of an answer, and its hash. Throws not_found for more than `most` bytes. */
export async function readBody(name: string, response: Response, most: number, signal: AbortSignal) {
  const hash = createHash('sha256')
  const parts: Uint8Array[] = []
  let size = 0
  const reader = response.body?.getReader()
  while (reader) {
    const { done, value } = await abortable(reader.read(), signal)
    if (done) break
    size += value.length
    if (size > most) {
      reader.cancel().catch(() => {})
      throw tooLarge(`${name} is more than ${sizeOf(most)}`)
    }
    hash.update(value)
    parts.push(value)
  }
  return { bytes: joined(parts, size), sha256: hash.digest('hex') }
}

function refused(name: string, status: number): CliError {
  const hints: Record<number, string> = {
    401: 'It wants to know who you are: save the page from your browser, as PDF or text.',
    403: 'It may not let programs in: save the page from your browser, as PDF or text.',
    404: 'Is the address right?',
    410: 'The page was taken away.',
    429: 'It has been asked too often: try again later.',
  }
  return new CliError(
    'not_found',
    `${name} answered ${status}.`,
    hints[status] ?? (status >= 500 ? 'Try again later.' : undefined),
  )
}

/** What went wrong between here and a host, by the code that stands somewhere in the error's causes. */
export function networkProblem(
  { host, hostname }: URL,
  error: unknown,
  kind: ErrorKind = 'not_found',
): CliError {
  const { code, message } = reasonOf(error)
  const say = (what: string, hint?: string) => new CliError(kind, what, hint, { cause: error })
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_NODATA':
      return say(`Cannot find the host ${hostname}.`, 'Is the address right, and the network there?')
    case 'ECONNREFUSED':
      return say(`${host} refuses the connection.`)
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return say(`${host} broke off the connection.`, 'Try again later.')
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return say(`${host} cannot be reached.`, 'Is the network there?')
    case 'ETIMEDOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
      return say(`${host} does not answer.`)
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS/.test(code)) {
    return say(`The certificate of ${host} cannot be trusted (${message}).`)
  }
  if (/^(?:EPROTO|ERR_SSL)/.test(code))
    return say(`${host} does not speak https as it should.`, 'Does it speak http?')
  if (code.startsWith('HPE_')) return say(`${host} does not speak http.`)
  if (code.startsWith('Z_')) return say(`${host} sent something that cannot be unpacked.`)
  return say(`Cannot read from ${host}: ${message}.`)
}

function reasonOf(error: unknown): { code: string; message: string } {
  let deepest = { code: '', message: String(error) }
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as NodeJS.ErrnoException
    deepest = { code: code ?? deepest.code, message: at.message }
  }
  return deepest
}
