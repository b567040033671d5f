import type { Socket } from 'node:net'

// The first line on the socket decides what the connection is for. PostgreSQL's own start-up packet begins with a
// zero byte, so `psql -h $ROTE_HOME/run -U postgres` works on the same socket without any of this.
//
//   client → rote {"ask":"serve"}\n
//   server → {"version":"0.1.0","build":"1f2e…","pid":4711,…}\n      then the PostgreSQL protocol, or the end

const ASKS = ['serve', 'status', 'leave'] as const
export type Ask = (typeof ASKS)[number]

/** Who is at the other end: what `rote db status` shows. */
export interface ServerStatus {
  pid: number
  version: string
  /** Two programs with the same version can still differ while rote is being developed. */
  build: string
  started_at: string
  clients: number
  /** Resident memory in bytes. */
  memory: number
}

/** Why the server could not open the database; sent instead of a status. */
export interface ServerRefusal {
  error: { kind: 'unavailable' | 'failure'; message: string; hint?: string }
}

/** How a connection began: with a line of ours, or with PostgreSQL's protocol, whose first bytes are `bytes`. */
type Opening = { ask: Ask } | { bytes: Buffer }

const GREETING = 'rote '
const LONGEST_LINE = 1000
/** Who says nothing for that long after connecting is cut off. */
const SILENCE_MS = 5_000

/** The server's side: finds out what a new connection is for. Null when it is nothing that can be answered. */
export function readOpening(socket: Socket): Promise<Opening | null> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0)
    const finish = (opening: Opening | null) => {
      clearTimeout(silence)
      socket.off('data', onData).off('close', onClose)
      socket.pause()
      resolve(opening)
    }
    const onClose = () => finish(null)
    const onData = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk])
      const text = bytes.toString('latin1')
      if (!text.startsWith(GREETING.slice(0, text.length))) return finish({ bytes })
      if (text.endsWith('\n') || text.length > LONGEST_LINE) finish(parseAsk(text))
    }
    const silence = setTimeout(onClose, SILENCE_MS)
    socket.on('data', onData).on('close', onClose)
  })
}

function parseAsk(line: string): Opening | null {
  try {
    const { ask } = JSON.parse(line.slice(GREETING.length))
    return ASKS.includes(ask) ? { ask } : null
  } catch {
    return null
  }
}

/**
 * The client's side: asks the server at the other end of a connected socket and resolves with its answer; null when it
 * hung up instead, as a server does that is about to leave. Rejects when there is no answer in time.
 */
export function greet(
  socket: Socket,
  ask: Ask,
  patience: number,
): Promise<ServerStatus | ServerRefusal | null> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const finish = (settle: () => void) => {
      clearTimeout(timeout)
      socket.off('data', onData).off('close', onClose).off('error', onClose)
      settle()
    }
    const onClose = () => finish(() => resolve(null))
    const onData = (chunk: Buffer) => {
      answer += chunk.toString('utf8')
      if (answer.endsWith('\n')) finish(() => resolve(parseAnswer(answer)))
    }
    const timeout = setTimeout(
      () => finish(() => reject(new Error(`no answer in ${patience / 1000} seconds`))),
      patience,
    )
    // an error without a listener would end the process
    socket.on('error', () => socket.destroy())
    socket.on('data', onData).on('close', onClose).on('error', onClose)
    socket.write(`${GREETING}${JSON.stringify({ ask })}\n`)
  })
}

function parseAnswer(line: string): ServerStatus | ServerRefusal | null {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
