import { sameKey } from './form.ts'
import { figureOf } from './numbers.ts'
import { isCommon, wordsOf } from './words.ts'

/*
 * Cards that ask the same in other words. Cards are made after templates ("What is the capital of …?"), so that questions
 * alone say little: two are alike when question and answer are, and not alike when one question is the other with a word
 * replaced.
 */

export interface CardText {
  question: string
  answer: string
}

/** A card that another one is like. */
export interface Duplicate {
  /** Letters and digits of question and answer are the same. */
  exact: boolean
  /** Where the other card is found. */
  of: { among: 'existing' | 'candidates'; index: number }
}

/** Questions that are so alike, with answers that are so alike; as pg_trgm measures it. */
const LEAST_QUESTION = 0.2
const LEAST_ANSWER = 0.5
/** Or so many words of both together in common. */
const LEAST_WORDS = 0.5
/** Or all that one answer says is in the other, and so much of what the questions say is in both. */
const LEAST_CONTENT = 0.4
/** Or all that one question says is in the other, and so much of what the answers say is in both. */
const LEAST_SAID = 0.25
/** One question is the other with so many words replaced, of which there are fewer than this part. */
const REPLACED = 2
const REPLACED_SHARE = 0.45
/** A word that more cards have than this is no way to find those that are like one. */
const MOST_POSTINGS = 2000

/**
 * For each candidate, in order, the card that it is like: one that is there already, else an earlier candidate, and of
 * those first one that is like no other; null where there is none. Exact ones come before near ones.
 */
export function duplicates(
  candidates: readonly CardText[],
  existing: readonly CardText[],
): (Duplicate | null)[] {
  const index = new CardIndex()
  for (const [at, card] of existing.entries())
    index.add(cardOf(card), { among: 'existing', index: at }, false)
  return candidates.map((candidate, at) => {
    const card = cardOf(candidate)
    const found = index.find(card)
    // whoever is like an exact duplicate is like the card that it duplicates
    if (!found?.exact) index.add(card, { among: 'candidates', index: at }, found !== null)
    return found
  })
}

interface Card {
  key: string
  question: Side
  answer: Side
  /** The words of both, each once. */
  words: Set<string>
}

interface Side {
  /** In order; a character of a script without spaces is one. */
  words: string[]
  trigrams: Set<string>
  /** The stems of the words that say something; of all words where none does. */
  content: Set<string>
  /** Names and numbers, folded. */
  names: Set<string>
}

interface Known {
  card: Card
  of: Duplicate['of']
  isDuplicate: boolean
}

class CardIndex {
  private readonly exact = new Map<string, Known>()
  private readonly postings = new Map<string, Known[]>()

  add(card: Card, of: Duplicate['of'], isDuplicate: boolean): void {
    const known = { card, of, isDuplicate }
    if (!this.exact.has(card.key)) this.exact.set(card.key, known)
    for (const word of card.words) {
      const postings = this.postings.get(word)
      if (postings) postings.push(known)
      else this.postings.set(word, [known])
    }
  }

  find(card: Card): Duplicate | null {
    const same = this.exact.get(card.key)
    if (same) return { exact: true, of: same.of }
    const rare = [...card.words].filter((word) => (this.postings.get(word)?.length ?? 0) <= MOST_POSTINGS)
    const near = new Set(rare.flatMap((word) => this.postings.get(word) ?? []))
    const found = [...near].filter((known) => isNear(card, known.card))
    const best = found.sort((a, b) => rank(a) - rank(b))[0]
    return best ? { exact: false, of: best.of } : null
  }
}

/** A card of the deck first, then one that is like no other, then the earlier. */
function rank({ of, isDuplicate }: Known): number {
  return (of.among === 'existing' ? 0 : isDuplicate ? 2e9 : 1e9) + of.index
}

