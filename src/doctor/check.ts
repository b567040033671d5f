/** How something is: to be left alone, worth a look, or in the way. */
export type State = 'ok' | 'warn' | 'fail'

/** What was found out about one thing. */
export interface Check {
  check: string
  state: State
  /** What is there, or what is wrong. */
  found: string
  /** What to do about it; null when nothing. */
  todo: string | null
}

/** Something as it should be. */
export function ok(check: string, found: string): Check {
  return { check, state: 'ok', found, todo: null }
}

/** Something that can be lived with. */
export function warn(check: string, found: string, todo: string | null = null): Check {
  return { check, state: 'warn', found, todo }
}

/** Something that keeps rote from working. */
export function fail(check: string, found: string, todo: string | null = null): Check {
  return { check, state: 'fail', found, todo }
}

/** A promise, or `late()` when it takes longer than `ms`. */
export async function within<T>(ms: number, work: Promise<T>, late: () => T): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(late()), ms)
  })
  try {
    return await Promise.race([work, patience])
  } finally {
    clearTimeout(timer)
  }
}
