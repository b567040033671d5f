import { clozeText, deletedText, hintText } from './cloze.ts'

type Node =
  | { kind: 'text'; text: string }
  /** `{{filter:filter:Field}}`, the filters in the order in which they work. */
  | { kind: 'field'; name: string; filters: string[] }
  | { kind: 'section'; name: string; negated: boolean; nodes: Node[] }

/** One side of a card template, read. */
export interface Template {
  nodes: Node[]
  /** The fields that it shows otherwise than for comparing with what was typed. */
  shown: ReadonlySet<string>
  /** What is wrong with it, in words that follow "the template …"; what can be rendered of it is. */
  fault: string | null
}

/** What a template is filled with. */
export interface Filling {
  /** The note's fields, and Anki's special ones (Tags, Deck, Card and so on), as HTML. */
  fields: ReadonlyMap<string, string>
  /** The number of the deletion for a card of a cloze note type; null for others. */
  cloze: number | null
  side: 'question' | 'answer'
  /** Whether what is only to be spoken is written: the last resort for a question that would be empty. */
  spoken: boolean
  /** Called with a name that is no field. */
  unknown(name: string): void
}

/** Sections in sections; nobody writes this many. */
const DEEPEST = 50
/** The longest template that is read, in characters. */
const LONGEST_TEMPLATE = 500_000
/** The longest side that is rendered, in characters of HTML. */
const LONGEST = 2_000_000

/**
 * A template in Anki's form of Mustache, https://docs.ankiweb.net/templates/intro.html. The old delimiters `<% %>` hold for a
 * template that begins with `{{=<% %>=}}`. Comments of HTML are dropped with all that is in them.
 */
