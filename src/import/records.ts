import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CliError } from '../errors.ts'
import type { FileImage, Format, ParsedRecord, ReadOptions } from '../formats/format.ts'
import type { Source } from './source.ts'

/** An input that is being read. It must be closed, whatever happens. */
export interface Records {
  records: AsyncIterable<ParsedRecord[]>
  /** Sentences about what was left out or is odd; complete when the records have been read. */
  readonly warnings: readonly string[]
  /** The bytes of a file that came with the cards; null when there is none. */
  media(name: string): Promise<Uint8Array | null>
  close(): Promise<void>
}

/**
 * Opens an input in its format. A package is read anywhere in it, so one from a pipe is put into a private file first. Throws what
 * the format throws.
 */
export async function openRecords(
  format: Format,
  source: Source,
  options: ReadOptions & { history: boolean },
): Promise<Records> {
  if (!('open' in format))
    return {
      records: format.read(source.bytes, options),
      warnings: [],
      media: async () => null,
      close: async () => {},
    }
  if (source.name !== '-') return format.open(source.name, options)
  const folder = mkdtempSync(join(tmpdir(), 'rote-import-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    const path = join(folder, 'package')
    await pipeline(Readable.from(source.bytes), createWriteStream(path, { mode: 0o600 })).catch((error) => {
      throw error instanceof CliError
        ? error
        : new CliError('failure', `this cannot be put aside in ${tmpdir()}: ${error.message}`)
    })
    const opened = await format.open(path, options)
    return {
      records: opened.records,
      get warnings() {
        return opened.warnings
      },
      media: opened.media,
      close: () => opened.close().finally(remove),
    }
  } catch (error) {
    remove()
    throw error
  }
}

/**
 * Makes what gives the address of a picture that a file names: of one that came with the cards, where `store` has put it; null, and a
 * sentence in `warnings`, for one that is not there or is no picture. An address stays as it is.
 */
export function imageKeeper(
  media: Records['media'],
  store: (bytes: Uint8Array, name: string) => Promise<string>,
  warnings: string[],
): (image: FileImage) => Promise<string | null> {
  const kept = new Map<string, string | null>()
  return async ({ url }) => {
    if (/^[a-z][a-z0-9+.-]*:/i.test(url)) return url
    const known = kept.get(url)
    if (known !== undefined) return known
    let address: string | null = null
    try {
      const bytes = await media(url)
      if (bytes) address = await store(bytes, url)
      else warnings.push(`The picture ${url} did not come along.`)
    } catch (error) {
      // one bad picture is no reason to leave the cards out; a store that cannot be reached is
      if (!(error instanceof CliError) || error.kind !== 'failure') throw error
      warnings.push(`The picture ${url} was left out: ${error.message}`)
    }
    kept.set(url, address)
    return address
  }
}
