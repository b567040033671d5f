import { textProblem } from '../../core/card.ts'
import type { FileAttempt, FileCard, FileImage, ParsedRecord } from '../format.ts'
import { cleaned, printable } from './clean.ts'
import { deletedText, isOcclusion } from './cloze.ts'
import { type Collection, type Row, type Value, whole } from './collection.ts'
import { htmlToText, type SideText } from './html.ts'
import { type CardTemplate, deckNames, type NoteType, noteTypes } from './note-types.ts'
import type { Notices } from './notices.ts'
import { Reviews } from './reviews.ts'
import { clozeFields, type Filling, render, typedField } from './template.ts'

export interface CardOptions {
  /** Whether the answers that were given in Anki come along. */
  history: boolean
  /** Whether Anki's own tags, leech and marked, are kept. */
  keepSystemTags: boolean
}

/** What there is of the package's media. */
export interface MediaNames {
  has(name: string): boolean
}

/** Records of a batch. */
const BATCH = 500
/** The longest note, in bytes: more would be no text for a card. */
const LONGEST_NOTE = 10_000_000
const LONGEST_KEY = 400

/** All that a row says of a card, with what its note has in common for all of them. */
interface Source {
  line: number
  place: string
  ord: number
  guid: string
  type: NoteType
  fields: ReadonlyMap<string, string>
}

/**
 * The cards of a collection in the order of their notes, rendered by their own templates. What is left out goes to
 * `notices`. Throws CliError('failure') for a damaged database.
 */
export async function* readCards(
  collection: Collection,
  media: MediaNames,
  options: CardOptions,
  notices: Notices,
): AsyncGenerator<ParsedRecord[]> {
  const types = noteTypes(collection)
  const decks = deckNames(collection)
  const firsts = doubledGuids(collection)
  const reviews = options.history && collection.has('revlog') ? new Reviews(collection) : null
  let batch: ParsedRecord[] = []
  let line = 0
  /** The cards of the note that is being read. */
  let siblings: FileCard[] = []
  let note = 0
  try {
    for (const row of collection.rows(
      `select n.id as nid, n.guid, n.mid, n.tags, case when octet_length(n.flds) <= ${LONGEST_NOTE} then n.flds end as flds,
         c.id as cid, c.ord, c.queue, c.did, c.odid
       from notes n join cards c on c.nid = n.id order by n.id, c.ord, c.id`,
    )) {
      line++
      const nid = whole(row.nid ?? null)
      const ord = whole(row.ord ?? null)
      const attempts = reviews?.of(nid, ord, whole(row.cid ?? null))
      if (nid !== note) {
        // a batch ends with a note, so that its cards know of each other
        if (batch.length >= BATCH) {
          yield batch
          batch = []
        }
        note = nid
        siblings = []
      }
      const record = recordOf(row, line, types, decks, firsts, media, options, notices, attempts)
      if (!record) continue
      batch.push(record)
      if (!('card' in record)) continue
      siblings.push(record.card)
      if (siblings.length > 1) {
        for (const card of siblings.length === 2 ? siblings : [record.card]) card.note = noteKey(row, firsts)
      }
    }
  } finally {
    reviews?.close()
  }
  if (batch.length > 0) yield batch
}

