import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type MadeCard, makeCards, type Plant } from './card-maker.ts'

// A provider of models on a real port that speaks OpenAI's chat completions and does wrong what it is told to.

/**
 * How one request is answered. Without anything: as a good server does, with cards made of the source. It goes through
 * JSON, so that a server in a process of its own can be told too.
 */
export interface Behaviour {
  /** Nothing of what was asked before is minded: the same section gives the same cards, whoever asks when. */
  forgets?: true
  /** Planted among the cards, in the places of the last of them. */
  plant?: Plant[]
  /** The reply's text in place of cards. */
  text?: string
  /** Around the text: a fence, thoughts before it, thoughts that never end, a sentence before and after. */
  wrap?: 'fence' | 'think' | 'open_think' | 'prose'
  /** Text in the field `reasoning` of the message. */
  reasoning?: string
  refusal?: string
  /** Null: the stream ends without one. */
  finish_reason?: string | null
  /** The text is cut after so many characters, with finish_reason "length". */
  max_chars?: number
  /** False: none is sent. A number: so many prompt tokens are said to have been used. */
  usage?: false | number
  /** The message stands in one JSON document although a stream was asked for. */
  plain?: true
  /** No choices at all. */
  no_choices?: true
  /** Milliseconds before the headers, from there to the first piece, and between pieces. */
  delay?: number
  first?: number
  gap?: number
  /** Characters of a piece. */
  piece?: number
  /** Nothing is ever answered. */
  hang?: true
  /** The stream stops after so many pieces and stays open. */
  stall?: number
  /** The connection is destroyed after so many pieces; 0: before the headers. */
  cut?: number
  /** An answer of another kind: a status, headers, and a body (text as it is, anything else as JSON). */
  status?: number
  headers?: Record<string, string>
  body?: unknown
}

/** What the server is like, for every request. */
export interface Nature {
  /** Only this key is good. */
  key?: string
  /** Only these are there; any other is 404. */
  models?: string[]
  /** Fields that are refused with 400, in the words of `wording`. */
  refuses?: (
    | 'json_schema'
    | 'json_object'
    | 'max_tokens'
    | 'max_completion_tokens'
    | 'temperature'
    | 'stream_options'
  )[]
  wording?: 'openai' | 'lmstudio' | 'llamacpp'
  /** Tokens of context: a longer prompt is refused, or cut at its beginning without a word. */
  context?: { tokens: number; how: 'refuse' | 'cut' }
  /** Every request is answered like this, unless one of its own was scripted. */
  always?: Behaviour
}

/** A request as it came in. */
export interface Received {
  method: string
  path: string
  headers: IncomingHttpHeaders
  /** The parsed body; null without one. */
  body: ChatBody | null
  /** The cards that were made for it. */
  cards: MadeCard[]
  /** The client went away before the answer was complete. */
  aborted: boolean
}

/** What the tests look at in a request for a chat completion. */
export interface ChatBody {
  model: string
  messages: { role: string; content: string }[]
  stream?: boolean
  stream_options?: { include_usage?: boolean }
  response_format?: { type: string; json_schema?: { name: string; strict?: boolean; schema: unknown } }
  max_tokens?: number
  max_completion_tokens?: number
  temperature?: number
  reasoning_effort?: string
}

export interface FakeProvider {
  /** Where it is, with /v1 at the end. */
  url: string
  /** All requests so far, first to last. */
  requests: Received[]
  /** Those for a chat completion. */
  asked(): Received[]
  /** The next requests for a chat completion are answered like this, one each; after them, as ever. */
  script(...behaviours: Behaviour[]): void
  /** Decides for every request for which nothing is scripted; undefined: as ever. */
  rule(decide: (request: Received, index: number) => Behaviour | undefined): void
  /** Becomes like this from now on. */
  become(nature: Nature): void
  /** Forgets requests, script, rule and nature. */
  reset(): void
  close(): Promise<void>
}

