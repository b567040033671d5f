import { expect, test } from 'vitest'
import { makeDeck } from '../support/builders.ts'
import { sql, useDatabase } from '../support/database.ts'
import { did, rote } from '../support/rote.ts'

useDatabase()

const CELL = 'The {{c2::powerhouse::what?}} of the cell is the {{c1::mitochondrion}}'
const cards = () => sql`select question, answer, note_id, reversible, tags from cards order by position`

test('card add --cloze makes a card for each deletion, in their order and of one note', async () => {
  await makeDeck('Biology')
  const added = await rote(['card', 'add', 'Biology', '--cloze', CELL, '--tag', 'cell'])
  const rows = await sql`select card_id from cards order by position`
  expect(added).toMatchObject({
    code: 0,
    stdout: rows.map(({ card_id }) => `${card_id}\n`).join(''),
    stderr: '',
  })
  const made = await cards()
  const note_id = made[0]?.note_id
  expect(note_id).toMatch(/^[0-9a-f-]{36}$/)
  expect(made).toEqual([
    {
      question: 'The powerhouse of the cell is the [...]',
      answer: 'mitochondrion',
      note_id,
      reversible: false,
      tags: ['cell'],
    },
    {
      question: 'The [what?] of the cell is the mitochondrion',
      answer: 'powerhouse',
      note_id,
      reversible: false,
      tags: ['cell'],
    },
  ])
  await did(['card', 'add', 'Biology', '--cloze', 'a {{c1::b}}'])
  expect((await cards())[2]?.note_id).not.toBe(note_id)
})

test('card add --cloze to a person, and in JSON', async () => {
  await makeDeck('Biology')
  expect(await rote(['card', 'add', 'biology', '--cloze', CELL], { tty: true })).toMatchObject({
    code: 0,
    stdout: [
      'Added "The powerhouse of the cell is the [...]" to "Biology".',
      'Added "The [what?] of the cell is the mitochondrion" to "Biology".',
      '',
    ].join('\n'),
    stderr: '',
  })
  const added = await rote(['card', 'add', 'Biology', '--cloze', '{{c1::a}} b', '--accept', 'A', '--json'])
  expect(added.json<unknown[]>()).toMatchObject([
    { question: '[...] b', answer: 'a', accepted_answers: ['A'], note_id: expect.any(String) },
  ])
})

test('the very first card of all may be a cloze', async () => {
  await did(['card', 'add', 'Biology', '--cloze', CELL])
  expect(await sql`select name from decks`).toEqual([{ name: 'Biology' }])
})

const BOTH = 'A text with deletions makes question and answer itself.\nLeave -Q and -A out, or --cloze.\n'

test.each<[what: string, flags: string[], code: number, stderr: string]>([
  ['a question too', ['--cloze', CELL, '-Q', 'q'], 2, BOTH],
  ['an answer too', ['--cloze', CELL, '-A', 'a'], 2, BOTH],
  [
    'no deletion',
    ['--cloze', 'plain'],
    2,
    'There is no deletion in the text.\nWrite it as {{c1::text}} or {{c1::text::hint}}.\n',
  ],
  [
    'an empty text',
    ['--cloze', ''],
    2,
    'There is no deletion in the text.\nWrite it as {{c1::text}} or {{c1::text::hint}}.\n',
  ],
  ['one not closed', ['--cloze', '{{c1::a'], 2, 'The deletion c1 is never closed.\nClose it with }}\n'],
  [
    'both directions',
    ['--cloze', CELL, '--reverse'],
    2,
    'A text with deletions is asked in one direction only.\n',
  ],
  [
    'an accepted answer for several cards',
    ['--cloze', CELL, '--accept', 'x'],
    2,
    'This text makes 2 cards, and --accept is for one.\nAdd it later: rote card edit <card> --accept <answer>\n',
  ],
  [
    'standard input',
    ['-', '--cloze', CELL],
    2,
    'Cards from standard input have their text there.\nLeave the flags out that are about one card.\n',
  ],
  [
    'a book',
    ['--cloze', `{{c1::a}}${'x'.repeat(100_000)}`],
    2,
    'The question is longer than 100,000 characters.\n',
  ],
])('card add --cloze refuses %s', async (_, flags, code, stderr) => {
  await makeDeck('Biology')
  expect(await rote(['card', 'add', 'Biology', ...flags], { tty: false })).toMatchObject({
    code,
    stdout: '',
    stderr,
  })
  expect(await cards()).toEqual([])
})

