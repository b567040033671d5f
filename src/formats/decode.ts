import { CliError, usage } from '../errors.ts'
import { countLineBreaks } from './lines.ts'

// Node declares the global as a value only.
type Decoder = InstanceType<typeof TextDecoder>

/** Enough bytes to tell a text from a binary file, and few enough to keep a pipe moving. */
const BLOCK = 4096

/** How files that people mistake for text begin: zip (.apkg, .xlsx), SQLite, PDF, gzip, PNG. */
const MAGIC = ['PK\x03\x04', 'SQLite format 3\0', '%PDF-', '\x1f\x8b', '\x89PNG']

/**
 * Text of a file, as its bytes arrive. No piece ends between CR and LF, so line breaks can be counted piece by piece.
 * `encoding` is a label of the WHATWG Encoding Standard; undefined means what a byte order mark says, else UTF-8. A mark of UTF-8
 * counts even against it.
 * A leading byte order mark is removed; nothing else is changed.
 * Throws CliError('usage') for an unknown label, and CliError('failure') for a binary file and for bytes that are not
 * text in this encoding, with their line.
 */
export async function* decode(
  bytes: AsyncIterable<Uint8Array>,
  encoding: string | undefined,
): AsyncGenerator<string> {
  let decoder: Decoder | undefined
  let previous: Uint8Array = new Uint8Array()
  let line = 1
  let heldCr = ''
  for await (const block of blocks(bytes)) {
    decoder ??= decoderFor(block, encoding)
    let text: string
    try {
      text = heldCr + decoder.decode(block, { stream: true })
    } catch {
      throw undecodable(decoder, line + countLineBreaks(heldCr + textBeforeFault(decoder, previous, block)))
    }
    heldCr = text.endsWith('\r') ? '\r' : ''
    if (heldCr) text = text.slice(0, -1)
    line += countLineBreaks(text)
    previous = block
    if (text !== '') yield text
  }
  if (!decoder) return
  let end: string
  try {
    end = heldCr + decoder.decode()
  } catch {
    throw undecodable(decoder, line + countLineBreaks(heldCr))
  }
  if (end !== '') yield end
}

/** The same bytes in blocks of at least 4 KB and of even length (the last one excepted), so that UTF-16 stays aligned. */
async function* blocks(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = []
  let length = 0
  for await (const part of bytes) {
    parts.push(part)
    length += part.length
    if (length < BLOCK) continue
    const joined = join(parts, length)
    const even = length - (length % 2)
    yield joined.subarray(0, even)
    parts = [joined.subarray(even)]
    length -= even
  }
  if (length > 0) yield join(parts, length)
}

function join(parts: Uint8Array[], length: number): Uint8Array {
  if (parts.length === 1 && parts[0]) return parts[0]
  const joined = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

/**
 * The encoding of a text that begins with these bytes, one character for each: as said, else by its byte order mark. That of UTF-8
 * is believed whatever was said, for in no other encoding is it text.
 */
export function labelOf(start: string, encoding: string | undefined): string {
  if (start.startsWith('\xef\xbb\xbf')) return 'utf-8'
  return (
    encoding ??
    (start.startsWith('\xff\xfe') ? 'utf-16le' : start.startsWith('\xfe\xff') ? 'utf-16be' : 'utf-8')
  )
}

function decoderFor(head: Uint8Array, encoding: string | undefined): Decoder {
  const start = String.fromCharCode(...head.subarray(0, 16))
  const label = labelOf(start, encoding)
  let decoder: Decoder
  try {
    decoder = new TextDecoder(label, { fatal: true })
  } catch {
    throw usage(
      `Unknown encoding "${label}".`,
      'Try one of: utf-8, utf-16le, windows-1252, shift_jis, gb18030.',
    )
  }
  const head4k = head.subarray(0, BLOCK)
  // In UTF-16 every other byte of plain English is zero; there, zeros prove nothing.
  const zeros = isUtf16(decoder) ? 0 : head4k.reduce((count, byte) => count + (byte === 0 ? 1 : 0), 0)
  if (zeros > head4k.length / 10 || MAGIC.some((magic) => start.startsWith(magic))) {
    throw new CliError(
      'failure',
      'this looks like a binary file, not text',
      'If it is UTF-16 text without a byte order mark, add: --encoding utf-16le',
    )
  }
  return decoder
}

const isUtf16 = (decoder: Decoder) => decoder.encoding.startsWith('utf-16')

/**
 * What can be read of `block` before the bytes that cannot, given that the decoder has just failed on it.
 * A decoder keeps no place and no state after a failure, so a fresh one repeats the block from the last line break
 * before it, where every encoding but UTF-16 is in its first state. (UTF-16 starts at the block, which is aligned.)
 */
function textBeforeFault(failed: Decoder, previous: Uint8Array, block: Uint8Array): string {
  const lastBreak = Math.max(previous.lastIndexOf(0x0a), previous.lastIndexOf(0x0d))
  const lead = isUtf16(failed) ? new Uint8Array() : previous.subarray(lastBreak + 1)
  const bytes = join([lead, block], lead.length + block.length)
  let readable = ''
  let good = 0
  let bad = bytes.length
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    try {
      readable = new TextDecoder(failed.encoding, { fatal: true }).decode(bytes.subarray(0, middle), {
        stream: true,
      })
      good = middle
    } catch {
      bad = middle
    }
  }
  return readable
}

function undecodable(decoder: Decoder, line: number): CliError {
  const hint =
    decoder.encoding === 'utf-8'
      ? 'Files from older Windows programs often need: --encoding windows-1252'
      : 'Try another one with --encoding, or leave the option out for UTF-8.'
  return new CliError('failure', `line ${line}: these bytes are not ${decoder.encoding.toUpperCase()}`, hint)
}
