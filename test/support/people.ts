import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeUser } from './builders.ts'
import { databaseEnv, sql } from './database.ts'
import { did } from './rote.ts'
import { USERNAME } from './world.ts'

/** What everybody with a password has in tests. */
export const PASSWORD = 'correct horse'

/** Its hash with the least that Argon2 can do, so that tests do not wait: whoever logs in gets a proper one. */
const CHEAP = '$argon2id$v=19$m=8,t=1,p=1$+WaFuMxdXr2Y6RFMn1uGtg$HNYOVWwrsWoZio82P3ojDUX84Cjtf4c2BhmTq5S8Q3o'

/** Makes a person with a password, by default the one who runs the commands. */
export async function makeUserWithPassword(username = USERNAME): Promise<string> {
  const user_id = await makeUser(username)
  await givePassword(username)
  return user_id
}

/** Gives somebody the password that everybody has. */
export async function givePassword(username: string): Promise<void> {
  await sql`update users set password_hash = ${CHEAP} where username = ${username}`
}

/** Makes a person with a password and logs them in on this machine. */
export async function logIn(username = USERNAME): Promise<string> {
  const user_id = await makeUserWithPassword(username)
  await did(`login ${username} --password-stdin`, { input: PASSWORD })
  return user_id
}

/** The file of this machine's login, and what is in it; null when there is none. */
export async function loginOnDisk(): Promise<{ path: string; username: string; token: string } | null> {
  const folder = join((await databaseEnv()).ROTE_HOME ?? '', 'logins')
  const [name] = existsSync(folder) ? readdirSync(folder) : []
  if (!name) return null
  const path = join(folder, name)
  return { path, ...JSON.parse(readFileSync(path, 'utf8')) }
}
