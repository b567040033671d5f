import { textProblem } from '../core/card.ts'
import { CliError } from '../errors.ts'
import type { FileCard, ParsedRecord, TextFormat } from './format.ts'
import { Block, FrontMatter, type LineParser, readLines } from './lines.ts'
import { plainRecord, withMore } from './record.ts'

/**
 * Markdown of hashcards, https://github.com/eudoxia0/hashcards: `Q:` and `A:`, or `C:` with a card for each `[deletion]`. HTML
 * comments stand anywhere, `---` between cards is optional.
 */
export const hashcards = {
  description: 'hashcards, Markdown with Q: and A:',
  extensions: [],
  read: (bytes, options) => readLines(bytes, options.encoding, new Parser(options.preamble)),
  async *write(batches, options = {}) {
    let before: string | undefined
    for await (const cards of batches) {
      if (cards.length === 0) continue
      const name = cards[0]?.deck ?? options.deck
      before ??= name === undefined ? '' : `---\nname = ${JSON.stringify(name)}\n---\n\n`
      yield before +
        cards.map(({ question, answer }) => `Q: ${escaped(question)}\nA: ${escaped(answer)}\n`).join('\n')
      before = '\n'
    }
  },
} satisfies TextFormat

/** As many as a text with numbered deletions may have. */
const MOST_DELETIONS = 500

type Tag = 'Q' | 'A' | 'C'

/** A card that is being read: its tags with their texts. */
interface Draft {
  block: Block
  parts: { tag: Tag; text: Block }[]
}

class Parser implements LineParser {
  readonly #front = new FrontMatter()
  readonly #preamble: ((raw: string) => void) | undefined
  #deck: string | undefined
  #draft: Draft | undefined
  /** Whether text that belongs to no card was named already. */
  #straying = false
  /** The line of an HTML comment that is not over. */
  #commentAt: number | undefined

  constructor(preamble: ((raw: string) => void) | undefined) {
    this.#preamble = preamble
  }

  take(line: string, number: number, out: ParsedRecord[]): void {
    if (this.#front.take(line, number)) {
      if (this.#front.closed) {
        this.#deck = nameIn(this.#front.block.lines)
        this.#preamble?.(this.#front.block.text)
      }
      return
    }
    if (this.#commentAt !== undefined || line.startsWith('<!--')) {
      this.#commentAt ??= number
      if (line.includes('-->')) this.#commentAt = undefined
      return
    }
    const tag = tagOf(line)
    if (tag === 'Q' || tag === 'C' || /^---\s*$/.test(line)) this.#close(out)
    if (tag) this.#begin(tag, line, number, out)
    else if (this.#draft) {
      this.#draft.block.add(line)
      this.#draft.parts.at(-1)?.text.add(line)
    } else if (line.trim() === '' || /^---\s*$/.test(line)) this.#straying = false
    else this.#stray(line, number, out)
  }

  finish(out: ParsedRecord[]): void {
    this.#front.finish()
    if (this.#commentAt !== undefined)
      throw new CliError('failure', `line ${this.#commentAt}: a comment opened here is never closed`)
    this.#close(out)
  }

  #begin(tag: Tag, line: string, number: number, out: ParsedRecord[]): void {
    if (tag === 'A' && !this.#draft) {
      this.#stray(line, number, out)
      return
    }
    this.#straying = false
    this.#draft ??= { block: new Block(number), parts: [] }
    const text = new Block(number)
    text.add(line.slice(2))
    this.#draft.block.add(line)
    this.#draft.parts.push({ tag, text })
  }

  #stray(line: string, number: number, out: ParsedRecord[]): void {
    if (this.#straying) return
    this.#straying = true
    out.push({ line: number, problem: 'this belongs to no card: a card begins with Q: or C:', raw: line })
  }

  #close(out: ParsedRecord[]): void {
    const draft = this.#draft
    if (!draft) return
    this.#draft = undefined
    const { line, text: raw } = draft.block
    const [first, second, third] = draft.parts.map(({ tag, text }) => ({
      tag,
      line: text.line,
      text: unescaped(text.text),
    }))
    const surplus = first?.tag === 'C' ? second : third
    if (surplus) {
      out.push({ line: surplus.line, problem: 'this A: is one too many for its card', raw })
      return
    }
    const more = this.#deck === undefined ? {} : { deck: this.#deck }
    if (first?.tag === 'C') out.push(...clozeRecords(line, first.text, raw, more))
    else
      out.push(
        withMore(plainRecord(line, { question: first?.text ?? '', answer: second?.text ?? '' }, raw), more),
      )
  }
}

