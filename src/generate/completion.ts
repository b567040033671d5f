import type OpenAI from 'openai'
import type { ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions'
import type { Refusal } from '../core/generate/trouble.ts'

/** Where requests go, with which key, and how long an answer may let us wait. */
export interface Endpoint {
  baseURL: string
  /** Null: the server needs none. */
  key: string | null
  /** Milliseconds until the answer begins, and from one piece of it to the next. */
  firstTokenMs: number
  idleMs: number
}

/** What came back of one request. */
export type Heard =
  | {
      kind: 'reply'
      text: string
      /** What it thought, where the server tells that apart. */
      thoughts: string
      /** In place of a reply: it does not want to. */
      declined: string
      /** Null: the end is missing. */
      finish: string | null
      /** Null: the server does not say. */
      usage: { prompt: number; completion: number } | null
    }
  | ({ kind: 'refusal'; header: (name: string) => string | null } & Refusal)
  /** No connection, or one that broke. `text`: the part of the reply that had come. */
  | { kind: 'lost'; code: string; text: string }
  /** A success that is no completion, such as a web page. */
  | { kind: 'foreign'; type: string; text: string }

type Sdk = typeof OpenAI

/** An error's page is not read further than this, nor is a reply that does not end. */
const MOST_ERROR = 64 * 1024
const MOST_REPLY = 1024 * 1024

/**
 * Asks for one completion, as a stream: then a reply may take as long as it likes, where Node ends one without a stream
 * after five minutes. What goes wrong is an answer too; only an abort of `signal` is thrown, as its reason, and at once.
 * Nothing is sent anywhere but to the endpoint: a redirect is an answer like others, and what the environment has for
 * OpenAI's SDK is not heard. A server that repeats the key is quoted without it.
 */
export async function complete(
  Sdk: Sdk,
  endpoint: Endpoint,
  body: ChatCompletionCreateParamsStreaming,
  signal: AbortSignal,
): Promise<Heard> {
  const hide = keyHider(endpoint.key)
  const heard = await hear(Sdk, endpoint, body, signal)
  if (heard.kind !== 'reply') return { ...heard, text: hide(heard.text) }
  const { text, thoughts, declined } = heard
  return { ...heard, text: hide(text), thoughts: hide(thoughts), declined: hide(declined) }
}

async function hear(
  Sdk: Sdk,
  endpoint: Endpoint,
  body: ChatCompletionCreateParamsStreaming,
  signal: AbortSignal,
): Promise<Heard> {
  const watch = watched(signal)
  const reply = emptyReply()
  let refusal: Heard | undefined
  const fetching: Fetch = async (url, init = {}) => {
    const response = await send(endpoint, url, init)
    if (!response.ok) {
      const text = await readText(response, MOST_ERROR, () => watch.wait(endpoint.idleMs))
      refusal = {
        kind: 'refusal',
        status: response.status,
        text,
        header: (name) => response.headers.get(name),
      }
    }
    return response
  }
  try {
    watch.wait(endpoint.firstTokenMs)
    const { data, response } = await client(Sdk, endpoint, fetching)
      .chat.completions.create(body, { signal: watch.signal })
      .withResponse()
    const type = response.headers.get('content-type') ?? ''
    if (type.includes('text/event-stream')) {
      for await (const chunk of data) {
        watch.wait(endpoint.idleMs)
        add(reply, chunk)
        if (reply.text.length + reply.thoughts.length > MOST_REPLY) return { ...reply, finish: 'length' }
      }
    } else {
      const text = await readText(response, MOST_REPLY, () => watch.wait(endpoint.idleMs))
      const document = parse(text)
      if (document === undefined && type.includes('json')) return { kind: 'lost', code: 'garbled', text: '' }
      if (isObject(document) && 'error' in document) return errorIn(document.error)
      if (!isObject(document) || !Array.isArray(document.choices)) return { kind: 'foreign', type, text }
      add(reply, document)
    }
    // the SDK ends the loop quietly when it is aborted
    signal.throwIfAborted()
    return watch.stalled() ? { kind: 'lost', code: 'stalled', text: reply.text } : reply
  } catch (thrown) {
    signal.throwIfAborted()
    if (watch.stalled()) return { kind: 'lost', code: 'stalled', text: reply.text }
    if (refusal) return refusal
    const { error } = thrown as { error?: unknown }
    if (error) return errorIn(error)
    return { kind: 'lost', code: codeOf(thrown), text: reply.text }
  } finally {
    watch.end()
  }
}

/** The models of a server, the first ten; none when it does not tell within ten seconds. Throws only `signal`'s reason. */
export async function modelsOf(Sdk: Sdk, endpoint: Endpoint, signal: AbortSignal): Promise<string[]> {
  const watch = watched(signal)
  try {
    watch.wait(10_000)
    const openai = client(Sdk, endpoint, (url, init = {}) => send(endpoint, url, init))
    const { data } = await openai.models.list({ signal: watch.signal })
    const ids: unknown[] = Array.isArray(data) ? data.map((model) => isObject(model) && model.id) : []
    return ids
      .filter((id) => typeof id === 'string')
      .slice(0, 10)
      .map(keyHider(endpoint.key))
  } catch {
    signal.throwIfAborted()
    return []
  } finally {
    watch.end()
  }
}

type Fetch = (url: string | URL | Request, init?: RequestInit) => Promise<Response>

/** An SDK that takes nothing from the environment and does nothing by itself. */
function client(Sdk: Sdk, { baseURL, key }: Endpoint, fetch: Fetch): OpenAI {
  return new Sdk({
    baseURL,
    apiKey: key ?? 'none',
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    logLevel: 'off',
    maxRetries: 0,
    // its limit is for the headers alone; ours is for all
    timeout: 2 ** 31 - 1,
    fetch,
  })
}

/** Sends a request of the SDK's with our headers only: its own say what machine this is, and take more from the environment. */
function send(
  { key }: Endpoint,
  url: string | URL | Request,
  { method, body, signal }: RequestInit,
): Promise<Response> {
  return fetch(url, {
    method: method ?? 'GET',
    body: body ?? null,
    signal: signal ?? null,
    redirect: 'manual',
    headers: {
      accept: 'text/event-stream, application/json',
      ...(body && { 'content-type': 'application/json' }),
      authorization: `Bearer ${key ?? 'none'}`,
      'user-agent': 'rote',
    },
  })
}

/** A signal that is aborted with `signal`, and when it has waited too long. */
function watched(signal: AbortSignal) {
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let isStalled = false
  const abort = () => controller.abort(signal.reason)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  return {
    signal: controller.signal,
    stalled: () => isStalled,
    /** From now on so many milliseconds. */
    wait(ms: number) {
      clearTimeout(timer)
      timer = setTimeout(() => {
        isStalled = true
        controller.abort()
      }, ms)
    },
    end() {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      controller.abort()
    },
  }
}

async function readText(response: Response, most: number, onPiece: () => void): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const piece of response.body ?? []) {
    onPiece()
    text += decoder.decode(piece, { stream: true })
    if (text.length > most) break
  }
  return text.slice(0, most)
}

