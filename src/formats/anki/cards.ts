import { setImmediate } from 'node:timers/promises'
import { textProblem } from '../../core/card.ts'
import type { FileAttempt, FileCard, FileImage, ParsedRecord } from '../format.ts'
import { cleaned, printable } from './clean.ts'
import { deletedText, isOcclusion } from './cloze.ts'
import { type Collection, type Row, type Value, whole } from './collection.ts'
import { htmlToText, type SideText } from './html.ts'
import { type CardTemplate, deckNames, type NoteType, noteTypes } from './note-types.ts'
import type { Notices } from './notices.ts'
import {
  isOwnType,
  isSystemTag,
  isUnchanged,
  linesToHtml,
  type Memo,
  ownTags,
  readMemo,
  textToHtml,
} from './own.ts'
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

/** Records of a batch, and of one that ends in the middle of a note. */
const BATCH = 500
const LARGEST_BATCH = 5000
/** The longest note, in bytes: more would be no text for a card. */
const LONGEST_NOTE = 10_000_000
const LONGEST_KEY = 400

/** A card on its way: how it is made, and of what. */
interface Source {
  type: NoteType
  template: CardTemplate
  ord: number
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
  const maker = new CardMaker(collection, media, options, notices)
  const reviews = options.history && collection.has('revlog') ? new Reviews(collection) : null
  let batch: ParsedRecord[] = []
  let line = 0
  /** The cards of the note that is being read. */
  let siblings: FileCard[] = []
  let before: Row | undefined
  try {
    for (const row of collection.rows(
      `select n.id as nid, n.guid, n.mid, n.tags, case when octet_length(n.flds) <= ${LONGEST_NOTE} then n.flds end as flds,
         c.id as cid, c.ord, c.queue, c.did, c.odid
       from notes n join cards c on c.nid = n.id order by n.id, c.ord, c.id`,
    )) {
      const attempts = reviews?.of(number(row.nid), number(row.ord), number(row.cid))
      const sameNote = before?.nid === row.nid
      // a batch ends with a note, so that its cards know of each other
      if (batch.length >= (sameNote ? LARGEST_BATCH : BATCH)) {
        yield batch
        batch = []
        // SQLite and rendering give the program no turn, and somebody may want to end it
        await setImmediate()
      }
      if (!sameNote) siblings = []
      const repeated = sameNote && before?.ord === row.ord
      before = row
      const [forward] = siblings
      if (forward?.reversible && number(row.ord) === 1 && !repeated) {
        addReverse(forward, attempts)
        continue
      }
      const record = maker.record(row, ++line, attempts, repeated)
      if (!record) continue
      batch.push(record)
      if (!('card' in record)) continue
      siblings.push(record.card)
      if (siblings.length > 1) {
        for (const card of siblings.length === 2 ? siblings : [record.card]) card.note = maker.noteKey(row)
      }
    }
  } finally {
    reviews?.close()
  }
  if (batch.length > 0) yield batch
}

/** Makes cards of rows. */
/** What a card says that Anki shows with nothing on its back. */
const NO_ANSWER = '(no answer)'

class CardMaker {
  readonly #types: ReadonlyMap<string, NoteType>
  readonly #decks: ReadonlyMap<string, string>
  /** The guids that several notes have, with the id of the first: Anki does not promise that they are unique. */
  readonly #firsts: ReadonlyMap<string, string>
  readonly #media: MediaNames
  readonly #options: CardOptions
  readonly #notices: Notices

  constructor(collection: Collection, media: MediaNames, options: CardOptions, notices: Notices) {
    this.#types = noteTypes(collection)
    this.#decks = deckNames(collection)
    const doubled = collection.rows(
      'select guid, min(id) as first from notes group by guid having count(*) > 1',
    )
    this.#firsts = new Map(Array.from(doubled, ({ guid, first }) => [text(guid), String(first)]))
    this.#media = media
    this.#options = options
    this.#notices = notices
  }

