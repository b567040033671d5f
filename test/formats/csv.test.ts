import { describe, expect, test } from 'vitest'
import { csv } from '../../src/formats/csv.ts'
import { tsv } from '../../src/formats/tsv.ts'
import { CHUNK_SIZES, card, cardsOf, failure, problemsOf, random, readAll, written } from './reading.ts'

describe('the delimiter', () => {
  test.each([
    ['comma', 'front,back\na;b;c,d\n'],
    ['semicolon', 'front;back\n"a;b;c";d\n'],
    ['tab', 'front\tback\na;b;c\td\n'],
    ['bar', 'front|back\na;b;c|d\n'],
    ['declared by Excel', 'sep=#\r\nfront#back\r\na;b;c#d\r\n'],
    ['two columns without a header', 'a;b;c,d\nx;y,z\n'],
  ])('%s', async (_, text) => {
    expect((await cardsOf(csv, text))[0]).toEqual(card('a;b;c', 'd'))
  })

  test('is a tab in tsv, whatever else is there', async () => {
    expect(await cardsOf(tsv, 'a,b\tc,d\n')).toEqual([card('a,b', 'c,d')])
  })

  test('the line of sep= is counted', async () => {
    expect(await problemsOf(csv, 'sep=;\nfront;back\na;b\nc\n')).toEqual([
      'line 4: expected 2 columns, found 1',
    ])
  })
})

test('all fields of a card', async () => {
  const text =
    'question,answer,tags,difficulty_level,accepted_answers,external_id,deck,reading\nQ,A,x y, Hard ,B|C,7,Cells,ignored\n'
  expect(await cardsOf(csv, text)).toEqual([
    card('Q', 'A', {
      tags: ['x', 'y'],
      difficulty_level: 'hard',
      accepted_answers: ['B', 'C'],
      external_id: '7',
      deck: 'Cells',
    }),
  ])
})

test('text stays as it is', async () => {
  // The same letter in two Unicode forms, and white space of several kinds.
  const [first] = await cardsOf(csv, 'question,answer\n \u00e9 e\u0301\u00a0,\t\u3000ｱ \n')
  expect(first).toEqual(card(' \u00e9 e\u0301\u00a0', '\t\u3000ｱ '))
})

test('every problem is named with its line, and reading goes on', async () => {
  const text = [
    'question,answer,difficulty_level,external_id',
    'a,b,,',
    ',b,,',
    'a, ,,',
    'a,b,hardest,',
    'a,b',
    'a,b,,,x',
    'a,\0,,',
    '"a"b,c,,',
    `a,b,,${'k'.repeat(501)}`,
    '"two',
    'lines",b,,',
    'a,,,',
  ].join('\n')
  expect(await problemsOf(csv, text)).toEqual([
    'line 3: the question is empty',
    'line 4: the answer is empty',
    'line 5: the difficulty_level "hardest" is none of easy, medium, hard',
    'line 6: expected 4 columns, found 2',
    'line 7: expected 4 columns, found 5 (--extra join or --extra drop takes it)',
    'line 8: the answer contains a NUL character, which PostgreSQL cannot store',
    'line 9: column 1 has text after its closing quote; a quote inside quotes is written twice',
    'line 10: the external_id is longer than 500 characters',
    'line 13: the answer is empty',
  ])
  expect((await readAll(csv, text)).filter((record) => 'card' in record).length).toBe(2)
})

describe('nothing to read', () => {
  test.each(['', '\n\r\n', 'question,answer\n'])('%j holds no record', async (text) => {
    expect(await readAll(csv, text)).toEqual([])
    expect(await readAll(tsv, text.replace(',', '\t'))).toEqual([])
  })
})

test('a broken header cannot be passed over', async () => {
  const message = 'column 1 has text after its closing quote; a quote inside quotes is written twice'
  expect(await failure(readAll(csv, '"front"x,back\na,b\n'))).toBe(`failure: line 1: ${message}`)
})

test('writing', async () => {
  const cards = [
    card('a,b', 'say "hi"', { tags: ['x', 'y z'] }),
    card('c', 'd\ne', { difficulty_level: 'easy' }),
  ]
  expect(await written(csv, cards.slice(0, 1), [], cards.slice(1))).toBe(
    'question,answer,tags,difficulty_level,accepted_answers,external_id\n' +
      '"a,b","say ""hi""","[""x"",""y z""]",,,\n' +
      'c,"d\ne",,easy,,\n',
  )
  expect(await written(tsv, [card('a,b', 'c\td', { accepted_answers: ['1', '2'] })])).toBe(
    'question\tanswer\ttags\tdifficulty_level\taccepted_answers\texternal_id\na,b\t"c\td"\t\t\t1|2\t\n',
  )
})

test('records do not depend on how the bytes arrive', async () => {
  const alphabet = ['a', 'é', '漢', '🎌', '"', '""', ',', '\n', '\r\n', '\r', ',"', '",', '"\n']
  for (let seed = 1; seed <= 4; seed++) {
    const next = random(seed)
    const rows = Array.from({ length: 600 }, () => {
      if (next(40) > 0) return `word ${next(999)},"Wörter ""${next(999)}"",\r\n漢"`
      return Array.from({ length: next(9) }, () => alphabet[next(alphabet.length)]).join('')
    })
    const text = `front,back\n${rows.join('\n')}`
    const result = (size: number) => readAll(csv, text, { size }).catch((error: Error) => error.message)
    const whole = await result(10_000_000)
    for (const size of CHUNK_SIZES) expect(await result(size)).toEqual(whole)
  }
})
