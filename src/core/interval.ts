const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const MONTH = 30 * DAY
const YEAR = 365 * DAY

/** Each unit with the decimals that matter in it, and the length from which the next one speaks. */
const UNITS = [
  { name: 'm', size: MINUTE, digits: 0, limit: HOUR },
  { name: 'h', size: HOUR, digits: 0, limit: DAY },
  { name: 'd', size: DAY, digits: 0, limit: MONTH },
  { name: 'mo', size: MONTH, digits: 1, limit: YEAR },
]
const YEARS = { name: 'y', size: YEAR, digits: 1 }

/**
 * How long until a card comes back, as Anki writes it on its buttons: `<1m`, `10m`, `3h`, `12d`, `1.5mo`,
 * `2.1y`. A value that rounds up to the next unit is said in that unit: 59 min 40 s is `1h`, never `60m`.
 */
export function formatInterval(ms: number): string {
  if (ms < MINUTE) return '<1m'
  const count = ({ size, digits }: { size: number; digits: number }) => Number((ms / size).toFixed(digits))
  const unit = UNITS.find((unit) => count(unit) * unit.size < unit.limit) ?? YEARS
  return `${count(unit)}${unit.name}`
}

/** How long something took: `45 s`, `3 min 20 s`, `1 h 5 min`; from an hour on, seconds no longer matter. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / SECOND))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return inTwo(seconds, 'min', 's')
  return inTwo(Math.round(seconds / 60), 'h', 'min')
}

function inTwo(count: number, big: string, small: string): string {
  const rest = count % 60
  return `${Math.floor(count / 60)} ${big}${rest ? ` ${rest} ${small}` : ''}`
}
