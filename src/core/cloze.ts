import { usage } from '../errors.ts'

/** A card of a text with deletions: one for each number, `c1` and on. */
export interface ClozeCard {
  number: number
  /** The text with `[...]`, or the hint in brackets, where something is deleted. */
  question: string
  /** What is deleted; several things of one number in their order, with commas between them. */
  answer: string
}

type Node = string | Deletion

interface Deletion {
  number: number
  nodes: Node[]
}

const TOKEN = /\{\{c(\d*)::|[{}]|[^{}]+/gi
const HINT = 'Write it as {{c1::text}} or {{c1::text::hint}}.'
/** As in Anki. */
const LARGEST = 500
/** Deletions in deletions in deletions: nobody learns more. */
const DEEPEST = 8

/**
 * The cards of a text with deletions such as `The {{c1::mitochondrion}} is the {{c2::powerhouse::what?}} of the cell`, in
 * the order of their numbers, as Anki makes them: https://docs.ankiweb.net/editing.html#cloze-deletion. A deletion may be
 * inside another; hidden, the outer one takes the inner with it. Beyond Anki, braces that belong together do not end a
 * deletion, as in `{{c1::\frac{1}{2}}}`, and `::` in `code` begins no hint. Other braces are text. Throws usage for a text
 * without deletions, and for a deletion that is not closed, empty, wrongly numbered or too deep inside others.
 */
export function parseCloze(text: string): ClozeCard[] {
  const counting = parse(text, true)
  const { nodes, open } = counting.open === undefined ? counting : parse(text, false)
  if (open !== undefined) throw usage(`The deletion c${open} is never closed.`, 'Close it with }}')
  const all = deletions(nodes)
  if (all.length === 0) throw usage('There is no deletion in the text.', HINT)
  const numbers = [...new Set(all.map(({ number }) => number))].sort((one, other) => one - other)
  const cards = numbers.map((number) => {
    const own = outermost(nodes, number).map((deletion) => shown(split(deletion).content).trim())
    return { number, question: asked(nodes, number), answer: [...new Set(own)].join(', ') }
  })
  for (const [index, { number, question }] of cards.entries()) {
    const twin = cards.slice(0, index).find((card) => card.question === question)
    if (twin) throw usage(`The deletions c${twin.number} and c${number} make the same question.`)
  }
  return cards
}

/**
 * The text as a tree. With `counting`, a deletion ends only where the braces in it are even; without, at the first `}}`.
 * `open` is the number of a deletion that has no end.
 */
function parse(text: string, counting: boolean): { nodes: Node[]; open: number | undefined } {
  const nodes: Node[] = []
  const stack: { deletion: Deletion; braces: number }[] = []
  const add = (node: Node) => {
    const here = stack.at(-1)?.deletion.nodes ?? nodes
    const last = here.at(-1)
    if (typeof node === 'string' && typeof last === 'string') here[here.length - 1] = last + node
    else here.push(node)
  }
  let closedAt = -1
  for (const { index, 0: token, 1: digits } of text.matchAll(TOKEN)) {
    const top = stack.at(-1)
    if (index === closedAt + 1 && closedAt >= 0) {
      // the second brace of an end
      closedAt = -1
    } else if (digits !== undefined) {
      if (stack.length === DEEPEST) throw usage(`More than ${DEEPEST} deletions are inside each other.`)
      const deletion = { number: numberOf(digits), nodes: [] }
      add(deletion)
      stack.push({ deletion, braces: 0 })
    } else if (top && token === '}' && text[index + 1] === '}' && !(counting && top.braces > 0)) {
      stack.pop()
      closedAt = index
      if (shown(split(top.deletion).content).trim() === '')
        throw usage(`The deletion c${top.deletion.number} is empty.`, HINT)
    } else {
      if (top && token === '{') top.braces++
      if (top && token === '}' && top.braces > 0) top.braces--
      add(token)
    }
  }
  return { nodes, open: stack.at(-1)?.deletion.number }
}

function numberOf(digits: string): number {
  if (digits === '') throw usage('A deletion has no number.', HINT)
  const number = Number(digits)
  if (number < 1) throw usage(`The deletion c${digits} cannot be: they are numbered from c1 on.`)
  if (number > LARGEST) throw usage(`The deletion c${digits} cannot be: they are numbered up to c${LARGEST}.`)
  return number
}

/** All deletions, the inner ones too. */
function deletions(nodes: readonly Node[]): Deletion[] {
  return nodes.flatMap((node) => (typeof node === 'string' ? [] : [node, ...deletions(node.nodes)]))
}

/** The deletions of a number, without those inside another of the same. */
function outermost(nodes: readonly Node[], number: number): Deletion[] {
  return nodes.flatMap((node) => {
    if (typeof node === 'string') return []
    return node.number === number ? [node] : outermost(node.nodes, number)
  })
}

/** A deletion's content, and the hint behind its first `::` that is not in code. */
function split({ nodes }: Deletion): { content: Node[]; hint: string } {
  for (const [index, node] of nodes.entries()) {
    if (typeof node !== 'string') continue
    const at = [...node.matchAll(/`[^`]*`|::/g)].find(([found]) => found === '::')?.index
    if (at === undefined) continue
    const hint = node.slice(at + 2) + shown(nodes.slice(index + 1))
    return { content: [...nodes.slice(0, index), node.slice(0, at)], hint: hint.trim() }
  }
  return { content: nodes, hint: '' }
}

/** The text with nothing deleted. */
function shown(nodes: readonly Node[]): string {
  return nodes.map((node) => (typeof node === 'string' ? node : shown(split(node).content))).join('')
}

/** The text with the deletions of a number hidden. */
function asked(nodes: readonly Node[], number: number): string {
  return nodes
    .map((node) => {
      if (typeof node === 'string') return node
      const { content, hint } = split(node)
      return node.number === number ? `[${hint || '...'}]` : asked(content, number)
    })
    .join('')
}
