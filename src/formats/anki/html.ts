import { Parser } from 'htmlparser2'
import { cleaned } from './clean.ts'

/** What a side of a card says, and the pictures on it. */
export interface SideText {
  text: string
  images: { source: string; alt: string | null }[]
}

/** What begins on a line of its own and ends with it. */
const BLOCKS = new Set(
  'address article aside blockquote center dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tr ul'.split(
    ' ',
  ),
)
/** What is never shown. */
const HIDDEN = new Set(['head', 'iframe', 'noscript', 'rp', 'script', 'style', 'template', 'title'])
const FIGURES = '0123456789+-−n'
const RAISED = '⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻ⁿ'
/** Tags that a parser is given: one that keeps them in a stack is slow with more, and no card has them. */
const MOST_TAGS = 20_000

/**
 * HTML of a card as text: lines where a browser would begin one, table cells with tabs between, readings over characters in
 * brackets, small figures raised (10³). Mathematics and `[sound:x.mp3]` stay as they are written. Null for more markup than
 * a card has.
 */
export function htmlToText(html: string): SideText | null {
  if (!/[<&]/.test(html)) return { text: finished(html.replace(/[ \t\n\r\f]+/g, ' ')), images: [] }
  if (html.split('<', MOST_TAGS + 1).length > MOST_TAGS) return null
  const images: SideText['images'] = []
  const pieces: string[] = []
  let lineStart = true
  let space = false
  let hidden = 0
  let kept = 0
  let raised = 0
  const put = (text: string) => {
    if (space && !lineStart) pieces.push(' ')
    space = false
    pieces.push(text)
    lineStart = text.endsWith('\n')
  }
  const endLine = () => {
    space = false
    if (!lineStart) pieces.push('\n')
    lineStart = true
  }
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        if (HIDDEN.has(name)) hidden++
        if (hidden > 0) return
        if (name === 'br') {
          space = false
          put('\n')
        } else if (name === 'td' || name === 'th') {
          if (!lineStart) put('\t')
        } else if (BLOCKS.has(name)) endLine()
        if (name === 'li') put('- ')
        if (name === 'rt') put('(')
        if (name === 'pre') kept++
        if (name === 'sup') raised++
        if (name === 'img' && attributes.src) {
          images.push({ source: attributes.src, alt: cleaned(attributes.alt ?? '').trim() || null })
        }
      },
      ontext(data) {
        if (hidden > 0) return
        if (kept > 0) {
          put(data)
          return
        }
        const words = data.replace(/[ \t\n\r\f]+/g, ' ')
        const text = words.trim() === '' && !words.includes('\u00a0') ? '' : words.replace(/^ | $/g, '')
        if (words.startsWith(' ')) space = true
        if (text === '') return
        put(
          raised > 0 && /^[0-9+−n-]+$/.test(text)
            ? Array.from(text, (sign) => RAISED[FIGURES.indexOf(sign)]).join('')
            : text,
        )
        space = words.endsWith(' ')
      },
      onclosetag(name) {
        if (HIDDEN.has(name)) hidden--
        else if (hidden > 0) return
        if (name === 'rt') put(')')
        if (name === 'pre') kept--
        if (name === 'sup') raised--
        if (BLOCKS.has(name)) endLine()
      },
    },
    { decodeEntities: true },
  )
  parser.end(html)
  return { text: finished(pieces.join('')), images }
}

/** The last touches: no control characters, at most one empty line, and nothing around. */
function finished(text: string): string {
  return cleaned(text)
    .replaceAll('\u00a0', ' ')
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}
