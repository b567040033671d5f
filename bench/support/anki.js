// A large package as Anki's oldest generation writes it, which every generator does too.
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { strToU8, zipSync } from 'fflate'
import sqlite from 'node-sqlite3-wasm'

const DAY = 86_400_000
const START = Date.UTC(2020, 0, 1)

/** The tables of schema 11, https://github.com/ankidroid/Anki-Android/wiki/Database-Structure */
const SCHEMA = `
create table col (id integer primary key, crt integer, mod integer, scm integer, ver integer, dty integer, usn integer,
  ls integer, conf text, models text, decks text, dconf text, tags text);
create table notes (id integer primary key, guid text, mid integer, mod integer, usn integer, tags text, flds text,
  sfld integer, csum integer, flags integer, data text);
create table cards (id integer primary key, nid integer, did integer, ord integer, mod integer, usn integer, type integer,
  queue integer, due integer, ivl integer, factor integer, reps integer, lapses integer, left integer, odue integer,
  odid integer, flags integer, data text);
create table revlog (id integer primary key, cid integer, usn integer, ease integer, ivl integer, lastIvl integer,
  factor integer, time integer, type integer);
create index ix_notes_csum on notes (csum); create index ix_cards_nid on cards (nid);
create index ix_cards_sched on cards (did, queue, due); create index ix_revlog_cid on revlog (cid);`

const MODELS = {
  1: {
    id: 1,
    name: 'Basic',
    type: 0,
    flds: [
      { name: 'Front', ord: 0 },
      { name: 'Back', ord: 1 },
    ],
    tmpls: [{ name: 'Card 1', ord: 0, qfmt: '{{Front}}', afmt: '{{FrontSide}}<hr id=answer>{{Back}}' }],
  },
}
const DECKS = { 1: { id: 1, name: 'Default' }, 2: { id: 2, name: 'Words::Common' } }

/**
 * Writes an .apkg of so many notes, each with a card and so many reviews.
 * @param {string} file
 * @param {number} notes
 * @param {number} reviews of each card
 */
export function writeAnkiPackage(file, notes, reviews) {
  const folder = mkdtempSync(join(tmpdir(), 'rote-bench-'))
  try {
    const path = join(folder, 'collection.anki2')
    const db = new sqlite.Database(path)
    db.exec(`pragma synchronous=off; pragma journal_mode=off; begin; ${SCHEMA}`)
    db.run(`insert into col values (1, 1577836800, 0, 0, 11, 0, 0, 0, '{}', ?, ?, '{}', '{}')`, [
      JSON.stringify(MODELS),
      JSON.stringify(DECKS),
    ])
    const note = db.prepare(`insert into notes values (?, ?, 1, 0, 0, ' words common ', ?, ?, 0, 0, '')`)
    const card = db.prepare(
      `insert into cards values (?, ?, 2, 0, 0, 0, 2, 2, 1, 10, 2500, 3, 0, 0, 0, 0, 0, '{}')`,
    )
    const review = db.prepare('insert into revlog values (?, ?, 0, ?, 10, 3, 2500, 4321, 1)')
    for (let i = 0; i < notes; i++) {
      const id = START + i
      const front = `What does the word number ${i} mean, as in <i>the ${i}th word</i>?`
      note.run([
        id,
        `guid${i}`,
        `${front}\x1f<div>The meaning of <b>${i}</b></div><div>and more &amp; more</div>`,
        front,
      ])
      card.run([id, id])
      for (let r = 0; r < reviews; r++) review.run([START + (r + 1) * 10 * DAY + i, id, 1 + ((i + r) % 4)])
    }
    for (const statement of [note, card, review]) statement.finalize()
    db.exec('commit')
    db.close()
    const out = createWriteStream(file)
    out.end(zipSync({ 'collection.anki2': readFileSync(path), media: strToU8('{}') }, { level: 6 }))
    return /** @type {Promise<void>} */ (
      new Promise((done, fail) => out.on('finish', done).on('error', fail))
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
