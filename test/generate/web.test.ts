import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Network } from '../../src/generate/web.ts'
import { isAddress, publicAddresses } from '../../src/generate/web.ts'
import { pdf } from '../support/pdf.ts'
import { failure, read } from './reading.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** What stands below which path. */
const answers = new Map<string, Answer>()
const server = createServer((request, response) => {
  const answer = answers.get(request.url ?? '')
  if (answer) answer(request, response)
  else response.writeHead(404).end()
})
let origin: string
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

/** Puts something below a path; returns its address. */
function serve(path: string, answer: Answer): string {
  answers.set(path, answer)
  return origin + path
}

const send =
  (type: string, body: string | Uint8Array): Answer =>
  (_, response) =>
    response.writeHead(200, type === '' ? {} : { 'content-type': type }).end(body)
const redirect =
  (to: string): Answer =>
  (_, response) =>
    response.writeHead(302, { location: to }).end()

const PARAGRAPH =
  'The heron stands in the water for hours, and waits for a fish that comes near enough to be caught. '
const ARTICLE = `<html><head><title>Herons</title></head><body><nav><a href="/">Home</a></nav><article><h1>Herons</h1>
  ${`<p>${PARAGRAPH.repeat(5)}</p>`.repeat(4)}</article><script>track()</script></body></html>`

