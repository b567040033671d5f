import { Readable } from 'node:stream'
import { type ReadOptions, readSource, type Source } from '../../src/generate/source.ts'
import type { Input } from '../../src/world.ts'

/** Standard input with this in its pipe; null: a terminal. */
export function stdin(input: string | Uint8Array | null = ''): Input {
  const stream: Input = Readable.from(input === null || input.length === 0 ? [] : [Buffer.from(input)])
  stream.isTTY = input === null
  return stream
}

/** Reads as a program does whose person answers no question and has all the time in the world. */
export function read(argument: string, options: Partial<ReadOptions> = {}): Promise<Source> {
  return readSource(argument, {
    stdin: stdin(),
    password: async () => null,
    signal: new AbortController().signal,
    onPage: () => {},
    dubious: async (message) => {
      throw new Error(`asked: ${message}`)
    },
    ...options,
  })
}

/** The error of a source that cannot be read: its kind, sentence and hint. */
export async function failure(argument: string, options: Partial<ReadOptions> = {}) {
  const error = await read(argument, options).then(
    () => {
      throw new Error('it could be read')
    },
    (thrown) => thrown,
  )
  return [error.kind, error.message, error.hint]
}
