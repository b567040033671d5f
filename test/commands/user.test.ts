import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { makeDeck, makeUser, minutes, share } from '../support/builders.ts'
import { sql, useDatabase } from '../support/database.ts'
import { logIn, loginOnDisk, makeUserWithPassword, PASSWORD } from '../support/people.ts'
import { did, rote } from '../support/rote.ts'

useDatabase()

const names = async () => (await sql`select username from users order by 1`).map(({ username }) => username)

describe('user create', () => {
  test('makes a user with all that is said of them, and no more of the password than its hash', async () => {
    await makeUser('ada')
    const ran = await rote(
      'user create bert --email Bert@Example.org --full-name "Bert B." --password-stdin --json --user ada',
      { input: `${PASSWORD}\n` },
    )
    const [row] = await sql`select * from users where username = 'bert'`
    expect(ran.json()).toEqual({
      user_id: row?.user_id,
      username: 'bert',
      email: 'Bert@Example.org',
      full_name: 'Bert B.',
      created_at: row?.created_at.toISOString(),
      updated_at: row?.updated_at.toISOString(),
      has_password: true,
      is_owner: false,
    })
    expect(row?.password_hash).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
    expect((await rote('login bert --password-stdin', { input: PASSWORD })).code).toBe(0)
  })

  test('as the first command of all makes the first user, and nobody besides', async () => {
    await did('user create grace --password-stdin', { input: PASSWORD })
    expect(await names()).toEqual(['grace'])
    expect((await rote('deck list')).code).toBe(6)
    await did('login grace --password-stdin', { input: PASSWORD })
    expect((await rote('whoami --json')).json()).toMatchObject({ username: 'grace', how: 'login' })
  })

  test('asks for a password in a terminal, twice, and takes none for none', async () => {
    await makeUser('ada')
    const question = 'A password for bert'
    const replies = { [question]: `${PASSWORD}\r`, 'Once more': `${PASSWORD}\r` }
    const made = await rote('user create bert', { tty: true, replies })
    expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining('Made the user "bert".') })
    expect(made.stdout + made.stderr).not.toContain(PASSWORD)
    expect(made.stderr).toContain('They log in with: rote login bert')
    expect(made.stderr).toContain('You have no password: whoever says so is ada.')
    const differ = { 'A password for carl': `${PASSWORD}\r`, 'Once more': 'something else\r' }
    expect(await rote('user create carl --user ada', { tty: true, replies: differ })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('The two passwords differ'),
    })
    await rote('user create dora --user ada', { tty: true, replies: { 'A password for dora': '\r' } })
    expect(await sql`select username, password_hash is null as none from users order by 1`).toEqual([
      { username: 'ada', none: true },
      { username: 'bert', none: false },
      { username: 'dora', none: true },
    ])
  })

  test.each([
    ['', 2, 'The name of a user cannot be empty.'],
    ['a/b', 2, 'The name of a user cannot contain "/", which stands between a user and a deck.'],
    ['x'.repeat(51), 2, 'The name of a user cannot be longer than 50 characters; this one has 51.'],
    ['a\nb', 2, 'The name of a user cannot contain line breaks or control characters.'],
    ['ada', 4, 'There is a user "ada" already.'],
    ['ADA', 4, 'There is a user "ADA" already.'],
  ])('not as %j', async (name, code, message) => {
    await makeUser('ada')
    expect(await rote(['user', 'create', name])).toMatchObject({
      code,
      stderr: expect.stringContaining(message),
    })
    expect(await names()).toEqual(['ada'])
  })

  test.each([
    ['--email ADA@x.org', 4, 'Somebody else has the e-mail address "ADA@x.org".'],
    ['--email nonsense', 2, '"nonsense" is not an e-mail address.'],
    [`--email ${'x'.repeat(99)}@x`, 2, 'An e-mail address cannot be longer than 100 characters'],
    [`--full-name ${'x'.repeat(101)}`, 2, 'A full name cannot be longer than 100 characters'],
    ['--password-stdin', 2, 'A password has 8 characters or more.'],
  ])('not with %s', async (flags, code, message) => {
    await makeUser('ada')
    await did('user edit --email Ada@X.org')
    const ran = await rote(`user create bert ${flags}`, { input: 'séven77' })
    expect(ran).toMatchObject({ code, stderr: expect.stringContaining(message) })
    expect(await names()).toEqual(['ada'])
  })
})

