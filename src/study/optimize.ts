import type { FSRSBindingItem } from '@open-spaced-repetition/binding'
import {
  isTelling,
  type Judgement,
  judge,
  latestFrom,
  type Review,
  reviewsOf,
  usableWeights,
} from '../core/training.ts'
import type { Database } from '../db/connect.ts'
import { userSettings } from '../db/schema.ts'
import { readSettings } from '../db/settings.ts'
import type { User } from '../db/user.ts'
import { CliError } from '../errors.ts'
import { attemptsOf, bySchedule, studiedCards } from './attempts.ts'
import { type Rebuilt, rebuildSchedules } from './rebuild.ts'

/** Weights, and how well they and those before them foretold the answers that they had not been trained with. */
export interface Trained {
  weights: number[]
  /** Answers that were read. */
  answers: number
  /** Answers that the weights were trained with. */
  trained_on: number
  before: Judgement
  after: Judgement
}

/** Who sees how far things are: a sentence. */
type Show = (text: string) => void

/**
 * Telling answers without which weights are rather a guess. Anki asked for as many until its optimiser kept the old
 * weights where the new ones are not better, as this one does: https://github.com/ankitects/anki/issues/3094
 */
const ENOUGH = 400
/** The latest answers are the judges, for weights are there to foretell what comes. */
const HELD_BACK = 0.2
/** 21 numbers are not found better in more than this; of a longer history a sample of its cards is taken. */
const SAMPLE = 200_000
/** FSRS trains with so many answers of a card at the most. */
const LONGEST_LIFE = 64

/**
 * Finds weights for a person from their own attempts, compares them with those they have, and changes nothing. Throws
 * failure when there is too little to learn from, and unavailable where the optimiser does not run.
 */
export async function train(
  db: Database,
  user: User,
  current: readonly number[] | null,
  show: Show,
): Promise<Trained> {
  const lives: Review[][] = []
  let answers = 0
  for await (const ids of studiedCards(db, user)) {
    for (const attempts of bySchedule(await attemptsOf(db, user, ids)).values()) {
      lives.push(reviewsOf(attempts))
      answers += attempts.length
    }
    show(`${answers.toLocaleString('en')} answers read`)
    if (answers >= SAMPLE) break
  }
  const telling = lives.reduce((sum, life) => sum + life.filter(isTelling).length, 0)
  if (telling < ENOUGH)
    throw new CliError(
      'failure',
      `There is too little to learn from yet: ${telling} of the ${ENOUGH} answers that it takes.`,
      'Those count that came a day or more after the one before. Until then the published weights are the better ones.',
    )

  const judgedFrom = latestFrom(lives, HELD_BACK)
  show('training')
  const { weights, trained_on } = await findWeights(lives, judgedFrom, (share) =>
    show(share > 0 ? `training, ${Math.round(share * 100)}%` : 'training'),
  )
  return {
    weights,
    answers,
    trained_on,
    before: judge(current, lives, judgedFrom),
    after: judge(weights, lives, judgedFrom),
  }
}

/** FSRS' own optimiser, on the telling answers before `until`, each with what came before it. */
async function findWeights(
  lives: readonly Review[][],
  until: number,
  progress: (share: number) => void,
): Promise<{ weights: number[]; trained_on: number }> {
  const { computeParameters, FSRSBindingItem, FSRSBindingReview } = await loadOptimizer()
  const items: { at: number; item: FSRSBindingItem }[] = []
  for (const life of lives) {
    const reviews = life.slice(0, LONGEST_LIFE).map(({ rating, days }) => new FSRSBindingReview(rating, days))
    for (const [i, review] of life.slice(0, LONGEST_LIFE).entries()) {
      if (isTelling(review) && review.at < until)
        items.push({ at: review.at, item: new FSRSBindingItem(reviews.slice(0, i + 1)) })
    }
  }
  // it lets later answers weigh more, and takes their order for that of time
  items.sort((one, other) => one.at - other.at)
  const weights = await computeParameters(
    items.map(({ item }) => item),
    {
      enableShortTerm: true,
      numRelearningSteps: 1,
      progress: (current, total) => progress(current / total),
      timeout: PROGRESS_MS,
    },
  )
  return { weights: usableWeights(weights), trained_on: items.length }
}

/** How often it says how far it is; it is asked so often as well whether it is done. */
const PROGRESS_MS = 50

/** Compiled for each platform, so it may not be there: nothing else needs it. */
async function loadOptimizer(): Promise<typeof import('@open-spaced-repetition/binding')> {
  try {
    return await import('@open-spaced-repetition/binding')
  } catch (error) {
    throw new CliError(
      'unavailable',
      'The optimiser of FSRS does not run on this machine.',
      'Everything else does. Where it runs, the weights it finds on a database are yours here too.',
      { cause: error },
    )
  }
}

/**
 * Gives a person weights, null for the published ones, and works their schedules out again with them, all of it in one
 * transaction. With `dry_run` it only finds out what that would change.
 */
export async function applyWeights(
  db: Database,
  user: User,
  weights: number[] | null,
  { day_end, dry_run }: { day_end: Date; dry_run: boolean },
  show: Show,
): Promise<Rebuilt> {
  const progress = (cards: number) => show(`${cards.toLocaleString('en')} cards worked out`)
  if (dry_run) {
    const settings = await readSettings(db, user)
    return rebuildSchedules(db, user, { ...settings, weights, day_end, dry_run }, progress)
  }
  return db.transaction(async (tx) => {
    await tx
      .insert(userSettings)
      .values({ user_id: user.user_id, weights })
      .onConflictDoUpdate({ target: userSettings.user_id, set: { weights } })
    const settings = await readSettings(tx, user)
    return rebuildSchedules(tx, user, { ...settings, day_end, dry_run }, progress)
  })
}
