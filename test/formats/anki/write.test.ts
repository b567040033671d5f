import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { describe, expect, test } from 'vitest'
import type { Schedule } from '../../../src/core/schedule.ts'
import { Archive } from '../../../src/formats/anki/archive.ts'
import { openAnki } from '../../../src/formats/anki/read.ts'
import { type WriteOptions, writeAnki } from '../../../src/formats/anki/write.ts'
import type { FileAttempt, FileCard, FileImage } from '../../../src/formats/format.ts'
import { pick, random } from '../../core/random.ts'
import { withFile } from '../../support/anki.ts'
import { cardsIn, readBytes } from './reading.ts'
import { editedPackage, fileCard, NOW, packageOf, tablesOf } from './writing.ts'

/** What a package gives back of cards. */
const trip = async (cards: readonly FileCard[]) => cardsIn((await packageOf(cards)).bytes)

describe('what is written is read as the same cards', () => {
  const odd: [what: string, card: Partial<FileCard>][] = [
    ['HTML', { question: '<b>x</b> &amp; <!-- -->', answer: '</div><script>alert(1)</script>' }],
    ['braces', { question: '{{c1::x}} {{Front}}', answer: '}}{{#Back}}{{=<% %>=}}' }],
    ['colons', { question: 'std::vector', answer: '::' }],
    ['white space', { question: '  two  spaces\t', answer: '\n\n\na\n\n\n\nb \r\n' }],
    ['hard spaces', { question: 'a\u00a0b', answer: '\u2003x\u2003' }],
    ['controls', { question: 'a\u001b[31mred\u0007', answer: '\u0001\u001f\u007f\u009b' }],
    ['nothing to see', { question: '\u0007', answer: '\u0001' }],
    ['Japanese', { question: '食べる〜', answer: '漢字(かんじ)\nたべる' }],
    ['Arabic', { question: 'مرحبا', answer: 'السلام عليكم' }],
    ['emoji', { question: '👨‍👩‍👧 🎌', answer: '🏴󠁧󠁢󠁳󠁣󠁴󠁿' }],
    ['decomposed letters', { question: 'e\u0301', answer: '가' }],
    ['Markdown', { question: '**bold** `code`', answer: '- a\n  - b\n\n```js\nif (a < b) {}\n```' }],
    ['mathematics', { question: '\\(x^2\\) 10³', answer: '[latex]x[/latex] $$y$$' }],
    ['sound', { question: '[sound:x.mp3]', answer: 'dog [sound:dog.mp3]' }],
    ['JSON', { question: '{"guid":"x","id":"y"}', answer: '\\n \\u0041' }],
    ['accepted answers', { accepted_answers: ['paris', 'Lutetia'] }],
    ['odd accepted answers', { accepted_answers: ['two\nlines', ' a ', '<br>', 'Paris'] }],
    ['tags', { tags: ['b', 'a', 'two words', 'a::b', 'Ünï', 'leech'] }],
    ['tags that are the same in Anki', { tags: ['two words', 'two_words'] }],
    ['a key', { external_id: 'row 17 <x>' }],
    ['a key of Anki', { external_id: 'kR$3<b#/0' }],
    ['a key of a second card', { external_id: 'kR$3b#/1' }],
    ['a level', { difficulty_level: 'hard' }],
    ['suspended', { suspended: true }],
    ['reversible', { reversible: true }],
    ['a deck in a deck', { deck: 'Languages::Spanish' }],
    ['the deck of everybody', { deck: 'Default' }],
    ['a sibling', { note: '5e0cf3f5-3f34-4a3b-9d4e-111111111111' }],
  ]
  test.each(odd)('%s', async (_, given) => {
    const card = fileCard({ attempts: [], ...given })
    expect(await trip([card])).toEqual([card])
  })

  test('all of it in one package, in its order', async () => {
    const cards = odd.map(([, given]) => fileCard({ attempts: [], ...given }))
    expect(await trip(cards)).toEqual(cards)
  })

  test('any text', async () => {
    const next = random(6)
    const pieces: [string, ...string[]] = [
      ' ',
      '  ',
      ...'< > & " \' &nbsp; &lt; <br> <img> <b> </div> <!-- {{ }} {{c1:: :: | / \\ % # \n \r \t \u00a0 \u001b \u001f \u0085 \u200b \u2028 \ufeff \ufffd é e\u0301 ß 漢 か\u3099 ش لا 🎌 \u{1f469}\u200d\u{1f52c} a B 0 9 - _ * ` ~ [ ] ( ) { } , ;'.split(
        ' ',
      ),
    ]
    const text = () => Array.from({ length: 1 + Math.floor(next() * 12) }, () => pick(next, pieces)).join('')
    const solid = () => `${text()}x`
    const cards = Array.from({ length: 400 }, (_, index) =>
      fileCard({
        question: solid(),
        answer: solid(),
        tags: Array.from({ length: Math.floor(next() * 3) }, (_, place) => `${solid()}${place}`),
        accepted_answers: Array.from({ length: Math.floor(next() * 3) }, solid),
        external_id: next() < 0.5 ? null : `${solid()}${index}`,
        difficulty_level: pick(next, [null, 'easy', 'medium', 'hard']),
        attempts: [],
      }),
    )
    expect(await trip(cards)).toEqual(cards)
  })
})

