// What an answer other than a reply means: whether to ask again, otherwise, for less, later, or not at all. Servers that
// speak OpenAI's protocol agree in the status and in little else, so the rest goes by what they say.

/** Why no cards came of a request. */
export type FailureCode =
  // of no use to go on with
  | 'auth'
  | 'model'
  | 'quota'
  | 'address'
  | 'unreachable'
  // transient, and tried out
  | 'unavailable'
  | 'limited'
  // a request that the server does not like, for whatever reason
  | 'request'
  // of this section
  | 'refused'
  | 'filtered'
  | 'unusable'
  | 'cut'
  | 'too_long'
  | 'thinking'

/** What a failure ends: one section, several when it is repeated, or the job at once. */
export type FailureScope = 'section' | 'provider' | 'job'

/** In which form JSON is asked for, from the strictest on. */
export const FORMATS = ['json_schema', 'json_object', 'prompt'] as const

/** How a request was put. What a server does not take is changed or left out. */
export interface Form {
  format: (typeof FORMATS)[number]
  /** The fields that may limit the reply: the first is sent, the others are for when it is not taken. */
  limits: readonly ('max_tokens' | 'max_completion_tokens')[]
  /** Whether usage was asked for, in stream_options. */
  usage: boolean
  temperature: number | null
  effort: string | null
}

/** An answer with a status that is no success, or an error where the reply should be, with whatever status it names. */
export interface Refusal {
  /** 0: it names none. */
  status: number
  /** The body as it came. */
  text: string
}

export type Verdict =
  /** Ask again in this form. */
  | { kind: 'otherwise'; form: Form }
  /** The prompt does not fit. */
  | { kind: 'too_long' }
  /** May pass. */
  | { kind: 'transient'; code: 'unavailable' | 'limited' }
  | { kind: 'failed'; scope: FailureScope; code: FailureCode }

const CONTEXT =
  /context[ _-]?(?:length|window|size|limit)|maximum context|n_ctx|num_ctx|prompt (?:is )?too long|input (?:is )?too long|too many (?:input )?tokens|exceeds? .{0,40}tokens? limit|exceeds the maximum number of (?:input )?tokens|request (?:is )?too large|reduce the length|must be reduced/i
const NO_CREDIT =
  /insufficient[ _](?:quota|balance|credits?|funds)|(?:credit|account) balance|(?:out of|no|more|enough) credits?|billing_(?:hard_limit|not_active)/i
const FORMAT = /response[_ ]?format|json[_ ]?(?:schema|object|mode)|\bschema|grammar|structured/i
const UNSUPPORTED =
  /unsupported|not (?:support|allow|permit|accept|recogni)|unrecogni|unknown|unexpected|extra|deprecated/i
