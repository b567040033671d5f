import type { ChalkInstance } from 'chalk'
import { getDefaults, Lexer, type MarkedToken, type Token, Tokenizer, type Tokens } from 'marked'
import { BLOCKS, findSpans } from '../core/markup.ts'
import { hasMarkup, plainLines, type TextLines } from './markup.ts'
import { safe } from './safe.ts'
import { width, wrap } from './text.ts'

/*
 * Markdown of cards for the terminal. marked takes it apart, as strictly as markup.ts says; here it is drawn, by display
 * width. (Renderers for terminals that could be had load for 150 ms, count characters instead of columns and let escape
 * sequences through.) Loaded only for a card that has markup.
 */

/** Lists and quotes within each other: deeper ones are text. */
const DEEPEST = 6

/** marked's tokenizer, which takes for a block only what markup.ts does. */
class CardTokenizer extends Tokenizer {
  private depth = 0

  override fences(src: string): Tokens.Code | undefined {
    return read(BLOCKS.fences, src, (fence) => super.fences(fence))
  }
  override heading(src: string): Tokens.Heading | undefined {
    return read(BLOCKS.headings, src, (heading) => super.heading(heading))
  }
  override table(src: string): Tokens.Table | undefined {
    return read(BLOCKS.tables, src, (table) => {
      // cells that the head has no column for would be dropped
      const [head = '', , ...rows] = table.split('\n')
      return rows.every((row) => cellCount(row) <= cellCount(head)) ? super.table(table) : undefined
    })
  }
  override blockquote(src: string): Tokens.Blockquote | undefined {
    return read(BLOCKS.quotes, src, (quote) => this.deeper(() => super.blockquote(quote)))
  }
  override list(src: string): Tokens.List | undefined {
    const isNested = this.depth > 0 && /^ *(?:[-*]|\d{1,3}[.)]) +\S/.test(src)
    if (isNested) return this.deeper(() => super.list(src))
    return read(BLOCKS.lists, src, (list) => this.deeper(() => super.list(list)))
  }

  // what is indented is a line of a poem, --- a dash, <b> the question about HTML
  override code(): undefined {}
  override hr(): undefined {}
  override lheading(): undefined {}
  override html(): undefined {}
  override def(): undefined {}

  private deeper<Block>(read: () => Block): Block | undefined {
    if (this.depth >= DEEPEST) return undefined
    this.depth++
    try {
      return read()
    } finally {
      this.depth--
    }
  }
}

const cellCount = (row: string) =>
  row
    .trim()
    .replace(/^\||\|$/g, '')
    .split(/(?<!\\)\|/).length

/** The block of one of these kinds that the text begins with, as `from` makes a token of it. */
function read<Block>(
  kinds: readonly { whole: RegExp }[],
  src: string,
  from: (block: string) => Block,
): Block | undefined {
  for (const { whole } of kinds) {
    const [block] = whole.exec(src) ?? []
    if (block !== undefined) return from(block)
  }
  return undefined
}

/** marked's lexer, with the marks of markup.ts within lines. */
class CardLexer extends Lexer {
  override inlineTokens(src: string, tokens: Token[] = []): Token[] {
    let read = 0
    const text = (raw: string) => raw && tokens.push({ type: 'text', raw, text: raw })
    for (const { span, raw, index } of findSpans(src)) {
      text(src.slice(read, index))
      read = index + raw.length
      switch (span) {
        case 'opaque':
          text(raw)
          break
        case 'code':
          tokens.push({ type: 'codespan', raw, text: raw.slice(1, -1) })
          break
        case 'padded':
          tokens.push({ type: 'codespan', raw, text: raw.slice(3, -3) })
          break
        case 'link': {
          const [label = '', href = ''] = raw.slice(1, -1).split('](')
          tokens.push({ type: 'link', raw, text: label, href, tokens: this.inlineTokens(label) })
          break
        }
        case 'both': // strong around *emphasis*
        case 'strong':
        case 'part':
          tokens.push({ type: 'strong', raw, text: raw, tokens: this.inlineTokens(raw.slice(2, -2)) })
          break
        case 'em':
        case 'title':
          tokens.push({ type: 'em', raw, text: raw, tokens: this.inlineTokens(raw.slice(1, -1)) })
          break
        default:
          span satisfies never
      }
    }
    text(src.slice(read))
    return tokens
  }
}

