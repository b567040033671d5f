import { setTimeout as pause } from 'node:timers/promises'
import { CliError } from '../errors.ts'
import type { Terminal } from './terminal.ts'

// While something is waited for nobody else reads the keys, and in raw mode Ctrl-C is one of them.

/** What has been typed already is there at once. */
const TYPED_AHEAD_MS = 50
/** An answer is usually there long before that. */
const LISTEN_AFTER_MS = 300
const CTRL_C = 3
const ESCAPE = 27

/**
 * Waits for the database, and lets Ctrl-C end the wait: `told` is then what may have been lost. Other keys that come
 * meanwhile are given back.
 */
export async function unlessInterrupted<T>(
  { stdin, interactive }: Terminal,
  work: Promise<T>,
  told: string,
): Promise<T> {
  if (!interactive) return work
  const early: Buffer[] = []
  let onKeys: ((keys: Buffer) => void) | undefined
  const interrupted = new Promise<never>((_, reject) => {
    onKeys = (keys) => {
      if (!keys.includes(CTRL_C)) return void early.push(keys)
      reject(new CliError('interrupted', `Stopped while the database did not answer: ${told}`))
    }
  })
  const listening = setTimeout(() => onKeys && stdin.on('data', onKeys).resume(), LISTEN_AFTER_MS)
  try {
    return await Promise.race([work, interrupted])
  } finally {
    clearTimeout(listening)
    if (onKeys && stdin.listeners('data').includes(onKeys)) stdin.off('data', onKeys).pause()
    for (const keys of early.reverse()) stdin.unshift(keys)
  }
}

/**
 * Waits for work that takes its time; Ctrl-C or Escape calls it off, as does the end of the input, and the result is
 * null, whatever becomes of the work then. Other keys are for nobody.
 */
export async function unlessCalledOff<T>(
  { stdin }: Terminal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | null> {
  const controller = new AbortController()
  let callOff = () => {}
  const calledOff = new Promise<null>((resolve) => {
    callOff = () => {
      resolve(null)
      controller.abort()
    }
  })
  const onKeys = (keys: Buffer) => {
    // alone, or it is the beginning of an arrow
    if (keys.includes(CTRL_C) || (keys.length === 1 && keys[0] === ESCAPE)) callOff()
  }
  stdin.on('data', onKeys).on('end', callOff).on('close', callOff).resume()
  try {
    const working = work(controller.signal)
    // it may fail of being called off, when nobody waits for it any more
    working.catch(() => {})
    return await Promise.race([working, calledOff])
  } finally {
    stdin.off('data', onKeys).off('end', callOff).off('close', callOff).pause()
  }
}

/** Forgets what was typed while something else was waited for: nobody could know yet what it would be an answer to. */
export async function forgetTyped({ stdin }: Terminal): Promise<void> {
  const onKeys = () => {}
  stdin.setRawMode?.(true)
  stdin.on('data', onKeys).resume()
  await pause(TYPED_AHEAD_MS)
  stdin.off('data', onKeys).pause()
  stdin.setRawMode?.(false)
}
