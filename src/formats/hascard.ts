import type { ParsedRecord, TextFormat } from './format.ts'
import { Block, Fences, type LineParser, readLines } from './lines.ts'
import { plainRecord, withMore } from './record.ts'

/**
 * Text of hascard, https://github.com/Yvee1/hascard: cards between lines of `---`, each with a `# question`. A definition, `- *` choices,
 * `[*] [ ]` options and numbers to be put in order become question and answer; a text with `_gaps_` a card for each gap.
 */
export const hascard = {
  description: 'hascard, # questions between lines of ---',
  extensions: [],
  read: (bytes, options) => readLines(bytes, options.encoding, new Parser()),
} satisfies TextFormat

/** As many gaps as a text may have. */
const MOST_GAPS = 500

class Parser implements LineParser {
  readonly #fences = new Fences()
  #card: Block | undefined

  take(line: string, number: number, out: ParsedRecord[]): void {
    if (!this.#fences.take(line) && /^---\s*$/.test(line)) this.finish(out)
    else if (this.#card || line.trim() !== '') {
      this.#card ??= new Block(number)
      this.#card.add(line)
    }
  }

  finish(out: ParsedRecord[]): void {
    if (this.#card) out.push(...cardsOf(this.#card))
    this.#card = undefined
  }
}

function cardsOf({ line, lines: [first = '', ...rest], text }: Block): ParsedRecord[] {
  // so that several of them, one behind another, are several cards
  const raw = `${text.trimEnd()}\n---`
  const [, title = ''] = /^#[ \t]+(.*)$/.exec(first) ?? []
  if (title.trim() === '') return [{ line, problem: 'a card begins with # and its question', raw }]
  const body = rest.join('\n').trim()
  const items = body.split('\n').filter((item) => item.trim() !== '')
  const asked = flattened(title.trim(), items)
  if (asked) return [plainRecord(line, asked, raw)]
  return (
    gapRecords(line, title.trim(), body, raw) ?? [
      plainRecord(line, { question: title.trim(), answer: body }, raw),
    ]
  )
}

/** Question and answer of a card whose body is a list of one of three kinds; null when it is none. */
function flattened(title: string, items: string[]): { question: string; answer: string } | null {
  if (items.length < 2) return null
  const kinds: { item: RegExp; answer: (all: RegExpExecArray[]) => string[] }[] = [
    {
      item: /^([-*]) (.*)$/,
      answer: (all) => all.filter(([, mark]) => mark === '*').map(([, , text = '']) => text),
    },
    {
      item: /^\[([* ])\] (.*)$/,
      answer: (all) => all.filter(([, mark]) => mark === '*').map(([, , text = '']) => text),
    },
    {
      item: /^(\d{1,9})\. (.*)$/,
      answer: (all) =>
        all.toSorted(([, one], [, other]) => Number(one) - Number(other)).map(([, , text = '']) => text),
    },
  ]
  for (const { item, answer } of kinds) {
    const all = items.map((text) => item.exec(text)).filter((found) => found !== null)
    if (all.length < items.length) continue
    const shown = all.map(([, , text = '']) => `- ${text.trim()}`)
    return {
      question: [title, '', ...shown].join('\n'),
      answer: answer(all)
        .map((text) => text.trim())
        .join('\n'),
    }
  }
  return null
}

/** A card for each `_gap_` of a text, `_right|also right_`; null when there is none. */
function gapRecords(line: number, title: string, body: string, raw: string): ParsedRecord[] | null {
  // too long for a card, whatever is in it
  if (body.length > 100_000) return null
  const gaps = [...body.matchAll(/(?<![\p{L}\p{N}_\\])_([^_\n]+)_/gu)].filter(
    ([, gap = '']) => gap.trim() !== '',
  )
  if (gaps.length === 0) return null
  if (gaps.length > MOST_GAPS) return [{ line, problem: `this text has more than ${MOST_GAPS} gaps`, raw }]
  const choices = gaps.map(([, gap = '']) =>
    gap
      .split('|')
      .map((choice) => choice.trim())
      .filter((choice) => choice !== ''),
  )
  return gaps.map((_, asked) => {
    let from = 0
    let text = ''
    for (const [nth, gap] of gaps.entries()) {
      text += body.slice(from, gap.index) + (nth === asked ? '[...]' : (choices[nth]?.[0] ?? ''))
      from = gap.index + gap[0].length
    }
    const [answer = '', ...accepted_answers] = choices[asked] ?? []
    const question = `${title}\n\n${text}${body.slice(from)}`
    const record = withMore(plainRecord(line, { question, answer, accepted_answers }, raw), {
      note: `line ${line}`,
    })
    if (asked > 0) delete record.raw
    return record
  })
}