/** A stretch of text with how it is painted. */
interface Piece {
  text: string
  paint: (text: string) => string
}

/** Room to draw in, and what to draw with. */
interface Pen {
  columns: number
  style: ChalkInstance
}

/**
 * The text with its Markdown drawn for a terminal. Without colours the signs of emphasis and code stay, for nothing else
 * would tell them; with colours `*emphasis*` is underlined, as manuals do it (few terminals slant Japanese), `**strong**`
 * bold, and underlined as well where `style` paints already. Every other line of the text stays a line. A text without
 * markup is as `plainLines` shows it. Nothing in the text reaches the terminal as an escape sequence.
 */
export const markdownLines: TextLines = (text, columns, style) => {
  if (!hasMarkup(text)) return plainLines(text, columns, style)
  const lexer = new CardLexer({ ...getDefaults(), tokenizer: new CardTokenizer() })
  return blocks(lexer.lex(safe(text)), { columns, style })
}

/** The blocks one below the other, with the empty lines that the text has between them. */
function blocks(tokens: Token[], pen: Pen): string[] {
  const lines: string[] = []
  let newlines = 0
  for (const token of tokens as MarkedToken[]) {
    if (token.type === 'space') {
      newlines += token.raw.split('\n').length - 1
    } else {
      lines.push(...emptyLines(newlines - (lines.length > 0 ? 1 : 0)), ...block(token, pen))
      newlines = newlinesAfter(token.raw)
    }
  }
  return lines
}

const newlinesAfter = (raw: string) => raw.slice(raw.trimEnd().length).split('\n').length - 1
const emptyLines = (count: number) => Array.from({ length: Math.max(0, count) }, () => '')

function block(token: MarkedToken, pen: Pen): string[] {
  const { style } = pen
  switch (token.type) {
    case 'paragraph':
    case 'text':
      return inlineLines(token.tokens ?? [], pen)
    case 'heading': {
      const sign = `${'#'.repeat(token.depth)} `
      return beside(sign, ' '.repeat(width(sign)), pen, (columns) =>
        inlineLines(token.tokens, { columns, style: style.bold }),
      )
    }
    case 'code':
      return codeLines(token, pen)
    case 'blockquote':
      return beside('> ', '> ', pen, (columns) => blocks(token.tokens, { columns, style }))
    case 'list':
      return listLines(token, pen)
    case 'table':
      return tableLines(token, pen)
    default:
      return plainLines(token.raw, pen.columns, style)
  }
}

