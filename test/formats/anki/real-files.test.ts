import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { looksLikeAnki, openAnki } from '../../../src/formats/anki/read.ts'
import { fixture, readPath } from './reading.ts'

// What is expected was counted by others: by Anki itself for the last two, by the authors of the files for the rest.

test.each([
  // file, notes, cards, reviews, media; records that are cards of ours
  ['ap_gov_vocab_anki11.apkg', 242, 484, 0, 0, 484],
  ['example_music_intervals.apkg', 340, 340, 0, 0, 340],
  ['English-German_Ordered_Deck.apkg', 20, 20, 0, 0, 20],
  ['procrastilearn-test-deck.apkg', 4, 4, 0, 4, 4],
  ['empty-latest.apkg', 0, 0, 0, 0, 0],
  ['empty-legacy-2.colpkg', 0, 0, 0, 0, 0],
  // three of its cards hide areas of a picture
  ['mixed-legacy-2.apkg', 8, 13, 26, 1, 10],
  ['anki-apkg-export.apkg', 3, 3, 0, 1, 3],
  ['apkg-to-csv.apkg', 2, 2, 0, 0, 2],
  ['apy.anki2', 49, 55, 0, 0, 55],
  ['AnkiPandas.anki2', 7, 12, 6, 0, 12],
  ['anki-latest.apkg', 16, 52, 4, 3, 52],
  ['anki-latest.colpkg', 16, 52, 4, 3, 52],
])(
  '%s has %i notes, %i cards, %i reviews and %i media',
  async (name, notes, cards, reviews, media, records) => {
    const read = await readPath(fixture(name))
    expect(read).toMatchObject({ notes, cards, reviews })
    expect(read.mediaNames.length).toBe(media)
    expect(read.records.filter((record) => 'card' in record).length).toBe(records)
    expect(read.records.length).toBe(records)
  },
)

test('all of them are known by how they begin', () => {
  expect(looksLikeAnki(readFileSync(fixture('apy.anki2')))).toBe(true)
  expect(looksLikeAnki(readFileSync(fixture('anki-latest.colpkg')))).toBe(true)
  expect(looksLikeAnki(Buffer.from('question,answer\n'))).toBe(false)
  expect(looksLikeAnki(Buffer.from('PK, the Scottish goalkeeper'))).toBe(false)
})

test('the same collection is the same cards in each of its packagings', async () => {
  const one = await readPath(fixture('anki-latest.apkg'))
  const all = await readPath(fixture('anki-latest.colpkg'))
  expect(all.records).toEqual(one.records)
})

test('all stock note types, as Anki asks them', async () => {
  const { records, warnings } = await readPath(fixture('mixed-legacy-2.apkg'), { history: false })
  const sides = records.map((record) =>
    'card' in record ? [record.card.question, record.card.answer] : record,
  )
  const extra = 'This is the "Back Extra" field of a cloze card.'
  expect(sides).toEqual([
    ['In a cloze, some [...] are hidden.', `fields\n${extra}`],
    ['In a cloze, some fields are [...].', `hidden\n${extra}`],
    ['Clozes can have [(something that helps)] as well.', `hints\n${extra}`],
    ['In one text, the first [...] and any other [...] can share a single reference.', `cloze\n${extra}`],
    ['This note is of type "Basic"', 'This is the "Back" field of type "Basic".'],
    [
      'This note is of type "Basic (and reversed card)".',
      'This is the "Back" field of type "Basic (and reversed card)".',
    ],
    [
      'This is the "Back" field of type "Basic (and reversed card)".',
      'This note is of type "Basic (and reversed card)".',
    ],
    [
      'This note is of type "Basic (optional reversed card)".',
      'This is the "Back" field of type "Basic (optional reversed card)".',
    ],
    [
      'This is the "Back" field of type "Basic (optional reversed card)".',
      'This note is of type "Basic (optional reversed card)".',
    ],
    [
      'This note is of type "Basic (type in the answer)".',
      'This is the "Back" side of type "Basic (type in the answer)".',
    ],
  ])
  expect(warnings).toEqual([
    '3 cards that hide areas of a picture were left out: a terminal cannot show that: note=1755521029414/ord=0, note=1755521029414/ord=1, note=1755521029414/ord=2.',
  ])
})

