import { hash } from 'node:crypto'
import { textProblem } from '../core/card.ts'
import { checkName } from '../core/name.ts'
import { CliError, conflict, usage } from '../errors.ts'
import type { FileCard, FileImage, ParsedRecord } from '../formats/format.ts'
import { Fingerprints } from './fingerprints.ts'
import type { OnDuplicate, OnError } from './policy.ts'
import { Spool } from './spool.ts'

/** A checked card on its way to the database, with the line it came from. */
export type IncomingCard = Omit<FileCard, 'deck'> & {
  /** `into` says it. */
  deck?: undefined
  line: number
  place?: string
  /** Which of the decks. */
  into: number
}

/** A record that was left out, and why. */
export interface Reject {
  line: number
  place?: string
  problem: string
  /** To the letter; left out where the format has no such text. */
  raw?: string
}

/** A whole input, read and found good. */
export interface Gathered {
  /** Of IncomingCard, which can be read more than once. */
  batches: { read(): AsyncIterable<IncomingCard[]>; discard(): Promise<void> }
  cards: number
  /** Cards left out because the same input has them twice: the later one, or the earlier one with update. */
  repeated: number
  /** The names of the decks that cards go into, in the order in which they come. */
  decks: string[]
  rejected: number
  /** The rejected, in order. */
  rejects(): AsyncIterable<Reject[]>
}

/** What the person wants of an input. */
export interface GatherOptions {
  /** What its lines are called by: `words.csv:17: …`. */
  name: string
  /** The deck for all cards, whatever the file says. */
  deck: string | null
  /** The deck for cards of which the file does not say one; null: they need `deck`. */
  otherwise: string | null
  /** Added to those that cards have. */
  tags: readonly string[]
  onDuplicate: OnDuplicate
  onError: OnError
  /** What to try when some of the records cannot be read. */
  hint?: string
  /** Where a picture is that the file names, null for nowhere; asked before anything is written. Without it, the name is a URL. */
  imageUrl?: (image: FileImage) => Promise<string | null>
  progress: (cards: number) => void
}

/** As much as one statement takes at once. */
const BATCH = 5000
const BATCH_CHARACTERS = 4_000_000
/** Named one by one; a file with more problems than that is the wrong file. */
const PROBLEMS_SHOWN = 1000

/**
 * Reads an input to its end and checks all of it before anything is written. Throws one CliError that names every bad line: failure,
 * unless `onError` is skip, or conflict when cards are repeated and `onDuplicate` is error.
 */
