import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, inject, test } from 'vitest'
import { greet } from '../../src/db/embedded/handshake.ts'

// The client's side of the greeting, against servers that are not what they should be.

let server: Server | undefined
let sockets = 0
afterEach(() => server?.close())

async function talkTo(answer: (socket: Socket) => void): Promise<Socket> {
  const path = join(inject('folder'), `greeting-${++sockets}`)
  server = createServer((socket) => void socket.on('error', () => {}).once('data', () => answer(socket)))
  await new Promise<void>((resolve) => server?.listen(path, resolve))
  const socket = connect(path)
  await new Promise((resolve) => socket.once('connect', resolve))
  return socket
}

test('one that hangs is an error in the end, not a wait without one', async () => {
  const socket = await talkTo(() => {})
  await expect(greet(socket, 'serve', 50)).rejects.toThrow('no answer in 0.05 seconds')
  socket.destroy()
})

test('one that hangs up is about to leave', async () => {
  expect(await greet(await talkTo((socket) => socket.destroy()), 'serve', 5000)).toBe(null)
})

test('one that answers in pieces is understood, one that talks nonsense is not', async () => {
  const pieces = await talkTo((socket) => {
    socket.write('{"pid":')
    setTimeout(() => socket.end('4711}\n'), 20)
  })
  expect(await greet(pieces, 'status', 5000)).toEqual({ pid: 4711 })
  expect(await greet(await talkTo((socket) => socket.end('FATAL\n')), 'status', 5000)).toBe(null)
})