test('only the owner of the database makes users, and manages others', async () => {
  await makeUser('ada')
  await makeUser('bert')
  await makeUser('carl')
  for (const line of [
    'user create dora',
    'user edit carl --full-name X',
    'user password carl --password-stdin',
    'user delete carl --yes',
  ])
    expect(await rote(`${line} --user bert`, { input: PASSWORD }), line).toMatchObject({
      code: 6,
      stdout: '',
      stderr: expect.stringMatching(
        /^Only the owner of the database may .*\nThat is its oldest user: ada\n$/,
      ),
    })
  expect(await sql`select from users where full_name is null and password_hash is null`).toHaveLength(3)
  await did('user edit carl --full-name X --user ada')
  await did('user delete ada --yes --user ada')
  // the next oldest owns it now
  await did('user create dora --user bert')
  expect(await names()).toEqual(['bert', 'carl', 'dora'])
})

test('user list and view show everybody, an e-mail address to its owner and the owner of the database', async () => {
  await makeUser('ada')
  await makeUser('Bert')
  await makeUser('carl')
  await did('user edit bert --email b@x.org --user ada')
  const emails = async (name: string) =>
    (await rote(`user list --json --user ${name}`))
      .json<{ username: string; email: string | null }[]>()
      .map(({ username, email }) => [username, email])
  expect(await emails('ada')).toEqual([
    ['ada', null],
    ['Bert', 'b@x.org'],
    ['carl', null],
  ])
  expect(await emails('bert')).toEqual([
    ['ada', null],
    ['Bert', 'b@x.org'],
    ['carl', null],
  ])
  expect(await emails('carl')).toEqual([
    ['ada', null],
    ['Bert', null],
    ['carl', null],
  ])
  const [row] = await sql`select user_id, created_at, updated_at from users where username = 'Bert'`
  expect(await did('user view BERT --user ada')).toBe(
    [
      row?.user_id,
      'Bert',
      '',
      'b@x.org',
      'false',
      'false',
      row?.created_at.toISOString(),
      row?.updated_at.toISOString(),
    ].join('\t'),
  )
  expect(await did(['user', 'view', row?.user_id, '-q', '--user', 'ada'])).toBe(row?.user_id)
  expect((await rote('user view --json --user carl')).json()).toMatchObject({ username: 'carl' })
  expect(await rote('user view brt --user ada')).toMatchObject({
    code: 3,
    stderr: 'No user "brt".\nDid you mean "Bert"?\n',
  })
  expect(await rote('user list --limit 1 --page 2 -q --user ada')).toMatchObject({
    stdout: `${row?.user_id}\n`,
  })
})

describe('user edit', () => {
  test('changes what is said, and keeps all that is theirs', async () => {
    await makeDeck('Spanish')
    await did('user edit --name Ada --email a@x.org --full-name "Ada L."')
    expect(await sql`select username, email, full_name, name from users join decks using (user_id)`).toEqual([
      { username: 'Ada', email: 'a@x.org', full_name: 'Ada L.', name: 'Spanish' },
    ])
    await did(['user', 'edit', 'ada', '--email', '', '--full-name', ''])
    expect(await sql`select email, full_name from users`).toEqual([{ email: null, full_name: null }])
  })

  test('refuses what is taken, and to change nothing', async () => {
    await makeUser('ada')
    await makeUser('bert')
    await did('user edit bert --email b@x.org --user ada')
    expect(await rote('user edit --name BERT --user ada')).toMatchObject({
      code: 4,
      stderr: 'There is a user "BERT" already.\nChoose another name.\n',
    })
    expect(await rote('user edit --email B@X.org --user ada')).toMatchObject({ code: 4 })
    expect(await rote('user edit --user ada')).toMatchObject({ code: 2 })
    expect(await rote('user edit eve --name x --user ada')).toMatchObject({ code: 3 })
    // one's own name in other capitals is not taken
    await did('user edit --name ADA --user ada')
    expect(await names()).toEqual(['ADA', 'bert'])
  })
})