export async function gather(
  records: AsyncIterable<ParsedRecord[]>,
  options: GatherOptions,
): Promise<Gathered> {
  const { name, onDuplicate, onError, progress } = options
  const batches = new Spool()
  const rejected = new Spool()
  const discard = async () => {
    await batches.discard()
    await rejected.discard()
  }
  const decks = new DeckNames(options)
  const repeats: string[] = []
  /** The line of each card, or with update the batch in which it comes last. */
  const seen = new Fingerprints()
  let batch: Batch = new Map()
  let rejects: Reject[] = []
  let characters = 0
  let flushed = 0
  let total = 0
  let cards = 0
  let repeated = 0
  let rejections = 0
  let superseded = false
  let homeless = false

  const flush = async () => {
    if (batch.size > 0) await batches.add(JSON.stringify([...batch.values()]))
    if (rejects.length > 0) await rejected.add(JSON.stringify(rejects))
    batch = new Map()
    rejects = []
    characters = 0
    flushed++
    progress(cards)
  }
  async function* rejectsOf(): AsyncGenerator<Reject[]> {
    for await (const text of rejected.read()) yield JSON.parse(text)
    if (rejects.length > 0) yield rejects
  }
  try {
    reading: for await (const page of records) {
      for (const record of page) {
        total++
        const { line, place, raw } = record
        const problem = 'problem' in record ? record.problem : problemOf(record.card, decks)
        if ('problem' in record || problem !== null) {
          rejections++
          if (onError === 'skip' || rejections <= PROBLEMS_SHOWN)
            rejects.push({ line, ...(place && { place }), problem: problem ?? '', ...(raw && { raw }) })
          characters += raw?.length ?? 0
        } else {
          const into = decks.numberOf(record.card)
          if (into === null) {
            homeless = true
            break reading
          }
          const card = await incoming(record, into, options)
          const key = keyOf(card)
          const before = seen.get(key)
          if (before !== undefined && onDuplicate === 'error') {
            repeats.push(
              `${placeOf(name, record)}: the same card as in ${before ? `line ${before}` : 'another record'}`,
            )
          } else if (before !== undefined && onDuplicate === 'skip') {
            repeated++
          } else if (onDuplicate === 'update') {
            // the last one counts: an earlier one of this batch is replaced, one of another is left out on the way out
            if (before === undefined) cards++
            else repeated++
            superseded ||= (before ?? flushed) !== flushed
            seen.set(key, flushed)
            batch.set(key.toString('latin1'), card)
          } else {
            // only `keep` takes a key in twice, and the first card has it
            if (before !== undefined) card.external_id = null
            seen.set(key, line)
            cards++
            batch.set(total, card)
          }
          characters += card.question.length + card.answer.length
        }
        if (batch.size >= BATCH || rejects.length >= BATCH || characters >= BATCH_CHARACTERS) await flush()
      }
    }
    await flush()
  } catch (error) {
    const before = await describe(rejectsOf(), rejections, name)
    await discard()
    if (!(error instanceof CliError)) throw error
    const { kind, message, hint } = inWords(error, name)
    throw new CliError(kind, [...before, message].join('\n'), hint)
  }
  const fault = homeless
    ? usage(`Cards from ${name === '-' ? 'standard input' : name} need a deck.`, 'Name it: --deck <name>')
    : rejections > 0 && onError === 'abort'
      ? await unreadable(rejectsOf(), rejections, total, options)
      : repeats.length > 0
        ? repetitions(repeats, total)
        : total === 0
          ? new CliError('failure', `${name} has no cards in it.`)
          : null
  if (fault) {
    await discard()
    throw fault
  }
  const read = superseded
    ? () => latest(batches, (card, batch) => seen.get(keyOf(card)) === batch)
    : () => parsed(batches)
  return {
    batches: { read, discard },
    cards,
    repeated,
    decks: decks.names,
    rejected: rejections,
    rejects: rejectsOf,
  }
}

