import { spawn } from '@lydell/node-pty'
import xterm from '@xterm/headless'
import { ROTE } from './rote.js'

const PATIENCE_MS = 20_000

/**
 * A command of rote in a pseudo-terminal of its own, with an emulator behind it: what a person would see.
 * @param {NodeJS.ProcessEnv} env
 * @param {string[]} args
 * @param {{ columns?: number, rows?: number }} [size]
 */
export function openTerminal(env, args, { columns = 80, rows = 24 } = {}) {
  const screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true })
  const pty = spawn(process.execPath, [ROTE, ...args], {
    name: 'xterm-256color',
    cols: columns,
    rows,
    env: { ...env, TERM: 'xterm-256color' },
  })
  const ended = new Promise((resolve) => pty.onExit(resolve))
  let drawn = () => {}
  pty.onData((data) => screen.write(data, () => drawn()))

  const picture = () =>
    Array.from({ length: rows }, (_, row) => screen.buffer.active.getLine(row)?.translateToString(true)).join(
      '\n',
    )

  return {
    press: (/** @type {string} */ key) => pty.write(key),

    /**
     * Returns once the screen shows `pattern`, with what its group matched.
     * @param {RegExp} pattern
     * @returns {Promise<string | undefined>}
     */
    shows: (pattern) =>
      new Promise((resolve, reject) => {
        const impatient = setTimeout(
          () => reject(new Error(`${pattern} never appeared; the screen shows:\n${picture()}`)),
          PATIENCE_MS,
        )
        drawn = () => {
          const match = pattern.exec(picture())
          if (!match) return
          clearTimeout(impatient)
          drawn = () => {}
          resolve(match[1])
        }
        drawn()
      }),

    async close() {
      pty.write('q')
      const impatient = setTimeout(() => pty.kill(), 2000)
      await ended
      clearTimeout(impatient)
      screen.dispose()
    },
  }
}
