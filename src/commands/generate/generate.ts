import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { and, desc, eq, sql } from 'drizzle-orm'
import type { Config } from '../../config.ts'
import type { Context } from '../../context.ts'
import { type JobOptions, type Section, SOURCE_TYPES, type SourceType } from '../../core/generate/job.ts'
import { checkPageSpec } from '../../core/generate/page-spec.ts'
import { PROMPT_VERSION } from '../../core/generate/prompt.ts'
import { costOf, costText, coverage } from '../../core/generate/report.ts'
import { planQuotas, sectionsOf } from '../../core/generate/sections.ts'
import { checkName } from '../../core/name.ts'
import { plural } from '../../core/plural.ts'
import { changing } from '../../db/changes.ts'
import type { Database } from '../../db/connect.ts'
import { type FoundDeck, findDeck, isId } from '../../db/find.ts'
import { aiJobs, decks } from '../../db/schema.ts'
import type { Author, User } from '../../db/user.ts'
import { CliError, notFound, usage } from '../../errors.ts'
import type { ProviderSettings } from '../../generate/endpoint.ts'
import { enqueue, expected } from '../../generate/job.ts'
import type { Source } from '../../generate/source.ts'
import { createProgress } from '../../ui/progress.ts'
import { safe } from '../../ui/safe.ts'
import type { Terminal } from '../../ui/terminal.ts'
import { amount, count, examples, oneOf, several, type Verb, valued } from '../verb.ts'
import { cancelJob } from './cancel.ts'
import { goOn, hostOf, nobodyPastes } from './go-on.ts'
import { listJobs } from './list.ts'
import {
  ACCEPT,
  type Accept,
  acceptOption,
  type ChoiceFlags,
  chooseProvider,
  pricesFor,
  providerFlags,
} from './options.ts'
import { pasteAnswer } from './paste.ts'
import { retryJob } from './retry.ts'
import { reviewJob } from './review.ts'
import { type JobRow, readJob, short } from './shared.ts'
import { undoJob } from './undo.ts'
import { viewJob } from './view.ts'
import { runWorker } from './worker.ts'

interface Options extends ChoiceFlags {
  deck?: string
  pages?: string
  count?: number | 'auto' | 'all'
  lang?: string
  focus?: string
  tag?: string[]
  accept?: Accept
  type?: SourceType
  maxBytes?: number
  passwordFile?: string
  maxTokens?: number
  maxCost?: number
  async?: true
  copy?: true
  fresh?: true
  dryRun?: true
  showText?: true
}

const generate: Verb = (generate, run) => {
  const offline = run.offline(async (context, argument: string, options: Options) => {
    const source = await read(context, argument, options)
    if (options.showText) return showText(context, source)
    await dryRun(context, source, options)
  })
  const online = run(make)
  const command = generate
    .argument('[source]', 'a PDF, a text or Markdown file, an address, or - for standard input')
    .option('--deck <deck>', 'where the cards go')
    .option('--pages <list>', 'pages of a PDF, as in 1-10,15, counted from its first')
    .option(
      '--count <n>',
      'how many cards: a number, auto (at most 50), or all that the text holds',
      valued(['auto', 'all'], cardCount),
      'auto',
    )
    .option('--lang <language>', 'language of the cards (default: that of the source)')
    .option('--focus <text>', 'what they should be about, in your words')
    .option('--tag <tag>', 'a tag for the cards; may be given several times', several)
    .option(
      '--accept <which>',
      `which become cards unseen: ${ACCEPT.join(', ')}; review: you decide on each`,
      oneOf(ACCEPT),
    )
    .option(
      '--type <type>',
      `what the source is, if its content does not say: ${SOURCE_TYPES.join(', ')}`,
      oneOf(SOURCE_TYPES),
    )
    .option('--max-bytes <n>', 'the largest source that is read, in bytes', count)
    .option('--password-file <file>', "a PDF's password; or set PDF_PASSWORD")
    .option('--model <model>', 'the model to ask; or set ROTE_MODEL')
    .option('--base-url <url>', 'the provider to ask; or set OPENAI_BASE_URL')
    .option('--temperature <t>', 'how free the wording is, for models that take one', amount)
    .option('--reasoning-effort <effort>', 'such as low, for models that think first')
    .option('--max-tokens <n>', 'stop before more tokens are used', count)
    .option('--max-cost <amount>', 'stop before it costs more, by the prices in the config', amount)
    .option('--async', 'answer at once, and work in the background')
    .option('--copy', 'without a provider: copy each prompt to a model of yours, paste its answer')
    .option('--fresh', 'begin anew, although there is a job for this source')
    .option('--dry-run', 'show what would be read and what it would cost; ask nobody')
    .option('--show-text', 'print the text as it is read; ask nobody')
  providerFlags(command)
  command.action(async (argument: string | undefined, options: Options) => {
    if (argument === undefined)
      throw usage('There is nothing to read.', 'Name a file, an address, or - for standard input.')
    if (options.pages !== undefined) checkPageSpec(options.pages)
    await (options.showText || options.dryRun ? offline : online)(argument, options)
  })
  examples(command, [
    ['rote generate lecture.pdf --deck Biology', 'read it, ask the model, then decide on each card'],
    ['rote generate lecture.pdf --dry-run', 'what would be read, and what it would cost'],
    ['rote generate book.pdf --deck History --pages 12-40 --count all', 'some pages, thoroughly'],
    ['rote generate https://en.wikipedia.org/wiki/Mitosis --deck Biology', 'a page of the web'],
    [
      'pandoc notes.docx -t plain | rote generate - --deck Notes --accept verified',
      'from a pipe, for a script',
    ],
  ])
  for (const verb of [listJobs, viewJob, reviewJob, retryJob, cancelJob, undoJob, pasteAnswer, runWorker])
    verb(generate, run)
  ownOptions(generate)
}

