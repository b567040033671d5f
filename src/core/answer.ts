import { distance } from 'fastest-levenshtein'
import { type Accepted, acceptedAnswers } from './accepted.ts'
import { align, isGapWrong, mistakes, type Run } from './align.ts'
import type { Grade } from './card.ts'
import { type Folded, fold, type Spelling, spellings, type Unit, unfolded } from './fold.ts'
import { type DiffPart, partsOf } from './parts.ts'

/** What is to be said about a typed answer. */
export interface Judgement {
  /** close: not right, but no more than a slip of the fingers away. empty: nothing was typed. */
  verdict: 'right' | 'close' | 'wrong' | 'empty'
  /** The accepted answer that is nearest to what was typed, as one would type it. */
  best: string
  /** A proposal; the grade is the person's. */
  suggested: Grade
  /** The difference between what was typed and `best`. */
  parts: DiffPart[]
}

const SUGGESTED = { right: 'got_it', close: 'almost', wrong: 'again', empty: 'again' } as const

/**
 * Judges a typed answer as a person would. Forgiven are case, accents, punctuation, width, composition, space around and
 * repeated, and characters that nobody sees; fold.ts says what that means in each script. With `strict` only the very
 * same text is right, but for composition (NFC) and space around it. Never throws, whatever the texts are.
 */
export function judgeAnswer(
  typed: string,
  card: { answer: string; accepted_answers: readonly string[] },
  { strict }: { strict: boolean },
): Judgement {
  const accepted = acceptedAnswers(card)
  if (typed.trim() === '') {
    const best = accepted[0]?.text ?? card.answer
    const parts: DiffPart[] = [
      { kind: 'forgiven', typed, expected: '' },
      { kind: 'missing', typed: '', expected: best },
    ]
    return judged(
      'empty',
      best,
      parts.filter(({ typed, expected }) => typed !== expected),
    )
  }
  const [first = { text: card.answer, exact: true }, ...rest] = accepted
  const others = rest.filter(({ text }) => text.length <= FOLDED)
  const same = accepted.find(({ text }) => isSame(typed, text))
  const nearest = same
    ? compared(typed, { text: same.text, exact: true })
    : others.reduce(
        (best, other) => (isRight(best) ? best : nearer(best, compared(typed, other))),
        compared(typed, first),
      )
  const runs = align(nearest.typed.units, nearest.expected.units)
  const right = same !== undefined || isRight(nearest)
  const close = isSlip(runs, nearest) || isArticle(typed, nearest.text)
  if (!strict) {
    const verdict = right ? 'right' : close ? 'close' : 'wrong'
    return judged(verdict, nearest.text, partsOf(runs, nearest.typed, nearest.expected))
  }
  const exactly = compared(typed, { text: nearest.text, exact: true })
  const parts = partsOf(align(exactly.typed.units, exactly.expected.units), exactly.typed, exactly.expected)
  return judged(same ? 'right' : right || close ? 'close' : 'wrong', nearest.text, parts)
}

function judged(verdict: Judgement['verdict'], best: string, parts: DiffPart[]): Judgement {
  return { verdict, best, suggested: SUGGESTED[verdict], parts }
}

function isSame(typed: string, text: string): boolean {
  return typed.normalize('NFC').trim() === text.normalize('NFC').trim()
}

/** What was typed beside one answer, both folded in the way in which they are nearest to each other. */
interface Compared {
  text: string
  typed: Folded
  expected: Folded
  /** From 0, right, to 1, nothing in common. */
  apart: number
}

/** In UTF-16 code units. In longer texts every character matters: nobody types them, and folding takes its time. */
const FOLDED = 10_000

const nearer = (one: Compared, other: Compared) => (other.apart < one.apart ? other : one)

const isRight = ({ apart }: Compared) => apart === 0

function compared(typed: string, { text, exact }: Accepted): Compared {
  const pair = (fold: (text: string) => Folded): Compared => {
    const [one, other] = [fold(typed), fold(text)]
    return { text, typed: one, expected: other, apart: apart(one.units, other.units) }
  }
  if (exact || text.length > FOLDED || typed.length > FOLDED) return pair(unfolded)
  const [first, ...others] = spellings(text, typed) as [Spelling, ...Spelling[]]
  return others.reduce(
    (best, spelling) =>
      isRight(best)
        ? best
        : nearer(
            best,
            pair((text) => fold(text, spelling)),
          ),
    pair((text) => fold(text, first)),
  )
}