describe('user password', () => {
  test('ends all logins of the person but the present one', async () => {
    await makeUserWithPassword('bert')
    for (const name of ['bert', 'ada', 'ada']) {
      await logIn(name)
      // as if on another machine
      await sql`update logins set token_hash = gen_random_uuid()`
    }
    await logIn('ada')
    const ran = await rote('user password --password-stdin', { input: 'another horse', tty: 'out' })
    expect(ran).toMatchObject({
      code: 0,
      stdout: 'ada has a new password.\n',
      stderr: '2 other logins ended.\n',
    })
    expect((await rote('whoami --json')).json()).toMatchObject({ how: 'login' })
    expect(await sql`select username from logins join users using (user_id) order by 1`).toEqual([
      { username: 'ada' },
      { username: 'bert' },
    ])
    expect(await rote('login ada --password-stdin', { input: PASSWORD })).toMatchObject({ code: 6 })
    expect(await rote('login ada --password-stdin', { input: 'another horse' })).toMatchObject({ code: 0 })
  })

  test('asks twice in a terminal, and says what follows', async () => {
    await makeUser('ada')
    const replies = { 'The new password of ada:': `${PASSWORD}\r`, 'Once more': `${PASSWORD}\r` }
    const ran = await rote('user password', { tty: true, replies })
    expect(ran).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('From now on log in: rote login ada'),
    })
    expect(ran.stdout + ran.stderr).not.toContain(PASSWORD)
    expect((await rote('deck list')).code).toBe(6)
  })

  test('of somebody else is given by the owner, and ends their logins', async () => {
    await makeUser('ada')
    await logIn('bert')
    await did('user password bert --password-stdin --user ada', { input: 'another horse' })
    expect(await sql`select from logins`).toHaveLength(1)
    await did('logout')
    await sql`insert into logins (user_id, token_hash, expires_at)
      select user_id, 'elsewhere', now() + interval '1 day' from users where username = 'bert'`
    await did('user password bert --password-stdin --user ada', { input: 'a third horse' })
    expect(await sql`select from logins`).toHaveLength(0)
  })

  test.each(['short', '', '1234567'])('of less than eight characters is none: %j', async (input) => {
    await makeUser('ada')
    expect(await rote('user password --password-stdin', { input })).toMatchObject({
      code: 2,
      stderr: 'A password has 8 characters or more.\nSeveral words make a good one.\n',
    })
    expect((await rote('deck list')).code).toBe(0)
  })
})

describe('user delete', () => {
  test('says what goes with them, and deletes it all', async () => {
    const { deck_id } = await makeDeck('Spanish', { perro: 'dog', gato: 'cat' })
    await makeUser('bert')
    await share(deck_id, 'bert', 'view')
    await did('study Spanish --user ada', { input: ' 3q', now: minutes(0) })
    await did('playlist create All Spanish --user ada')
    const line = 'user delete ada --user ada'
    expect(
      await rote(line, { tty: true, columns: 200, replies: { 'cannot be undone': 'n\r' } }),
    ).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /Delete yourself with 1 deck, 2 cards, 1 playlist, 1 answer, all that 1 other person has learned of it\? This cannot be undone\./,
      ),
    })
    expect(await rote(line)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Add --yes to go ahead.'),
    })
    expect(await names()).toEqual(['ada', 'bert'])
    expect(await rote(`${line} --yes`, { tty: 'out' })).toMatchObject({
      code: 0,
      stdout:
        'Deleted ada with 1 deck, 2 cards, 1 playlist, 1 answer, all that 1 other person has learned of it.\n',
    })
    expect(await names()).toEqual(['bert'])
    expect(await sql`select from cards`).toHaveLength(0)
  })

  test('not the last one', async () => {
    await logIn('ada')
    expect(await rote('user delete ada --yes')).toMatchObject({
      code: 4,
      stdout: '',
      stderr: 'ada is the only user, and cannot be deleted.\nMake another first: rote user create <name>\n',
    })
    expect(await names()).toEqual(['ada'])
  })

  test('of two who delete themselves at once one stays', async () => {
    await makeUser('ada')
    await makeUser('bert')
    const ran = await Promise.all(
      ['ada', 'bert'].map((name) => rote(`user delete ${name} --yes --user ${name}`)),
    )
    expect(ran.filter(({ code }) => code === 0)).toHaveLength(1)
    expect(await names()).toHaveLength(1)
  })

  test('of oneself ends the login here, of another theirs', async () => {
    await makeUser('bert')
    await makeUser('carl')
    await logIn('ada')
    const { path = '' } = (await loginOnDisk()) ?? {}
    await did('user delete ada --yes')
    expect(existsSync(path)).toBe(false)
    expect(await sql`select from logins`).toHaveLength(0)
    await logIn('carl')
    await did('user delete carl --yes --user bert')
    expect(await rote('whoami')).toMatchObject({ code: 0, stdout: 'bert\n' })
  })
})
