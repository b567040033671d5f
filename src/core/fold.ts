import { graphemes, UNSPACED } from './graphemes.ts'

/*
 * Text as it is compared. Forgiven is what a keyboard may not have (accents on Latin and Greek letters, ø, ß, curly
 * quotes, × and ≤), what ordinary writing leaves out (the points of Hebrew, the short vowels of Arabic, the dots of ё)
 * and what nobody sees (width, composition, zero-width characters). What every keyboard of a script has as a letter of
 * its own is not forgiven: й is not и, が is not か, ط is not ت.
 */

/** What is to be compared: a letter, digit, jamo, emoji or sign, folded. */
export interface Unit {
  key: string
  /** The grapheme that it is part of, by its place in `cells`. */
  cell: number
  /** What stands before it. A mark is punctuation with no space beside it. */
  gap: 'none' | 'space' | 'mark'
  kind: 'letter' | 'digit' | 'sign' | 'mark'
  /** Its script has no spaces between words. */
  unspaced: boolean
}

export interface Folded {
  /** The graphemes of the text, all of them. */
  cells: string[]
  units: Unit[]
}

/** Where people write the same in several ways, one of them. */
export interface Spelling {
  /** Punctuation is free, or it counts as it does in formulas. */
  marks: 'free' | 'count'
  /** ü is u, or it is ue. */
  umlauts: 'bare' | 'spelt'
  /** Between digits a comma is a decimal point, or it parts thousands (as do a point, a space and an apostrophe), or items of a list. */
  comma: 'point' | 'group' | 'list'
}

