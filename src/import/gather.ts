import { hash } from 'node:crypto'
import type { CardText } from '../core/card.ts'
import { CliError, conflict } from '../errors.ts'
import type { ParsedRecord } from '../formats/format.ts'
import type { OnDuplicate } from './policy.ts'
import { Spool } from './spool.ts'

/** A checked card on its way to the database, with the line it came from. */
export type IncomingCard = CardText & { line: number }

/** A whole input, read and found good. */
export interface Gathered {
  /** JSON arrays of IncomingCard, which can be read more than once. */
  batches: { read(): AsyncIterable<string>; discard(): Promise<void> }
  cards: number
  /** Cards left out because the same input has them twice: the later one, or the earlier one with update. */
  repeated: number
}

const BATCH = 5000
/** Named one by one; a file with more problems than that is the wrong file. */
const PROBLEMS_SHOWN = 1000

/**
 * Reads an input to its end and checks all of it before anything is written. `name` is what its lines are called by:
 * `words.csv:17: …`. Throws one CliError that names every bad line: failure, or conflict when cards are repeated and
 * `onDuplicate` is error.
 */
export async function gather(
  records: AsyncIterable<ParsedRecord[]>,
  name: string,
  onDuplicate: OnDuplicate,
  progress: (cards: number) => void,
): Promise<Gathered> {
  const batches = new Spool()
  const problems: string[] = []
  const repeats: string[] = []
  const seen = new Map<string, number>()
  /** The batch in which each card comes last, for update. */
  const lastIn = new Map<string, number>()
  let batch = new Map<string, IncomingCard>()
  let flushed = 0
  let total = 0
  let cards = 0
  let repeated = 0
  let superseded = false

  const flush = async () => {
    if (batch.size === 0) return
    await batches.add(JSON.stringify([...batch.values()]))
    batch = new Map()
    flushed++
    progress(cards)
  }
  try {
    for await (const page of records) {
      for (const record of page) {
        total++
        if ('problem' in record) {
          problems.push(`${name}:${record.line}: ${record.problem}`)
          continue
        }
        const { card, line } = record
        const key = keyOf(card)
        const before = seen.get(key)
        if (before !== undefined && onDuplicate === 'error') {
          repeats.push(`${name}:${line}: the same card as in line ${before}`)
        } else if (before !== undefined && onDuplicate === 'skip') {
          repeated++
        } else if (onDuplicate === 'update') {
          // the last one counts: an earlier one of this batch is replaced, one of another is left out on the way out
          const earlier = lastIn.get(key)
          if (earlier === undefined) cards++
          else repeated++
          superseded ||= (earlier ?? flushed) !== flushed
          lastIn.set(key, flushed)
          batch.set(key, { ...card, line })
        } else {
          seen.set(key, line)
          cards++
          batch.set(`card ${total}`, { ...card, line })
        }
        if (batch.size >= BATCH) await flush()
      }
    }
  } catch (error) {
    await batches.discard()
    if (!(error instanceof CliError)) throw error
    // what is no sentence goes on behind a place: the line, or the whole input
    const message = error.message
      .replace(/^line (\d+): /, `${name}:$1: `)
      .replace(/^(?=no column |this )/, `${name}: `)
    throw new CliError(error.kind, [...problems, message, 'Nothing was imported.'].join('\n'), error.hint)
  }
  await flush()
  const fault = faultOf(problems, repeats, total, name)
  if (fault) {
    await batches.discard()
    throw fault
  }
  if (!superseded) return { batches, cards, repeated }
  const read = () => latest(batches, (card, batch) => lastIn.get(keyOf(card)) === batch)
  return { batches: { read, discard: () => batches.discard() }, cards, repeated }
}

/** The batches without the cards that come again in a later one. */
async function* latest(
  batches: Spool,
  isLast: (card: IncomingCard, batch: number) => boolean,
): AsyncGenerator<string> {
  let batch = 0
  for await (const text of batches.read()) {
    const cards: IncomingCard[] = JSON.parse(text)
    const last = cards.filter((card) => isLast(card, batch))
    if (last.length > 0) yield JSON.stringify(last)
    batch++
  }
}

function faultOf(problems: string[], repeats: string[], total: number, name: string): CliError | null {
  const lines = (all: string[]) =>
    all.length > PROBLEMS_SHOWN
      ? [...all.slice(0, PROBLEMS_SHOWN), `… and ${all.length - PROBLEMS_SHOWN} more`]
      : all
  const of = (n: number) => `${n.toLocaleString('en')} of ${total.toLocaleString('en')}`
  if (problems.length > 0) {
    const end = `${of(problems.length)} records cannot be read; nothing was imported.`
    return new CliError('failure', [...lines(problems), end].join('\n'))
  }
  if (repeats.length > 0) {
    return conflict(
      [
        ...lines(repeats),
        `${of(repeats.length)} cards ${repeats.length === 1 ? 'is' : 'are'} repeated; nothing was imported.`,
      ].join('\n'),
    )
  }
  return total === 0 ? new CliError('failure', `${name} has no cards in it.`) : null
}

/** A card's identity within a deck: its key in the file, else its question. A hash, so that no text is kept alive. */
function keyOf({ external_id, question }: CardText): string {
  return hash('sha1', external_id === null ? `q${question}` : `x${external_id}`, 'base64')
}
