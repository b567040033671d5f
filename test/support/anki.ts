import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { strToU8, type Zippable, zipSync } from 'fflate'
import { Database } from 'node-sqlite3-wasm'

/** A note type of the oldest schema: its fields, and its templates as `[name, front, back]`. */
export interface MadeType {
  name: string
  fields: string[]
  templates: [name: string, front: string, back: string][]
  cloze?: boolean
}

/** A note, with a card for each of `cards`. */
export interface MadeNote {
  fields: string[]
  guid?: string
  tags?: string
  cards?: { ord?: number; queue?: number; deck?: number; home?: number }[]
}

/** An answer: the card by its place among all, and the columns that count. */
interface MadeReview {
  card: number
  at?: number
  ease: number
  ms?: number
  factor?: number
  type?: number
}

export interface MadeCollection {
  type?: MadeType
  notes: MadeNote[]
  reviews?: MadeReview[]
  decks?: Record<number, string>
  version?: number
  /** SQL that is run at the end. */
  sql?: string
}

export const BASIC: MadeType = {
  name: 'Basic',
  fields: ['Front', 'Back'],
  templates: [['Card 1', '{{Front}}', '{{FrontSide}}\n\n<hr id=answer>\n\n{{Back}}']],
}
export const CLOZE: MadeType = {
  name: 'Cloze',
  fields: ['Text', 'Back Extra'],
  templates: [['Cloze', '{{cloze:Text}}', '{{cloze:Text}}<br>\n{{Back Extra}}']],
  cloze: true,
}

const TABLES = `
  create table col (id integer primary key, ver integer, models text, decks text);
  create table notes (id integer primary key, guid text, mid integer, tags text, flds text);
  create table cards (id integer primary key, nid integer, did integer, ord integer, queue integer, odid integer);
  create table revlog (id integer primary key, cid integer, ease integer, factor integer, time integer, type integer);
  create index ix_cards_nid on cards (nid);
  create index ix_revlog_cid on revlog (cid);`

/** The bytes of a collection of schema 11. Notes are numbered from 1, cards too, and reviews begin in 2020. */
export function collection({
  type = BASIC,
  notes,
  reviews = [],
  decks = {},
  version = 11,
  sql,
}: MadeCollection): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'rote-test-'))
  try {
    const path = join(folder, 'collection.anki2')
    const db = new Database(path)
    db.exec(`pragma journal_mode=off; begin; ${TABLES}`)
    const model = {
      name: type.name,
      type: type.cloze ? 1 : 0,
      flds: type.fields.map((name, ord) => ({ name, ord })),
      tmpls: type.templates.map(([name, qfmt, afmt], ord) => ({ name, ord, qfmt, afmt })),
    }
    const named = Object.entries({ 1: 'Default', ...decks }).map(([id, name]) => [id, { name }])
    db.run('insert into col values (1, ?, ?, ?)', [
      version,
      JSON.stringify({ 1: model }),
      JSON.stringify(Object.fromEntries(named)),
    ])
    let cards = 0
    for (const [
      index,
      { fields, guid = `guid${index + 1}`, tags = '', cards: own = [{}] },
    ] of notes.entries()) {
      db.run('insert into notes values (?, ?, 1, ?, ?)', [index + 1, guid, tags, fields.join('\x1f')])
      for (const [place, { ord = place, queue = 0, deck = 1, home = 0 }] of own.entries()) {
        db.run('insert into cards values (?, ?, ?, ?, ?, ?)', [++cards, index + 1, deck, ord, queue, home])
      }
    }
    for (const [index, { card, at, ease, ms = 5000, factor = 2500, type: kind = 1 }] of reviews.entries()) {
      const id = at ?? Date.UTC(2020, 0, 1) + index * 1000
      db.run('insert into revlog values (?, ?, ?, ?, ?, ?)', [id, card, ease, factor, ms, kind])
    }
    db.exec(`commit; ${sql ?? ''}`)
    db.close()
    return readFileSync(path)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A zip archive of these files; a name with text holds it as UTF-8. */
export function archive(files: Record<string, Uint8Array | string>, level: 0 | 6 = 6): Buffer {
  const entries: Zippable = {}
  for (const [name, content] of Object.entries(files)) {
    entries[name] = typeof content === 'string' ? strToU8(content) : new Uint8Array(content)
  }
  return Buffer.from(zipSync(entries, { level }))
}

/** The bytes of an .apkg of the oldest generation. */
export function apkg(made: MadeCollection, media: Record<string, Uint8Array | string> = {}): Buffer {
  const names = Object.keys(media)
  return archive({
    'collection.anki2': collection(made),
    media: JSON.stringify(Object.fromEntries(names.map((name, index) => [String(index), name]))),
    ...Object.fromEntries(Object.values(media).map((content, index) => [String(index), content])),
  })
}

/** Bytes as a zstd frame that compresses nothing, as large as they are said to be. */
export function zstd(bytes: Uint8Array, { window = 2 ** 21 } = {}): Buffer {
  const exponent = Math.round(Math.log2(window)) - 10
  const pieces: Buffer[] = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, exponent << 3])]
  const size = 65_536
  const count = Math.max(1, Math.ceil(bytes.length / size))
  for (let block = 0; block < count; block++) {
    const content = bytes.subarray(block * size, (block + 1) * size)
    pieces.push(blockHeader(content.length, 0, block === count - 1), Buffer.from(content))
  }
  return Buffer.concat(pieces)
}

/** A zstd frame of so many blocks that each stand for 128 kB of zeros. */
export function zstdBomb(blocks: number): Buffer {
  const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, (21 - 10) << 3])
  const all = Array.from({ length: blocks }, (_, index) =>
    Buffer.concat([blockHeader(131_072, 1, index === blocks - 1), Buffer.from([0])]),
  )
  return Buffer.concat([header, ...all])
}

function blockHeader(size: number, kind: 0 | 1, last: boolean): Buffer {
  const header = Buffer.alloc(3)
  header.writeUIntLE(size * 8 + kind * 2 + (last ? 1 : 0), 0, 3)
  return header
}

/** Bytes as a file for as long as `work` takes. */
export async function withFile<Result>(
  bytes: Uint8Array,
  work: (path: string) => Promise<Result>,
  name = 'deck.apkg',
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'rote-test-'))
  try {
    const path = join(folder, name)
    writeFileSync(path, bytes)
    return await work(path)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
