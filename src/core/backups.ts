// Which of the automatic backups are kept, and what they are called: `2026-03-02T10-00-00Z.rote`.

const DAY = 86_400_000

/** How many days, weeks and months that have a backup keep their newest one. */
const KEPT = { days: 5, weeks: 4, months: 3 }

const NAME = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)Z\.rote$/

/** The name of the automatic backup of an instant, in milliseconds. No colons: Windows has none in names. */
export function backupName(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replaceAll(':', '-')}Z.rote`
}

/** When an automatic backup was made, in milliseconds, by its name; null for a file that is none of ours. */
export function backupTime(name: string): number | null {
  const [, date, hours, minutes, seconds] = NAME.exec(name) ?? []
  const at = Date.parse(`${date}T${hours}:${minutes}:${seconds}Z`)
  // 30 February would be a day in March
  return Number.isNaN(at) || backupName(at) !== name ? null : at
}

/**
 * The newest of the automatic backups among `names` that `now` is not before; null when there is none. One that seems to be
 * from the future was made while the clock was wrong, and says nothing about today.
 */
export function newestBackup(names: readonly string[], now: number): string | null {
  return newestFirst(names, now)[0] ?? null
}

/**
 * Those of `names` that are not to be kept: all but the newest of each of the last days, weeks (from Monday) and months, in
 * UTC, that have one at all. So after a year's pause, or with a clock that has jumped ahead, what there was is still there. What
 * seems to be from the future and whatever we have not named is never among them.
 */
export function backupsToDrop(names: readonly string[], now: number): string[] {
  const all = newestFirst(names, now)
  const kept = new Set([
    ...newestOfEach(all, KEPT.days, (at) => Math.floor(at / DAY)),
    // the first of January 1970 was a Thursday
    ...newestOfEach(all, KEPT.weeks, (at) => Math.floor((at / DAY + 3) / 7)),
    ...newestOfEach(all, KEPT.months, (at) => backupName(at).slice(0, 7)),
  ])
  return all.filter((name) => !kept.has(name))
}

/** The automatic backups that are not from the future. */
function newestFirst(names: readonly string[], now: number): string[] {
  const made = names.filter((name) => {
    const at = backupTime(name)
    return at !== null && at <= now
  })
  return made.sort().reverse()
}

/** The first of each of the first `count` spans of time. */
function newestOfEach(names: readonly string[], count: number, spanOf: (at: number) => unknown): string[] {
  const found = new Map<unknown, string>()
  for (const name of names) {
    const span = spanOf(backupTime(name) ?? 0)
    if (!found.has(span)) found.set(span, name)
  }
  return [...found.values()].slice(0, count)
}
