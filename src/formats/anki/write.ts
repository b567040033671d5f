import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { Direction } from '../../core/card.ts'
import type { FileCard, FileImage } from '../format.ts'
import { Archive, type Put } from './archive.ts'
import { cleaned } from './clean.ts'
import { engine } from './collection.ts'
import {
  ankiTag,
  imageToHtml,
  isExact,
  isSystemTag,
  linesToHtml,
  type Memo,
  textToHtml,
  writeMemo,
} from './own.ts'
import { DECK_OPTIONS, deckJson, MODELS, OWN_TYPES } from './own-types.ts'
import { type Past, type ReviewColumns, Scheduling } from './scheduling.ts'
import { WrittenMedia } from './written-media.ts'

export interface WriteOptions {
  /** The deck of cards that say none; `A::B` for one in another. */
  deck: string
  /** Whether answers and schedules go along. */
  history: boolean
  now: Date
  /** The bytes of a picture that cards name; null for what is not there. Asked once for each URL. */
  media?: (url: string) => Promise<Uint8Array | null>
  /** Minutes that the clock here is behind UTC, as in `Date.getTimezoneOffset`; left out, that of `now`. */
  offset?: number
}

/** What a package holds. */
export interface Written {
  /** The cards that were given. One that is asked both ways is two in Anki. */
  cards: number
  notes: number
  reviews: number
  media: number
  /** Pictures that `media` had nothing for: the first of them, by URL. */
  missing: { count: number; first: string[] }
}

/** The tables of schema 11, which every Anki since 2.0 reads: https://github.com/ankidroid/Anki-Android/wiki/Database-Structure */
const TABLES = `
create table col (id integer primary key, crt integer not null, mod integer not null, scm integer not null,
  ver integer not null, dty integer not null, usn integer not null, ls integer not null, conf text not null,
  models text not null, decks text not null, dconf text not null, tags text not null);
create table notes (id integer primary key, guid text not null, mid integer not null, mod integer not null,
  usn integer not null, tags text not null, flds text not null, sfld integer not null, csum integer not null,
  flags integer not null, data text not null);
create table cards (id integer primary key, nid integer not null, did integer not null, ord integer not null,
  mod integer not null, usn integer not null, type integer not null, queue integer not null, due integer not null,
  ivl integer not null, factor integer not null, reps integer not null, lapses integer not null, left integer not null,
  odue integer not null, odid integer not null, flags integer not null, data text not null);
create table revlog (id integer primary key, cid integer not null, usn integer not null, ease integer not null,
  ivl integer not null, lastIvl integer not null, factor integer not null, time integer not null, type integer not null);
create table graves (usn integer not null, oid integer not null, type integer not null);`
const INDEXES = `
create index ix_notes_usn on notes (usn); create index ix_cards_usn on cards (usn); create index ix_revlog_usn on revlog (usn);
create index ix_cards_nid on cards (nid); create index ix_cards_sched on cards (did, queue, due);
create index ix_revlog_cid on revlog (cid); create index ix_notes_csum on notes (csum);`

/**
 * Writes cards as a package of Anki's oldest generation: a zip archive with a collection of schema 11. Bytes go to `put` as they
 * are made; the collection grows in a private file, which has no name by then. docs/anki.md says what becomes of what.
 * Throws CliError('failure') for more than a zip archive holds, and whatever `batches`, `media` and `put` throw.
 */
export async function writeAnki(
  put: Put,
  batches: AsyncIterable<readonly FileCard[]>,
  options: WriteOptions,
): Promise<Written> {
  const folder = await mkdtemp(join(tmpdir(), 'rote-anki-'))
  let fd: number | undefined
  try {
    const file = join(folder, 'collection')
    const { Database } = engine()
    const db = new Database(file)
    try {
      db.exec(
        `pragma locking_mode=exclusive; pragma journal_mode=off; pragma synchronous=off; begin; ${TABLES}`,
      )
      fd = openSync(file, 'r')
      // open, it needs no name, and whatever ends this process leaves nothing; where that is not so it goes at the end
      await rm(folder, { recursive: true, force: true }).catch(() => {})
      const archive = new Archive(put, options.now)
      const media = new WrittenMedia(archive, options.media)
      const collection = new CollectionWriter(db, media, options)
      for await (const batch of batches) {
        for (const card of batch) await collection.add(card)
        // SQLite gives the program no turn, and somebody may want to end it
        await setImmediate()
      }
      const counts = collection.finish()
      db.exec(`${INDEXES} commit`)
      db.close()
      await archive.deflate('collection.anki2', piecesOf(fd))
      await archive.deflate('media', [Buffer.from(media.list)])
      await archive.end()
      return { ...counts, media: media.count, missing: media.missing }
    } finally {
      if (db.isOpen) db.close()
    }
  } finally {
    if (fd !== undefined) closeSync(fd)
    await rm(folder, { recursive: true, force: true })
  }
}

