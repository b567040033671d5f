import { plural } from '../core/plural.ts'
import { CliError } from '../errors.ts'

/** Bytes with memory of their own, so that they can be handed to another thread. */
export type Bytes = Uint8Array<ArrayBuffer>

/** Pieces in one; `size` is what they have together. */
export function joined(parts: readonly Uint8Array[], size: number): Bytes {
  const bytes = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** A number of bytes for people: `412 MB`, rounded down. */
export function sizeOf(bytes: number): string {
  return bytes < 1_000_000 ? plural(bytes, 'byte') : `${Math.floor(bytes / 100_000) / 10} MB`
}

/** For a source that is larger than the limit; `what` says so without a full stop. */
export function tooLarge(what: string): CliError {
  return new CliError('not_found', `${what}.`, 'To read it all the same, raise the limit with --max-bytes.')
}
