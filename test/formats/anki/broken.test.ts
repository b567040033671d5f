import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { CliError } from '../../../src/errors.ts'
import type { Caps } from '../../../src/formats/anki/container.ts'
import { apkg, archive, BASIC, collection, zstd, zstdBomb } from '../../support/anki.ts'
import { fixture, readBytes, readPath } from './reading.ts'

const DECK = { notes: [{ fields: ['dog', 'Hund'] }] }
const STUB = collection({
  notes: [
    { fields: ['Please update to the latest Anki version, then import the .colpkg/.apkg file again.', ''] },
  ],
})
const latest = (meta: number, files: Record<string, Uint8Array | string> = {}) =>
  archive({ meta: Buffer.from([8, meta]), 'collection.anki2': STUB, media: zstd(Buffer.alloc(0)), ...files })

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rote-test-'))
  mkdirSync(join(folder, 'tmp'))
  vi.stubEnv('TMPDIR', join(folder, 'tmp'))
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

/** What reading ends with, and that it leaves nothing behind. */
async function refusal(
  bytes: Uint8Array,
  caps: Partial<Caps> = {},
): Promise<{ message: string; hint: string }> {
  const path = join(folder, 'deck.apkg')
  writeFileSync(path, bytes)
  const error = await readPath(path, { history: true, caps }).then(
    () => new Error('it was read'),
    (error) => error,
  )
  expect(readdirSync(join(folder, 'tmp'))).toEqual([])
  if (!(error instanceof CliError)) throw error
  expect(error.kind).toBe('failure')
  return { message: error.message, hint: error.hint ?? '' }
}

/** The same bytes with `change` done to a copy. */
function changed(bytes: Uint8Array, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes)
  change(copy)
  return copy
}

/** An archive in which the flags of every file say that it is encrypted. */
const encrypted = changed(apkg(DECK), (copy) => {
  for (const [signature, at] of [
    [0x04034b50, 6],
    [0x02014b50, 8],
  ] as const) {
    for (let index = 0; index < copy.length - 4; index++) {
      if (copy.readUInt32LE(index) === signature) copy.writeUInt16LE(1, index + at)
    }
  }
})

/** One with a byte of the packed collection changed, so that it no longer is what its checksum says. */
const stored = archive(
  { meta: Buffer.from([8, 3]), 'collection.anki21b': zstd(collection(DECK)), media: '' },
  0,
)
const wrongChecksum = changed(stored, (copy) => {
  const at = copy.indexOf('CREATE TABLE notes') + 2
  copy[at] = 0x20
})

test.each([
  [
    'an empty file',
    Buffer.alloc(0),
    /^this is no package of Anki: neither a zip archive nor an SQLite database$/,
  ],
  ['text', Buffer.from('question,answer\n'), /^this is no package of Anki/],
  ['the first half of a package', apkg(DECK).subarray(0, 500), /^this zip archive is damaged or cut short$/],
  [
    'its list of files damaged',
    changed(apkg(DECK), (copy) => copy.fill(0, copy.indexOf('PK\x01\x02'), copy.indexOf('PK\x01\x02') + 4)),
    /^the list of files in this zip archive is damaged$/,
  ],
  [
    'any other zip archive',
    archive({ 'word/document.xml': '<xml/>' }),
    /^this zip archive holds no collection of Anki$/,
  ],
  [
    'an encrypted archive',
    encrypted,
    /^this archive is encrypted: "(media|collection.anki2)" cannot be read$/,
  ],
  [
    'a path that leads out of it',
    archive({ '../../.bashrc': 'x', 'collection.anki2': collection(DECK) }),
    /^this archive names a file outside of itself: "..\/..\/.bashrc"$/,
  ],
  [
    'an absolute path',
    archive({ '/etc/passwd': 'x', 'collection.anki2': collection(DECK) }),
    /outside of itself: "\/etc\/passwd"$/,
  ],
  [
    'a list of media that is none',
    archive({ 'collection.anki2': collection(DECK), media: '[1' }),
    /^the list of media in this package cannot be read$/,
  ],
  [
    'no version in meta',
    archive({ meta: Buffer.from([0xff]), 'collection.anki2': collection(DECK) }),
    /^this package does not say of which version it is$/,
  ],
  [
    'zstd that ends too early',
    latest(3, { 'collection.anki21b': zstd(collection(DECK)).subarray(0, 5000) }),
    /^the compressed data ends too early$/,
  ],
])('%s is refused, with something to try', async (_, bytes, message) => {
  const refused = await refusal(bytes)
  expect(refused.message).toMatch(message)
  expect(refused.hint).toMatch(/download the file again/)
})

