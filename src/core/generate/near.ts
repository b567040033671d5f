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

/** Questions and answers have so much in common each, unless one card asks for what the other one answers. */
const LEAST_COMMON = 0.15
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
/**
 * For each candidate, in order, the card that it is like: one that is there already, else an earlier candidate, and of
 * those first one that is like no other; null where there is none. Exact ones come before near ones.
 */
export function duplicates(
  candidates: readonly CardText[],
  existing: readonly CardText[],
): (Duplicate | null)[] {
  const index = new CardIndex()
  for (const [at, text] of existing.entries())
    index.add({ card: new Card(text), of: { among: 'existing', index: at }, isDuplicate: false })
  return candidates.map((candidate, at) => {
    const card = new Card(candidate)
    const found = index.find(card)
    // whoever is like an exact duplicate is like the card that it duplicates
    if (!found?.exact)
      index.add({ card, of: { among: 'candidates', index: at }, isDuplicate: found !== null })
    return found
  })
}

interface Known {
  card: Card
  of: Duplicate['of']
  isDuplicate: boolean
}

/** Cards by the stems of their questions and of their answers. */
class CardIndex {
  private readonly exact = new Map<string, Known>()
  private readonly byQuestion = new Map<string, Known[]>()
  private readonly byAnswer = new Map<string, Known[]>()

  add(known: Known): void {
    const { key, question, answer } = known.card
    if (!this.exact.has(key)) this.exact.set(key, known)
    for (const stem of question.content) put(this.byQuestion, stem, known)
    for (const stem of answer.content) put(this.byAnswer, stem, known)
  }

  find(card: Card): Duplicate | null {
    const same = this.exact.get(card.key)
    if (same) return { exact: true, of: same.of }
    const seen = new Set<Known>()
    let best: Known | null = null
    for (const known of this.withSomethingInCommon(card)) {
      if (seen.has(known)) continue
      seen.add(known)
      if ((best === null || rank(known) < rank(best)) && isNear(card, known.card)) best = known
    }
    return best && { exact: false, of: best.of }
  }

  /** Cards that may be near, some more than once. */
  private *withSomethingInCommon({ question, answer }: Card): Generator<Known> {
    for (const stem of answer.content) yield* this.byAnswer.get(stem) ?? []
    for (const stem of question.content) yield* this.byAnswer.get(stem) ?? []
    const [rarest = []] = [...answer.content]
      .map((stem) => this.byQuestion.get(stem) ?? [])
      .sort((a, b) => a.length - b.length)
    yield* rarest
  }
}

function put(map: Map<string, Known[]>, stem: string, known: Known): void {
  const postings = map.get(stem)
  if (postings) postings.push(known)
  else map.set(stem, [known])
}

/** A card of the deck first, then one that is like no other, then the earlier. */
function rank({ of, isDuplicate }: Known): number {
  return (of.among === 'existing' ? 0 : isDuplicate ? 2e9 : 1e9) + of.index
}

/** A card as it is compared. What few comparisons need is made when it is. */
class Card {
  readonly key: string
  readonly question: Side
  readonly answer: Side
  private both: Set<string> | null = null

  constructor({ question, answer }: CardText) {
    this.question = new Side(question)
    this.answer = new Side(answer)
    this.key = `${sameKey(question)}\n${sameKey(answer) || answer.trim()}`
  }

  /** The words of question and answer, each once. */
  get words(): Set<string> {
    this.both ??= new Set([...this.question.words, ...this.answer.words])
    return this.both
  }
}

class Side {
  /** The stems of the words that say something; of all words where none does. */
  readonly content: Set<string>
  private readonly text: string
  private inOrder: string[] | null = null
  private threes: Set<string> | null = null
  private named: Set<string> | null = null

  constructor(text: string) {
    this.text = text.replace(GROUPING, '')
    const words = wordsOf(this.text).map(figureOf)
    const telling = words.filter((word) => !isCommon(word)).map(stemOf)
    this.content = new Set(telling.length > 0 ? telling : words)
  }

  /** In order; a character of a script without spaces is one. */
  get words(): string[] {
    this.inOrder ??= wordsOf(this.text).map(figureOf)
    return this.inOrder
  }

  get trigrams(): Set<string> {
    this.threes ??= trigramsOf(this.text)
    return this.threes
  }

