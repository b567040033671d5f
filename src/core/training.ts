import { default_w, FSRSAlgorithm, type FSRSState, generatorParameters, Rating } from 'ts-fsrs'
import type { Grade } from './card.ts'

/** An answer as FSRS learns from it. */
export interface Review {
  /** 1 again, 2 almost, 3 got it: FSRS' Again, Hard and Good. */
  rating: number
  /** Study days since the card's answer before; 0 on the same day, and for the first. */
  days: number
  /** When it was given, in epoch ms. */
  at: number
}

/** How well weights foretold answers. */
export interface Judgement {
  /** How many answers they were asked about. */
  answers: number
  /** The mean of -ln of the probability that was given to what happened. Less is better. */
  log_loss: number
  /** How far off the probabilities were, by groups of like answers: root mean square, 0 to 1. Less is better. */
  rmse_bins: number
}

const RATING = {
  again: Rating.Again,
  almost: Rating.Hard,
  got_it: Rating.Good,
} as const satisfies Record<Grade, number>
const DAY = 24 * 60 * 60 * 1000

/** The life of a card in one direction, from its attempts that count for the schedule, oldest first. */
export function reviewsOf(
  attempts: readonly { confidence_status: Grade; study_date: string; attempted_at: Date }[],
): Review[] {
  let before = 0
  return attempts.map(({ confidence_status, study_date, attempted_at }, i) => {
    const date = Date.parse(study_date)
    // a journey westward can take a date back
    const days = i === 0 ? 0 : Math.max(0, Math.round((date - before) / DAY))
    before = date
    return { rating: RATING[confidence_status], days, at: attempted_at.getTime() }
  })
}

/**
 * Whether an answer says something about forgetting: those of the same day move the memory along, but nobody forgets in
 * ten minutes what FSRS measures in days. Its own optimiser trains and judges by the same ones.
 */
export function isTelling({ days }: Review): boolean {
  return days > 0
}

/** The moment from which on the latest `share` (0 to 1) of all telling answers were given, in epoch ms. */
export function latestFrom(lives: readonly Review[][], share: number): number {
  const times = lives.flatMap((life) => life.filter(isTelling).map(({ at }) => at)).sort((a, b) => a - b)
  return times[Math.floor(times.length * (1 - share))] ?? Infinity
}

/** The weights as ts-fsrs uses them, within their bounds; without any the published ones. */
export function usableWeights(weights: readonly number[] | null): number[] {
  return [...generatorParameters({ w: weights ?? default_w }).w]
}

/**
 * Lets weights foretell every telling answer since `from` from the answers before it, and judges them by what happened.
 * Log loss and RMSE (bins) are those of FSRS' own benchmark: https://github.com/open-spaced-repetition/srs-benchmark
 */
export function judge(
  weights: readonly number[] | null,
  lives: readonly Review[][],
  from = -Infinity,
): Judgement {
  const algorithm = new FSRSAlgorithm(generatorParameters({ w: weights ?? default_w }))
  const bins = new Map<string, { answers: number; foretold: number; recalled: number }>()
  let answers = 0
  let loss = 0
  for (const life of lives) {
    let memory: FSRSState | null = null
    let seen = 1
    let lapses = 0
    for (const review of life) {
      if (memory && isTelling(review)) {
        seen++
        const recalled = review.rating !== Rating.Again
        const foretold = algorithm.forgetting_curve(review.days, memory.stability)
        if (review.at >= from) {
          answers++
          loss -= Math.log(recalled ? foretold : 1 - foretold)
          const bin = binOf(review.days, seen, lapses)
          const group = bins.get(bin) ?? { answers: 0, foretold: 0, recalled: 0 }
          group.answers++
          group.foretold += foretold
          group.recalled += recalled ? 1 : 0
          bins.set(bin, group)
        }
        if (!recalled) lapses++
      }
      memory = algorithm.next_state(memory, review.days, review.rating)
    }
  }
  const squares = [...bins.values()].reduce(
    (sum, group) => sum + (group.foretold - group.recalled) ** 2 / group.answers,
    0,
  )
  return { answers, log_loss: loss / answers, rmse_bins: Math.sqrt(squares / answers) }
}

/**
 * Answers are alike when the days waited, the reviews and the lapses so far are of the same order of magnitude, in steps
 * that the benchmark has chosen.
 */
function binOf(days: number, reviews: number, lapses: number): string {
  const step = (value: number, base: number) => Math.floor(Math.log(value) / Math.log(base))
  return `${step(days, 3.62)} ${step(reviews, 1.89)} ${lapses === 0 ? '' : step(lapses, 1.73)}`
}