const tagOf = (line: string) => (/^[QAC]:/.test(line) ? (line[0] as Tag) : undefined)

/** The name in front matter, which is TOML. */
function nameIn(lines: readonly string[]): string | undefined {
  for (const line of lines) {
    const [, text = ''] = /^\s*name\s*=\s*("[^"]*(?:\\"[^"]*)*"|'[^']*')\s*(?:#.*)?$/.exec(line) ?? []
    if (text === '') continue
    let name = text.slice(1, -1)
    try {
      if (text.startsWith('"')) name = JSON.parse(text)
    } catch {
      // an escape that TOML has and JSON has not stays as it is
    }
    return name.trim() || undefined
  }
  return undefined
}

/** The cards of a text with `[deletions]`: what is in images, `![alt](url)`, and behind a backslash is text. */
function clozeRecords(line: number, text: string, raw: string, more: Partial<FileCard>): ParsedRecord[] {
  const parts: { text: string; deleted: boolean }[] = []
  let from = 0
  // one alternative for each thing that a bracket can be part of
  for (const found of text.matchAll(
    /\\[[\]]|!\[[^[\]]*\]|\[([^[\]\\]*(?:\\[[\]\\][^[\]\\]*|\\[^[\]\\][^[\]\\]*)*)\]/g,
  )) {
    if (found[1] === undefined || found[1].trim() === '') continue
    parts.push({ text: text.slice(from, found.index), deleted: false }, { text: found[1], deleted: true })
    from = found.index + found[0].length
  }
  parts.push({ text: text.slice(from), deleted: false })
  const places = parts.flatMap(({ deleted }, at) => (deleted ? [at] : []))
  const problem =
    textProblem('question', text) ??
    (places.length === 0 ? 'this text has no [deletion] in it' : null) ??
    (places.length > MOST_DELETIONS ? `this text has more than ${MOST_DELETIONS} deletions` : null)
  if (problem !== null) return [{ line, problem, raw }]
  const plain = (part: string) => part.replaceAll(/\\([[\]])/g, '$1')
  return places.map((place, nth) => {
    const question = parts
      .map((part, at) => (at === place ? '[...]' : plain(part.text)))
      .join('')
      .trim()
    const answer = plain(parts[place]?.text ?? '').trim()
    const record = withMore(plainRecord(line, { question, answer }, raw), { ...more, note: `line ${line}` })
    // the text is there once, for all of its cards
    if (nth > 0) delete record.raw
    return record
  })
}

/**
 * A text so that it can stand behind `Q:`. A line that would be a tag, a separator or a comment gets a backslash that Markdown takes away
 * again; white space at the ends and a lone CR become numeric references, which Markdown shows as what they are.
 */
function escaped(text: string): string {
  const end = text.trimEnd()
  const middle = end
    .replaceAll('&#', '&#38;#')
    .replaceAll('\r', '&#13;')
    .replace(/^\s+/, references)
    .replaceAll(/^([QAC])(\\*):/gm, '$1\\$2:')
    .replaceAll(/^(\\*)(---[ \t]*$|<!--)/gm, '\\$1$2')
  return middle + references(text.slice(end.length))
}

const references = (text: string) =>
  Array.from(text, (character) => `&#${character.codePointAt(0)};`).join('')

/** The text that was `escaped`, or the one that Markdown shows; white space at the ends does not count. */
function unescaped(text: string): string {
  return text
    .trim()
    .replaceAll(/^([QAC])\\(\\*):/gm, '$1$2:')
    .replaceAll(/^\\(\\*)(---[ \t]*$|<!--)/gm, '$1$2')
    .replaceAll(/&#(\d{1,7});/g, (reference, digits) => {
      const code = Number(digits)
      return code > 0x10ffff ? reference : String.fromCodePoint(code)
    })
}
