import { isIP } from 'node:net'
import { CliError, usage } from '../errors.ts'
import { modelsOf } from './completion.ts'

/** What a person chose, from flags, environment and config file; null: nothing. */
export interface ProviderChoice {
  baseURL: string | null
  model: string | null
  /** OPENAI_API_KEY. */
  key: string | null
  /** The hosts that the key belongs to, with commas between them. */
  keyHost: string | null
  concurrency: number | null
  temperature?: number
  reasoningEffort?: string
  firstTokenMs?: number
  idleMs?: number
}

/** Where requests go and how: everything that a provider needs. */
export interface ProviderSettings {
  /** Without a slash at the end. */
  baseURL: string
  model: string
  /** Null: none is sent. */
  key: string | null
  /** On this machine or in its network. */
  local: boolean
  /** Requests at a time. */
  concurrency: number
  /** Milliseconds until an answer begins, and from one piece of it to the next. */
  firstTokenMs: number
  idleMs: number
  temperature?: number
  reasoningEffort?: string
}

/** Where requests go when nothing else is said. */
export const OPENAI = 'https://api.openai.com/v1'

/**
 * Settings for a choice. The key goes to nobody but the hosts that it belongs to, and to those only where nobody can read
 * it on the way. Throws denied when a key is missing, or belongs elsewhere, and usage for an address that is none, or
 * when no model is named: then the server is asked which ones it has. Throws `signal`'s reason when it is aborted.
 */
export async function providerSettings(
  choice: ProviderChoice,
  signal: AbortSignal,
): Promise<ProviderSettings> {
  const baseURL = (choice.baseURL ?? OPENAI).trim().replace(/\/+$/, '')
  const url = checkAddress(baseURL)
  const local = isLocal(url.hostname)
  const key = keyFor(url, local, choice)
  const times = {
    // a local server reads the prompt slowly, and loads the model first; Node waits 300 seconds for headers at most
    firstTokenMs: choice.firstTokenMs ?? (local ? 280_000 : 120_000),
    idleMs: choice.idleMs ?? 60_000,
  }
  if (choice.model === null) throw await noModel({ baseURL, key, ...times }, signal)
  return {
    baseURL,
    model: choice.model,
    key,
    local,
    concurrency: choice.concurrency ?? (local ? 1 : 4),
    ...times,
    ...(choice.temperature !== undefined && { temperature: choice.temperature }),
    ...(choice.reasoningEffort !== undefined && { reasoningEffort: choice.reasoningEffort }),
  }
}

function checkAddress(baseURL: string): URL {
  const hint = `It looks like this: export OPENAI_BASE_URL=${OPENAI}`
  const url = URL.canParse(baseURL) ? new URL(baseURL) : null
  if (!url || !/^https?:$/.test(url.protocol))
    throw usage(`"${baseURL}" is not the address of a provider.`, hint)
  // the address is shown and stored
  if (url.username || url.password || url.search || url.hash)
    throw usage('The address of a provider has no name, password, question mark or # in it.', hint)
  return url
}

function keyFor(
  { host, hostname, protocol }: URL,
  local: boolean,
  { key, keyHost }: ProviderChoice,
): string | null {
  const owners = (keyHost || 'api.openai.com').split(',').map((owner) => owner.trim().toLowerCase())
  const isOwner = owners.includes(host) || owners.includes(hostname)
  if (local) return isOwner ? key : null
  if (!key)
    throw new CliError(
      'denied',
      'OPENAI_API_KEY is not set.',
      isOwner
        ? 'Set it: export OPENAI_API_KEY=…, or use a model of your own: export OPENAI_BASE_URL=http://localhost:11434/v1'
        : `Set the one for ${host}, and say that it is: export OPENAI_API_KEY=… ROTE_KEY_HOST=${hostname}`,
    )
  if (!isOwner)
    throw new CliError(
      'denied',
      `OPENAI_API_KEY belongs to ${owners.join(', ')} and is not sent to ${host}.`,
      `If it is a key for ${hostname}, say so: export ROTE_KEY_HOST=${hostname}`,
    )
  if (protocol !== 'https:')
    throw usage(
      `To ${host} the key would travel readable for everybody on the way.`,
      'Use an address with https://',
    )
  if (!/^[\x21-\x7e]+$/.test(key))
    throw new CliError(
      'denied',
      'OPENAI_API_KEY is not a key: it has spaces or other characters in it that no key has.',
    )
  return key
}

/** Names without a dot are those of a container's neighbours; the addresses are those of RFC 1918, 3927, 4193 and 4291. */
function isLocal(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) === 4)
    return /^(?:127\.|10\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.|0\.0\.0\.0$)/.test(host)
  if (isIP(host) === 6) return /^(?:::1?$|f[cd]|fe[89ab])/.test(host)
  return !host.includes('.') || /\.(?:localhost|local|lan|internal|home\.arpa)$/.test(host)
}

async function noModel(endpoint: Parameters<typeof modelsOf>[1], signal: AbortSignal): Promise<CliError> {
  const { OpenAI } = await import('openai')
  const models = await modelsOf(OpenAI, endpoint, signal)
  const hint = `Name one: export ROTE_MODEL=${models[0] ?? '…'}`
  const has = models.length > 0 ? `\n${endpoint.baseURL} has: ${models.join(', ')}` : ''
  return usage('No model is named.', `${hint}${has}`)
}
