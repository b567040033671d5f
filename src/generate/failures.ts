import {
  type FailureCode,
  type Form,
  judge,
  messageOf,
  TRIES,
  type Verdict,
} from '../core/generate/trouble.ts'
import { BLOCKED_PORT, type Heard } from './completion.ts'
import type { ProviderSettings } from './endpoint.ts'
import type { Answered } from './provider.ts'

// What goes wrong with a provider: what is to be done about it, and what a person is told.

type Without<T, Key extends string> = T extends unknown ? Omit<T, Key> : never
/** Why there are no cards, without what it has used. */
export type Failed = Without<Extract<Answered, { kind: 'failed' }>, 'usage'>
/** What a model has said. */
export type Reply = Extract<Heard, { kind: 'reply' }>

/** What there is after a connection, a certificate or a name that was never good: no use to try it again. */
const NEVER_THERE =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|EADDRNOTAVAIL|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|EPROTO|ERR_SSL.*)$/
const BAD_CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/

/** What is to be done about an answer that is no usable reply to a request in this form. */
export function verdictOf(
  heard: Heard,
  form: Form,
  { hasAnswered, hasReplied }: { hasAnswered: boolean; hasReplied: boolean },
): Verdict {
  switch (heard.kind) {
    case 'refusal':
      return judge(heard, form)
    case 'foreign':
      if (hasReplied) return { kind: 'transient', code: 'unavailable' }
      return { kind: 'failed', scope: 'job', code: 'address' }
    case 'lost':
      if (heard.code === BLOCKED_PORT) return { kind: 'failed', scope: 'job', code: 'address' }
      if (BAD_CERTIFICATE.test(heard.code) || (!hasAnswered && NEVER_THERE.test(heard.code)))
        return { kind: 'failed', scope: 'job', code: 'unreachable' }
      return { kind: 'transient', code: 'unavailable' }
    case 'reply':
      return { kind: 'transient', code: 'unavailable' }
  }
}

/** Why it has to be tried again, in a few words. */
export function whyOf(heard: Heard, { firstTokenMs, idleMs }: ProviderSettings): string {
  if (heard.kind === 'refusal')
    return heard.status === 429 ? 'rate limited' : `the server answered ${heard.status || 'with an error'}`
  if (heard.kind !== 'lost' || heard.code === 'garbled') return 'the server answered with something else'
  if (heard.code !== 'stalled') return 'the connection was lost'
  return `nothing came for ${Math.round((heard.text === '' ? firstTokenMs : idleMs) / 1000)} s`
}

/** What a person is told of a failure of the server. */
export function wordsFor(
  code: FailureCode,
  heard: Heard,
  settings: ProviderSettings,
  models: string[],
): Pick<Failed, 'message' | 'hint' | 'error'> {
  const { baseURL, model } = settings
  const { host, hostname, port } = new URL(baseURL)
  const status = heard.kind === 'refusal' ? heard.status : 0
  const said = heard.kind === 'refusal' ? messageOf(heard.text) : ''
  const quoted = said === '' ? '' : ` It says: ${said}`
  switch (code) {
    case 'auth':
      return {
        message: `${host} refused the key${status ? ` (${status})` : ''}.${quoted}`,
        hint: settings.key
          ? 'Check it, or make a new one: export OPENAI_API_KEY=…'
          : `It wants one: export OPENAI_API_KEY=…, and export ROTE_KEY_HOST=${hostname}`,
        error: 'denied',
      }
    case 'quota':
      return {
        message: `Your account at ${host} has no credit left.${quoted}`,
        hint: 'Top it up, then go on.',
        error: 'unavailable',
      }
    case 'model':
      return {
        message: `${baseURL} has no model "${model}".${models.length > 0 ? '' : quoted}`,
        hint: models.length > 0 ? `It has: ${models.join(', ')}` : 'Name another: export ROTE_MODEL=…',
        error: 'unavailable',
      }
    case 'address':
      return { ...addressWords(heard, baseURL), error: 'unavailable' }
    case 'unreachable': {
      const lost = heard.kind === 'lost' ? heard.code : ''
      if (lost === 'ENOTFOUND' || lost === 'EAI_AGAIN')
        return {
          message: `There is no host ${hostname} to be found (${lost}).`,
          hint: `Check your connection, and the address: ${baseURL}`,
          error: 'unavailable',
        }
      if (BAD_CERTIFICATE.test(lost))
        return {
          message: `The certificate of ${host} is not good (${lost}).`,
          hint: 'Node trusts another authority that NODE_EXTRA_CA_CERTS names.',
          error: 'unavailable',
        }
      const name = { 11434: 'Ollama', 1234: 'LM Studio' }[port] ?? 'the server'
      return {
        message: `Nothing answers at ${baseURL} (${lost}).`,
        hint: settings.local ? `Is ${name} running?` : 'Check your connection, and the address.',
        error: 'unavailable',
      }
    }
    case 'request':
      return {
        message: `${host} did not take the request${status ? ` (${status})` : ''}.${quoted}`,
        error: 'unavailable',
      }
    case 'filtered':
      return { message: `The provider's filter held the text back.${quoted}`, error: 'failure' }
    case 'limited':
      return {
        message: `${host} is asked too often.${quoted}`,
        hint: 'Try again in a while, or with fewer requests at a time: --concurrency 1',
        error: 'try_later',
      }
    default:
      return {
        message: `${host} did not answer, ${TRIES} times over: ${whyOf(heard, settings)}.${quoted}`,
        hint: 'Try again in a while.',
        error: 'unavailable',
      }
  }
}