  /** The stems of names and numbers. */
  get names(): Set<string> {
    if (this.named) return this.named
    const words = Array.from(this.text.matchAll(NAME), ([word]) => word).flatMap(wordsOf)
    this.named = new Set(words.filter((word) => !isCommon(word)).map(stemOf))
    return this.named
  }
}

/** Between the thousands of a number. */
const GROUPING = /(?<=\d)[,.' \u00a0\u202f](?=\d{3}(?!\d))/g
/** A number, or a capital that does not begin the text. */
const NAME = /(?<=[\p{L}\p{N}][^\p{L}\p{N}]*)[\p{Lu}\p{N}][\p{L}\p{M}\p{N}]*/gu

const STEM = 6

/** What is left of a word when its ending is cut off, in whatever language. */
function stemOf(word: string): string {
  if (/\p{N}/u.test(word)) return word
  return word.length > STEM ? word.slice(0, STEM) : word.replace(/(?<=...)s$/, '')
}

function isNear(one: Card, other: Card): boolean {
  const asked = alike(one.question.content, other.question.content)
  const said = alike(one.answer.content, other.answer.content)
  const isTurned =
    isAllIn(one.answer.content, other.question.content) || isAllIn(other.answer.content, one.question.content)
  if (!isTurned && (asked < LEAST_COMMON || said < LEAST_COMMON || isOtherNumber(one.answer, other.answer)))
    return false
  if (isSibling(one.question.words, other.question.words) || isAboutOther(one, other)) return false
  return (
    (asked >= LEAST_CONTENT && isWithin(one.answer.content, other.answer.content)) ||
    (said >= LEAST_SAID && isAskedWithin(one.question.content, other.question.content)) ||
    (alike(one.answer.trigrams, other.answer.trigrams) >= LEAST_ANSWER &&
      alike(one.question.trigrams, other.question.trigrams) >= LEAST_QUESTION) ||
    alike(one.words, other.words) >= LEAST_WORDS
  )
}

/** One word may be the name of a whole field. */
function isAskedWithin(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return Math.min(one.size, other.size) > 1 && isWithin(one, other)
}

/** Whether each answer has a number that the other one has not. */
function isOtherNumber(one: Side, other: Side): boolean {
  const [mine, theirs] = [figures(one.content), figures(other.content)]
  return mine.size > 0 && theirs.size > 0 && !isWithin(mine, theirs)
}

const figures = (words: ReadonlySet<string>) => new Set([...words].filter((word) => /\p{N}/u.test(word)))

/** Whether each question has a name or number that the other card has not at all. */
function isAboutOther(one: Card, other: Card): boolean {
  const lacks = ({ names }: Side, { question, answer }: Card) =>
    [...names].some((name) => !question.content.has(name) && !answer.content.has(name))
  return lacks(one.question, other) && lacks(other.question, one)
}

function isAllIn(small: ReadonlySet<string>, large: ReadonlySet<string>): boolean {
  for (const item of small) if (!large.has(item)) return false
  return small.size > 0
}

/** Whether all items of the smaller set are in the larger one. */
function isWithin(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size <= other.size ? isAllIn(one, other) : isAllIn(other, one)
}

/**
 * The trigrams of a text as PostgreSQL's pg_trgm has them: of each word in lower case, with two spaces before it and one
 * behind (https://www.postgresql.org/docs/current/pgtrgm.html).
 */
export function trigramsOf(text: string): Set<string> {
  const trigrams = new Set<string>()
  for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{M}\p{Nd}]+/gu)) {
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
  const [shorter, longer] = [Math.min(one.length, other.length), Math.max(one.length, other.length)]
  let before = 0
  while (before < shorter && one[before] === other[before]) before++
  let after = 0
  while (after < shorter - before && one.at(-after - 1) === other.at(-after - 1)) after++
  const most = longer - before - after
  if (most <= REPLACED && most < REPLACED_SHARE * longer) {
    const middles = [one, other].map((words) => words.slice(before, words.length - after))
    if (middles.every((words) => words.some((word) => !isCommon(word)))) return true
  }
  if (one.length !== other.length || most === 0) return false
  let replaced = 0
  let isTelling = false
  for (const [at, word] of one.entries()) {
    if (word === other[at]) continue
    replaced++
    isTelling ||= !isCommon(word) || !isCommon(other[at] ?? '')
  }
  return isTelling && replaced <= REPLACED && replaced < REPLACED_SHARE * one.length
}
