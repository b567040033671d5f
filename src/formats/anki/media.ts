import { fault } from './faults.ts'
import { decodeMessage, textIn } from './protobuf.ts'

/** The files of a package's media list: their names, and what they are called in the archive. */
export function mediaMap(bytes: Uint8Array, latest: boolean): Map<string, string> {
  try {
    return latest ? fromMessage(bytes) : fromJson(bytes)
  } catch (error) {
    throw fault('zip', 'the list of media in this package cannot be read', error)
  }
}

/** Only a name of its own: one with a folder in it would be written elsewhere by whoever is careless. */
export function isPlainName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\\\p{Cc}]/u.test(name)
}

/** The place of an entry is its name in the archive. */
function fromMessage(bytes: Uint8Array): Map<string, string> {
  const entries = decodeMessage(bytes).get(1) ?? []
  return new Map(
    entries.map((entry, place) => [
      entry instanceof Uint8Array ? textIn(decodeMessage(entry), 1) : '',
      String(place),
    ]),
  )
}

function fromJson(bytes: Uint8Array): Map<string, string> {
  const text = new TextDecoder().decode(bytes)
  // generators write nothing at all for no media
  const list: unknown = text.trim() === '' ? {} : JSON.parse(text)
  if (typeof list !== 'object' || list === null) throw new TypeError('not an object')
  return new Map(Object.entries(list).map(([place, name]) => [typeof name === 'string' ? name : '', place]))
}
