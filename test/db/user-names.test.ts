import { readFileSync } from 'node:fs'
import { beforeEach, expect, test } from 'vitest'
import { sql, useDatabase } from '../support/database.ts'
import { did } from '../support/rote.ts'

// What migrating makes of users from the time when names were told apart by their case.

useDatabase()
beforeEach(async () => void (await did('deck list')))

const file = new URL('../../drizzle/0006_users.sql', import.meta.url)
const statements = readFileSync(file, 'utf8').replaceAll('"public".', '').split('--> statement-breakpoint')

class RollBack extends Error {}

test('names and addresses that differ in nothing but case stay with the oldest', async () => {
  const long = 'x'.repeat(50)
  const before = [
    ['ada', 'ada@x.org'],
    ['Ada', 'ADA@x.org'],
    ['ada-2', null],
    ['ADA', null],
    ['bert', 'Bert@x.org'],
    [long, null],
    [long.toUpperCase(), null],
    ['a/b', 'ada@X.ORG'],
    ['A-B', null],
    [' ', null],
  ] as const
  let after: unknown
  const work = sql.begin(async (sql) => {
    await sql`create schema before_users`
    await sql`set local search_path to before_users`
    await sql`create table users (
      user_id uuid primary key default gen_random_uuid(), username varchar(50) not null, email varchar(100),
      password_hash text, full_name varchar(100), created_at timestamptz, updated_at timestamptz,
      constraint users_username_key unique (username), constraint users_email_key unique (email))`
    for (const [second, [username, email]] of before.entries())
      await sql`insert into users (username, email, created_at) values (${username}, ${email}, to_timestamp(${second}))`
    for (const statement of statements) await sql.unsafe(statement)
    after = (await sql`select username, email from users order by created_at`).map(({ username, email }) => [
      username,
      email,
    ])
    throw new RollBack()
  })
  await expect(work).rejects.toThrow(RollBack)
  expect(after).toEqual([
    ['ada', 'ada@x.org'],
    ['Ada-3', null],
    ['ada-2', null],
    ['ADA-4', null],
    ['bert', 'Bert@x.org'],
    [long, null],
    [`${long.toUpperCase().slice(0, 48)}-2`, null],
    ['a-b', null],
    ['A-B-2', null],
    ['user', null],
  ])
})