export default generate

/** Commander takes the options of `generate` behind its verbs, too: those that a verb has as well are its own. */
function ownOptions(generate: Command): void {
  generate.hook('preAction', (_, verb) => {
    if (verb === generate) return
    for (const option of generate.options) {
      const name = option.attributeName()
      if (generate.getOptionValueSource(name) !== 'cli') continue
      if (!verb.options.some((own) => own.attributeName() === name))
        throw usage(`Unknown option '${option.long}'.`, `See: rote generate ${verb.name()} --help`)
      verb.setOptionValueWithSource(name, generate.getOptionValue(name), 'cli')
    }
  })
}

/** Reads the source, makes the job, and works on it here unless it is to go on in the background. */
async function make(context: Context, argument: string, options: Options): Promise<void> {
  const { db, user, config, out, term } = context
  if (options.deck === undefined) throw usage('Where should the cards go?', 'Name the deck: --deck <name>')
  if (options.copy && options.async) throw nobodyPastes()
  // what can be wrong without reading anything comes first
  const deck = await findOrName(db, user, options.deck)
  const settings = options.copy ? null : await chooseProvider(config, options)
  const jobOptions = optionsOf(options, config)
  if (
    typeof deck === 'string' &&
    !(await term.confirm(`There is no deck "${deck}". Make it?`, '--yes', true))
  ) {
    return out.nothing('Nothing was made.')
  }
  const source = await read(context, argument, options)
  const sections = plan(source, options)

  const fingerprint = (deck_id: string) => fingerprintOf(source, options, settings, deck_id)
  // into a deck that is yet to be made nothing can have gone
  const before =
    options.fresh || typeof deck === 'string' ? null : await made(db, user, fingerprint(deck.deck_id))
  if (before && before.status !== 'done' && before.outcome !== 'cancelled') {
    const job = await readJob(db, user, before.job_id)
    if (job.working && !options.async) {
      out.say(
        `The job ${short(job.job_id)} is at work on this already: ${job.sections_done} of ${job.sections} sections done.`,
      )
    } else {
      out.say(
        `Going on with the job ${short(job.job_id)}: ${job.sections_done} of ${job.sections} sections done.`,
      )
    }
    const reopen = { ...jobOptions, ...acceptOption(options.accept) }
    return goOn(context, job.job_id, settings, { ...options, reopen })
  }
  if (before?.status === 'done') {
    const question = `${doneBefore(await readJob(db, user, before.job_id))} Make more?`
    if (!(await term.confirm(question, '--yes'))) return out.nothing('Nothing was made.')
  }
  if (settings && !(await agrees(term, sections, settings, jobOptions)))
    return out.nothing('Nothing was sent.')

  const { deck_id } = await orMade(db, user, deck)
  const job_id = await enqueue(
    db,
    {
      user_id: user.user_id,
      deck_id,
      source_type: source.source_type,
      source_url: source.source_url,
      source_title: source.text.title,
      source_pages: source.text.page_count,
      source_notes: source.text.notes,
      fingerprint: options.fresh ? null : fingerprint(deck_id),
      options: jobOptions,
      prompt_version: PROMPT_VERSION,
      base_url: settings?.baseURL ?? null,
      model: settings?.model ?? null,
    },
    sections,
  )
  // somebody else has begun the same in this very moment
  const id = job_id ?? (await made(db, user, fingerprint(deck_id)))?.job_id
  if (!id)
    throw new CliError('try_later', 'The same job ended this very moment.', 'Run the same command again.')
  await goOn(context, id, settings, options)
}

