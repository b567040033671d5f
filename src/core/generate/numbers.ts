import { normalise } from './normalise.ts'
import { foldWord, LANGUAGES, type Language } from './words.ts'

/*
 * Numbers in a text, in whatever spelling: 1,000 and 1.000 and 1 000, twelve and 12, 十二, 1.5 million. What a source says
 * is read generously, as everything that it may mean; what a card says must be among it.
 */

/** What is written at one place; each reading is a decimal number without grouping. */
interface Numeral {
  /** Any of these may be meant. */
  readings: string[]
  /** The numbers that it is put together from, as in a date. */
  parts: string[]
  /** In words, which may mean something else. */
  isWord: boolean
}

/** All numbers that a source may be said to hold. */
export function numbersOf(source: string, language: Language | null): Set<string> {
  const numbers = new Set<string>()
  for (const { readings, parts } of numerals(source, wordsIn(language))) {
    for (const number of [...readings, ...parts]) numbers.add(number)
  }
  for (const [roman] of source.matchAll(ROMAN)) numbers.add(`${romanValue(roman)}`)
  return numbers
}

/** Whether a text has a number that is not among the `known` ones. One is no number: in most languages it is an article. */
export function hasUnknownNumber(
  text: string,
  known: ReadonlySet<string>,
  language: Language | null,
): boolean {
  const bare = withoutMarks(text)
  return numerals(bare, wordsIn(language), true).some(({ readings, parts, isWord }) => {
    if (isWord && readings.every((number) => number === '1' || number === '0')) return false
    return (
      ![...readings].some((number) => known.has(number)) &&
      !(parts.length > 1 && parts.every((number) => known.has(number)))
    )
  })
}

/** Whether a question has a number that is not among the `known` ones: small ones it may have counted itself. */
export function hasUnknownFigure(question: string, known: ReadonlySet<string>): boolean {
  return numerals(question, new Map(), true).some(
    ({ readings, parts }) =>
      readings.every((number) => Number(number) > COUNTED && !known.has(number)) &&
      !(parts.length > 1 && parts.every((number) => known.has(number))),
  )
}

/** A word for a number in digits; any other word as it is. */
export function figureOf(word: string): string {
  const value = ANY_NUMBER_WORD.get(word)
  return value === undefined || value < 2 ? word : `${value}`
}

const COUNTED = 20

/** A list without its numbers, when they are one, two, three. */
function withoutMarks(text: string): string {
  const mark = /(?<=^|\s)\(?(\d{1,2})[.)]\s+(?=\S)/gu
  const marks = Array.from(text.matchAll(mark), ([, digits]) => Number(digits))
  const isList = marks.length > 1 && marks.every((number, at) => number === at + 1)
  return isList ? text.replace(mark, '') : text
}

const TOKEN =
  /(\d+(?:[.,/: ]\d+)*)|([〇零一二三四五六七八九十百千万億亿兆]+)|(?:(?![\p{sc=Han}\p{sc=Hira}\p{sc=Kana}])\p{L}\p{M}*)+\d*|\p{L}/gu

function numerals(source: string, words: ReadonlyMap<string, number>, isStrict = false): Numeral[] {
  // a power is no digit more, a footnote no digit either
  const text = normalise(source.replace(/(?<=[\d\p{L}.,;])(?=[⁰¹²³⁴-⁹])/gu, ' ').replaceAll('^', ' '))
  const found: Numeral[] = []
  let run: number[] = []
  const endRun = () => {
    found.push(...spelt(run))
    // an answer may leave off in the middle: "a hundred" of "a hundred thousand"
    if (!isStrict) found.push(...run.flatMap((value) => spelt([value])))
    run = []
  }
  const tokens = [...text.matchAll(TOKEN)]
  for (const [at, token] of tokens.entries()) {
    const [word = '', digits, kanji] = token
    const value = words.get(foldWord(word))
    if (value !== undefined) {
      run.push(value)
      continue
    }
    if (AND.has(word) && run.length > 0) continue
    endRun()
    if (digits) {
      const before = text.slice(Math.max(0, token.index - 6), token.index)
      const next = tokens[at + 1]
      const multiplier =
        next && /^\s*$/.test(text.slice(token.index + word.length, next.index)) ? multiplierOf(next[0]) : 1
      found.push(...figures(digits, multiplier, before, isStrict))
    } else if (kanji && (!isStrict || kanji.length > 1)) {
      const number = `${kanjiValue(kanji)}`
      found.push({ readings: [number], parts: [], isWord: true })
    }
  }
  endRun()
  return found
}