function recordOf(
  row: Row,
  line: number,
  types: ReadonlyMap<string, NoteType>,
  decks: ReadonlyMap<string, string>,
  firsts: ReadonlyMap<string, string>,
  media: MediaNames,
  { keepSystemTags }: CardOptions,
  notices: Notices,
  attempts: FileAttempt[] | undefined,
): ParsedRecord | null {
  const ord = whole(row.ord ?? null)
  const place = `note=${row.nid}/ord=${ord}`
  const type = types.get(String(row.mid))
  const template = type?.templates.get(type.cloze ? 0 : ord)
  if (!type || !template) {
    notices.add('template', place)
    return null
  }
  if (row.flds === null) return { line, place, problem: 'the note is longer than 10 MB' }
  const values = text(row.flds ?? null).split('\x1f')
  const tags = text(row.tags ?? null)
    .split(/\s+/)
    .map(cleaned)
    .filter(Boolean)
  const inDeck = whole(row.odid ?? null) === 0 ? row.did : row.odid
  const deck =
    cleaned(decks.get(String(inDeck)) ?? '')
      .replace(/\s+/g, ' ')
      .trim() || 'Default'
  if (type.cloze && values.some(isOcclusion)) {
    notices.add('occlusion', place)
    return null
  }
  const source: Source = { line, place, ord, guid: noteKey(row, firsts), type, fields: new Map() }
  source.fields = filledFields(source, values, tags, deck, template)
  const sides = renderSides(source, template, notices)
  if (!sides) return { line, place, problem: 'the card is longer than 100,000 characters' }
  const question = illustrated(sides.question, 'question', media, notices, place)
  const answer = illustrated(sides.answer, 'answer', media, notices, place)
  if (question.text === '' || answer.text === '') {
    notices.add(question.text === '' ? 'question' : 'answer', place)
    return null
  }
  const problem = textProblem('question', question.text) ?? textProblem('answer', answer.text)
  if (problem !== null) return { line, place, problem }
  const images = [...question.images, ...answer.images]
  const card: FileCard = {
    question: question.text,
    answer: answer.text,
    difficulty_level: null,
    tags: keepSystemTags ? tags : tags.filter((tag) => !/^(?:leech|marked)$/i.test(tag)),
    accepted_answers: sides.expected !== '' && sides.expected !== answer.text ? [sides.expected] : [],
    external_id: cardKey(row, firsts),
    deck,
  }
  if (whole(row.queue ?? null) === -1) card.suspended = true
  if (images.length > 0) card.images = images
  if (attempts) card.attempts = attempts
  return { line, place, card }
}

/** The fields of a note by name, and those that every note has; a field of its own goes first. */
function filledFields(
  { ord, type }: Source,
  values: readonly string[],
  tags: readonly string[],
  deck: string,
  template: CardTemplate,
): Map<string, string> {
  const fields = new Map([
    ['Tags', escaped(tags.join(' '))],
    ['Type', escaped(type.name)],
    ['Deck', escaped(deck)],
    ['Subdeck', escaped(deck.split('::').at(-1) ?? '')],
    ['Card', escaped(type.cloze ? `${template.name} ${ord + 1}` : template.name)],
    ['CardFlag', ''],
  ])
  for (const [place, name] of type.fields.entries()) fields.set(name, values[place] ?? '')
  return fields
}

const escaped = (value: string) => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

interface Sides {
  question: SideText
  answer: SideText
  /** What is to be typed where that is not the whole answer; empty when nothing of the kind is asked. */
  expected: string
}

/** Both sides of a card as text; null when one is longer than any card. */
function renderSides(source: Source, template: CardTemplate, notices: Notices): Sides | null {
  const { type, ord, fields } = source
  const cloze = type.cloze ? ord + 1 : null
  const name = printable(`${type.name}: ${template.name}`)
  const fault = template.question.fault ?? template.answer.fault
  if (fault !== null)
    notices.once(`The template "${name}" ${printable(fault)}; its cards are as good as it can be read.`)
  const filling = (side: Filling['side'], spoken = false): Filling => ({
    fields,
    cloze,
    side,
    spoken,
    unknown: (field) =>
      notices.once(`The template "${name}" asks for a field "${printable(field)}", which is not there.`),
  })
  const side = (html: string | null) => (html === null ? null : htmlToText(html))

  let question = side(render(template.question, filling('question')))
  if (question && isEmpty(question)) question = side(render(template.question, filling('question', true)))
  const back = render(template.answer, filling('answer'))
  if (!question || back === null) return null
  let answer = side(backOf(back))
  if (answer && isEmpty(answer)) answer = side(back)
  if (answer && isEmpty(answer)) answer = side(render(template.answer, filling('answer', true)))
  const deleted =
    cloze === null
      ? ''
      : clozeFields(template.question.nodes)
          .map((field) => deletedText(fields.get(field) ?? '', cloze))
          .find((text) => text !== '')
  if (answer && isEmpty(answer) && deleted) answer = side(deleted)
  if (!answer) return null
  if (!RULE.test(back) && question.text !== '' && answer.text.startsWith(`${question.text}\n`)) {
    // a back that repeats the front by its fields
    answer = { ...answer, text: answer.text.slice(question.text.length).trim() }
  }
  const typed = typedField(template.question.nodes) ?? typedField(template.answer.nodes)
  const value = typed && !(typed.cloze && cloze !== null) ? fields.get(typed.name) : deleted
  return { question, answer, expected: side(value ?? '')?.text ?? '' }
}

