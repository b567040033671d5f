import { UNSPACED } from '../graphemes.ts'
import { normalise } from './normalise.ts'
import { figureOf } from './numbers.ts'
import { foldWord, isCommon, type Language } from './words.ts'

/*
 * Names that an answer has and its source does not. Where a script has capitals, a name has one; what begins a sentence
 * has one as well, so such a word must be in the source too, in some form of it. So have all German nouns: there it is the
 * words around one, its ending, and the words that it is made of that tell an ordinary one. Where there are no capitals every
 * word may be a name.
 */

/** The words of a source, as names are looked for among them. */
export interface Vocabulary {
  /** Folded. */
  words: ReadonlySet<string>
  /** Those of them that the source writes with a small letter: words of the language. */
  ordinary: ReadonlySet<string>
  /** The normalised text, for scripts whose words cannot be told apart. */
  text: string
  language: Language | null
}

const WORD = /[\p{L}\p{M}\p{N}]+/gu

/** The vocabulary of a source in this language, of which `text` is the normalised form. */
export function vocabularyOf(source: string, text: string, language: Language | null): Vocabulary {
  const written = Array.from(source.normalize('NFKC').matchAll(WORD), ([word]) => word)
  return {
    words: new Set([
      ...written.map(foldWord),
      ...Array.from(text.matchAll(WORD), ([word]) => foldWord(word)),
    ]),
    ordinary: new Set(written.filter((word) => /^\p{Ll}/u.test(word)).map(foldWord)),
    text,
    language,
  }
}

/** Whether an answer has a name that the source does not have in any form. */
export function hasUnknownName(answer: string, source: Vocabulary): boolean {
  const text = answer.normalize('NFKC').replace(/[\u00ad\u200b-\u200f]/g, '')
  return Array.from(text.matchAll(WORD)).some(({ 0: word, index }) => {
    const before = text.slice(0, index)
    const isFirst = /(?:^|[.!?:;\n])[^\p{L}\p{N}]*$/u.test(before)
    return !isKnown(word, { answer: text, before, isFirst }, source)
  })
}

/** Where a word stands: with a capital it may be the first of a sentence, and any word. */
interface Place {
  answer: string
  before: string
  isFirst: boolean
}

function isKnown(word: string, place: Place, source: Vocabulary): boolean {
  const folded = foldWord(word)
  if (/^\p{N}/u.test(word) || source.words.has(folded) || figureOf(folded) !== folded) return true
  if (UNSPACED.test(word)) return runsOf(word).every((run) => isRunKnown(run, word, source))
  if (/\p{Lu}|\p{Lt}/u.test(word)) return isNameKnown(word, place, source)
  // a small letter in a script that has capitals
  return /\p{Ll}/u.test(word) || isCommon(folded) || isUncasedKnown(normalise(word), source)
}

function isNameKnown(word: string, { answer, before, isFirst }: Place, source: Vocabulary): boolean {
  const folded = foldWord(word)
  if (isCommon(folded) || (isFirst && STARTERS.has(folded))) return true
  if (word.length === 1) return answer.trim().length > 1
  for (const other of source.words) if (isInflected(folded, other)) return true
  if (isFirst) for (const other of source.ordinary) if (isRelated(folded, other)) return true
  return source.language === 'de' && isGermanNoun(word, before, source)
}

/** Before a noun, with an adjective between them or not. Some names have an article too (die Schweiz), and pass. */
const DETERMINER =
  /(?:^|[^\p{L}])(?:d(?:er|ie|as|en|em|es)|(?:k|m|d|s)?ein(?:e[rnms]?)?|ihre?[rnms]?|zum|zur|im|am|beim|vom|ins|ans|diese[rnms]?|jede[rnms]?|welche[rnms]?|alle[rn]?|viele[rn]?|mehrere[rn]?|einige[rn]?|wenige[rn]?)\s+(?:\p{Ll}+e[rnms]?\s+)?$/iu
/** Endings that make nouns of other words. */
const NOUN_ENDING = /.{3}(?:ung|heit|keit|schaft|[ts]ion|itat|ismus)(?:en|s)?$/

/** Whether a German word with a capital that the source does not have is a noun like others. */
function isGermanNoun(word: string, before: string, { words }: Vocabulary): boolean {
  // several capitals are an abbreviation
  if (/\p{Lu}.*\p{Lu}/u.test(word)) return false
  const folded = foldWord(word)
  if (DETERMINER.test(before) || NOUN_ENDING.test(folded)) return true
  for (const other of words) {
    const isPart = other.length >= GERMAN_STEM && (folded.startsWith(other) || folded.endsWith(other))
    const shared = sharedLength(folded, other)
    if (isPart || (shared >= GERMAN_STEM && shared >= 0.6 * Math.min(folded.length, other.length)))
      return true
  }
  return false
}

/** So many letters of a word are its stem, or a word that it is put together of. */
const GERMAN_STEM = 5