/** Words between the words of a number. */
const AND = new Set(['and', 'und', 'et', 'y', 'e', 'en'])

/** The numbers of a row of words: "two hundred and five" is one, "two, three" are two. */
function spelt(run: readonly number[]): Numeral[] {
  const found: number[] = []
  let sum = 0
  let group: number | null = null
  const end = () => {
    if (group !== null || sum > 0) found.push(sum + (group ?? 0))
    sum = 0
    group = null
  }
  for (const value of run) {
    if (value >= 1000) {
      sum += (group ?? 1) * value
      group = null
    } else if (value === 100 && group !== null && group > 0 && group < 10) group *= 100
    else if (group === null) group = value
    else if (goesWith(group, value)) group += value
    else {
      end()
      group = value
    }
  }
  end()
  return found.map((value) => ({ readings: [`${value}`], parts: [], isWord: true }))
}

/** Twenty goes with three, and two hundred with twenty, or with three. */
function goesWith(group: number, value: number): boolean {
  return (
    (group >= 20 && group % 10 === 0 && group % 100 !== 0 && value < 10) ||
    (group >= 100 && group % 100 === 0 && value < 100)
  )
}

/** What digits with points, commas, spaces and the like between them may mean. */
function figures(digits: string, multiplier: number, before: string, isStrict: boolean): Numeral[] {
  const times = (number: string) => (multiplier === 1 ? number : decimal(`${Number(number) * multiplier}`))
  const plain = readingsOf(digits)
  // dates, times, lists, and years with a footnote behind
  const isComposed =
    plain.length === 0 || /[/:]|^\d{4,}[.]|^\d{1,2},\d{1,2}$/.test(digits) || digits.includes(' ')
  const parts = isComposed ? digits.split(/[.,/: ]/).map(decimal) : []
  const readings = plain.map(times)
  // 1939-45
  const century = /(?<!\d)(\d{2})\d{2}-$/.exec(before)?.[1]
  if (century && /^\d{2}$/.test(digits)) readings.push(century + digits)
  return [{ readings: isStrict ? readings : [...readings, ...plain], parts, isWord: false }]
}

function readingsOf(digits: string): string[] {
  if (/^\d+$/.test(digits)) return [decimal(digits)]
  const readings: string[] = []
  const grouped = /^\d{1,3}(?:([., ])\d{3})(?:\1\d{3})*(?:(?!\1)[.,](\d+))?$/.exec(digits)
  if (grouped) {
    const [, , fraction] = grouped
    const whole = (fraction === undefined ? digits : digits.slice(0, -fraction.length - 1)).replace(/\D/g, '')
    readings.push(decimal(fraction === undefined ? whole : `${whole}.${fraction}`))
  }
  if (/^\d{1,2}(?:,\d{2})+,\d{3}$/.test(digits)) readings.push(decimal(digits.replaceAll(',', '')))
  if (/^\d+[.,]\d+$/.test(digits)) readings.push(decimal(digits.replace(',', '.')))
  return readings
}

/** A number without what is not needed: 007.50 is 7.5. */
function decimal(number: string): string {
  const [whole = '', fraction = ''] = number.split('.')
  const rest = fraction.replace(/0+$/, '')
  return (whole.replace(/^0+(?=\d)/, '') || '0') + (rest === '' ? '' : `.${rest}`)
}

const MULTIPLIERS: [RegExp, number][] = [
  [/^(?:thousand|tausend|mille|mil|mila|duizend|тыс(?:яч\p{L}*)?)$/u, 1e3],
  [/^万/u, 1e4],
  [/^[億亿]/u, 1e8],
  [/^兆/u, 1e12],
  [/^(?:mio|mln|million(?:s|en|i)?|miljoen|mil(?:l)?on(?:es|e|i)?|milh(?:ao|oes)|млн|миллион\p{L}*)$/u, 1e6],
  [
    /^(?:mrd|mld|bn|billions?|milliard(?:s|e|en|i)?|miljard|milhar(?:es)?|bilh(?:ao|oes)|млрд|миллиард\p{L}*)$/u,
    1e9,
  ],
  [/^(?:trillions?|billion(?:en|es)|billones)$/u, 1e12],
]

