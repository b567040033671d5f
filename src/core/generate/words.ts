import { segments, UNSPACED } from '../graphemes.ts'

/** Languages whose commonest words we know. Japanese and Chinese are told by their script. */
export const LANGUAGES = ['en', 'de', 'fr', 'es', 'it', 'pt', 'nl', 'ru'] as const
export type Language = (typeof LANGUAGES)[number]

/** Words that say little by themselves, as they are folded by `wordsOf`. */
const COMMON: Record<Language, string> = {
  en: 'a an the and or but nor not no if then than that this these those there here it its he she they them his her their we us our you your i me my who whom whose which what when where why how is are was were be been being am do does did done has have had having will would shall should can could may might must of to in on at by for from with without into onto over under about between among through during before after above below against up down out off as so such too very also just only both each every all any some many much more most less least few other another same own because while until since whether though although yes one',
  de: 'der die das den dem des ein eine einen einem einer eines und oder aber nicht kein keine keinen wenn dann als dass dies diese dieser dieses diesen jene es er sie ihr ihre ihm ihn ihnen wir uns unser du dein ich mich mein wer wen wem wessen was wann wo warum wie welche welcher welches welchen ist sind war waren sein gewesen wird werden wurde wurden worden hat haben hatte hatten kann konnen konnte konnten soll sollen sollte muss mussen darf von vom zu zum zur in im an am auf aus bei beim fur mit ohne nach vor hinter uber unter zwischen durch gegen um bis seit wahrend so sehr auch nur noch schon man sich selbst alle alles viele mehr weil ob ja',
  fr: 'le la les l un une des du de d au aux et ou mais ne pas ni non si alors que qu ce cet cette ces cela il elle ils elles on se s son sa ses leur leurs nous notre vous votre je tu me mon qui quoi quand comment pourquoi quel quelle quels quelles est sont etait etaient etre ete a ont avait avaient avoir fait peut peuvent doit doivent en dans sur sous par pour avec sans vers chez entre depuis pendant avant apres contre comme plus moins tres aussi bien tout tous toute toutes meme autre autres parce y oui',
  es: 'el la los las un una unos unas del de al y e o u pero no ni si que este esta estos estas ese esa esos esas esto eso lo le les se su sus nos nuestro nuestra yo tu mi me quien quienes cual cuales cuando donde como cuanto cuantos por porque para es son era eran fue fueron ser sido esta estan estaba ha han habia haber hay tiene tienen puede pueden debe en con sin sobre bajo entre desde hasta durante antes despues contra segun mas menos muy tambien solo ya todo todos toda todas otro otra otros cada mismo',
  it: 'il lo la i gli le l un uno una del dello della dei degli delle di da dal dalla dai al allo alla ai agli alle nel nello nella nei nelle sul sulla e ed o ma non ne se che chi cui questo questa questi queste quello quella quelli ci si suo sua suoi sue loro noi nostro voi io tu mi mio quale quali quando dove come perche quanto quanti e sono era erano essere stato stata ha hanno aveva avere puo possono deve in con senza su sotto per tra fra verso durante prima dopo contro piu meno molto anche solo gia tutto tutti tutte altro altri ogni stesso cosa',
  pt: 'o a os as um uma uns umas do da dos das de no na nos nas ao aos pelo pela pelos pelas e ou mas nao nem se que este esta estes estas esse essa isso isto aquele ele ela eles elas lhe seu sua seus suas nosso eu tu meu quem qual quais quando onde como porque quanto quantos sao era eram foi foram ser sido estao estava tem ha tinha ter pode podem deve em com sem sobre sob para por entre desde ate durante antes depois contra mais menos muito tambem so ja tudo todo todos toda todas outro outra outros cada mesmo',
  nl: 'de het een en of maar niet geen als dan dat dit deze die daar hier hij zij ze hun haar hem zijn wij we ons onze jij je jouw ik mij mijn wie wiens wat wanneer waar waarom hoe welke welk is was waren ben bent geweest wordt worden werd werden heeft hebben had hadden kan kunnen kon zal zullen zou moet moeten mag van te in op aan uit bij voor met zonder naar over onder tussen door tegen om tot sinds tijdens na zo zeer ook alleen nog al er zich zelf alle alles veel meer omdat ja nee',
  ru: 'и или но не ни да нет если то что чтобы это этот эта эти этого этой тот та те он она оно они его ее их ему ей им мы нас наш вы вас ваш я ты мой кто кого кому чей чего чем когда где куда почему зачем как какой какая какое какие каков сколько был была было были быть есть будет может могут в во на по к ко с со из от до за у о об обо при для без над под между через перед после во время против более менее очень также тоже только уже еще все всех весь вся который которая которое которые которых которого так же ли бы а',
}