describe('history', () => {
  const at = (day: number, ms = 0) => new Date(Date.UTC(2026, 1, day, 9) + ms).toISOString()
  const answer = (attempted_at: string, given: Partial<FileAttempt> = {}): FileAttempt => ({
    attempted_at,
    confidence_status: 'got_it',
    duration_ms: 4321,
    direction: 'forward',
    ...given,
  })

  test('answers come back, of both directions and of unknown length too', async () => {
    const card = fileCard({
      reversible: true,
      attempts: [
        answer(at(1), { confidence_status: 'again' }),
        answer(at(1, 1), { direction: 'reverse', duration_ms: null }),
        answer(at(2), { confidence_status: 'almost' }),
        answer(at(2, 5), { direction: 'reverse' }),
        answer(at(9), { duration_ms: 60_000 }),
      ],
    })
    expect(await trip([card])).toEqual([card])
  })

  test('answers of the same millisecond are kept apart, in the order of each card', async () => {
    const cards = Array.from({ length: 40 }, (_, place) =>
      fileCard({ question: `${place}`, attempts: [answer(at(1)), answer(at(1, place % 3))] }),
    )
    const { bytes, written } = await packageOf(cards)
    expect(written.reviews).toBe(80)
    const times = (await cardsIn(bytes)).map(({ attempts = [] }) =>
      attempts.map((one) => Date.parse(one.attempted_at)),
    )
    expect(new Set(times.flat()).size).toBe(80)
    for (const [first = 0, second = 0] of times) expect(second).toBeGreaterThan(first)
    expect(Math.max(...times.flat()) - Date.parse(at(1))).toBeLessThan(100)
  })

  test('is left out where nobody asked for it', async () => {
    const card = fileCard({ attempts: [answer(at(1))], schedules: { forward: schedule('review', 3) } })
    const { bytes, written } = await packageOf([card], { history: false })
    expect(written.reviews).toBe(0)
    expect(await tablesOf(bytes)).toMatchObject({
      cards: [{ type: 0, queue: 0, due: 1, reps: 0, data: '{}' }],
      revlog: [],
    })
  })

  const days = (count: number) => new Date(NOW.getTime() + count * 86_400_000)
  const schedule = (state: Schedule['state'], due: number, given: Partial<Schedule> = {}): Schedule => ({
    due: days(due),
    stability: 12.34567,
    difficulty: 5.6789,
    state,
    learning_steps: 0,
    reps: 4,
    lapses: 1,
    last_review: days(-2),
    ...given,
  })
  const today = Math.floor((NOW.getTime() - Date.UTC(2000, 0, 1, 4)) / 86_400_000)
  const data = JSON.stringify({ s: 12.3457, d: 5.679, lrt: days(-2).getTime() / 1000 })
  const studied = { reps: 4, lapses: 1, data }

  test.each<[what: string, card: Partial<FileCard>, columns: object]>([
    ['new', {}, { type: 0, queue: 0, due: 1, ivl: 0, factor: 0, left: 0, data: '{}' }],
    ['new, suspended', { suspended: true }, { type: 0, queue: -1, due: 1 }],
    [
      'in review',
      { schedules: { forward: schedule('review', 3) } },
      { type: 2, queue: 2, due: today + 3, ivl: 5, factor: 2500, ...studied },
    ],
    [
      'overdue and suspended',
      { suspended: true, schedules: { forward: schedule('review', -1.9) } },
      { type: 2, queue: -1, due: today - 2, ivl: 1, ...studied },
    ],
    [
      'being learnt',
      { schedules: { forward: schedule('learning', 0.01) } },
      { type: 1, queue: 1, due: days(0.01).getTime() / 1000, ivl: 0, factor: 0, left: 1, ...studied },
    ],
    [
      'learnt again',
      { schedules: { forward: schedule('relearning', 0.01) } },
      { type: 3, queue: 1, due: days(0.01).getTime() / 1000, ivl: 12, factor: 2500, left: 1, ...studied },
    ],
    [
      'known by its answers alone',
      { attempts: [answer(at(1)), answer(at(2)), answer(at(9))] },
      { type: 2, queue: 2, reps: 3, lapses: 0 },
    ],
  ])('a card that is %s', async (_, given, columns) => {
    const { cards } = await tablesOf((await packageOf([fileCard(given)])).bytes)
    expect(cards).toEqual([expect.objectContaining(columns)])
  })

  test('a day begins at four in the morning where the person is', async () => {
    const due = new Date('2026-03-10T02:30:00Z')
    const card = fileCard({ schedules: { forward: schedule('review', 0, { due }) } })
    const dayIn = async (offset: number) => {
      const { cards, col } = await tablesOf((await packageOf([card], { offset })).bytes)
      expect(col).toMatchObject([{ crt: Date.UTC(2000, 0, 1, 4, offset) / 1000 }])
      return Number(cards[0]?.due)
    }
    const utc = await dayIn(0)
    expect(await dayIn(-120)).toBe(utc + 1)
    expect(await dayIn(480)).toBe(utc)
  })

  test('kinds and intervals are those of the steps and days that the answers made', async () => {
    const attempts = [
      answer(at(1), { confidence_status: 'again' }),
      answer(at(1, 60_000)),
      answer(at(1, 700_000)),
      answer(at(4)),
      answer(at(20), { confidence_status: 'again' }),
      answer(at(20, 700_000), { confidence_status: 'almost' }),
    ]
    const { revlog } = await tablesOf((await packageOf([fileCard({ attempts })])).bytes)
    expect(revlog.map(({ ease, type }) => [ease, type])).toEqual([
      [1, 0],
      [3, 0],
      [3, 0],
      [3, 1],
      [1, 1],
      [2, 2],
    ])
    expect(revlog[0]).toMatchObject({ ivl: -60, lastIvl: 0, time: 4321 })
    expect(revlog[1]).toMatchObject({ ivl: -600, lastIvl: -60 })
    expect(Number(revlog[3]?.ivl)).toBeGreaterThan(1)
    expect(revlog[4]).toMatchObject({ ivl: -600, lastIvl: revlog[3]?.ivl, factor: 2500 })
  })
})

