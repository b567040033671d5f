import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { openAnki } from '../../../src/formats/anki/read.ts'
import {
  apkg,
  archive,
  BASIC,
  CLOZE,
  collection,
  type MadeNote,
  type MadeType,
  zstd,
} from '../../support/anki.ts'
import { cardsIn, readBytes, readPath } from './reading.ts'

const PICTURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const deckOf = (type: MadeType, ...notes: MadeNote[]) => apkg({ type, notes })

test('a card says where it is from: deck, tags, key, suspended', async () => {
  const bytes = apkg({
    decks: { 2: 'Words::Common', 3: 'Cramming' },
    notes: [
      {
        fields: ['dog', 'Hund'],
        tags: ' animals  leech farm::pets Marked ',
        cards: [{ deck: 2, queue: -1 }],
      },
      { fields: ['cat', 'Katze'], guid: 'own', cards: [{ deck: 3, home: 2, queue: -2 }] },
      { fields: ['cow', 'Kuh'], cards: [{ deck: 99 }] },
    ],
  })
  expect(await cardsIn(bytes, { history: false })).toEqual([
    {
      question: 'dog',
      answer: 'Hund',
      difficulty_level: null,
      tags: ['animals', 'farm::pets'],
      accepted_answers: [],
      external_id: 'guid1/0',
      deck: 'Words::Common',
      suspended: true,
    },
    expect.objectContaining({ question: 'cat', external_id: 'own/0', deck: 'Words::Common' }),
    expect.objectContaining({ question: 'cow', deck: 'Default' }),
  ])
  const [dog, cat] = await cardsIn(bytes, { history: false, keepSystemTags: true })
  expect(dog?.tags).toEqual(['animals', 'leech', 'farm::pets', 'Marked'])
  expect(cat).not.toHaveProperty('suspended')
})

test('records are counted and named by note and template', async () => {
  const { records } = await readBytes(deckOf(BASIC, { fields: ['a', 'b'] }, { fields: ['c', 'd'] }))
  expect(records.map(({ line, place }) => [line, place])).toEqual([
    [1, 'note=1/ord=0'],
    [2, 'note=2/ord=0'],
  ])
})

test('cards of one note are siblings, and those of notes with the same guid are not', async () => {
  const both: MadeType = { ...BASIC, templates: [...BASIC.templates, ['Card 2', '{{Back}}', '{{Front}}']] }
  const cards = await cardsIn(
    deckOf(
      both,
      { fields: ['a', 'b'], guid: 'same', cards: [{}, {}] },
      { fields: ['c', 'd'], guid: 'same', cards: [{}, {}] },
      { fields: ['e', 'f'], guid: '' },
    ),
  )
  expect(cards.map(({ external_id, note }) => [external_id, note])).toEqual([
    ['same/0', 'same'],
    ['same/1', 'same'],
    ['same/0/2', 'same/2'],
    ['same/1/2', 'same/2'],
    ['note-3/0', undefined],
  ])
})

test('cards that a broken collection has twice have keys of their own', async () => {
  const cards = await cardsIn(deckOf(BASIC, { fields: ['a', 'b'], cards: [{ ord: 0 }, { ord: 0 }] }))
  expect(cards.map(({ external_id }) => external_id)).toEqual(['guid1/0', 'guid1/0/card-2'])
})

test('a note of very many cards is not held as one', async () => {
  const cards = Array.from({ length: 6000 }, () => ({ ord: 0 }))
  const { records } = await readBytes(deckOf(BASIC, { fields: ['a', 'b'], cards }))
  expect(records.length).toBe(6000)
  expect(new Set(records.map((record) => 'card' in record && record.card.external_id)).size).toBe(6000)
})

test('many notes come in batches, and none is torn apart', async () => {
  const notes = Array.from({ length: 800 }, (_, index) => ({
    fields: [`{{c1::a${index}}} {{c2::b}}`, ''],
    cards: [{}, {}],
  }))
  const bytes = apkg({ type: CLOZE, notes })
  const { records } = await readBytes(bytes)
  expect(records.length).toBe(1600)
  for (let at = 0; at < records.length; at += 2) {
    const [one, other] = records.slice(at, at + 2)
    expect(one && 'card' in one && one.card.note).toBe(`guid${at / 2 + 1}`)
    expect(other && 'card' in other && other.card.note).toBe(`guid${at / 2 + 1}`)
  }
})