/** Fenced code behind a bar, with what its fence says of it (mostly the language) at the top. */
function codeLines({ raw, text }: Tokens.Code, pen: Pen): string[] {
  const { style } = pen
  const [fence = ''] = raw.split('\n')
  const info = fence.replace(/^ *[`~]+/, '').trim()
  return [
    ...(info ? plainLines(`┌ ${info}`, pen.columns, style.dim) : []),
    ...beside('│ ', '│ ', pen, (columns) =>
      text
        .replace(/\n$/, '')
        .split('\n')
        .flatMap((line) => wrap(line, columns))
        .map((line) => (line ? style.cyan(line) : '')),
    ),
  ]
}

/** Lines to the right of a sign, or below it in a window in which it would take half of the room. */
function beside(
  first: string,
  further: string,
  { columns, style }: Pen,
  draw: (columns: number) => string[],
): string[] {
  const room = columns - width(first)
  if (room < columns / 2) return [...plainLines(first.trim(), columns, style), ...draw(columns)]
  return draw(room).map((line, index) => {
    const sign = index === 0 ? first : further
    const shown = line ? sign : sign.trimEnd()
    return (shown.trim() ? style.dim(shown) : shown) + line
  })
}

/** Items with the bullets that they were typed with: a dash may be speech, and a number what is asked for. */
function listLines({ items, start, ordered }: Tokens.List, pen: Pen): string[] {
  const bullets = items.map(({ raw }) => /[-*]|\d+[.)]/.exec(raw)?.[0] ?? '')
  const [first = ''] = bullets
  // all numbers the same is how Markdown lets one leave the counting to it
  const counted = ordered && bullets.length > 1 && bullets.every((bullet) => bullet === first)
  return items.flatMap(({ raw, tokens: [head, ...tail] }, index) => {
    const bullet = counted ? `${Number(start) + index}${first.slice(-1)}` : (bullets[index] ?? '')
    const box = head?.type === 'checkbox' ? head.raw : ''
    const sign = `${bullet === '*' ? '•' : bullet} ${box}`
    const content = box || !head ? tail : [head, ...tail]
    const lines = beside(sign, ' '.repeat(width(sign)), pen, (columns) =>
      blocks(content, { ...pen, columns }),
    )
    return [...lines, ...emptyLines(newlinesAfter(raw) - 1)]
  })
}

/** Columns beside each other; where they do not fit, the table as it was typed. */
function tableLines({ raw, header, rows, align }: Tokens.Table, pen: Pen): string[] {
  const { columns, style } = pen
  const bold = header.map(({ tokens }) => pieces(tokens, style.bold))
  const cells = [bold, ...rows.map((row) => row.map(({ tokens }) => pieces(tokens, style)))]
  const widths = header.map((_, i) => Math.max(...cells.map((row) => width(textOf(row[i] ?? [])))))
  const line = (parts: string[], between: string) => parts.join(style.dim(between))
  const drawn = cells.map((row) =>
    line(
      widths.map((room, i) => aligned(row[i] ?? [], room, align[i] ?? 'left')),
      ' │ ',
    ),
  )
  const rule = line(
    widths.map((room) => style.dim('─'.repeat(room))),
    '─┼─',
  )
  const [head = '', ...body] = drawn
  if (width(rule) > columns) return plainLines(raw, columns, style)
  return [head, rule, ...body].map((line) => line.trimEnd())
}

function aligned(cell: Piece[], columns: number, to: 'left' | 'right' | 'center'): string {
  const spare = columns - width(textOf(cell))
  const before = to === 'left' ? 0 : to === 'right' ? spare : Math.floor(spare / 2)
  return ' '.repeat(before) + painted(cell) + ' '.repeat(spare - before)
}

/** Marks within lines become styles; without colours they stay as they were typed. */
function pieces(tokens: Token[], style: ChalkInstance): Piece[] {
  if (style.level === 0) return [{ text: tokens.map(({ raw }) => raw).join(''), paint: style }]
  const isPainted = style('x') !== 'x'
  const within = (tokens: Token[], paint: ChalkInstance): Piece[] =>
    (tokens as MarkedToken[]).flatMap((token): Piece[] => {
      switch (token.type) {
        case 'strong':
          return within(token.tokens, isPainted ? paint.bold.underline : paint.bold)
        case 'em':
          return within(token.tokens, paint.underline)
        case 'codespan':
          return [{ text: token.text, paint: paint.cyan }]
        case 'link':
          return [...within(token.tokens, paint.underline), { text: ` (${token.href})`, paint: paint.dim }]
        default:
          return [{ text: token.raw, paint }]
      }
    })
  return within(tokens, style)
}

const textOf = (pieces: Piece[]) => pieces.map(({ text }) => text).join('')
const painted = (pieces: Piece[]) => pieces.map(({ text, paint }) => (text ? paint(text) : '')).join('')

function inlineLines(tokens: Token[], { columns, style }: Pen): string[] {
  const lines: Piece[][] = [[]]
  for (const { text, paint } of pieces(tokens, style)) {
    const [first = '', ...more] = text.split('\n')
    lines.at(-1)?.push({ text: first, paint })
    lines.push(...more.map((text) => [{ text, paint }]))
  }
  return lines.flatMap((line) => wrapPieces(line, columns))
}

/**
 * The pieces in lines of at most `columns`, each piece closed where a line ends. `wrap` decides on the bare text, and its
 * lines are found again in it: it takes spaces away where a line breaks, adds indentation, and leaves the rest.
 */
function wrapPieces(line: Piece[], columns: number): string[] {
  const text = textOf(line)
  let at = 0
  return wrap(text, columns).map((wrapped) => {
    const body = wrapped.trimStart()
    at = text.indexOf(body, at) + body.length
    return wrapped.slice(0, -body.length || undefined) + painted(cut(line, at - body.length, at))
  })
}

/** The pieces between two places in their text. */
function cut(line: Piece[], from: number, to: number): Piece[] {
  let start = 0
  return line.map(({ text, paint }) => {
    const piece = { text: text.slice(Math.max(0, from - start), Math.max(0, to - start)), paint }
    start += text.length
    return piece
  })
}
