import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { IPty } from '@lydell/node-pty'
import type { Terminal as Emulator } from '@xterm/headless'

// both are CommonJS
const require = createRequire(import.meta.url)
const pty = require('@lydell/node-pty') as typeof import('@lydell/node-pty')
const { Terminal } = require('@xterm/headless') as typeof import('@xterm/headless')

export const ROTE = fileURLToPath(new URL('../../bin/rote.js', import.meta.url))

/** A home of its own for a test file, with the built program in it. */
export class Home {
  readonly folder = mkdtempSync(join(tmpdir(), 'rote-home-'))
  readonly env: Record<string, string>

  constructor() {
    const { DATABASE_URL: _, NO_COLOR: __, ...env } = process.env
    this.env = {
      ...(env as Record<string, string>),
      ROTE_HOME: this.folder,
      TMPDIR: this.folder,
      TERM: 'xterm-256color',
    }
  }

  /** Runs a command to its end. */
  rote(...args: string[]): { status: number | null; stdout: string; stderr: string } {
    return spawnSync(process.execPath, [ROTE, ...args], { env: this.env, encoding: 'utf8', input: '' })
  }

  /** Starts a command in a terminal. */
  terminal(args: string[], size = { columns: 80, rows: 24 }, env: Record<string, string> = {}): Session {
    return new Session(args, size, { ...this.env, ...env })
  }

  close(): void {
    this.rote('db', 'stop')
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** A command in a pseudo-terminal, and the screen that a person would see. */
export class Session {
  readonly pty: IPty
  readonly #emulator: Emulator
  readonly #exit: Promise<number>
  /** Everything that was written, as it came. */
  raw = ''

  constructor(
    args: string[],
    { columns, rows }: { columns: number; rows: number },
    env: Record<string, string>,
  ) {
    this.#emulator = new Terminal({ cols: columns, rows, allowProposedApi: true })
    this.pty = pty.spawn(process.execPath, [ROTE, ...args], {
      cols: columns,
      rows,
      env,
      name: env.TERM ?? 'xterm-256color',
    })
    this.pty.onData((data) => {
      this.raw += data
      this.#emulator.write(data)
    })
    this.#exit = new Promise((resolve) => this.pty.onExit(({ exitCode }) => resolve(exitCode)))
  }

  type(keys: string): void {
    this.pty.write(keys)
  }

  resize(columns: number, rows: number): void {
    this.#emulator.resize(columns, rows)
    this.pty.resize(columns, rows)
  }

  /** True while the alternate screen is shown. */
  get fullScreen(): boolean {
    return this.#emulator.buffer.active.type === 'alternate'
  }

  /** The lines on the screen, without the blank ones at the end. */
  screen(): string {
    // cells that a narrower window has hidden stay in the buffer
    const { buffer, rows, cols } = this.#emulator
    const lines = Array.from(
      { length: rows },
      (_, row) =>
        buffer.active.getLine(buffer.active.viewportY + row)?.translateToString(true, 0, cols) ?? '',
    )
    return lines.join('\n').trimEnd()
  }

  /**
   * Waits until the screen has the text and has come to rest, for a frame can arrive in pieces. Returns the screen;
   * throws with it when the text does not come.
   */
  async shows(text: string | RegExp): Promise<string> {
    const deadline = Date.now() + 15_000
    const found = (screen: string) => (typeof text === 'string' ? screen.includes(text) : text.test(screen))
    for (let before = this.screen(); ; ) {
      await new Promise((resolve) => setTimeout(resolve, found(before) ? 50 : 5))
      const screen = this.screen()
      if (found(screen) && screen === before) return screen
      if (Date.now() > deadline) throw new Error(`never saw ${text}; the screen is:\n${screen}`)
      before = screen
    }
  }

  /** The exit code, once the program has ended and all it wrote has been drawn. */
  async ended(): Promise<number> {
    const code = await this.#exit
    await new Promise<void>((resolve) => this.#emulator.write('', resolve))
    return code
  }
}