test('answers become attempts: Again, Hard, Good and Easy', async () => {
  const start = Date.UTC(2024, 1, 29, 12)
  const [card] = await cardsIn(
    apkg({
      notes: [{ fields: ['dog', 'Hund'] }],
      reviews: [
        { card: 1, at: start + 4, ease: 4, ms: 90_000 },
        { card: 1, at: start + 1, ease: 1, ms: 1500 },
        { card: 1, at: start + 3, ease: 3, type: 0 },
        { card: 1, at: start + 2, ease: 2, type: 2 },
        // set by hand, rescheduled, and crammed without counting
        { card: 1, at: start + 5, ease: 0, type: 4 },
        { card: 1, at: start + 6, ease: 0, type: 5 },
        { card: 1, at: start + 7, ease: 3, type: 3, factor: 0 },
        // in a filtered deck, counting
        { card: 1, at: start + 8, ease: 3, type: 3, factor: 2500 },
        // of a card that is gone
        { card: 7, at: start + 9, ease: 3 },
        { card: 1, at: -5, ease: 3 },
        { card: 1, at: 9e15, ease: 3 },
      ],
    }),
  )
  const attempt = (ms: number, confidence_status: string, duration_ms = 5000) => ({
    attempted_at: `2024-02-29T12:00:00.00${ms}Z`,
    confidence_status,
    duration_ms,
    direction: 'forward',
  })
  expect(card?.attempts).toEqual([
    attempt(1, 'again', 1500),
    attempt(2, 'almost'),
    attempt(3, 'got_it'),
    attempt(4, 'got_it', 60_000),
    attempt(8, 'got_it'),
  ])
})

test('answers go to the card that was answered, also where cards are not in the order of their notes', async () => {
  const both: MadeType = { ...BASIC, templates: [...BASIC.templates, ['Card 2', '{{Back}}', '{{Front}}']] }
  const cards = await cardsIn(
    apkg({
      type: both,
      // the second template's card was made first
      notes: [{ fields: ['a', 'b'], cards: [{ ord: 1 }, { ord: 0 }] }, { fields: ['c', 'd'] }],
      reviews: [3, 1, 2, 1, 3, 1].map((card) => ({ card, ease: 3 })),
    }),
  )
  expect(cards.map(({ question, attempts }) => [question, attempts?.length])).toEqual([
    ['a', 1],
    ['b', 3],
    ['c', 2],
  ])
})

test('what cannot be a card is left out and said, and the rest is read', async () => {
  const { records, warnings } = await readBytes(
    deckOf(
      BASIC,
      { fields: ['', 'no question'] },
      { fields: ['no answer', '<br>'] },
      { fields: ['fine', 'yes'] },
      { fields: ['of no template', 'x'], cards: [{ ord: 3 }] },
      ...Array.from({ length: 6 }, () => ({ fields: ['&nbsp;', 'x'] })),
    ),
  )
  expect(records.map(({ place }) => place)).toEqual(['note=2/ord=0', 'note=3/ord=0'])
  expect(warnings).toEqual([
    '7 cards have no question and were left out: note=1/ord=0, note=5/ord=0, note=6/ord=0, note=7/ord=0, note=8/ord=0 and 2 more.',
    '1 card has nothing on the back, and now "(no answer)": note=2/ord=0.',
    '1 card has no note type or template in the file and was left out: note=4/ord=3.',
  ])
})