export function parseTemplate(source: string): Template {
  if (source.length > LONGEST_TEMPLATE) return { nodes: [], shown: new Set(), fault: 'is longer than any' }
  const switched = /^\s*\{\{=<% %>=\}\}/.exec(source)?.[0]
  const [start, end] = switched === undefined ? ['{{', '}}'] : ['<%', '%>']
  const root: Node[] = []
  const open: { name: string; nodes: Node[] }[] = []
  let fault: string | null = null
  const add = (node: Node) => (open.at(-1)?.nodes ?? root).push(node)
  const text = (from: number, to: number) => {
    if (to > from) add({ kind: 'text', text: source.slice(from, to) })
  }
  let at = switched?.length ?? 0
  let comment = -1
  while (at < source.length) {
    const tag = source.indexOf(start, at)
    if (comment !== Number.POSITIVE_INFINITY && comment < at) comment = place(source, '<!--', at)
    if (comment < (tag < 0 ? source.length : tag)) {
      text(at, comment)
      const closed = source.indexOf('-->', comment)
      if (closed < 0) {
        text(comment, comment + 4)
        at = comment + 4
        comment = Number.POSITIVE_INFINITY
      } else at = closed + 3
      continue
    }
    const closed = tag < 0 ? -1 : source.indexOf(end, tag + start.length)
    if (closed < 0) {
      if (tag >= 0) fault ??= 'has a {{ without its }}'
      text(at, source.length)
      break
    }
    text(at, tag)
    at = closed + end.length
    const inner = source
      .slice(tag + start.length, closed)
      .replace(/^\{+/, '')
      .trim()
    const sign = inner.length > 1 ? inner[0] : ''
    const name = inner.slice(1).trim()
    if (sign === '#' || sign === '^') {
      const nodes: Node[] = []
      if (open.length < DEEPEST) add({ kind: 'section', name, negated: sign === '^', nodes })
      else fault = `has more than ${DEEPEST} conditions inside each other`
      open.push({ name, nodes })
    } else if (sign === '/') {
      if (open.at(-1)?.name === name) open.pop()
      else fault ??= `closes {{/${name}}}, which is not open`
    } else {
      const parts = inner.split(':')
      add({
        kind: 'field',
        name: (parts.pop() ?? '').trim(),
        filters: parts.reverse().map((part) => part.trim()),
      })
    }
  }
  const left = open.at(-1)
  if (left) fault ??= `never closes {{#${left.name}}}`
  return { nodes: root, shown: new Set(shownFields(root)), fault }
}

function place(text: string, part: string, from: number): number {
  const found = text.indexOf(part, from)
  return found < 0 ? Number.POSITIVE_INFINITY : found
}

/** The HTML of a side, without the front in a back; null when it is longer than any card. */
export function render(template: Template, filling: Filling): string | null {
  const pieces: string[] = []
  let length = 0
  const write = (nodes: readonly Node[]): boolean =>
    nodes.every((node) => {
      if (node.kind === 'section') {
        return isFilled(node.name, filling) === node.negated || write(node.nodes)
      }
      const piece = node.kind === 'text' ? node.text : fieldText(node, template.shown, filling)
      pieces.push(piece)
      length += piece.length
      return length <= LONGEST
    })
  return write(template.nodes) ? pieces.join('') : null
}

/** The field that a side asks to be typed, and whether only its deletion: `{{type:Back}}`, `{{type:cloze:Text}}`. */
export function typedField(nodes: readonly Node[]): { name: string; cloze: boolean } | null {
  for (const node of nodes) {
    if (node.kind === 'section') {
      const found = typedField(node.nodes)
      if (found) return found
    } else if (node.kind === 'field' && node.filters.some(isTyping)) {
      return { name: node.name, cloze: node.filters.some((filter) => /^(?:type-)?cloze$/.test(filter)) }
    }
  }
  return null
}

/** The fields that a side shows with deletions. */
export function clozeFields(nodes: readonly Node[]): string[] {
  return nodes.flatMap((node) => {
    if (node.kind === 'section') return clozeFields(node.nodes)
    return node.kind === 'field' && node.filters.some((filter) => /cloze/.test(filter)) ? [node.name] : []
  })
}

function shownFields(nodes: readonly Node[]): string[] {
  return nodes.flatMap((node) => {
    if (node.kind === 'section') return shownFields(node.nodes)
    return node.kind === 'field' && !node.filters.some(isTyping) ? [node.name] : []
  })
}

const isTyping = (filter: string) => filter === 'type' || filter.startsWith('type-')

/** Nothing but space and the empty lines that Anki's editor leaves behind. */
const EMPTY = /^(?:\s|<\/?(?:br|div) ?\/?>)*$/i

function isFilled(name: string, { fields, cloze }: Filling): boolean {
  if (cloze !== null && name === `c${cloze}`) return true
  const value = fields.get(name)
  return value !== undefined && !EMPTY.test(value)
}

function fieldText(
  { name, filters }: { name: string; filters: readonly string[] },
  shown: ReadonlySet<string>,
  filling: Filling,
): string {
  // a back shows the front again; here it does not
  if (name === 'FrontSide') return ''
  const value = filling.fields.get(name)
  if (value === undefined) {
    if (name !== '') filling.unknown(name)
    return ''
  }
  if (filters.some(isTyping)) return shown.has(name) ? '' : typed(value, filters, filling)
  return filters.reduce((text, filter) => filtered(text, filter, filling), value)
}

/** What is to be typed: nothing on the question but the box that is not there, what was expected on the answer. */
function typed(value: string, filters: readonly string[], { cloze, side }: Filling): string {
  if (side === 'question') return ''
  const hidden = filters.some((filter) => filter === 'cloze' || filter === 'type-cloze')
  return hidden && cloze !== null ? deletedText(value, cloze) : value
}

/** Anki's filters; one of an add-on, which only that add-on knows, changes nothing. */
function filtered(text: string, filter: string, { cloze, side, spoken }: Filling): string {
  switch (filter) {
    case 'text':
      return text.replace(/<[^<>]*>/g, '')
    case 'furigana':
      return withReadings(text, (base, reading) => `<ruby>${base}<rt>${reading}</rt></ruby>`)
    case 'kana':
      return withReadings(text, (_, reading) => reading)
    case 'kanji':
      return withReadings(text, (base) => base)
    case 'cloze':
      if (cloze === null) return ''
      return side === 'question' ? clozeText(text, cloze, true) : deletedText(text, cloze)
    case 'cloze-only':
      if (cloze === null) return ''
      return side === 'question' ? hintText(text, cloze) : deletedText(text, cloze)
    case 'hint':
      // behind a click in Anki, so it is not for the question
      return side === 'question' ? '' : text
  }
  return /^tts(?:\s|$)/.test(filter) && !spoken ? '' : text
}

/** `漢字[かんじ]`, what stands before the bracket up to a space, and its reading, as `show` puts them. */
function withReadings(text: string, show: (base: string, reading: string) => string): string {
  const pieces: string[] = []
  let written = 0
  let start = 0
  let open = -1
  for (const { index, 0: sign } of text.matchAll(/[ >[\]]/g)) {
    if (sign === '[') {
      if (open >= 0) start = open + 1
      open = index
    } else if (sign === ']') {
      const base = open < 0 ? '' : text.slice(start, open)
      const reading = text.slice(open + 1, index)
      if (base !== '' && reading !== '' && !reading.startsWith('sound:')) {
        // the space only says where the base begins
        const before = start > written && text[start - 1] === ' ' ? start - 1 : start
        pieces.push(text.slice(written, before), show(base, reading))
        written = index + 1
      }
      start = index + 1
      open = -1
    } else if (open < 0) start = index + 1
  }
  return pieces.join('') + text.slice(written)
}
