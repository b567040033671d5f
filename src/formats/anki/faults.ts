import { CliError } from '../../errors.ts'

/** Every way in which a package can be refused; what is said of it follows the name of the file. */
const FAULTS = {
  /** The zip archive itself. */
  zip: 'Copy or download the file again, or export it anew in Anki (File > Export).',
  /** A size that no deck has. */
  limit: 'Nobody studies a deck of this size. If it is one, export it in Anki deck by deck.',
  /** Only the note that asks for another Anki. */
  stub: 'In Anki, export it again (File > Export) and let "Support older Anki versions" be ticked.',
  tooNew: 'In Anki, export it with "Support older Anki versions" ticked, or update rote.',
  damaged: 'In Anki, try Tools > Check Database, and export it again.',
} as const

/** Why a package cannot be read: `message` goes on behind the name of the file. */
export function fault(kind: keyof typeof FAULTS, message: string, cause?: unknown): CliError {
  return new CliError('failure', message, FAULTS[kind], { cause })
}
