import type { ChalkInstance } from 'chalk'
import { graphemes } from '../core/graphemes.ts'
import type { DiffPart } from '../core/parts.ts'
import { safe } from './safe.ts'
import { padEnd, width, wrap } from './text.ts'

/** What a sign below the answer means; `same` has none. */
const SIGNS = { same: ' ', forgiven: '~', missing: '+', extra: '-', wrong: '^' } as const

const LABELS = { typed: 'typed   ', answer: 'answer  ', signs: '        ' }
const LABEL_WIDTH = LABELS.typed.length

/** One character that was typed above the one that was expected; either may be none. */
interface Pair {
  kind: DiffPart['kind']
  typed: string
  expected: string
  columns: number
}

/**
 * Draws what was typed above what was expected, in lines of at most `columns`, with a sign below each difference: `^`
 * wrong, `-` too much, `+` missing, `~` forgiven. The signs say all that the colours say. Where nothing differs the
 * text is there once. Unless `aligned` the signs are in a list, each with its text: for those who listen, and always for
 * text from right to left, which terminals put in an order of their own. The text may be raw.
 */
export function difference(
  parts: readonly DiffPart[],
  style: ChalkInstance,
  columns: number,
  aligned = true,
): string[] {
  const differs = parts.filter(({ kind }) => kind !== 'same')
  const isList = !aligned || parts.some(({ typed, expected }) => RIGHT_TO_LEFT.test(typed + expected))
  const drawn = rows(parts.flatMap(pairs), Math.max(2, columns - LABEL_WIDTH)).map((row) =>
    lines(row, style, isList ? (text) => text : padEnd),
  )
  if (!isList) return drawn.flatMap(({ texts, signs }) => [...texts, ...signs])
  const list = differs.flatMap(({ kind, typed, expected }) => {
    const text = [typed, expected].map((text) => [...graphemes(text)].map((one) => shown(one, kind)).join(''))
    const said = text.filter((one) => one !== '').join(' → ')
    return said === '' ? [] : [`${SIGNS[kind]} ${said}`]
  })
  return [
    ...drawn.flatMap(({ texts }) => texts),
    ...list
      .flatMap((item) => wrap(item, Math.max(2, columns - LABEL_WIDTH)))
      .map((line) => LABELS.signs + line),
  ]
}

const RIGHT_TO_LEFT = /[\p{sc=Hebrew}\p{sc=Arabic}\p{sc=Syriac}\p{sc=Thaana}\p{sc=Nko}\p{sc=Adlam}]/u

function pairs({ kind, typed, expected }: DiffPart): Pair[] {
  const [above, below] = [[...graphemes(typed)], [...graphemes(expected)]]
  return Array.from({ length: Math.max(above.length, below.length) }, (_, i) => {
    const pair = { kind, typed: shown(above[i] ?? '', kind), expected: shown(below[i] ?? '', kind) }
    return { ...pair, columns: Math.max(width(pair.typed), width(pair.expected)) }
  })
}

/** A character on the screen. White space shows itself where it makes a difference. */
function shown(grapheme: string, kind: DiffPart['kind']): string {
  const text = safe(grapheme).replaceAll('\n', '⏎')
  return kind === 'same' ? text : text.replace(/\s/g, '␣')
}

/** As many pairs in each row as fit into `columns`. */
function rows(all: readonly Pair[], columns: number): Pair[][] {
  const found: Pair[][] = [[]]
  let used = 0
  for (const pair of all) {
    if (used > 0 && used + pair.columns > columns) {
      found.push([])
      used = 0
    }
    found.at(-1)?.push(pair)
    used += pair.columns
  }
  return found
}

/** One row: its text, once when nothing differs, and its signs. */
function lines(
  row: readonly Pair[],
  style: ChalkInstance,
  pad: typeof padEnd,
): { texts: string[]; signs: string[] } {
  const paint = {
    same: (text: string) => text,
    forgiven: style.yellow,
    missing: style.green,
    extra: style.red,
    wrong: style.red,
  }
  const line = (
    label: string,
    text: (pair: Pair) => string,
    colour: (pair: Pair) => (text: string) => string,
  ) => (label + row.map((pair) => colour(pair)(pad(text(pair), pair.columns))).join('')).trimEnd()
  const expected = line(
    style.dim(LABELS.answer),
    (pair) => pair.expected,
    ({ kind }) => (kind === 'wrong' ? style.green : paint[kind]),
  )
  if (row.every(({ kind }) => kind === 'same')) return { texts: [expected], signs: [] }
  const typed = line(
    style.dim(LABELS.typed),
    (pair) => pair.typed,
    ({ kind }) => paint[kind],
  )
  const signs = line(
    LABELS.signs,
    ({ kind, columns }) => SIGNS[kind].repeat(columns),
    ({ kind }) => paint[kind],
  )
  return { texts: [typed, expected], signs: [signs] }
}