/** The distance of longer texts, which would take seconds, is taken to be all between where they begin and end alike. */
const MEASURED = 2000

function apart(typed: readonly Unit[], expected: readonly Unit[]): number {
  const longest = Math.max(typed.length, expected.length)
  if (longest === 0) return 0
  const gaps = gapsWrong(
    [{ equal: true, typed: [0, typed.length], expected: [0, expected.length] }],
    typed,
    expected,
  )
  const letters = new Map<string, string>()
  const letter = ({ key }: Unit) => {
    const known = letters.get(key) ?? String.fromCharCode(letters.size)
    letters.set(key, known)
    return known
  }
  const [one, other] = [typed.map(letter).join(''), expected.map(letter).join('')]
  if (one === other) return Math.min(gaps / longest, 1)
  const edits = longest > MEASURED ? longest - alike(one, other) : distance(one, other)
  return edits / longest
}

/** How many characters two different texts have in common at their beginning and end. */
function alike(one: string, other: string): number {
  const shorter = Math.min(one.length, other.length)
  let start = 0
  while (start < shorter && one[start] === other[start]) start++
  let end = 0
  while (end < shorter - start && one.at(-1 - end) === other.at(-1 - end)) end++
  return start + end
}

/** How often space is missing or too much between letters that are right. */
function gapsWrong(runs: readonly Run[], typed: readonly Unit[], expected: readonly Unit[]): number {
  let count = 0
  for (const run of runs.filter(({ equal }) => equal))
    for (let at = 1; at < run.typed[1] - run.typed[0]; at++) {
      if (isGapWrong(typed, run.typed[0] + at, expected, run.expected[0] + at)) count++
    }
  return count
}

/** What is shorter is another word, not a slip. */
const SHORTEST = 4
/** From this many letters on the rest of an answer shows that a short word in it was a slip. */
const TELLING = 12

/**
 * Whether the difference is a slip of the fingers: few letters in all and few in each word, and none of them a digit or
 * a sign, which nobody mistypes without saying something else.
 */
function isSlip(runs: readonly Run[], { typed, expected }: Compared): boolean {
  const total = Math.max(typed.units.length, expected.units.length)
  const edits = runs.reduce((sum, run) => sum + mistakes(run), gapsWrong(runs, typed.units, expected.units))
  if (total < SHORTEST || edits > allowed(total)) return false
  const words = [{ letters: 0, mistakes: 0 }]
  for (const run of runs) {
    const [t, e] = [typed.units.slice(...run.typed), expected.units.slice(...run.expected)]
    if (!run.equal && [...t, ...e].some(({ kind }) => kind === 'digit' || kind === 'sign')) return false
    // each letter of the longer side counts for the word that it is in, or is too much in
    const longer = e.length >= t.length ? e : t
    for (const [index, unit] of longer.entries()) {
      if ((e[index] ?? unit).gap === 'space') words.push({ letters: 0, mistakes: 0 })
      const word = words.at(-1)
      if (!word) continue
      word.letters++
      if (!run.equal && !(run.swapped && index > 0)) word.mistakes++
    }
  }
  return words.every(
    ({ letters, mistakes }) => mistakes <= Math.max(allowed(letters), total >= TELLING ? 1 : 0),
  )
}

/** How many slips there may be in a word, or an answer, of so many letters. */
function allowed(letters: number): number {
  return letters < SHORTEST ? 0 : Math.floor(letters / 4)
}

/** Articles at the beginning, of languages that many learn. A wrong one, or none, is a mistake but not ignorance. */
const ARTICLE =
  /^\s*(?:the|an?|der|die|das|den|dem|des|ein|eine[mnrs]?|el|la|los|las|una?|unos|unas|le|les|une|des|il|lo|gli|i|uno|os?|as?|uma?|de|het|een|ο|η|το|οι|τα)\s+(?=\S)|^\s*(?:l|un|dell)['’](?=\S)/iu

function isArticle(typed: string, text: string): boolean {
  const [one, other] = [typed.replace(ARTICLE, ''), text.replace(ARTICLE, '')]
  if (one === typed && other === text) return false
  return isRight(compared(one, { text: other, exact: false }))
}