function multiplierOf(word: string): number {
  const folded = foldWord(word)
  return MULTIPLIERS.find(([pattern]) => pattern.test(folded))?.[1] ?? 1
}

const KANJI = '〇一二三四五六七八九'
const KANJI_UNITS: Record<string, number> = { 十: 10, 百: 100, 千: 1000 }
const KANJI_GROUPS: Record<string, number> = { 万: 1e4, 億: 1e8, 亿: 1e8, 兆: 1e12 }

function kanjiValue(kanji: string): number {
  let sum = 0
  let group = 0
  let digit = 0
  for (const character of kanji) {
    const unit = KANJI_UNITS[character]
    const larger = KANJI_GROUPS[character]
    if (unit) {
      group += Math.max(1, digit) * unit
      digit = 0
    } else if (larger) {
      sum += Math.max(1, group + digit) * larger
      group = 0
      digit = 0
    } else digit = digit * 10 + Math.max(0, KANJI.indexOf(character))
  }
  return sum + group + digit
}

/** Of two letters at least: C may be anything. */
const ROMAN =
  /(?<![\p{L}\p{N}])(?=[IVXLC]{2})C{0,3}(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})(?=(?:e|er|th|º)?(?![\p{L}\p{N}]))/gu

/** The value of a Roman number in capital or small letters, as far as one of these is made of I, V, X, L and C. */
export function romanValue(roman: string): number {
  const values = [...roman.toUpperCase()].map((letter) => ({ I: 1, V: 5, X: 10, L: 50, C: 100 })[letter] ?? 0)
  return values.reduce((sum, value, at) => sum + (value < (values[at + 1] ?? 0) ? -value : value), 0)
}

/** From nought to twenty, then the tens, then a hundred and a thousand. */
const CARDINALS: Record<Language, string> = {
  en: 'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand',
  de: 'null eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn vierzehn funfzehn sechzehn siebzehn achtzehn neunzehn zwanzig dreissig vierzig funfzig sechzig siebzig achtzig neunzig hundert tausend',
  fr: 'zero un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dixsept dixhuit dixneuf vingt trente quarante cinquante soixante soixantedix quatrevingts quatrevingtdix cent mille',
  es: 'cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis diecisiete dieciocho diecinueve veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa cien mil',
  it: 'zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici diciassette diciotto diciannove venti trenta quaranta cinquanta sessanta settanta ottanta novanta cento mille',
  pt: 'zero um dois tres quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezesseis dezessete dezoito dezenove vinte trinta quarenta cinquenta sessenta setenta oitenta noventa cem mil',
  nl: 'nul een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien zeventien achttien negentien twintig dertig veertig vijftig zestig zeventig tachtig negentig honderd duizend',
  ru: 'ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто сто тысяча',
}