/** A file from its beginning; each piece is written over by the next. */
function* piecesOf(fd: number): Generator<Uint8Array> {
  const piece = Buffer.alloc(256 * 1024)
  for (let at = 0; ; ) {
    const length = readSync(fd, piece, 0, piece.length, at)
    if (length === 0) return
    yield piece.subarray(0, length)
    at += length
  }
}

type Database = InstanceType<typeof import('node-sqlite3-wasm').Database>
type Statement = ReturnType<Database['prepare']>

/** Fills the tables of a collection. */
class CollectionWriter {
  readonly #db: Database
  readonly #media: WrittenMedia
  readonly #options: WriteOptions
  readonly #scheduling: Scheduling
  readonly #note: Statement
  readonly #card: Statement
  readonly #review: Statement
  readonly #decks = new Map<string, { id: number; name: string }>()
  /** The decks by their names as cards have them. */
  readonly #deckIds = new Map<string, number>()
  readonly #guids = new Set<string>()
  readonly #times = new FreeNumbers()
  readonly #now: number
  readonly #firstId: number
  #cards = 0
  #notes = 0
  #ankiCards = 0
  #reviews = 0

  constructor(db: Database, media: WrittenMedia, options: WriteOptions) {
    this.#db = db
    this.#media = media
    this.#options = options
    const { now, offset = now.getTimezoneOffset() } = options
    this.#scheduling = new Scheduling(offset)
    this.#now = Math.floor(now.getTime() / 1000)
    // Anki's ids are times: these are of the hours before now, for it has no notes of the future
    this.#firstId = now.getTime() - 10_000_000
    this.#note = db.prepare(`insert into notes values (?, ?, ?, ?, -1, ?, ?, ?, ?, 0, '')`)
    this.#card = db.prepare(
      `insert into cards values (?, ?, ?, ?, ${this.#now}, -1, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, ?)`,
    )
    this.#review = db.prepare('insert into revlog values (?, ?, -1, ?, ?, ?, ?, ?, ?)')
    this.#deckId('Default')
  }

  async add(card: FileCard): Promise<void> {
    const nid = this.#firstId + this.#notes++
    const deck = card.deck ?? this.#options.deck
    const guid = this.#guidOf(card, deck)
    const tags = [...new Set(card.tags.map(ankiTag))].filter((tag) => tag !== '')
    const question = textToHtml(card.question)
    const fields = [
      question + (await this.#imagesOf(card, 'question')),
      textToHtml(card.answer) + (await this.#imagesOf(card, 'answer')),
      linesToHtml(card.accepted_answers),
      writeMemo(memoOf(card, guid)),
    ]
    const sorted = cleaned(card.question).replaceAll('\n', '')
    const checksum = Number.parseInt(createHash('sha1').update(sorted).digest('hex').slice(0, 8), 16)
    const changed = card.updated_at ? Math.floor(card.updated_at.getTime() / 1000) : this.#now
    const type = card.reversible ? OWN_TYPES.reversed : OWN_TYPES.basic
    const tagged = tags.length > 0 ? ` ${tags.join(' ')} ` : ''
    this.#note.run([nid, guid, type, changed, tagged, fields.join('\x1f'), sorted, checksum])
    const did = this.#deckId(deck)
    this.#cards++
    this.#addCard(nid, did, 'forward', card)
    if (card.reversible) this.#addCard(nid, did, 'reverse', card)
  }

  #addCard(nid: number, did: number, direction: Direction, card: FileCard): void {
    const id = this.#firstId + this.#ankiCards++
    const past: Past = this.#options.history
      ? this.#scheduling.past(card.attempts ?? [], direction, card.schedules?.[direction])
      : { reviews: [], schedule: null }
    const { type, queue, due, ivl, factor, reps, lapses, left, data } = this.#scheduling.columns(
      past,
      this.#notes,
      card.suspended === true,
    )
    const ord = direction === 'forward' ? 0 : 1
    this.#card.run([id, nid, did, ord, type, queue, due, ivl, factor, reps, lapses, left, data])
    for (const review of past.reviews) this.#addReview(id, review)
  }

  #addReview(card: number, { at, ease, ivl, lastIvl, factor, time, type }: ReviewColumns): void {
    this.#review.run([this.#times.from(at), card, ease, ivl, lastIvl, factor, time, type])
    this.#reviews++
  }

  /** Writes the row that describes the rest, when all is there. */
  finish(): Pick<Written, 'cards' | 'notes' | 'reviews'> {
    for (const statement of [this.#note, this.#card, this.#review]) statement.finalize()
    const { created } = this.#scheduling
    const { now, offset = now.getTimezoneOffset() } = this.#options
    const decks = Array.from(this.#decks.values(), ({ id, name }) => [id, deckJson(id, name, this.#now)])
    const settings = {
      activeDecks: [1],
      curDeck: 1,
      nextPos: this.#notes + 1,
      schedVer: 2,
      sched2021: true,
      creationOffset: offset,
      collapseTime: 1200,
      dueCounts: true,
      estTimes: true,
      newSpread: 0,
      sortType: 'noteFld',
      sortBackwards: false,
      timeLim: 0,
      addToCur: true,
    }
    this.#db.run(`insert into col values (1, ?, ?, ?, 11, 0, 0, 0, ?, ?, ?, ?, '{}')`, [
      created,
      now.getTime(),
      now.getTime(),
      JSON.stringify(settings),
      MODELS,
      JSON.stringify(Object.fromEntries(decks)),
      DECK_OPTIONS,
    ])
    return { cards: this.#cards, notes: this.#notes, reviews: this.#reviews }
  }

  /**
   * The id of a deck, which is made with those that it is in. Anki takes names that differ in case for the same, and knows
   * neither empty parts nor quotation marks in them.
   */
  #deckId(name: string): number {
    const known = this.#deckIds.get(name)
    if (known !== undefined) return known
    const parts = cleaned(name)
      .replace(/\s+/g, ' ')
      .split('::')
      .map((part) => part.replaceAll('"', '').trim() || 'blank')
    let id = 1
    for (const [place] of parts.entries()) {
      const path = parts.slice(0, place + 1).join('::')
      const key = path.normalize('NFC').toLowerCase()
      const found = this.#decks.get(key)
      id = found?.id ?? (this.#decks.size === 0 ? 1 : this.#firstId + this.#decks.size)
      if (!found) this.#decks.set(key, { id, name: path })
    }
    this.#deckIds.set(name, id)
    return id
  }

  /**
   * What makes a second package of the same cards update the first in Anki: a card's key of Anki's, or what is made of its own
   * key, its id, or its question.
   */
  #guidOf({ external_id, id, question }: FileCard, deck: string): string {
    const anki = external_id === null ? null : /^([\x21-\x7e]{1,64})\/0$/.exec(external_id)?.[1]
    const key =
      external_id !== null ? `key ${external_id}` : id ? `card ${id}` : `question ${deck}\0${question}`
    let guid = anki ?? hashed(key)
    for (let again = 2; this.#guids.has(guid); again++) guid = hashed(`${again} ${key}`)
    this.#guids.add(guid)
    return guid
  }

  async #imagesOf(card: FileCard, side: FileImage['side']): Promise<string> {
    const pieces: string[] = []
    for (const image of card.images ?? []) {
      if (image.side !== side) continue
      const source = await this.#media.nameOf(image.url)
      if (source !== null) pieces.push(imageToHtml(source, image.alt))
    }
    return pieces.join('')
  }
}