/** Starts a provider on a free port of this machine, or on `port`. */
export async function startProvider(nature: Nature = {}, port = 0): Promise<FakeProvider> {
  const requests: Received[] = []
  let like = nature
  let scripted: Behaviour[] = []
  let decide: (request: Received, index: number) => Behaviour | undefined = () => undefined
  const asked = () => requests.filter(({ path }) => path.endsWith('/chat/completions'))

  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part) => parts.push(part))
    request.on('end', () => {
      const text = Buffer.concat(parts).toString('utf8')
      const path = request.url ?? ''
      if (path.startsWith('/control')) return control(path, text, response)
      const received: Received = {
        method: request.method ?? '',
        path,
        headers: request.headers,
        body: text === '' ? null : JSON.parse(text),
        cards: [],
        aborted: false,
      }
      requests.push(received)
      response.on('close', () => {
        received.aborted = !response.writableFinished
      })
      if (!path.endsWith('/chat/completions')) return other(received, response, like)
      const behaviour = scripted.shift() ?? decide(received, asked().length - 1) ?? like.always ?? {}
      void answer(received, response, behaviour, like)
    })
  })

  /** For a server in a process of its own: its script, its nature and its requests over HTTP. */
  function control(path: string, text: string, response: ServerResponse): void {
    if (path === '/control/script') scripted.push(...(JSON.parse(text) as Behaviour[]))
    if (path === '/control/become') like = JSON.parse(text)
    json(response, 200, path === '/control/requests' ? requests : {})
  }

  await new Promise<void>((resolve, reject) => {
    server.on('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    asked,
    script: (...behaviours) => {
      scripted.push(...behaviours)
    },
    rule: (next) => {
      decide = next
    },
    become: (next) => {
      like = next
    },
    reset: () => {
      requests.length = 0
      scripted = []
      decide = () => undefined
      like = nature
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const isText = typeof body === 'string'
  response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json', ...headers })
  response.end(isText ? body : JSON.stringify(body))
}

/** What is asked of a server beside chat completions: its models. */
function other({ method, path }: Received, response: ServerResponse, { models }: Nature): void {
  if (method !== 'GET' || path !== '/v1/models') {
    json(response, 404, '404 page not found', { 'content-type': 'text/plain' })
  } else {
    const data = (models ?? ['card-maker']).map((id) => ({ id, object: 'model' }))
    json(response, 200, { object: 'list', data })
  }
}

/** A prompt of so many bytes is said to have a quarter as many tokens. */
const tokensOf = (text: string) => Math.ceil(Buffer.byteLength(text) / 4)

async function answer(
  received: Received,
  response: ServerResponse,
  behaviour: Behaviour,
  like: Nature,
): Promise<void> {
  const body = received.body as ChatBody
  const waiting = new Set<NodeJS.Timeout>()
  response.on('close', () => {
    for (const timer of waiting) clearTimeout(timer)
  })
  // a wait of a connection that is gone never ends, and what waits is forgotten with it
  const wait = (ms = 0) =>
    ms === 0 ? undefined : new Promise<void>((resolve) => void waiting.add(setTimeout(resolve, ms)))

  if (behaviour.hang) return
  await wait(behaviour.delay)
  if (behaviour.cut === 0) return void response.destroy()
  if (behaviour.status !== undefined)
    return json(response, behaviour.status, behaviour.body ?? '', behaviour.headers)
  const refusal = refused(received, like)
  if (refusal) return json(response, refusal.status, refusal.body)

  let prompt = body.messages.map(({ content }) => content).join('\n')
  const asPrompt = tokensOf(prompt)
  if (like.context?.how === 'cut') prompt = prompt.slice(-like.context.tokens * 4)
  received.cards = cardsFor(prompt, body, behaviour)
  let text = wrapped(behaviour.text ?? writeReply(received.cards), behaviour.wrap)
  let finish = behaviour.finish_reason === undefined ? 'stop' : behaviour.finish_reason
  if (behaviour.max_chars !== undefined && text.length > behaviour.max_chars) {
    text = text.slice(0, behaviour.max_chars)
    finish = 'length'
  }
  const used =
    typeof behaviour.usage === 'number'
      ? behaviour.usage
      : Math.min(asPrompt, like.context?.tokens ?? asPrompt)
  const usage = {
    prompt_tokens: used,
    completion_tokens: tokensOf(text),
    total_tokens: used + tokensOf(text),
  }
  const { reasoning, refusal: declined } = behaviour
  const message = { ...(reasoning && { reasoning }), ...(declined && { refusal: declined }) }
  const head = { id: 'chatcmpl-1', created: 1, model: body.model }

  if (behaviour.plain || !body.stream) {
    const content = declined || text === '' ? null : text
    const choice = { index: 0, finish_reason: finish, message: { role: 'assistant', content, ...message } }
    return json(response, 200, {
      ...head,
      object: 'chat.completion',
      choices: behaviour.no_choices ? [] : [choice],
      ...(behaviour.usage !== false && { usage }),
    })
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', ...behaviour.headers })
  response.flushHeaders()
  await wait(behaviour.first)
  const send = (data: object) =>
    response.write(`data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', ...data })}\n\n`)
  const delta = (delta: object, finish_reason: string | null = null) =>
    send({ choices: [{ index: 0, delta, finish_reason }] })
  if (!behaviour.no_choices) {
    let sent = 0
    for (const piece of [message, ...piecesOf(declined ? '' : text, behaviour.piece ?? 40)]) {
      if (behaviour.stall === sent) return
      if (behaviour.cut === sent) return void response.destroy()
      delta(typeof piece === 'string' ? { content: piece } : { role: 'assistant', ...piece })
      sent++
      await wait(behaviour.gap)
    }
    if (finish !== null) delta({}, finish)
  }
  if (behaviour.usage !== false && body.stream_options?.include_usage) send({ choices: [], usage })
  if (finish !== null) response.write('data: [DONE]\n\n')
  response.end()
}

function piecesOf(text: string, length: number): string[] {
  return Array.from({ length: Math.ceil(text.length / length) }, (_, index) =>
    text.slice(index * length, (index + 1) * length),
  )
}

function writeReply(cards: MadeCard[]): string {
  return JSON.stringify({
    cards: cards.map(({ quote, page, question, answer }) => ({ quote, page, question, answer })),
  })
}

function wrapped(text: string, how: Behaviour['wrap']): string {
  switch (how) {
    case 'fence':
      return `\`\`\`json\n${text}\n\`\`\``
    case 'think':
      return `<think>They want {"question": "cards"}.</think>\n${text}`
    case 'open_think':
      return `<think>They want cards, so I could make {"question": "What?", "answer": "That"}, but`
    case 'prose':
      return `Here are your cards:\n\n${text}\n\nTell me if you want more!`
    case undefined:
      return text
  }
}

/** Reads the prompt as a model would: what is in <source>, how many cards, and what was asked before. */
function cardsFor(prompt: string, body: ChatBody, { plant = [], forgets }: Behaviour): MadeCard[] {
  const source = prompt.slice(prompt.lastIndexOf('<source>') + '<source>'.length).split('</source>')[0] ?? ''
  const words = body.messages.map(({ content }) => content).join('\n')
  const quota = /\bone card\b/i.test(words) ? 1 : Number(/\bat most (\d+) cards?\b/i.exec(words)?.[1] ?? 10)
  const asked = Array.from(words.matchAll(/^- (.+)$/gm), ([, question = '']) => question)
  return makeCards(source.replaceAll('<\\', '<'), quota, forgets ? [] : asked, plant)
}

/** A request that this server does not take, in the words of one of those that people have. */
function refused(
  { body, headers, path }: Received,
  { key, models, refuses = [], wording = 'openai', context }: Nature,
): { status: number; body: unknown } | null {
  if (!body) return { status: 400, body: { error: { message: 'no body' } } }
  if (!path.startsWith('/v1/')) return { status: 404, body: '404 page not found' }
  const given = headers.authorization?.replace('Bearer ', '')
  if (key !== undefined && given !== key) {
    const message = `Incorrect API key provided: ${given}. You can find your API key in your account.`
    return {
      status: 401,
      body: { error: { message, type: 'invalid_request_error', code: 'invalid_api_key' } },
    }
  }
  if (models && !models.includes(body.model)) {
    const message = `The model \`${body.model}\` does not exist or you do not have access to it.`
    return {
      status: 404,
      body: { error: { message, type: 'invalid_request_error', code: 'model_not_found' } },
    }
  }
  const format = body.response_format?.type
  for (const field of refuses) {
    if (field === 'json_schema' || field === 'json_object' ? format === field : body[field] !== undefined)
      return { status: 400, body: { error: WORDING[wording](field) } }
  }
  const needed = tokensOf(body.messages.map(({ content }) => content).join('\n'))
  if (context?.how === 'refuse' && needed > context.tokens) {
    const message = `This model's maximum context length is ${context.tokens} tokens. However, your messages resulted in ${needed} tokens.`
    return {
      status: 400,
      body: { error: { message, type: 'invalid_request_error', code: 'context_length_exceeded' } },
    }
  }
  return null
}

const WORDING = {
  openai: (field: string) =>
    field.startsWith('json')
      ? {
          message: `Invalid parameter: 'response_format' of type '${field}' is not supported with this model.`,
          type: 'invalid_request_error',
          param: 'response_format',
          code: null,
        }
      : {
          message:
            field === 'max_tokens'
              ? `Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.`
              : `Unsupported parameter: '${field}' is not supported with this model.`,
          type: 'invalid_request_error',
          param: field,
          code: 'unsupported_parameter',
        },
  lmstudio: (field: string) =>
    field.startsWith('json')
      ? `'response_format.type' must be '${field === 'json_object' ? 'json_schema' : 'json_object'}' or 'text'`
      : `Unrecognized key '${field}'`,
  llamacpp: (field: string) => ({
    code: 400,
    message: field.startsWith('json')
      ? 'Failed to initialize samplers: failed to parse grammar'
      : `Unsupported param: ${field}`,
    type: 'invalid_request_error',
  }),
}
