import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { type ProviderChoice, providerSettings } from '../../src/generate/endpoint.ts'
import { startProvider } from '../support/provider.ts'
import { KEY, never } from './faults.ts'

const server = await startProvider()
afterAll(() => server.close())
beforeEach(() => server.reset())

const settle = (choice: Partial<ProviderChoice>) =>
  providerSettings(
    { baseURL: null, model: 'm', key: KEY, keyHost: null, concurrency: null, ...choice },
    never,
  )

test('by default it is OpenAI, with the key, four at a time', async () => {
  expect(await settle({})).toEqual({
    baseURL: 'https://api.openai.com/v1',
    model: 'm',
    key: KEY,
    local: false,
    concurrency: 4,
    firstTokenMs: 120_000,
    idleMs: 60_000,
  })
})

test('what a person wants otherwise is kept', async () => {
  const more = { concurrency: 2, temperature: 0.1, reasoningEffort: 'low', idleMs: 5, firstTokenMs: 6 }
  expect(await settle(more)).toMatchObject(more)
})

test.each([
  'http://localhost:11434/v1',
  'http://127.0.0.1:1234/v1/',
  'http://[::1]:8080/v1',
  'http://192.168.1.20/v1',
  'http://10.0.0.3/v1',
  'http://172.31.0.1/v1',
  'http://[fd00::1]/v1',
  'http://ollama:11434/v1',
  'http://studio.local/v1',
  'http://host.docker.internal:11434/v1',
])('%s is local: no key, one at a time, and patience', async (baseURL) => {
  expect(await settle({ baseURL })).toMatchObject({
    baseURL: baseURL.replace(/\/$/, ''),
    key: null,
    local: true,
    concurrency: 1,
    firstTokenMs: 280_000,
  })
  expect(await settle({ baseURL, key: null })).toMatchObject({ key: null })
})

test.each([
  'https://172.32.0.1/v1',
  'https://11.0.0.1/v1',
  'https://10.example.com/v1',
  'https://localhost.example.com/v1',
  'https://example.com/localhost/v1',
])('%s is not local', async (baseURL) => {
  await expect(settle({ baseURL, key: null })).rejects.toMatchObject({ kind: 'denied' })
})

describe('the key goes only to whom it belongs', () => {
  test.each([
    ['https://openrouter.ai/api/v1', 'openrouter.ai'],
    ['https://openrouter.ai/api/v1', 'api.openai.com, OpenRouter.ai'],
    ['https://llm.example.com:8443/v1', 'llm.example.com'],
    ['https://llm.example.com:8443/v1', 'llm.example.com:8443'],
    ['http://localhost:4000/v1', 'localhost'],
  ])('%s, of which %j is said', async (baseURL, keyHost) => {
    expect(await settle({ baseURL, keyHost })).toMatchObject({ key: KEY })
  })

  test.each([
    ['https://openrouter.ai/api/v1', null, 'api.openai.com'],
    ['https://api.openai.com/v1', 'openrouter.ai', 'openrouter.ai'],
    ['https://api.openai.com.example.com/v1', null, 'api.openai.com'],
    ['https://xapi.openai.com/v1', null, 'api.openai.com'],
    ['https://openai.com/v1', null, 'api.openai.com'],
  ])('and not %s, when it belongs to %j', async (baseURL, keyHost, owner) => {
    const { host } = new URL(baseURL)
    await expect(settle({ baseURL, keyHost })).rejects.toMatchObject({
      kind: 'denied',
      message: `OPENAI_API_KEY belongs to ${owner} and is not sent to ${host}.`,
      hint: expect.stringContaining(`export ROTE_KEY_HOST=${host}`),
    })
  })

  test('and to nobody where everybody can read it on the way', async () => {
    await expect(settle({ baseURL: 'http://api.openai.com/v1' })).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('readable'),
    })
  })

  test('a missing one is told of, and what a model of your own would need', async () => {
    await expect(settle({ key: null })).rejects.toMatchObject({
      kind: 'denied',
      message: 'OPENAI_API_KEY is not set.',
      hint: expect.stringMatching(/^Set it: export OPENAI_API_KEY=.*localhost/),
    })
    await expect(settle({ key: null, baseURL: 'https://openrouter.ai/api/v1' })).rejects.toMatchObject({
      hint: expect.stringContaining('export OPENAI_API_KEY=… ROTE_KEY_HOST=openrouter.ai'),
    })
  })

  test('what is no key is not sent, nor shown', async () => {
    const error: Error = await settle({ key: 'my key\n' }).catch((error) => error)
    expect(error).toMatchObject({ kind: 'denied' })
    expect(JSON.stringify([error.message, error])).not.toContain('my key')
  })
})

test.each(['localhost:11434', 'ftp://example.com/v1', 'not an address', 'file:///etc/passwd'])(
  '%s is no address',
  async (baseURL) => {
    await expect(settle({ baseURL })).rejects.toMatchObject({
      kind: 'usage',
      message: `"${baseURL}" is not the address of a provider.`,
    })
  },
)

test.each([
  'https://me:secret@api.openai.com/v1',
  'https://api.openai.com/v1?key=secret',
  'https://api.openai.com/v1#secret',
])('%s has something in it that would be shown', async (baseURL) => {
  const error: Error = await settle({ baseURL }).catch((error) => error)
  expect(error).toMatchObject({ kind: 'usage' })
  expect(JSON.stringify([error.message, error])).not.toContain('secret')
})

describe('when no model is named', () => {
  test('those of the server are', async () => {
    server.become({ models: ['llama3', 'qwen3'] })
    await expect(settle({ baseURL: server.url, model: null })).rejects.toMatchObject({
      kind: 'usage',
      message: 'No model is named.',
      hint: `Name one: export ROTE_MODEL=llama3\n${server.url} has: llama3, qwen3`,
    })
    expect(server.requests.map(({ path }) => path)).toEqual(['/v1/models'])
  })

  test('and at least how, when it does not answer', async () => {
    const gone = await startProvider()
    await gone.close()
    await expect(settle({ baseURL: gone.url, model: null })).rejects.toMatchObject({
      kind: 'usage',
      hint: 'Name one: export ROTE_MODEL=…',
    })
  })
})