/** Other forms, and ordinals where they are usual. "Second" is a time as well. */
const OTHERS: Record<Language, Record<string, number>> = {
  en: {
    dozen: 12,
    first: 1,
    third: 3,
    fourth: 4,
    fifth: 5,
    sixth: 6,
    seventh: 7,
    eighth: 8,
    ninth: 9,
    tenth: 10,
    eleventh: 11,
    twelfth: 12,
    thirteenth: 13,
    fourteenth: 14,
    fifteenth: 15,
    sixteenth: 16,
    seventeenth: 17,
    eighteenth: 18,
    nineteenth: 19,
    twentieth: 20,
    twice: 2,
    million: 1e6,
    billion: 1e9,
    hundreds: 100,
    thousands: 1000,
  },
  de: {
    zwo: 2,
    dutzend: 12,
    million: 1e6,
    millionen: 1e6,
    milliarde: 1e9,
    milliarden: 1e9,
    zweiten: 2,
    dritten: 3,
    vierten: 4,
    achtzehnten: 18,
    neunzehnten: 19,
    zwanzigsten: 20,
  },
  fr: {
    quatrevingt: 80,
    cents: 100,
    douzaine: 12,
    million: 1e6,
    millions: 1e6,
    milliard: 1e9,
    milliards: 1e9,
  },
  es: {
    dieciséis: 16,
    ciento: 100,
    cientos: 100,
    docena: 12,
    millon: 1e6,
    millones: 1e6,
    veintiuno: 21,
    veintiun: 21,
    veintidos: 22,
    veintitres: 23,
    veinticuatro: 24,
    veinticinco: 25,
    veintiseis: 26,
    veintisiete: 27,
    veintiocho: 28,
    veintinueve: 29,
  },
  it: {
    ventuno: 21,
    ventidue: 22,
    ventitre: 23,
    ventiquattro: 24,
    venticinque: 25,
    ventisei: 26,
    ventisette: 27,
    ventotto: 28,
    ventinove: 29,
    mila: 1000,
    milione: 1e6,
    milioni: 1e6,
    miliardo: 1e9,
    miliardi: 1e9,
  },
  pt: {
    duas: 2,
    quatorze: 14,
    dezasseis: 16,
    dezassete: 17,
    dezanove: 19,
    cento: 100,
    duzia: 12,
    milhao: 1e6,
    milhoes: 1e6,
  },
  nl: { dozijn: 12, miljoen: 1e6, miljard: 1e9 },
  ru: {
    две: 2,
    двух: 2,
    трех: 3,
    четырех: 4,
    пяти: 5,
    шести: 6,
    семи: 7,
    восьми: 8,
    девяти: 9,
    десяти: 10,
    двенадцати: 12,
    двадцати: 20,
    тысячи: 1000,
    тысяч: 1000,
    миллион: 1e6,
    миллиона: 1e6,
    миллионов: 1e6,
    миллиард: 1e9,
  },
}

/** In a text of unknown language these are more likely to be no numbers. */
const AMBIGUOUS = new Set([
  'once',
  'due',
  'dos',
  'sei',
  'cent',
  'elf',
  'neuf',
  'mil',
  'mille',
  'tre',
  'acht',
  'tien',
  'sept',
  'as',
  'dix',
  'nove',
  'sete',
  'sette',
  'een',
  'un',
  'um',
  'uno',
  'cem',
  'six',
  'third',
  'fifth',
  'сорок',
  'сто',
])

function wordsIn(language: Language | null): ReadonlyMap<string, number> {
  return language ? NUMBER_WORDS[language] : ANY_NUMBER_WORD
}

function numberWords(language: Language): [word: string, value: number][] {
  const cardinals = CARDINALS[language].split(' ').map((word, at): [string, number] => [word, cardinalAt(at)])
  const units = cardinals.slice(1, 10)
  const tens = cardinals.slice(20, 28)
  const compounds = tens.flatMap(([ten, tenValue]) =>
    [...units, ...cardinals.slice(11, 20)].flatMap(([unit, value]): [string, number][] => {
      switch (language) {
        // normalised text has no hyphens
        case 'en':
          return value < 10 ? [[ten + unit, tenValue + value]] : []
        case 'fr':
          return [ten, ten.replace(/s$/, ''), `${ten}et`].map((first) => [first + unit, tenValue + value])
        case 'de':
          return value < 10 ? [[`${value === 1 ? 'ein' : unit}und${ten}`, tenValue + value]] : []
        case 'nl':
          return value < 10 ? [[`${unit}en${ten}`, tenValue + value]] : []
        default:
          return []
      }
    }),
  )
  return [...cardinals, ...compounds, ...Object.entries(OTHERS[language])]
}

function cardinalAt(at: number): number {
  if (at <= 20) return at
  return at <= 27 ? (at - 18) * 10 : at === 28 ? 100 : 1000
}

const NUMBER_WORDS = Object.fromEntries(
  LANGUAGES.map((language) => [language, new Map(numberWords(language))]),
) as Record<Language, Map<string, number>>

const ANY_NUMBER_WORD: ReadonlyMap<string, number> = new Map(
  LANGUAGES.flatMap((language) => [...NUMBER_WORDS[language]]).filter(([word]) => !AMBIGUOUS.has(word)),
)