describe('a page', () => {
  test('is read as its article, and its address loses the credentials', async () => {
    let asked: IncomingMessage | undefined
    const address = serve('/herons', (request, response) => {
      asked = request
      send('text/html', ARTICLE)(request, response)
    })
    const source = await read(address.replace('//', '//ada:l%C3%B6ve@'))
    expect(source).toMatchObject({ source_type: 'webpage', source_url: address })
    expect(source.sha256).toMatch(/^[0-9a-f]{64}$/)
    expect(source.text).toEqual({
      title: 'Herons',
      pages: [{ page: null, text: Array(4).fill(PARAGRAPH.repeat(5).trim()).join('\n\n') }],
      page_count: null,
      notes: [],
    })
    expect(asked?.headers).toMatchObject({
      'user-agent': expect.stringMatching(/^rote\/\d/),
      authorization: `Basic ${Buffer.from('ada:löve').toString('base64')}`,
    })
    expect(asked?.headers.cookie).toBeUndefined()
  })

  test('takes a password with a percent sign as it is', async () => {
    let authorization: string | undefined
    const address = serve('/percent', (request, response) => {
      authorization = request.headers.authorization
      send('text/html', ARTICLE)(request, response)
    })
    await read(address.replace('//', '//ada:100%@'))
    expect(authorization).toBe(`Basic ${Buffer.from('ada:100%').toString('base64')}`)
  })

  test('keeps its structure', async () => {
    const html = `<body><h1>All about herons and what they eat</h1><div>One<div>two</div>three<br>four</div>
      <p>10<sup>6</sup> herons<sup class="reference"><a href="#1">[1]</a></sup>, H<sub>2</sub>O</p>
      <h3>What they eat<span class="mw-editsection">[<a href="/edit">edit</a>]</span></h3>
      <ul><li>fish<ol><li>carp<li><p>trout</p></ol></li><li>frogs</li></ul>
      <table><tr><th>Bird</th><th>Size</th></tr><tr><td><p>Grey<br>heron</p></td><td></td><td>98 cm</td></tr></table>
      <table><tr><td><h2>Layout</h2></td><td><table><tr><td>a</td><td>b</td></tr></table></td></tr></table>
      <pre>  one\n    two</pre><p hidden>no</p><span aria-hidden="true">no</span><style>no{}</style>
      <math alttext="a^2"><mi>a</mi></math><p>   </p><blockquote>${PARAGRAPH}</blockquote></body>`
    const { text } = await read(serve('/structure', send('text/html', html)), { dubious: async () => true })
    expect(text.pages[0]?.text).toBe(
      [
        'One\n\ntwo\n\nthree\nfour\n\n10^6 herons, H2O\n\n### What they eat\n',
        '- fish\n  - carp\n\n  - trout\n\n- frogs\n',
        'Bird\tSize\nGrey heron\t\t98 cm\n',
        '## Layout\n',
        'a\tb\n',
        '  one\n    two\n',
        'a^2\n',
        PARAGRAPH.trim(),
      ].join('\n'),
    )
  })

  test.each([
    ['header', 'text/html; charset=windows-1251', 'windows-1251', ''],
    ['header in quotes', 'text/html; charset="KOI8-R"', 'koi8-r', ''],
    ['meta', 'text/html', 'windows-1251', '<meta charset="windows-1251">'],
    [
      'old meta',
      'text/html',
      'koi8-r',
      '<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">',
    ],
    ['nothing, UTF-8', 'text/html', 'utf-8', ''],
    ['a header that is wrong', 'text/html; charset=iso-8859-1', 'utf-8', ''],
  ])('says its encoding by %s', async (_, type, encoding, meta) => {
    const word = 'цапля'
    const bytes = {
      'windows-1251': [0xf6, 0xe0, 0xef, 0xeb, 0xff],
      'koi8-r': [0xc3, 0xc1, 0xd0, 0xcc, 0xd1],
    }[encoding]
    const html = Buffer.from(
      `<html><head>${meta}<title>x</title></head><body><p>W ${PARAGRAPH.repeat(10)}</p></body></html>`,
    )
    const at = html.indexOf('W ')
    const page = Buffer.concat([
      html.subarray(0, at),
      bytes ? Buffer.from(bytes) : Buffer.from(word),
      html.subarray(at + 1),
    ])
    const { text } = await read(serve('/encoded', send(type, page)))
    expect(text.pages[0]?.text.slice(0, 10)).toBe(`${word} The `)
  })

  test('can be a text, a Markdown file or a PDF, also when the server does not know', async () => {
    const book = await pdf([PARAGRAPH.repeat(5).replaceAll('. ', '.\n')])
    const plain = PARAGRAPH.repeat(5)
    const types = [
      await read(serve('/a', send('text/plain; charset=utf-8', plain))),
      await read(serve('/b.md', send('text/markdown', plain))),
      await read(serve('/c', send('application/pdf', book)), { pages: '1' }),
      await read(serve('/d', send('application/octet-stream', book))),
      await read(serve('/e', send('', ARTICLE))),
      await read(serve('/f', send('text/html', book))),
    ].map(({ source_type }) => source_type)
    expect(types).toEqual(['text', 'text', 'pdf', 'pdf', 'webpage', 'pdf'])
  })

  test('that nests ten thousand boxes is read too', async () => {
    const html = `<html><body>${'<div>'.repeat(20_000)}${PARAGRAPH.repeat(20)}${'</div>'.repeat(20_000)}</body></html>`
    const asked: string[] = []
    const address = serve('/deep', send('text/html', html))
    const { text } = await read(address, {
      dubious: async (message) => asked.push(message) > 0,
    })
    expect(text.pages[0]?.text).toBe(PARAGRAPH.repeat(20).trim())
    expect(asked).toEqual([`${address} does not look like something to read.`])
  })
})

describe('a page that may not be what a browser shows', () => {
  const hint = 'It may need JavaScript, or consent: save it from your browser as PDF or text, and read that.'

  test('is asked about, with its beginning', async () => {
    const wall = `<html><body><div><p>We use cookies. ${PARAGRAPH.repeat(4)}</p></div></body></html>`
    const address = serve('/wall', send('text/html', wall))
    const asked: string[][] = []
    const answer = (yes: boolean) => async (message: string, excerpt: string) => {
      asked.push([message, excerpt.slice(0, 15)])
      return yes
    }
    expect((await read(address, { dubious: answer(true) })).text.pages[0]?.text).toMatch(
      /^We use cookies\. The heron/,
    )
    const message = `Only 411 characters of ${address} could be read.`
    expect(await failure(address, { dubious: answer(false) })).toEqual(['not_found', message, hint])
    expect(asked).toEqual([
      [message, 'We use cookies.'],
      [message, 'We use cookies.'],
    ])
  })

  test('has nothing without JavaScript', async () => {
    const address = serve(
      '/app',
      send('text/html', '<html><body><div id="app"></div><script src="x"></script></body></html>'),
    )
    expect(await failure(address)).toEqual([
      'not_found',
      `${address} has no text: nothing to make cards from.`,
      hint,
    ])
  })

  test('is in another encoding than it says', async () => {
    const html = Buffer.from(ARTICLE.replace('fish', 'f\u00efsh'), 'latin1')
    const address = serve('/lying', send('text/html; charset=utf-8', html))
    const all = Buffer.from(`<p>${'Gr\u00fc\u00dfe '.repeat(400)}</p>`, 'latin1')
    const worse = serve('/worse', send('text/html; charset=utf-8', all))
    await read(address)
    expect((await failure(worse, { dubious: async () => false }))[1]).toBe(
      `Many characters of ${worse} cannot be made out.`,
    )
  })
})

