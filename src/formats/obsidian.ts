import { textProblem } from '../core/card.ts'
import type { FileCard, ParsedRecord, TextFormat } from './format.ts'
import { Block, Fences, FrontMatter, type LineParser, readLines } from './lines.ts'
import { plainRecord, withMore } from './record.ts'

/**
 * Notes with cards in them, as Obsidian's plugin obsidian-spaced-repetition takes them
 * (https://github.com/st3v3nmw/obsidian-spaced-repetition): `question::answer`, `question:::answer` to ask it both ways, paragraphs with
 * a line of `?` or `??` between question and answer, and `==deletions==`. What is none of these is the text of the note, and passed over.
 */
export const obsidian = {
  description: "Obsidian's spaced repetition, question::answer",
  extensions: [],
  read: (bytes, options) => readLines(bytes, options.encoding, new Parser()),
} satisfies TextFormat

const SCHEDULE = /<!--SR:[^<>]*-->/g
const DECK_TAG = /#flashcards?((?:\/[\p{L}\p{N}_-]+)*)(?=\s|$)/u
const MOST_DELETIONS = 500

class Parser implements LineParser {
  readonly #front = new FrontMatter()
  readonly #fences = new Fences()
  #deck: string | undefined
  /** The paragraph that is being read, and where in it the line of `?` is. */
  #paragraph: Block | undefined
  #split: { at: number; reversible: boolean } | undefined

  take(line: string, number: number, out: ParsedRecord[]): void {
    if (this.#front.take(line, number)) return
    const code = this.#fences.take(line)
    if (code && !this.#paragraph) return
    if (!code && line.trim() === '') {
      this.#close(out)
      return
    }
    if (!code && /^[ \t]*\?\??[ \t]*$/.test(line) && this.#paragraph && !this.#split) {
      this.#split = { at: this.#paragraph.lines.length, reversible: line.trim() === '??' }
    } else if (!code && !this.#split) {
      const single = singleLine(line)
      if (single) {
        this.#close(out)
        out.push(this.#record(number, line, single))
        return
      }
    }
    this.#paragraph ??= new Block(number)
    this.#paragraph.add(line)
  }

  finish(out: ParsedRecord[]): void {
    this.#front.finish()
    this.#close(out)
  }

  #close(out: ParsedRecord[]): void {
    const paragraph = this.#paragraph
    const split = this.#split
    this.#paragraph = undefined
    this.#split = undefined
    if (!paragraph) return
    const { lines, line, text } = paragraph
    const clean = (some: readonly string[]) => some.join('\n').replaceAll(SCHEDULE, '').trim()
    if (split) {
      const question = clean(lines.slice(0, split.at))
      const answer = clean(lines.slice(split.at + 1))
      out.push(this.#record(line, text, { question, answer, reversible: split.reversible }))
      return
    }
    const first = lines[0] ?? ''
    const tag = DECK_TAG.exec(first)
    if (tag && first.replaceAll(/#[\p{L}\p{N}/_-]+/gu, '').trim() === '') {
      this.#deck = deckOf(tag) ?? undefined
      if (lines.length === 1) return
    }
    out.push(...this.#deletions(line, text, clean(lines)))
  }

  #record(line: number, raw: string, { question, answer, reversible }: Found): ParsedRecord {
    const { text, deck } = this.#placed(question)
    const more: Partial<FileCard> = { ...deck, ...(reversible && { reversible: true }) }
    return withMore(plainRecord(line, { question: text, answer }, raw), more)
  }

  /** A question without the tag that says its deck, and that deck. */
  #placed(question: string): { text: string; deck: Partial<FileCard> } {
    const tag = DECK_TAG.exec(question)
    const deck = tag ? deckOf(tag) : this.#deck
    const text = tag ? question.replace(DECK_TAG, '').trim() : question
    return { text, deck: deck ? { deck } : {} }
  }

  /** The cards of a paragraph with `==deletions==`; none when it has none. */
  #deletions(line: number, raw: string, paragraph: string): ParsedRecord[] {
    if (!paragraph.includes('==')) return []
    const { text, deck } = this.#placed(paragraph)
    const found = [...text.matchAll(/`[^`\n]*`|==([^=\n]+)==/g)].filter(
      ([, deleted = '']) => deleted.trim() !== '',
    )
    if (found.length === 0) return []
    const problem =
      textProblem('question', text) ??
      (found.length > MOST_DELETIONS ? `this text has more than ${MOST_DELETIONS} deletions` : null)
    if (problem !== null) return [{ line, problem, raw }]
    return found.map(({ 1: answer = '' }, asked) => {
      let from = 0
      let question = ''
      for (const [nth, { 0: marked, 1: deleted = '', index }] of found.entries()) {
        question += text.slice(from, index) + (nth === asked ? '[...]' : deleted)
        from = index + marked.length
      }
      question += text.slice(from)
      const record = withMore(plainRecord(line, { question, answer: answer.trim() }, raw), {
        ...deck,
        note: `line ${line}`,
      })
      if (asked > 0) delete record.raw
      return record
    })
  }
}

interface Found {
  question: string
  answer: string
  reversible: boolean
}

/** The card in a line `question::answer` or `question:::answer`; null when the line has none. Colons in code are text. */
function singleLine(line: string): Found | null {
  if (!line.includes('::')) return null
  for (const found of line.matchAll(/`[^`]*`|\{\{[^{}]*\}\}|:{2,}/g)) {
    const [marks] = found
    if (!marks.startsWith(':')) continue
    if (marks.length > 3) return null
    const clean = (text: string) => text.replaceAll(SCHEDULE, '').trim()
    const question = clean(line.slice(0, found.index)).replace(/^[-*+][ \t]+/, '')
    const answer = clean(line.slice(found.index + marks.length))
    return question === '' ? null : { question, answer, reversible: marks.length === 3 }
  }
  return null
}

/** `#flashcards/science/physics` → `science::physics`; null for `#flashcards` alone. */
function deckOf([, path = '']: RegExpExecArray): string | null {
  return path === '' ? null : path.slice(1).replaceAll('/', '::')
}
