import { crc32 } from 'node:zlib'
import { Decompress } from 'fzstd'
import { type Entry, openPromise, type ZipFile } from 'yauzl'
import { CliError } from '../../errors.ts'
import { printable } from './clean.ts'
import { fault } from './faults.ts'
import { ZstdFrames } from './zstd.ts'

/** The most bytes that parts of a package may have when they are unpacked: what stops a bomb. */
export interface Caps {
  /** The SQLite database. */
  collection: number
  /** The version, and the list of media. */
  list: number
  /** One picture or sound. */
  media: number
  /** Files in the archive: a number, not bytes. */
  files: number
}

export const CAPS: Caps = {
  collection: 2 * 1024 ** 3,
  list: 64 * 1024 ** 2,
  media: 100 * 1024 ** 2,
  files: 500_000,
}

/** How a member of the archive is unpacked: `cap` in bytes, `zstd` for what may be compressed once more inside. */
interface Unpacking {
  cap: number
  zstd: boolean
}

/** A zip archive, read at random places: nothing of it is held in memory but its list of files. */
export class Container {
  readonly #zip: ZipFile
  readonly #entries: Map<string, Entry>

  private constructor(zip: ZipFile, entries: Map<string, Entry>) {
    this.#zip = zip
    this.#entries = entries
  }

  /** Throws CliError('failure') for what is no zip archive, or one that names files outside of it. */
  static async open(path: string, caps: Caps): Promise<Container> {
    const zip = await openPromise(path, { autoClose: false }).catch((error) => {
      throw broken('this zip archive is damaged or cut short', error)
    })
    const entries = new Map<string, Entry>()
    try {
      if (zip.entryCount > caps.files) {
        throw fault('limit', `this archive has more than ${caps.files.toLocaleString('en')} files in it`)
      }
      for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry)
    } catch (error) {
      zip.close()
      throw broken('the list of files in this zip archive is damaged', error)
    }
    return new Container(zip, entries)
  }

  has(name: string): boolean {
    return this.#entries.has(name)
  }

  /** The bytes of a file of the archive, which must be in it. Throws as `unpack`. */
  async read(name: string, unpacking: Unpacking): Promise<Uint8Array> {
    const pieces: Uint8Array[] = []
    // what fzstd hands out it writes over later
    await this.unpack(name, unpacking, (piece) => pieces.push(unpacking.zstd ? piece.slice() : piece))
    return Buffer.concat(pieces)
  }

  /**
   * Hands a file of the archive to `sink` piece by piece; a piece is good until the next one. Throws CliError('failure')
   * for what is encrypted, damaged, or larger than the cap.
   */
  async unpack(name: string, { cap, zstd }: Unpacking, sink: (piece: Uint8Array) => void): Promise<void> {
    const entry = this.#entries.get(name)
    if (!entry) throw fault('zip', `this archive has no "${name}" in it`)
    if (entry.isEncrypted()) throw fault('zip', `this archive is encrypted: "${name}" cannot be read`)
    if (!entry.canDecodeFileData()) throw fault('zip', `this archive packs "${name}" in an unknown way`)
    if (entry.uncompressedSize > cap) throw tooLarge(name, cap)
    let size = 0
    const count = (piece: Uint8Array) => {
      size += piece.length
      if (size > cap) throw tooLarge(name, cap)
      if (piece.length > 0) sink(piece)
    }
    try {
      // looked at first, so that only what is as it was written is unpacked twice
      const compressed = zstd && (await this.#isZstd(entry))
      const frames = new Decompress(count)
      let crc = 0
      let held: Uint8Array | undefined
      for await (const piece of await this.#stream(entry)) {
        crc = crc32(piece, crc)
        if (!compressed) count(piece)
        else if (held) frames.push(held)
        held = piece
      }
      if (compressed && held) frames.push(held, true)
      if (crc !== entry.crc32) throw wrongChecksum(name)
    } catch (error) {
      throw broken(`"${name}" in this archive is damaged`, error)
    }
  }

  /** Whether a file of the archive is compressed once more; looks at all of it. */
  async #isZstd(entry: Entry): Promise<boolean> {
    const frames = new ZstdFrames()
    let crc = 0
    for await (const piece of await this.#stream(entry)) {
      crc = crc32(piece, crc)
      frames.push(piece)
    }
    if (crc !== entry.crc32) throw wrongChecksum(entry.fileName)
    frames.end()
    return !frames.plain
  }

  async #stream(entry: Entry): Promise<AsyncIterable<Uint8Array>> {
    return this.#zip.openReadStreamPromise(entry)
  }

  close(): void {
    this.#zip.close()
  }
}

function wrongChecksum(name: string): CliError {
  return fault('zip', `"${printable(name)}" in this archive is damaged: its checksum is wrong`)
}

function tooLarge(name: string, cap: number): CliError {
  const size = cap >= 1024 ** 2 ? `${Math.round(cap / 1024 ** 2).toLocaleString('en')} MB` : `${cap} bytes`
  return fault('limit', `"${printable(name)}" in this archive is larger than ${size} when it is unpacked`)
}

/** What yauzl says of names that lead out of the folder that an archive is unpacked into. */
const OUTSIDE = /^(?:invalid relative path|absolute path|invalid characters in fileName): (.*)/s

function broken(what: string, error: unknown): CliError {
  if (error instanceof CliError) return error
  const { message, code } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC') {
    return new CliError(
      'failure',
      'There is no space left to unpack it.',
      'Set TMPDIR to a folder with more.',
    )
  }
  const outside = OUTSIDE.exec(message)?.[1]
  if (outside !== undefined) {
    return fault('zip', `this archive names a file outside of itself: "${printable(outside)}"`)
  }
  return fault(
    'zip',
    message === 'strong encryption is not supported' ? 'this archive is encrypted' : what,
    error,
  )
}