describe('a server that answers something else', () => {
  test.each([
    [401, 'It wants to know who you are: save the page from your browser, as PDF or text.'],
    [404, 'Is the address right?'],
    [418, undefined],
    [503, 'Try again later.'],
  ])('%d', async (status, hint) => {
    const address = serve('/status', (_, response) => response.writeHead(status).end('no'))
    expect(await failure(address)).toEqual(['not_found', `${address} answered ${status}.`, hint])
  })

  test.each(['image/png', 'application/json', 'text/css'])('%s', async (type) => {
    const address = serve('/other', send(`${type}; x=y`, 'x'))
    expect(await failure(address)).toEqual([
      'not_found',
      `${address} is ${type}, not a page.`,
      'It can be a page, a text or a PDF.',
    ])
  })

  test('what the person insists on', async () => {
    const address = serve('/data', send('application/json', JSON.stringify(PARAGRAPH.repeat(5))))
    expect((await read(address, { type: 'text' })).source_type).toBe('text')
  })

  test('no PDF, though it says so', async () => {
    const address = serve('/fake', send('application/pdf', '<html>Please log in'))
    expect((await failure(address))[1]).toBe(
      `${address} is not a PDF (it starts with "<html>Please"). Was the download an error page?`,
    )
  })

  test('nothing', async () => {
    const address = serve('/empty', send('text/html', ''))
    expect(await failure(address)).toEqual(['not_found', `${address} is empty.`, undefined])
  })

  test('more than the limit, packed small', async () => {
    const bomb = gzipSync(Buffer.alloc(30_000_000, 'x'))
    const address = serve('/bomb', (_, response) =>
      response.writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' }).end(bomb),
    )
    expect(await failure(address)).toEqual([
      'not_found',
      `${address} is more than 10 MB.`,
      'To read it all the same, raise the limit with --max-bytes.',
    ])
  })

  test('what cannot be unpacked', async () => {
    const address = serve('/broken', (_, response) =>
      response.writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' }).end('no gzip'),
    )
    expect((await failure(address))[1]).toBe(
      `${new URL(address).host} sent something that cannot be unpacked.`,
    )
  })

  test.each([
    [
      'a drop at a time',
      (_: unknown, response: ServerResponse) => {
        response.writeHead(200, { 'content-type': 'text/html' })
        const drip = setInterval(() => response.write('<p>'), 20)
        response.on('close', () => clearInterval(drip))
      },
    ],
    ['nothing at all', () => {}],
  ])('%s', async (_, answer) => {
    const address = serve('/slow', answer)
    expect(await failure(address, { webMs: 300 })).toEqual([
      'not_found',
      `${address} took longer than 0.3 s and was given up.`,
      undefined,
    ])
  })

  test('half of it', async () => {
    const address = serve('/cut', (_, response) => {
      response.writeHead(200, { 'content-type': 'text/html', 'content-length': 1000 })
      response.write('<html>', () => response.destroy())
    })
    expect((await failure(address))[1]).toBe(`${new URL(address).host} broke off the connection.`)
  })

  test('until the person has had enough', async () => {
    const abort = new AbortController()
    const address = serve('/never', () => abort.abort())
    expect(await failure(address, { signal: abort.signal })).toEqual(['interrupted', 'Stopped.', undefined])
  })
})

