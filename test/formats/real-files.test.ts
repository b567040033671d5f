import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { CardText } from '../../src/core/card.ts'
import { csv } from '../../src/formats/csv.ts'
import { tsv } from '../../src/formats/tsv.ts'
import { card, cardsOf, failure } from './reading.ts'

const fixture = (name: string) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url))

/** As test/fixtures/digest.py computes it with Python's csv module. */
function digest(cards: CardText[]): string {
  const rows = cards.map((card) => [card.question, card.answer, card.tags, card.external_id])
  return createHash('sha256').update(JSON.stringify(rows)).digest('hex')
}

describe('Japanese vocabulary', () => {
  test.each([
    ['n1.csv', 2699, '087e2562699def25969cad60da967b80eb0d15b6fd95743af06cc215f27522cb'],
    ['n5.csv', 718, '2dde577c86347af0ab9f65648a2b62bcf68d2f17e5585bbfaf93388435f92e99'],
    ['excel_semi.csv', 718, '2dde577c86347af0ab9f65648a2b62bcf68d2f17e5585bbfaf93388435f92e99'],
    ['excel_utf16.txt', 718, '2dde577c86347af0ab9f65648a2b62bcf68d2f17e5585bbfaf93388435f92e99'],
  ])('%s is read as Python reads it', async (name, count, expected) => {
    const cards = await cardsOf(csv, fixture(name))
    expect(cards.length).toBe(count)
    expect(digest(cards)).toBe(expected)
  })

  test('some of its cards, in full', async () => {
    const cards = await cardsOf(csv, fixture('n5.csv'))
    const n5 = ['JLPT', 'JLPT_5', 'JLPT_N5']
    const genki = ['Genki', 'Genki_Ln.5', 'Intermediate_Japanese', 'Intermediate_Japanese_Ln.4']
    expect(cards[0]).toEqual(
      card('ああ', 'Ah!, Oh!', { tags: ['JLPT', 'JLPT_4', 'JLPT_5', 'JLPT_N5'], external_id: 'HI-.Ij?HS~' }),
    )
    // Line 24, whose key holds a comma and is quoted for it.
    expect(cards[22]).toEqual(
      card('暑い', 'hot (in reference to weather), warm', {
        tags: [...genki, ...n5],
        external_id: 'gSl8i,<}^I',
      }),
    )
    expect(cards[717]?.question).toBe('悪い')
    expect(cards[717]?.answer).toBe('bad, sinful; inferior')
    expect(cards[717]?.external_id).toBe('rxV$$v%QZ;')
  })

  test('saved by Excel in two other ways, it is the same', async () => {
    const cards = await cardsOf(csv, fixture('n5.csv'))
    expect(await cardsOf(csv, fixture('excel_semi.csv'))).toEqual(cards)
    expect(await cardsOf(csv, fixture('excel_utf16.txt'))).toEqual(cards)
    expect(await cardsOf(tsv, fixture('excel_utf16.txt'))).toEqual(cards)
  })
})

describe('a table with names of its own', () => {
  test('is refused, with its columns', async () => {
    expect(await failure(cardsOf(csv, fixture('capital.csv')))).toMatch(
      /^usage: no column for the question and the answer: the file has "country", "capital", "capital:de", /,
    )
  })

  test('is read when the columns are named', async () => {
    const columns = { question: 'country', answer: 'capital' }
    const cards = await cardsOf(csv, fixture('capital.csv'), { columns })
    expect(cards.length).toBe(219)
    expect(cards[0]).toEqual(card('England', 'London'))
    expect(cards).toContainEqual(card('South Africa', 'Pretoria, Cape Town, Bloemfontein'))
    expect(cards[218]).toEqual(card('Transnistria', 'Tiraspol'))
  })
})
