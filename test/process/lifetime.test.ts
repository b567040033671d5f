import { expect, test } from 'vitest'
import { answer, newHome, rote, serversOf, socketOf, start, startServer, until } from './support.ts'

interface Status {
  running: boolean
  pid: number | null
  socket: string | null
  version: string
}

test('the server leaves when nobody needs it, and the next command starts another', async () => {
  const home = newHome()
  const env = { ROTE_IDLE_MINUTES: '0.02' }
  await rote(home, ['card', 'add', 'Deck', '-Q', 'q', '-A', 'a'], '', env)
  const [first] = serversOf(home)
  await until(() => serversOf(home).length === 0)
  expect(await answer(home, 'card', 'list')).toHaveLength(1)
  expect(serversOf(home)).not.toEqual([first])
})

test('a command that comes while the server leaves works', async () => {
  const home = newHome()
  for (let i = 0; i < 6; i++) {
    // the server is gone at about the time at which the next command comes
    const env = { ROTE_IDLE_MINUTES: String((60 + 10 * (i % 12)) / 60_000) }
    const { code, stderr } = await rote(home, ['card', 'add', 'Deck', '-Q', `q${i}`, '-A', 'a'], '', env)
    expect({ i, code, stderr }).toEqual({ i, code: 0, stderr: '' })
  }
  expect(await answer(home, 'card', 'list')).toHaveLength(6)
}, 120_000)

test('db status and db stop, with and without a server', async () => {
  const home = newHome()
  expect(await answer<Status>(home, 'db', 'status')).toMatchObject({
    running: false,
    pid: null,
    socket: null,
  })
  expect(await answer(home, 'db', 'stop')).toEqual({ stopped: false })
  expect(serversOf(home)).toEqual([])

  await answer(home, 'deck', 'list')
  const status = await answer<Status>(home, 'db', 'status')
  expect(status).toMatchObject({ running: true, pid: serversOf(home)[0], socket: socketOf(home) })
  expect(status.version).toMatch(/^\d+\.\d+\.\d+$/)
  expect(await answer(home, 'db', 'stop')).toEqual({ stopped: true })
  expect(serversOf(home)).toEqual([])
})

test('db stop is no error for those who are connecting', async () => {
  const home = newHome()
  await answer(home, 'deck', 'create', 'Deck')
  const adding = Array.from({ length: 12 }, (_, i) =>
    rote(home, ['card', 'add', 'Deck', '-Q', `q${i}`, '-A', 'a']),
  )
  const stopping = Array.from({ length: 3 }, () => rote(home, ['db', 'stop']))
  const ended = await Promise.all([...adding, ...stopping])
  expect(ended.filter(({ code, stderr }) => code !== 0 || stderr !== '')).toEqual([])
  expect(await answer(home, 'card', 'list')).toHaveLength(12)
}, 60_000)

test('a sitting goes on after db stop', async () => {
  const home = newHome()
  for (const q of ['one', 'two']) await answer(home, 'card', 'add', 'Deck', '-Q', q, '-A', 'a')
  const { child, ended } = start(home, ['study'])
  child.stdin?.write(' 3')
  await until(async () =>
    (await answer<{ confidence_status: string }[]>(home, 'card', 'list')).some(
      (card) => card.confidence_status === 'got_it',
    ),
  )
  expect(await answer(home, 'db', 'stop')).toEqual({ stopped: true })
  child.stdin?.end(' 3q')
  expect(await ended).toMatchObject({ code: 0, stderr: '' })
  const cards = await answer<{ confidence_status: string }[]>(home, 'card', 'list')
  expect(cards.map((card) => card.confidence_status)).toEqual(['got_it', 'got_it'])
})

test('two servers for one home: the second leaves at once', async () => {
  const home = newHome()
  await startServer(home)
  const { ended } = await startServer(home)
  expect((await ended).code).toBe(0)
  expect(serversOf(home)).toHaveLength(1)
})