// Anki 26.09 shows these questions; of the answers it shows more, as the front is on every back of it.
test('nasty templates of Anki itself', async () => {
  const { records } = await readPath(fixture('anki-latest.apkg'), { history: false })
  const cards = records.flatMap((record) => ('card' in record ? [record.card] : []))
  const first = cards.slice(0, 8).map(({ question, answer }) => [question, answer])
  expect(first).toEqual([
    ['one & two', 'zwei'],
    ['none for one & two', 'zwei'],
    [
      'one & two / にほんご / 日本語 / 日本(にほん)語(ご)',
      'zwei tag::sub x | Alpha::Beta::Gamma | Gamma | Nasty | Filters',
    ],
    ['one & two', 'zwei'],
    ['old one & two', 'zwei'],
    ['one & two!', 'zwei'],
    ['one & two?', 'zwei'],
    ['one & two}:', 'zwei}'],
  ])
  expect(new Set(cards.slice(0, 8).map(({ deck, note }) => `${deck} ${note === cards[0]?.note}`))).toEqual(
    new Set(['Alpha::Beta::Gamma true']),
  )
  const clozes = cards.filter(({ deck }) => deck === 'Alpha::Clozes')
  expect(clozes.map(({ question, answer }) => [question, answer])).toEqual([
    ['The [...] is the powerhouse of [...]', 'mitochondrion, cells\nextra'],
    ['The mitochondrion is the [what?] of cells', 'powerhouse\nextra'],
    ['Nested [h1] end', 'outer inner rest'],
    ['Nested outer [h2] rest end', 'inner'],
    ['Both [...] and second', 'shared'],
    ['Both [...] and [...]', 'shared, second'],
    ['Math \\([...]\\) bold', '\\frac{a}{b}'],
    ['Math \\(\\frac{a}{b} \\) [hi]', 'bold'],
    ['[...]c }} stray [...]', 'a\nx'],
    ['a[...] }} stray', 'c\nx'],
    ['Open [...]', 'closed'],
    ['first Paris is [...] France', 'in'],
    ['Paris is in [country]', 'France'],
    ['[f] bar [...] f, ... in context', 'foo, baz foo, baz'],
  ])
  expect(cards.find(({ suspended }) => suspended)).toMatchObject({
    question: 'What is suspended?',
    tags: ['kept'],
  })
})

test('pictures come with the cards that show them', async () => {
  const opened = await openAnki(fixture('anki-latest.colpkg'), { history: false })
  try {
    expect(opened.mediaNames.sort()).toEqual(['a b.png', 'cat.png', 'ünï.png'])
    const picture = await opened.media('cat.png')
    expect(Buffer.from(picture ?? []).toString('latin1', 1, 4)).toBe('PNG')
    expect(await opened.media('../cat.png')).toBeNull()
    for await (const batch of opened.records) {
      const card = batch.flatMap((record) => ('card' in record ? [record.card] : []))[16]
      expect(card).toMatchObject({
        question: '[image: cat.png]',
        answer: 'see and',
        images: [
          { side: 'question', url: 'cat.png', alt: null },
          { side: 'answer', url: 'a b.png', alt: 'a cat' },
          { side: 'answer', url: 'ünï.png', alt: null },
        ],
      })
    }
  } finally {
    await opened.close()
  }
})

test('media that were put in the newest generation as they are', async () => {
  const opened = await openAnki(fixture('procrastilearn-test-deck.apkg'), { history: false })
  try {
    expect((await opened.media('01_0001.jpg'))?.subarray(0, 3)).toEqual(Buffer.from([0xff, 0xd8, 0xff]))
  } finally {
    await opened.close()
  }
})

test('answers that were given in Anki', async () => {
  const { records } = await readPath(fixture('AnkiPandas.anki2'))
  const attempts = records.flatMap((record) => ('card' in record ? (record.card.attempts ?? []) : []))
  expect(attempts.length).toBe(6)
  for (const { attempted_at, duration_ms } of attempts) {
    expect(attempted_at).toMatch(/^2019-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(duration_ms).toBeGreaterThan(0)
  }
  const without = await readPath(fixture('AnkiPandas.anki2'), { history: false })
  expect(without.records.some((record) => 'card' in record && record.card.attempts)).toBe(false)
})
