/** Every way a command can end other than well; the exit codes are the contract of docs/cli.md. */
export const EXIT = {
  failure: 1,
  usage: 2,
  not_found: 3,
  conflict: 4,
  unavailable: 5,
  denied: 6,
  partial: 7,
  bug: 70,
  try_later: 75,
  interrupted: 130,
} as const

export type ErrorKind = keyof typeof EXIT

/**
 * The one error class: what happened in the user's words, and a command or step to try next.
 * It travels untouched to the single `catch` in main.
 */
export class CliError extends Error {
  override name = 'CliError'
  readonly kind: ErrorKind
  readonly hint: string | undefined

  constructor(kind: ErrorKind, message: string, hint?: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
    this.hint = hint
  }
}

/** A reference that names nothing the person may see. */
export function notFound(thing: string, reference: string, hint?: string): CliError {
  return new CliError('not_found', `No ${thing} "${reference}".`, hint)
}

/** Something that is already there. */
export function conflict(message: string, hint?: string): CliError {
  return new CliError('conflict', message, hint)
}

/** The command line itself is wrong. */
export function usage(message: string, hint?: string): CliError {
  return new CliError('usage', message, hint)
}
