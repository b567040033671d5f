import { UNSPACED } from '../graphemes.ts'
import type { Flag, Grounding, Proposal } from './candidate.ts'
import type { Section } from './job.ts'
import { hasUnknownName, type Vocabulary, vocabularyOf } from './names.ts'
import { isBoundary, type Normalised, normalised } from './normalise.ts'
import { hasUnknownFigure, hasUnknownNumber, numbersOf } from './numbers.ts'
import { isCommon, type Language, languageOf, scriptCounts, wordsOf } from './words.ts'

/*
 * Whether a card stands on its source. That its quote is there word for word shows that the passage exists, and that its
 * numbers and names are there, that they are not invented; neither shows that the answer follows from the passage.
 */

/** A section as quotes are looked for in it. */
export interface Reading {
  /** Its text without page marks, normalised. */
  text: Normalised
  /** Where each page begins in the text without marks. */
  pages: { page: number; at: number }[]
  /** Where each run of three words is first found, in the text without marks. */
  trigrams: ReadonlyMap<string, number>
  vocabulary: Vocabulary
  numbers: ReadonlySet<string>
  language: Language | null
}

/** How a quote was found. */
export interface Ground {
  grounding: Grounding
  /** Where it begins, as we found it; null when it was not found, and for a source without pages. */
  page: number | null
  /** In one line, and in the words of the source when it is verified, else in those of the model; null when it gave none. */
  quote: string | null
}

/** A quote with fewer words, or fewer of weight, may stand anywhere. Five Chinese characters are a sentence already. */
const LEAST_WORDS = 3
const LEAST_CONTENT = 2
/** Of so many words one of weight is enough: "They have never been the same". */
const ENOUGH_WORDS = 5
const CHARACTER_WEIGHT = 0.6
const SYLLABLE_WEIGHT = 0.5
const THAI_WEIGHT = 0.2

/** As much of a quote as must be found, in runs of three words, when it is not there as a whole. */
const CLOSE = 0.8

/** Reads a section for all the cards that are made of it. */
export function readSection(section: Section): Reading {
  const { plain, pages } = withoutMarks(section)
  const text = normalised(plain)
  const known = section.heading ? `${plain}\n${section.heading}` : plain
  const language = languageOf(plain)
  return {
    text,
    pages,
    trigrams: trigramsOf(text),
    vocabulary: vocabularyOf(known, text.text, language),
    numbers: numbersOf(known, language),
    language,
  }
}

/** Looks for the quote of a proposal in the whole section: what page the model believes it to be on does not matter. */
export function ground({ quote: given }: Pick<Proposal, 'quote'>, reading: Reading): Ground {
  const quote = given.replace(MARK, ' ').replace(/\s+/g, ' ').trim()
  if (quote === '') return { grounding: 'unverified', page: null, quote: null }
  const wanted = normalised(quote).text.replace(EDGES, '')
  if (wanted === '') return { grounding: 'unverified', page: null, quote }
  const { text } = reading
  for (let at = text.text.indexOf(wanted); at !== -1; at = text.text.indexOf(wanted, at + 1)) {
    const end = at + wanted.length
    if (!isBoundary(text, at) || !isBoundary(text, end)) continue
    const from = text.from[at] ?? 0
    const page = pageAt(reading, from)
    if (!isTelling(quote)) return { grounding: 'close', page, quote }
    return {
      grounding: 'verified',
      page,
      quote: passage(withEdges(text.source, from, text.to[end - 1] ?? from, quote)),
    }
  }
  const page = nearly(wanted, reading)
  return page === undefined
    ? { grounding: 'unverified', page: null, quote }
    : { grounding: 'close', page, quote }
}

/**
 * The flags for numbers and names of a card that its section does not have. Of a question only larger numbers are looked
 * at. In a translation the words are others, so the names can only be told by their capitals, which in German all nouns
 * have.
 */
export function factFlags(
  { question, answer }: Pick<Proposal, 'question' | 'answer'>,
  reading: Reading,
  wanted: string | undefined,
): Flag[] {
  const written = languageOf(`${question} ${answer}`, 2)
  const isTranslated =
    wanted !== undefined &&
    (mainScript(answer) !== mainScript(reading.text.source) ||
      (written !== null && written !== reading.language))
  const language = isTranslated ? written : reading.language
  const flags: Flag[] = []
  if (hasUnknownNumber(answer, reading.numbers, language) || hasUnknownFigure(question, reading.numbers))
    flags.push('number')
  if (!isTranslated && hasUnknownName(answer, reading.vocabulary)) flags.push('name')
  return flags
}

function mainScript(text: string): string | undefined {
  const counts = scriptCounts(text)
  if (counts.has('Kana') || counts.has('Han')) return 'Han'
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0]
}

const MARK = /^\[page \d+\]\s*$/gm
/** What a model adds to a quote or leaves out at its ends. */
const EDGES = /^[\s\p{P}]+(?=[\p{L}\p{N}])|(?<=[\p{L}\p{N}\p{M}])[\s\p{P}]+$/gu

/** The text of a section without its page marks, and where the pages begin in it. */
function withoutMarks({ text, page_from, page_to }: Section) {
  const pages: Reading['pages'] = []
  if (page_from === null || page_to === null) return { plain: text, pages }
  let plain = ''
  let done = 0
  for (const { 0: mark, 1: digits, index } of text.matchAll(/^\[page (\d+)\]$\n?/gm)) {
    const page = Number(digits)
    // a line of the source may look like a mark
    const isNext = page > (pages.at(-1)?.page ?? 0) && page >= page_from && page <= page_to
    if (!isNext) continue
    plain += text.slice(done, index)
    done = index + mark.length
    pages.push({ page, at: plain.length })
  }
  return { plain: plain + text.slice(done), pages }
}

