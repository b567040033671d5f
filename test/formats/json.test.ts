import { describe, expect, test } from 'vitest'
import { json } from '../../src/formats/json.ts'
import { jsonl } from '../../src/formats/jsonl.ts'
import { CHUNK_SIZES, card, cardsOf, failure, problemsOf, readAll, written } from './reading.ts'

const FULL = {
  question: 'Q',
  answer: 'A',
  tags: ['x y', 'z'],
  difficulty_level: 'easy',
  accepted_answers: ['B'],
  external_id: '7',
} as const

describe('a JSON document', () => {
  test.each([
    ['[]', []],
    ['', []],
    [' \r\n', []],
    ['{"cards":[]}', []],
    ['[{"question":"a","answer":"b"}]', [card('a', 'b')]],
    ['{"version":[1,{"cards":[2]}],"cards":[{"front":"a","back":"b"}],"by":"x"}', [card('a', 'b')]],
    [
      '[{"Front":"a]},{","back":"\\"b\\\\"},\r\n{"q":"c","a":"d"}]\n',
      [card('a]},{', '"b\\'), card('c', 'd')],
    ],
    [
      '[{"front":"a","back":"b","tags":"x, y","id":12,"level":null}]',
      [card('a', 'b', { tags: ['x', 'y'], external_id: '12' })],
    ],
    [JSON.stringify([FULL], null, 2), [FULL]],
  ])('%s', async (text, cards) => {
    for (const size of CHUNK_SIZES) expect(await cardsOf(json, text, { size })).toEqual(cards)
  })

  test('cards of one line are told apart by their number', async () => {
    const text = '[{"question":"a"},{"question":"b","answer":"c"},{"question":"d"},\n{"answer":"e"}]'
    const records = (await readAll(json, text)).map(({ line, place }) => [line, place])
    expect(records).toEqual([
      [1, undefined],
      [1, 'card=2'],
      [1, 'card=3'],
      [2, undefined],
    ])
  })

  test('one bad item stays one, with the line where it begins', async () => {
    const text = [
      '[',
      '  {"question": "a", "answer": "b"},',
      '  {"question": "a" "answer": "b"},',
      '  {"question": "never closed,',
      '    "answer": "b"},',
      '  {"question": 7, "answer": "b"},',
      '  {',
      '    "question": null, "answer": "b"},',
      '  {"front": "a", "back": ["b"]},',
      '  {"question": "a"}, {"question": "a", "answer": ""},',
      '  "card", [], 5,',
      '  {"question": "a", "answer": "b", "tags": [1]},',
      '  {"question": "a", "answer": "b", "difficulty": 3},',
      '  {"question": "a", "answer": "b", "id": 12345678901234567890},',
      '  {"question": "c", "answer": "d"},',
      ']',
    ].join('\n')
    expect(await problemsOf(json, text)).toEqual([
      'line 3: this is not valid JSON',
      'line 4: this is not valid JSON',
      'line 6: "question" must be text',
      'line 7: "question" must be text',
      'line 9: "back" must be text',
      'line 10: "answer" is missing',
      'line 10: the answer is empty',
      'line 11: a card must be a JSON object',
      'line 11: a card must be a JSON object',
      'line 11: a card must be a JSON object',
      'line 12: "tags" must be text or a list of texts',
      'line 13: "difficulty" must be text',
      'line 14: "id" must be text',
      'line 16: this is not valid JSON',
    ])
    expect((await readAll(json, text)).filter((record) => 'card' in record).length).toBe(2)
  })

  test.each([
    ['question,answer', 'line 1: this is not JSON: it begins with q'],
    ['\n\n"a"', 'line 3: this is not JSON: it begins with "'],
    ['[\n{"question":"a","answer":"b"},\n', 'line 3: the file ends before its array does'],
    ['[\n\n{"question":"a",\n"answer":"b"\n', 'line 3: what begins here is never closed'],
    ['[\n{"front":"a, "back":"b"},\n{"front":"c"}]', 'line 2: what begins here is never closed'],
    ['[\n{"question":"a"}\n]\nx', 'line 4: there is more text after the end of the JSON'],
    ['[\n{"question":"a"}\n}', 'line 3: expected ] here and found }'],
    ['{"question":"a"}\n{"question":"b"}', 'line 1: this JSON object has no "cards" array'],
    ['{"cards":{}}', 'line 1: this JSON object has no "cards" array'],
    ['{\nx,"cards":[]}', 'line 2: this is not JSON'],
    ['{"cards":[]\n1}', 'line 2: this is not JSON'],
  ])('%j cannot be read', async (text, message) => {
    for (const size of CHUNK_SIZES)
      expect(await failure(readAll(json, text, { size }))).toBe(`failure: ${message}`)
  })

  test('an item too long to keep', async () => {
    const message = 'failure: line 2: the record that begins here is longer than 10 million characters'
    const item = `{"question":"${'x'.repeat(10_000_000)}"}`
    expect(await failure(readAll(json, `[\n${item}]`))).toBe(message)
    expect(await failure(readAll(json, `[\n${item}]`, { size: 30_000_000 }))).toBe(message)
    expect(await failure(readAll(jsonl, `{}\n${item}\n`))).toBe(message)
    expect(await failure(readAll(jsonl, `{}\n${item}\n`, { size: 30_000_000 }))).toBe(message)
  })

  test('writing', async () => {
    const lines = `{"question":"a","answer":"b","tags":[],"difficulty_level":null,"accepted_answers":[],"external_id":null}`
    expect(await written(json)).toBe('[]\n')
    expect(await written(json, [card('a', 'b')], [], [card('a', 'b')])).toBe(`[\n${lines},\n${lines}\n]\n`)
  })
})

describe('JSON Lines', () => {
  const text = '{"question":"a","answer":"b"}\r\n\n{oops\n[1]\n  {"answer":"d","front":"c","deck":"x"}'

  test('a card a line; a bad one is a problem of its line', async () => {
    for (const size of CHUNK_SIZES) {
      expect(await readAll(jsonl, text, { size })).toEqual([
        { line: 1, card: card('a', 'b'), raw: '{"question":"a","answer":"b"}' },
        { line: 3, problem: 'this is not valid JSON', raw: '{oops' },
        { line: 4, problem: 'a card must be a JSON object', raw: '[1]' },
        {
          line: 5,
          card: card('c', 'd', { deck: 'x' }),
          raw: '  {"answer":"d","front":"c","deck":"x"}',
        },
      ])
    }
  })

  test('--columns names keys', async () => {
    const columns = { question: 'Expression', answer: 'gloss' }
    expect(
      await readAll(jsonl, '{"expression":"a","gloss":"b","answer":"x"}\n{"expression":"a"}', { columns }),
    ).toEqual([
      { line: 1, card: card('a', 'b'), raw: '{"expression":"a","gloss":"b","answer":"x"}' },
      { line: 2, problem: '"gloss" is missing', raw: '{"expression":"a"}' },
    ])
  })

  test('writing puts the fields in one order, whatever theirs is', async () => {
    const { external_id, ...rest } = FULL
    const shuffled = {
      external_id,
      ...rest,
      tags: [...rest.tags],
      accepted_answers: [...rest.accepted_answers],
    }
    expect(await written(jsonl, [shuffled])).toBe(`${JSON.stringify(FULL)}\n`)
  })
})
