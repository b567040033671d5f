import { describe, expect, test } from 'vitest'
import { askedWait, backoff, type Form, judge, messageOf } from '../../../src/core/generate/trouble.ts'

const FORM: Form = {
  format: 'json_schema',
  limits: ['max_tokens', 'max_completion_tokens'],
  usage: true,
  temperature: 0.2,
  effort: null,
}
const error = (message: string, more: object = {}) => JSON.stringify({ error: { message, ...more } })
const verdict = (status: number, text: string, form = FORM) => {
  const found = judge({ status, text }, form)
  return found.kind === 'failed'
    ? `${found.scope} ${found.code}`
    : found.kind === 'transient'
      ? found.code
      : found.kind
}

describe('what a refusal means, in the words of those who refuse', () => {
  test.each([
    [401, error('Incorrect API key provided: sk-…'), 'job auth'],
    [403, error('Country, region, or territory not supported'), 'job auth'],
    [403, error('Your input was flagged by moderation'), 'section filtered'],
    [400, error('API key not valid. Please pass a valid API key.'), 'job auth'],
    [402, error('Insufficient Balance'), 'job quota'],
    [
      429,
      error('You exceeded your current quota, please check your plan and billing details.', {
        code: 'insufficient_quota',
      }),
      'job quota',
    ],
    [
      429,
      error(
        'You exceeded your current quota, please check your plan and billing details. Please retry in 34.07s.',
      ),
      'limited',
    ],
    [429, error('Rate limit reached for requests. Please try again in 20s.'), 'limited'],
    [429, 'slow down', 'limited'],
    [
      429,
      error('Request too large for this model on tokens per min (TPM): Limit 10000, Requested 12000.'),
      'too_long',
    ],
    [
      404,
      error('The model `gpt-9` does not exist or you do not have access to it.', { code: 'model_not_found' }),
      'job model',
    ],
    [404, error('model "llama9" not found, try pulling it first'), 'job model'],
    [400, error('Model Not Exist'), 'job model'],
    [400, error('No models loaded. Please load a model in the developer page.'), 'job model'],
    [404, '404 page not found', 'job address'],
    [405, 'Method Not Allowed', 'job address'],
    [307, '', 'job address'],
    [0, error('Unexpected endpoint or method. (POST /chat/completions)'), 'job address'],
    [
      400,
      error("This model's maximum context length is 4096 tokens. However, you requested 5000 tokens."),
      'too_long',
    ],
    [
      400,
      error("'max_tokens' is too large: 2400. This model's maximum context length is 2048 tokens"),
      'too_long',
    ],
    [400, error('the request exceeds the available context size, try increasing it'), 'too_long'],
    [400, error('prompt is too long: 210000 tokens > 200000 maximum'), 'too_long'],
    [413, 'Payload Too Large', 'too_long'],
    [
      400,
      error('The response was filtered due to the prompt triggering the content management policy'),
      'section filtered',
    ],
    [408, '', 'unavailable'],
    [409, '', 'unavailable'],
    [500, 'Internal Server Error', 'unavailable'],
    [502, '<html><title>502 Bad Gateway</title></html>', 'unavailable'],
    [529, error('Overloaded'), 'unavailable'],
    [0, error('Provider returned error'), 'unavailable'],
    [400, error('you must provide messages'), 'provider request'],
  ])('%i %s: %s', (status, text, expected) => {
    expect(verdict(status, text)).toBe(expected)
  })
})

