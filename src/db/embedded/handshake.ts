import type { Socket } from 'node:net'

// The first line on the socket decides what the connection is for. PostgreSQL's own start-up packet begins with a
// zero byte, so `psql -h <folder>` works on the same socket without any of this.
//
//   client → rote {"ask":"serve"}\n
//   server → {"version":"0.1.0","build":"1f2e…","pid":4711,…}\n      then the PostgreSQL protocol, or the end

export type Ask = 'serve' | 'status' | 'leave'

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

export const GREETING = 'rote '

/** The line a client opens with. */
function askLine(ask: Ask): string {
  return `${GREETING}${JSON.stringify({ ask })}\n`
}

/** What a client asked for, or null when the line is not one of ours. */
export function parseAsk(line: string): Ask | null {
  try {
    const { ask } = JSON.parse(line.slice(GREETING.length))
    return ask === 'serve' || ask === 'status' || ask === 'leave' ? ask : null
  } catch {
    return null
  }
}

/**
 * Asks the server at the other end of a connected socket and resolves with its answer; null when it hung up instead,
 * as a server does that is about to leave.
 */
export function greet(socket: Socket, ask: Ask): Promise<ServerStatus | ServerRefusal | null> {
  return new Promise((resolve) => {
    let answer = ''
    const finish = (result: ServerStatus | ServerRefusal | null) => {
      socket.off('data', onData).off('close', onClose).off('error', onClose)
      resolve(result)
    }
    const onClose = () => finish(null)
    const onData = (chunk: Buffer) => {
      answer += chunk.toString('utf8')
      if (answer.endsWith('\n')) finish(JSON.parse(answer))
    }
    socket.on('data', onData).on('close', onClose).on('error', onClose)
    socket.write(askLine(ask))
  })
}
