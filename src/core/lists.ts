/**
 * Lists in one cell of a table. People write `verb irregular` or `Europe, Islands`, and `|` between accepted answers;
 * a list which these separators cannot carry is written as a JSON array of strings, and such an array is read as it is.
 */

type Split = (cell: string) => string[]

const splitTags: Split = (cell) => (cell.includes(',') ? trimmed(cell.split(',')) : cell.split(/\s+/))
const splitAnswers: Split = (cell) => trimmed(cell.split('|'))
const trimmed = (items: string[]) => items.map((item) => item.trim())

/** Tags of a cell: between commas when there is one, else between white space. */
export const readTags = (cell: string) => readList(cell, splitTags)
/** Accepted answers of a cell, between `|`. */
export const readAnswers = (cell: string) => readList(cell, splitAnswers)

/** A cell from which readTags gets the same tags. */
export const writeTags = (tags: string[]) => writeList(tags, ' ', splitTags)
/** The same on one line and with commas, for people: a single tag with a space in it has one at its end. */
export const writeTagsToEdit = (tags: string[]) => {
  const commas = tags.join(', ')
  const back = [commas, `${commas},`].find((text) => !text.includes('\n') && isList(readTags(text), tags))
  return back ?? JSON.stringify(tags)
}
/** A cell from which readAnswers gets the same answers. */
export const writeAnswers = (answers: string[]) => writeList(answers, '|', splitAnswers)

/** A list without blank and repeated items, in its order. */
export function distinct(items: string[]): string[] {
  const kept = new Set<string>()
  for (const item of items) if (item.trim() !== '') kept.add(item)
  return [...kept]
}

function readList(cell: string, split: Split): string[] {
  if (cell === '') return []
  if (cell.startsWith('[')) {
    const items = jsonTexts(cell)
    if (items) return distinct(items)
  }
  return distinct(split(cell))
}

/** The plain way, if it can be read back; that test is the whole escaping rule, so the two cannot disagree. */
function writeList(items: string[], separator: string, split: Split): string {
  const plain = items.join(separator)
  return isList(readList(plain, split), items) ? plain : JSON.stringify(items)
}

function isList(list: string[], wanted: string[]): boolean {
  return list.length === wanted.length && list.every((item, index) => item === wanted[index])
}

function jsonTexts(cell: string): string[] | undefined {
  try {
    const value: unknown = JSON.parse(cell)
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
  } catch {
    // A tag may begin with a bracket without being JSON.
  }
  return undefined
}