describe('what is complained of is left out', () => {
  test.each<[number, string, Partial<Form>]>([
    [
      400,
      error("Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model."),
      { format: 'json_object' },
    ],
    [400, JSON.stringify({ error: 'Failed to parse grammar' }), { format: 'json_object' }],
    [404, error('No endpoints found that support structured outputs'), { format: 'json_object' }],
    [
      422,
      '{"detail":[{"loc":["body","response_format"],"msg":"Extra inputs are not permitted"}]}',
      { format: 'json_object' },
    ],
    [500, error('failed to convert JSON schema to grammar'), { format: 'json_object' }],
    [
      400,
      error(
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      ),
      { limits: ['max_completion_tokens'] },
    ],
    [
      400,
      error("Unsupported value: 'temperature' does not support 0.2 with this model."),
      { temperature: null },
    ],
    [400, error('Unrecognized request argument supplied: stream_options'), { usage: false }],
  ])('%i %s', (status, text, change) => {
    expect(judge({ status, text }, FORM)).toEqual({ kind: 'otherwise', form: { ...FORM, ...change } })
  })

  test.each([
    'max_tokens is too large: 9600. This model supports at most 8192 completion tokens.',
    'Invalid max_tokens value, the valid range of max_tokens is [1, 8192]',
  ])('%s: none is sent', (text) => {
    expect(judge({ status: 400, text: error(text) }, FORM)).toMatchObject({ form: { limits: [] } })
  })

  test('to the last, and then it is a failure', () => {
    const format = error("'response_format' is not supported")
    const prompt = { ...FORM, format: 'prompt' as const }
    expect(judge({ status: 400, text: format }, { ...FORM, format: 'json_object' })).toEqual({
      kind: 'otherwise',
      form: prompt,
    })
    expect(verdict(400, format, prompt)).toBe('provider request')
    const limit = error('Unknown field: max_completion_tokens')
    expect(judge({ status: 400, text: limit }, { ...FORM, limits: ['max_completion_tokens'] })).toMatchObject(
      {
        form: { limits: [] },
      },
    )
    expect(verdict(400, limit, { ...FORM, limits: [] })).toBe('provider request')
    const effort = error("Unsupported value: 'reasoning_effort' does not support 'none'")
    expect(judge({ status: 400, text: effort }, { ...FORM, effort: 'none' })).toMatchObject({
      form: { effort: 'low' },
    })
    expect(judge({ status: 400, text: effort }, { ...FORM, effort: 'low' })).toMatchObject({
      form: { effort: null },
    })
  })
})

const NOW = new Date('2026-03-02T10:00:00Z')

test.each<[Record<string, string>, string, number | null]>([
  [{ 'retry-after': '12' }, '', 12_000],
  [{ 'retry-after': 'Mon, 02 Mar 2026 10:00:30 GMT' }, '', 30_000],
  [{ 'retry-after-ms': '1500', 'retry-after': '2' }, '', 1500],
  [{ 'retry-after': 'Mon, 02 Mar 2026 09:00:00 GMT' }, '', null],
  [{ 'retry-after': '0' }, '', null],
  [{ 'retry-after': 'soon' }, '', null],
  [{ 'retry-after': '-5' }, '', null],
  [{}, 'Please try again in 20s.', 20_000],
  [{}, 'Please try again in 6m0s.', 360_000],
  [{}, 'Please try again in 350ms.', 350],
  [{}, 'Please retry in 34.07s.', 34_070],
  [{}, '{"retryDelay": "34s"}', 34_000],
  [{}, 'in a while', null],
])('a server that says %j %j asks for %d ms', (headers, text, expected) => {
  expect(askedWait((name) => headers[name] ?? null, text, NOW)).toBe(expected)
})

test('without being asked, pauses double, give or take a quarter, up to a minute', () => {
  expect([1, 2, 3, 4, 9].map((tries) => backoff(tries, 0.5))).toEqual([2000, 4000, 8000, 16_000, 60_000])
  expect([backoff(1, 0), backoff(1, 1)]).toEqual([1500, 2500])
})

test.each([
  [error('Not this way'), 'Not this way'],
  ['{"error":"Not this way"}', 'Not this way'],
  ['{"object":"error","message":"Not this way"}', 'Not this way'],
  ['{"detail":"Not this way"}', 'Not this way'],
  ['{"detail":[1]}', '{"detail":[1]}'],
  ['<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>', '502 Bad Gateway'],
  ['Not\n\x1b[31m this\0 way\n', 'Not [31m this way'],
  ['null', 'null'],
  ['', ''],
  ['x'.repeat(500), `${'x'.repeat(199)}…`],
])('of %j a person is told %j', (text, expected) => {
  expect(messageOf(text)).toBe(expected)
})
