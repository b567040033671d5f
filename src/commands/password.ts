import { closeSync, openSync, readSync } from 'node:fs'
import type { Command } from 'commander'
import { notFound, usage } from '../errors.ts'
import type { Terminal } from '../ui/terminal.ts'

/** What `--password-stdin` and `--password-file` come to. A password is never an argument, which everybody can list. */
export interface PasswordOptions {
  passwordStdin?: true
  passwordFile?: string
}

const LIMIT_BYTES = 4096

/** Adds `--password-stdin` and `--password-file` to a command. */
export function withPassword(command: Command): Command {
  return command
    .option('--password-stdin', 'read the password from standard input')
    .option('--password-file <file>', 'read the password from a file')
}

/** The password from where the options say; null when they say nothing. Throws usage for what can be no password. */
export async function pipedPassword(
  { stdin }: Terminal,
  { passwordStdin, passwordFile }: PasswordOptions,
): Promise<string | null> {
  if (passwordStdin && passwordFile !== undefined)
    throw usage(
      'The password can come from one place only.',
      'Leave out --password-stdin or --password-file.',
    )
  if (passwordFile !== undefined) return onlyLine(readStart(passwordFile))
  if (!passwordStdin) return null
  if (stdin.isTTY)
    throw usage(
      '--password-stdin reads a pipe, and a terminal would show what you type.',
      'Leave it out to be asked.',
    )
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of stdin) {
    pieces.push(Buffer.from(piece))
    bytes += pieces.at(-1)?.length ?? 0
    if (bytes > LIMIT_BYTES) break
  }
  return onlyLine(Buffer.concat(pieces))
}

/** Asks for a password, which is not shown. Throws usage when there is nobody to ask. */
export async function askPassword(term: Terminal, question: string): Promise<string> {
  const given = await term.secret(question)
  if (given === null)
    throw usage(
      'There is no terminal to ask for a password in.',
      'Pipe it in with --password-stdin, or name a file with --password-file.',
    )
  return given
}

/** Asks for a new password, twice. Throws usage when they differ. */
export async function askNewPassword(term: Terminal, question: string): Promise<string> {
  const first = await askPassword(term, question)
  if (first === '') return first
  if ((await askPassword(term, 'Once more:')) !== first)
    throw usage('The two passwords differ: nothing was changed.', 'Run the same command again.')
  return first
}

function readStart(path: string): Buffer {
  const start = Buffer.alloc(LIMIT_BYTES + 1)
  try {
    const file = openSync(path, 'r')
    try {
      let length = 0
      for (let read = -1; read !== 0 && length < start.length; length += read)
        read = readSync(file, start, length, start.length - length, null)
      return start.subarray(0, length)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw notFound('file', path)
    throw usage(`${path} cannot be read: ${message}.`)
  }
}

/** Without the line end that every editor and `echo` leave behind. A prompt could not take more than a line. */
function onlyLine(content: Buffer): string {
  if (content.length > LIMIT_BYTES) throw usage(`A password of more than ${LIMIT_BYTES} bytes is none.`)
  const text = content.toString('utf8').replace(/\r?\n$/, '')
  if (/[\r\n\0]/.test(text)) throw usage('A password is one line, and this is more.')
  return text
}
