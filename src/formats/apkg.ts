import { CliError } from '../errors.ts'
import type { PackageFormat } from './format.ts'

/** Anki's packages and collections. */
export const apkg = {
  description: "Anki's packages and collections",
  extensions: ['apkg', 'colpkg', 'anki2', 'anki21'],
  // biome-ignore lint/correctness/useYield: there is nothing to yield yet
  async *open() {
    throw new CliError(
      'failure',
      'this is an Anki package, which cannot be read yet',
      'In Anki: File, Export, "Notes in Plain Text (.txt)"; then import that with --format anki-text',
    )
  },
} satisfies PackageFormat