function doneBefore({ job_id, accepted, waiting, created_at }: JobRow): string {
  const more =
    waiting === 0
      ? ''
      : `, and ${waiting} ${waiting === 1 ? 'waits' : 'wait'} for you (rote generate review ${short(job_id)})`
  return `You made ${plural(accepted, 'card')} from this on ${created_at.toISOString().slice(0, 10)}${more}.`
}

/** What is read is the same for all that can be done with it. */
async function read(
  { config, out, term }: Pick<Context, 'config' | 'out' | 'term'>,
  argument: string,
  options: Options,
): Promise<Source> {
  const { readSource } = await import('../../generate/source.ts')
  const progress = createProgress(term.stderr, out.mode === 'table' || out.mode === 'tsv')
  const passwords = [
    options.passwordFile !== undefined ? readPassword(options.passwordFile) : config.pdfPassword,
  ]
  try {
    return await readSource(argument, {
      stdin: term.stdin,
      ...(options.pages !== undefined && { pages: options.pages }),
      ...(options.type && { type: options.type }),
      ...(options.maxBytes !== undefined && { maxBytes: options.maxBytes }),
      async password(wrong) {
        const given = passwords.pop()
        if (given) return given
        progress.pause()
        return term.secret(wrong ? 'That is not it. Its password:' : `The password of ${argument}:`)
      },
      // Ctrl-C ends the program here: there is nothing yet to put down
      signal: new AbortController().signal,
      onPage: (done, total) => progress.show(`reading page ${done} of ${total}`),
      async dubious(message, excerpt) {
        progress.pause()
        out.say(`${message}\n  ${excerpt}`)
        return config.yes || (term.interactive && (await term.confirm('Make cards of that?', '--yes')))
      },
    })
  } finally {
    progress.stop()
  }
}

function readPassword(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch (error) {
    throw notFound('file', file, (error as Error).message)
  }
}

async function showText({ out, term }: Pick<Context, 'out' | 'term'>, source: Source): Promise<void> {
  const { showText } = await import('../../generate/source.ts')
  if (out.mode === 'json')
    return out.answer('', { ...source.text, source_type: source.source_type, source_url: source.source_url })
  const text = showText(source)
  await out.write(term.stdout.isTTY ? safe(text) : text)
}

/** What a run would do: pages, sections, cards, tokens, money. */
async function dryRun(
  { config, out }: Pick<Context, 'config' | 'out'>,
  source: Source,
  options: Options,
): Promise<void> {
  const { OPENAI } = await import('../../generate/endpoint.ts')
  const sections = plan(source, options)
  const asked = sections.filter(({ quota }) => quota > 0)
  const jobOptions = optionsOf(options, config)
  const tokens = totalOf(asked)
  const cost = costOf(tokens, jobOptions)
  const { notes, page_count, pages } = source.text
  const answer = {
    source_type: source.source_type,
    source_url: source.source_url,
    source_title: source.text.title,
    source_pages: page_count,
    source_notes: notes,
    pages_read: page_count === null ? null : pages.length,
    sections: sections.length,
    sections_asked: asked.length,
    cards: asked.reduce((sum, { quota }) => sum + quota, 0),
    ...tokens,
    cost,
    base_url: options.copy ? null : (options.baseUrl ?? config.provider.baseURL ?? OPENAI),
    model: options.copy ? null : (options.model ?? config.provider.model),
  }
  const n = (count: number) => count.toLocaleString('en')
  const lines = [
    `${source.text.title ?? source.source_url}`,
    page_count === null ? null : `${n(pages.length)} of ${plural(page_count, 'page')} read`,
    `${n(answer.sections_asked)} of ${plural(answer.sections, 'section')} would be asked about, for at most ${plural(answer.cards, 'card')}`,
    `about ${n(tokens.prompt_tokens)} + ${n(tokens.completion_tokens)} tokens, ${cost === null ? 'cost unknown (rote config set price_in, price_out)' : `cost about ${costText(cost)}`}`,
    answer.base_url === null
      ? 'by hand: --copy sends nothing to anybody'
      : `to ${answer.model ?? 'a model yet to be named'} at ${hostOf(answer.base_url)}`,
    ...coverage(
      { source_pages: page_count, source_notes: notes, pages: options.pages },
      sections.map((section, i) => ({
        ...section,
        section: i,
        status: section.quota > 0 ? ('pending' as const) : ('skipped' as const),
        error_code: null,
        error_message: null,
        dropped: {},
      })),
    ).slice(1),
    'Nothing was sent and nothing stored.',
  ]
  await out.answer(lines.filter((line) => line !== null).join('\n'), answer)
}

