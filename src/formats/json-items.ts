import { CliError } from '../errors.ts'
import { RECORD_LIMIT, tooLong } from './record.ts'

/** The text of one item of the array, and the 1-based line where it begins. */
export interface Item {
  line: number
  text: string
}

const SHAPE = 'A JSON file holds an array of cards or {"cards": […]}; for one card a line add: --format jsonl'

/**
 * Cuts a JSON document into the items of its array without reading the items, so that a bad one stays one bad one and a
 * long document needs little memory. The array is the document itself (RFC 8259) or the "cards" member of its object.
 * Depth 0 is outside the document, 1 inside its own brackets; items lie between commas at `itemDepth`.
 */
export class ItemScanner {
  #line = 1
  #depth = 0
  /** 1 or 2 inside the array, undefined outside it. */
  #itemDepth: number | undefined
  #inString = false
  #escaped = false
  #finished = false
  #arrayFound = false
  // The item, or the member of the document's object, that is being read: what earlier pieces held of it, where it goes
  // on in this one, and the line of its first character.
  #text = ''
  #piece = ''
  #from = 0
  #textLine: number | undefined
  #afterComma = false

  /** The items that end in this piece. No piece may end between CR and LF. Throws CliError('failure') with a line. */
  feed(piece: string): Item[] {
    const items: Item[] = []
    this.#piece = piece
    this.#from = 0
    for (let at = 0; at < piece.length; at++) {
      const character = piece.charAt(at)
      const lineBreak = character === '\n' || (character === '\r' && piece[at + 1] !== '\n')
      if (lineBreak) this.#line++
      if (this.#inString) {
        // JSON allows no line break in a string, so an unclosed one ends with its line and does not turn all that
        // follows inside out.
        if (lineBreak || (character === '"' && !this.#escaped)) this.#inString = false
        this.#escaped = character === '\\' && !this.#escaped && !lineBreak
      } else if (character !== ' ' && character !== '\n' && character !== '\t' && character !== '\r') {
        const item = this.#depth === 0 ? this.#open(character, at) : this.#step(character, at)
        if (item) items.push(item)
      }
    }
    this.#text += piece.slice(this.#from)
    if (this.#text.length > RECORD_LIMIT) throw tooLong(this.#textLine ?? this.#line)
    return items
  }

  /** To be called when no piece is left. Throws CliError('failure') if the document is not complete. */
  finish(): void {
    if (this.#depth === 0) return
    if (this.#textLine !== undefined) throw fault(this.#textLine, 'what begins here is never closed')
    throw fault(this.#line, 'the file ends before its array does')
  }

  #open(character: string, at: number): undefined {
    if (this.#finished) throw fault(this.#line, 'there is more text after the end of the JSON')
    if (character !== '[' && character !== '{') {
      throw fault(this.#line, `this is not JSON: it begins with ${character}`)
    }
    if (character === '[') this.#itemDepth = 1
    this.#depth = 1
    this.#from = at + 1
  }

  /** Takes one character inside the document, neither white space nor in a string; returns the item it ends. */
  #step(character: string, at: number): Item | undefined {
    const empty = this.#textLine === undefined && !this.#afterComma
    this.#textLine ??= this.#line
    const level = this.#itemDepth ?? 1
    switch (character) {
      case '"':
        this.#inString = true
        return undefined
      case ',':
        return this.#depth === level ? this.#end(at) : undefined
      case '{':
      case '[':
        this.#depth++
        if (character === '[' && this.#depth === 2 && this.#isCards(at)) {
          this.#cut(at)
          this.#itemDepth = 2
        }
        return undefined
      case '}':
      case ']':
        this.#depth--
        return this.#depth < level ? this.#close(character, at, empty) : undefined
    }
    return undefined
  }

  /** Whether the array that opens here is the value of "cards". */
  #isCards(at: number): boolean {
    return this.#itemDepth === undefined && /^\s*"cards"\s*:\s*$/.test(this.#soFar(at))
  }

  #close(character: string, at: number, empty: boolean): Item | undefined {
    const expected = this.#itemDepth === undefined ? '}' : ']'
    if (character !== expected) throw fault(this.#line, `expected ${expected} here and found ${character}`)
    const last = this.#end(at)
    if (this.#itemDepth !== undefined) this.#arrayFound = true
    this.#itemDepth = undefined
    this.#finished = this.#depth === 0
    if (this.#finished && !this.#arrayFound) throw fault(this.#line, 'this JSON object has no "cards" array')
    return empty ? undefined : last
  }

  /** Ends an item, which is returned, or a member of the document's object, which is not. */
  #end(at: number): Item | undefined {
    const ended = this.#cut(at)
    if (this.#itemDepth !== undefined) return ended
    checkMember(ended)
    return undefined
  }

  #cut(at: number): Item {
    const item = { line: this.#textLine ?? this.#line, text: this.#soFar(at) }
    if (item.text.length > RECORD_LIMIT) throw tooLong(item.line)
    this.#text = ''
    this.#textLine = undefined
    this.#afterComma = this.#piece[at] === ','
    this.#from = at + 1
    return item
  }

  #soFar(at: number): string {
    return this.#text + this.#piece.slice(this.#from, at)
  }
}

/** Members beside "cards" mean nothing to us, but the document should still be JSON. */
function checkMember({ line, text }: Item): void {
  try {
    JSON.parse(`{${text}}`)
  } catch {
    throw fault(line, 'this is not JSON')
  }
}

function fault(line: number, what: string): CliError {
  return new CliError('failure', `line ${line}: ${what}`, SHAPE)
}
