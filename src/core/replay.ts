import type { Grade } from './card.ts'
import { type Schedule, type ScheduleOptions, scheduler } from './schedule.ts'

/** What a schedule is made of: the columns of one row of revision_attempts. */
export interface PastAttempt {
  confidence_status: Grade
  attempted_at: Date
  /** The chance of recall that was aimed at; null: what `replayer` was given. */
  desired_retention: number | null
}

/**
 * Works out schedules from attempts alone. The function takes the attempts of one person at one card in one direction,
 * those that count for the schedule, oldest first, and gives the schedule after the last; null without any. It gives
 * exactly what the study loop gave step by step, because a step depends on nothing but the schedule before it.
 */
export function replayer(options: ScheduleOptions): (attempts: readonly PastAttempt[]) => Schedule | null {
  const schedulers = new Map<number, ReturnType<typeof scheduler>>()
  const aimingAt = (desired_retention: number) => {
    const known = schedulers.get(desired_retention)
    const found = known ?? scheduler({ ...options, desired_retention })
    if (!known) schedulers.set(desired_retention, found)
    return found
  }
  return (attempts) =>
    attempts.reduce<Schedule | null>(
      (schedule, { confidence_status, attempted_at, desired_retention }) =>
        aimingAt(desired_retention ?? options.desired_retention).next(
          schedule,
          confidence_status,
          attempted_at,
        ),
      null,
    )
}