function pageAt({ pages }: Reading, at: number): number | null {
  return pages.findLast((page) => page.at <= at)?.page ?? null
}

/** Whether a quote says enough to be a passage, and not a word that stands in any text. */
function isTelling(quote: string): boolean {
  // what an equation says, it says in single letters
  const isFormula = /[=<>≤≥≈→⇒∝]/u.test(quote)
  let weight = isFormula ? 1 : 0
  let content = 0
  const seen = new Set<string>()
  for (const word of wordsOf(quote)) {
    if (/\p{sc=Thai}|\p{sc=Lao}|\p{sc=Khmer}|\p{sc=Mymr}/u.test(word)) {
      weight += THAI_WEIGHT
      content += THAI_WEIGHT
    } else if (UNSPACED.test(word)) {
      weight += CHARACTER_WEIGHT
      content += CHARACTER_WEIGHT
    } else if (/\p{sc=Hangul}/u.test(word)) {
      weight += Math.max(1, word.length * SYLLABLE_WEIGHT)
      content += Math.max(1, word.length * SYLLABLE_WEIGHT)
    } else {
      weight += 1
      const isContent = isFormula || (!isCommon(word) && (word.length > 1 || /\p{N}/u.test(word)))
      if (isContent && !seen.has(word)) content += 1
      seen.add(word)
    }
  }
  // 5 × 0.6 is a little less than 3
  const isWhole = weight >= ENOUGH_WORDS && content >= 1
  return weight > LEAST_WORDS - 0.01 && (isWhole || content > LEAST_CONTENT - 0.01)
}

interface Place {
  word: string
  at: number
}

function places({ text, from }: Normalised): Place[] {
  return Array.from(text.matchAll(/[\p{L}\p{M}\p{N}]+/gu)).flatMap(({ 0: word, index }) => {
    const words = wordsOf(word)
    let at = index
    return words.map((one) => {
      const place = { word: one, at: from[at] ?? 0 }
      at += one.length
      return place
    })
  })
}

function* threes(words: readonly Place[]): Generator<Place> {
  for (let at = 0; at + 2 < words.length; at++) {
    const [a, b, c] = words.slice(at, at + 3)
    yield { word: `${a?.word} ${b?.word} ${c?.word}`, at: a?.at ?? 0 }
  }
}

function trigramsOf(text: Normalised): Map<string, number> {
  const found = new Map<string, number>()
  for (const { word, at } of threes(places(text))) if (!found.has(word)) found.set(word, at)
  return found
}

/** The page of a quote that is nearly there: the one with most of it. Undefined when it is not. */
function nearly(wanted: string, reading: Reading): number | null | undefined {
  const all = [...threes(places(normalised(wanted)))]
  const found = all.flatMap(({ word }) => reading.trigrams.get(word) ?? [])
  if (all.length === 0 || found.length < CLOSE * all.length) return undefined
  const pages = found.map((at) => pageAt(reading, at))
  const count = (page: number | null) => pages.filter((one) => one === page).length
  return pages.toSorted((a, b) => count(b) - count(a))[0]
}

/** What ends a sentence; in French a space stands before it. */
const END = /^[\u0020\u00a0\u202f]?[!?]|^[.…。．！？؟।]/u
/** Marks that close what others have opened. */
const CLOSING: Record<string, string> = {
  '”': '“„',
  '“': '„',
  '’': '‘‚',
  '»': '«',
  ')': '(',
  ']': '[',
  '」': '「',
  '』': '『',
  '"': '"',
}

/**
 * A passage with the punctuation around it: the end of its sentence and what closes something in it, whether the model has
 * copied that or not; any other mark only where the quote has some too.
 */
function withEdges(source: string, from: number, to: number, quote: string): string {
  const before = /^\p{P}/u.test(quote) ? /\p{P}*$/u.exec(source.slice(Math.max(0, from - 3), from))?.[0] : ''
  const start = from - (before?.length ?? 0)
  const copied = /\p{P}*$/u.exec(quote)?.[0] ?? ''
  const isClosed = [...copied].some((mark) => mark in CLOSING)
  let end = to
  while (end < to + MOST_MARKS) {
    const rest = source.slice(end, end + 3)
    const sentence = END.exec(rest)?.[0]
    const mark = sentence ?? rest.charAt(0)
    const isTaken = sentence
      ? !isWithinWord(source, end)
      : (copied.includes(mark) && mark !== '') ||
        (mark in CLOSING && (isClosed || isOpen(source.slice(start, end), mark)))
    if (!isTaken) break
    end += mark.length
  }
  return source.slice(start, end)
}

const MOST_MARKS = 4

/** Whether a point stands in an address, an abbreviation or a number: what follows a sentence may be a footnote's number. */
function isWithinWord(source: string, at: number): boolean {
  const [before = '', mark, after = ''] = [source[at - 1], source[at], source[at + 1]]
  return mark === '.' && (/\p{L}/u.test(after) || (/\p{N}/u.test(after) && /\p{N}/u.test(before)))
}

/** Whether something is open in a text that this mark closes. */
function isOpen(text: string, closing: string): boolean {
  const opening = CLOSING[closing] ?? ''
  const count = (marks: string) => [...text].filter((character) => marks.includes(character)).length
  return closing === '"' ? count('"') % 2 === 1 : count(opening) > count(closing)
}

/** A passage in one line, without the hyphens that its lines ended with. */
function passage(text: string): string {
  return text
    .replace(/(?<=\p{L})-\s*\n\s*(?=\p{Ll})/gu, '')
    .replace(/\s+/g, ' ')
    .trim()
}
