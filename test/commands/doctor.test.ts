import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { folder, sql, useDatabase } from '../support/database.ts'
import { did, rote } from '../support/rote.ts'

useDatabase()

interface Check {
  check: string
  state: string
  found: string
  todo: string | null
}

/** The checks by their names, and how it ended. */
async function examined(options: Parameters<typeof rote>[1] = {}) {
  const { code, stdout, stderr } = await rote('doctor --json', {
    now: () => new Date(),
    ...options,
    env: { LANG: 'C.UTF-8', EDITOR: process.execPath, ...options.env },
  })
  const checks: Check[] = JSON.parse(stdout)
  return { code, stderr, ...Object.fromEntries(checks.map((check) => [check.check, check])) } as {
    code: number
    stderr: string
  } & Record<string, Check>
}

const home = (name: string) => {
  const path = join(folder, name)
  return { ROTE_HOME: path, DATABASE_URL: undefined }
}

describe('where all is well', () => {
  test('every check is ok, and the exit code 0', async () => {
    await did('deck create Spanish')
    const { code, stderr, ...checks } = await examined()
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(Object.values(checks).filter(({ state }) => state !== 'ok')).toEqual([])
    expect(Object.keys(checks)).toEqual([
      'rote',
      'node',
      'config',
      'home',
      'space',
      'database',
      'tables',
      'clock',
      'terminal',
      'locale',
      'editor',
      'provider',
    ])
    expect(checks.database?.found).toContain('PostgreSQL')
    expect(checks.tables?.found).toMatch(/^up to date, \d+ migrations$/)
  })

  test('it makes no user, and a new home nothing at all', async () => {
    await examined()
    expect(await sql`select from users`).toHaveLength(0)
    expect((await examined({ env: home('unborn') })).database?.found).toContain('made by the first command')
    expect(existsSync(join(folder, 'unborn'))).toBe(false)
  })

  test('a pipe gets a line for each, a terminal a table, and --quiet what failed', async () => {
    expect((await rote('doctor')).stdout).toMatch(/^rote\tok\t/)
    expect((await rote('doctor', { tty: true, env: { TERM: 'xterm', EDITOR: 'sh' } })).stdout).toContain(
      'ok    rote      0.1.0',
    )
    expect((await rote('doctor -q', { now: () => new Date() })).stdout).toBe('')
    expect(
      (await rote('doctor -q', { now: () => new Date(), env: { DATABASE_URL: 'nonsense' } })).stdout,
    ).toBe('database\n')
  })
})

