import { CliError, usage } from '../errors.ts'

const LEAST_LENGTH = 8

/**
 * Argon2id with more than the least that OWASP asks for (19 MiB, two passes): 64 MiB, three passes, one thread, the
 * memory of RFC 9106's second recommendation. A hash says its own parameters, so they may be raised at any time.
 * https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
 */
const COST = { memoryCost: 65_536, timeCost: 3, parallelism: 1 }

/** A new password as it is kept: an Argon2id hash in PHC's format, with its own salt. Throws usage for one too short. */
export async function hashPassword(password: string): Promise<string> {
  if ([...password].length < LEAST_LENGTH)
    throw usage(`A password has ${LEAST_LENGTH} characters or more.`, 'Several words make a good one.')
  const { hash } = await argon2()
  return hash(composed(password), COST)
}

/**
 * Whether a password is the one that was kept. Null, for somebody who is not there, takes as long and is never right.
 */
export async function isPassword(kept: string | null, password: string): Promise<boolean> {
  const { hash, verify } = await argon2()
  // what is no hash at all, written by hand, is nobody's password either
  if (kept?.startsWith('$argon2')) return verify(kept, composed(password))
  await hash(composed(password), COST)
  return false
}

/** Whether a hash was made with other parameters than those of today. */
export async function isOutdated(kept: string): Promise<boolean> {
  const { parseOptions } = await argon2()
  const made = parseOptions(kept)
  return (Object.keys(COST) as (keyof typeof COST)[]).some((key) => made[key] !== COST[key])
}

/** The same text typed on two systems can differ in how accents are put together. */
const composed = (password: string) => password.normalize('NFC')

async function argon2(): Promise<typeof import('@node-rs/argon2')> {
  try {
    // CommonJS and native: only what handles a password pays for it
    return await import('@node-rs/argon2')
  } catch (cause) {
    throw new CliError(
      'failure',
      'Passwords cannot be checked here: the package @node-rs/argon2 does not load on this machine.',
      'Without passwords everything works.',
      { cause },
    )
  }
}
