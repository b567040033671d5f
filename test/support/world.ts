import { PassThrough, Readable, Writable } from 'node:stream'
import { main } from '../../src/main.ts'
import type { Input, Output, World } from '../../src/world.ts'

/** The moment at which commands run unless a test says otherwise. */
export const NOW = new Date('2026-03-02T10:00:00.000Z')

/** The operating system's name for the person in front of these tests. */
export const USERNAME = 'ada'

export interface Circumstances {
  /** What comes in on stdin: piped, or typed when `tty` is true. */
  input?: string | Uint8Array
  /** True: a person at a terminal of 80 columns. 'out': what comes out is shown in one, but stdin is a pipe. */
  tty?: boolean | 'out'
  columns?: number
  /** What the person types when a text appears on their screen, for prompts that do not listen before. */
  replies?: Record<string, string>
  now?: Date | (() => Date)
  /** Of the machine. */
  timeZone?: string
  /** The process dies when the input has been read, as by kill -9: nothing is written any more. */
  killed?: boolean
  /** Something is thrown where nobody can catch it, as soon as the command has begun. */
  thrown?: Error
  /** Ctrl-C comes when this resolves. */
  interrupted?: Promise<void>
}

const CTRL_Z = '\x1a'

export interface Ran {
  code: number
  stdout: string
  stderr: string
  /** The programs that it started in the background: they are only noted here. */
  background: Parameters<World['background']>[]
  /** stdout as JSON, to be compared whole: its type is the test's own claim. */
  json<T = Record<string, unknown>>(): T
}

/** Runs one command line in this process, in a world made of memory. */
export async function runMain(
  argv: readonly string[],
  env: World['env'],
  {
    input = '',
    tty = false,
    columns = 80,
    replies = {},
    now = NOW,
    timeZone = 'UTC',
    killed = false,
    thrown,
    interrupted,
  }: Circumstances = {},
): Promise<Ran> {
  const stdout = new Collector(tty !== false, columns)
  const stderr = new Collector(tty !== false, columns)
  const stdin = stdinWith(killed ? `${input}${CTRL_Z}` : input, tty === true)
  const background: Parameters<World['background']>[] = []
  const unanswered = { ...replies }
  stdout.on('drawn', (text: string) => {
    for (const [asked, reply] of Object.entries(unanswered)) {
      if (!text.includes(asked)) continue
      delete unanswered[asked]
      setImmediate(() => stdin.push(reply))
    }
  })
  const code = await main(argv, {
    stdin,
    stdout: stdout as Output,
    stderr: stderr as Output,
    env,
    now: typeof now === 'function' ? now : () => now,
    username: () => USERNAME,
    here: { host: 'testhost', pid: 4711, isRunning: () => false },
    nodeVersion: 'v22.0.0',
    dataFolder: () => '/nowhere',
    timeZone: () => timeZone,
    wallClock: (instant) => instant,
    failure: new Promise((_, reject) => thrown && reject(thrown)),
    onExit: () => () => {},
    onInterrupt: (stop) => {
      interrupted?.then(stop)
      return () => {}
    },
    background: async (...started) => void background.push(started),
    ignoreInterrupts: () => () => {},
    suspend: () => {
      if (killed) throw new Error('killed')
    },
  })
  return { code, stdout: stdout.text, stderr: stderr.text, background, json: () => JSON.parse(stdout.text) }
}

class Collector extends Writable {
  readonly isTTY: boolean
  readonly columns: number
  readonly rows = 24
  // what a spinner wants of a terminal
  readonly cursorTo = () => true
  readonly clearLine = () => true
  readonly moveCursor = () => true
  readonly #pieces: Buffer[] = []

  constructor(isTTY: boolean, columns: number) {
    super()
    this.isTTY = isTTY
    this.columns = columns
  }

  override _write(piece: Buffer, _: BufferEncoding, done: () => void): void {
    this.#pieces.push(piece)
    this.emit('drawn', this.text)
    done()
  }

  // as with process.stdout, a stream that is piped here and ends does not end this one
  override end(): this {
    return this
  }

  get text(): string {
    return Buffer.concat(this.#pieces).toString('utf8')
  }
}

function stdinWith(input: string | Uint8Array, isTTY: boolean): Input {
  if (!isTTY) return Readable.from(input.length === 0 ? [] : [Buffer.from(input)])
  const keyboard: Input = new PassThrough()
  keyboard.isTTY = true
  keyboard.setRawMode = () => {}
  keyboard.push(input)
  return keyboard
}