function hashed(key: string): string {
  return createHash('sha256').update(key).digest('base64url').slice(0, 12)
}

/** What of a card its fields and tags in Anki do not hold. */
function memoOf(card: FileCard, guid: string): Memo {
  const { question, answer, accepted_answers: accepted, tags } = card
  const memo: Memo = { guid, id: card.external_id }
  if (card.note !== undefined) memo.note = card.note
  if (card.difficulty_level !== null) memo.level = card.difficulty_level
  if (!isExact(question, textToHtml(question))) memo.question = question
  if (!isExact(answer, textToHtml(answer))) memo.answer = answer
  if (accepted.some((text) => text.includes('\n') || !isExact(text, textToHtml(text))))
    memo.accepted = accepted
  // Anki sorts tags
  if (tags.length > 1 || tags.some((tag) => tag !== ankiTag(tag) || isSystemTag(tag))) memo.tags = tags
  return memo
}

/** Numbers that are given out once: the one that is asked for, or the next that is free. */
class FreeNumbers {
  readonly #taken = new Set<number>()
  /** Where to go on looking, for numbers that have been asked for more than once. */
  readonly #next = new Map<number, number>()

  from(wanted: number): number {
    let number = wanted
    if (this.#taken.has(number)) {
      number = this.#next.get(wanted) ?? wanted + 1
      while (this.#taken.has(number)) number++
      this.#next.set(wanted, number + 1)
    }
    this.#taken.add(number)
    return number
  }
}