/** An error of a reader in whole sentences: what is none goes on behind a place, the line or the whole input. */
export function inWords({ kind, message, hint }: CliError, name: string): CliError {
  const placed = message
    .replace(/^line (\d+): /, `${name}:$1: `)
    .replace(/^(?=no column |this |"|the list of |the compressed )/, `${name}: `)
  return new CliError(kind, `${placed}\nNothing was imported.`, hint)
}

/** By their keys where a later card may replace an earlier one, else by where they stand. */
type Batch = Map<string | number, IncomingCard>

/** What a record is called by, as compilers do it: `words.csv:17`, or `deck.apkg#note=12/ord=0`. */
export function placeOf(name: string, { line, place }: { line: number; place?: string }): string {
  return place === undefined ? `${name}:${line}` : `${name}#${place}`
}

/** The decks of an input, by their numbers. Names that differ in case alone are one deck. */
class DeckNames {
  readonly names: string[] = []
  readonly #numbers = new Map<string, number>()
  readonly #problems = new Map<string, string | null>()
  readonly #deck: string | null
  readonly #otherwise: string | null

  constructor({ deck, otherwise }: Pick<GatherOptions, 'deck' | 'otherwise'>) {
    this.#deck = deck
    this.#otherwise = otherwise
  }

  /** Null when nobody says which deck. */
  numberOf({ deck }: FileCard): number | null {
    const name = this.#deck ?? deck?.trim() ?? this.#otherwise
    if (name === null) return null
    // as a deck is found, whatever its case
    const folded = name.toLowerCase()
    const known = this.#numbers.get(folded)
    if (known !== undefined) return known
    this.#numbers.set(folded, this.names.length)
    return this.names.push(name) - 1
  }

  /** What is wrong with the name that the file has for a card's deck, if it is needed. */
  problemOf({ deck }: FileCard): string | null {
    if (deck === undefined || this.#deck !== null) return null
    const known = this.#problems.get(deck)
    if (known !== undefined) return known
    let problem: string | null = null
    try {
      checkName('deck', deck)
    } catch (error) {
      if (!(error instanceof CliError)) throw error
      problem = `${error.message[0]?.toLowerCase()}${error.message.slice(1, -1)}`
    }
    this.#problems.set(deck, problem)
    return problem
  }
}

async function incoming(
  record: { card: FileCard; line: number; place?: string },
  into: number,
  { tags, imageUrl }: GatherOptions,
): Promise<IncomingCard> {
  const card: IncomingCard = { ...record.card, deck: undefined, line: record.line, into }
  if (record.place !== undefined) card.place = record.place
  if (tags.length > 0) card.tags = [...new Set([...card.tags, ...tags])]
  if (imageUrl && card.images) {
    const images: FileImage[] = []
    for (const image of card.images) {
      const url = await imageUrl(image)
      if (url !== null) images.push({ ...image, url })
    }
    card.images = images
  }
  return card
}

/** What the database would refuse, in words that follow "line 17:"; null when it is fine. A reader has looked at most of it. */
function problemOf(card: FileCard, decks: DeckNames): string | null {
  const { question, answer, tags, accepted_answers, external_id, images = [], attempts = [] } = card
  const small = [
    ...tags,
    ...accepted_answers,
    ...(external_id === null ? [] : [external_id]),
    ...images.flatMap(({ url, alt }) => (alt === null ? [url] : [url, alt])),
  ]
  return (
    textProblem('question', question) ??
    textProblem('answer', answer) ??
    decks.problemOf(card) ??
    (small.every((text) => text.isWellFormed() && !text.includes('\0'))
      ? null
      : 'a tag, key, accepted answer or picture contains a NUL character or half of a character') ??
    (attempts.every(
      ({ attempted_at, duration_ms }) =>
        isInstant(attempted_at) && (duration_ms === null || isCount(duration_ms)),
    )
      ? null
      : 'an answer has a time that is none')
  )
}

const isCount = (number: number) => Number.isInteger(number) && number >= 0 && number < 2 ** 31
/** Years that everything here can hold and write. */
const isInstant = (text: string) => {
  const time = Date.parse(text)
  return time > Date.UTC(1900) && time < Date.UTC(2200)
}

async function* parsed(batches: Spool): AsyncGenerator<IncomingCard[]> {
  for await (const text of batches.read()) yield JSON.parse(text)
}

/** The batches without the cards that come again in a later one. */
async function* latest(
  batches: Spool,
  isLast: (card: IncomingCard, batch: number) => boolean,
): AsyncGenerator<IncomingCard[]> {
  let batch = 0
  for await (const cards of parsed(batches)) {
    const last = cards.filter((card) => isLast(card, batch))
    if (last.length > 0) yield last
    batch++
  }
}

const shown = (all: string[], count: number) =>
  count > PROBLEMS_SHOWN
    ? [...all.slice(0, PROBLEMS_SHOWN), `… and ${(count - PROBLEMS_SHOWN).toLocaleString('en')} more`]
    : all
const outOf = (n: number, total: number) => `${n.toLocaleString('en')} of ${total.toLocaleString('en')}`

async function unreadable(
  rejects: AsyncIterable<Reject[]>,
  count: number,
  total: number,
  { name, hint }: GatherOptions,
): Promise<CliError> {
  const end = `${outOf(count, total)} records cannot be read; nothing was imported.`
  return new CliError(
    'failure',
    [...(await describe(rejects, count, name)), end].join('\n'),
    count < total ? hint : undefined,
  )
}

/** The rejected in words, a line each: the first thousand of them. */
export async function describe(
  rejects: AsyncIterable<Reject[]>,
  count: number,
  name: string,
): Promise<string[]> {
  const lines: string[] = []
  for await (const some of rejects) {
    lines.push(...some.map((reject) => `${placeOf(name, reject)}: ${reject.problem}`))
    if (lines.length >= PROBLEMS_SHOWN) break
  }
  return shown(lines, count)
}

function repetitions(repeats: string[], total: number): CliError {
  const are = repeats.length === 1 ? 'is' : 'are'
  const end = `${outOf(repeats.length, total)} cards ${are} repeated; nothing was imported.`
  return conflict([...shown(repeats, repeats.length), end].join('\n'))
}

/** A card's identity within a deck: its key in the file, else its question. A hash, so that no text is kept alive. */
function keyOf({ into, external_id, question }: IncomingCard): Buffer {
  return hash('sha256', external_id === null ? `${into}q${question}` : `${into}x${external_id}`, 'buffer')
}
