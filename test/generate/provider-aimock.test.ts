import { type FixtureFileResponse, type FixtureOpts, LLMock } from '@copilotkit/aimock'
import { afterAll, beforeEach, expect, test } from 'vitest'
import type { ProviderSettings } from '../../src/generate/endpoint.ts'
import {
  askOnce,
  CARDS,
  CUT,
  CUTS,
  check,
  checkCut,
  type Fault,
  KEY,
  LONG_SECTION,
  observed,
  REPLY,
} from './faults.ts'

// The same faults as in provider.test.ts, played by somebody else's server: that ours does not only confirm what we
// believe servers do. Each step is one request; the last one stays.

const mock = new LLMock({ port: 0 })
await mock.start()
afterAll(() => mock.stop())
beforeEach(() => mock.reset())

interface Step {
  response: FixtureFileResponse
  opts?: FixtureOpts
}
interface Setup {
  steps: Step[]
  settings?: Partial<ProviderSettings>
}

const reply = (content: string, more: object = {}, opts?: FixtureOpts): Step => ({
  response: { content, ...more },
  ...(opts && { opts }),
})
const refuse = (status: number, message: string, code?: string, retryAfter?: number): Step => ({
  response: {
    error: { message, type: 'invalid_request_error', ...(code && { code }) },
    status,
    ...(retryAfter !== undefined && { retryAfter }),
  },
})
const good = reply(REPLY)
const FORMAT = "Invalid parameter: 'response_format' is not supported with this model."
const unsupported = (field: string, more = '') =>
  `Unsupported parameter: '${field}' is not supported with this model.${more}`
/** What is left for the halves of a section of which three cards are there. */
const rest = reply(JSON.stringify({ cards: CARDS.slice(3) }))

/*
 * What it cannot play, all of it because an answer of its own is always well-formed and complete:
 * - no usage, usage of 0: it makes up what a fixture does not have
 * - a document instead of a stream, or JSON of another kind, a web page, an error with status 200, a redirect: a fixture
 *   has a status for errors only, and no headers and no body of its own (a mount could answer so, but would be our server)
 * - an address without /v1: it answers below any prefix
 * - too often, without saying how long, or until a date: its 429 always has Retry-After in seconds
 * - LM Studio: its errors are always objects
 * - an error, or garbage, in the middle of a stream, and a stream without an end: its streams are whole, or cut
 * - no choices, and a model that declines: no fixture has these
 */