test('pictures of a side, by the name that their file has', async () => {
  const bytes = apkg(
    {
      notes: [
        { fields: ['<img src="cat.png">', 'a <b>cat</b> <img alt="in a box" src="a%20b.png"> here'] },
        {
          fields: [
            '<img src="gone.png">What?',
            '<img src="https://example.org/x.png"> <img src="data:image/png;base64,AA">',
          ],
        },
      ],
    },
    { 'cat.png': PICTURE, 'a b.png': PICTURE },
  )
  const { records, warnings } = await readBytes(bytes)
  expect(records).toMatchObject([
    {
      card: {
        question: '[image: cat.png]',
        answer: 'a cat here',
        images: [
          { side: 'question', url: 'cat.png', alt: null },
          { side: 'answer', url: 'a b.png', alt: 'in a box' },
        ],
      },
    },
    {
      card: {
        question: 'What?\n[image: gone.png]',
        answer: '[image: in the text]',
        images: [{ side: 'answer', url: 'https://example.org/x.png', alt: null }],
      },
    },
  ])
  expect(warnings).toEqual([
    '2 pictures are named on cards and not in the file: gone.png (note=2/ord=0), in the text (note=2/ord=0).',
  ])
})

test('the newest generation: compressed collection, list and media', async () => {
  const entry = (name: string) =>
    Buffer.concat([Buffer.from([0x0a, name.length + 2, 0x0a, name.length]), Buffer.from(name)])
  const bytes = archive({
    meta: Buffer.from([8, 3]),
    'collection.anki21b': zstd(collection({ notes: [{ fields: ['dog', 'Hund'] }] })),
    'collection.anki2': collection({ notes: [{ fields: ['Please update to the latest Anki version', ''] }] }),
    media: zstd(Buffer.concat([entry('a.png'), entry('gone.png'), entry('../b')])),
    '0': zstd(PICTURE),
    '2': zstd(PICTURE),
  })
  const path = join(mkdtempSync(join(tmpdir(), 'rote-test-')), 'x.colpkg')
  writeFileSync(path, bytes)
  const opened = await openAnki(path, { history: false })
  try {
    expect(opened).toMatchObject({ notes: 1, cards: 1, mediaNames: ['a.png'] })
    expect(await opened.media('a.png')).toEqual(PICTURE)
    expect(opened.warnings).toEqual([
      '1 file is in the list of media and not in the package: gone.png.',
      '1 media file has a name that leads elsewhere and was left out: ../b.',
    ])
  } finally {
    await opened.close()
    rmSync(join(path, '..'), { recursive: true })
  }
})

test('a collection by itself, with the media folder beside it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rote-test-'))
  try {
    const path = join(folder, 'collection.anki2')
    writeFileSync(path, collection({ notes: [{ fields: ['<img src=cat.png>', 'cat'] }] }))
    writeFileSync(`${path}-wal`, 'changes')
    mkdirSync(join(folder, 'collection.media'))
    writeFileSync(join(folder, 'collection.media', 'cat.png'), PICTURE)
    const opened = await openAnki(path, { history: false })
    expect(await opened.media('cat.png')).toEqual(PICTURE)
    expect(opened.warnings).toEqual([
      'Anki has changes that are not in this file yet: close Anki and import it again to have them.',
    ])
    await opened.close()
    expect(readdirSync(folder).sort()).toEqual([
      'collection.anki2',
      'collection.anki2-wal',
      'collection.media',
    ])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('what was unpacked is gone while the cards are read, and the file is as it was', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rote-test-'))
  vi.stubEnv('TMPDIR', join(folder, 'tmp'))
  try {
    mkdirSync(join(folder, 'tmp'))
    const path = join(folder, 'deck.apkg')
    const bytes = deckOf(BASIC, { fields: ['a', 'b'] })
    writeFileSync(path, bytes)
    const opened = await openAnki(path, { history: true })
    expect(readdirSync(join(folder, 'tmp'))).toEqual([])
    for await (const batch of opened.records) expect(batch.length).toBe(1)
    await opened.close()
    expect(readFileSync(path)).toEqual(bytes)
  } finally {
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true })
  }
})

test('a file that is only opened can be closed, and closed again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rote-test-'))
  try {
    const path = join(folder, 'deck.apkg')
    writeFileSync(
      path,
      apkg({ type: CLOZE, notes: [{ fields: ['{{c1::x}} y', ''] }], reviews: [{ card: 1, ease: 3 }] }),
    )
    const opened = await openAnki(path, { history: true })
    for await (const _ of opened.records) break
    await opened.close()
    await opened.close()
    expect((await readPath(path)).records.length).toBe(1)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
