import { PassThrough, Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { flushKeys, parseKeys, readKeys } from '../../src/ui/keys.ts'

/** The keys of text that arrives in these chunks, with what is pending at the end counted as finished. */
function keysOf(...chunks: string[]): string[] {
  const all: string[] = []
  let pending = ''
  for (const chunk of chunks) {
    const { keys, rest } = parseKeys(pending, chunk)
    all.push(...keys)
    pending = rest
  }
  return [...all, ...flushKeys(pending).keys]
}

async function collect(input: Readable): Promise<string[]> {
  const keys: string[] = []
  for await (const key of readKeys(input)) keys.push(key)
  return keys
}

test.each<[string, string[]]>([
  ['', []],
  [' 3 1 3q', ['space', '3', 'space', '1', 'space', '3', 'q']],
  ['?é日', ['?', 'é', '日']],
  ['👨‍👩‍👧e\u0301🇩🇪', ['👨‍👩‍👧', 'e\u0301', '🇩🇪']],
  ['\r', ['enter']],
  ['3\n1\r\n', ['3', 'enter', '1', 'enter']],
  ['\t\x7f\b', ['tab', 'backspace', 'backspace']],
  ['\x03\x04\x1a', ['ctrl-c', 'ctrl-d', 'ctrl-z']],
  ['\0\x1f\x85', ['unknown', 'unknown', 'unknown']],
  ['\x1b[A\x1b[B\x1b[C\x1b[D', ['up', 'down', 'right', 'left']],
  ['\x1bOA\x1bOD', ['up', 'left']],
  ['\x9bA', ['up']],
  ['\x1b[H\x1b[F\x1b[1~\x1b[4~\x1b[7~\x1b[8~', ['home', 'end', 'home', 'end', 'home', 'end']],
  ['\x1b[5~\x1b[6~\x1b[3~', ['pageup', 'pagedown', 'delete']],
  ['\x1b', ['escape']],
  ['\x1b\x1b', ['escape', 'escape']],
  ['\x1b\x03', ['escape', 'ctrl-c']],
  ['\x1b\x1b[A', ['escape', 'up']],
  ['\x1bq3', ['unknown', '3']],
  ['\x1b[1;5A3', ['unknown', '3']],
  ['\x1b[<0;12;30M3', ['unknown', '3']],
  ['\x1b[113;5u3', ['unknown', '3']],
  ['\x1bOP\x1b[[A3', ['unknown', 'unknown', '3']],
  ['\x1b]11;rgb:0000/0000/0000\x073', ['unknown', '3']],
  ['\x1bP1$r q\x1b\\3', ['unknown', '3']],
  ['\x1b[200~1 q\x1b[A\n\x1b[201~3', ['unknown', '3']],
  ['\x1b[200~1 q', []],
  ['\x1b[12', ['unknown']],
])('%j is %j', (text, keys) => {
  expect(keysOf(text)).toEqual(keys)
  if (!text.includes('\r\n') && !/\p{M}|\u200d|🇩/u.test(text)) expect(keysOf(...text)).toEqual(keys)
})

test('a paste or an answer without end does not fill the memory, and its end is still found', () => {
  const half = parseKeys('\x1b[200~', 'q'.repeat(100_000))
  expect(half.rest.length).toBeLessThan(100)
  expect(parseKeys(parseKeys(half.rest, '\x1b[20').rest, '1~3').keys).toEqual(['unknown', '3'])
})

describe('readKeys', () => {
  test('reads keys typed ahead on a pipe, up to its end', async () => {
    expect(await collect(Readable.from([Buffer.from(' 3 1'), Buffer.from(' 3q\n')]))).toEqual([
      'space',
      '3',
      'space',
      '1',
      'space',
      '3',
      'q',
      'enter',
    ])
    expect(await collect(Readable.from([]))).toEqual([])
  })

  test('puts together a character and a sequence that are cut', async () => {
    const bytes = Buffer.from('日\x1b[A👍')
    const single = Array.from(bytes, (byte) => Buffer.from([byte]))
    expect(await collect(Readable.from(single))).toEqual(['日', 'up', '👍'])
  })

  test('takes a lone ESC for the Escape key after a moment, and an ESC with its rest in time for an arrow', async () => {
    const input = new PassThrough()
    const keys = readKeys(input)
    input.write('\x1b')
    expect(await keys.next()).toMatchObject({ value: 'escape' })
    input.write('\x1b')
    const arrow = keys.next()
    await sleep(5)
    input.write('[B')
    expect(await arrow).toMatchObject({ value: 'down' })
    input.end('\x1b')
    expect(await keys.next()).toMatchObject({ value: 'escape' })
    expect(await keys.next()).toEqual({ value: undefined, done: true })
  })

  test('leaves the input alone while no key is awaited, and goes on afterwards', async () => {
    const input = new PassThrough()
    const keys = readKeys(input)
    input.write('1')
    expect(await keys.next()).toMatchObject({ value: '1' })
    input.write('for the editor')
    await sleep(5)
    expect(input.isPaused()).toBe(true)
    expect(input.read()?.toString()).toBe('for the editor')
    input.write('2')
    expect(await keys.next()).toMatchObject({ value: '2' })
    await keys.return()
    expect(input.listenerCount('data') + input.listenerCount('end') + input.listenerCount('error')).toBe(0)
    expect(input.destroyed).toBe(false)
  })

  test('ends with an input that is already over, and passes on its failure', async () => {
    const over = new PassThrough()
    over.destroy()
    expect(await collect(over)).toEqual([])
    const broken = new PassThrough()
    const keys = collect(broken)
    broken.destroy(new Error('the terminal went away'))
    await expect(keys).rejects.toThrow('the terminal went away')
  })
})
