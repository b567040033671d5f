import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { copyFile, mkdtemp, open, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { CliError } from '../../errors.ts'
import type { ParsedRecord } from '../format.ts'
import { type CardOptions, readCards } from './cards.ts'
import { printable } from './clean.ts'
import { Collection } from './collection.ts'
import { CAPS, type Caps, Container } from './container.ts'
import { fault } from './faults.ts'
import { isPlainName, mediaMap } from './media.ts'
import { Notices } from './notices.ts'
import { decodeMessage, numberIn } from './protobuf.ts'

/** A package of Anki's, or a bare collection, open for reading. It must be closed, whatever happens. */
export interface AnkiPackage {
  /** Its cards, to be read once. `line` counts them, `place` names note and template: `note=1554689672054/ord=0`. */
  records: AsyncIterable<ParsedRecord[]>
  notes: number
  cards: number
  reviews: number
  /** The names of its media that `media` has bytes for, as cards name them. */
  mediaNames: string[]
  /** Sentences about what was left out or is odd; complete when the records have been read. */
  readonly warnings: string[]
  /** The bytes of a media file; null when there is none of the name. Throws CliError('failure') for a damaged or huge one. */
  media(name: string): Promise<Uint8Array | null>
  /** Lets go of the file, and removes what was unpacked. */
  close(): Promise<void>
}

export interface AnkiOptions extends Partial<CardOptions> {
  history: boolean
  /** Limits of what is unpacked; for tests. */
  caps?: Partial<Caps>
}

const SQLITE = 'SQLite format 3\0'

/** Whether a file that begins like this can be a package (a zip archive) or a bare collection (an SQLite database). */
export function looksLikeAnki(head: Uint8Array): boolean {
  const start = Buffer.from(head.subarray(0, 16)).toString('latin1')
  return [SQLITE, 'PK\x03\x04', 'PK\x05\x06'].some((magic) => start.startsWith(magic))
}

/**
 * Opens an .apkg or .colpkg of any generation, or a collection.anki2 by itself: https://docs.ankiweb.net/exporting.html.
 * Throws CliError('failure') for what cannot be read, with a message that goes on behind the name of the file, and not_found.
 */
export async function openAnki(path: string, options: AnkiOptions): Promise<AnkiPackage> {
  const caps = { ...CAPS, ...options.caps }
  const notices = new Notices()
  const head = await beginning(path)
  const source = head.startsWith(SQLITE)
    ? await bareSource(path, caps, notices)
    : await packageSource(path, head, caps, notices)
  let collection: Collection
  try {
    collection = await openCollection(source)
  } catch (error) {
    source.close()
    throw error
  }
  try {
    if (isStub(collection)) throw stub()
    const { history, keepSystemTags = false } = options
    const names = new Set(source.mediaNames)
    return {
      records: readCards(collection, names, { history, keepSystemTags }, notices),
      notes: collection.count('notes'),
      cards: collection.count('cards'),
      reviews: collection.count('revlog'),
      mediaNames: source.mediaNames,
      get warnings() {
        return notices.sentences
      },
      media: async (name) => (names.has(name) ? source.media(name) : null),
      close: async () => {
        collection.close()
        source.close()
      },
    }
  } catch (error) {
    collection.close()
    source.close()
    throw error
  }
}

async function beginning(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new CliError('not_found', `No file "${path}".`)
    throw new CliError('failure', `Cannot read ${path}: ${error.code}.`)
  })
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(16), 0, 16, 0)
    return buffer.toString('latin1', 0, bytesRead)
  } finally {
    await file.close()
  }
}

/** Where a collection and its media are. */
interface Source {
  /** Writes the collection to a file that does not exist yet. */
  unpack(file: string): Promise<void>
  mediaNames: string[]
  media(name: string): Promise<Uint8Array | null>
  close(): void
}

