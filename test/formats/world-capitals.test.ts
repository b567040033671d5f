import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { csv } from '../../src/formats/csv.ts'
import { cardsOf } from './reading.ts'

const file = (path: string) => readFileSync(new URL(path, import.meta.url))

/** The country that a question is about: "What is the capital of the Gambia?" → "Gambia". */
function countryOf(question: string): string {
  const country = /(?:capital|government|district) of (?:the )?(.+?)(?: since \d+|, .*)?\?$/.exec(
    question,
  )?.[1]
  if (country === undefined) throw new Error(`no country in: ${question}`)
  return country
}

/** Our name of a country → the one in the other list. */
const OTHER_NAMES: Record<string, string> = {
  'Cabo Verde': 'Cape Verde',
  Czechia: 'Czech Republic',
  "Côte d'Ivoire": 'Ivory Coast',
  Türkiye: 'Turkey',
}

/** Where the two lists differ, and why that is right. */
const DIFFERENCES: Record<string, string> = {
  'Bolivia: La Paz': 'we ask for the seat of government besides the constitutional capital, Sucre',
  'Palestine: Ramallah': 'they give the claimed capital; we ask where the government sits',
  'South Africa: Pretoria': 'they put the three capitals into one answer; we ask for each',
  'South Africa: Cape Town': 'the same',
  'South Africa: Bloemfontein': 'the same',
}

test('the example deck is sound', async () => {
  const cards = await cardsOf(csv, file('../../examples/world-capitals.csv'))
  expect(cards.length).toBe(198)
  expect(new Set(cards.map((card) => card.question)).size).toBe(198)
  // The members of the United Nations and its two observer states.
  expect(new Set(cards.map((card) => countryOf(card.question))).size).toBe(193 + 2)
  const regions = new Set(cards.map((card) => card.tags.join(' ')))
  expect([...regions].sort()).toEqual(['Africa', 'Americas', 'Asia', 'Europe', 'Oceania'])
  for (const card of cards) expect(card.accepted_answers).not.toContain(card.answer)
})

test('its capitals are those of an independent list', async () => {
  const theirs = await cardsOf(csv, file('../fixtures/capital.csv'), {
    columns: { question: 'country', answer: 'capital' },
  })
  const capitals = new Map(theirs.map((card) => [card.question.replace(/^The /, ''), card.answer]))
  const differences: string[] = []
  for (const card of await cardsOf(csv, file('../../examples/world-capitals.csv'))) {
    const country = countryOf(card.question)
    const capital = capitals.get(OTHER_NAMES[country] ?? country)
    if (capital !== card.answer) differences.push(`${country}: ${card.answer}`)
  }
  expect(differences.sort()).toEqual(Object.keys(DIFFERENCES).sort())
})
