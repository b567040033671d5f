import { stripVTControlCharacters } from 'node:util'
import { Chalk } from 'chalk'
import { describe, expect, test } from 'vitest'
import type { Grade } from '../../src/core/card.ts'
import { bindings } from '../../src/core/keymap.ts'
import { summary } from '../../src/core/progress.ts'
import type { Schedule } from '../../src/core/schedule.ts'
import {
  type Effect,
  type Session,
  type SessionEvent,
  type SessionOptions,
  startSession,
  step,
} from '../../src/core/session.ts'
import type { StudyCard } from '../../src/core/study-card.ts'
import { plain } from '../../src/study/plain.ts'
import { screen } from '../../src/study/screen.ts'
import { summaryText } from '../../src/study/summary.ts'
import { plainLines } from '../../src/ui/markup.ts'
import { width } from '../../src/ui/text.ts'
import { studyCard } from '../support/study-card.ts'

const noColour = new Chalk({ level: 0 })
const look = { style: noColour, keys: bindings(null), lines: plainLines }
/** The window as it is drawn. */
const drawn = (session: Session, size: { columns: number; rows: number }, style = noColour) =>
  screen(session, size, { ...look, style }, at, null).text

const at = new Date('2026-05-04T09:00:00Z')
const options: SessionOptions = {
  day_end: new Date('2026-05-05T04:00:00Z'),
  scheduled: true,
  ends_at: null,
  strict: false,
}

const reveal: SessionEvent = { type: 'reveal' }
const help: SessionEvent = { type: 'help' }
const quit: SessionEvent = { type: 'quit' }
const grade = (grade: Grade): SessionEvent => ({ type: 'grade', grade, attempt_id: 'x' })

const card = (question: string, answer: string): StudyCard =>
  studyCard({ card_id: question, question, answer })
const france = card('What is the capital of France?', 'Paris')
const japan = card(
  '日本の首都はどこですか。そして、それはなぜ東京と呼ばれているのですか。',
  '東京（とうきょう）。「東の都」という意味です。',
)
const egypt = card('ما هي عاصمة مصر؟', 'القاهرة')
const sky = card(
  'Why does the sky look blue?',
  Array.from({ length: 40 }, (_, line) => `Reason ${line + 1}`).join('\n'),
)

const known: Schedule = {
  due: at,
  stability: 10,
  difficulty: 5,
  state: 'review',
  learning_steps: 0,
  reps: 4,
  lapses: 0,
  last_review: new Date('2026-04-24T09:00:00Z'),
}

/** The sitting with these cards after these events, all at the same moment, with the effects of the last one. */
function after(cards: StudyCard[], ...events: SessionEvent[]) {
  let session = startSession(cards, options, at)
  let effects: Effect[] = []
  for (const event of events) [session, effects] = step(session, event, at)
  return { session, effects }
}

/** What the window shows, set off by newlines. */
function shown(
  size: { columns: number; rows: number },
  cards: StudyCard[],
  ...events: SessionEvent[]
): string {
  return `\n${drawn(after(cards, ...events).session, size)}\n`
}

describe('80×24', () => {
  const size = { columns: 80, rows: 24 }

  test('a question', () => {
    expect(shown(size, [france, japan, egypt])).toBe(`

    Capitals                                                     0 of 3 done
    ────────────────────────────────────────────────────────────────────────



    What is the capital of France?















    space shows the answer                                   ? keys   q quit

`)
  })

  test('an answer, below a question that stays where it was', () => {
    expect(shown(size, [france, japan, egypt], reveal)).toBe(`

    Capitals                                                     0 of 3 done
    ────────────────────────────────────────────────────────────────────────



    What is the capital of France?

    ────────────────────────────────────────────────────────────────────────

    Paris











    1 again 1m   2 almost 6m   3 got it 10m                  ? keys   q quit

`)
  })

  test('a card that waits, one that is done, and a text that is too long', () => {
    const reviewed = { ...sky, schedule: known }
    const events = [reveal, grade('again'), reveal, grade('got_it'), reveal]
    expect(shown(size, [france, { ...egypt, schedule: known }, reviewed], ...events)).toBe(`

    Capitals                                     1 of 3 done · 1 coming back
    ━━━━━━━━━━━━━━━━━━━━━━━━────────────────────────────────────────────────

    Why does the sky look blue?

    ────────────────────────────────────────────────────────────────────────

    Reason 1
    Reason 2
    Reason 3
    Reason 4
    Reason 5
    Reason 6
    Reason 7
    Reason 8
    Reason 9
    Reason 10
    Reason 11
    Reason 12
    ↓ 28 more lines

    1 again 10m   2 almost 21d   3 got it 1mo       u undo   ? keys   q quit

`)
  })

  test('the keys', () => {
    expect(shown(size, [france], help)).toBe(`

    Capitals                                                     0 of 1 done
    ────────────────────────────────────────────────────────────────────────

    space     show the answer           w         file, page and quote
    1 j       again: not known          down      scroll a line down
    2 k       almost: with effort       up        scroll a line up
    3 l       got it: known             pagedown  scroll a page down
    enter     typed: take the grade     pageup    scroll a page up
    a         typed: accept it, too     enter     typing: check it
    u ;       take the last step back   backspace typing: erase a letter
    e         edit the card             ctrl-w    typing: erase a word
    s         suspend: never ask        ctrl-u    typing: erase all
    b         bury: not before tomorrow escape    typing: other keys
    n         next: ask it at the end   ?         show these keys
    d         mark easy, medium, hard   q ctrl-c  stop; answers are kept






    any key closes this

`)
  })
})

