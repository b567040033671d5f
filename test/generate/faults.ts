import { expect } from 'vitest'
import type { Section } from '../../src/core/generate/job.ts'
import { estimateTokens } from '../../src/core/generate/tokens.ts'
import type { ProviderSettings } from '../../src/generate/endpoint.ts'
import {
  type Answered,
  createProvider,
  type Provider,
  type ProviderEvent,
} from '../../src/generate/provider.ts'
import { makeCards } from '../support/card-maker.ts'

// What has to come of each fault, whoever plays the server: ours in provider.test.ts, aimock in provider-aimock.test.ts.

const TEXT = `[page 1]
The mitochondrion produces most of the chemical energy of a cell. Albert von Kölliker described granules in muscle tissue during 1857. Robin Hill discovered the light reaction of chloroplasts in Cambridge.

Chlorophyll absorbs mostly blue and red wavelengths of visible light. Peter Mitchell proposed the chemiosmotic hypothesis in an article of 1961.
[page 2]
Ribosomes translate messenger molecules into chains of amino acids. Camillo Golgi stained nerve cells with a solution of silver nitrate. Lysosomes digest worn out organelles with about sixty different enzymes.`

export const SECTION: Section = {
  heading: 'Cells',
  page_from: 1,
  page_to: 2,
  text: TEXT,
  tokens: estimateTokens(TEXT),
  quota: 4,
}
/** More than a context of 600 tokens takes. */
export const LONG_SECTION: Section = {
  ...SECTION,
  text: `${TEXT.slice(0, 500)}\n\n`.repeat(16).trim(),
  tokens: estimateTokens(TEXT.slice(0, 502).repeat(16)),
}
export const JOB = { title: 'Biology', options: {} }

/** The cards that a good reply has. */
export const CARDS = makeCards(TEXT, SECTION.quota, [], [])
export const REPLY = JSON.stringify({ cards: CARDS })
/** The reply, cut in the fourth card. */
export const CUT = REPLY.slice(0, REPLY.lastIndexOf('"answer"'))
/** Where a reply is cut on its way through a server: everywhere would take a minute, and is tried without one. */
export const CUTS = Array.from({ length: Math.ceil(REPLY.length / 23) }, (_, index) => 1 + 23 * index)

/** Checks what is made of a reply that was cut there: the cards that are whole, and a word about the rest. */
export function checkCut(end: number, answered: Answered): void {
  const whole = CARDS.filter(
    (card) => REPLY.indexOf(JSON.stringify(card)) + JSON.stringify(card).length <= end,
  )
  expect(answered).toMatchObject(
    whole.length === 0
      ? { kind: 'failed', code: 'unusable', reply: REPLY.slice(0, end) }
      : { kind: 'cards', proposals: whole, incomplete: "the model's reply was not whole" },
  )
  expect(answered.usage.requests).toBe(2)
}

export const KEY = 'sk-test-5ecr3t5ecr3t5ecr3t'

export const NOW = new Date('2026-03-02T10:00:00Z')

/** A provider that waits no time, and what it told meanwhile. */
export function observed(url: string, settings: Partial<ProviderSettings> = {}) {
  const waits: number[] = []
  const events: ProviderEvent[] = []
  const provider = createProvider(
    {
      baseURL: url,
      model: 'card-maker',
      key: KEY,
      local: true,
      concurrency: 1,
      firstTokenMs: 20_000,
      idleMs: 20_000,
      ...settings,
    },
    {
      sleep: async (ms, signal) => {
        signal.throwIfAborted()
        waits.push(ms)
      },
      random: () => 0.5,
      now: () => NOW,
      on: (event) => events.push(event),
    },
  )
  return { provider, waits, events }
}

export const never = new AbortController().signal

export const askOnce = (provider: Provider, section = SECTION): Promise<Answered> =>
  provider.ask(section, JOB, [], never)

