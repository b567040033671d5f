import { expect, test } from 'vitest'
import { isVerified, type Proposal } from '../../../src/core/generate/candidate.ts'
import { check } from '../../../src/core/generate/check.ts'
import type { Section, SourceText } from '../../../src/core/generate/job.ts'
import { sectionsOf } from '../../../src/core/generate/sections.ts'
import texts from '../../fixtures/generate/texts.json' with { type: 'json' }

// Texts made up for this test, laid out as PDFs are: with hyphens, ligatures, curly quotes and the spaces of each language.
const sources = texts.map(({ language, name, pages, cards }) => {
  const source: SourceText = {
    title: null,
    pages: pages.map((text, index) => ({ page: index + 1, text })),
    page_count: pages.length,
    notes: [],
  }
  const [section] = sectionsOf(source)
  if (!section) throw new Error(`${language} has no section`)
  return { language, name, section, cards: cards.map((card): Proposal => ({ ...card, page: 0 })) }
})

const cases = sources.flatMap(({ language, name, section, cards }) =>
  cards.map((card) => ({
    language,
    name,
    section,
    card,
    others: sources.filter((other) => other.language !== language),
  })),
)

/** What comes of one proposal. */
function checked(section: Section, proposal: Proposal) {
  const { cards } = check([proposal], section, {})
  const [card] = cards
  if (!card) throw new Error('it was dropped')
  return card
}

test.each(cases)('true ($language): $card.quote', ({ section, card }) => {
  expect(checked(section, card)).toMatchObject({ grounding: 'verified', flags: [] })
})

test.each(cases)(
  'an invention is never verified ($language): $card.quote',
  ({ section, card, name, others }) => {
    const words = card.quote.match(/[\p{L}\p{M}]{4,}/gu) ?? []
    const isSpaced = !/[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]/u.test(card.quote)
    const changed = isSpaced
      ? words.flatMap((word) => [
          card.quote.replace(word, `${word}et`),
          card.quote.replace(word, word.slice(0, -2)),
        ])
      : [...card.quote].flatMap((one) => (/\p{sc=Han}/u.test(one) ? [card.quote.replace(one, '鼠')] : []))
    const numbers = ['47', '1,999', '3.75', '88 000', '1066', '七十七', '٩٩']
    const quotes = [
      'The keeper of this place was paid in salt and candles.',
      ...others.flatMap((other) => other.cards.map(({ quote }) => quote)),
      [...words].reverse().join(' '),
      ...changed,
    ]
    const answers = [
      ...numbers,
      ...numbers.map((number) => `${card.answer} (${number})`),
      name,
      `${card.answer}, ${name}`,
      `${name}, ${card.answer}`,
    ]
    const planted = [
      ...quotes.filter((quote) => !card.quote.includes(quote)).map((quote) => ({ ...card, quote })),
      ...answers.map((answer) => ({ ...card, answer })),
    ]
    // the same question again would be dropped
    const proposals = [card, ...planted].map((proposal, at) => ({
      ...proposal,
      question: `${card.question} (${'a'.repeat(at)})`,
    }))
    const { cards } = check(proposals, section, {})
    expect(cards.map((one) => isVerified(one))).toEqual(proposals.map((_, at) => at === 0))
  },
)

const section: Section = {
  heading: 'Ice',
  page_from: 3,
  page_to: 4,
  text: '[page 3]\nIce floats because it is less dense than liquid water. In 1612 Galileo\nwrote about it.\n[page 4]\nA glacier is a river of ice.',
  tokens: 40,
  quota: 3,
}
const quote = 'Ice floats because it is less dense than liquid water.'
const question = 'Why does ice float on water?'
const answer = 'It is less dense'
const proposal: Proposal = { quote, page: 17, question, answer }

test('a card comes back trimmed, with the page on which we found its quote', () => {
  const given = {
    ...proposal,
    question: ` ${question}\r\n`,
    answer: `\0${answer}\u0007 `,
    quote: ` ${quote}\n`,
  }
  expect(check([given], section, {})).toEqual({
    cards: [{ question, answer, quote, page: 3, grounding: 'verified', flags: [] }],
    dropped: {},
  })
})

test('half characters become whole ones, so that every card can be stored', () => {
  const card = checked(section, { ...proposal, answer: 'Less dense \ud83d' })
  expect(card.answer.isWellFormed()).toBe(true)
})

test('what is no card is dropped and counted, and the same card again too', () => {
  const proposals = [
    proposal,
    { ...proposal, question: 'why does ICE float on water', answer: 'it is less dense.' },
    { ...proposal, question: ' \n' },
    { ...proposal, answer: question },
    { ...proposal, answer: '{"cards":[' },
    { ...proposal, answer: '<div>less dense</div>' },
    {
      ...proposal,
      question: 'How is a quote to be copied?',
      answer: 'Letter by letter and in the language of the text',
    },
    { ...proposal, question: 'What is a glacier?', answer: 'A river of ice' },
  ]
  const prompt = 'The quote is copied letter by letter and in the language of the text.'
  const { cards, dropped } = check(proposals, section, {}, prompt)
  expect(cards.map((card) => card.answer)).toEqual([answer, 'A river of ice'])
  expect(dropped).toEqual({ duplicate: 1, empty: 1, same: 1, markup: 2, leaked_prompt: 1 })
})

test('flags of form and of facts stand beside each other', () => {
  const card = checked(section, {
    ...proposal,
    question: 'According to the text, who wrote?',
    answer: 'Newton in 1700',
  })
  expect(card.flags).toEqual(['refers', 'number', 'name'])
})

test('of a card in a language that was asked for, only numbers are compared', () => {
  const german = {
    ...proposal,
    question: 'Warum schwimmt Eis auf dem Wasser?',
    answer: 'Eis ist leichter als Wasser',
  }
  expect(check([german], section, { language: 'German' }).cards[0]?.flags).toEqual([])
  const wrong = { ...german, question: 'Wer schrieb über das Eis?', answer: 'Galilei im Jahr 1700' }
  expect(check([wrong], section, { language: 'German' }).cards[0]?.flags).toEqual(['number'])
})

test('no proposals, no cards', () => {
  expect(check([], section, {})).toEqual({ cards: [], dropped: {} })
})
