import { stripVTControlCharacters } from 'node:util'
import { Chalk } from 'chalk'
import { describe, expect, test } from 'vitest'
import { type Candidate, type ReviewEvent, startReview, step } from '../../src/core/generate/review.ts'
import { reviewPlain } from '../../src/generate/review-plain.ts'
import { reviewScreen, reviewSummary } from '../../src/generate/review-screen.ts'
import { plainLines } from '../../src/ui/markup.ts'
import { width } from '../../src/ui/text.ts'
import { candidate } from '../support/candidate.ts'

const look = { style: new Chalk({ level: 0 }), lines: plainLines }

const hooke = candidate({
  candidate_id: 'hooke',
  question: 'Who gave cells their name?',
  answer: 'Robert Hooke',
  quote: 'Robert Hooke saw cells in cork and gave them their name.',
})
const ribosomes = candidate({
  candidate_id: 'ribosomes',
  position: 1,
  question: 'What do ribosomes do, and where are they found?',
  answer: 'They make proteins, free in the cytoplasm and on the endoplasmic reticulum.',
  quote: 'Ribosomes make proteins, as everybody knows.',
  grounding: 'unverified',
  page: null,
  flags: ['multi', 'duplicate'],
  duplicate_of: 'What do ribosomes make?',
})
const japanese = candidate({
  candidate_id: 'japanese',
  position: 2,
  question: '植物細胞にあって動物細胞にないものは何ですか。',
  answer: '細胞壁と葉緑体',
  quote: '植物細胞は細胞壁を持つ。',
  grounding: 'close',
})
const arabic = candidate({
  candidate_id: 'arabic',
  position: 3,
  question: 'ما هي الوحدة الأساسية للحياة؟',
  answer: 'الخلية',
  quote: null,
  page: null,
  grounding: 'unverified',
})
const long = candidate({
  candidate_id: 'long',
  position: 4,
  question: 'Why?',
  answer: Array.from({ length: 40 }, (_, line) => `Reason ${line + 1}`).join('\n'),
})
const evil = candidate({
  candidate_id: 'evil',
  question: 'evil \x1b]0;owned\x07\x1b[2J',
  answer: 'x\x9b31m',
  quote: '\x1b[31mquote\u202e',
  duplicate_of: '\x1b[1mlike\r\nthis',
  flags: ['duplicate'],
})
const source = `[page 76]
${'Cells are everywhere. '.repeat(30)}
[page 77]
It was in 1665. Robert Hooke saw cells in cork and gave them their name. Others followed.
Nothing more is known.`

const accept: ReviewEvent = { type: 'accept' }
const reject: ReviewEvent = { type: 'reject' }
const next: ReviewEvent = { type: 'move', by: 1 }

function played(candidates: Candidate[], ...events: ReviewEvent[]) {
  return events.reduce((review, event) => step(review, event)[0], startReview(candidates))
}

/** What the window shows, set off by newlines. */
function shown(
  size: { columns: number; rows: number },
  candidates: Candidate[],
  ...events: ReviewEvent[]
): string {
  return `\n${reviewScreen(played(candidates, ...events), size, look, null).text}\n`
}

describe('80×24', () => {
  const size = { columns: 80, rows: 24 }

  test('a candidate that is verified', () => {
    expect(shown(size, [hooke, ribosomes])).toBe(`

    1 of 2 · page 77 · verified
    ────────────────────────────────────────────────────────────────────────

    Who gave cells their name?

    Robert Hooke

    ────────────────────────────────────────────────────────────────────────
    On page 77:
    “Robert Hooke saw cells in cork and gave them their name.”











    ⏎ y accept   n reject   e edit   r again                 ? keys   q quit

`)
  })

  test('one that is not, with what may be wrong with it', () => {
    expect(shown(size, [hooke, ribosomes], accept)).toBe(`

    2 of 2 · unverified                                           1 accepted
    ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━────────────────────────────────────

    ! several questions; like another card, "What do ribosomes make?"

    What do ribosomes do, and where are they found?

    They make proteins, free in the cytoplasm and on the endoplasmic
    reticulum.

    ────────────────────────────────────────────────────────────────────────
    Quoted by the model, but not found in the source:
    “Ribosomes make proteins, as everybody knows.”








    y accept   n reject   e edit   r again          u undo   ? keys   q quit

`)
  })

  test('a remark below the candidate that it is about', () => {
    const typed: ReviewEvent = { type: 'type', text: 'shorter' }
    const text = shown(size, [hooke], { type: 'regenerate' }, typed)
    expect(text).toContain(`
    “Robert Hooke saw cells in cork and gave them their name.”

    What should be different? Or nothing, for another try.
    > shorter \n`)
    expect(text).toContain('enter asks the model')
    const asking = shown(size, [hooke], { type: 'regenerate' }, typed, { type: 'submit' })
    expect(asking).toContain('The model is being asked…')
    expect(asking).toContain('escape calls it off')
  })

  test('how many are accepted at once', () => {
    const text = shown(size, [hooke, ribosomes, { ...hooke, candidate_id: 'x' }], { type: 'accept_all' })
    expect(text).toContain('    Accept all 2 that are verified and have no flags?\n    y accept them')
  })

  test('the text around the quote begins a little above it, with a bar beside it', () => {
    const text = shown(size, [hooke], { type: 'loaded', text: source })
    expect(text).toContain(`
      [page 77]
    ┃ It was in 1665. Robert Hooke saw cells in cork and gave them their
    ┃ name. Others followed.
      Nothing more is known.
`)
    expect(text.split('┃')).toHaveLength(3)
    expect(
      shown(size, [{ ...hooke, quote: 'Of something else' }], { type: 'loaded', text: source }),
    ).toContain('The quote is not in this text word for word.')
    expect(shown(size, [hooke], { type: 'loaded', text: null })).toContain('is not kept any more')
  })

  test('the end', () => {
    const text = shown(size, [hooke, ribosomes], accept, reject)
    expect(text).toContain('Nothing waits any more: 1 accepted, 1 rejected.')
    expect(text).toContain('enter done')
    expect(text).toContain('u undo')
  })
})