test('a wrong checksum is seen before what it stands for is used', async () => {
  expect((await refusal(wrongChecksum)).message).toBe(
    '"collection.anki21b" in this archive is damaged: its checksum is wrong',
  )
})

test.each([
  ['only the note that asks for a newer Anki', archive({ 'collection.anki2': STUB, media: '{}' })],
  ['a version that the collection is missing of', latest(3)],
])('%s is no deck', async (_, bytes) => {
  const refused = await refusal(bytes)
  expect(refused.message).toBe(
    'this package holds only the note that asks for a newer Anki, and not the cards',
  )
  expect(refused.hint).toMatch(/Support older Anki versions/)
})

test.each([
  ['package', latest(4), /^this package is of a newer Anki than rote knows \(version 4\)$/],
  [
    'collection',
    apkg({ ...DECK, version: 19 }),
    /^this collection is of a newer Anki than rote knows \(schema 19\)$/,
  ],
])('a %s newer than known is refused, and says how to go on', async (_, bytes, message) => {
  const refused = await refusal(bytes)
  expect(refused.message).toMatch(message)
  expect(refused.hint).toMatch(/update rote/)
})

test.each([
  [
    'a collection that is too large',
    apkg(DECK),
    { collection: 1000 },
    /^"collection.anki2" in this archive is larger than 1000 bytes when it is unpacked$/,
  ],
  [
    'a zip bomb',
    archive({ 'collection.anki2': Buffer.alloc(30e6), media: '{}' }),
    { collection: 8 * 1024 ** 2 },
    /larger than 8 MB/,
  ],
  [
    'a zstd bomb',
    latest(3, { 'collection.anki21b': zstdBomb(8000) }),
    { collection: 16 * 1024 ** 2 },
    /larger than 16 MB/,
  ],
  [
    'a list of media that is too large',
    archive({ 'collection.anki2': collection(DECK), media: `{${' '.repeat(5000)}}` }),
    { list: 1000 },
    /^"media" in this archive is larger/,
  ],
  ['more files than any package', apkg(DECK), { files: 1 }, /^this archive has more than 1 files in it$/],
  [
    'a window larger than memory',
    latest(3, { 'collection.anki21b': zstd(collection(DECK), { window: 2 ** 31 }) }),
    {},
    /asks for more memory/,
  ],
])('%s is stopped at its cap', async (_, bytes, caps, message) => {
  const refused = await refusal(bytes, caps)
  expect(refused.message).toMatch(message)
  expect(refused.hint).toMatch(/deck by deck/)
})

test('a bare collection has a cap too', async () => {
  expect((await refusal(collection(DECK), { collection: 1000 })).message).toMatch(
    /^this collection is larger than/,
  )
})

const PAGE = 4096
/** A collection that begins so and goes on otherwise. */
const torn = changed(collection(DECK), (copy) => copy.fill(0xee, PAGE + 10, copy.length))
const short = collection(DECK).subarray(0, 2 * PAGE)

test.each([
  [
    'another SQLite database',
    collection({ ...DECK, sql: 'alter table notes rename to other' }),
    /^this SQLite database is no Anki collection$/,
  ],
  ['pages full of something else', torn, /^this collection is damaged/],
  ['half of the pages', short, /^this collection is damaged/],
  ['nothing but the first words', Buffer.from('SQLite format 3\0'), /no SQLite database/],
  [
    'note types that are not JSON',
    collection({ ...DECK, sql: "update col set models = '{'" }),
    /^this collection is damaged: its list of note types cannot be read$/,
  ],
  [
    'a query in place of a table',
    collection({
      ...DECK,
      sql: 'drop table revlog; create view revlog as select 1; alter table cards rename to c; create view cards as select * from c',
    }),
    /no Anki collection$/,
  ],
  [
    'a column that is computed',
    collection({
      ...DECK,
      sql: 'drop table revlog; create table revlog (id integer primary key, cid as (id * 2))',
    }),
    /^this collection has a table "revlog" that Anki would not make$/,
  ],
])('%s: a damaged collection', async (_, bytes, message) => {
  for (const packed of [bytes, archive({ 'collection.anki2': bytes, media: '{}' })]) {
    const refused = await refusal(packed)
    expect(refused.message).toMatch(message)
    expect(refused.hint).toMatch(/Check Database/)
  }
})