function plan(source: Source, { count = 'auto', copy }: Options): Section[] {
  return planQuotas(sectionsOf(source.text, copy && BY_HAND), count)
}

function totalOf(sections: readonly Section[]): { prompt_tokens: number; completion_tokens: number } {
  let [prompt_tokens, completion_tokens] = [0, 0]
  for (const section of sections) {
    const { prompt, completion } = expected(section)
    prompt_tokens += prompt
    completion_tokens += completion
  }
  return { prompt_tokens, completion_tokens }
}

/** A person who carries prompts to and fro has a model with a long memory, and little patience. Tokens. */
const BY_HAND = { target: 6000, limit: 8000 }

/** More than this is asked about before it is sent. */
const MANY = { cards: 50, sections: 20 }

/** Says where the text goes, and lets a person think again when it is much. */
async function agrees(
  term: Terminal,
  sections: readonly Section[],
  settings: ProviderSettings,
  options: JobOptions,
): Promise<boolean> {
  const asked = sections.filter(({ quota }) => quota > 0)
  const cards = asked.reduce((sum, { quota }) => sum + quota, 0)
  const tokens = totalOf(asked)
  const cost = costOf(tokens, options)
  const much = `${plural(asked.length, 'section')} (about ${(tokens.prompt_tokens + tokens.completion_tokens).toLocaleString('en')} tokens${cost === null ? '' : `, cost about ${costText(cost)}`})`
  if (!term.interactive || (cards <= MANY.cards && asked.length <= MANY.sections)) return true
  const where = hostOf(settings.baseURL)
  return term.confirm(`Send ${much} to ${settings.model} at ${where}?`, '--yes', true)
}

/** What the job has to know, for whoever goes on with it. Throws usage for a limit that cannot be kept. */
function optionsOf(options: Options, config: Config): JobOptions {
  return {
    ...pricesFor(config, options.maxCost),
    ...(options.copy && { copy: true as const }),
    ...(typeof options.count === 'number' && { count: options.count }),
    ...(options.lang !== undefined && options.lang !== 'auto' && { language: options.lang }),
    ...(options.focus !== undefined && { focus: options.focus }),
    ...(options.tag && { tags: [...new Set(options.tag)] }),
    ...(options.pages !== undefined && { pages: options.pages }),
    ...(options.maxTokens !== undefined && { max_tokens: options.maxTokens }),
    ...(options.maxCost !== undefined && { max_cost: options.maxCost }),
    ...(options.temperature !== undefined && { temperature: options.temperature }),
    ...(options.reasoningEffort !== undefined && { reasoning_effort: options.reasoningEffort }),
    ...((options.accept === 'verified' || options.accept === 'all') && { accept: options.accept }),
  }
}

/** The same source, asked in the same way, for the same deck. */
function fingerprintOf(
  source: Source,
  options: Options,
  settings: ProviderSettings | null,
  deck_id: string,
): string {
  const asked = [
    source.sha256,
    options.pages ?? null,
    options.count ?? null,
    options.lang ?? null,
    options.focus ?? null,
    settings?.baseURL ?? null,
    settings?.model ?? null,
    PROMPT_VERSION,
    deck_id,
  ]
  return createHash('sha256').update(JSON.stringify(asked)).digest('hex')
}

/** The last job with a fingerprint. */
async function made(db: Database, user: User, fingerprint: string) {
  const [job] = await db
    .select({ job_id: aiJobs.job_id, status: aiJobs.status, outcome: aiJobs.outcome })
    .from(aiJobs)
    .where(and(eq(aiJobs.user_id, user.user_id), eq(aiJobs.fingerprint, fingerprint)))
    .orderBy(sql`${aiJobs.status} in ('pending', 'processing') desc`, desc(aiJobs.created_at))
    .limit(1)
  return job ?? null
}

/** The deck, or the name of one to make. */
async function findOrName(db: Database, user: User, reference: string): Promise<FoundDeck | string> {
  try {
    return await findDeck(db, user, reference, 'edit')
  } catch (error) {
    if (!(error instanceof CliError) || error.kind !== 'not_found' || isId(reference)) throw error
    return checkName('deck', reference)
  }
}

async function orMade(db: Database, user: Author, deck: FoundDeck | string): Promise<FoundDeck> {
  if (typeof deck !== 'string') return deck
  await changing(db, user, (db) =>
    db.insert(decks).values({ user_id: user.user_id, name: deck }).onConflictDoNothing(),
  )
  return findDeck(db, user, deck, 'edit')
}

function cardCount(text: string): number | 'auto' | 'all' {
  return text === 'auto' || text === 'all' ? text : count(text)
}
