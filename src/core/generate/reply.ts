import type { Proposal } from './candidate.ts'

// What a model replied. It was asked for JSON of a certain form; what comes is text.

/** The cards of a reply. */
export interface Reply {
  proposals: Proposal[]
  /** False when something is missing or cannot be read: a reply that was cut, or is no JSON, or another one. */
  complete: boolean
  /** There was nothing but thoughts. */
  onlyThoughts: boolean
}

/**
 * Reads the text of a reply: the cards in it, whole ones only, whatever stands around them. Thoughts before it, between
 * `<think>` and `</think>` or without an end, are no part of it. Takes time in proportion to the text, whatever it is.
 */
export function parseReply(text: string): Reply {
  // a raw control character is a mistake inside a JSON string, and no matter elsewhere
  const said = withoutThoughts(text.replace(/(?![\x7f-\x9f])\p{Cc}/gu, ' ')).trim()
  if (said === '') return { proposals: [], complete: false, onlyThoughts: text.trim() !== '' }
  if (/^\[\s*\]$/.test(said)) return { proposals: [], complete: true, onlyThoughts: false }
  return { ...findCards(said), onlyThoughts: false }
}

function withoutThoughts(text: string): string {
  let rest = text
  const begin = /^[^{[]*?<(think(?:ing)?)>/i.exec(rest)
  if (begin) {
    const mark = `</${begin[1]}>`.toLowerCase()
    const end = rest.toLowerCase().indexOf(mark, begin[0].length)
    if (end === -1) return ''
    rest = rest.slice(end + mark.length)
  }
  // some templates begin the thoughts themselves, so that a reply has only their end
  return rest.replace(/^.*<\/think(?:ing)?>\s*(?=(?:```\w*\s*)?[{[])/i, '')
}

/** Reads what can be read, from wherever something begins. */
function findCards(text: string): Pick<Reply, 'proposals' | 'complete'> {
  // an object, or a list of them; in a JSON string the quotation mark would be escaped
  const beginning = /\{\s*"|\[\s*\{/g
  const proposals: Proposal[] = []
  let isFound = false
  let isBroken = false
  // what is nested in itself would be read again and again
  let left = 20 * text.length
  for (let begin = beginning.exec(text); begin && left > 0; begin = beginning.exec(text)) {
    const { at, closed } = endOf(text, begin.index, left)
    left -= at - begin.index
    const value = closed ? parse(text.slice(begin.index, at)) : undefined
    const cards = cardsIn(value)
    if (cards) {
      proposals.push(...cards)
      isFound = true
      beginning.lastIndex = at
    } else {
      // JSON of another kind may have them further inside
      isBroken ||= value === undefined
      beginning.lastIndex = begin.index + 1
    }
  }
  return { proposals, complete: isFound && !isBroken }
}

/** The place behind the bracket that closes the one at `begin`; not `closed`: where the search ended without it. */
function endOf(text: string, begin: number, most: number): { at: number; closed: boolean } {
  const last = Math.min(text.length, begin + most)
  let depth = 0
  let inString = false
  for (let at = begin; at < last; at++) {
    const char = text[at]
    if (inString) {
      if (char === '\\') at++
      else if (char === '"') inString = false
    } else if (char === '"') inString = true
    else if (char === '{' || char === '[') depth++
    else if ((char === '}' || char === ']') && --depth === 0) return { at: at + 1, closed: true }
  }
  return { at: last, closed: false }
}

/** Undefined for what is no JSON, also when the backslashes of formulas are taken as such. */
function parse(json: string): unknown {
  const mended = () => json.replace(/\\(["\\/bfnrt]|u[\da-f]{4})?/gi, (all, good) => (good ? all : '\\\\'))
  try {
    return JSON.parse(json)
  } catch {
    try {
      return JSON.parse(mended())
    } catch {
      return undefined
    }
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The cards of a card, of a list with cards in it, and of an object with such a list; null for anything else. */
function cardsIn(value: unknown): Proposal[] | null {
  if (Array.isArray(value)) return cardsOf(value)
  if (!isObject(value)) return null
  const card = cardOf(value)
  if (card) return [card]
  if (Array.isArray(value.cards)) return cardsOf(value.cards)
  const [list, ...others] = Object.values(value).filter((field) => Array.isArray(field))
  return list && others.length === 0 ? cardsOf(list) : null
}

function cardsOf(list: unknown[]): Proposal[] | null {
  const cards = list.map((item) => (isObject(item) ? cardOf(item) : null)).filter((card) => card !== null)
  return cards.length > 0 || list.length === 0 ? cards : null
}

/** Longer than this is no text of a card; what is long for a person is flagged by the checks. */
const LONGEST = 2000

function cardOf({ quote, page, question, answer }: Record<string, unknown>): Proposal | null {
  if (typeof question !== 'string' || typeof answer !== 'string') return null
  return {
    quote: typeof quote === 'string' ? clean(quote) : '',
    page: pageOf(page),
    question: clean(question),
    answer: clean(answer),
  }
}

/** A page as a number, as text, or as `p. 12`; 0 for what is none. */
function pageOf(page: unknown): number {
  const number = typeof page === 'string' ? Number(/\d+/.exec(page)?.[0] ?? 0) : page
  return typeof number === 'number' && number >= 1 && number < 1_000_000 ? Math.floor(number) : 0
}

function clean(text: string): string {
  return (
    text
      // \beta and \frac with one backslash too few, which JSON reads as a backspace and a form feed
      .replace(/[\b\f](?=[a-z])/g, (char) => (char === '\b' ? '\\b' : '\\f'))
      .replace(/\r\n?/g, '\n')
      .replace(/(?![\n\t])\p{Cc}|\ufeff/gu, '')
      .trim()
      .slice(0, LONGEST)
      .toWellFormed()
  )
}