test('a tree of pages without end is seen before SQLite walks it', async () => {
  const bytes = collection({
    notes: Array.from({ length: 300 }, (_, index) => ({ fields: [`${index}`.repeat(100), 'x'] })),
  })
  // every page of the table's tree points to the first of them
  const looping = changed(bytes, (copy) => {
    for (let page = PAGE; page < copy.length; page += PAGE) {
      if (copy[page] !== 5) continue
      const cells = copy.readUInt16BE(page + 3)
      const first = copy.readUInt32BE(page + copy.readUInt16BE(page + 12))
      for (let cell = 0; cell < cells; cell++)
        copy.writeUInt32BE(first, page + copy.readUInt16BE(page + 12 + 2 * cell))
    }
  })
  expect((await refusal(looping)).message).toMatch(/^this collection is damaged/)
  // the schema's own: the first page as a page that leads to itself
  const selfish = changed(bytes, (copy) => {
    copy[100] = 5
    copy.writeUInt32BE(1, 108)
  })
  expect((await refusal(selfish)).message).toMatch(/its schema leads in a circle$/)
  const nowhere = changed(selfish, (copy) => copy.fill(0, 103, 112))
  expect((await refusal(nowhere)).message).toMatch(/^this collection is damaged/)
})

test('a template that includes itself comes to an end', async () => {
  const type = {
    ...BASIC,
    templates: [
      ['Card 1', '{{Front}} {{FrontSide}}', '{{FrontSide}}{{FrontSide}}<hr id=answer>{{Back}}'] as [
        string,
        string,
        string,
      ],
    ],
  }
  const notes = [{ fields: ['{{Front}} {{FrontSide}}', '{{Back}}'] }]
  const { records } = await readBytes(apkg({ type, notes }))
  expect(records).toMatchObject([{ card: { question: '{{Front}} {{FrontSide}}', answer: '{{Back}}' } }])
})

test('templates that grow without end are cut off: a problem of the card, not of the file', async () => {
  const type = {
    ...BASIC,
    templates: [['Card 1', '{{Front}}'.repeat(5000), '{{Back}}'] as [string, string, string]],
  }
  const notes = [{ fields: ['x'.repeat(50_000), 'y'] }]
  const { records } = await readBytes(apkg({ type, notes }))
  expect(records).toEqual([
    { line: 1, place: 'note=1/ord=0', problem: 'the card is longer than 100,000 characters' },
  ])
})

test('a field of 11 MB, and one that is only too long for a card', async () => {
  const notes = [
    { fields: ['x'.repeat(11_000_000), 'y'] },
    { fields: ['z'.repeat(150_000), 'y'] },
    { fields: ['fine', 'y'] },
  ]
  const { records } = await readBytes(apkg({ notes }))
  expect(records).toMatchObject([
    { place: 'note=1/ord=0', problem: 'the note is longer than 10 MB' },
    { place: 'note=2/ord=0', problem: 'the question is longer than 100,000 characters' },
    { card: { question: 'fine' } },
  ])
})

test('a deck cannot talk to the terminal, and halves of characters are mended', async () => {
  const notes = [
    {
      fields: ['a\u001b]0;title\u0007b &#27;[31mred &#x9b;5m', 'c\u0085d\u0000e &#xD800;'],
      tags: ' evil\u001b[2J ',
      guid: 'g\u001b[1m',
    },
  ]
  const { records } = await readBytes(apkg({ notes, decks: { 1: 'De\u001bck' } }))
  const json = JSON.stringify(records)
  expect(json).not.toMatch(/\\u00[019]|[^\P{Cc}]/u)
  expect(json).not.toMatch(/\\ud8/i)
  expect(records).toMatchObject([
    { card: { question: 'a]0;titleb [31mred ›5m', deck: 'Deck', external_id: 'g[1m/0' } },
  ])
})

test('after a broken file the next one is read as ever', async () => {
  const good = readFileSync(fixture('mixed-legacy-2.apkg'))
  const before = await readBytes(good)
  for (const bytes of [torn, short, wrongChecksum]) await refusal(bytes)
  expect(await readBytes(good)).toEqual(before)
})

test('a file that is not there', async () => {
  await expect(readPath(join(folder, 'none.apkg'))).rejects.toMatchObject({ kind: 'not_found' })
})
