import { createHash } from 'node:crypto'
import type { Archive } from './archive.ts'

/** Named in a report. */
const SHOWN = 5
/** Anki cuts names that are longer than 120 bytes. */
const LONGEST_NAME = 100

/** The pictures of a package: each is in the archive as soon as a card names it, and none is held. */
export class WrittenMedia {
  readonly #archive: Archive
  readonly #bytesOf: (url: string) => Promise<Uint8Array | null>
  /** What cards call a picture, by its URL; null for one that is not there. */
  readonly #names = new Map<string, string | null>()
  readonly #taken = new Map<string, string>()
  readonly missing: { count: number; first: string[] } = { count: 0, first: [] }

  constructor(archive: Archive, media: ((url: string) => Promise<Uint8Array | null>) | undefined) {
    this.#archive = archive
    this.#bytesOf = media ?? (async () => null)
  }

  get count(): number {
    return this.#taken.size
  }

  /** The package's list of media, as JSON: `{"0": "cat.png"}`. */
  get list(): string {
    return JSON.stringify(Object.fromEntries([...this.#taken.values()].map((name, place) => [place, name])))
  }

  /** What a card calls the picture: its name in the package, or the URL where the web has it; null when nobody has. */
  async nameOf(url: string): Promise<string | null> {
    const known = this.#names.get(url)
    if (known !== undefined) return known
    const bytes = await this.#bytesOf(url)
    const name = bytes ? this.#freeName(url) : /^https?:\/\//i.test(url) ? url : null
    if (bytes && name !== null) {
      await this.#archive.store(String(this.#taken.size), bytes)
      this.#taken.set(name.toLowerCase(), name)
    }
    if (name === null) {
      this.missing.count++
      if (this.missing.first.length < SHOWN) this.missing.first.push(url)
    }
    this.#names.set(url, name)
    return name
  }

  /** A name that Anki takes on every system, and that no other picture has. */
  #freeName(url: string): string {
    const name = plainName(url)
    if (!this.#taken.has(name.toLowerCase())) return name
    const [stem, ending] = parted(name)
    return `${stem}-${createHash('sha256').update(url).digest('hex').slice(0, 16)}${ending}`
  }
}

function plainName(url: string): string {
  const last =
    url
      .replace(/^([a-z]+:\/\/[^?#]*)[?#].*$/is, '$1')
      .split(/[/\\]/)
      .at(-1) ?? ''
  const plain = decoded(last)
    .normalize('NFC')
    .replace(/[\p{C}\s"#%&*:<>?[\]^|/\\]/gu, '_')
    .replace(/^[._]+|[. ]+$/g, '')
  const [stem, ending] = parted(plain)
  return (cut(stem, LONGEST_NAME - Buffer.byteLength(ending)) || 'picture') + ending
}

/** A name and its ending, `.png`; one that is too long for an ending is none. */
function parted(name: string): [stem: string, ending: string] {
  const [, stem = name, ending = ''] = /^(.*)(\.[A-Za-z0-9]{1,5})$/s.exec(name) ?? []
  return [stem, ending]
}

function cut(text: string, bytes: number): string {
  let kept = ''
  for (const sign of text) {
    if (Buffer.byteLength(kept + sign) > bytes) break
    kept += sign
  }
  return kept
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
