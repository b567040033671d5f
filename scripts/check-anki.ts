import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Direction, Grade } from '../src/core/card.ts'
import type { Schedule, ScheduleState } from '../src/core/schedule.ts'
import { openAnki } from '../src/formats/anki/read.ts'
import { type Written, writeAnki } from '../src/formats/anki/write.ts'
import type { FileAttempt, FileCard } from '../src/formats/format.ts'

const DAY = 86_400_000
const NOW = new Date()
const EDITED = new Date(NOW.getTime() - 10 * DAY)
const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

const ago = (days: number) => new Date(Math.floor(NOW.getTime() / 1000) * 1000 - days * DAY)

/** A card with nothing odd about it, but for what is given. */
const card = (question: string, given: Partial<FileCard> = {}): FileCard => ({
  question,
  answer: `Answer to ${question.length}`,
  difficulty_level: null,
  tags: [],
  accepted_answers: [],
  external_id: null,
  deck: 'Interop',
  id: `id of ${question}`,
  updated_at: EDITED,
  attempts: [],
  ...given,
})
const attempt = (days: number, confidence_status: Grade, direction: Direction = 'forward'): FileAttempt => ({
  attempted_at: ago(days).toISOString(),
  confidence_status,
  duration_ms: 4321,
  direction,
})
const schedule = (state: ScheduleState, due: number, given: Partial<Schedule> = {}): Schedule => ({
  due: ago(-due),
  stability: 12.3456,
  difficulty: 5.678,
  state,
  learning_steps: 0,
  reps: 3,
  lapses: 0,
  last_review: ago(2),
  ...given,
})

const CARDS = [
  card('plain'),
  card('<b>not bold</b> &amp; "quoted" \'x\'', { answer: '</div><script>alert(1)</script>\na < b && c > d' }),
  card('{{c1::deletion}} {{Front}} {{', { answer: '}} {{#Back}}x{{/Back}}' }),
  card('  two  spaces\tand a tab', { answer: '\n\nlines\n\n\n\nand more\n' }),
  card('controls \u001b[31mred\u0007 \u001f', { answer: 'a\u0001\u007f\u009bb' }),
  card('\u0007', { answer: '\u0001' }),
  card('食べる か\u3099', { answer: '漢字(かんじ)' }),
  card('مرحبا', { answer: 'السلام عليكم' }),
  card('👨‍👩‍👧 🎌', { answer: '🏴󠁧󠁢󠁳󠁣󠁴󠁿' }),
  card('e\u0301 decomposed', { answer: '\ufeffmark' }),
  card('std::vector', { answer: '**Markdown** `code`', tags: ['b', 'a', 'two words', 'C++::stl', 'Ünï'] }),
  card('12345', { answer: '67890' }),
  card('accepted', { accepted_answers: ['one', 'two\nlines', ' three '], difficulty_level: 'hard' }),
  card('a key', { external_id: 'row <17>' }),
  card('a key of Anki', { external_id: 'kR$3<b#/0' }),
  card('a second card of a note', { external_id: 'kR$3<b#/1', note: 'one' }),
  card('its sibling', { external_id: 'other/1', note: 'one' }),
  card('a deck in a deck', { deck: 'Interop::Sub::Deep' }),
  card('the deck of all', { deck: 'Default' }),
  card('pictures', {
    images: [
      { side: 'question', url: 'media/cat & dog.png', alt: 'a "cat" <x>' },
      { side: 'answer', url: 'other/日本.png', alt: null },
      { side: 'answer', url: 'https://example.com/a.png?b=1&c=2', alt: 'web' },
    ],
  }),
  card('the same name', { images: [{ side: 'question', url: 'third/日本.png', alt: null }] }),
  card('[sound:dog.mp3]', { answer: '\\(x^2\\)' }),
  card('suspended', { suspended: true }),
  card('suspended in review', {
    suspended: true,
    attempts: [attempt(30, 'got_it')],
    schedules: { forward: schedule('review', 5) },
  }),
  card('reviewed, due in 3 days', {
    attempts: [attempt(40, 'again'), attempt(39.999, 'got_it'), attempt(30, 'got_it'), attempt(2, 'almost')],
    schedules: { forward: schedule('review', 3) },
  }),
  card('overdue by 20 days', {
    attempts: [attempt(50, 'got_it'), attempt(40, 'got_it')],
    schedules: { forward: schedule('review', -20, { last_review: ago(40) }) },
  }),
  card('being learnt', {
    attempts: [attempt(0.01, 'again')],
    schedules: { forward: schedule('learning', 0.001, { last_review: ago(0.01), reps: 1 }) },
  }),
  card('learnt again', {
    attempts: [attempt(20, 'got_it'), attempt(10, 'got_it'), attempt(0.01, 'again')],
    schedules: { forward: schedule('relearning', 0.001, { last_review: ago(0.01), lapses: 1 }) },
  }),
  card('replayed, for there is no schedule', { attempts: [attempt(20, 'got_it'), attempt(18, 'got_it')] }),
  card('both ways', {
    reversible: true,
    attempts: [attempt(20.5, 'got_it'), attempt(20, 'again', 'reverse'), attempt(2, 'got_it')],
    schedules: { forward: schedule('review', 7), reverse: schedule('learning', 0.001, { reps: 1 }) },
  }),
  ...Array.from({ length: 50 }, (_, index) =>
    card(`at the same time ${index}`, { attempts: [attempt(5, 'got_it')] }),
  ),
]

