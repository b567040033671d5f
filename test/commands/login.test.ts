import { createHash } from 'node:crypto'
import { chmodSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { makeUser } from '../support/builders.ts'
import { folder, sql, useDatabase } from '../support/database.ts'
import { logIn, loginOnDisk, makeUserWithPassword, PASSWORD } from '../support/people.ts'
import { did, rote } from '../support/rote.ts'

useDatabase()

const who = async (line = 'whoami --json') => {
  const { code, stdout } = await rote(line)
  if (code !== 0) return code
  const { username, how } = JSON.parse(stdout)
  return `${username} ${how}`
}
const wrong = (name: string, input = 'wrong wrong') => rote(`login ${name} --password-stdin`, { input })
/** The lock is over, as after some minutes. */
const wait = () => sql`update login_tries set locked_until = now() - interval '1 second'`

describe('who is the user of a run', () => {
  test('the only user without a password needs no login, with one they do', async () => {
    await makeUser('ada')
    expect(await who()).toBe('ada only')
    await makeUserWithPassword('ada')
    expect(await rote('deck list')).toMatchObject({
      code: 6,
      stdout: '',
      stderr: 'ada has a password.\nLog in: rote login ada\n',
    })
    expect(await who('whoami --json --user ada')).toBe(6)
    await logIn('ada')
    expect(await who()).toBe('ada login')
    expect(await who('whoami --json --user ADA')).toBe('ada login')
    await did('logout')
    expect(await who()).toBe(6)
  })

  test('nobody becomes somebody with a password by name, logged in as another or not', async () => {
    await makeUser('carl')
    await makeUserWithPassword('bert')
    expect(await rote('whoami --user bert')).toMatchObject({
      code: 6,
      stderr: 'You are not logged in as bert.\nLog in: rote login bert\n',
    })
    expect(await who('whoami --json --user carl')).toBe('carl flag')
    await logIn('ada')
    expect(await rote('whoami --user bert')).toMatchObject({
      code: 6,
      stderr: 'bert has a password, and you are logged in as ada.\nLog in: rote login bert\n',
    })
    expect(await who('whoami --json --user carl')).toBe('carl flag')
    expect(await who()).toBe('ada login')
  })

  test('who is not logged in does not learn who there is', async () => {
    await makeUserWithPassword('ada')
    const { code, stderr } = await rote('whoami --user ada')
    expect(await rote('whoami --user eve')).toMatchObject({
      code,
      stdout: '',
      stderr: stderr.replaceAll('ada', 'eve'),
    })
    await logIn('ada')
    expect(await who('whoami --json --user eve')).toBe(3)
  })

  test('a login goes before the config file, and that before having to say it', async () => {
    await makeUser('bert')
    await makeUserWithPassword('ada')
    try {
      await did('config set user bert')
      expect(await who()).toBe('bert config')
      await logIn('ada')
      expect(await who()).toBe('ada login')
      await sql`delete from logins`
      // not somebody else of a sudden
      expect(await who()).toBe(6)
      await did('logout')
      expect(await who()).toBe('bert config')
      await did('config set user ada')
      expect(await who()).toBe(6)
    } finally {
      await did(['config', 'set', 'user', ''])
    }
  })

  test('logging in as another ends the login before', async () => {
    await logIn('ada')
    await logIn('bert')
    expect(await who()).toBe('bert login')
    expect(await sql`select username from logins join users using (user_id)`).toEqual([{ username: 'bert' }])
  })
})

describe('a login', () => {
  test('is a file for one pair of eyes, and a hash in the database', async () => {
    await makeUserWithPassword('ada')
    const { stdout, stderr } = await rote('login ADA --password-stdin --json --debug', {
      input: `${PASSWORD}\n`,
    })
    const [row] = await sql`select user_id, token_hash, expires_at, created_at from logins`
    expect(JSON.parse(stdout)).toEqual({
      user_id: row?.user_id,
      username: 'ada',
      expires_at: row?.expires_at.toISOString(),
    })
    expect((row?.expires_at - row?.created_at) / 86_400_000).toBeCloseTo(90, 0)
    const login = await loginOnDisk()
    if (!login) throw new Error('no login')
    expect(login.username).toBe('ada')
    expect(login.token).toMatch(/^[0-9a-f]{64}$/)
    expect(statSync(login.path).mode & 0o777).toBe(0o600)
    expect(row?.token_hash).toBe(createHash('sha256').update(login.token, 'hex').digest('hex'))
    expect(stdout + stderr).not.toContain(login.token)
    for (const line of [
      'whoami --json --debug',
      'config list --debug',
      'card view zzzz --debug',
      'logout --debug',
    ]) {
      const ran = await rote(line)
      expect(ran.stdout + ran.stderr, line).not.toContain(login.token)
    }
    expect(await loginOnDisk()).toBe(null)
    expect(await sql`select from logins`).toHaveLength(0)
  })

  test('is answered with the id in a pipe, and with a sentence in a terminal', async () => {
    const user_id = await makeUserWithPassword('ada')
    expect(await did('login ada --password-stdin', { input: PASSWORD })).toBe(user_id)
    expect(await rote('whoami', { tty: true })).toMatchObject({
      stdout: expect.stringMatching(/^ada, .*, logged in\n$/),
    })
    expect((await rote('logout --json')).json()).toEqual({ username: 'ada' })
    expect(await rote('logout --json')).toMatchObject({ code: 0, stdout: 'null\n' })
    expect(await rote('logout')).toMatchObject({ code: 0, stdout: '', stderr: 'You were not logged in.\n' })
  })

  test.each([
    ['is over after its time', () => sql`update logins set expires_at = now()`],
    ['that was revoked is none', () => sql`delete from logins`],
    [
      'of a user who has gone is none',
      async () => {
        await makeUser('bert')
        await makeUser('carl')
        await sql`delete from users where username = 'ada'`
      },
    ],
  ])('%s', async (_, end) => {
    await logIn('ada')
    await end()
    expect(await rote('deck list')).toMatchObject({
      code: 6,
      stdout: '',
      stderr: 'Your login as ada has ended.\nLog in again: rote login ada. Or forget it: rote logout\n',
    })
  })

  test('that was stolen ends with the logout of its owner', async () => {
    await logIn('ada')
    const login = await loginOnDisk()
    await did('logout')
    const { path, ...content } = login ?? { path: '' }
    writeFileSync(path, JSON.stringify(content), { mode: 0o600 })
    expect(await who()).toBe(6)
  })

  test('that has ended is no matter where one user is left, without a password', async () => {
    await logIn('bert')
    await makeUser('ada')
    await sql`delete from users where username = 'bert'`
    expect(await who()).toBe('ada only')
  })

  test.each([0o644, 0o640, 0o660, 0o604])('that others can read is refused (%o)', async (mode) => {
    await logIn('ada')
    const { path = '' } = (await loginOnDisk()) ?? {}
    chmodSync(path, mode)
    expect(await rote('deck list')).toMatchObject({
      code: 6,
      stdout: '',
      stderr: `Others on this machine can read your login, in ${path}.\nNobody else has used it? chmod 600 '${path}'. Otherwise end it: rote logout\n`,
    })
    expect(await who('whoami --user ada')).toBe(6)
    chmodSync(path, 0o600)
    expect(await who()).toBe('ada login')
    chmodSync(path, mode)
    await did('logout')
    expect(await sql`select from logins`).toHaveLength(0)
    expect(await loginOnDisk()).toBe(null)
  })

  test('that others could read is replaced by another', async () => {
    await logIn('ada')
    const before = await loginOnDisk()
    chmodSync(before?.path ?? '', 0o666)
    await did('login ada --password-stdin', { input: PASSWORD })
    expect(statSync(before?.path ?? '').mode & 0o777).toBe(0o600)
    expect((await loginOnDisk())?.token).not.toBe(before?.token)
    expect(await sql`select from logins`).toHaveLength(1)
  })

  test.each(['', 'nonsense', '[]', '{"username":"ada"}', '{"username":"ada","token":"\' or true"}'])(
    'that makes no sense is no login: %j',
    async (content) => {
      await logIn('ada')
      const { path = '' } = (await loginOnDisk()) ?? {}
      writeFileSync(path, content)
      expect(await rote('deck list')).toMatchObject({ code: 6, stdout: '' })
      await rote('logout')
      expect(await rote('deck list')).toMatchObject({
        code: 6,
        stderr: expect.stringContaining('rote login ada'),
      })
    },
  )

  test('nobody needs one who has no password', async () => {
    await makeUser('ada')
    expect(await rote('login ada --password-stdin', { input: 'anything' })).toMatchObject({
      code: 2,
      stderr: 'ada has no password, and needs no login.\nSay who you are: rote --user ada …\n',
    })
  })
})

describe('a wrong password', () => {
  test('is told in the words in which an unknown user is, and locked like one', async () => {
    await makeUserWithPassword('ada')
    for (let time = 1; time <= 7; time++) {
      const [known, unknown] = [await wrong('ada'), await wrong('eve')]
      for (const part of ['code', 'stdout', 'stderr'] as const) expect(unknown[part]).toBe(known[part])
      expect(known).toMatchObject(
        time <= 5
          ? {
              code: 6,
              stdout: '',
              stderr:
                'The name or the password is wrong.\nAfter five wrong ones in a row you have to wait.\n',
            }
          : {
              code: 75,
              stdout: '',
              stderr: expect.stringMatching(
                /^There were too many wrong passwords for this name\.\nTry again in \d+ seconds\.\n$/,
              ),
            },
      )
    }
    const [row] = await sql`select * from login_tries limit 1`
    expect(JSON.stringify(row)).not.toMatch(/ada|eve/)
  })

  test('a thousand times, twenty at once, is looked at five times', { timeout: 240_000 }, async () => {
    await makeUserWithPassword('ada')
    const codes = new Map<number, number>()
    for (let round = 0; round < 50; round++) {
      // the locks of those before have ended by the end of the test on a slow machine: no time passes here
      await sql`update login_tries set locked_until = now() + interval '15 seconds' where locked_until is not null`
      const ran = await Promise.all(
        Array.from({ length: 20 }, (_, n) => wrong('ada', `guess number ${round * 20 + n}`)),
      )
      for (const { code } of ran) codes.set(code, (codes.get(code) ?? 0) + 1)
    }
    expect(Object.fromEntries(codes)).toEqual({ 6: 5, 75: 995 })
    // even the right one, until the lock is over
    expect((await wrong('ada', PASSWORD)).code).toBe(75)
    await wait()
    expect(await wrong('ada', PASSWORD)).toMatchObject({ code: 0 })
    expect(await sql`select from login_tries`).toHaveLength(0)
  })

  test('locks for longer each time, up to five minutes, and is forgotten after a day', async () => {
    await makeUserWithPassword('ada')
    const seconds: number[] = []
    for (let time = 1; time <= 12; time++) {
      expect((await wrong('eve')).code).toBe(6)
      const [row] =
        await sql`select extract(epoch from locked_until - tried_at)::int as seconds from login_tries`
      if (row?.seconds != null) seconds.push(row.seconds)
      await wait()
    }
    expect(seconds).toEqual([15, 30, 60, 120, 240, 300, 300, 300])
    await sql`update login_tries set tried_at = now() - interval '25 hours'`
    for (let time = 1; time <= 5; time++) expect((await wrong('eve')).code).toBe(6)
    expect((await wrong('eve')).code).toBe(75)
  })

  test('does not disturb who is logged in', async () => {
    await logIn('ada')
    for (let time = 1; time <= 6; time++) await wrong('ada')
    expect(await who()).toBe('ada login')
  })

  test('of another case or with white space is wrong, accents put together otherwise are not', async () => {
    await makeUser('ada')
    await did('user password --password-stdin', { input: 'motörhead é\r\n' })
    expect((await wrong('ada', 'Motörhead é')).code).toBe(6)
    expect((await wrong('ada', ' motörhead é')).code).toBe(6)
    expect((await wrong('ada', 'moto\u0308rhead e\u0301')).code).toBe(0)
  })
})

describe('where a password comes from', () => {
  test('a prompt, which does not show it', async () => {
    await makeUserWithPassword('ada')
    const ran = await rote('login ada', { tty: true, replies: { 'The password of ada:': `${PASSWORD}\r` } })
    expect(ran).toMatchObject({ code: 0 })
    expect(ran.stdout).toContain('You are ada now, until ')
    expect(ran.stdout + ran.stderr).not.toContain(PASSWORD)
  })

  test('a file, with or without the end of its line', async () => {
    await makeUserWithPassword('ada')
    const file = join(folder, 'secret.txt')
    for (const content of [PASSWORD, `${PASSWORD}\n`, `${PASSWORD}\r\n`]) {
      writeFileSync(file, content)
      await did(['login', 'ada', '--password-file', file])
    }
    rmSync(file)
  })

  test.each([
    [
      'nowhere',
      'login ada',
      {},
      2,
      'There is no terminal to ask for a password in.\nPipe it in with --password-stdin, or name a file with --password-file.\n',
    ],
    [
      'two places',
      'login ada --password-stdin --password-file x',
      {},
      2,
      'The password can come from one place only.\n',
    ],
    ['a terminal', 'login ada --password-stdin', { tty: true }, 2, '--password-stdin reads a pipe'],
    ['no file', 'login ada --password-file /nowhere', {}, 3, 'No file "/nowhere".\n'],
    ['a folder', 'login ada --password-file /', {}, 2, '/ cannot be read: '],
    [
      'an endless file',
      'login ada --password-file /dev/zero',
      {},
      2,
      'A password of more than 4096 bytes is none.\n',
    ],
    [
      'several lines',
      'login ada --password-stdin',
      { input: 'one\ntwo\n' },
      2,
      'A password is one line, and this is more.\n',
    ],
    ['an argument', 'login ada secret', {}, 2, 'Too many arguments'],
    ['a flag', 'login ada --password secret', {}, 2, "Unknown option '--password'."],
  ] as const)('not %s', async (_, line, circumstances, code, message) => {
    await makeUserWithPassword('ada')
    const ran = await rote(line, circumstances)
    expect(ran).toMatchObject({ code, stderr: expect.stringContaining(message) })
    expect(await sql`select from logins`).toHaveLength(0)
    expect(await sql`select from login_tries`).toHaveLength(0)
  })
})
