import { and, eq, ne, sql } from 'drizzle-orm'
import { CliError } from '../errors.ts'
import type { Database } from './connect.ts'
import { hashPassword, isOutdated, isPassword } from './password.ts'
import { logins, users } from './schema.ts'

/** Days until one has to log in again. */
const LOGIN_DAYS = 90
/** Wrong passwords in a row that are nobody's business. */
const FREE_TRIES = 5

/** A login that was just made. */
export interface NewLogin {
  user_id: string
  username: string
  token: string
  expires_at: Date
}

/** What of a token the database knows: SHA-256, in hexadecimal. A token has 256 random bits, so it needs no salt. */
export async function tokenHash(token: string): Promise<string> {
  // most commands need no crypto, and loading it takes its time
  const { createHash } = await import('node:crypto')
  return createHash('sha256').update(token, 'hex').digest('hex')
}

/**
 * Logs somebody in who knows the password. Throws denied, in the same words and after the same work, for a name that
 * nobody has and for a password that is not theirs, and try_later when there were too many of either. For the time and the
 * lock the clock of the database counts, which is the same for all.
 */
export async function logIn(db: Database, name: string, password: string): Promise<NewLogin> {
  const name_hash = await hashOfName(db, name)
  await takeTry(db, name_hash)
  const [user] = await db
    .select({ user_id: users.user_id, username: users.username, password_hash: users.password_hash })
    .from(users)
    .where(sql`lower(${users.username}) = lower(${name})`)
  const kept = user?.password_hash ?? null
  if (!(await isPassword(kept, password)) || !user || kept === null) throw wrong()
  await db.execute(
    sql`delete from login_tries where name_hash = ${name_hash} or tried_at < now() - interval '1 day'`,
  )
  const { randomBytes } = await import('node:crypto')
  const token = randomBytes(32).toString('hex')
  // a password that was changed meanwhile makes no login: the row is locked, or is another by now
  const [made] = await db.execute<{ expires_at: string }>(sql`
    with old as (delete from logins where user_id = ${user.user_id} and expires_at <= now()),
    them as (select user_id from users where user_id = ${user.user_id} and password_hash = ${kept} for share)
    insert into logins (user_id, token_hash, expires_at)
    select user_id, ${await tokenHash(token)}, now() + make_interval(days => ${LOGIN_DAYS}::int) from them
    returning expires_at::text`)
  if (!made) throw wrong()
  if (await isOutdated(kept)) {
    const password_hash = await hashPassword(password)
    await db
      .update(users)
      .set({ password_hash })
      .where(and(eq(users.user_id, user.user_id), eq(users.password_hash, kept)))
  }
  return { user_id: user.user_id, username: user.username, token, expires_at: new Date(made.expires_at) }
}

function wrong(): CliError {
  return new CliError(
    'denied',
    'The name or the password is wrong.',
    'After five wrong ones in a row you have to wait.',
  )
}

/** Ends the login of a token; false when there was none. */
export async function endLogin(db: Database, token: string): Promise<boolean> {
  const ended = await db
    .delete(logins)
    .where(eq(logins.token_hash, await tokenHash(token)))
    .returning({ login_id: logins.login_id })
  return ended.length > 0
}

/** Gives somebody another password, and ends all their logins but the one of `token`. Returns how many ended. */
export async function setPassword(
  db: Database,
  user_id: string,
  password_hash: string,
  token: string | null,
): Promise<number> {
  const kept = token === null ? '' : await tokenHash(token)
  return db.transaction(async (db) => {
    await db.update(users).set({ password_hash }).where(eq(users.user_id, user_id))
    const ended = await db
      .delete(logins)
      .where(and(eq(logins.user_id, user_id), ne(logins.token_hash, kept)))
      .returning({ login_id: logins.login_id })
    return ended.length
  })
}

/** A hash, because people type their password where their name belongs. Case as the database's own index has it. */
async function hashOfName(db: Database, name: string): Promise<string> {
  const [row] = await db.execute<{ hash: string }>(
    sql`select encode(sha256(convert_to(lower(${name}), 'UTF8')), 'hex') as hash`,
  )
  if (!row) throw new Error('no hash of a name')
  return row.hash
}

/**
 * Counts a try before it is made, so that a thousand at once are no more than a thousand in a row. From the fifth on each
 * locks the name behind it, for 15 seconds at first, then for twice as long each time, up to five minutes; the one that is
 * right takes the lock away. A day without a try is forgotten. Throws try_later when the name is locked.
 */
async function takeTry(db: Database, name_hash: string): Promise<void> {
  const tries = sql`case when t.tried_at < now() - interval '1 day' then 1 else t.tries + 1 end`
  const [row] = await db.execute<{ tries: number | null; wait: number | null }>(sql`
    with taken as (
      insert into login_tries as t (name_hash) values (${name_hash})
      on conflict (name_hash) do update set
        tries = ${tries}, tried_at = now(),
        locked_until = case when ${tries} >= ${FREE_TRIES}::int
          then now() + least(300, 15 * 2 ^ least(${tries} - ${FREE_TRIES}::int, 10)) * interval '1 second' end
      where t.locked_until is null or t.locked_until <= now()
      returning tries
    )
    select (select tries from taken) as tries, (
      select ceil(extract(epoch from locked_until - now()))::int from login_tries where name_hash = ${name_hash}
    ) as wait`)
  if (row?.tries != null) return
  const wait = Math.max(1, row?.wait ?? 1)
  throw new CliError(
    'try_later',
    'There were too many wrong passwords for this name.',
    `Try again in ${wait < 120 ? `${wait} ${wait === 1 ? 'second' : 'seconds'}` : `${Math.ceil(wait / 60)} minutes`}.`,
  )
}