interface Expected {
  /** Matched against the answer. */
  answer: object
  /** Requests that the server has seen, and pauses between them, in seconds. */
  requests: number
  waits?: number[]
}

const failed = (
  scope: string,
  code: string,
  error: string,
  message: string | RegExp,
  hint?: string | RegExp,
): object => ({
  kind: 'failed',
  scope,
  code,
  error,
  message: expect.stringMatching(message),
  ...(hint && { hint: expect.stringMatching(hint) }),
})
const good = { kind: 'cards', proposals: CARDS }
const some = (count: number, incomplete: string) => ({
  kind: 'cards',
  proposals: CARDS.slice(0, count),
  incomplete: expect.stringContaining(incomplete),
})
const BACKOFF = [2, 4, 8, 16]

export const EXPECTED = {
  'a good reply': { answer: good, requests: 1 },
  'in a fence': { answer: good, requests: 1 },
  'with words around it': { answer: good, requests: 1 },
  'after thoughts': { answer: good, requests: 1 },
  'thoughts in a field of their own': { answer: good, requests: 1 },
  'a list without an object around it': { answer: good, requests: 1 },
  'nothing worth a card': { answer: { kind: 'cards', proposals: [] }, requests: 1 },
  'no usage': {
    answer: { ...good, usage: { requests: 1, usage_missing: 1, prompt_tokens: 0, completion_tokens: 0 } },
    requests: 1,
  },
  'slow, but steady': { answer: good, requests: 1 },
  'a document instead of a stream': { answer: good, requests: 1 },

  'a wrong key': {
    answer: failed('job', 'auth', 'denied', /refused the key \(401\)/, /OPENAI_API_KEY/),
    requests: 1,
  },
  'a key without rights': { answer: failed('job', 'auth', 'denied', /refused the key \(403\)/), requests: 1 },
  'an unknown model': {
    answer: failed('job', 'model', 'unavailable', /has no model "card-maker"/, /^It has: /),
    requests: 1,
  },
  'an address without /v1': {
    answer: failed('job', 'address', 'unavailable', /answered 404/, /Should the address end in \/v1\?/),
    requests: 1,
  },
  'no credit (402)': { answer: failed('job', 'quota', 'unavailable', /no credit left/), requests: 1 },
  'no credit (429)': { answer: failed('job', 'quota', 'unavailable', /no credit left/), requests: 1 },
  'too often, for a moment': { answer: good, requests: 3, waits: [7, 7] },
  'too often, without saying how long': { answer: good, requests: 2, waits: [2] },
  'too often, until a date': { answer: good, requests: 2, waits: [30] },
  'too often, for long': { answer: { kind: 'later', waitMs: 3_600_000 }, requests: 1 },
  'too often, for ever': {
    answer: failed('provider', 'limited', 'try_later', /is asked too often/),
    requests: 5,
    waits: [1, 1, 1, 1],
  },
  'an error of the server, once': { answer: good, requests: 2, waits: [2] },
  'an error page, for ever': {
    answer: failed(
      'provider',
      'unavailable',
      'unavailable',
      /5 times over: the server answered 502.*Bad Gateway/,
    ),
    requests: 5,
    waits: BACKOFF,
  },
  'an error in the middle of the stream': { answer: good, requests: 2, waits: [2] },
  'a request that it does not like': {
    answer: failed('provider', 'request', 'unavailable', /did not take the request \(400\). It says: nope/),
    requests: 1,
  },

  'no JSON schema': { answer: good, requests: 2, waits: [] },
  'no JSON mode at all': { answer: good, requests: 3, waits: [] },
  'LM Studio: no json_object': { answer: good, requests: 3, waits: [] },
  'no max_tokens': { answer: good, requests: 2, waits: [] },
  'no temperature': { answer: good, requests: 2, waits: [] },
  'no stream_options': { answer: good, requests: 2, waits: [] },
  'no field at all': { answer: good, requests: 7, waits: [] },
  'a schema that is ignored, once': { answer: good, requests: 2, waits: [] },
  'a schema that is ignored': {
    answer: {
      ...failed('section', 'unusable', 'failure', /not usable/),
      reply: 'I would rather write a poem.',
    },
    requests: 2,
  },
  'half a JSON, and said to be whole': { answer: some(3, 'not whole'), requests: 2 },

  'no answer': {
    answer: failed('provider', 'unavailable', 'unavailable', /5 times over: nothing came for/),
    requests: 5,
    waits: BACKOFF,
  },
  'no answer, once': { answer: good, requests: 2, waits: [2] },
  'a stream that stalls, once': { answer: good, requests: 2, waits: [2] },
  'a stream that is cut, once': { answer: good, requests: 2, waits: [2] },
  'a stream that is always cut': { answer: some(3, 'cut short'), requests: 5, waits: BACKOFF },
  'a connection that is closed before the headers, once': { answer: good, requests: 2, waits: [2] },
  'garbage in the stream, once': { answer: good, requests: 2, waits: [2] },

  'garbage instead of a reply, once': { answer: good, requests: 2, waits: [2] },

  'a reply that is too long': { answer: good, requests: 2, waits: [] },
  'a stream without an end': { answer: good, requests: 2, waits: [] },
  'a stream without an end, but a whole reply': { answer: good, requests: 1 },
  'a reply that is always too long': {
    answer: failed('section', 'cut', 'failure', /before there was a whole card/),
    requests: 5,
  },
  'the model declines': {
    answer: { ...failed('section', 'refused', 'failure', /declined/), reply: "I can't help with that." },
    requests: 1,
  },
  'a filter': { answer: failed('section', 'filtered', 'failure', /filter/), requests: 1 },
  'a filter in the middle': { answer: some(3, 'filter'), requests: 1 },
  'no choices': { answer: failed('section', 'unusable', 'failure', /empty/), requests: 2 },
  'an empty reply': { answer: failed('section', 'unusable', 'failure', /empty/), requests: 2 },
  'thoughts only, once': { answer: good, requests: 2, waits: [] },
  'thoughts only': {
    answer: failed('section', 'thinking', 'failure', /thinking/, /--reasoning-effort/),
    requests: 2,
  },
  'thoughts that are not shown, once': { answer: good, requests: 2, waits: [] },
  'thoughts that never end': { answer: failed('section', 'thinking', 'failure', /thinking/), requests: 2 },
  'a prompt that does not fit': {
    answer: { kind: 'cards', proposals: { length: 4 } },
    requests: 3,
    waits: [],
  },
  'a prompt that never fits': {
    answer: failed('section', 'too_long', 'failure', /does not fit/),
    requests: 4,
    waits: [],
  },
  'a web page': { answer: failed('job', 'address', 'unavailable', /answered with a web page/), requests: 1 },
  'JSON of another kind': { answer: failed('job', 'address', 'unavailable', /something else/), requests: 1 },
  'an error with status 200': { answer: good, requests: 2, waits: [2] },
  'a redirect': {
    answer: failed('job', 'address', 'unavailable', /sends us on to elsewhere.example \(307\)/),
    requests: 1,
  },
} satisfies Record<string, Expected>

export type Fault = keyof typeof EXPECTED

/** Checks an answer, and what it took. */
export function check(
  fault: Fault,
  answered: Answered,
  { requests, waits }: { requests: number; waits: number[] },
): void {
  const expected: Expected = EXPECTED[fault]
  expect(answered).toMatchObject(expected.answer)
  expect(JSON.stringify(answered)).not.toContain(KEY.slice(4))
  expect(requests).toBe(expected.requests)
  expect(answered.usage.requests).toBe(expected.requests)
  if (expected.waits) expect(waits).toEqual(expected.waits.map((seconds) => seconds * 1000))
  if (!('incomplete' in expected.answer)) expect(answered).not.toHaveProperty('incomplete')
}
