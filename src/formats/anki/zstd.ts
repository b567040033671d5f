import { fault } from './faults.ts'

const MAGIC = 0xfd2fb528
/** Frames that hold no data have one of sixteen. */
const SKIPPABLE = 0x184d2a50
/** The largest window, as zstd's own program has it without --long. */
const LARGEST_WINDOW = 128 * 1024 ** 2
/** Bytes that fzstd may move: it moves the whole window for each block, and a block can be three bytes. */
const MOST_MOVED = 64 * 1024 ** 3

/**
 * Walks over the frames and blocks of zstd data without unpacking any, https://www.rfc-editor.org/rfc/rfc8878: what is cut
 * short, and what was made to keep a reader busy, is found before that.
 */
export class ZstdFrames {
  #started = false
  #plain = false
  #rest: Uint8Array = new Uint8Array()
  #skip = 0
  #inFrame = false
  #checksum = 0
  #window = 0
  #moved = 0

  /** Whether what came is no zstd at all: some writers leave out the compression that Anki asks for. */
  get plain(): boolean {
    return this.#plain
  }

  /** The next bytes. Throws CliError('failure') for what is not to be unpacked. */
  push(piece: Uint8Array): void {
    if (this.#plain) return
    const bytes =
      this.#rest.length > 0
        ? Buffer.concat([this.#rest, piece])
        : Buffer.from(piece.buffer, piece.byteOffset, piece.length)
    let at = 0
    while (at < bytes.length) {
      const passed = Math.min(this.#skip, bytes.length - at)
      this.#skip -= passed
      at += passed
      if (this.#skip > 0 || at === bytes.length) break
      const taken = this.#inFrame ? this.#block(bytes.subarray(at)) : this.#frame(bytes.subarray(at))
      if (taken === 0) break
      at += taken
      if (this.#plain) return
    }
    // a copy: what it is a part of is used again
    this.#rest = Uint8Array.prototype.slice.call(bytes, at)
  }

  /** The end of the data. Throws CliError('failure') when it is in the middle of a frame. */
  end(): void {
    if (this.#started && !this.#inFrame && this.#skip === 0 && this.#rest.length === 0) return
    if (!this.#started) this.#plain = true
    else if (!this.#plain) throw fault('zip', 'the compressed data ends too early')
  }

  /** Takes the header of a frame and says how many bytes it has; 0 when they are not all there. */
  #frame(bytes: Buffer): number {
    if (bytes.length < 5) return 0
    const magic = bytes.readUInt32LE(0)
    if (magic >>> 4 === SKIPPABLE >>> 4) {
      if (bytes.length < 8) return 0
      this.#started = true
      this.#skip = bytes.readUInt32LE(4)
      return 8
    }
    if (magic !== MAGIC) {
      if (this.#started) throw fault('zip', 'the compressed data is damaged')
      this.#started = this.#plain = true
      return bytes.length
    }
    const flags = bytes.readUInt8(4)
    const single = (flags & 0x20) !== 0
    const dictionary = [0, 1, 2, 4][flags & 3] ?? 0
    const sizeBytes = flags >> 6 === 0 ? (single ? 1 : 0) : 1 << (flags >> 6)
    const length = 5 + (single ? 0 : 1) + dictionary + sizeBytes
    if (bytes.length < length) return 0
    const sizeAt = length - sizeBytes
    if (single) {
      this.#window =
        sizeBytes === 8
          ? Number(bytes.readBigUInt64LE(sizeAt))
          : bytes.readUIntLE(sizeAt, sizeBytes) + (sizeBytes === 2 ? 256 : 0)
    } else {
      const descriptor = bytes.readUInt8(5)
      const base = 2 ** (10 + (descriptor >> 3))
      this.#window = base + (base / 8) * (descriptor & 7)
    }
    if (this.#window > LARGEST_WINDOW) {
      throw fault('limit', 'the compressed data asks for more memory than any Anki writes')
    }
    this.#started = this.#inFrame = true
    this.#checksum = (flags & 4) === 0 ? 0 : 4
    return length
  }

  /** Takes the header of a block, and skips what it holds. */
  #block(bytes: Buffer): number {
    if (bytes.length < 3) return 0
    const header = bytes.readUIntLE(0, 3)
    const repeated = ((header >> 1) & 3) === 1
    this.#skip = repeated ? 1 : header >> 3
    this.#moved += this.#window
    if (this.#moved > MOST_MOVED) throw fault('limit', 'the compressed data is made of too many pieces')
    if ((header & 1) === 1) {
      this.#skip += this.#checksum
      this.#inFrame = false
    }
    return 3
  }
}