test('a question that is there already adds none of the cards', async () => {
  const { cards: there } = await makeDeck('Biology', {
    'The [what?] of the cell is the mitochondrion': 'powerhouse',
  })
  const id = there[0]?.card_id.slice(0, 8)
  expect(await rote(['card', 'add', 'Biology', '--cloze', CELL])).toMatchObject({
    code: 4,
    stdout: '',
    stderr: `"Biology" already has the question "The [what?] of the cell is the mitochondrion".\nChange its card: rote card edit ${id}\n`,
  })
  expect(await cards()).toHaveLength(1)
})

test('five hundred deletions', async () => {
  await makeDeck('Long')
  const text = Array.from({ length: 500 }, (_, i) => `{{c${i + 1}::w${i + 1}}}`).join(' ')
  expect((await did(['card', 'add', 'Long', '--cloze', text])).split('\n')).toHaveLength(500)
  const answers = await sql`select answer from cards order by position`
  expect(answers.map(({ answer }) => answer)).toEqual(Array.from({ length: 500 }, (_, i) => `w${i + 1}`))
})

test('card add --reverse makes a card that is asked both ways', async () => {
  await makeDeck('Spanish')
  await did('card add Spanish -Q perro -A dog --reverse')
  await did('card add Spanish -Q gato -A cat')
  expect(await cards()).toMatchObject([
    { question: 'perro', reversible: true, note_id: null },
    { question: 'gato', reversible: false, note_id: null },
  ])
})

test('card edit --reverse and --no-reverse', async () => {
  const { cards: made } = await makeDeck('Spanish', { perro: 'dog' })
  const id = made[0]?.card_id
  expect(await rote(`card edit ${id} --reverse`, { tty: true })).toMatchObject({
    stdout: 'Changed "perro".\n',
  })
  expect(await cards()).toMatchObject([{ question: 'perro', reversible: true }])
  await did(`card edit ${id} -A hound`)
  expect(await cards()).toMatchObject([{ answer: 'hound', reversible: true }])
  await did(`card edit ${id} --no-reverse`)
  expect(await cards()).toMatchObject([{ reversible: false }])
})

test('a card of a text with deletions is not turned round', async () => {
  await makeDeck('Biology')
  const id = await did(['card', 'add', 'Biology', '--cloze', '{{c1::a}} b'])
  expect(await rote(`card edit ${id} --reverse`)).toMatchObject({
    code: 2,
    stdout: '',
    stderr: 'A text with deletions is asked in one direction only.\n',
  })
  expect(await rote(`card edit ${id} --no-reverse`)).toMatchObject({ code: 0 })
  expect(await cards()).toMatchObject([{ reversible: false }])
})

test('card edit --accept sets the other answers that count, --no-accept takes them away', async () => {
  const { cards: made } = await makeDeck('Spanish', { perro: 'dog' })
  const id = made[0]?.card_id ?? ''
  const accepted = async () => (await sql`select accepted_answers from cards`)[0]?.accepted_answers
  await did(`card edit ${id} --accept hound --accept "the dog" --accept hound`)
  expect(await accepted()).toEqual(['hound', 'the dog'])
  await did(`card edit ${id} -A doggy`)
  expect(await accepted()).toEqual(['hound', 'the dog'])
  await did(`card edit ${id} --accept pooch`)
  expect(await accepted()).toEqual(['pooch'])
  expect(await rote(['card', 'edit', id, '--accept', ' '])).toMatchObject({
    code: 2,
    stderr: 'The accepted answer is empty.\n',
  })
  expect(await rote(['card', 'add', 'Spanish', '-Q', 'q', '-A', 'a', '--accept', 'a\0'])).toMatchObject({
    code: 2,
    stderr: 'The accepted answer contains a NUL character, which PostgreSQL cannot store.\n',
  })
  await did(`card edit ${id} --no-accept`)
  expect(await accepted()).toEqual([])
  // the last word counts
  await did(`card edit ${id} --no-accept --accept hound`)
  expect(await accepted()).toEqual(['hound'])
})