describe('no server', () => {
  /** A network in which a request fails as Node's fetch has it fail. */
  const failing = (code: string, message = code): Network => ({
    fetch: async () => {
      throw new TypeError('fetch failed', { cause: Object.assign(new Error(message), { code }) })
    },
    lookup: async () => ['93.184.216.34'],
  })

  test('a port on which nobody listens', async () => {
    const nobody = createServer()
    await new Promise<void>((done) => nobody.listen(0, '127.0.0.1', done))
    const { port } = nobody.address() as AddressInfo
    await new Promise((done) => nobody.close(done))
    expect(await failure(`http://127.0.0.1:${port}/`)).toEqual([
      'not_found',
      `127.0.0.1:${port} refuses the connection.`,
      undefined,
    ])
  })

  test.each([
    ['ENOTFOUND', 'Cannot find the host birds.example.'],
    ['EAI_AGAIN', 'Cannot find the host birds.example.'],
    ['ENETUNREACH', 'birds.example cannot be reached.'],
    ['UND_ERR_CONNECT_TIMEOUT', 'birds.example does not answer.'],
    ['ECONNRESET', 'birds.example broke off the connection.'],
    ['EPROTO', 'birds.example does not speak https as it should.'],
    ['HPE_INVALID_CONSTANT', 'birds.example does not speak http.'],
    [
      'CERT_HAS_EXPIRED',
      'The certificate of birds.example cannot be trusted (certificate has expired).',
      'certificate has expired',
    ],
    [
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'The certificate of birds.example cannot be trusted (self-signed certificate).',
      'self-signed certificate',
    ],
    ['EWHATEVER', 'Cannot read from birds.example: something new.', 'something new'],
  ])('%s', async (code, sentence, message?: string) => {
    const [kind, said] = await failure('https://birds.example/', { network: failing(code, message) })
    expect([kind, said]).toEqual(['not_found', sentence])
  })
})

describe('redirects', () => {
  test('are followed, and the address stays the one that was given', async () => {
    serve('/new', send('text/html', ARTICLE))
    const address = serve('/old', redirect('new'))
    expect(await read(address)).toMatchObject({ source_url: address, text: { title: 'Herons' } })
  })

  test('five times', async () => {
    for (let n = 0; n < 7; n++) serve(`/hop${n}`, redirect(`/hop${n + 1}`))
    serve('/hop7', send('text/html', ARTICLE))
    expect((await read(`${origin}/hop2`)).text.title).toBe('Herons')
    expect(await failure(`${origin}/hop1`)).toEqual([
      'not_found',
      `${origin}/hop1 was redirected more than 5 times.`,
      undefined,
    ])
  })

  test.each([
    ['file:///etc/passwd', 'redirects to a file: address, which is not followed.'],
    ['http://', 'redirects to no address.'],
  ])('not to %s', async (to, message) => {
    const address = serve('/away', redirect(to))
    expect(await failure(address)).toEqual(['not_found', `${address} ${message}`, undefined])
  })

  test('a login goes to the host that it was given for, and no further', async () => {
    const network = world({
      'http://a.example/': ['302', 'http://b.example/'],
      'http://b.example/': ['200', ARTICLE],
    })
    await read('http://ada:secret@a.example/', { network })
    expect(network.seen).toEqual([
      ['http://a.example/', 'Basic YWRhOnNlY3JldA=='],
      ['http://b.example/', null],
    ])
  })

  /** Hosts by name, with the addresses that they have. */
  const HOSTS: Record<string, string[]> = {
    'a.example': ['93.184.216.34'],
    'b.example': ['2606:2800:220:1::1'],
    'inside.example': ['93.184.216.34', '10.0.0.7'],
    'docs.local': ['192.168.1.5'],
    'also-docs.local': ['192.168.1.5'],
    'printer.local': ['192.168.1.9'],
    localhost: ['::1', '127.0.0.1'],
  }

  /** A network of such hosts with these pages. */
  function world(
    pages: Record<string, ['302' | '200', string]>,
  ): Network & { seen: [string, string | null][] } {
    const seen: [string, string | null][] = []
    return {
      seen,
      fetch: async (url, init) => {
        seen.push([url.href, new Headers(init.headers).get('authorization')])
        const [status, what] = pages[url.href] ?? ['404', '']
        return status === '302'
          ? new Response(null, { status: 302, headers: { location: what } })
          : new Response(what, { status: Number(status), headers: { 'content-type': 'text/html' } })
      },
      lookup: async (host) => HOSTS[host] ?? [host],
    }
  }

  test.each([
    ['http://a.example/', 'http://b.example/', true],
    ['http://a.example/', 'http://127.0.0.1:8080/', false],
    ['http://a.example/', 'http://2130706433/', false],
    ['http://a.example/', 'http://[::1]/', false],
    ['http://a.example/', 'http://[::ffff:10.0.0.1]/', false],
    ['http://a.example/', 'http://169.254.169.254/latest/meta-data/', false],
    ['http://a.example/', 'http://inside.example/', false],
    ['http://a.example/', 'http://localhost/', false],
    ['http://localhost/', 'http://localhost:3000/', true],
    ['http://localhost/', 'http://127.0.0.1/', true],
    ['http://docs.local/', 'https://also-docs.local/', true],
    ['http://docs.local/', 'http://printer.local/', false],
    ['http://docs.local/', 'http://a.example/', true],
  ])('from %s to %s: %s', async (from, to, allowed) => {
    const network = world({ [from]: ['302', to], [new URL(to).href]: ['200', ARTICLE] })
    if (allowed) expect((await read(from, { network })).source_url).toBe(from)
    else {
      expect(await failure(from, { network })).toEqual([
        'not_found',
        `${from} redirects to ${new URL(to).host}, which is in a private network, and was not followed.`,
        'If that is meant, give the other address itself.',
      ])
      expect(network.seen.map(([url]) => url)).toEqual([from])
    }
  })

  test('nor back into the private network from outside', async () => {
    const network = world({
      'http://docs.local/': ['302', 'http://a.example/'],
      'http://a.example/': ['302', 'http://docs.local/x'],
    })
    expect((await failure('http://docs.local/', { network }))[1]).toBe(
      'http://a.example/ redirects to docs.local, which is in a private network, and was not followed.',
    )
  })
})