function addressWords(heard: Heard, baseURL: string): { message: string; hint?: string } {
  const version = /\/v\d[\w.]*$/.test(baseURL) ? undefined : `Should the address end in /v1? ${baseURL}/v1`
  if (heard.kind === 'foreign') {
    const what =
      heard.text.trim() === '' ? 'nothing' : /html/.test(heard.type) ? 'a web page' : 'something else'
    return {
      message: `${baseURL} answered with ${what} where a model's reply should be.`,
      hint: version ?? 'Is it the address of an OpenAI-compatible API?',
    }
  }
  if (heard.kind === 'lost' && heard.code === BLOCKED_PORT) {
    return {
      message: `Nothing is ever sent to port ${new URL(baseURL).port}: it belongs to another service.`,
      hint: `Check the address: ${baseURL}`,
    }
  }
  if (heard.kind !== 'refusal') return { message: `${baseURL} is not the address of a provider.` }
  const { status, header } = heard
  if (status < 400) {
    const to = header('location')
    const where = to && URL.canParse(to, baseURL) ? ` to ${new URL(to, baseURL).host}` : ''
    return {
      message: `${baseURL} sends us on${where} (${status}), which is not followed: key and text go to one address only.`,
      hint: 'If that is right, name it: export OPENAI_BASE_URL=…',
    }
  }
  return {
    message: `${baseURL} answered ${status}.`,
    hint: version ?? 'Is it the address of an OpenAI-compatible API?',
  }
}

/** A reply that the model, or a filter behind it, did not want to give. */
export function declinedIn({ declined, finish }: Reply): Failed | null {
  if (declined !== '')
    return {
      kind: 'failed',
      scope: 'section',
      code: 'refused',
      message: 'The model declined to make cards of it.',
      error: 'failure',
      reply: declined,
    }
  if (finish !== 'content_filter') return null
  return {
    kind: 'failed',
    scope: 'section',
    code: 'filtered',
    message: "The provider's filter held the reply back.",
    error: 'failure',
  }
}

/** A reply in which there is nothing but thoughts. */
export function thinking({ text, thoughts }: Reply): Failed {
  return {
    kind: 'failed',
    scope: 'section',
    code: 'thinking',
    message: 'The model spent its whole reply thinking.',
    hint: 'Tell it to think less (--reasoning-effort low), or use a model that does not think.',
    error: 'failure',
    reply: text || thoughts,
  }
}

/** A section that is too long however often it is halved. */
export const doesNotFit = (): Failed => ({
  kind: 'failed',
  scope: 'section',
  code: 'too_long',
  message: "The text does not fit into the model's context, in parts neither.",
  hint: 'Give the model a larger context (Ollama: OLLAMA_CONTEXT_LENGTH=8192), or use another.',
  error: 'failure',
})

/** A reply that ended too soon, also for the parts of a section. */
export const cutOff = (): Failed => ({
  kind: 'failed',
  scope: 'section',
  code: 'cut',
  message: 'The reply ended before there was a whole card in it.',
  error: 'failure',
})
