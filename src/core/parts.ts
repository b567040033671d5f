import { isGapWrong, joined, length, mistakes, type Run } from './align.ts'
import type { Folded, Unit } from './fold.ts'

/** A piece of the difference between what was typed and what was expected. */
export interface DiffPart {
  /**
   * same: to the letter. forgiven: written otherwise, but that does not matter. missing: not typed. extra: typed, but not
   * expected. wrong: typed instead of something else.
   */
  kind: 'same' | 'forgiven' | 'missing' | 'extra' | 'wrong'
  /** What was typed here; the parts together are all that was typed. */
  typed: string
  /** What was expected here; the parts together are the whole answer. */
  expected: string
}

/** A pair of units that belong together, or a unit alone. */
interface Step {
  typed: number | undefined
  expected: number | undefined
  equal: boolean
}

/** The difference in parts, each a number of whole graphemes. */
export function partsOf(runs: readonly Run[], typed: Folded, expected: Folded): DiffPart[] {
  const parts: DiffPart[] = []
  const add = (kind: DiffPart['kind'], typed: string, expected: string) => {
    const last = parts.at(-1)
    if (typed === '' && expected === '') return
    if (last?.kind === kind)
      parts[parts.length - 1] = { kind, typed: last.typed + typed, expected: last.expected + expected }
    else parts.push({ kind, typed, expected })
  }
  // gives the graphemes up to a place, and goes there
  const taker = ({ cells }: Folded) => {
    let taken = 0
    return (to = taken) => {
      const from = taken
      taken = Math.max(from, to)
      return cells.slice(from, taken).join('')
    }
  }
  const take = { typed: taker(typed), expected: taker(expected) }
  let before: Group | undefined
  for (const group of groups(stepsOf(readable(runs), typed, expected), typed, expected)) {
    const gap = [take.typed(group.typed?.[0]), take.expected(group.expected?.[0])] as const
    const counts = before !== undefined && (group.gapWrong || !before.equal || !group.equal)
    add(gapKind(gap, group.gapWrong, counts), ...gap)
    const [t, e] = [take.typed(group.typed?.[1]), take.expected(group.expected?.[1])]
    if (t === e || group.equal) add(t === e ? 'same' : 'forgiven', t, e)
    else add(t === '' ? 'missing' : e === '' ? 'extra' : 'wrong', t, e)
    before = group
  }
  const [t, e] = [take.typed(typed.cells.length), take.expected(expected.cells.length)]
  add(t === e ? 'same' : 'forgiven', t, e)
  return parts
}

/** What it is that the space, punctuation and invisible characters before a group differ; `counts` unless it does not matter. */
function gapKind(
  [typed, expected]: readonly [string, string],
  gapWrong: boolean,
  counts: boolean,
): DiffPart['kind'] {
  if (typed === expected) return 'same'
  if (counts && expected === '') return 'extra'
  if (counts && typed === '') return 'missing'
  return gapWrong ? 'wrong' : 'forgiven'
}

/** Equal runs of a letter or two between differences that are longer are chance: they become part of the difference. */
function readable(runs: readonly Run[]): Run[] {
  const found = joined(
    runs.map((run, at) => {
      const [before, after] = [runs[at - 1], runs[at + 1]]
      if (!run.equal || !before || !after || length(run.typed) > 2) return run
      const around = [mistakes(before), mistakes(after)]
      const chance = length(run.typed) <= Math.min(...around) && length(run.typed) < Math.max(...around)
      return chance ? { ...run, equal: false } : run
    }),
  )
  // a longer difference may show more to be chance
  return found.length === runs.length ? found : readable(found)
}

/** Unit beside unit; in a run that differs they may happen to be equal all the same. */
function stepsOf(runs: readonly Run[], typed: Folded, expected: Folded): Step[] {
  return runs.flatMap((run) =>
    Array.from({ length: Math.max(length(run.typed), length(run.expected)) }, (_, i) => {
      const step = {
        typed: i < length(run.typed) ? run.typed[0] + i : undefined,
        expected: i < length(run.expected) ? run.expected[0] + i : undefined,
      }
      const keys = [unitAt(typed, step.typed)?.key, unitAt(expected, step.expected)?.key]
      return { ...step, equal: keys[0] === keys[1] }
    }),
  )
}

/** Steps that share a grapheme, by the places of these. */
interface Group {
  typed: [from: number, to: number] | undefined
  expected: [from: number, to: number] | undefined
  equal: boolean
  gapWrong: boolean
}

function groups(steps: readonly Step[], typed: Folded, expected: Folded): Group[] {
  const found: Group[] = []
  for (const [index, step] of steps.entries()) {
    const [t, e] = [unitAt(typed, step.typed), unitAt(expected, step.expected)]
    const last = found.at(-1)
    const shares =
      (t && last?.typed && t.cell < last.typed[1]) || (e && last?.expected && e.cell < last.expected[1])
    if (last && shares) {
      if (t) last.typed = [last.typed?.[0] ?? t.cell, t.cell + 1]
      if (e) last.expected = [last.expected?.[0] ?? e.cell, e.cell + 1]
      last.equal &&= step.equal
      continue
    }
    const { typed: at = 0, expected: expectedAt = 0 } = step
    const gapWrong =
      step.equal &&
      steps[index - 1]?.equal === true &&
      isGapWrong(typed.units, at, expected.units, expectedAt)
    found.push({
      typed: t && [t.cell, t.cell + 1],
      expected: e && [e.cell, e.cell + 1],
      equal: step.equal,
      gapWrong,
    })
  }
  return found
}

function unitAt({ units }: Folded, at: number | undefined): Unit | undefined {
  return at === undefined ? undefined : units[at]
}