describe('pictures', () => {
  const image = (url: string, given: Partial<FileImage> = {}): FileImage => ({
    side: 'question',
    url,
    alt: null,
    ...given,
  })
  const bytesOf = (url: string) => Buffer.from(`bytes of ${url}`)

  test('come along on their sides, with what they show', async () => {
    const card = fileCard({
      attempts: [],
      question: ' with spaces ',
      images: [
        image('cat.png', { alt: 'a "cat" <&>' }),
        image('日本.jpg'),
        image('dog.png', { side: 'answer', alt: 'dog' }),
      ],
    })
    const { bytes, written } = await packageOf(
      [card, fileCard({ question: 'again', images: [image('cat.png')] })],
      {
        media: async (url) => bytesOf(url),
      },
    )
    expect(written).toMatchObject({ media: 3, missing: { count: 0, first: [] } })
    expect((await cardsIn(bytes))[0]).toEqual(card)
    await withFile(bytes, async (path) => {
      const opened = await openAnki(path, { history: false })
      expect(opened.mediaNames).toEqual(['cat.png', '日本.jpg', 'dog.png'])
      expect(await opened.media('日本.jpg')).toEqual(bytesOf('日本.jpg'))
      await opened.close()
    })
  })

  test('get names that Anki takes, each its own', async () => {
    const urls = [
      'https://example.com/a%20b/cat.png?size=1#x',
      'other/CAT.png',
      '../../etc/passwd',
      'C:\\pictures\\con<>:"|?*.png',
      '.hidden',
      `${'長'.repeat(200)}.jpeg`,
      '100%.png',
      '/',
    ]
    const { bytes } = await packageOf([fileCard({ images: urls.map((url) => image(url)) })], {
      media: async (url) => bytesOf(url),
    })
    const { mediaNames } = await readBytes(bytes)
    expect(mediaNames).toEqual([
      'cat.png',
      expect.stringMatching(/^CAT-[0-9a-f]{16}\.png$/),
      'passwd',
      'con_______.png',
      'hidden',
      expect.stringMatching(/^長{31}\.jpeg$/),
      '100_.png',
      'picture',
    ])
  })

  test('that nobody has are left out and said; those on the web stay there', async () => {
    const urls = ['gone.png', 'https://example.com/a.png?b=1&c=2', 'gone.png', 'gone too.png']
    const card = fileCard({ attempts: [], images: urls.map((url) => image(url)) })
    const { bytes, written } = await packageOf([card])
    expect(written).toMatchObject({ media: 0, missing: { count: 2, first: ['gone.png', 'gone too.png'] } })
    expect(await cardsIn(bytes)).toEqual([{ ...card, images: [image('https://example.com/a.png?b=1&c=2')] }])
  })

  test('more than a zip archive holds are refused', async () => {
    const archive = new Archive(async () => {}, NOW)
    for (let place = 0; place < 65_535; place++) await archive.store(String(place), new Uint8Array())
    await expect(archive.store('one more', new Uint8Array())).rejects.toMatchObject({
      kind: 'failure',
      message: 'A package cannot hold more than 65,535 files.',
    })
  })
})