function cardOf({ question, answer }: CardText): Card {
  const sides = { question: sideOf(question), answer: sideOf(answer) }
  return {
    ...sides,
    key: `${sameKey(question)}\n${sameKey(answer) || answer.trim()}`,
    words: new Set([...sides.question.words, ...sides.answer.words]),
  }
}

function sideOf(text: string): Side {
  const words = wordsOf(text).map(figureOf)
  const content = words.filter((word) => !isCommon(word)).map(stemOf)
  const inside = Array.from(
    text.matchAll(/(?<=[\p{L}\p{N}][^\p{L}\p{N}]*)[\p{Lu}\p{N}][\p{L}\p{M}\p{N}]*/gu),
    ([word]) => word,
  )
  return {
    words,
    trigrams: trigramsOf(text),
    content: new Set(content.length > 0 ? content : words),
    names: new Set(
      inside
        .flatMap(wordsOf)
        .filter((word) => !isCommon(word))
        .map(stemOf),
    ),
  }
}

const STEM = 6

/** What is left of a word when its ending is cut off, in whatever language. */
function stemOf(word: string): string {
  if (/\p{N}/u.test(word)) return word
  return word.length > STEM ? word.slice(0, STEM) : word.replace(/(?<=...)s$/, '')
}

function isNear(one: Card, other: Card): boolean {
  if (isSibling(one.question.words, other.question.words) || isAboutOther(one, other)) return false
  const question = alike(one.question.trigrams, other.question.trigrams)
  const answer = alike(one.answer.trigrams, other.answer.trigrams)
  if ((question >= LEAST_QUESTION && answer >= LEAST_ANSWER) || alike(one.words, other.words) >= LEAST_WORDS)
    return true
  const asked = alike(one.question.content, other.question.content)
  if (isWithin(one.answer.content, other.answer.content) && asked >= LEAST_CONTENT) return true
  const isAskedWithin =
    Math.min(one.question.content.size, other.question.content.size) > 1 &&
    isWithin(one.question.content, other.question.content)
  return isAskedWithin && alike(one.answer.content, other.answer.content) >= LEAST_SAID
}

/** Whether each question has a name or number that the other card has not at all. */
function isAboutOther(one: Card, other: Card): boolean {
  const lacks = (names: Side, { question, answer }: Card) =>
    [...names.names].some((name) => !question.content.has(name) && !answer.content.has(name))
  return lacks(one.question, other) && lacks(other.question, one)
}

/** Whether all items of the smaller set are in the larger one. */
function isWithin(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  const [small, large] = one.size <= other.size ? [one, other] : [other, one]
  return small.size > 0 && [...small].every((item) => large.has(item))
}

/**
 * The trigrams of a text as PostgreSQL's pg_trgm has them: of each word in lower case, with two spaces before it and one
 * behind (https://www.postgresql.org/docs/current/pgtrgm.html).
 */
export function trigramsOf(text: string): Set<string> {
  const trigrams = new Set<string>()
  for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{M}\p{N}]+/gu)) {
    const characters = [' ', ' ', ...word, ' ']
    for (let at = 0; at + 2 < characters.length; at++) trigrams.add(characters.slice(at, at + 3).join(''))
  }
  return trigrams
}

/** The part of two sets that they have in common (Jaccard); 0 when both are empty. */
export function alike(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  const [small, large] = one.size <= other.size ? [one, other] : [other, one]
  let common = 0
  for (const item of small) if (large.has(item)) common++
  const all = one.size + other.size - common
  return all === 0 ? 0 : common / all
}

/** Whether one question is the other with a word or two replaced by others that say something: capital of France, of Spain. */
function isSibling(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false
  const replaced = one.flatMap((word, at) => (word === other[at] ? [] : [[word, other[at] ?? '']]))
  const isTelling = replaced.some((pair) => pair.some((word) => !isCommon(word)))
  return isTelling && replaced.length <= REPLACED && replaced.length < REPLACED_SHARE * one.length
}
