import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { describe, expect, test } from 'vitest'
import type { FileCard } from '../../../src/formats/format.ts'
import { pick, random } from '../../core/random.ts'
import { cardsIn, readBytes } from './reading.ts'
import { fileCard, packageOf } from './writing.ts'

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
