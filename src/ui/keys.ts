import type { Readable } from 'node:stream'
import { graphemes } from '../core/graphemes.ts'

/**
 * One key: the character itself (`q`, `3`, `é`, `日`), or a name of several letters: enter, space, tab,
 * backspace, delete, escape, up, down, left, right, home, end, pageup, pagedown, ctrl-a … ctrl-z, and unknown
 * for everything else.
 */
export type Key = string

/** How long an ESC may stay alone before it is the Escape key and not the beginning of an arrow. */
const ESCAPE_WAIT_MS = 30

const PASTE_BEGIN = '\x1b[200~'

/**
 * An unfinished sequence is cut down to its beginning and end when it grows longer: nobody pastes into our
 * memory.
 */
const LONGEST_UNFINISHED = 1000

// biome-ignore-start lint/suspicious/noControlCharactersInRegex: keys are made of control characters

/**
 * What input is made of; every character belongs to one of these, the first that fits. A sequence that we
 * have no name for is still recognised whole, by the grammar of ECMA-48 (5.4, 5.6), so that none of its
 * letters is taken for a key.
 * https://ecma-international.org/publications-and-standards/standards/ecma-48/
 */
const TOKEN = new RegExp(
  [
    /\x1b\[200~.*?\x1b\[201~/, // a bracketed paste
    /\x1b\[\[[A-E]/, // F1 to F5 on the Linux console
    /(?:\x1b\[(?!\[|200~)|\x9b)[0-?]*[ -/]*[@-~]/, // CSI: arrows, paging, mouse reports
    /\x1bO[@-~]/, // SS3: arrows and F1 to F4 of an application keypad
    /\x1b[\]PX^_].*?(?:\x07|\x1b\\)/, // OSC, DCS and their like: what a terminal answers when asked
    /(?<unfinished>(?:\x1b\[200~.*|\x1b\[\[?|(?:\x1b\[|\x9b)[0-?]*[ -/]*|\x1bO|\x1b[\]PX^_].*|\x1b)$)/u,
    /\x1b\P{Cc}/u, // Alt with a key
    /(?<enter>\r\n?|\n)/,
    /(?<control>\p{Cc})/u,
    /(?<text>\P{Cc}+)/u,
  ]
    .map(({ source }) => source)
    .join('|'),
  'gsu',
)

const INTRODUCER = /^(?:\x1b[[O]|\x9b)/

// biome-ignore-end lint/suspicious/noControlCharactersInRegex: keys are made of control characters

/** Cursor keys by what follows the introducer. https://invisible-island.net/xterm/ctlseqs/ctlseqs.html */
const CURSOR_KEYS: Record<string, Key> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  '1~': 'home',
  '3~': 'delete',
  '4~': 'end',
  '5~': 'pageup',
  '6~': 'pagedown',
  '7~': 'home',
  '8~': 'end',
}

const CONTROL_KEYS: Record<string, Key> = {
  '\t': 'tab',
  '\b': 'backspace',
  '\x7f': 'backspace',
  '\x1b': 'escape',
}

/**
 * Reads keys from a terminal in raw mode or from a pipe, as they come: a chunk of typed-ahead keys is split,
 * a sequence or a character that is cut over two chunks is put together. Ends with the input, or when the
 * caller stops. The input flows only while a key is awaited, so an editor that the caller starts between two
 * keys has the terminal to itself. Throws what the stream throws.
 */
export async function* readKeys(input: Readable): AsyncGenerator<Key, void> {
  const decoder = new TextDecoder()
  let pending = ''
  for (;;) {
    const chunk = await nextChunk(input, pending === '' ? Infinity : ESCAPE_WAIT_MS)
    if (chunk === null) break
    const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
    const { keys, rest } = chunk === '' ? flushKeys(pending) : parseKeys(pending, text)
    pending = rest
    yield* keys
  }
  yield* flushKeys(pending).keys
}

/**
 * Splits text into keys. `pending` is the `rest` of the text before: the beginning of a sequence that had no
 * end yet.
 */
export function parseKeys(pending: string, text: string): { keys: Key[]; rest: string } {
  const keys: Key[] = []
  for (const { 0: token, groups = {} } of (pending + text).matchAll(TOKEN)) {
    if (groups.unfinished !== undefined) return { keys, rest: shortened(token) }
    if (groups.text !== undefined) keys.push(...characters(token))
    else if (groups.enter !== undefined) keys.push('enter')
    else if (groups.control !== undefined) keys.push(controlKey(token))
    else keys.push(CURSOR_KEYS[token.replace(INTRODUCER, '')] ?? 'unknown')
  }
  return { keys, rest: '' }
}

/**
 * What `pending` means when nothing follows it: the Escape key, or a sequence that never ended. A paste may
 * go on later.
 */
export function flushKeys(pending: string): { keys: Key[]; rest: string } {
  if (pending === '') return { keys: [], rest: '' }
  if (pending.startsWith(PASTE_BEGIN)) return { keys: [], rest: pending }
  return { keys: [pending === '\x1b' ? 'escape' : 'unknown'], rest: '' }
}

function characters(text: string): Key[] {
  return Array.from(graphemes(text), (character) => (character === ' ' ? 'space' : character))
}

function controlKey(character: string): Key {
  const code = character.charCodeAt(0)
  const isLetter = code >= 1 && code <= 26
  return CONTROL_KEYS[character] ?? (isLetter ? `ctrl-${String.fromCharCode(code + 96)}` : 'unknown')
}

function shortened(sequence: string): string {
  if (sequence.length <= LONGEST_UNFINISHED) return sequence
  return sequence.slice(0, PASTE_BEGIN.length) + sequence.slice(-PASTE_BEGIN.length)
}

/**
 * The next chunk of input, null at its end, or '' when `patience` (ms) is over. The stream is paused before
 * and after.
 */
function nextChunk(input: Readable, patience: number): Promise<Uint8Array | string | null> {
  if (input.readableEnded || input.destroyed) return Promise.resolve(null)
  return new Promise((resolve, reject) => {
    const settle = (result: Uint8Array | string | null) => {
      stop()
      resolve(result)
    }
    const fail = (error: Error) => {
      stop()
      reject(error)
    }
    const end = () => settle(null)
    const timer = patience === Infinity ? undefined : setTimeout(() => settle(''), patience)
    const stop = () => {
      clearTimeout(timer)
      input.off('data', settle).off('end', end).off('close', end).off('error', fail)
      input.pause()
    }
    input.on('data', settle).on('end', end).on('close', end).on('error', fail)
    input.resume()
  })
}
