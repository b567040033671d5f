import { expect, test } from 'vitest'
import type { FileCard, ParsedRecord } from '../../src/formats/format.ts'
import { type GatherOptions, gather, type IncomingCard, type Reject } from '../../src/import/gather.ts'

const card = (question: string, more: Partial<FileCard> = {}): FileCard => ({
  question,
  answer: 'answer',
  difficulty_level: null,
  tags: [],
  accepted_answers: [],
  external_id: null,
  ...more,
})

async function gathered(records: ParsedRecord[], options: Partial<GatherOptions> = {}) {
  const found = await gather(
    (async function* () {
      yield records
    })(),
    {
      name: 'file',
      deck: null,
      otherwise: 'File',
      tags: [],
      onDuplicate: 'skip',
      onError: 'abort',
      progress: () => {},
      ...options,
    },
  )
  const cards: IncomingCard[] = []
  for await (const batch of found.batches.read()) cards.push(...batch)
  const rejects: Reject[] = []
  for await (const some of found.rejects()) rejects.push(...some)
  return { ...found, cards, rejects, where: cards.map(({ question, into }) => [question, found.decks[into]]) }
}

const records = (...cards: FileCard[]): ParsedRecord[] => cards.map((card, i) => ({ line: i + 1, card }))

test('a card goes where the file says, or else where the person says', async () => {
  const cards = records(card('a', { deck: 'A::B' }), card('b'), card('c', { deck: ' A::B ' }))
  expect((await gathered(cards)).where).toEqual([
    ['a', 'A::B'],
    ['b', 'File'],
    ['c', 'A::B'],
  ])
  expect((await gathered(cards, { deck: 'X' })).where).toEqual([
    ['a', 'X'],
    ['b', 'X'],
    ['c', 'X'],
  ])
  await expect(gathered(cards, { otherwise: null })).rejects.toMatchObject({
    kind: 'usage',
    message: 'Cards from file need a deck.',
  })
})

test('the same question in two decks is two cards, and in one deck is one', async () => {
  const cards = records(card('a', { deck: 'A' }), card('a', { deck: 'B' }), card('a', { deck: 'A' }))
  expect(await gathered(cards)).toMatchObject({ repeated: 1, decks: ['A', 'B'] })
  expect(await gathered(cards, { deck: 'X' })).toMatchObject({ repeated: 2 })
})

test.each<[what: string, card: FileCard, problem: RegExp]>([
  [
    'a deck with a name that is none',
    card('a', { deck: 'x'.repeat(101) }),
    /name of a deck cannot be longer/,
  ],
  ['a NUL in a tag', card('a', { tags: ['\0'] }), /NUL character/],
  ['half of a character in a key', card('a', { external_id: '\ud800' }), /half of a character/],
  ['no question', card(' '), /the question is empty/],
  [
    'an answer at no time',
    card('a', {
      attempts: [
        { attempted_at: 'soon', confidence_status: 'again', duration_ms: null, direction: 'forward' },
      ],
    }),
    /a time that is none/,
  ],
])('what the database would refuse is found before: %s', async (_, bad, problem) => {
  await expect(gathered(records(card('fine'), bad))).rejects.toMatchObject({
    message: expect.stringMatching(problem),
  })
})

test('with skip the bad are kept as they are, and the good go on', async () => {
  const bad: ParsedRecord[] = [
    { line: 2, problem: 'it is bad', raw: 'x,"y' },
    { line: 0, place: 'note=1', problem: 'it is bad too' },
  ]
  const found = await gathered([...records(card('a')), ...bad], { onError: 'skip' })
  expect(found.rejects).toEqual([
    { line: 2, problem: 'it is bad', raw: 'x,"y' },
    { line: 0, place: 'note=1', problem: 'it is bad too' },
  ])
  expect(found).toMatchObject({ rejected: 2, decks: ['File'] })
  await expect(gathered(bad)).rejects.toMatchObject({
    message:
      'file:2: it is bad\nfile#note=1: it is bad too\n2 of 2 records cannot be read; nothing was imported.',
  })
})

test('thousands of bad records: the first are named, the others counted', async () => {
  const bad = Array.from({ length: 12_345 }, (_, i) => ({ line: i + 1, problem: 'bad' }))
  const error = await gathered(bad).catch((error: Error) => error)
  const lines = String(error instanceof Error && error.message).split('\n')
  expect(lines.slice(999)).toEqual([
    'file:1000: bad',
    '… and 11,345 more',
    '12,345 of 12,345 records cannot be read; nothing was imported.',
  ])
})