describe('what is wrong is said with what to do', () => {
  test.each([
    ['postgresql://me:secret@localhost:1/x', /nothing answers/],
    ['nonsense', /not a PostgreSQL address/],
  ])('DATABASE_URL=%s', async (DATABASE_URL, found) => {
    const { code, stderr, database } = await examined({ env: { DATABASE_URL } })
    expect(code).toBe(1)
    expect(JSON.parse(stderr).error).toMatchObject({ kind: 'failure', message: '1 check failed: database.' })
    expect(database).toMatchObject({ state: 'fail', found: expect.stringMatching(found) })
    expect(database?.todo).toBeTruthy()
    expect(JSON.stringify(database)).not.toContain('secret')
  })

  test.each([
    ['newer', 9_999_999_999_999, 'Update this rote'],
    ['older', null, 'rote db migrate'],
  ])('tables of a %s rote', async (_, made_at, todo) => {
    const [latest] = await sql`select max(made_at) as made_at from rote_migrations`
    try {
      if (made_at) await sql`insert into rote_migrations (made_at, hash) values (${made_at}, 'x')`
      else await sql`update rote_migrations set made_at = -made_at where made_at = ${latest?.made_at}`
      const { code, tables } = await examined()
      expect(code).toBe(1)
      expect(tables).toMatchObject({ state: 'fail', todo: expect.stringContaining(todo) })
    } finally {
      await sql`delete from rote_migrations where hash = 'x'`
      await sql`update rote_migrations set made_at = -made_at where made_at < 0`
    }
  })

  test.each<[what: string, content: string, state: string, found: RegExp]>([
    ['is no JSON', '{', 'fail', /cannot be read/],
    ['has a value that cannot be', '{"idle_minutes":"soon"}', 'fail', /idle_minutes is a number/],
    ['has a key that nobody knows', '{"editr":"vi"}', 'warn', /"editr", which is no setting/],
    [
      'has an address that others may read',
      '{"database_url":"postgresql://localhost:1/x"}',
      'warn',
      /others may read/,
    ],
  ])('a config file that %s', async (_, content, state, found) => {
    const env = home(`config-${state}-${content.length}`)
    mkdirSync(env.ROTE_HOME, { mode: 0o700 })
    writeFileSync(join(env.ROTE_HOME, 'config.json'), content, { mode: 0o644 })
    const { config } = await examined({ env })
    expect(config).toMatchObject({
      state,
      found: expect.stringMatching(found),
      todo: expect.stringMatching(/./),
    })
  })

  test('a home that is a file, or that others may look into', async () => {
    const env = home('file')
    writeFileSync(env.ROTE_HOME, '')
    expect((await examined({ env })).home).toMatchObject({ state: 'fail' })
    const open = home('open')
    mkdirSync(open.ROTE_HOME)
    chmodSync(open.ROTE_HOME, 0o755)
    expect((await examined({ env: open })).home).toMatchObject({
      state: 'warn',
      todo: `chmod 700 ${open.ROTE_HOME}`,
    })
  })

  test('the terminal, the locale and the editor', async () => {
    const { terminal, locale, editor } = await examined({
      tty: true,
      env: { TERM: 'dumb', LANG: 'C', EDITOR: 'no-such-editor --wait' },
    })
    expect([terminal?.state, locale?.state, editor?.state]).toEqual(['warn', 'warn', 'warn'])
    expect(editor?.found).toBe('"no-such-editor" was not found')
  })

  test('a clock that is wrong', async () => {
    expect((await examined({ now: new Date(Date.now() - 60_000) })).clock?.state).toBe('warn')
  })
})

describe('the provider', () => {
  let server: Server | undefined
  afterEach(() => server?.close())

  async function answering(status: number, body: unknown): Promise<string> {
    const listening = createServer((request, response) => {
      expect(request.url).toBe('/v1/models')
      response.writeHead(status).end(JSON.stringify(body))
    })
    server = listening
    await new Promise<void>((ready) => listening.listen(0, '127.0.0.1', ready))
    return `http://127.0.0.1:${(listening.address() as { port: number }).port}/v1`
  }
  const models = { data: [{ id: 'one' }, { id: 'two' }] }

  test.each<[what: string, status: number, model: string | undefined, state: string, found: RegExp]>([
    ['has the model', 200, 'two', 'ok', /without a key: two$/],
    ['has it not', 200, 'three', 'warn', /three is not among its 2 models/],
    ['is given none', 200, undefined, 'warn', /no model is named/],
    ['refuses', 401, 'two', 'fail', /refuses to answer/],
    ['does not say', 404, 'two', 'warn', /status 404/],
  ])('that %s', async (_, status, ROTE_MODEL, state, found) => {
    const OPENAI_BASE_URL = await answering(status, models)
    const { provider } = await examined({ env: { OPENAI_BASE_URL, ROTE_MODEL } })
    expect(provider).toMatchObject({ state, found: expect.stringMatching(found) })
  })

  test('that is not there; and the key is shown nowhere', async () => {
    const OPENAI_BASE_URL = await answering(200, models)
    const env = {
      OPENAI_BASE_URL,
      ROTE_MODEL: 'one',
      OPENAI_API_KEY: 'sk-secret',
      ROTE_KEY_HOST: '127.0.0.1',
    }
    const { provider } = await examined({ env })
    expect(provider).toMatchObject({ state: 'ok', found: expect.stringContaining('with a key') })
    server?.close()
    server?.closeAllConnections()
    const gone = await examined({ env })
    expect(gone.provider).toMatchObject({ state: 'fail', todo: expect.stringContaining('OPENAI_BASE_URL') })
    expect(JSON.stringify([provider, gone])).not.toContain('secret')
  })

  test('a key without its host is not sent', async () => {
    const { provider } = await examined({
      env: { OPENAI_BASE_URL: 'https://example.org/v1', OPENAI_API_KEY: 'sk-x' },
    })
    expect(provider).toMatchObject({
      state: 'fail',
      found: expect.stringContaining('is not sent to example.org'),
    })
  })
})
