import { diffArrays } from 'diff'
import type { Unit } from './fold.ts'

/** A stretch of two texts, by their units: equal, or not. */
export interface Run {
  equal: boolean
  typed: readonly [from: number, to: number]
  expected: readonly [from: number, to: number]
  /** Two neighbours that changed places. */
  swapped?: true
}

/** Beyond so many differences nobody looks at single characters, and looking for them takes seconds. */
const EDITS = 500

/**
 * Where two texts are equal and where not, in order, with as few differences as possible. Takes a fraction of a second
 * for any texts: those with too many differences are taken as different from the first one to the last.
 */
export function align(typed: readonly Unit[], expected: readonly Unit[]): Run[] {
  const ends = { typed: typed.length, expected: expected.length }
  let start = 0
  while (start < ends.typed && start < ends.expected && typed[start]?.key === expected[start]?.key) start++
  while (
    ends.typed > start &&
    ends.expected > start &&
    typed[ends.typed - 1]?.key === expected[ends.expected - 1]?.key
  ) {
    ends.typed--
    ends.expected--
  }
  const keys = (units: readonly Unit[], to: number) => units.slice(start, to).map(({ key }) => key)
  const found = diffArrays(keys(typed, ends.typed), keys(expected, ends.expected), { maxEditLength: EDITS })
  const changes = found ?? [
    { count: ends.typed - start, removed: true, added: false },
    { count: ends.expected - start, removed: false, added: true },
  ]
  const runs = joined([
    { equal: true, typed: [0, start], expected: [0, start] },
    ...placed(changes, start),
    { equal: true, typed: [ends.typed, typed.length], expected: [ends.expected, expected.length] },
  ])
  return swaps(runs, typed, expected)
}

function placed(
  changes: readonly { count: number; added: boolean; removed: boolean }[],
  start: number,
): Run[] {
  let [t, e] = [start, start]
  return changes.map(({ count, added, removed }) => {
    const run: Run = {
      equal: !added && !removed,
      typed: [t, t + (added ? 0 : count)],
      expected: [e, e + (removed ? 0 : count)],
    }
    t = run.typed[1]
    e = run.expected[1]
    return run
  })
}

/** How many units there are in a stretch. */
export const length = ([from, to]: readonly [number, number]) => to - from

/** The runs with neighbours of one kind in one, and without empty ones. */
export function joined(runs: readonly Run[]): Run[] {
  const found: Run[] = []
  for (const run of runs) {
    const last = found.at(-1)
    if (length(run.typed) === 0 && length(run.expected) === 0) continue
    if (last && last.equal === run.equal && !last.swapped && !run.swapped) {
      found[found.length - 1] = {
        equal: run.equal,
        typed: [last.typed[0], run.typed[1]],
        expected: [last.expected[0], run.expected[1]],
      }
    } else found.push(run)
  }
  return found
}

/** A unit that is missing on one side of an equal one and too much on the other has changed places with it. */
function swaps(runs: readonly Run[], typed: readonly Unit[], expected: readonly Unit[]): Run[] {
  const found: Run[] = []
  for (let at = 0; at < runs.length; at++) {
    const [one, middle, other] = runs.slice(at, at + 3)
    if (!one) break
    const isSwap =
      middle?.equal &&
      other &&
      length(middle.typed) === 1 &&
      length(one.typed) + length(one.expected) === 1 &&
      length(other.typed) + length(other.expected) === 1 &&
      length(one.typed) === length(other.expected) &&
      (length(one.typed) === 1
        ? typed[one.typed[0]]?.key === expected[other.expected[0]]?.key
        : typed[other.typed[0]]?.key === expected[one.expected[0]]?.key)
    if (isSwap) {
      found.push({
        equal: false,
        typed: [one.typed[0], other.typed[1]],
        expected: [one.expected[0], other.expected[1]],
        swapped: true,
      })
      at += 2
    } else found.push(one)
  }
  return found
}

/** How many mistakes a run is: letters too many, missing or wrong. */
export function mistakes({ equal, swapped, typed, expected }: Run): number {
  if (equal) return 0
  return swapped ? 1 : Math.max(length(typed), length(expected))
}

/**
 * Whether there should be a space between two letters that are right, and there is not; or the other way round. `t` and `e`
 * are the places of the second. Letters of scripts with spaces care, and digits, whatever stands between them; nothing
 * else does.
 */
export function isGapWrong(typed: readonly Unit[], t: number, expected: readonly Unit[], e: number): boolean {
  const [before, unit, gap] = [typed[t - 1], typed[t], expected[e]?.gap]
  if (!before || !unit || unit.gap === gap || (unit.gap !== 'none' && gap !== 'none')) return false
  if (unit.kind === 'digit' && before.kind === 'digit') return true
  const letters = unit.kind === 'letter' && before.kind === 'letter'
  return letters && !unit.unspaced && !before.unspaced && (unit.gap === 'space' || gap === 'space')
}