describe('what Anki knows a card by', () => {
  const guidsOf = async (cards: FileCard[], options?: Partial<WriteOptions>) =>
    (await tablesOf((await packageOf(cards, options)).bytes)).notes.map(({ guid }) => String(guid))

  test('stays when the card is edited, and is of the key, or the id, or the question', async () => {
    const later = { now: new Date('2027-01-01T00:00:00Z') }
    const cards = [
      fileCard({ external_id: 'row 1' }),
      fileCard({ id: '0191', question: 'a' }),
      fileCard({ question: 'b' }),
      fileCard({ external_id: 'kR$3b#/0' }),
      fileCard({ external_id: 'kR$3b#/1' }),
    ]
    const guids = await guidsOf(cards)
    expect(new Set(guids).size).toBe(5)
    expect(guids[3]).toBe('kR$3b#')
    const edited = cards.map((card) => ({ ...card, answer: 'edited' }))
    edited[1] = fileCard({ id: '0191', question: 'edited' })
    expect(await guidsOf(edited, later)).toEqual(guids)
    expect(await guidsOf(cards.slice(1))).toEqual(guids.slice(1))
  })

  test('is not shared, whatever cards have in common', async () => {
    const twins = [
      fileCard(),
      fileCard(),
      fileCard({ external_id: 'x' }),
      fileCard({ external_id: 'x', deck: 'B' }),
    ]
    const guids = await guidsOf(twins)
    expect(new Set(guids).size).toBe(4)
    expect(await trip(twins)).toEqual(twins.map((card) => ({ ...card, attempts: [] })))
  })

  test('a note that was not edited is not newer in the next package', async () => {
    const updated_at = new Date('2026-02-01T00:00:00Z')
    const { notes } = await tablesOf((await packageOf([fileCard({ updated_at }), fileCard()])).bytes)
    expect(notes.map(({ mod }) => mod)).toEqual([updated_at.getTime() / 1000, NOW.getTime() / 1000])
  })
})