/** The spellings that may make a difference between an answer and what was typed. */
export function spellings(answer: string, typed: string): Spelling[] {
  const isLong = answer.length + typed.length > VARIED
  const either = (pattern: RegExp) => !isLong && (pattern.test(answer) || pattern.test(typed))
  const plainest: Spelling = { marks: 'free', umlauts: 'bare', comma: 'point' }
  const marks = FORMULA.test(answer) || fold(answer, plainest).units.length === 0 ? 'count' : 'free'
  const umlauts = either(/[äöüåø]|[aou]\u0308|a\u030a/i) ? (['bare', 'spelt'] as const) : (['bare'] as const)
  const commas = either(/\p{Nd}[.,'’\s\p{Po}]\p{Nd}/u) ? COMMAS : (['point'] as const)
  return umlauts.flatMap((umlauts) => commas.map((comma) => ({ marks, umlauts, comma })))
}

/** Texts that are longer together are compared in one spelling only, which takes long enough. In UTF-16 code units. */
const VARIED = 2000

const COMMAS = ['point', 'group', 'list'] as const

/** Signs of formulas and programs, where brackets and dashes are no decoration. */
const FORMULA = /(?![~～])[\p{Sm}*^_\\{}]/u

/** Folds a text; it may be any, also one with lone surrogates and control characters in it. */
export function fold(text: string, spelling: Spelling): Folded {
  const cells = [...graphemes(text)]
  const known = new Map<string, Character[]>()
  const read = cells.flatMap((cell, index): Item[] => {
    const characters = known.get(cell) ?? charactersOf(cell, spelling)
    known.set(cell, characters)
    return characters.map((character) => ({ ...character, cell: index }))
  })
  const items = inContext(read, spelling)
  const units: Unit[] = []
  let gap = 'none' as Unit['gap']
  for (const [index, { key, cell, kind, unspaced, joint, role }] of items.entries()) {
    if (role === 'gap') gap = kind === 'space' || gap === 'space' ? 'space' : 'mark'
    if (role !== 'unit') continue
    const before = items[index - 1]
    // 10² is 10^2, 1½ is 1 1/2
    const raised = joint === 'power' && before?.joint !== 'power' && /^[\p{N}\p{Pe}]/u.test(before?.key ?? '')
    if (raised) units.push({ key: '^', cell, gap, kind: 'sign', unspaced: false })
    const parted = joint === 'fraction' && before?.kind === 'digit'
    units.push({
      key,
      cell,
      gap: parted ? 'space' : raised ? 'none' : gap,
      kind: kind === 'space' ? 'mark' : kind,
      unspaced,
    })
    gap = 'none'
  }
  return { cells, units }
}

/** Text where every character matters: its graphemes, but for how they are composed and for space around all. */
export function unfolded(text: string): Folded {
  const cells = [...graphemes(text)]
  const first = cells.findIndex((cell) => cell.trim() !== '')
  const last = cells.findLastIndex((cell) => cell.trim() !== '')
  const units = cells.slice(first, last + 1).map((cell, index): Unit => {
    const key = cell.normalize('NFC')
    const kind = kindOf(key)
    return { key, cell: first + index, gap: 'none', kind: kind === 'space' ? 'mark' : kind, unspaced: false }
  })
  return { cells, units: first < 0 ? [] : units }
}

/** A folded code point, or a whole emoji. */
interface Character {
  key: string
  kind: Unit['kind'] | 'space'
  unspaced: boolean
  /** Raised digits and fractions are not digits like those before them. */
  joint?: 'power' | 'fraction'
}

/** A character where it stands. */
type Item = Character & { cell: number }

/** A character or two for another that keyboards rarely have; empty for one that nobody misses. */
const PLAIN: Record<string, string> = {
  ...each('‘’‚‛ʹʻʼʽʾʿˈ′‵´`᾽᾿῾', "'"),
  ...each('“”„‟«»‹›″〃', '"'),
  ...each('‐‑‒–—―−⁃﹘﹣', '-'),
  ...each('×∗⋅∙', '*'),
  ...each('÷∕⁄', '/'),
  ...each('ـ', ''),
  ...each('º', '°'),
  '≤': '<=',
  '≥': '>=',
  '≠': '!=',
  '→': '->',
  '←': '<-',
  '⇒': '=>',
  '↔': '<->',
  '⇔': '<=>',
  '±': '+-',
}

/** Letters with a mark that Unicode does not take apart, in lower case, and letters that are written for each other. */
const LETTERS: Record<string, string> = {
  ß: 'ss',
  ı: 'i',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ŧ: 't',
  þ: 'th',
  æ: 'ae',
  œ: 'oe',
  ς: 'σ',
  ё: 'е',
  ѐ: 'е',
  ѝ: 'и',
  // alif is written without its hamza, and Persian keyboards have their own yeh and kaf
  أ: 'ا',
  إ: 'ا',
  آ: 'ا',
  ٱ: 'ا',
  ی: 'ي',
  ک: 'ك',
}

const SPELT: Record<string, string> = { ä: 'ae', ö: 'oe', ü: 'ue', å: 'aa', ø: 'oe' }

function each(characters: string, plain: string): Record<string, string> {
  return Object.fromEntries([...characters].map((character) => [character, plain]))
}

const swap = (text: string, table: Record<string, string>) =>
  text.replace(/./gsu, (character) => table[character] ?? character)

const PRINTABLE_ASCII = /^[ -~]$/
const EMOJI = /^(?!\p{P})[\p{Extended_Pictographic}\p{Regional_Indicator}]/u
const TONE = /(?<=.)[\u{1f3fb}-\u{1f3ff}]/gu
const VARIATION = /[\ufe0e\ufe0f]/g
const INVISIBLE = /\p{Default_Ignorable_Code_Point}|(?!\s)\p{Cc}/gu

function charactersOf(cell: string, spelling: Spelling): Character[] {
  const character = (key: string): Character => ({ key, kind: kindOf(key), unspaced: UNSPACED.test(key) })
  if (PRINTABLE_ASCII.test(cell)) return [character(cell === '`' ? "'" : cell.toLowerCase())]
  const composed = cell.normalize('NFC')
  if (EMOJI.test(composed) && PLAIN[composed] === undefined)
    return [character(composed.replace(VARIATION, '').replace(TONE, ''))]
  const plain = swap(swap(composed, PLAIN).normalize('NFKC'), PLAIN).toLowerCase()
  const characters = [...letters(plain, spelling).replace(INVISIBLE, '')].map(character)
  const joint = /^[⁰¹²³⁴-⁹⁻]/.test(composed) ? 'power' : /^[¼-¾⅐-⅟]/.test(composed) ? 'fraction' : undefined
  return joint ? characters.map((one, at) => (at === 0 ? { ...one, joint } : one)) : characters
}

/** A composed grapheme in lower case, without what is forgiven in its script. */
function letters(text: string, { umlauts }: Spelling): string {
  if (/^[\p{sc=Latin}\p{sc=Greek}\p{sc=Hebrew}]/u.test(text)) {
    const spelt = umlauts === 'spelt' ? swap(text, SPELT) : text
    return swap(spelt.normalize('NFD').replace(/\p{M}/gu, ''), LETTERS)
  }
  // what is left of marks is stress, or a short vowel; й, ї and ؤ are letters, and composed
  if (/^[\p{sc=Cyrillic}\p{scx=Arabic}]/u.test(text)) return swap(text.replace(/\p{M}/gu, ''), LETTERS)
  // a wrong final of a syllable is one wrong jamo, not a wrong syllable
  return /^\p{sc=Hangul}/u.test(text) ? text.normalize('NFD') : text
}

function kindOf(key: string): Item['kind'] {
  if (/^\s/.test(key)) return 'space'
  if (/^\p{N}/u.test(key)) return 'digit'
  if (/^[\p{L}\p{M}]/u.test(key)) return 'letter'
  // a degree is on few keyboards, a wave dash has several code points
  return /^[°~\p{P}\p{Sk}]/u.test(key) && !/^[#%&*/@\\_^§¶‰†‡]/.test(key) ? 'mark' : 'sign'
}

/** What an item is: to be compared, a gap between such, or nothing. */
type Role = 'unit' | 'gap' | 'nothing'

/** The items with their roles, which depend on what stands beside them. */
function inContext(items: readonly Item[], { marks, comma }: Spelling): (Item & { role: Role })[] {
  const found = items.map((item) => {
    const free = item.kind === 'space' || (item.kind === 'mark' && marks === 'free')
    return { ...item, role: (free ? 'gap' : 'unit') as Role }
  })
  // a character for each item, so that places in it are places among them
  const line = items.map(pictureOf).join('')
  const set = (pattern: RegExp, change: Partial<Item> & { role: Role }) => {
    for (const { index, 0: text } of line.matchAll(pattern))
      for (let at = index; at < index + text.length; at++) Object.assign(found[at] ?? {}, change)
  }
  set(/(?<=[01])[.,](?=[01])/g, { role: 'unit', key: '.', kind: 'digit' })
  if (comma === 'list') set(/(?<=[01]),(?=[01])/g, { role: 'gap', kind: 'mark' })
  if (comma === 'group') {
    for (const { index, 0: number } of line.matchAll(GROUPED))
      for (const { index: within } of number.matchAll(/[^01]/g)) {
        const separator = found[index + within]
        if (separator) separator.role = 'nothing'
      }
  }
  // a minus, and the dash of an option; at the very beginning it may be that of a suffix
  set(/(?<![01a)])-(?=[01])/g, { role: 'unit', kind: 'sign' })
  set(/(?<= )-+(?=a)/g, { role: 'unit', kind: 'sign' })
  // x² is typed x^2 or x2
  set(/(?<=a)\^(?=[01])/g, { role: 'nothing' })
  if (/[01a^+]/.test(line)) set(/[.,]+ *$/g, { role: 'gap' })
  return found
}

/** One to three digits, then groups of three behind the same separator each time. */
const GROUPED = /(?<![01][.,' ]?)(?:1[01]{0,2})(?:([.,' ])[01]{3})(?:\1[01]{3})*(?![01]|\1[01])/g

/** One character for an item: 0, 1 for any other digit, a for a letter, + for a sign, or the mark itself. */
function pictureOf({ key, kind }: Item): string {
  switch (kind) {
    case 'digit':
      return key === '0' ? '0' : '1'
    case 'letter':
      return 'a'
    case 'space':
      return ' '
    case 'sign':
      return key === '^' ? '^' : '+'
    case 'mark':
      if (/^[.,'-]$/.test(key)) return key
      return /^\p{Pe}/u.test(key) ? ')' : ';'
    default:
      return kind satisfies never
  }
}