  /** The record of a row; null when it is left out. `repeated` when its note has a card of this place already. */
  record(
    row: Row,
    line: number,
    attempts: FileAttempt[] | undefined,
    repeated: boolean,
  ): ParsedRecord | null {
    const ord = number(row.ord)
    const place = `note=${row.nid}/ord=${ord}`
    const type = this.#types.get(String(row.mid))
    const template = type?.templates.get(type.cloze ? 0 : ord)
    if (!type || !template) {
      this.#notices.add('template', place)
      return null
    }
    if (row.flds === null) return { line, place, problem: 'the note is longer than 10 MB' }
    const values = text(row.flds).split('\x1f')
    if (type.cloze && values.some(isOcclusion)) {
      this.#notices.add('occlusion', place)
      return null
    }
    const tags = text(row.tags).split(/\s+/).map(cleaned).filter(Boolean)
    const deck = this.#deckOf(row)
    const source = { type, template, ord, fields: filledFields(type, template, ord, values, tags, deck) }
    const own = ord === 0 && isOwnType(type.fields)
    const memo = own ? readMemo(values[3] ?? '', text(row.guid)) : null
    const sides = own ? ownSides(values, memo) : renderSides(source, this.#notices)
    if (!sides) return { line, place, problem: 'the card is longer than 100,000 characters' }
    const question = this.#illustrated(sides.question, 'question', place)
    const answer = this.#illustrated(sides.answer, 'answer', place)
    if (question.text === '') {
      this.#notices.add('question', place)
      return null
    }
    // such a card has a history like any other
    if (answer.text === '') {
      this.#notices.add('answer', place)
      answer.text = NO_ANSWER
    }
    const problem = textProblem('question', question.text) ?? textProblem('answer', answer.text)
    if (problem !== null) return { line, place, problem }
    const images = [...question.images, ...answer.images]
    const isOwn = memo !== null && !repeated && this.#suffix(row) === ''
    const { keepSystemTags } = this.#options
    const isKept = (tag: string) => keepSystemTags || !isSystemTag(tag) || memo?.tags?.includes(tag) === true
    const card: FileCard = {
      question: question.text,
      answer: answer.text,
      difficulty_level: memo?.level ?? null,
      tags: ownTags(tags, memo?.tags).filter(isKept),
      accepted_answers: sides.accepted.filter((text) => textProblem('accepted answer', text) === null),
      external_id: isOwn ? memo.id : this.#cardKey(row) + (repeated ? `/card-${row.cid}` : ''),
      deck,
    }
    if (memo?.note !== undefined) card.note = memo.note
    if (own && type.templates.size > 1) card.reversible = true
    if (number(row.queue) === -1) card.suspended = true
    if (images.length > 0) card.images = images
    if (attempts) card.attempts = attempts
    return { line, place, card }
  }

  /** A note's guid, made its own where it is another's too. */
  noteKey(row: Row): string {
    return [this.#guid(row), this.#suffix(row)].filter(Boolean).join('/')
  }

  /** `guid/ord`, and the id of the note behind it where the guid is another note's too. */
  #cardKey(row: Row): string {
    return [this.#guid(row), number(row.ord), this.#suffix(row)].filter((part) => part !== '').join('/')
  }

  #guid(row: Row): string {
    const guid = cleaned(text(row.guid)).trim()
    return guid === '' || guid.length > LONGEST_KEY ? `note-${row.nid}` : guid
  }

  #suffix({ guid, nid }: Row): string {
    const first = this.#firsts.get(text(guid))
    return first === undefined || first === String(nid) ? '' : String(nid)
  }

  /** A card in a filtered deck is at home in another. */
  #deckOf({ did, odid }: Row): string {
    const name = this.#decks.get(String(number(odid) === 0 ? did : odid)) ?? ''
    return cleaned(name).replace(/\s+/g, ' ').trim() || 'Default'
  }

  /** A side with the pictures that came along; those that did not are named in its text, as is one without any. */
  #illustrated(
    { text, images }: SideText,
    side: FileImage['side'],
    place: string,
  ): { text: string; images: FileImage[] } {
    const found: FileImage[] = []
    const missing: string[] = []
    for (const { source, alt } of images) {
      const url = mediaName(source, this.#media)
      if (url !== null) found.push({ side, url, alt })
      else {
        const name = source.startsWith('data:') ? 'in the text' : printable(source)
        missing.push(`[image: ${name}]`)
        this.#notices.add('image', `${name} (${place})`)
      }
    }
    const alone = text === '' && missing.length === 0
    const named = alone ? found.map(({ url }) => `[image: ${printable(url)}]`) : missing
    return { text: [text, ...named].filter(Boolean).join('\n'), images: found }
  }
}

/** The fields of a note by name, and those that every note has; a field of its own goes first. */
function filledFields(
  type: NoteType,
  template: CardTemplate,
  ord: number,
  values: readonly string[],
  tags: readonly string[],
  deck: string,
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
  /** What may be typed as well as the answer. */
  accepted: string[]
}

/** Both sides of a note that rote has written: its fields, or the text that was written to them where nobody has edited it. */
function ownSides([front = '', back = '', also = '']: readonly string[], memo: Memo | null): Sides | null {
  const side = (field: string, exact: string | undefined): SideText | null => {
    const read = htmlToText(field)
    if (read === null || exact === undefined || !isUnchanged(field, textToHtml(exact))) return read
    return { ...read, text: exact }
  }
  const question = side(front, memo?.question)
  const answer = side(back, memo?.answer)
  if (!question || !answer) return null
  const exact = memo?.accepted
  const lines = htmlToText(also)?.text.split('\n') ?? []
  return { question, answer, accepted: exact && isUnchanged(also, linesToHtml(exact)) ? exact : lines }
}

/** Adds what was answered from back to front, which is a card of its own in Anki and a direction of one in rote. */
function addReverse(card: FileCard, attempts: readonly FileAttempt[] = []): void {
  if (attempts.length === 0) return
  const reverse = attempts.map((attempt) => ({ ...attempt, direction: 'reverse' as const }))
  card.attempts = [...(card.attempts ?? []), ...reverse].sort((a, b) =>
    a.attempted_at < b.attempted_at ? -1 : a.attempted_at > b.attempted_at ? 1 : 0,
  )
}

/** Both sides of a card as text; null when one is longer than any card. */
function renderSides({ type, template, ord, fields }: Source, notices: Notices): Sides | null {
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
  const expected = side(value ?? '')?.text ?? ''
  return { question, answer, accepted: expected === answer.text ? [] : [expected] }
}

const isEmpty = ({ text, images }: SideText) => text === '' && images.length === 0

/** The line that Anki draws between front and back. */
const RULE = /<hr\b[^<>]*\bid\s*=\s*["']?answer\b[^<>]*>/i

/** The part of a back that is not the front. */
function backOf(html: string): string {
  const rule = RULE.exec(html)
  return rule ? html.slice(rule.index + rule[0].length) : html
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

const DECODER = new TextDecoder()
const text = (value: Value | undefined) =>
  value instanceof Uint8Array ? DECODER.decode(value) : String(value ?? '')
const number = (value: Value | undefined) => whole(value ?? null)
