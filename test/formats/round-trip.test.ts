import { describe, expect, test } from 'vitest'
import type { CardText } from '../../src/core/card.ts'
import { type TextFormat, WRITTEN_NAMES, type WrittenName } from '../../src/formats/format.ts'
import { formats } from '../../src/formats/registry.ts'
import { CHUNK_SIZES, card, cardsOf, random, written } from './reading.ts'

const NASTY = [
  '\ufeffbyte order mark first',
  'say "hi"',
  '"',
  '"quoted"',
  '"opens only',
  'a\nb',
  'a\r\nb\rc\n',
  'tab\there',
  '🎌 family 👨‍👩‍👧',
  'שלום עולם',
  '=1+1',
  '  spaces  ',
  'back\\slash \\n \\',
  'a,b;c|d',
  '["a"]',
  'sep=;',
  'question',
  '{"cards":[]}',
  '\u2028line separator',
  '\u001b[31mred',
  "'",
  '{{c1::deletion}}',
]

const LISTS = [
  [],
  ['plain'],
  ['two words', 'b'],
  ['a,b', 'c'],
  ['a|b'],
  ['[x]', '["y"]'],
  ['"'],
  ['\t', 'é\n'],
  [' pad '],
]

function nastyCards(): CardText[] {
  const levels = [null, 'easy', 'medium', 'hard'] as const
  return NASTY.flatMap((question, row) =>
    NASTY.map((answer, column) =>
      card(question, answer, {
        // A list of white space alone has nothing in it that a reader would keep.
        tags: (LISTS[(row + column) % LISTS.length] ?? []).filter((tag) => tag.trim() !== ''),
        accepted_answers: (LISTS[column % LISTS.length] ?? []).filter((item) => item.trim() !== ''),
        difficulty_level: levels[row % 4] ?? null,
        external_id: column % 3 === 0 ? null : answer,
      }),
    ),
  )
}

/** What a format has a place for; the rest is left out when it writes. */
const CARRIED: Record<WrittenName, (card: CardText) => CardText> = {
  csv: (card) => card,
  tsv: (card) => card,
  json: (card) => card,
  jsonl: (card) => card,
  'anki-text': ({ question, answer, tags, external_id }) => card(question, answer, { tags, external_id }),
  hashcards: ({ question, answer }) => card(question, answer),
}

describe.each(WRITTEN_NAMES)('%s', (name) => {
  const format: Required<TextFormat> = formats[name]
  const carried = CARRIED[name]

  test('gives back what it was given', async () => {
    const cards = nastyCards()
    const text = await written(format, cards.slice(0, 100), cards.slice(100))
    for (const size of CHUNK_SIZES) expect(await cardsOf(format, text, { size })).toEqual(cards.map(carried))
  })

  test('gives back random text', async () => {
    const alphabet = [...'ab "\',;|\t\n\r[]{}:\\=é漢', '🎌', '\r\n', '""']
    const next = random(7)
    const word = () => `${Array.from({ length: next(7) }, () => alphabet[next(alphabet.length)]).join('')}x`
    const words = () => [...new Set(Array.from({ length: next(4) }, word))]
    const cards = Array.from({ length: 2000 }, () =>
      card(word(), word(), { tags: words(), accepted_answers: words(), external_id: word() }),
    )
    expect(await cardsOf(format, await written(format, cards))).toEqual(cards.map(carried))
  })

  test('no cards', async () => {
    expect(await cardsOf(format, await written(format))).toEqual([])
  })
})