const MODEL =
  /model.{0,80}(?:not (?:found|exist|loaded|available)|does ?n[o']t exist|is not a valid)|(?:no such|unknown|invalid) model|no models? (?:loaded|found)|model_not_found/is
const FILTER =
  /content[_ ](?:policy|filter|management)|responsibleai|moderation|flagged|data_inspection|safety (?:system|reason|filter)/i
const KEY = /api[_ -]?key|unauthori[sz]ed|authentication|invalid[_ ]token/i

/** What a refusal means for a request that was put in this form. */
export function judge({ status, text }: Refusal, form: Form): Verdict {
  if (status === 402) return { kind: 'failed', scope: 'job', code: 'quota' }
  if (status === 429) {
    if (/request too large|must be reduced/i.test(text)) return { kind: 'too_long' }
    // Google's answer to asking too often speaks of billing too, but says when to come back
    const isOver =
      NO_CREDIT.test(text) || (/billing/i.test(text) && !/retry ?(?:in|delay)|try again in/i.test(text))
    return isOver ? { kind: 'failed', scope: 'job', code: 'quota' } : { kind: 'transient', code: 'limited' }
  }
  if (status === 401 || status === 403) {
    if (status === 403 && FILTER.test(text)) return { kind: 'failed', scope: 'section', code: 'filtered' }
    return { kind: 'failed', scope: 'job', code: NO_CREDIT.test(text) ? 'quota' : 'auth' }
  }
  if (status === 413 || CONTEXT.test(text)) return { kind: 'too_long' }
  const otherwise = status === 0 ? null : changed(form, text)
  if (otherwise) return { kind: 'otherwise', form: otherwise }
  if (status === 408 || status === 409 || status === 425 || status >= 500)
    return { kind: 'transient', code: 'unavailable' }
  if (status === 404 || MODEL.test(text))
    return { kind: 'failed', scope: 'job', code: /model/i.test(text) ? 'model' : 'address' }
  if (status >= 300 && status < 400) return { kind: 'failed', scope: 'job', code: 'address' }
  if (status === 405) return { kind: 'failed', scope: 'job', code: 'address' }
  if (NO_CREDIT.test(text)) return { kind: 'failed', scope: 'job', code: 'quota' }
  if (FILTER.test(text)) return { kind: 'failed', scope: 'section', code: 'filtered' }
  if (KEY.test(text)) return { kind: 'failed', scope: 'job', code: 'auth' }
  if (/unexpected endpoint/i.test(text)) return { kind: 'failed', scope: 'job', code: 'address' }
  // an error in the middle of a stream, without a number
  if (status === 0) return { kind: 'transient', code: 'unavailable' }
  return { kind: 'failed', scope: 'provider', code: 'request' }
}

/** The form without what the text complains of; null when it speaks of nothing that is in the form. */
function changed(form: Form, text: string): Form | null {
  const next = FORMATS[FORMATS.indexOf(form.format) + 1]
  if (next && FORMAT.test(text)) return { ...form, format: next }
  const [limit, ...others] = form.limits
  if (limit && text.includes(limit) && /too large|at most|valid range|less than or equal/i.test(text))
    return { ...form, limits: [] }
  if (!UNSUPPORTED.test(text)) return null
  if (form.temperature !== null && /temperature/i.test(text)) return { ...form, temperature: null }
  if (form.effort !== null && /reasoning[_ ]?effort|reasoning/i.test(text))
    return { ...form, effort: form.effort === 'none' ? 'low' : null }
  if (form.usage && /stream_options|include_usage/i.test(text)) return { ...form, usage: false }
  if (limit && text.includes(limit)) return { ...form, limits: others }
  return null
}

/** What a person is told of a server's answer: the message in it, or the title of a page, in one line and not too long. */
export function messageOf(text: string): string {
  const said = findMessage(text)
  const line = said.replace(/[\p{Cc}\s]+/gu, ' ').trim()
  return line.length > 200 ? `${line.slice(0, 199).toWellFormed()}…` : line
}

function findMessage(text: string): string {
  try {
    const body: unknown = JSON.parse(text)
    for (const path of [['error', 'message'], ['error'], ['message'], ['detail']]) {
      const found = path.reduce<unknown>(
        (value, key) => (value as Record<string, unknown> | null)?.[key],
        body,
      )
      if (typeof found === 'string') return found
    }
    return text
  } catch {
    const [, title] = /<title[^>]*>([^<]*)</i.exec(text) ?? []
    return title ?? text.replace(/<[^>]*>/g, ' ')
  }
}

/** How often a request is sent before it is given up. */
export const TRIES = 5

/** A provider that wants a longer pause than this gets it without us, in milliseconds. */
export const LONGEST_WAIT = 120_000

/**
 * Milliseconds that a server asks to wait, in the headers retry-after-ms and Retry-After (seconds, or a date:
 * https://www.rfc-editor.org/rfc/rfc9110#field.retry-after) or else in words ("try again in 6m0s"); null when it does not.
 */
export function askedWait(header: (name: string) => string | null, text: string, now: Date): number | null {
  const exact = Number(header('retry-after-ms') ?? Number.NaN)
  if (exact > 0) return exact
  const after = header('retry-after')?.trim()
  if (after) {
    const wait = /^[\d.]+$/.test(after) ? Number(after) * 1000 : Date.parse(after) - now.getTime()
    if (wait > 0) return wait
  }
  const [, said] =
    /(?:try again in|retry in|retryDelay"?:\s*")\s*((?:[\d.]+\s*(?:ms|h|m|s)[a-z]*\s*)+)/i.exec(text) ?? []
  if (!said) return null
  const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
  const parts = Array.from(said.matchAll(/([\d.]+)\s*(ms|h|m|s)/gi), ([, count, unit]) => {
    return Number(count) * units[unit?.toLowerCase() as keyof typeof units]
  })
  const wait = parts.reduce((sum, part) => sum + part, 0)
  return wait > 0 ? wait : null
}

/** Milliseconds before the next try after `tries` in vain: 2, 4, 8, 16 seconds, a quarter more or less as `chance` (0 to 1) has it. */
export function backoff(tries: number, chance: number): number {
  return Math.round(Math.min(60_000, 2 ** tries * 1000) * (0.75 + chance / 2))
}