describe('40×12', () => {
  const size = { columns: 40, rows: 12 }

  test('a question in Japanese', () => {
    expect(shown(size, [japan])).toBe(`
 Capitals                           0/1
 ──────────────────────────────────────

 日本の首都はどこですか。そして、それは
 なぜ東京と呼ばれているのですか。





 space shows the answer
 ? keys   q quit
`)
  })

  test('an answer in Japanese, whole, with its intervals', () => {
    expect(shown(size, [france, japan], reveal, grade('again'), reveal)).toBe(`
 Capitals                  0/2 · 1 back
 ──────────────────────────────────────

 日本の首都はどこですか。そして、それは
 なぜ東京と呼ばれているのですか。
 ──────────────────────────────────────
 東京（とうきょう）。「東の都」という
 意味です。


 1 again   2 almost   3 got it
 1m        6m         10m
`)
  })

  test('an answer in Arabic', () => {
    expect(shown(size, [egypt], reveal)).toBe(`
 Capitals                           0/1
 ──────────────────────────────────────

 ما هي عاصمة مصر؟
 ──────────────────────────────────────
 القاهرة




 1 again   2 almost   3 got it
 1m        6m         10m
`)
  })

  test('the keys, all of them, by scrolling', () => {
    const { session } = after([france], help)
    const pages = Array.from({ length: 25 }, (_, line) => line).map(
      (offset) => screen(session, size, look, at, offset).text,
    )
    for (const { help } of look.keys.filter(({ action }) => action !== 'close'))
      expect(pages.join('\n')).toContain(help)
  })
})

test('no line is too wide and no window too small, with colours and without', () => {
  const hostile = card('\x1b[2J\x1b]0;evil\x07\u202eevil', `${'日本'.repeat(300)}\n\n${'x'.repeat(500)}`)
  for (const style of [noColour, new Chalk({ level: 3 })]) {
    for (const [columns, rows] of [
      [200, 50],
      [80, 24],
      [61, 20],
      [59, 19],
      [40, 12],
      [20, 8],
      [12, 7],
      [5, 2],
      [3, 1],
    ] as const) {
      for (const events of [[], [reveal], [help]]) {
        for (const cards of [[hostile], [{ ...france, deck: '日本'.repeat(50) }]]) {
          const lines = drawn(after(cards, ...events).session, { columns, rows }, style).split('\n')
          expect(lines.length).toBeLessThanOrEqual(rows)
          for (const line of lines) expect(width(line)).toBeLessThanOrEqual(columns)
          if (style === noColour) expect(lines.join('')).not.toMatch(/\p{Cc}/u)
        }
      }
    }
  }
})

test('colours change nothing but colours', () => {
  const { session } = after([france, japan], reveal, grade('again'), reveal)
  const size = { columns: 80, rows: 24 }
  const coloured = drawn(session, size, new Chalk({ level: 3 }))
  expect(coloured).not.toBe(drawn(session, size))
  expect(stripVTControlCharacters(coloured)).toBe(drawn(session, size))
})

describe('line by line', () => {
  const lines = (cards: StudyCard[], ...events: SessionEvent[]) => {
    const { session, effects } = after(cards, ...events)
    return plain(null, session, effects, look, at).join('\n')
  }

  test('a question', () => {
    expect(lines([card('One\n  two', 'three')])).toBe('Capitals, 0 of 1 done\nQ  One\n     two')
  })

  test('an answer with its keys', () => {
    expect(lines([france], reveal)).toBe('A  Paris\n   1 again 1m   2 almost 6m   3 got it 10m')
  })

  test('a grade and the next question', () => {
    expect(lines([france, egypt], reveal, grade('got_it'))).toBe(
      '-> got it, next in 10m\n\nCapitals, 0 of 2 done\nQ  ما هي عاصمة مصر؟',
    )
  })

  test('nothing at the end, and nothing that a terminal obeys', () => {
    expect(lines([france], quit)).toBe('')
    expect(lines([card('\x1b[2J', 'x')])).toContain('␛[2J')
  })
})

describe('summary', () => {
  const text = (dueTomorrow: number, cards: StudyCard[], ...events: SessionEvent[]) =>
    summaryText(summary(after(cards, ...events).session, at), [], dueTomorrow, noColour)
  const reviewed = [france, egypt, japan].map((card) => ({ ...card, schedule: known }))

  test('of a sitting that is done', () => {
    const events = ['again', 'got_it', 'got_it', 'got_it'] as const
    expect(text(12, reviewed, ...events.flatMap((name) => [reveal, grade(name)]))).toBe(
      `
All done for today.

  Cards               3, in 4 answers
  Right at first try  2 of 3 (67%)
  Time                0 s
  Due by tomorrow     12
`.trim(),
    )
  })

  test('of one that was stopped', () => {
    expect(text(0, reviewed, quit)).toBe(
      `
Stopped with 3 of 3 cards left.

  Cards               0
  Right at first try  –
  Time                0 s
  Due by tomorrow     0
`.trim(),
    )
  })
})
