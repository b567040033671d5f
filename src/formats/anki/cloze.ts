/** A deletion of Anki's, `{{c1::text::hint}}`: with several numbers it belongs to several cards. */
interface Deletion {
  numbers: readonly number[]
  nodes: Node[]
  hint: string | null
}
type Node = string | Deletion

const TOKEN = /\{\{c([\d,]+)::|\}\}/g
/** As in Anki: a deletion opened deeper than this is none. */
const DEEPEST = 10

/**
 * The text of a field with the deletions of `number` hidden, or all of them shown. Empty when there is none of that number,
 * as in Anki. Works on HTML, and gives HTML.
 */
export function clozeText(html: string, number: number, hidden: boolean): string {
  const nodes = parse(html)
  return contains(nodes, number) ? write(nodes, number, hidden) : ''
}

/** What is deleted under `number`, each once and in its order, with commas between; the inner deletions of others shown. */
export function deletedText(html: string, number: number): string {
  const texts = outermost(parse(html), number).map((deletion) => write(deletion.nodes, number, false))
  return [...new Set(texts.filter((text) => text.trim() !== ''))].join(', ')
}

/** The hints of what is deleted, or `...`, with commas between. */
export function hintText(html: string, number: number): string {
  return outermost(parse(html), number)
    .map(({ hint }) => hint || '...')
    .join(', ')
}

/** Whether the deletions hide areas of a picture. */
export function isOcclusion(html: string): boolean {
  return /\{\{c[\d,]+::image-occlusion:/.test(html)
}

function parse(html: string): Node[] {
  const nodes: Node[] = []
  const open: Deletion[] = []
  let at = 0
  const add = (text: string) => {
    const deletion = open.at(-1)
    if (!deletion) {
      if (text !== '') nodes.push(text)
      return
    }
    const split = text.indexOf('::')
    if (split >= 0) deletion.hint = text.slice(split + 2)
    deletion.nodes.push(split < 0 ? text : text.slice(0, split))
  }
  for (const { index, 0: token, 1: numbers } of html.matchAll(TOKEN)) {
    add(html.slice(at, index))
    at = index + token.length
    if (numbers !== undefined) {
      if (open.length < DEEPEST) open.push({ numbers: numbers.split(',').map(Number), nodes: [], hint: null })
      continue
    }
    const closed = open.pop()
    if (closed) (open.at(-1)?.nodes ?? nodes).push(closed)
    else nodes.push(token)
  }
  add(html.slice(at))
  return nodes
}

function contains(nodes: readonly Node[], number: number): boolean {
  return nodes.some(
    (node) => typeof node !== 'string' && (node.numbers.includes(number) || contains(node.nodes, number)),
  )
}

function outermost(nodes: readonly Node[], number: number): Deletion[] {
  return nodes.flatMap((node) => {
    if (typeof node === 'string') return []
    return node.numbers.includes(number) ? [node] : outermost(node.nodes, number)
  })
}

function write(nodes: readonly Node[], number: number, hidden: boolean): string {
  return nodes
    .map((node) => {
      if (typeof node === 'string') return node
      if (hidden && node.numbers.includes(number)) return `[${node.hint || '...'}]`
      return write(node.nodes, number, hidden)
    })
    .join('')
}
