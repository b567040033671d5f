import type { Handler } from 'htmlparser2'

/** Elements that begin and end a line. */
const BLOCKS = new Set([
  'div',
  'p',
  'li',
  'ul',
  'ol',
  'tr',
  'table',
  'hr',
  'pre',
  'blockquote',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
])
/** Elements whose text nobody sees. */
const HIDDEN = new Set(['style', 'script', 'head', 'title', 'rp'])

/**
 * Makes a function that gives the text of a piece of HTML as a browser would show it, roughly: lines where blocks and `<br>` are, tabs
 * between cells, `[image: name]` for pictures, readings in brackets; null for what is nested deeper than anybody writes, where the
 * parser takes quadratic time. Control characters are left as they are.
 */
export async function htmlReader(): Promise<(html: string) => string | null> {
  const { Parser } = await import('htmlparser2')
  return (html) => {
    // most fields are plain text
    if (!/[<&]/.test(html)) return html.trim()
    const text = new Lines()
    const parser = new Parser(text, { decodeEntities: true })
    for (let at = 0; at < html.length && text.depth <= DEEPEST; at += STEP)
      parser.write(html.slice(at, at + STEP))
    if (text.depth > DEEPEST) return null
    parser.end()
    return text.toString()
  }
}

const DEEPEST = 1000
/** How much is parsed before the depth is looked at, in characters. */
const STEP = 4096

class Lines implements Partial<Handler> {
  readonly #parts: string[] = []
  /** How many elements are open. */
  depth = 0
  #hidden = 0
  /** Whether a line ends here, if more text comes. */
  #broken = false

  onopentag(name: string, attributes: Record<string, string>): void {
    this.depth++
    if (HIDDEN.has(name)) this.#hidden++
    else if (name === 'br') this.#add('\n')
    else if (name === 'td' || name === 'th') this.#separate()
    else if (name === 'rt') this.#add('(')
    else if (name === 'img') this.#add(`[image: ${attributes.alt || attributes.src || ''}]`)
    else if (BLOCKS.has(name)) this.#break()
  }

  onclosetag(name: string): void {
    this.depth--
    if (HIDDEN.has(name)) this.#hidden = Math.max(0, this.#hidden - 1)
    else if (name === 'rt') this.#add(')')
    else if (BLOCKS.has(name)) this.#break()
  }

  ontext(text: string): void {
    this.#add(text.replaceAll('\u00a0', ' '))
  }

  #add(text: string): void {
    if (this.#hidden > 0 || text === '') return
    if (this.#broken) this.#parts.push('\n')
    this.#broken = false
    this.#parts.push(text)
  }

  #break(): void {
    if (this.#hidden === 0 && this.#parts.length > 0 && !this.#parts.at(-1)?.endsWith('\n'))
      this.#broken = true
  }

  #separate(): void {
    if (this.#parts.length > 0 && !this.#broken && !this.#parts.at(-1)?.endsWith('\n')) this.#add('\t')
  }

  toString(): string {
    return this.#parts.join('').trim()
  }
}
