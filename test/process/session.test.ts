import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { client, kill, newHome, plug, run, serversOf, socketOf, startServer, until } from './support.ts'

const psqlMissing = (() => {
  try {
    execFileSync('psql', ['--version'])
    return false
  } catch {
    return true
  }
})()

async function served(options?: Parameters<typeof startServer>[1]): Promise<string> {
  const home = newHome()
  await startServer(home, options)
  const sql = client(home)
  await sql`create table t (i int primary key, word text)`
  await sql.end()
  return home
}

function psql(home: string, commands: string[], input = '') {
  const { child, ended } = run('psql', ['-XAtq', '-h', `${home}/run`, '-U', 'postgres', ...commands], {})
  child.stdin?.end(input)
  return ended
}

test('concurrent clients get their own results', async () => {
  const home = await served()
  const wrong = await Promise.all(
    Array.from({ length: 8 }, async (_, who) => {
      const sql = client(home)
      let wrong = 0
      for (let i = 0; i < 100; i++) {
        const sent = `${who}/${i}`
        const [row] =
          i % 2 ? await sql`select ${sent}::text as got` : await sql`select ${sent} || '' as got, ${i}::int`
        if (row?.got !== sent) wrong++
      }
      return wrong
    }),
  )
  expect(wrong).toEqual(Array(8).fill(0))
})

test('an error in a pipeline is told to the one who made it, and nothing after it is lost', async () => {
  const home = await served()
  const [one, two] = [client(home), client(home)]
  const results = await Promise.allSettled([
    one`insert into t values (1, 'one')`,
    one`select ${'x'}::int`,
    one`select 2 as n`,
    two`select ${3}::int as n`,
    one`insert into t values (1, 'again')`,
    two`select count(*)::int as n from t where i = ${1}`,
  ])
  expect(results.map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
    'rejected',
    'fulfilled',
  ])
  expect(await two`select word from t`).toEqual([{ word: 'one' }])
})

/** A program that inserts a row in a transaction, says so, and then does nothing for a long time. */
async function dawdler(home: string) {
  const code = `
    import postgres from 'postgres'
    import { connect } from 'node:net'
    const socket = () => new Promise((done) => { const s = connect(process.argv[1], () => done(s)) })
    const sql = postgres({ socket, max: 1, prepare: false, fetch_types: false, user: 'postgres' })
    await sql.begin(async (sql) => {
      await sql\`insert into t values (7, 'never')\`
      console.log('inserted')
      await new Promise((done) => setTimeout(done, 60_000))
    })`
  const { child } = run(process.execPath, ['--input-type=module', '-e', code, socketOf(home)], {})
  await new Promise((resolve) => child.stdout?.once('data', resolve))
  return child
}

test('a client that is killed in a transaction is rolled back, and the others go on', async () => {
  const home = await served()
  const child = await dawdler(home)
  const waiting = client(home)`select count(*)::int as n from t`
  expect(await Promise.race([waiting, sleep(150, 'waits')])).toBe('waits')
  child.kill('SIGKILL')
  expect(await waiting).toEqual([{ n: 0 }])
})

test('a client that is stopped in a transaction is cut off when others have waited long enough', async () => {
  const home = await served({ patience_ms: 300 })
  const child = await dawdler(home)
  child.kill('SIGSTOP')
  const waiting = client(home)`select count(*)::int as n from t`
  expect(await Promise.race([waiting, sleep(150, 'waits')])).toBe('waits')
  expect(await waiting).toEqual([{ n: 0 }])
})

test('what one client sets is not seen by the next', async () => {
  const home = await served()
  const [one, two] = [client(home), client(home)]
  await one`set work_mem = '123kB'`
  await one`create temp table mine (i int)`
  expect(await two`show work_mem`).toEqual([{ work_mem: '4MB' }])
  expect(await two`select to_regclass('mine') as found`).toEqual([{ found: null }])
  await two`set search_path = nowhere`
  await two.end()
  expect(await one`select count(*)::int as n from t`).toEqual([{ n: 0 }])
})

