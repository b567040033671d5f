/*
 * The article of a web page as text with its structure: headings, list items, rows and cells. Only the thread that reads
 * documents loads this.
 */
import { isUtf8 } from 'node:buffer'
import { isProbablyReaderable, Readability } from '@mozilla/readability'
import sniff from 'html-encoding-sniffer'
import { parseHTML } from 'linkedom'

/** The text of a page, before it is cleaned. */
export interface PageText {
  title: string | null
  text: string
  /** Whether it looks like something to read, in the judgement of Mozilla's Readability. */
  article: boolean
}

/** What of linkedom's nodes is used here; TypeScript's own types of the DOM are those of a browser. */
interface Node {
  nodeType: number
  nodeName: string
  firstChild: Node | null
  nextSibling: Node | null
  parentNode: Node | null
  textContent: string | null
}
interface Element extends Node {
  getAttribute(name: string): string | null
  querySelector(selector: string): Element | null
}
interface Page extends Element {
  title: string
  body: Element | null
  documentElement: Element | null
}

const ELEMENT = 1
const TEXT = 3

/**
 * The text of a page that is already in Unicode. Of a page in which Readability finds no article, everything is taken
 * that is text.
 */
export function textOfPage(html: string): PageText {
  const page = parse(html)
  const named = page.title || page.querySelector('title')?.textContent
  const all = { title: named || null, text: textOf(page.body ?? page.documentElement), article: false }
  if (depthOf(page) > DEEPEST) return all
  try {
    const looksReadable = isProbablyReaderable(page as never)
    const article = new Readability<Node>(page as never, {
      serializer: (node) => node as unknown as Node,
      classesToPreserve: [EDIT_LINK],
    }).parse()
    const text = article?.content ? textOf(article.content) : ''
    return text.trim() === '' ? all : { title: article?.title || all.title, text, article: looksReadable }
  } catch (error) {
    // its recursion is deeper than ours, which has none
    if (error instanceof RangeError) return all
    throw error
  }
}

/** Boxes within boxes: real pages have some dozens, and Readability takes a minute for twenty thousand. */
const DEEPEST = 500

function depthOf(root: Node): number {
  let deepest = 0
  const todo: [node: Node, depth: number][] = [[root, 0]]
  for (let next = todo.pop(); next; next = todo.pop()) {
    const [node, depth] = next
    deepest = Math.max(deepest, depth)
    for (let child = node.firstChild; child; child = child.nextSibling) todo.push([child, depth + 1])
  }
  return deepest
}

/** Where there is no `<html>`, linkedom takes the first element for the whole document. */
function parse(html: string): Page {
  const whole = /<html[\s>]/i.test(html)
    ? html
    : `<!doctype html><html><body>${html.replace(/<!doctype[^>]*>/i, '')}</body></html>`
  return parseHTML(whole).document as unknown as Page
}

/**
 * A page's bytes as text, by its byte order mark, what the server says (`charset`), and what stands in the page, in this
 * order. Servers are wrong often: what is UTF-8 throughout, with letters outside ASCII, is UTF-8 whatever they say.
 */
export function decodePage(bytes: Uint8Array, charset: string | undefined): string {
  const said = charset === undefined ? {} : { transportLayerEncodingLabel: charset }
  const encoding = isUtf8(bytes) && bytes.some((byte) => byte > 0x7f) ? 'utf-8' : sniff(bytes, said)
  try {
    return new TextDecoder(encoding).decode(bytes)
  } catch {
    // an encoding of the standard's that this Node does not have
    return new TextDecoder('windows-1252').decode(bytes)
  }
}

/** Not for reading, or there a second time. */
const HIDDEN = new Set(
  'TITLE SCRIPT STYLE NOSCRIPT TEMPLATE HEAD SVG IFRAME OBJECT BUTTON SELECT TEXTAREA'.split(' '),
)
/** What stands between blank lines, and what on a line of its own. */
const PARAGRAPHS = new Set('P UL OL DL TABLE BLOCKQUOTE PRE FIGURE HR'.split(' '))
const LINES = new Set(
  'DIV SECTION ARTICLE MAIN HEADER FOOTER ASIDE NAV ADDRESS DT DD CAPTION FIGCAPTION DETAILS SUMMARY FORM'.split(
    ' ',
  ),
)

/** What MediaWiki puts behind each heading. */
const EDIT_LINK = 'mw-editsection'

function isHidden(element: Element): boolean {
  return (
    HIDDEN.has(element.nodeName.toUpperCase()) ||
    element.getAttribute('class')?.split(/\s+/).includes(EDIT_LINK) ||
    isReference(element) ||
    element.getAttribute('aria-hidden') === 'true' ||
    element.getAttribute('hidden') !== null
  )
}

/** "[12]" behind a statement: a link to its source, which nobody would quote along with it. */
function isReference(element: Element): boolean {
  return (
    element.nodeName.toUpperCase() === 'SUP' &&
    /^\s*\[[^[\]]{1,30}\]\s*$/.test(element.textContent ?? '') &&
    element.querySelector('a') !== null
  )
}

