import { describe, expect, test } from 'vitest'
import { ankiText } from '../../src/formats/anki-text.ts'
import { card, cardsOf, failure, problemsOf, readAll, written, writtenAs } from './reading.ts'

const ALL = `#separator:tab
#html:true
#guid column:1
#notetype column:2
#deck column:3
#tags column:6
a1\tBasic\tBio::Cells\tCell &amp; wall\t<b>thick</b><br>and <i>stiff</i>\tx y
a2\tCloze\tBio\t{{c2::DNA}} has {{c1::four::number}} bases\tsee <img src="dna.png">\t
# a comment
a3\tBasic (and reversed card)\tBio\tdog\tHund\t
a4\tBasic (optional reversed card)\tBio\tcat\tKatze\t
`

test('all that Anki says of a note', async () => {
  expect(await cardsOf(ankiText, ALL)).toEqual([
    card('Cell & wall', 'thick\nand stiff', { external_id: 'a1', deck: 'Bio::Cells', tags: ['x', 'y'] }),
    card('DNA has [number] bases', 'four\n\nsee\n[image: dna.png]', {
      ...{ external_id: 'a2/0', deck: 'Bio', note: 'line 8', accepted_answers: ['four'] },
    }),
    card('[...] has four bases', 'DNA\n\nsee\n[image: dna.png]', {
      ...{ external_id: 'a2/1', deck: 'Bio', note: 'line 8', accepted_answers: ['DNA'] },
    }),
    card('dog', 'Hund', { external_id: 'a3', deck: 'Bio', reversible: true }),
    card('cat', 'Katze', { external_id: 'a4', deck: 'Bio' }),
  ])
})

describe('the headers', () => {
  test.each([
    ['a separator by its name', '#separator:Semicolon\na;b\n', [card('a', 'b')]],
    ['a separator itself', '#separator:|\na|b\n', [card('a', 'b')]],
    ['none that says the separator', '#html:false\na,b\nc,d\n', [card('a', 'b'), card('c', 'd')]],
    [
      'tags and deck for all',
      '#tags:x y\n#deck:D\na\tb\n',
      [card('a', 'b', { tags: ['x', 'y'], deck: 'D' })],
    ],
    ['names of columns', '#columns:Back\tFront\nb\ta\n', [card('a', 'b')]],
    [
      'a cell left out at the end',
      '#tags column:3\na\tb\tx\nc\td\n',
      [card('a', 'b', { tags: ['x'] }), card('c', 'd')],
    ],
    ['text that looks like HTML', '#html:false\na\t<b>&amp;\n', [card('a', '<b>&amp;')]],
    ['line breaks in quotes', '#separator:tab\r\n"a\r\nb"\t"say ""hi"""\r\n', [card('a\r\nb', 'say "hi"')]],
    [
      'what looks like a deletion in a plain note',
      '#notetype:Basic\n{{c1::a}} b\tc\n',
      [card('{{c1::a}} b', 'c')],
    ],
    [
      'a deletion and no note type',
      '#html:false\n{{c1::a}} b\t\n',
      [card('[...] b', 'a', { note: 'line 2' })],
    ],
  ])('%s', async (_, text, cards) => {
    expect(await cardsOf(ankiText, text)).toEqual(cards)
  })

  test('come before the records of a file that is read in the same way', async () => {
    const seen: string[] = []
    await readAll(ankiText, '#separator:tab\n#tags:x\na\tb\n', { preamble: (raw) => seen.push(raw) })
    expect(seen).toEqual(['#separator:tab\n#tags:x'])
  })
})

test('every problem is named with its line', async () => {
  const text = `#separator:tab\n#notetype column:1\nBasic\ta\t\nCloze\tno deletion\t\nCloze\t{{c1::a\t\nBasic\ta\tb\tc\n`
  expect(await problemsOf(ankiText, text)).toEqual([
    'line 3: the answer is empty',
    'line 4: there is no deletion in the text',
    'line 5: the deletion c1 is never closed',
    'line 6: expected 3 columns, found 4 (--extra join or --extra drop takes it)',
  ])
  const deep = `#html:true\na\t${'<div>'.repeat(20_000)}\n`
  expect(await problemsOf(ankiText, deep)).toEqual([
    'line 2: the HTML has too many elements inside each other',
  ])
})

test('one column is no card', async () => {
  expect(await failure(readAll(ankiText, '#separator:tab\na\nb\n'))).toBe(
    'usage: no column for the question and the answer: this has one field a note',
  )
})

test('escapes of terminals are left out of HTML, as they are of packages', async () => {
  expect(await cardsOf(ankiText, '#html:true\n\u001b[31ma\t<b>\u001b]0;x\u0007</b>\n')).toEqual([
    card('[31ma', ']0;x'),
  ])
})

test('writing', async () => {
  const cards = [card('#a', 'b\tc', { tags: ['x', 'two words'], external_id: 'k' }), card('d', 'e')]
  expect(await writtenAs(ankiText, { deck: 'D' }, cards)).toBe(
    '#separator:tab\n#html:false\n#notetype:Basic\n#deck:D\n#guid column:1\n#tags column:4\n' +
      'k\t"#a"\t"b\tc"\tx two\u00a0words\n\td\te\t\n',
  )
  const inDecks = [card('a', 'b', { deck: 'X' }), card('c', 'd', { deck: 'Y::Z' })]
  expect(await cardsOf(ankiText, await written(ankiText, inDecks))).toEqual(inDecks)
})
