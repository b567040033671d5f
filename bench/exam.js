// How long it takes to plan an exam, and what comes of it: a simulated learner follows the plan day after day, and another
// one with the same memory studies what is due. The table in docs/study.md is from here.
import { alone, figure, median } from './support/report.js'
import { sources } from './support/sources.js'

const CARDS = 400
const RUNS = 5
/** @type {[kind: import('../test/core/learner.ts').DeckKind, days: number, retention: number][]} */
const EXAMS = [
  ['new', 14, 0.9],
  ['new', 60, 0.9],
  ['mixed', 30, 0.9],
  ['mixed', 30, 0.95],
  ['mixed', 120, 0.9],
  ['kept up', 60, 0.95],
  ['neglected', 30, 0.9],
]

/** @type {import('./support/report.js').Benchmark} */
export async function exam() {
  const { learner, planExam, random } = await sources(`
    export * as learner from './test/core/learner.ts'
    export { planExam } from './src/core/exam.ts'
    export { random } from './test/core/random.ts'`)
  const times = Array.from({ length: RUNS }, (_, seed) => {
    const cards = learner.makeDeckOf('mixed', 10_000, random(seed))
    const options = { today: learner.dayAt(0), exam: learner.dayAt(60).date, retention: 0.9 }
    const begun = performance.now()
    planExam(cards, options)
    return performance.now() - begun
  })
  return [
    figure('exam plan, 10,000 cards, 60 days, the first in a process', times[0] ?? 0, 'ms', 300),
    figure(`exam plan, 10,000 cards, 60 days, median of ${RUNS}`, median(times), 'ms'),
    ...EXAMS.map(([kind, days, retention]) => ({
      what: `exam, ${kind} deck, ${days} days, ${retention * 100}%`,
      measured: both(learner, random, kind, days, retention),
      bar: '',
      met: null,
    })),
  ]
}

/**
 * What the plan gives, and what studying gives that knows of no exam; means of several decks.
 * @param {typeof import('../test/core/learner.ts')} learner
 * @param {typeof import('../test/core/random.ts').random} random
 * @param {import('../test/core/learner.ts').DeckKind} kind
 * @param {number} days
 * @param {number} retention
 */
function both(learner, random, kind, days, retention) {
  const runs = Array.from({ length: RUNS }, (_, seed) => {
    const cards = learner.makeDeckOf(kind, CARDS, random(seed + 1))
    const attempt = { cards, days, retention }
    const unseen = cards.filter(({ schedule }) => !schedule).length
    return {
      plan: learner.followPlan({ ...attempt, chance: random(seed + 100) }),
      due: learner.studyDue({ ...attempt, chance: random(seed + 100) }, Math.ceil(unseen / (0.8 * days))),
    }
  })
  return [`plan ${told(runs.map(({ plan }) => plan))}`, `due ${told(runs.map(({ due }) => due))}`].join('; ')
}

/** @param {import('../test/core/learner.ts').Outcome[]} outcomes */
function told(outcomes) {
  const mean = (/** @type {(outcome: import('../test/core/learner.ts').Outcome) => number} */ of) =>
    outcomes.reduce((sum, outcome) => sum + of(outcome), 0) / outcomes.length
  const seen = (/** @type {{ loads: number[] }} */ { loads }) => loads.reduce((sum, load) => sum + load, 0)
  const percent = (/** @type {number} */ part) => `${(part * 100).toFixed(1)}%`
  return [
    `recall ${percent(mean(({ recall }) => recall))}`,
    `${percent(mean(({ below }) => below))} of the cards below`,
    `${mean(seen).toFixed(0)} cards seen`,
    `busiest day ${mean((outcome) => (Math.max(...outcome.loads) * outcome.loads.length) / seen(outcome)).toFixed(2)} × the mean`,
  ].join(', ')
}

await alone(import.meta.url, exam)