test.each([
  ['8.8.8.8', true],
  ['172.32.0.1', true],
  ['2606:4700::1111', true],
  ['64:ff9b::8.8.8.8', true],
  ['::ffff:8.8.8.8', true],
  ['0.0.0.0', false],
  ['10.1.2.3', false],
  ['100.64.0.1', false],
  ['127.8.8.8', false],
  ['169.254.0.1', false],
  ['172.31.255.255', false],
  ['192.168.0.1', false],
  ['198.19.0.1', false],
  ['224.0.0.1', false],
  ['255.255.255.255', false],
  ['::', false],
  ['::1', false],
  ['::127.0.0.1', false],
  ['::ffff:192.168.0.1', false],
  ['::ffff:7f00:1', false],
  ['64:ff9b::10.0.0.1', false],
  ['64:ff9b:1::1', false],
  ['2002:7f00:1::', false],
  ['fc00::1', false],
  ['fd12::1', false],
  ['fe80::1', false],
  ['fe80::1%eth0', false],
  ['fec0::1', false],
  ['ff02::1', false],
])('%s is public: %s', (address, expected) => {
  expect(publicAddresses()(address)).toBe(expected)
})

test.each([
  ['https://example.org', true],
  ['HTTP://example.org', true],
  ['notes.md', false],
  ['./http:/x', false],
  ['C:\\notes.txt', false],
])('%s is an address: %s', (argument, expected) => {
  expect(isAddress(argument)).toBe(expected)
})

test.each([
  ['ftp://example.org/x', 'ftp://example.org/x is no http or https address.', 'A file is given by its path.'],
  ['file:///x', 'file:///x is no http or https address.', 'A file is given by its path.'],
  ['http://', 'http:// is no address.', undefined],
  ['ftp://ada:secret@a/x', 'ftp://…@a/x is no http or https address.', 'A file is given by its path.'],
  ['http://ada:secret@', 'http://…@ is no address.', undefined],
  ['http://ada:sec/r@t@a b/', 'http://…@a b/ is no address.', undefined],
])('%s is a mistake', async (argument, message, hint) => {
  expect(await failure(argument)).toEqual(['usage', message, hint])
})
