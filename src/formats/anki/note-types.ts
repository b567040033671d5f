import type { Collection, Value } from './collection.ts'
import { whole } from './collection.ts'
import { fault } from './faults.ts'
import { decodeMessage, numberIn, textIn } from './protobuf.ts'
import { parseTemplate, type Template } from './template.ts'

export interface CardTemplate {
  name: string
  question: Template
  answer: Template
}

/** How the notes of a kind are made into cards. */
export interface NoteType {
  name: string
  cloze: boolean
  /** Their names, by place; a hole in the places is an empty name. */
  fields: string[]
  templates: Map<number, CardTemplate>
}

/** The note types of a collection by id, whichever way its schema keeps them. */
export function noteTypes(collection: Collection): Map<string, NoteType> {
  return collection.inTables ? fromTables(collection) : fromJson(collection)
}

/** The names of a collection's decks by id, `A::B` for one in another. */
export function deckNames(collection: Collection): Map<string, string> {
  if (collection.inTables && collection.has('decks')) {
    const rows = collection.rows(`select id, ${bounded('name')} from decks`)
    return new Map(
      Array.from(rows, ({ id, name }) => [String(id), String(name ?? '').replaceAll('\x1f', '::')]),
    )
  }
  const decks = Object.entries(json(collection, 'decks'))
  return new Map(decks.map(([id, deck]) => [id, string(object(deck).name)]))
}

/** The longest name, template or list that is read, in bytes. */
const LONGEST = 64 * 1024 ** 2

/** A column that nothing sane makes longer; null when it is. */
const bounded = (column: string) =>
  `case when octet_length(${column}) <= ${LONGEST} then ${column} end as ${column}`

function fromTables(collection: Collection): Map<string, NoteType> {
  const types = new Map<string, NoteType>()
  for (const { id, name, config } of collection.rows(
    `select id, ${bounded('name')}, ${bounded('config')} from notetypes`,
  )) {
    const cloze = numberIn(message(config ?? null), 1) === 1
    types.set(String(id), { name: String(name ?? ''), cloze, fields: [], templates: new Map() })
  }
  // Anki's exporter leaves rows of note types behind that are not there any more
  if (collection.has('fields')) {
    for (const { ntid, ord, name } of collection.rows(`select ntid, ord, ${bounded('name')} from fields`)) {
      setField(types.get(String(ntid)), whole(ord ?? null), String(name ?? ''))
    }
  }
  if (collection.has('templates')) {
    for (const { ntid, ord, name, config } of collection.rows(
      `select ntid, ord, ${bounded('name')}, ${bounded('config')} from templates`,
    )) {
      const type = types.get(String(ntid))
      if (!type) continue
      const sides = message(config ?? null)
      type.templates.set(
        whole(ord ?? null),
        cardTemplate(String(name ?? ''), textIn(sides, 1), textIn(sides, 2)),
      )
    }
  }
  return types
}

function fromJson(collection: Collection): Map<string, NoteType> {
  return new Map(
    Object.entries(json(collection, 'models')).map(([id, model]) => {
      const { name, type, flds, tmpls } = object(model)
      const noteType: NoteType = { name: string(name), cloze: type === 1, fields: [], templates: new Map() }
      for (const [place, field] of array(flds).entries()) {
        const { ord, name } = object(field)
        setField(noteType, typeof ord === 'number' ? ord : place, string(name))
      }
      for (const [place, template] of array(tmpls).entries()) {
        const { ord, name, qfmt, afmt } = object(template)
        const number = typeof ord === 'number' ? ord : place
        noteType.templates.set(number, cardTemplate(string(name), string(qfmt), string(afmt)))
      }
      return [id, noteType]
    }),
  )
}

function cardTemplate(name: string, question: string, answer: string): CardTemplate {
  return { name, question: parseTemplate(question), answer: parseTemplate(answer) }
}

/** More fields than any note type has. */
const MOST_FIELDS = 1000

function setField(type: NoteType | undefined, place: number, name: string): void {
  if (!type || !Number.isInteger(place) || place < 0 || place >= MOST_FIELDS) return
  while (type.fields.length <= place) type.fields.push('')
  type.fields[place] = name
}

function message(config: Value) {
  try {
    return decodeMessage(config instanceof Uint8Array ? config : new Uint8Array())
  } catch (error) {
    throw fault('damaged', 'this collection is damaged: a note type cannot be read', error)
  }
}

function json(collection: Collection, column: 'models' | 'decks'): Record<string, unknown> {
  const text = collection.all(`select ${bounded(column)} from col limit 1`)[0]?.[column]
  try {
    return object(JSON.parse(String(text ?? '')))
  } catch (error) {
    const what = column === 'models' ? 'note types' : 'decks'
    throw fault('damaged', `this collection is damaged: its list of ${what} cannot be read`, error)
  }
}

const object = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
const array = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
const string = (value: unknown): string => (typeof value === 'string' ? value : '')