const isEmpty = ({ text, images }: SideText) => text === '' && images.length === 0

/** The line that Anki draws between front and back. */
const RULE = /<hr\b[^<>]*\bid\s*=\s*["']?answer\b[^<>]*>/i

/** The part of a back that is not the front. */
function backOf(html: string): string {
  const rule = RULE.exec(html)
  return rule ? html.slice(rule.index + rule[0].length) : html
}

/** A side with the pictures that came along; those that did not are named in its text, as is one without any. */
function illustrated(
  { text, images }: SideText,
  side: FileImage['side'],
  media: MediaNames,
  notices: Notices,
  place: string,
): { text: string; images: FileImage[] } {
  const found: FileImage[] = []
  const missing: string[] = []
  for (const { source, alt } of images) {
    const url = mediaName(source, media)
    if (url !== null) found.push({ side, url, alt })
    else {
      const name = source.startsWith('data:') ? 'in the text' : printable(source)
      missing.push(`[image: ${name}]`)
      notices.add('image', `${name} (${place})`)
    }
  }
  const named =
    text === '' && missing.length === 0 ? found.map(({ url }) => `[image: ${printable(url)}]`) : missing
  return { text: [text, ...named].filter(Boolean).join('\n'), images: found }
}

/** What a picture's source is called among the media, or its URL; null for what is not there. */
function mediaName(source: string, media: MediaNames): string | null {
  if (/^https?:\/\//i.test(source)) return cleaned(source)
  if (media.has(source)) return source
  try {
    const decoded = decodeURIComponent(source)
    return media.has(decoded) ? decoded : null
  } catch {
    return null
  }
}

/** The guids that several notes have, with the id of the first. Anki does not promise that they are unique. */
function doubledGuids(collection: Collection): Map<string, string> {
  const rows = collection.rows('select guid, min(id) as first from notes group by guid having count(*) > 1')
  return new Map(Array.from(rows, ({ guid, first }) => [text(guid ?? null), String(first)]))
}

/** A note's guid, made its own where it is another's too. */
function noteKey({ guid: value, nid }: Row, firsts: ReadonlyMap<string, string>): string {
  const raw = text(value ?? null)
  const guid = cleaned(raw).trim()
  if (guid === '' || guid.length > LONGEST_KEY) return `note-${nid}`
  return (firsts.get(raw) ?? String(nid)) === String(nid) ? guid : `${guid}/${nid}`
}

/** `guid/ord`, and the id of the note behind it where the guid is another note's too. */
function cardKey(row: Row, firsts: ReadonlyMap<string, string>): string {
  const ord = whole(row.ord ?? null)
  const raw = text(row.guid ?? null)
  const guid = cleaned(raw).trim()
  if (guid === '' || guid.length > LONGEST_KEY) return `note-${row.nid}/${ord}`
  return (firsts.get(raw) ?? String(row.nid)) === String(row.nid)
    ? `${guid}/${ord}`
    : `${guid}/${ord}/${row.nid}`
}

const DECODER = new TextDecoder()
const text = (value: Value) => (value instanceof Uint8Array ? DECODER.decode(value) : String(value ?? ''))