const COMMON_WORDS = Object.fromEntries(
  LANGUAGES.map((language) => [language, new Set(COMMON[language].split(' '))]),
) as Record<Language, Set<string>>

const ANY_COMMON = new Set(LANGUAGES.flatMap((language) => [...COMMON_WORDS[language]]))

/** Whether a folded word is one of those that say little, in any language that we know. */
export function isCommon(word: string): boolean {
  return ANY_COMMON.has(word)
}

const WORD = /[\p{L}\p{M}\p{N}]+/gu

/** A word without case and accents, so that it can be compared. */
export function foldWord(word: string): string {
  if (/^[a-z0-9]+$/.test(word)) return word
  const plain = word.normalize('NFKC').toLowerCase().normalize('NFD')
  return plain
    .replace(/(?<=[\p{sc=Latin}\p{sc=Greek}])\p{M}+/gu, '')
    .normalize('NFC')
    .replace(/[ßςё]/g, (letter) => ({ ß: 'ss', ς: 'σ', ё: 'е' })[letter] ?? letter)
}

/**
 * The words of a text, folded, in order. Where a script has no spaces between words, each character stands for itself.
 */
export function wordsOf(text: string): string[] {
  return Array.from(text.matchAll(WORD), ([word]) => word).flatMap((word) =>
    UNSPACED.test(word)
      ? bySpacing(word).flatMap((run) => (UNSPACED.test(run) ? [...run] : [foldWord(run)]))
      : [foldWord(word)],
  )
}

/** A word in runs with and without spaces in their script: "DNAの" is two. */
function bySpacing(word: string): string[] {
  return word.match(RUNS) ?? []
}
const RUNS =
  /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Mymr}\u30fc]+|[^\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Mymr}\u30fc]+/gu

/** About how many words a text has; in scripts without spaces two characters are taken for one. */
export function countWords(text: string): number {
  const words = wordsOf(text)
  const unspaced = words.filter((word) => UNSPACED.test(word)).length
  return words.length - unspaced + Math.round(unspaced / 2)
}

/**
 * The language of a text by its commonest words, and how many of them there are in each language; null when there are
 * too few, or two languages are as likely.
 */
export function languageOf(text: string, least = 8): Language | null {
  const counts = commonCounts(wordsOf(text))
  const [[best, most] = [null, 0], [, next] = [null, 0]] = [...counts].sort((a, b) => b[1] - a[1])
  return most >= least && most >= 1.3 * next ? best : null
}

/** How many of the words are common ones of each language. */
export function commonCounts(words: readonly string[]): Map<Language, number> {
  return new Map(
    LANGUAGES.map((language) => [language, words.filter((word) => COMMON_WORDS[language].has(word)).length]),
  )
}

const SCRIPTS = ['Latin', 'Cyrillic', 'Greek', 'Arabic', 'Hebrew', 'Hangul', 'Devanagari', 'Thai'] as const
/** A script that tells languages apart; Chinese and Japanese share one, which kana tell apart. */
export type Script = (typeof SCRIPTS)[number] | 'Kana' | 'Han' | 'other'

const SCRIPT_OF: [Script, RegExp][] = [
  ['Kana', /[\p{sc=Hira}\p{sc=Kana}]/gu],
  ['Han', /\p{sc=Han}/gu],
  ...SCRIPTS.map((script): [Script, RegExp] => [script, new RegExp(`\\p{sc=${script}}`, 'gu')]),
]

/** How many letters of a text are of each script. */
export function scriptCounts(text: string): Map<Script, number> {
  const counts = new Map<Script, number>()
  let known = 0
  for (const [script, pattern] of SCRIPT_OF) {
    const count = text.match(pattern)?.length ?? 0
    if (count > 0) counts.set(script, count)
    known += count
  }
  const others = (text.match(/\p{L}/gu)?.length ?? 0) - known
  if (others > 0) counts.set('other', others)
  return counts
}

const bySentence = new Intl.Segmenter('en', { granularity: 'sentence' })

/** The sentences of a text, across the ends of its lines; they are as long as the text together. */
export function sentencesOf(text: string): Iterable<string> {
  return segments(bySentence, text.replace(/[\r\n\u0085\u2028\u2029]/g, ' '))
}
