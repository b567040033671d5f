import { CliError } from '../errors.ts'
import { decode } from './decode.ts'
import type { ParsedRecord } from './format.ts'
import { RECORD_LIMIT, tooLong } from './record.ts'

const LINE_BREAK = /\r\n|\n|\r/

/** How many line breaks a text holds. LF, CRLF and a lone CR are one break each. */
export function countLineBreaks(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++
  for (let at = text.indexOf('\r'); at >= 0; at = text.indexOf('\r', at + 1)) {
    if (text[at + 1] !== '\n') count++
  }
  return count
}

/** What makes records of lines. Records go to `out`. */
export interface LineParser {
  /** Takes a line, without its break, and its 1-based number. Throws CliError('failure') when nothing after it can be trusted. */
  take(line: string, number: number, out: ParsedRecord[]): void
  /** To be called behind the last line. Throws as `take` does. */
  finish(out: ParsedRecord[]): void
}

/** The records that a parser finds in the lines of a file. Throws what decode and the parser throw, and for endless lines. */
export async function* readLines(
  bytes: AsyncIterable<Uint8Array>,
  encoding: string | undefined,
  parser: LineParser,
): AsyncGenerator<ParsedRecord[]> {
  let rest = ''
  let number = 0
  let out: ParsedRecord[] = []
  const take = (line: string) => {
    number++
    if (line.length > RECORD_LIMIT) throw tooLong(number)
    parser.take(line, number, out)
  }
  try {
    for await (const piece of decode(bytes, encoding)) {
      const lines = piece.split(LINE_BREAK)
      lines[0] = rest + lines[0]
      rest = lines.pop() ?? ''
      lines.forEach(take)
      if (rest.length > RECORD_LIMIT) throw tooLong(number + 1)
      if (out.length === 0) continue
      yield out
      out = []
    }
    if (rest !== '') take(rest)
    parser.finish(out)
  } catch (error) {
    // what was found wrong before is named as well
    if (out.length > 0) yield out
    throw error
  }
  if (out.length > 0) yield out
}

/** Lines that belong together, with the number of the first. */
export class Block {
  readonly line: number
  readonly #lines: string[] = []
  #size = 0

  constructor(line: number) {
    this.line = line
  }

  /** Throws CliError('failure') when they get too many. */
  add(line: string): void {
    this.#size += line.length + 1
    if (this.#size > RECORD_LIMIT) throw tooLong(this.line)
    this.#lines.push(line)
  }

  get lines(): readonly string[] {
    return this.#lines
  }

  /** The lines as one text, whatever their breaks were. */
  get text(): string {
    return this.#lines.join('\n')
  }
}

/** Follows fenced code through the lines of Markdown: https://spec.commonmark.org/0.31.2/#fenced-code-blocks. */
export class Fences {
  #open: string | undefined

  /** Takes the next line; says whether it is code, or one of the fences around it. */
  take(line: string): boolean {
    const [, fence = '', info = ''] = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line) ?? []
    if (this.#open === undefined) {
      if (fence === '' || (fence.startsWith('`') && info.includes('`'))) return false
      this.#open = fence
      return true
    }
    if (fence.startsWith(this.#open) && info.trim() === '') this.#open = undefined
    return true
  }
}

/** Passes over YAML or TOML at the very beginning of a file, between lines of `---`; its lines are kept. */
export class FrontMatter {
  readonly block = new Block(1)
  #inside = false
  /** Whether it has come to its end. */
  closed = false

  /** Takes the next line; says whether it is part of the front matter. */
  take(line: string, number: number): boolean {
    if (number === 1 && /^---\s*$/.test(line)) {
      this.#inside = true
    } else if (!this.#inside || this.closed) {
      return false
    } else if (/^---\s*$/.test(line)) {
      this.closed = true
    }
    this.block.add(line)
    return true
  }

  /** To be called behind the last line. Throws CliError('failure') when it never ended. */
  finish(): void {
    if (this.#inside && !this.closed)
      throw new CliError(
        'failure',
        'line 1: the front matter that begins here is never closed',
        'It ends with a line of ---',
      )
  }
}