/** Words that answers begin with and that are no names. */
const STARTERS = new Set(
  'none nothing nobody something someone everything everyone about approximately around nearly almost roughly using usually often always never sometimes like unlike together instead otherwise thus hence therefore since having being making keine nichts niemand etwas ungefahr etwa fast meist oft immer nie rien personne environ presque souvent toujours jamais nada nadie casi siempre nunca niente nessuno circa quasi sempre mai ninguem cerca niets niemand ongeveer bijna altijd nooit ничего никто около почти всегда никогда потому'.split(
    ' ',
  ),
)

/** Endings of cases and plurals of names. */
const NAME_ENDINGS = new Set(['s', 'es', 'n', 'en', 'e', 'er', 'ern', 'ens', 'ers'])
const CYRILLIC_NAME = /^\p{sc=Cyrillic}+$/u

/** Whether one is the other with an ending of a case or the plural. */
function isInflected(one: string, other: string): boolean {
  const shared = sharedLength(one, other)
  if (shared < 3) return false
  const [a, b] = [one.slice(shared), other.slice(shared)]
  if (CYRILLIC_NAME.test(one))
    return shared >= 4 ? a.length <= 3 && b.length <= 3 : a.length <= 2 && b.length <= 2
  return shared >= 4 && ((a === '' && NAME_ENDINGS.has(b)) || (b === '' && NAME_ENDINGS.has(a)))
}

/** Endings that make a word of another: digests and digestion. */
const ENDINGS = new Set(
  ' s es ed d e y ing er ers or ors ion ions tion sion ation ations ies ied al ally ly ment ments ity ness ive ure t te ted tes ting ce nt'.split(
    ' ',
  ),
)

/** Whether two ordinary words are of the same family. */
function isRelated(one: string, other: string): boolean {
  const shared = sharedLength(one, other)
  const [a, b] = [one.slice(shared), other.slice(shared)]
  if (shared >= 7 && a.length <= 4 && b.length <= 4) return true
  return shared >= 4 && ENDINGS.has(a) && ENDINGS.has(b)
}

function sharedLength(one: string, other: string): number {
  let shared = 0
  while (shared < one.length && one[shared] === other[shared]) shared++
  return shared
}

/** Beginnings that Arabic and Hebrew write together with a word, and endings. */
const ARABIC = /^(?:وال|بال|كال|فال|لل|ال|[وبلفكس])?(.{3,}?)(?:ها|هم|هن|ات|ين|ون|ان|ية|[ةهيا])?$/u
const HEBREW = /^[והבלכשמ]{0,3}?(.{2,})$/u

/** A word of a script without capitals: its stem must stand somewhere. */
function isUncasedKnown(word: string, { text }: Vocabulary): boolean {
  if (text.includes(word)) return true
  if (word.length < 2) return true
  if (/\p{sc=Arabic}/u.test(word)) return text.includes(ARABIC.exec(word)?.[1] ?? word)
  if (/\p{sc=Hebrew}/u.test(word))
    return [1, 2].some(
      (prefix) => word.length - prefix >= 2 && HEBREW.test(word) && text.includes(word.slice(prefix)),
    )
  // particles and cases stand at the end
  return [1, 2].some((ending) => word.length - ending >= 2 && text.includes(word.slice(0, -ending)))
}

const RUN =
  /[\p{sc=Han}々]+|[\p{sc=Kana}ー]+|\p{sc=Hira}+|[\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Mymr}\p{M}]+|[^\p{sc=Han}々\p{sc=Kana}ー\p{sc=Hira}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Mymr}]+/gu

const runsOf = (word: string) => word.match(RUN) ?? []

/** Words of Chinese that say little, and numerals, which are looked at as numbers. */
const HAN_COMMON =
  /[的是在了和与與及由被为為之其他她它们們这這那有不也都而以于於或一〇零二三四五六七八九十百千万億亿兆]+/u

function isRunKnown(run: string, word: string, { text }: Vocabulary): boolean {
  // hiragana is grammar
  if (/^\p{sc=Hira}+$/u.test(run)) return true
  if (/^\p{sc=Han}/u.test(run)) {
    const isVerb = new RegExp(`${run}\\p{sc=Hira}`, 'u').test(word)
    return run.split(HAN_COMMON).every((part) => (part.length === 1 && isVerb) || isCovered(part, 2, text))
  }
  if (/^[\p{sc=Kana}ー]/u.test(run)) return text.includes(normalise(run))
  return UNSPACED.test(run) ? isCovered(run, 4, text) : text.includes(normalise(run))
}

/** Whether every character is part of a piece of so many that the text has. */
function isCovered(part: string, size: number, text: string): boolean {
  const characters = [...normalise(part)]
  if (characters.length <= size) return text.includes(characters.join(''))
  const covered = new Set<number>()
  for (let at = 0; at + size <= characters.length; at++)
    if (text.includes(characters.slice(at, at + size).join('')))
      for (let one = at; one < at + size; one++) covered.add(one)
  return covered.size === characters.length
}
