import { UNSPACED } from '../graphemes.ts'

/*
 * Text as quotes are looked for in it. A passage is copied through PDF, cleaning and a model, which all have their own
 * ideas of line ends, hyphens, quotation marks, ligatures and emphasis; none of them changes what is said. Letters,
 * digits, points and commas stay: a word that differs is another passage.
 */

/** A normalised text that knows where it comes from. */
export interface Normalised {
  text: string
  /** For each UTF-16 unit of the text where in the source the character begins that it is made of, and where it ends. */
  from: readonly number[]
  to: readonly number[]
  source: string
}

/** The normalised form of a text; that of a normalised text is itself. */
export function normalise(text: string): string {
  return normalised(text).text
}

/** The normalised form of a text, with the places in it. */
export function normalised(source: string): Normalised {
  let text = folded(source)
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const plain = REWRITES.reduce((done, [pattern, by]) => rewrite(done, pattern, () => by), text)
    // marks may have come to stand beside another letter
    const next = plain.text === plain.text.normalize('NFKC') ? plain : rewrite(plain, CLUSTER, fold)
    if (next.text === text.text) break
    text = next
  }
  return { ...text, source }
}

/** A rule may make way for another one that came before it, but hardly twice. */
const MOST_ROUNDS = 5

/** Whether a word may begin or end before this unit of the normalised text. */
export function isBoundary({ text, from, to, source }: Normalised, at: number): boolean {
  if (at <= 0 || at >= text.length) return true
  const between = source.slice(to[at - 1], from[at])
  if (between.replace(INVISIBLE, '') !== '') return true
  const [before, after] = [text.slice(Math.max(0, at - 2), at), text.slice(at, at + 2)]
  if (!/[\p{L}\p{M}\p{N}]$/u.test(before) || !/^[\p{L}\p{M}\p{N}]/u.test(after)) return true
  // no word of a script without spaces ends anywhere; Korean ones carry their particles
  return [/.$/su.exec(before)?.[0] ?? '', /^./su.exec(after)?.[0] ?? ''].some(
    (character) => UNSPACED.test(character) || /\p{sc=Hangul}/u.test(character),
  )
}

type Text = Omit<Normalised, 'source'>

const QUOTES = '"\'`´‘’‚‛“”„‟«»‹›′″‴「」『』〝〞〟＂＇'
/** What nobody sees, the stretched line of Arabic, and the points and vowels that Hebrew and Arabic leave out. */
const INVISIBLE =
  /[\p{Default_Ignorable_Code_Point}\u0640\u064b-\u0652\u0670\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]|(?!\s)\p{Cc}/gu
/** A letter with its marks, or one of Korean in its parts, and what nobody sees of it. */
const CLUSTER =
  /(?:[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]+|[\s\S])[\p{M}\p{Default_Ignorable_Code_Point}\u0640\uff9e\uff9f]*/gu
const SAME: Record<string, string> = { ς: 'σ', ß: 'ss', '⁄': '/' }

/** Compatibility forms, case, quotation marks and invisible characters. */
function folded(source: string): Text {
  const from: number[] = []
  const to: number[] = []
  let text = ''
  for (const { 0: cluster, index } of source.matchAll(CLUSTER)) {
    const key = fold(cluster)
    text += key
    for (let unit = 0; unit < key.length; unit++) {
      from.push(index)
      to.push(index + cluster.length)
    }
  }
  return { text, from, to }
}

function fold(cluster: string): string {
  if (cluster.length === 1 && cluster < '\x7f' && cluster >= ' ')
    return QUOTES.includes(cluster) ? '' : cluster.toLowerCase()
  // the acute accent that stands alone would become a space
  const seen = cluster.replace(INVISIBLE, '')
  const bare = QUOTES.includes(seen[0] ?? ' ') ? seen.slice(1) : seen
  const plain = bare.normalize('NFKC').toLowerCase().normalize('NFKC').replace(INVISIBLE, '')
  return [...plain]
    .map((character) => SAME[character] ?? (/\p{Nd}/u.test(character) ? digitOf(character) : character))
    .filter((character) => !QUOTES.includes(character))
    .join('')
}

/** A decimal digit of any script as one of ours: they come in tens, from nought to nine. */
function digitOf(character: string): string {
  const code = character.codePointAt(0) ?? 0
  let value = 0
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value++
  return `${value}`
}

const NO_SPACE = String.raw`[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Mymr}、。・]`

const REWRITES: [pattern: RegExp, by: string][] = [
  // emphasis of Markdown
  [/(?<![\p{L}\p{N}])[*_]+(?=[^\s*_])|(?<=[^\s*_])[*_]+(?![\p{L}\p{N}])/gu, ''],
  [new RegExp(String.raw`(?<=${NO_SPACE})\*\*|\*\*(?=${NO_SPACE})`, 'gu'), ''],
  [/[‐‑‒–—―−⁃﹘﹣]|-{2,}/gu, '-'],
  // between letters a dash may be that of a line's end, which is there or not
  [/(?<=[\p{L}\p{M}])\s*-+\s*(?=\p{L})/gu, ''],
  [/(?<=[\p{L}\p{M}\p{N}])(?:\s+-+\s+|-+\s+)(?=[\p{L}\p{N}])/gu, '-'],
  [
    new RegExp(
      String.raw`(?<=${NO_SPACE})\s+(?=[\p{L}\p{N}、。・])|(?<=[\p{L}\p{N}])\s+(?=${NO_SPACE})`,
      'gu',
    ),
    '',
  ],
  [/\s+(?=[.,;:!?%)\]؟،])|(?<=[([])\s+/gu, ''],
  [/^\s+|\s+$/gu, ''],
  [/\s+/gu, ' '],
]

function rewrite({ text, from, to }: Text, pattern: RegExp, replace: (found: string) => string): Text {
  let changed = ''
  let done = 0
  const froms: number[] = []
  const tos: number[] = []
  const keep = (end: number) => {
    changed += text.slice(done, end)
    for (; done < end; done++) {
      froms.push(from[done] ?? 0)
      tos.push(to[done] ?? 0)
    }
  }
  for (const { 0: found, index } of text.matchAll(pattern)) {
    const by = replace(found)
    if (found === by) continue
    keep(index)
    changed += by
    const end = index + found.length
    for (let unit = 0; unit < by.length; unit++) {
      froms.push(from[index] ?? 0)
      tos.push(to[end - 1] ?? 0)
    }
    done = end
  }
  if (done === 0) return { text, from, to }
  keep(text.length)
  return { text: changed, from: froms, to: tos }
}
