import type { Config } from '../config.ts'
import { CliError } from '../errors.ts'
import { providerSettings } from '../generate/endpoint.ts'
import { type Check, fail, ok, warn } from './check.ts'

const PATIENCE_MS = 3_000

/** The provider of models: asked what it has, if one is configured. The key is sent as `rote generate` sends it, and not shown. */
export async function checkProvider({ provider }: Config): Promise<Check> {
  const { baseURL, model, key, keyHost } = provider
  if (!baseURL && !model && !key) return ok('provider', 'none is set: rote generate needs one, or --copy')
  try {
    const choice = { baseURL, model: model ?? 'any', key, keyHost, concurrency: null }
    const settings = await providerSettings(choice, AbortSignal.timeout(PATIENCE_MS))
    return await ask(settings.baseURL, settings.key, model)
  } catch (error) {
    if (error instanceof CliError) return fail('provider', error.message, error.hint ?? null)
    return fail('provider', reason(error, baseURL ?? ''), 'Is it running? Check OPENAI_BASE_URL.')
  }
}

async function ask(baseURL: string, key: string | null, model: string | null): Promise<Check> {
  const response = await fetch(`${baseURL}/models`, {
    headers: key ? { authorization: `Bearer ${key}` } : {},
    // a key goes nowhere else
    redirect: 'manual',
    signal: AbortSignal.timeout(PATIENCE_MS),
  })
  const where = `${baseURL}, ${key ? 'with a key' : 'without a key'}`
  if (response.status === 401 || response.status === 403)
    return fail(
      'provider',
      `${where}: it refuses ${key ? 'the key' : 'to answer without one'}`,
      'Check OPENAI_API_KEY.',
    )
  if (!response.ok)
    return warn(
      'provider',
      `${where}: it does not say which models it has (status ${response.status})`,
      'Check OPENAI_BASE_URL.',
    )
  const ids = idsIn(await response.json().catch(() => null))
  if (!model)
    return warn('provider', `${where}: no model is named`, `Name one: export ROTE_MODEL=${ids[0] ?? '…'}`)
  if (ids.length > 0 && !ids.includes(model) && !ids.includes(`${model}:latest`))
    return warn('provider', `${where}: ${model} is not among its ${ids.length} models`, 'Check ROTE_MODEL.')
  return ok('provider', `${where}: ${model}`)
}

/** https://platform.openai.com/docs/api-reference/models/list, if it is that. */
function idsIn(answer: unknown): string[] {
  const data = (answer as { data?: unknown } | null)?.data
  if (!Array.isArray(data)) return []
  return data.map((model) => (model as { id?: unknown } | null)?.id).filter((id) => typeof id === 'string')
}

function reason(error: unknown, where: string): string {
  const { name, cause } = error as Error
  if (name === 'TimeoutError') return `${where}: no answer in ${PATIENCE_MS / 1000} seconds`
  return `${where}: it cannot be reached${cause instanceof Error ? ` (${cause.message || (cause as NodeJS.ErrnoException).code})` : ''}`
}