/** Text of a node: a line a block, `# ` before headings, `- ` before list items, a tab between cells. */
function textOf(root: Node | null): string {
  const lines = new Lines()
  // no recursion, because pages nest as deep as they like: what is to do next stands last
  const todo: (Node | (() => void))[] = root ? [root] : []
  for (let next = todo.pop(); next; next = todo.pop()) {
    if (typeof next === 'function') next()
    else if (next.nodeType === TEXT) lines.add(next.textContent ?? '')
    else if (next.nodeType === ELEMENT && !isHidden(next as Element)) {
      const leave = enter(next as Element, lines)
      if (!leave) continue
      todo.push(leave)
      const children: Node[] = []
      for (let child = next.firstChild; child; child = child.nextSibling) children.push(child)
      todo.push(...children.reverse())
    }
  }
  return lines.text
}

/** Does what comes before an element's children; returns what comes after, or null when there is nothing in it to read. */
function enter(element: Element, lines: Lines): (() => void) | null {
  const name = element.nodeName.toUpperCase()
  const heading = /^H([1-6])$/.exec(name)?.[1]
  if (heading !== undefined) return lines.block(2, `${'#'.repeat(Number(heading))} `)
  if (PARAGRAPHS.has(name)) {
    if (name === 'UL' || name === 'OL') return lines.list()
    const leave = lines.block(2)
    if (name === 'PRE') return both(lines.within('pre'), leave)
    return name === 'TABLE' ? both(lines.table(isLayout(element)), leave) : leave
  }
  if (LINES.has(name)) return lines.block(1)
  switch (name) {
    case 'LI':
      return lines.item()
    case 'TR':
      return lines.row()
    case 'TD':
    case 'TH':
      return lines.cell()
    case 'BR':
      lines.lineBreak()
      return null
    case 'SUP':
      // without it, ten to the sixth is a hundred and six
      if (/^[-+−–]?(?:\d+|[nxk])$/.test(element.textContent ?? '') && !element.querySelector('a'))
        lines.add('^')
      return () => {}
    case 'MATH':
      lines.add(element.getAttribute('alttext') ?? tex(element) ?? element.textContent ?? '')
      return null
  }
  return () => {}
}

const both = (first: () => void, second: () => void) => () => {
  first()
  second()
}

const tex = (math: Element) => math.querySelector('annotation[encoding*="tex"]')?.textContent

/** Whether a table is there for where things stand, and its cells hold text of several blocks. */
function isLayout(table: Element): boolean {
  return table.querySelector('table, td p + p, td h1, td h2, td h3, td h4') !== null
}

/** Text that grows by words, blocks and cells, with white space between them as a browser has it. */
class Lines {
  readonly #parts: string[] = []
  /** Line breaks, or a space, that come before the next words, if any come. */
  #breaks = 0
  #space = false
  /** What the next words begin with. */
  #mark = ''
  readonly #inside = { pre: 0, list: 0, cell: 0 }
  readonly #tables: ('layout' | 'data')[] = []
  #cells = 0

  get text(): string {
    return this.#parts.join('')
  }

  add(text: string): void {
    if (this.#inside.pre > 0 && this.#inside.cell === 0) {
      this.#write(text.replaceAll('\t', '    '))
      return
    }
    const words = text.trim()
    if (/^\s/.test(text)) this.#space = true
    if (words === '') return
    this.#write(words.replace(/\s+/g, ' '))
    this.#space = /\s$/.test(text)
  }

  /** Begins a block after so many line breaks; in a cell of a table, after a space. Returns how to end it. */
  block(breaks: number, mark = ''): () => void {
    this.#break(breaks)
    if (this.#inside.cell === 0) this.#mark += mark
    return () => {
      if (mark !== '') this.#mark = ''
      this.#break(breaks)
    }
  }

  list(): () => void {
    return both(this.within('list'), this.block(this.#inside.list > 1 ? 1 : 2))
  }

  item(): () => void {
    return this.block(1, `${'  '.repeat(Math.max(0, this.#inside.list - 1))}- `)
  }

  lineBreak(): void {
    this.#break(Math.min(2, this.#breaks + 1))
  }

  table(isLayout: boolean): () => void {
    this.#tables.push(isLayout ? 'layout' : 'data')
    return () => this.#tables.pop()
  }

  row(): () => void {
    const cells = this.#cells
    this.#cells = 0
    const leave = this.block(1)
    return () => {
      this.#cells = cells
      leave()
    }
  }

  cell(): () => void {
    if (this.#tables.at(-1) === 'layout') return this.block(1)
    if (this.#cells++ > 0) {
      this.#space = false
      this.#write('\t')
    }
    return this.within('cell')
  }

  /** Counts an element that changes how the text in it is taken; returns how to leave it. */
  within(what: 'pre' | 'list' | 'cell'): () => void {
    this.#inside[what]++
    return () => {
      this.#inside[what]--
    }
  }

  #break(count: number): void {
    if (this.#inside.cell > 0) this.#space = true
    else this.#breaks = Math.max(this.#breaks, count)
  }

  #write(text: string): void {
    const first = this.#parts.length === 0
    if (this.#breaks > 0) this.#parts.push(first ? '' : '\n'.repeat(this.#breaks))
    else if (this.#space && !first) this.#parts.push(' ')
    this.#parts.push(this.#mark, text)
    this.#breaks = 0
    this.#space = false
    this.#mark = ''
  }
}