type Reply = Extract<Heard, { kind: 'reply' }>

const emptyReply = (): Reply => ({
  kind: 'reply',
  text: '',
  thoughts: '',
  declined: '',
  finish: null,
  usage: null,
})

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Adds a piece of a stream, or a whole document: whatever of it is as it should be. */
function add(reply: Reply, piece: unknown): void {
  if (!isObject(piece)) return
  const choice: unknown = Array.isArray(piece.choices) ? piece.choices[0] : undefined
  if (isObject(choice)) {
    const message = [choice.delta, choice.message].find(isObject) ?? {}
    reply.text += textOf(message.content)
    reply.thoughts += textOf(message.reasoning) || textOf(message.reasoning_content)
    reply.declined += textOf(message.refusal)
    if (typeof choice.finish_reason === 'string') reply.finish = choice.finish_reason
  }
  const { usage } = piece
  if (!isObject(usage)) return
  const { prompt_tokens, completion_tokens } = usage
  if (isCount(prompt_tokens) && isCount(completion_tokens))
    reply.usage = { prompt: prompt_tokens, completion: completion_tokens }
}

/** No request has more tokens than that, whatever a server says. */
const MOST_TOKENS = 10_000_000

const isCount = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MOST_TOKENS

/** Text, also in parts. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content.map((part) => (isObject(part) && typeof part.text === 'string' ? part.text : '')).join('')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** An error where a reply should be: some servers find out only after they have said 200. */
function errorIn(error: unknown): Heard {
  const code = isObject(error) ? Number(error.code ?? error.status) : Number.NaN
  const status = code >= 400 && code <= 599 ? code : 0
  return { kind: 'refusal', status, text: JSON.stringify({ error }), header: () => null }
}

/** A port that fetch never connects to. */
export const BLOCKED_PORT = 'BLOCKED_PORT'

/** The innermost code of an error of the network. */
function codeOf(error: unknown): string {
  let code = ''
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const found = (cause as NodeJS.ErrnoException).code
    if (typeof found === 'string' && found !== '') code = found
    // the only word there is for it: https://fetch.spec.whatwg.org/#port-blocking
    else if (cause.message === 'bad port') code = BLOCKED_PORT
  }
  return code || 'cut'
}

/** What takes the key out of a text, and what begins like it. A word that is so short is no secret. */
function keyHider(key: string | null): (text: string) => string {
  if (!key || key.length < 6) return (text) => text
  const literal = (text: string) => text.replace(/[^\w]/g, '\\$&')
  const begin = key.length < 12 ? '' : `|${literal(key.slice(0, 8))}[\\w*.…-]*`
  const pattern = new RegExp(`${literal(key)}${begin}`, 'g')
  return (text) => text.replace(pattern, '***')
}