/** What Anki says of a note that it has. */
interface AnkiNote {
  fields: string[]
  tags: string[]
  cards: {
    type: number
    queue: number
    due: number
    ivl: number
    reps: number
    lapses: number
    memory: [stability: number, difficulty: number] | null
    revlog: [
      id: number,
      ease: number,
      ivl: number,
      lastIvl: number,
      factor: number,
      time: number,
      type: number,
    ][]
    question: string
    answer: string
  }[]
}

/** The answer of scripts/check-anki.py. */
interface Said {
  version: string
  first: Record<string, number>
  again: Record<string, number>
  changed: Record<string, number>
  plain: Record<string, number>
  beside: Record<string, number>
  integrity: string[]
  plainIntegrity: string[]
  besideIntegrity: string[]
  described: { notes: AnkiNote[]; decks: string[]; revlog: number; media: string[]; missing: string[] }
}

const [python = '', script = ''] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'rote-interop-'))
try {
  const write = async (name: string, cards: FileCard[], history = true): Promise<Written> => {
    const pieces: Uint8Array[] = []
    const media = async (url: string) => (url.startsWith('https:') ? null : PICTURE)
    const written = await writeAnki(
      async (piece) => void pieces.push(piece.slice()),
      (async function* () {
        yield cards
      })(),
      { deck: 'Interop', history, now: NOW, media },
    )
    writeFileSync(join(folder, name), Buffer.concat(pieces))
    return written
  }
  const read = async (name: string) => {
    const opened = await openAnki(join(folder, name), { history: true })
    try {
      const cards: FileCard[] = []
      for await (const batch of opened.records) {
        for (const record of batch) {
          assert('card' in record, `${name}: ${record.place}`)
          cards.push(record.card)
        }
      }
      return { cards, warnings: opened.warnings, media: opened.mediaNames.toSorted() }
    } finally {
      await opened.close()
    }
  }

  const written = await write('deck.apkg', CARDS)
  const changed = CARDS.map((one, place) =>
    place === 0 ? { ...one, answer: 'changed', updated_at: new Date(NOW.getTime() + DAY) } : one,
  )
  await write('changed.apkg', changed)
  await write('plain.apkg', CARDS, false)
  await write('beside.apkg', [
    card('of another deck', { deck: 'Other' }),
    card('and more', { deck: 'Other' }),
  ])

  const ran = spawnSync(python, [script, folder], { encoding: 'utf8', maxBuffer: 2 ** 28 })
  if (ran.status !== 0) {
    throw new Error(`${ran.error ?? ran.stderr}\nIs Anki's library there? python3 -m pip install anki`)
  }
  const said: Said = JSON.parse(ran.stdout)

  const nothing = {
    new: 0,
    updated: 0,
    duplicate: 0,
    conflicting: 0,
    first_field_match: 0,
    missing_notetype: 0,
    missing_deck: 0,
    empty_first_field: 0,
  }
  const count = CARDS.length
  assert.deepEqual(said.first, { ...nothing, new: count }, 'all are new')
  assert.deepEqual(said.again, { ...nothing, duplicate: count }, 'nothing is new the second time')
  assert.deepEqual(said.changed, { ...nothing, updated: 1, duplicate: count - 1 }, 'one is updated')
  assert.deepEqual(said.integrity, [], 'Check Database finds nothing')
  assert.deepEqual(said.plain, { ...nothing, new: count })
  assert.deepEqual(said.plainIntegrity, [])
  assert.deepEqual(
    said.beside,
    { ...nothing, new: 2 },
    'packages with the same ids do not get in each other’s way',
  )
  assert.deepEqual(said.besideIntegrity, [])

  // Anki's own view of what it took
  const { notes, ...rest } = said.described
  assert.equal(notes.length, written.notes)
  assert.equal(rest.revlog, written.reviews)
  assert.deepEqual(rest.media, ['cat___dog.png', '日本-665e4b4693a20251.png', '日本.png'])
  assert.deepEqual(rest.missing, ['dog.mp3'])
  for (const name of ['Default', 'Interop', 'Interop::Sub', 'Interop::Sub::Deep'])
    assert(rest.decks.includes(name))
  const cardOf = (question: string, ord = 0) => {
    const found = notes[CARDS.findIndex((one) => one.question === question)]?.cards[ord]
    assert(found, question)
    return found
  }
  const standing = (question: string, ord = 0) => {
    const { type, queue, due, ivl, reps, lapses, memory } = cardOf(question, ord)
    return { type, queue, due, ivl, reps, lapses, memory }
  }
  const memory = [12.346, 5.68]
  const fresh = { type: 0, queue: 0, ivl: 0, reps: 0, lapses: 0, memory: null }
  assert.deepEqual(standing('plain'), { ...fresh, due: 1 })
  assert.deepEqual(standing('suspended'), {
    ...fresh,
    queue: -1,
    due: CARDS.findIndex((one) => one.suspended) + 1,
  })
  const review = { type: 2, queue: 2, reps: 3, lapses: 0, memory }
  assert.deepEqual(standing('suspended in review'), { ...review, queue: -1, due: 5, ivl: 7 })
  assert.deepEqual(standing('reviewed, due in 3 days'), { ...review, due: 3, ivl: 5 })
  assert.deepEqual(standing('overdue by 20 days'), { ...review, due: -20, ivl: 20 })
  assert.deepEqual(standing('both ways'), { ...review, due: 7, ivl: 9 })
  const soon = Math.floor(ago(-0.001).getTime() / 1000)
  const learning = { type: 1, queue: 1, due: soon, ivl: 0, reps: 1, lapses: 0, memory }
  assert.deepEqual(standing('being learnt'), learning)
  assert.deepEqual(standing('both ways', 1), learning)
  assert.deepEqual(standing('learnt again'), { ...learning, type: 3, ivl: 12, reps: 3, lapses: 1 })
  assert.deepEqual(
    cardOf('reviewed, due in 3 days').revlog.map(([, ease, , , , , type]) => [ease, type]),
    [
      [1, 0],
      [3, 0],
      [3, 0],
      [2, 1],
    ],
  )
  const tagged = notes.find(({ fields }) => fields[0] === 'std::vector')
  assert.deepEqual(tagged?.tags, ['a', 'b', 'C++::stl', 'two_words', 'Ünï'])
  const { question: front, answer: back } = cardOf(`<b>not bold</b> &amp; "quoted" 'x'`)
  assert(
    front.endsWith(`<div class="side" dir="auto">&lt;b&gt;not bold&lt;/b&gt; &amp;amp; "quoted" 'x'</div>`),
  )
  assert(back.includes('&lt;/div&gt;&lt;script&gt;alert(1)&lt;/script&gt;<br>a &lt; b &amp;&amp; c &gt; d'))
  assert(cardOf('{{c1::deletion}} {{Front}} {{').question.includes('{{c1::deletion}} {{Front}} {{'))
  const picture = '<img src="cat___dog.png" alt="a &quot;cat&quot; &lt;x&gt;">'
  assert(cardOf('pictures').question.includes(picture))

  // what Anki wrote of it, in both of its ways, read by rote
  const names: Record<string, string> = {
    'media/cat & dog.png': 'cat___dog.png',
    'other/日本.png': '日本.png',
    'third/日本.png': '日本-665e4b4693a20251.png',
  }
  const returned = ({ id: _, updated_at: __, schedules: ___, images, ...one }: FileCard): FileCard => ({
    ...one,
    ...(images && { images: images.map((image) => ({ ...image, url: names[image.url] ?? image.url })) }),
  })
  /** Answers of one millisecond get times of their own. */
  const roughly = (cards: FileCard[]) =>
    cards.map(({ attempts = [], ...one }) => ({
      ...one,
      attempts: attempts.map((answer) => ({
        ...answer,
        attempted_at: Math.floor(Date.parse(answer.attempted_at) / 1000),
      })),
    }))
  for (const name of ['deck.apkg', 'legacy.apkg', 'latest.apkg']) {
    const found = await read(name)
    const wanted = (name === 'deck.apkg' ? CARDS : changed).map(returned)
    assert.deepEqual(roughly(found.cards), roughly(wanted), `${name} is read as the same cards`)
    assert.deepEqual(found.warnings, [], name)
    assert.deepEqual(found.media, rest.media, name)
  }
  const edited = await read('edited.apkg')
  assert.equal(edited.cards.length, count + 1)
  assert.deepEqual(edited.cards[0], {
    ...returned(card('plain')),
    answer: 'edited in Anki\ntwo lines',
    tags: ['added'],
  })
  const stranger = edited.cards.find((one) => one.question === 'von Anki')
  assert.match(stranger?.external_id ?? '', /.\/0$/)
  assert.deepEqual(stranger, {
    external_id: stranger?.external_id,
    question: 'von Anki',
    answer: 'ja',
    difficulty_level: null,
    tags: [],
    accepted_answers: [],
    deck: 'Anki::Eigenes',
    attempts: [],
  })
  console.log(
    `Anki ${said.version} took ${written.notes} notes with ${written.reviews} answers and ${written.media} pictures, found nothing to mend, and rote read both of its exports as the same cards.`,
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
