import { and, eq, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../db/connect.ts'
import { users } from '../../db/schema.ts'
import { isOwner, type User } from '../../db/user.ts'
import { CliError, conflict } from '../../errors.ts'
import type { View } from '../../ui/output.ts'

/** A user as others of the database see them. */
export interface UserRow {
  user_id: string
  username: string
  /** Null also for who may not see it. */
  email: string | null
  full_name: string | null
  created_at: Date
  updated_at: Date
  has_password: boolean
  is_owner: boolean
}

/** Users as `me` may see them: an e-mail address is for its owner and for the owner of the database. */
export function selectUsers(db: Database, me: User) {
  return db
    .select({
      user_id: users.user_id,
      username: users.username,
      email: sql<string | null>`case when ${users.user_id} = ${me.user_id} or exists (
        select from users as oldest where oldest.user_id = ${me.user_id} and not exists (
          select from users as older
          where (older.created_at, older.user_id) < (oldest.created_at, oldest.user_id)))
        then ${users.email} end`,
      full_name: users.full_name,
      created_at: users.created_at,
      updated_at: users.updated_at,
      has_password: sql<boolean>`(${users.password_hash} is not null)`,
      is_owner: isOwner,
    })
    .from(users)
}

/** One user by the id that a finder gave. */
export async function readUser(db: Database, me: User, user_id: string): Promise<UserRow> {
  const [row] = await selectUsers(db, me).where(eq(users.user_id, user_id))
  if (!row) throw new Error(`user ${user_id} vanished`)
  return row
}

/** Throws denied unless `me` is `them` or owns the database. */
export async function mayManage(db: Database, me: User, them: User): Promise<void> {
  if (me.user_id !== them.user_id) await mustOwn(db, me, `do that to ${them.username}`)
}

/** Throws denied unless `me` owns the database. */
export async function mustOwn(db: Database, me: User, what: string): Promise<void> {
  const [owner] = await db
    .select({ user_id: users.user_id, username: users.username })
    .from(users)
    .where(isOwner)
  if (owner?.user_id !== me.user_id)
    throw new CliError(
      'denied',
      `Only the owner of the database may ${what}.`,
      owner && `That is its oldest user: ${owner.username}`,
    )
}

/** Users in the order of their names, whatever the database's collation. */
export const byName: SQL = sql`lower(${users.username}), ${users.user_id}`

/** Those that come after this one, in that order. */
export function byNameBehind({ username, user_id }: { username: string; user_id: string }): SQL | undefined {
  return and(sql`(lower(${users.username}), ${users.user_id}) > (lower(${username}), ${user_id}::uuid)`)
}

/** What a change of names came to when one is taken: a conflict that names it; any other error as it is. */
export function takenName(
  thrown: unknown,
  { username, email }: { username?: string; email?: string | null },
): unknown {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    const { constraint_name } = error as { constraint_name?: string }
    if (constraint_name === 'users_username_key')
      return conflict(`There is a user "${username}" already.`, 'Choose another name.')
    if (constraint_name === 'users_email_key')
      return conflict(`Somebody else has the e-mail address "${email}".`)
  }
  return thrown
}

/** How users are shown. */
export const userView: View<UserRow> = {
  columns: [
    { header: 'id', value: (user) => user.user_id, hidden: true },
    { header: 'name', value: (user) => user.username, flexible: true },
    { header: 'full name', value: (user) => user.full_name, flexible: true },
    { header: 'email', value: (user) => user.email, flexible: true },
    {
      header: 'password',
      value: (user) => user.has_password,
      show: (user) => (user.has_password ? 'yes' : 'none'),
    },
    { header: 'owner', value: (user) => user.is_owner, show: (user) => (user.is_owner ? 'owner' : '') },
    { header: 'created', value: (user) => user.created_at, hidden: true },
    { header: 'updated', value: (user) => user.updated_at, hidden: true },
  ],
  key: (user) => user.user_id,
  empty: 'No users yet. The first command makes you one.',
}