describe('what somebody did to it in Anki', () => {
  const changed = async (card: FileCard, sql: string) => {
    const { bytes } = await packageOf([card])
    return cardsIn(await editedPackage(bytes, sql), { history: false })
  }
  const field = (place: number, value: string) =>
    `update notes set flds = (with parts as (select value, key from json_each('["' || replace(replace(replace(flds, '\\', '\\\\'), '"', '\\"'), char(31), '","') || '"]'))
      select group_concat(case key when ${place} then '${value}' else value end, char(31)) from (select * from parts order by key))`

  test('edited text counts, and what was not edited stays to the letter', async () => {
    const card = fileCard({ question: ' two  spaces ', answer: ' old ', external_id: 'row 1' })
    expect(await changed(card, field(1, 'new <b>and</b> bold<br>line'))).toEqual([
      { ...card, answer: 'new and bold\nline' },
    ])
  })

  test('tags that were added or taken away', async () => {
    const card = fileCard({ tags: ['two words', 'b', 'a'] })
    expect(await changed(card, `update notes set tags = ' A leech new two_words '`)).toEqual([
      { ...card, tags: ['two words', 'a', 'new'] },
    ])
  })

  test('a copy of a note is a card of its own', async () => {
    const card = fileCard({ external_id: 'row 1', difficulty_level: 'easy' })
    const found = await changed(card, `update notes set guid = 'copied'`)
    expect(found).toEqual([{ ...card, external_id: 'copied/0', difficulty_level: null }])
  })

  test('a note that was made in Anki with our note type', async () => {
    expect(
      await changed(fileCard({ external_id: 'row 1' }), `${field(3, '')}; update notes set guid = 'made'`),
    ).toEqual([fileCard({ external_id: 'made/0' })])
  })

  test.each([
    ['of another note', '{"guid":"other","id":"row 1","question":"x"}'],
    ['that is no JSON', '{"guid":'],
    ['that is another JSON', '{"guid":["x"],"id":7}'],
    ['with a key as long as a book', `{"guid":"g","id":"${'x'.repeat(501)}"}`],
  ])('a memo %s says nothing', async (_, memo) => {
    const card = fileCard({ external_id: 'row 1', difficulty_level: 'easy' })
    expect(
      await changed(
        card,
        `update notes set guid = 'g', flds = 'Q' || char(31) || 'A' || char(31) || char(31) || '${memo}'`,
      ),
    ).toEqual([fileCard({ question: 'Q', answer: 'A', external_id: 'g/0' })])
  })

  test('a memo with texts that are not those of the fields gives its key alone', async () => {
    const memo =
      '{"guid":"g","id":"row 1","question":"x","answer":"","accepted":[7],"tags":["never there"],"level":"odd"}'
    const sql = `update notes set guid = 'g', flds = 'Q' || char(31) || 'A' || char(31) || 'also' || char(31) || '${memo}'`
    expect(await changed(fileCard(), sql)).toEqual([
      fileCard({ question: 'Q', answer: 'A', external_id: 'row 1', accepted_answers: ['also'] }),
    ])
  })

  test('a reversed note without its first card', async () => {
    const found = await changed(fileCard({ reversible: true }), 'delete from cards where ord = 0')
    expect(found).toEqual([
      fileCard({
        question: 'Paris',
        answer: 'Capital of France',
        external_id: expect.stringMatching(/^.{12}\/1$/),
      }),
    ])
  })
})

test.each([
  ['A::B::C', 'A::B::C', ['A', 'A::B', 'A::B::C', 'Default']],
  ['a "quoted"  name\u001b', 'a quoted name', ['Default', 'a quoted name']],
  ['::x::', 'blank::x::blank', ['Default', 'blank', 'blank::x', 'blank::x::blank']],
  ['DEFAULT', 'Default', ['Default']],
])('a deck called %j', async (deck, read, all) => {
  const { bytes } = await packageOf([fileCard({ deck })])
  expect(await cardsIn(bytes)).toMatchObject([{ deck: read }])
  const { col } = await tablesOf(bytes)
  const decks = Object.values(JSON.parse(String(col[0]?.decks))) as { name: string }[]
  expect(decks.map(({ name }) => name).sort()).toEqual(all)
})

test('cards that name no deck are in the one that was said', async () => {
  const { deck: _, ...card } = fileCard()
  expect(await cardsIn((await packageOf([card], { deck: 'Said' })).bytes)).toMatchObject([{ deck: 'Said' }])
})

test('what goes wrong on the way goes on, and leaves nothing', async () => {
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith('rote-anki-'))
  const full = async () => {
    throw new Error('the disk is full')
  }
  const one = async function* () {
    yield [fileCard()]
  }
  const cut = async function* () {
    yield [fileCard()]
    throw new Error('the connection is gone')
  }
  const options = { deck: 'Words', history: true, now: NOW }
  await expect(writeAnki(full, one(), options)).rejects.toThrow('the disk is full')
  await expect(writeAnki(async () => {}, cut(), options)).rejects.toThrow('the connection is gone')
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('rote-anki-'))).toEqual(before)
})

test('nothing is left where temporary files are', async () => {
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith('rote-anki-'))
  await packageOf([fileCard()])
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('rote-anki-'))).toEqual(before)
})

test('no cards are a package too', async () => {
  const { bytes, written } = await packageOf([])
  expect(written).toEqual({ cards: 0, notes: 0, reviews: 0, media: 0, missing: { count: 0, first: [] } })
  expect(await readBytes(bytes)).toMatchObject({ notes: 0, cards: 0, records: [], warnings: [] })
})