/** A collection in Anki's own folder, with its media in the folder beside it. */
async function bareSource(path: string, caps: Caps, notices: Notices): Promise<Source> {
  const { size } = await stat(path)
  if (size > caps.collection) {
    throw fault(
      'limit',
      `this collection is larger than ${Math.round(caps.collection / 1024 ** 2).toLocaleString('en')} MB`,
    )
  }
  const log = await stat(`${path}-wal`).catch(() => null)
  if (log && log.size > 0) {
    notices.once(
      'Anki has changes that are not in this file yet: close Anki and import it again to have them.',
    )
  }
  const folder = join(dirname(path), 'collection.media')
  const found = basename(path).startsWith('collection.anki2') ? await readdir(folder).catch(() => []) : []
  return {
    unpack: (file) => copyFile(path, file, constants.COPYFILE_EXCL),
    mediaNames: found.filter(isPlainName),
    media: async (name) => {
      const file = join(folder, name)
      const { size } = await stat(file)
      if (size > caps.media) throw fault('limit', `"${printable(name)}" is larger than any picture`)
      return readFile(file)
    },
    close: () => {},
  }
}

/** A zip archive of one of the three generations. */
async function packageSource(path: string, head: string, caps: Caps, notices: Notices): Promise<Source> {
  if (!head.startsWith('PK')) {
    throw fault('zip', 'this is no package of Anki: neither a zip archive nor an SQLite database')
  }
  const container = await Container.open(path, caps)
  try {
    const { member, latest } = await generationOf(container, caps)
    const map = container.has('media')
      ? mediaMap(await container.read('media', { cap: caps.list, zstd: latest }), latest)
      : new Map<string, string>()
    for (const [name, place] of map) {
      if (isPlainName(name) && container.has(place)) continue
      notices.add(isPlainName(name) ? 'media' : 'path', printable(name))
      map.delete(name)
    }
    return {
      async unpack(file) {
        const fd = openSync(file, 'wx', 0o600)
        try {
          await container.unpack(member, { cap: caps.collection, zstd: latest }, (piece) => {
            for (let at = 0; at < piece.length; ) at += writeSync(fd, piece, at)
          })
        } finally {
          closeSync(fd)
        }
      },
      mediaNames: [...map.keys()],
      media: async (name) => {
        const place = map.get(name)
        return place === undefined ? null : container.read(place, { cap: caps.media, zstd: latest })
      },
      close: () => container.close(),
    }
  } catch (error) {
    container.close()
    throw error
  }
}

/** The collection of a package. The old one beside a newer is a stub that says so, whichever comes first in the archive. */
async function generationOf(container: Container, caps: Caps): Promise<{ member: string; latest: boolean }> {
  if (!container.has('meta')) {
    const member = container.has('collection.anki21') ? 'collection.anki21' : 'collection.anki2'
    if (container.has(member)) return { member, latest: false }
    if (container.has('collection.anki21b')) return { member: 'collection.anki21b', latest: true }
    throw fault('zip', 'this zip archive holds no collection of Anki')
  }
  const meta = await container.read('meta', { cap: caps.list, zstd: false })
  let version = 0
  try {
    version = numberIn(decodeMessage(meta), 1)
  } catch (error) {
    throw fault('zip', 'this package does not say of which version it is', error)
  }
  const member = ['', 'collection.anki2', 'collection.anki21', 'collection.anki21b'][version]
  if (version > 3)
    throw fault('tooNew', `this package is of a newer Anki than rote knows (version ${version})`)
  if (!member) throw fault('zip', 'this package does not say of which version it is')
  if (!container.has(member)) {
    throw container.has('collection.anki2')
      ? stub()
      : fault('zip', 'this zip archive holds no collection of Anki')
  }
  return { member, latest: version === 3 }
}

/** Unpacks a collection into a folder of its own, which is gone again when this returns or throws. */
async function openCollection(source: Source): Promise<Collection> {
  const folder = await mkdtemp(join(tmpdir(), 'rote-anki-'))
  try {
    const file = join(folder, 'collection')
    await source.unpack(file)
    return Collection.open(file)
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

function stub(): CliError {
  return fault('stub', 'this package holds only the note that asks for a newer Anki, and not the cards')
}

function isStub(collection: Collection): boolean {
  if (collection.count('notes') !== 1) return false
  const [note] = collection.all('select substr(flds, 1, 100) as start from notes')
  return /^Please update to the latest Anki version/.test(String(note?.start))
}
