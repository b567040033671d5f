import { setTimeout as pause } from 'node:timers/promises'
import type OpenAI from 'openai'
import type { ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions'
import type { Proposal } from '../core/generate/candidate.ts'
import { halve } from '../core/generate/halve.ts'
import type { Section } from '../core/generate/job.ts'
import {
  type DraftCard,
  fewestTokens,
  type Prompt,
  type PromptJob,
  promptFor,
  REPLY_SCHEMA,
  regeneratePrompt,
} from '../core/generate/prompt.ts'
import { parseReply } from '../core/generate/reply.ts'
import {
  askedWait,
  backoff,
  type FailureCode,
  type FailureScope,
  type Form,
  LONGEST_WAIT,
  TRIES,
  type Verdict,
} from '../core/generate/trouble.ts'
import type { ErrorKind } from '../errors.ts'
import { complete, type Heard, modelsOf } from './completion.ts'
import type { ProviderSettings } from './endpoint.ts'
import {
  cutOff,
  declinedIn,
  doesNotFit,
  type Failed,
  type Reply,
  thinking,
  verdictOf,
  whyOf,
  wordsFor,
} from './failures.ts'

/** What was used up by all requests for an answer. */
export interface Usage {
  requests: number
  /** Replies whose tokens the server did not tell. */
  usage_missing: number
  prompt_tokens: number
  completion_tokens: number
}

/** What came of asking for cards. */
export type Answered =
  /** `incomplete`: some of the section may have got no cards; why, as a clause such as `the reply was cut short`. */
  | { kind: 'cards'; proposals: Proposal[]; usage: Usage; incomplete?: string }
  | {
      kind: 'failed'
      scope: FailureScope
      code: FailureCode
      /** A sentence for a person, and something to try. */
      message: string
      hint?: string
      /** How the run ends when it ends of this. */
      error: ErrorKind
      usage: Usage
      /** What the model said, when that was the trouble. */
      reply?: string
    }
  /** The provider wants a longer pause than anybody waits for. */
  | { kind: 'later'; waitMs: number; usage: Usage }

/** Something to tell the person while it goes on. */
export type ProviderEvent =
  | { type: 'waiting'; ms: number; why: string }
  /** Too many requests: fewer at a time would be better. */
  | { type: 'limited' }
  | { type: 'warning'; text: string }

/** What a provider needs of the world; tests have their own. */
export interface ProviderDeps {
  /** Rejects when the signal is aborted. */
  sleep?: (ms: number, signal: AbortSignal) => Promise<void>
  /** At least 0, less than 1. */
  random?: () => number
  now?: () => Date
  on?: (event: ProviderEvent) => void
}

/** A server that has a model, as far as cards are concerned. It remembers what the server takes and what it does not. */
export interface Provider {
  readonly settings: ProviderSettings
  /**
   * Asks for the cards of a section. `asked`: questions asked before, oldest first. Whatever the server does is an answer;
   * only an abort is thrown, at once, as the signal's reason; what was used until then is in `used`.
   */
  ask(
    section: Section,
    job: PromptJob,
    asked: readonly string[],
    signal: AbortSignal,
    used?: Usage,
  ): Promise<Answered>
  /** The same for one card in place of another, with what a person remarked about that; at most one proposal. */
  regenerate(
    section: Section,
    job: PromptJob,
    card: DraftCard,
    remark: string,
    asked: readonly string[],
    signal: AbortSignal,
  ): Promise<Answered>
}

type Without<T, Key extends string> = T extends unknown ? Omit<T, Key> : never
type Result = Without<Answered, 'usage'>
type Later = Extract<Result, { kind: 'later' }>

/** A request as it went out in the end, and what came of it. */
type Sent = Reply | Failed | Later | { kind: 'too_long' }

/** What was said to one prompt. `cut`: the end is missing, and there may be more. */
type Said =
  | { kind: 'said'; proposals: Proposal[]; cut: boolean; incomplete?: string; read: number | null }
  | Failed
  | Later
  | { kind: 'too_long' }

/** A section is halved so many times at most. */
const DEEPEST = 2
/** Below this many tokens it cannot be told whether a server has read all of a prompt. */
const TELLING = 700
/** Tokens of a reply may be so many times more where the model thinks before it. */
const ROOM_TO_THINK = 4

const REMINDER =
  'Your reply to this could not be read. Reply with the JSON object alone: {"cards":[{"quote":"…","page":0,"question":"…","answer":"…"}]}'

const CUT = 'the reply was cut short'
/** In place of a finish_reason: the connection was lost, and not for the first time. */
const LOST = 'lost'
const NOT_READ = 'the server did not read all of it'

/** A provider at the end of these settings. Nothing is sent before it is asked. */
export function createProvider(settings: ProviderSettings, deps: ProviderDeps = {}): Provider {
  const { sleep = defaultSleep, random = Math.random, now = () => new Date(), on = () => {} } = deps
  let sdk: Promise<typeof OpenAI> | undefined
  const loadSdk = () => {
    sdk ??= import('openai').then(({ OpenAI }) => OpenAI)
    return sdk
  }

  // what has been learned about this server and this model
  let form = firstForm(settings)
  let hasAnswered = false
  let hasReplied = false
  let room = 1
  /** The shortest section that was too long, in estimated tokens. */
  let tooLong = Number.POSITIVE_INFINITY
  let tellsUsage = true
  let hasWarned = false

  /** Sends a prompt until there is a reply, or until there is no use in it. */
  async function send(prompt: Prompt, signal: AbortSignal, used: Usage): Promise<Sent> {
    const Sdk = await loadSdk()
    let partial = ''
    for (let tries = 1; ; ) {
      signal.throwIfAborted()
      const sent = form
      // one that is broken off has perhaps been paid for
      used.requests++
      used.usage_missing++
      const heard = await complete(Sdk, settings, bodyOf(prompt, settings.model, sent, room), signal)
      used.usage_missing--
      if (heard.kind !== 'lost') hasAnswered = true
      if (heard.kind === 'reply') {
        hasReplied = true
        count(used, heard)
        // some servers say in the last piece that it was a failure
        if (heard.finish !== 'error') return heard
      }
      if (heard.kind === 'lost' && heard.text !== '') {
        used.usage_missing++
        if (heard.text.length > partial.length) partial = heard.text
        if (parseReply(heard.text).complete) return replyOf(heard.text)
      }
      const verdict = verdictOf(heard, sent, { hasAnswered, hasReplied })
      if (verdict.kind === 'too_long') return verdict
      if (verdict.kind === 'otherwise') {
        // another request may have been told the same meanwhile
        if (form === sent) form = verdict.form
        continue
      }
      if (verdict.kind === 'failed') return failedWith(verdict, heard, signal)
      if (verdict.code === 'limited') on({ type: 'limited' })
      const wanted = heard.kind === 'refusal' ? askedWait(heard.header, heard.text, now()) : null
      if (wanted !== null && wanted > LONGEST_WAIT) return { kind: 'later', waitMs: wanted }
      if (tries === TRIES) {
        // what there is of a reply that never came whole
        if (parseReply(partial).proposals.length > 0) return { ...replyOf(partial), finish: LOST }
        return failedWith({ kind: 'failed', scope: 'provider', code: verdict.code }, heard, signal)
      }
      const ms = wanted ?? backoff(tries, random())
      on({ type: 'waiting', ms, why: whyOf(heard, settings) })
      await sleep(ms, signal)
      tries++
    }
  }

  /** The same, until the reply can be read: it is asked for a second time, and no more. */
  async function converse(prompt: Prompt, signal: AbortSignal, used: Usage): Promise<Said> {
    let best: Proposal[] = []
    let read: number | null = null
    let last: Reply | undefined
    for (const round of [1, 2]) {
      const reminded =
        last && last.text !== '' ? { ...prompt, user: `${prompt.user}\n\n${REMINDER}` } : prompt
      const sent = await send(round === 1 ? prompt : reminded, signal, used)
      if (sent.kind !== 'reply') {
        if (best.length === 0 || sent.kind === 'later' || (sent.kind === 'failed' && sent.scope === 'job'))
          return sent
        break
      }
      last = sent
      if (round === 1) read = sent.usage?.prompt ?? null
      const { proposals, complete: isWhole, onlyThoughts } = parseReply(sent.text)
      const declined = declinedIn(sent)
      if (declined) {
        if (proposals.length > 0)
          return { kind: 'said', proposals, cut: false, incomplete: lowerFirst(declined.message), read }
        return declined
      }
      if (isWhole) return { kind: 'said', proposals, cut: false, read }
      if (sent.finish === LOST) return { kind: 'said', proposals, cut: false, incomplete: CUT, read }
      if (proposals.length > best.length) best = proposals
      // not every server shows the thoughts
      const isEmpty = sent.text.trim() === ''
      if (onlyThoughts || (isEmpty && (sent.thoughts !== '' || sent.finish === 'length'))) {
        if (round === 2) return thinking(sent)
        // what a person has asked for stays
        if (room === 1 && settings.reasoningEffort === undefined) form = { ...form, effort: 'none' }
        room = ROOM_TO_THINK
      } else if (sent.finish === 'length' || (sent.finish === null && sent.text !== '')) {
        return { kind: 'said', proposals: best, cut: true, read }
      }
    }
    if (best.length > 0)
      return {
        kind: 'said',
        proposals: best,
        cut: false,
        incomplete: "the model's reply was not whole",
        read,
      }
    return {
      kind: 'failed',
      scope: 'section',
      code: 'unusable',
      message: last?.text ? "The model's reply was not usable." : "The model's reply was empty.",
      hint: 'Another model may do better: --model, or export ROTE_MODEL=…',
      error: 'failure',
      ...(last?.text && { reply: last.text }),
    }
  }

  /** The cards of a section, or of a part of one: `parent` is how much was read of the whole. */
  async function askFor(
    section: Section,
    job: PromptJob,
    asked: readonly string[],
    signal: AbortSignal,
    used: Usage,
    depth = 0,
    parent: number | null = null,
  ): Promise<Result> {
    const prompt = promptFor(section, job, asked)
    const halves = (quota: number) => (depth < DEEPEST ? halve(section, quota) : null)
    const both = async (parts: Section[], before: Proposal[], read: number | null): Promise<Result> => {
      const proposals = [...before]
      let missing: Failed | undefined
      let incomplete: string | undefined
      for (const part of parts.filter(({ quota }) => quota > 0)) {
        const questions = [...asked, ...proposals.map(({ question }) => question)]
        const result = await askFor(part, job, questions, signal, used, depth + 1, read)
        if (result.kind === 'later' || (result.kind === 'failed' && result.scope === 'job')) return result
        if (result.kind === 'cards') {
          proposals.push(...result.proposals)
          incomplete ??= result.incomplete
        } else {
          missing = result
          if (result.scope === 'provider') break
        }
      }
      if (missing && proposals.length === 0) return missing
      return cards(proposals, missing ? lowerFirst(missing.message) : incomplete)
    }

    const known = section.tokens >= tooLong ? halves(section.quota) : null
    if (known) return both(known, [], parent)
    const said = await converse(prompt, signal, used)
    if (said.kind === 'failed' || said.kind === 'later') return said
    if (said.kind === 'too_long') {
      tooLong = Math.min(tooLong, section.tokens)
      const parts = halves(section.quota)
      return parts ? both(parts, [], parent) : doesNotFit()
    }
    if (isCutShort(said.read, prompt, parent)) {
      warn(said.read, prompt)
      tooLong = Math.min(tooLong, section.tokens)
      // of what it did not see it cannot have made cards, and the rules may have been among that
      const parts = halves(section.quota)
      return parts ? both(parts, [], said.read) : cards(said.proposals, NOT_READ)
    }
    if (!said.cut) return cards(said.proposals, said.incomplete)
    const rest = section.quota - said.proposals.length
    if (rest <= 0) return cards(said.proposals)
    const parts = halves(rest)
    if (parts) return both(parts, said.proposals, said.read)
    return said.proposals.length > 0 ? cards(said.proposals, CUT) : cutOff()
  }

  /** Whether a server has read less of a prompt than it must have. */
  function isCutShort(read: number | null, { system, user }: Prompt, parent: number | null): read is number {
    if (!tellsUsage || read === null || read < 100) return false
    const fewest = fewestTokens(system) + fewestTokens(user)
    if (fewest < TELLING || read >= fewest) return false
    // half as much of a half: it reads everything, and counts otherwise than we do
    if (parent !== null && read < 0.75 * parent) {
      tellsUsage = false
      tooLong = Number.POSITIVE_INFINITY
      return false
    }
    return true
  }

  function warn(read: number, { tokens }: Prompt): void {
    if (hasWarned) return
    hasWarned = true
    on({
      type: 'warning',
      text: `The server read only ${read} tokens of a prompt of about ${tokens}: its context is too small. For Ollama, set OLLAMA_CONTEXT_LENGTH=8192 and start it again.`,
    })
  }

  async function failedWith(
    verdict: Extract<Verdict, { kind: 'failed' }>,
    heard: Heard,
    signal: AbortSignal,
  ): Promise<Failed> {
    const models = verdict.code === 'model' ? await modelsOf(await loadSdk(), settings, signal) : []
    return { ...verdict, ...wordsFor(verdict.code, heard, settings, models) }
  }

  return {
    settings,
    async ask(section, job, asked, signal, used = nothingUsed()) {
      const result = await askFor(section, job, asked, signal, used)
      return { ...result, usage: used }
    },
    async regenerate(section, job, card, remark, asked, signal) {
      const used = nothingUsed()
      const said = await converse(regeneratePrompt(section, job, card, remark, asked), signal, used)
      const result =
        said.kind === 'too_long'
          ? doesNotFit()
          : said.kind !== 'said'
            ? said
            : said.cut && said.proposals.length === 0
              ? cutOff()
              : cards(said.proposals.slice(0, 1))
      return { ...result, usage: used }
    },
  }
}

const defaultSleep: NonNullable<ProviderDeps['sleep']> = async (ms, signal) => {
  await pause(ms, undefined, { signal }).catch((error) => {
    signal.throwIfAborted()
    throw error
  })
}

/** Where what is used is counted, at its beginning. */
export const nothingUsed = (): Usage => ({
  requests: 0,
  usage_missing: 0,
  prompt_tokens: 0,
  completion_tokens: 0,
})

function count(used: Usage, { usage }: Reply): void {
  if (!usage) used.usage_missing++
  used.prompt_tokens += usage?.prompt ?? 0
  used.completion_tokens += usage?.completion ?? 0
}

/** OpenAI's own models take only the newer name of the limit, most other servers only the older one. */
function firstForm({ baseURL, temperature, reasoningEffort }: ProviderSettings): Form {
  const isOpenAi = new URL(baseURL).hostname === 'api.openai.com'
  return {
    format: 'json_schema',
    limits: isOpenAi ? ['max_completion_tokens', 'max_tokens'] : ['max_tokens', 'max_completion_tokens'],
    usage: true,
    temperature: temperature ?? null,
    effort: reasoningEffort ?? null,
  }
}

function bodyOf(
  { system, user, maxTokens }: Prompt,
  model: string,
  { format, limits, usage, temperature, effort }: Form,
  room: number,
): ChatCompletionCreateParamsStreaming {
  const [limit] = limits
  return {
    model,
    messages: [
      { role: 'system', content: system },
      { role: 'user', content: user },
    ],
    stream: true,
    ...(usage && { stream_options: { include_usage: true } }),
    ...(limit && { [limit]: maxTokens * room }),
    ...(format === 'json_schema' && {
      response_format: { type: format, json_schema: { name: 'cards', strict: true, schema: REPLY_SCHEMA } },
    }),
    ...(format === 'json_object' && { response_format: { type: format } }),
    ...(temperature !== null && { temperature }),
    // servers have words of their own
    ...(effort !== null && { reasoning_effort: effort as 'none' }),
  }
}

const replyOf = (text: string): Reply => ({
  kind: 'reply',
  text,
  thoughts: '',
  declined: '',
  finish: null,
  usage: null,
})

function cards(proposals: Proposal[], incomplete?: string): Result {
  return { kind: 'cards', proposals, ...(incomplete !== undefined && { incomplete }) }
}

const lowerFirst = (sentence: string) =>
  `${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`.replace(/\.$/, '')