test.skipIf(psqlMissing)('psql works, and COPY FROM STDIN is refused without harm', async () => {
  const home = await served()
  const [pid] = serversOf(home)
  expect((await psql(home, ['-c', 'select 40 + 2'])).stdout).toBe('42\n')
  for (const [commands, input] of [
    [['-c', 'copy t from stdin'], '1\tone\n'],
    [['-c', '\\copy t from pstdin'], '1\tone\n'],
    [['-c', "\\copy t from /etc/passwd delimiter ':'"], ''],
    [['-c', 'begin; copy t from stdin; commit'], '1\tone\n'],
  ] as const) {
    const { code, stderr } = await psql(home, [...commands], input)
    expect(code).not.toBe(0)
    expect(stderr).toContain('the embedded database takes no COPY FROM STDIN')
  }
  const { stdout } = await psql(home, ['-c', "insert into t values (1, 'one')", '-c', 'copy t to stdout'])
  expect(stdout).toBe('1\tone\n')
  expect(serversOf(home)).toEqual([pid])
})

test('a COPY in the extended protocol is refused too', async () => {
  const home = await served()
  const socket = await plug(socketOf(home))
  let heard = ''
  socket.setEncoding('latin1').on('data', (text) => {
    heard += text
  })
  const ready = message('Z', 'I').toString('latin1')
  socket.write(message('', '\0\x03\0\0user\0postgres\0\0'))
  await until(() => heard.endsWith(ready))
  heard = ''
  const parts = [
    ['P', '\0copy t from stdin\0\0\0'],
    ['B', '\0\0\0\0\0\0\0\0'],
    ['E', '\0\0\0\0\0'],
    ['S', ''],
  ] as const
  socket.write(Buffer.concat(parts.map(([type, body]) => message(type, body))))
  await until(() => heard.endsWith(ready))
  expect(heard).toContain('takes no COPY FROM STDIN')
  expect(await client(home)`select 1 as n`).toEqual([{ n: 1 }])
})

function message(type: string, body: string): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length + 4)
  return Buffer.concat([Buffer.from(type), length, Buffer.from(body, 'latin1')])
}

test('garbage on the socket harms nobody', async () => {
  const home = await served()
  for (const garbage of [
    'GET / HTTP/1.1\r\n\r\n',
    'rote {"ask":"dance"}\n',
    'rote not json\n',
    '\0\0\0\x09\0\0\0\0\0',
  ]) {
    const socket = await plug(socketOf(home))
    const closed = new Promise((resolve) => socket.on('close', resolve))
    socket.on('error', () => {})
    socket.resume().write(garbage)
    if (garbage.startsWith('\0')) socket.destroy()
    await closed
  }
  const socket = await plug(socketOf(home))
  const opening = Buffer.alloc(8)
  opening.writeInt32BE(8, 0)
  opening.writeInt32BE(196608, 4)
  socket.write(opening)
  await new Promise((resolve) => socket.once('data', resolve))
  const closed = new Promise((resolve) => socket.on('close', resolve))
  socket.resume().write(Buffer.from([0x51, 0, 0, 0, 1, 0xff]))
  await closed
  expect(await client(home)`select 1 as n`).toEqual([{ n: 1 }])
})

test('half a greeting, and then silence, does not keep the server from leaving', async () => {
  const home = newHome()
  const { ended } = await startServer(home, { idle_ms: 200 })
  for (const half of ['', 'ro', 'rote {"ask"', '\0\0', '\0\0\0\x20\0\x03']) {
    const socket = await plug(socketOf(home))
    socket.on('error', () => {}).resume()
    if (half) socket.write(half)
  }
  expect((await ended).code).toBe(0)
})

test('a statement of 60 MB arrives whole', async () => {
  const home = await served()
  const sql = client(home)
  const large = 'x'.repeat(60_000_000)
  expect(await sql`select length(${large}) as n, md5(${large}) as hash`).toMatchObject([{ n: 60_000_000 }])
  expect(await client(home)`select 1 as n`).toEqual([{ n: 1 }])
}, 60_000)

test('a server that is killed while a client waits is an error for that client only', async () => {
  const home = await served()
  const sql = client(home)
  await sql`select 1`
  const pending = sql`select pg_sleep(5)`.catch((error: { code: string }) => error.code)
  await sleep(50)
  for (const pid of serversOf(home)) kill(pid)
  expect(await pending).toMatch(/CONNECTION/)
  await until(() => serversOf(home).length === 0)
  await startServer(home)
  await until(() =>
    client(home)`select 1`.then(
      () => true,
      () => false,
    ),
  )
})
