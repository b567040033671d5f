import { clozeRecords, hasDeletions } from './clozes.ts'
import type { ParsedRecord, TextFormat } from './format.ts'
import { Block, Fences, FrontMatter, type LineParser, readLines } from './lines.ts'
import { plainRecord, withMore } from './record.ts'

/**
 * Markdown with a card for each heading of the second level, as mdanki (https://github.com/ashlinchak/mdanki) and
 * markdown-anki-decks (https://github.com/lukesmurray/markdown-anki-decks) take it: the heading is the question, what is below it the
 * answer. A heading of the first level is the deck; a line of `%` ends a longer question; lines of `[#tag]()` are tags.
 */
export const headings = {
  description: 'Markdown, a heading (##) for each card',
  extensions: [],
  read: (bytes, options) => readLines(bytes, options.encoding, new Parser(options.preamble)),
} satisfies TextFormat

const HEADING = /^(#{1,2})[ \t]+(.*)$/
const TAG_LINE = /^[ \t]*(?:\[#[^\]]+\]\([^)]*\)[ \t]*)+$/

class Parser implements LineParser {
  readonly #front = new FrontMatter()
  readonly #fences = new Fences()
  readonly #preamble: ((raw: string) => void) | undefined
  #deck: string | undefined
  #card: Block | undefined

  constructor(preamble: ((raw: string) => void) | undefined) {
    this.#preamble = preamble
  }

  take(line: string, number: number, out: ParsedRecord[]): void {
    if (this.#front.take(line, number)) return
    const code = this.#fences.take(line)
    const [, marks, title = ''] = (code ? null : HEADING.exec(line)) ?? []
    if (marks) this.#close(out)
    if (marks === '#') {
      if (this.#deck === undefined) this.#preamble?.(line)
      this.#deck = heading(title) || undefined
      return
    }
    if (marks) this.#card = new Block(number)
    this.#card?.add(line)
  }

  finish(out: ParsedRecord[]): void {
    this.#front.finish()
    this.#close(out)
  }

  #close(out: ParsedRecord[]): void {
    const card = this.#card
    if (!card) return
    this.#card = undefined
    const more = this.#deck === undefined ? {} : { deck: this.#deck }
    const [first = '', ...rest] = card.lines
    const tags: string[] = []
    const body: string[] = []
    const fences = new Fences()
    let split = -1
    for (const line of rest) {
      if (fences.take(line)) body.push(line)
      else if (TAG_LINE.test(line)) tags.push(...tagsIn(line))
      else {
        if (split < 0 && /^%[ \t]*$/.test(line)) split = body.length
        body.push(line)
      }
    }
    const title = heading(first.replace(/^##/, ''))
    const question = split < 0 ? title : `${title}\n\n${body.slice(0, split).join('\n').trim()}`.trim()
    const answer = body
      .slice(split + 1)
      .join('\n')
      .trim()
    if (hasDeletions(question))
      out.push(...clozeRecords(card.line, { text: question, extra: answer, tags }, card.text, more))
    else out.push(withMore(plainRecord(card.line, { question, answer, tags }, card.text), more))
  }
}

/** The text of a heading, without the marks that may close it. */
function heading(text: string): string {
  const trimmed = text.trim()
  const marks = /^#+$/.test(trimmed) ? 0 : trimmed.length - trailing(trimmed, '#')
  return marks > 0 && /\s/.test(trimmed[marks - 1] ?? '') ? trimmed.slice(0, marks).trimEnd() : trimmed
}

/** How often a text ends in a character. */
function trailing(text: string, character: string): number {
  let count = 0
  while (count < text.length && text[text.length - 1 - count] === character) count++
  return count
}

function tagsIn(line: string): string[] {
  return Array.from(line.matchAll(/\[#([^\]]+)\]/g), ([, tag = '']) => tag.trim()).filter((tag) => tag !== '')
}
