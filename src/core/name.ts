import { usage } from '../errors.ts'

/** The longest name, in characters as PostgreSQL counts them (code points). */
const NAME_LIMIT = 100

/** A name as a person may give it to a deck or a playlist. Throws a usage error that says what is wrong with it. */
export function checkName(thing: 'deck' | 'playlist', name: string): string {
  const trimmed = name.trim()
  const length = [...trimmed].length
  const problem =
    trimmed === ''
      ? 'cannot be empty'
      : length > NAME_LIMIT
        ? `cannot be longer than ${NAME_LIMIT} characters; this one has ${length}`
        : trimmed.startsWith('-')
          ? 'cannot begin with "-", which is how options begin'
          : !trimmed.isWellFormed() || /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(trimmed)
            ? 'cannot contain line breaks or control characters'
            : null
  if (problem) throw usage(`The name of a ${thing} ${problem}.`)
  return trimmed
}