test('a window of 40 columns and 12 rows', () => {
  expect(shown({ columns: 40, rows: 12 }, [hooke, ribosomes], reject)).toBe(
    [
      '',
      ' 2/2 · unverified                 +0 -1',
      ' ━━━━━━━━━━━━━━━━━━━───────────────────',
      '',
      ' ! several questions; like another',
      '   card, "What do ribosomes make?"',
      ' What do ribosomes do, and where are',
      ' they found?',
      ' They make proteins, free in the',
      ' ↓ 7 more lines',
      '',
      ' y accept   n reject   e edit   r again',
      ' u undo   ? keys   q quit',
      '',
    ].join('\n'),
  )
})

test.each([
  [80, 24],
  [40, 12],
  [20, 8],
  [10, 3],
  [1, 1],
  [200, 60],
])('%i×%i: nothing is wider or longer than the window, whatever the text and the phase', (columns, rows) => {
  const candidates = [hooke, ribosomes, japanese, arabic, long, evil]
  const phases: ReviewEvent[][] = [
    [],
    [{ type: 'help' }],
    [{ type: 'loaded', text: source }],
    [{ type: 'loaded', text: `${japanese.quote}`.repeat(50) }],
    [{ type: 'regenerate' }, { type: 'type', text: '植物'.repeat(80) }],
    [{ type: 'accept_all' }],
    [accept, reject],
  ]
  for (let steps = 0; steps < candidates.length; steps++) {
    for (const phase of phases) {
      const review = played(candidates, ...Array.from({ length: steps }, () => next), ...phase)
      for (const offset of [null, 3, 1000]) {
        const lines = reviewScreen(review, { columns, rows }, look, offset).text.split('\n')
        expect(lines.length).toBeLessThanOrEqual(rows)
        // a single wide character with the caret has nowhere else to go
        for (const line of lines) expect(width(line)).toBeLessThanOrEqual(Math.max(columns, 3))
      }
    }
  }
})

test('nothing of a stranger reaches the terminal raw, on no screen', () => {
  const phases: ReviewEvent[][] = [
    [],
    [{ type: 'loaded', text: '\x1b[31m[page 77]\n\x1b[31mquote\u202e and more' }],
    [{ type: 'regenerate' }, { type: 'type', text: '\x1b[2J' }],
    [{ type: 'regenerate' }, { type: 'submit' }, { type: 'failed', text: 'the server said \x1b[2J' }],
  ]
  for (const phase of phases) {
    const review = played([evil], ...phase)
    const drawn = reviewScreen(review, { columns: 80, rows: 24 }, look, null).text
    const lines = reviewPlain(null, review, look).join('\n')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    for (const text of [drawn, lines]) expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/)
  }
})

test('colours only repeat what the words say', () => {
  const style = new Chalk({ level: 1 })
  for (const candidates of [[hooke], [ribosomes], [long]]) {
    const review = played(candidates)
    const size = { columns: 80, rows: 24 }
    const coloured = reviewScreen(review, size, { ...look, style }, null).text
    expect(stripVTControlCharacters(coloured)).toBe(reviewScreen(review, size, look, null).text)
  }
})

test('line by line', () => {
  const begun = played([hooke, ribosomes])
  const keys = '   ⏎ y accept   n reject   e edit   r again   ? keys   q quit'
  expect(reviewPlain(null, begun, look)).toEqual([
    '1 of 2, page 77, verified',
    'Q  Who gave cells their name?',
    'A  Robert Hooke',
    'W  On page 77:',
    '   “Robert Hooke saw cells in cork and gave them their name.”',
    keys,
  ])
  const [second] = step(begun, accept)
  expect(reviewPlain(begun, second, look)).toEqual([
    '2 of 2, unverified',
    'Q  What do ribosomes do, and where are they found?',
    'A  They make proteins, free in the cytoplasm and on the endoplasmic reticulum.',
    'W  Quoted by the model, but not found in the source:',
    '   “Ribosomes make proteins, as everybody knows.”',
    '!  several questions; like another card, "What do ribosomes make?"',
    '   y accept   n reject   e edit   r again   u undo   ? keys   q quit',
  ])
  const [told] = step(second, { type: 'take' })
  expect(reviewPlain(second, told, look)).toEqual(['   It is unverified: Enter does not accept it, y does.'])
})

test.each([
  [[], 'Nothing was decided; 3 wait: rote generate review 3f9a'],
  [[accept], '1 accepted into "Biology", 2 wait: rote generate review 3f9a'],
  [[accept, reject], '1 accepted into "Biology", 1 rejected, 1 waits: rote generate review 3f9a'],
  [[reject, reject, reject], '3 rejected, nothing waits any more'],
])('the sentence at the end', (events, sentence) => {
  expect(reviewSummary(played([hooke, ribosomes, japanese], ...events), 'Biology', '3f9a')).toBe(sentence)
})
