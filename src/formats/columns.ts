import type { CardText } from '../core/card.ts'
import { usage } from '../errors.ts'

type Field = keyof CardText

/** Names under which each field goes in other people's files, best first. */
export const ALIASES = {
  question: ['question', 'front', 'term', 'word', 'expression', 'prompt', 'q'],
  answer: ['answer', 'back', 'definition', 'meaning', 'translation', 'response', 'a'],
  tags: ['tags', 'tag', 'labels'],
  difficulty_level: ['difficulty_level', 'difficulty', 'level'],
  accepted_answers: ['accepted_answers', 'accepted', 'alternatives'],
  external_id: ['external_id', 'guid', 'id', 'key', 'uuid'],
} as const satisfies Record<Field, readonly string[]>

/** The fields of a card in the order in which every writer puts them. */
export const FIELDS = Object.keys(ALIASES) as Field[]

const KNOWN_NAMES: ReadonlySet<string> = new Set(Object.values(ALIASES).flat())

/** Whether a name, as it is compared, is one under which a field goes. */
export const isKnownName = (name: string) => KNOWN_NAMES.has(name)

/** Which cell of a row holds which field, 0-based. `header` says that the first row was names and no card. */
export interface Columns {
  header: boolean
  width: number
  /** The column with the deck of each card, if there is one. */
  deck?: number
  index: { question: number; answer: number } & Partial<Record<Field, number>>
}

const DECK = 'deck'

/** A name as it is compared: without case and outer white space. */
export const comparable = (name: string) => name.trim().toLowerCase()

/**
 * Reads the first row of a table as its header, or decides that it has none. `chosen` is `--columns`, `said` is whether there is a
 * header, if that was said.
 * A wrong guess here would write rubbish or lose a card, so a file without a header is taken only when it has two
 * columns and no known name in them, or when the person gave the columns by number.
 * Throws a usage error when there is no column for the question or the answer, or a chosen one does not exist.
 */
export function findColumns(
  first: string[],
  chosen: Partial<Record<Field, string>>,
  said?: boolean,
): Columns {
  if (said === false) return numbered(first, chosen)
  const names = first.map(comparable)
  const known = names.filter((name) => KNOWN_NAMES.has(name)).length
  const width = first.length
  if (said === undefined && Object.keys(chosen).length === 0 && width === 2 && known === 0) {
    return { header: false, width, index: { question: 0, answer: 1 } }
  }
  const index: Partial<Record<Field, number>> = {}
  for (const field of FIELDS) {
    const reference = chosen[field]
    if (reference !== undefined) index[field] = resolve(reference, names, first)
  }
  // One known name may be a card, such as "word, Wort"; two are a header.
  const header = said === true || known >= 2 || !givenByNumber(chosen, names)
  if (header) {
    const taken = new Set(Object.values(index))
    for (const field of FIELDS) {
      if (index[field] !== undefined) continue
      const alias = ALIASES[field].find((name) => names.includes(name) && !taken.has(names.indexOf(name)))
      if (alias !== undefined) index[field] = names.indexOf(alias)
    }
  }
  const { question, answer } = index
  if (question === undefined || answer === undefined) throw missing(question, answer, first)
  const deck = header ? names.indexOf(DECK) : -1
  return {
    header,
    width,
    ...(deck >= 0 && !Object.values(index).includes(deck) && { deck }),
    index: { ...index, question, answer },
  }
}

/** The columns of a table without a header: as chosen by number, else the first two. */
function numbered(first: string[], chosen: Partial<Record<Field, string>>): Columns {
  const index: Partial<Record<Field, number>> = {}
  for (const field of FIELDS) {
    const reference = chosen[field]
    if (reference !== undefined) index[field] = resolve(reference, [], first)
  }
  const free = first.map((_, at) => at).filter((at) => !Object.values(index).includes(at))
  const question = index.question ?? free.shift()
  const answer = index.answer ?? free.shift()
  if (question === undefined || answer === undefined) throw missing(question, answer, first)
  return { header: false, width: first.length, index: { ...index, question, answer } }
}

function givenByNumber(chosen: Partial<Record<Field, string>>, names: string[]): boolean {
  const references = Object.values(chosen)
  const numbers = references.every((name) => /^\d+$/.test(name.trim()) && !names.includes(comparable(name)))
  return numbers && chosen.question !== undefined && chosen.answer !== undefined
}

function resolve(reference: string, names: string[], first: string[]): number {
  const byName = names.indexOf(comparable(reference))
  if (byName >= 0) return byName
  const byNumber = /^\d+$/.test(reference.trim()) ? Number(reference) - 1 : -1
  if (byNumber >= 0 && byNumber < first.length) return byNumber
  throw usage(`no column "${reference}": the file has ${list(first)}`)
}

function missing(question: number | undefined, answer: number | undefined, first: string[]) {
  const wanted = [
    ...(question === undefined ? ['question'] : []),
    ...(answer === undefined ? ['answer'] : []),
  ]
  const free = first.map((_, index) => index).filter((index) => index !== question && index !== answer)
  const example = wanted.map((field, nth) => `${field}=${shellWord(first, free[nth])}`).join(',')
  const hint =
    free.length < wanted.length
      ? 'Columns are separated by a comma, a semicolon, a tab or a |, the same one in the whole file.'
      : `Say which columns to use, for example: --columns ${example}${first.length === 2 && wanted.length === 1 ? '; or if this is a card: --no-header' : ''}`
  return usage(`no column for the ${wanted.join(' and the ')}: the file has ${list(first)}`, hint)
}

const list = (names: string[]) => names.map((name) => `"${name}"`).join(', ')

/** A column for use on a command line: its name when a shell leaves it alone, else its number. */
function shellWord(first: string[], index = 0): string {
  const name = first[index] ?? ''
  return /^[\p{L}\p{N}_.:-]+$/u.test(name) ? name : String(index + 1)
}
