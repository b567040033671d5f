import { usage } from '../errors.ts'

/** The longest names, in characters as PostgreSQL counts them (code points). */
const NAME_LIMIT = { deck: 100, playlist: 100, user: 50 } as const
const FULL_NAME_LIMIT = 100
const EMAIL_LIMIT = 100
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u

/**
 * A name as a person may give it to a deck, a playlist or a user. Throws a usage error that says what is wrong with it.
 */
export function checkName(thing: keyof typeof NAME_LIMIT, name: string): string {
  const limit = NAME_LIMIT[thing]
  const trimmed = name.trim()
  const length = [...trimmed].length
  const problem =
    trimmed === ''
      ? 'cannot be empty'
      : length > limit
        ? `cannot be longer than ${limit} characters; this one has ${length}`
        : trimmed.startsWith('-')
          ? 'cannot begin with "-", which is how options begin'
          : !trimmed.isWellFormed() || UNPRINTABLE.test(trimmed)
            ? 'cannot contain line breaks or control characters'
            : thing === 'user' && trimmed.includes('/')
              ? 'cannot contain "/", which stands between a user and a deck'
              : null
  if (problem) throw usage(`The name of a ${thing} ${problem}.`)
  return trimmed
}

/** What the operating system calls a person, as the name of a user; "me" when that can be no name. */
export function userNameFrom(systemName: string): string {
  const name = [...systemName.replaceAll('/', '-').trim()].slice(0, NAME_LIMIT.user).join('')
  try {
    return checkName('user', name)
  } catch {
    return 'me'
  }
}

/** A person's full name; null for none. Throws a usage error for one that cannot be kept. */
export function checkFullName(text: string): string | null {
  const trimmed = text.trim()
  const length = [...trimmed].length
  if (length > FULL_NAME_LIMIT)
    throw usage(`A full name cannot be longer than ${FULL_NAME_LIMIT} characters; this one has ${length}.`)
  if (!trimmed.isWellFormed() || UNPRINTABLE.test(trimmed))
    throw usage('A full name cannot contain line breaks or control characters.')
  return trimmed || null
}

/** An e-mail address; null for none. Throws a usage error for what can be none: nothing is ever sent there to find out. */
export function checkEmail(text: string): string | null {
  const trimmed = text.trim()
  if (trimmed === '') return null
  const length = [...trimmed].length
  if (length > EMAIL_LIMIT)
    throw usage(`An e-mail address cannot be longer than ${EMAIL_LIMIT} characters; this one has ${length}.`)
  if (!trimmed.isWellFormed() || UNPRINTABLE.test(trimmed) || !/^[^\s@]+@[^\s@]+$/.test(trimmed))
    throw usage(`"${trimmed}" is not an e-mail address.`)
  return trimmed
}