const SETUPS: Partial<Record<Fault, Setup>> = {
  'a good reply': { steps: [good] },
  'in a fence': { steps: [reply(`\`\`\`json\n${REPLY}\n\`\`\``)] },
  'with words around it': { steps: [reply(`Here you are:\n${REPLY}\nDone.`)] },
  'after thoughts': { steps: [reply(`<think>They want {"question":"cards"}</think>${REPLY}`)] },
  'thoughts in a field of their own': {
    steps: [reply(REPLY, { reasoning: 'They want {"question": "cards"}.' })],
  },
  'a list without an object around it': { steps: [reply(JSON.stringify(CARDS))] },
  'nothing worth a card': { steps: [reply('{"cards":[]}')] },
  'slow, but steady': {
    steps: [reply(REPLY, {}, { streamingProfile: { ttft: 40, tps: 400, jitter: 0.5 }, chunkSize: 100 })],
  },

  'a wrong key': { steps: [refuse(401, `Incorrect API key provided: ${KEY}`, 'invalid_api_key')] },
  'a key without rights': { steps: [refuse(403, `Key ${KEY} has no access.`)] },
  'an unknown model': { steps: [refuse(404, 'The model `card-maker` does not exist', 'model_not_found')] },
  'no credit (402)': { steps: [refuse(402, 'Insufficient Balance')] },
  'no credit (429)': { steps: [refuse(429, 'You exceeded your current quota', 'insufficient_quota')] },
  'too often, for a moment': {
    steps: [
      refuse(429, 'Rate limit reached', undefined, 7),
      refuse(429, 'Rate limit reached', undefined, 7),
      good,
    ],
  },
  'too often, for long': { steps: [refuse(429, 'Rate limit reached', undefined, 3600)] },
  'too often, for ever': { steps: [reply(REPLY, {}, { chaos: { rateLimitRate: 1 } })] },
  'an error of the server, once': { steps: [reply(REPLY, {}, { chaos: { dropRate: 1 } }), good] },
  'an error page, for ever': { steps: [refuse(502, 'Bad Gateway')] },
  'a request that it does not like': { steps: [refuse(400, 'nope')] },

  'no JSON schema': { steps: [refuse(400, FORMAT), good] },
  'no JSON mode at all': { steps: [refuse(400, FORMAT), refuse(400, FORMAT), good] },
  'no max_tokens': {
    steps: [
      refuse(
        400,
        unsupported('max_tokens', " Use 'max_completion_tokens' instead."),
        'unsupported_parameter',
      ),
      good,
    ],
  },
  'no temperature': {
    steps: [refuse(400, unsupported('temperature')), good],
    settings: { temperature: 0.3 },
  },
  'no stream_options': { steps: [refuse(400, unsupported('stream_options')), good] },
  'no field at all': {
    steps: [
      refuse(400, FORMAT),
      refuse(400, FORMAT),
      ...['temperature', 'stream_options', 'max_tokens', 'max_completion_tokens'].map((field) =>
        refuse(400, unsupported(field)),
      ),
      good,
    ],
    settings: { temperature: 0.3 },
  },
  'a schema that is ignored, once': { steps: [reply('Card 1: What is a cell?'), good] },
  'a schema that is ignored': { steps: [reply('I would rather write a poem.')] },
  'half a JSON, and said to be whole': { steps: [reply(CUT)] },

  'no answer': { steps: [reply(REPLY, {}, { chaos: { latencyMs: 5000 } })], settings: { firstTokenMs: 40 } },
  'no answer, once': {
    steps: [reply(REPLY, {}, { chaos: { latencyMs: 20_000 } }), good],
    settings: { firstTokenMs: 1500 },
  },
  'a stream that stalls, once': {
    steps: [reply(REPLY, {}, { latency: 20_000, chunkSize: 20 }), good],
    settings: { idleMs: 1500, firstTokenMs: 1500 },
  },
  'a stream that is cut, once': {
    steps: [reply(REPLY, {}, { truncateAfterChunks: 3, chunkSize: 20 }), good],
  },
  'a stream that is always cut': {
    steps: [
      reply(
        CUT + 'x'.repeat(400),
        {},
        { truncateAfterChunks: Math.ceil(CUT.length / 100) + 2, chunkSize: 100, latency: 5 },
      ),
    ],
  },
  'a connection that is closed before the headers, once': {
    steps: [reply(REPLY, {}, { chaos: { disconnectRate: 1 } }), good],
  },

  'a reply that is too long': { steps: [reply(CUT, { finishReason: 'length' }), rest] },
  'a reply that is always too long': { steps: [reply('{"cards":[{"quote', { finishReason: 'length' })] },
  'a filter': { steps: [reply('', { finishReason: 'content_filter' })] },
  'an empty reply': { steps: [reply('')] },
  'thoughts only, once': { steps: [reply('', { reasoning: 'Hm, hm.', finishReason: 'length' }), good] },
  'thoughts only': { steps: [reply('', { reasoning: 'Hm, hm.', finishReason: 'length' })] },
  'thoughts that are not shown, once': { steps: [reply('', { finishReason: 'length' }), good] },
  'thoughts that never end': { steps: [reply('<think>Hm, hm', { finishReason: 'length' })] },
  'garbage instead of a reply, once': { steps: [reply(REPLY, {}, { chaos: { malformedRate: 1 } }), good] },
  'a filter in the middle': { steps: [reply(CUT, { finishReason: 'content_filter' })] },
  'a prompt that does not fit': {
    steps: [
      refuse(400, "This model's maximum context length is 4096 tokens.", 'context_length_exceeded'),
      reply(JSON.stringify({ cards: CARDS.slice(0, 2) })),
      reply(JSON.stringify({ cards: CARDS.slice(2) })),
    ],
  },
  'a prompt that never fits': { steps: [refuse(400, 'maximum context length is 10 tokens')] },
}

test.each(Object.entries(SETUPS) as [Fault, Setup][])('%s', async (fault, { steps, settings }) => {
  for (const [index, { response, opts }] of steps.entries()) {
    const isLast = index === steps.length - 1
    mock.on({ endpoint: 'chat', ...(isLast ? {} : { sequenceIndex: index }) }, response, opts)
  }
  const { provider, waits } = observed(`${mock.url}/v1`, settings)
  const answered = await askOnce(provider)
  // its journal has only what it has answered
  const isSilent = fault.startsWith('no answer')
  const seen = mock.getRequests().filter(({ path }) => path.endsWith('/chat/completions')).length
  const requests = isSilent ? answered.usage.requests : seen
  check(fault, answered, { requests, waits })
})

test('usage is counted as its server tells it', async () => {
  mock.on({ endpoint: 'chat' }, { content: REPLY, usage: { prompt_tokens: 900, completion_tokens: 77 } })
  expect((await askOnce(observed(`${mock.url}/v1`).provider)).usage).toEqual({
    requests: 1,
    usage_missing: 0,
    prompt_tokens: 900,
    completion_tokens: 77,
  })
})

test('a context that is too small shows in the tokens that were read', async () => {
  const usage = { prompt_tokens: 600, completion_tokens: 77 }
  mock.on({ endpoint: 'chat' }, { content: REPLY, usage })
  const { provider, events } = observed(`${mock.url}/v1`)
  const answered = await askOnce(provider, LONG_SECTION)
  expect(answered).toMatchObject({ kind: 'cards', incomplete: expect.stringContaining('did not read all') })
  expect(answered.usage.requests).toBeGreaterThan(1)
  expect(events.filter(({ type }) => type === 'warning')).toHaveLength(1)
})

test.each(CUTS)('a reply that ends at character %i, and is said to be whole', async (end) => {
  mock.on({ endpoint: 'chat' }, { content: REPLY.slice(0, end) })
  checkCut(end, await askOnce(observed(`${mock.url}/v1`).provider))
})
