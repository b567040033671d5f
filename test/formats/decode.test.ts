import { describe, expect, test } from 'vitest'
import { decode } from '../../src/formats/decode.ts'
import { bytesOf, CHUNK_SIZES, collect, failure } from './reading.ts'

const text = async (bytes: Uint8Array | string, encoding?: string, size?: number) =>
  (await collect(decode(bytesOf(bytes, size), encoding))).join('')

const latin1 = (content: string) => Buffer.from(content, 'latin1')
const utf16be = (content: string) => Buffer.from(content, 'utf16le').swap16()

describe('encodings', () => {
  test.each([
    ['UTF-8', Buffer.from('äß 漢字 🎌'), undefined],
    ['UTF-8 with byte order mark', Buffer.from('\ufeffäß 漢字 🎌'), undefined],
    ['UTF-8 with byte order mark, whatever was said', Buffer.from('\ufeffäß 漢字 🎌'), 'windows-1252'],
    ['UTF-16LE with byte order mark', Buffer.from('\ufeffäß 漢字 🎌', 'utf16le'), undefined],
    ['UTF-16BE with byte order mark', utf16be('\ufeffäß 漢字 🎌'), undefined],
    ['UTF-16LE by name', Buffer.from('äß 漢字 🎌', 'utf16le'), 'utf-16le'],
  ])('%s', async (_, bytes, encoding) => {
    for (const size of CHUNK_SIZES) expect(await text(bytes, encoding, size)).toBe('äß 漢字 🎌')
  })

  test('by name', async () => {
    expect(await text(latin1('\x93\xfcber\x94 \x80'), 'windows-1252')).toBe('“über” €')
    expect(await text(latin1('\x8a\xbf\x8e\x9a'), 'shift_jis')).toBe('漢字')
  })

  test('only the first byte order mark is one', async () => {
    expect(await text('\ufeff\ufeffa')).toBe('\ufeffa')
  })

  test('an empty file is empty text', async () => {
    expect(await text('')).toBe('')
  })

  test('an unknown name is a usage error', async () => {
    expect(await failure(text('a', 'klingon'))).toBe('usage: Unknown encoding "klingon".')
  })
})

test('no piece ends between CR and LF', async () => {
  const document = 'word\r\n'.repeat(10_000)
  for (const size of CHUNK_SIZES) {
    const pieces = await collect(decode(bytesOf(document, size), undefined))
    expect(pieces.join('')).toBe(document)
    expect(pieces.slice(0, -1).some((piece) => piece.endsWith('\r'))).toBe(false)
  }
})

describe('bytes that are not text in this encoding are found by line', () => {
  test.each(['\n', '\r\n', '\r'])('lines that end in %j', async (lineBreak) => {
    for (const lines of [0, 1, 16, 1999, 5000]) {
      const bytes = Buffer.concat([Buffer.from(`漢字ö${lineBreak}`.repeat(lines)), latin1('f\xfcr\nmehr\n')])
      for (const size of CHUNK_SIZES) {
        expect(await failure(text(bytes, undefined, size))).toBe(
          `failure: line ${lines + 1}: these bytes are not UTF-8`,
        )
      }
    }
  })

  test('a character cut off by the end of the file', async () => {
    const bytes = Buffer.from('one\ntwo 漢').subarray(0, -1)
    expect(await failure(text(bytes))).toBe('failure: line 2: these bytes are not UTF-8')
  })

  test('a lone surrogate in UTF-16', async () => {
    const bytes = Buffer.from(`\ufeff${'word\r\n'.repeat(3000)}\udc00 x\n`, 'utf16le')
    for (const size of CHUNK_SIZES) {
      expect(await failure(text(bytes, undefined, size))).toBe(
        'failure: line 3001: these bytes are not UTF-16LE',
      )
    }
  })
})

describe('binary files', () => {
  test.each([
    ['zip', latin1('PK\x03\x04rest')],
    ['SQLite', latin1('SQLite format 3\0rest')],
    ['PDF', latin1('%PDF-1.7\n')],
    ['gzip', latin1('\x1f\x8b\x08rest')],
    ['PNG', latin1('\x89PNG\r\n')],
    ['UTF-16 without byte order mark', Buffer.from('question,answer\n', 'utf16le')],
  ])('%s', async (_, bytes) => {
    expect(await failure(text(bytes))).toBe('failure: this looks like a binary file, not text')
  })

  test('one NUL in a text is left for the record that holds it', async () => {
    expect(await text('question,answer\na\0b,c\n')).toBe('question,answer\na\0b,c\n')
  })
})
