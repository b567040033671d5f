import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Chalk, type ChalkInstance } from 'chalk'
import { CliError, usage } from '../errors.ts'
import type { Input, Output, World } from '../world.ts'
import { type Graphics, graphicsOf } from './graphics.ts'
import { safe } from './safe.ts'

/** The person's side of a run: what they type, where they look, their editor. */
export interface Terminal {
  stdin: Input
  stdout: Output
  stderr: Output
  /** Somebody is there to answer a question. */
  interactive: boolean
  /** It can show lines, and that is all. */
  dumb: boolean
  style: ChalkInstance
  /** How it shows pictures. Throws usage when the setting makes no sense. */
  graphics(): Graphics
  size(): { columns: number; rows: number }
  /** Asks yes or no; Enter alone is `preset`. Without a terminal it is a usage error that names `flag`. */
  confirm(question: string, flag: string, preset?: boolean): Promise<boolean>
  /** Asks for a secret, which is not shown; null without a terminal. */
  secret(question: string): Promise<string | null>
  /** Lets the person write in their editor, and returns what they saved. `kept` says where their text is if it fails. */
  edit(text: string): Promise<{ text: string; kept: string; discard(): void }>
  onExit: World['onExit']
  onInterrupt: World['onInterrupt']
  background: World['background']
  suspend: World['suspend']
  here: World['here']
}

/** The terminal of a run. `editor` is a shell command, such as `code --wait`; null when none is set. */
export function createTerminal(
  world: World,
  options: {
    color: boolean
    editor: string | null
    yes: boolean
    images: { readonly display: Parameters<typeof graphicsOf>[1] }
  },
): Terminal {
  const { stdin, stdout, stderr } = world
  const interactive = Boolean(stdin.isTTY && stdout.isTTY)

  /** Asks one thing. Throws interrupted when the person presses Ctrl-C or Ctrl-D. */
  async function ask<T>(question: {
    type: 'confirm' | 'password'
    message: string
    default?: T
  }): Promise<T> {
    const { default: inquirer } = await import('inquirer')
    // readline stops listening on Ctrl-D and after Ctrl-Z, and the prompt would wait for ever
    const ended = new AbortController()
    let key: { ctrl?: boolean; name?: string } = {}
    const onKey = (_: unknown, pressed: typeof key) => {
      key = pressed
    }
    const onPause = () => {
      if (key.ctrl && key.name === 'z') stdin.resume()
      else ended.abort()
    }
    stdin.on('keypress', onKey).on('pause', onPause)
    try {
      const prompt = inquirer.createPromptModule({ input: stdin, output: stdout, signal: ended.signal })
      const { answer } = (await prompt([{ ...question, name: 'answer' }] as Parameters<
        typeof prompt
      >[0])) as { answer: T }
      return answer
    } catch (error) {
      const { name } = error as Error
      if (name === 'ExitPromptError' || name === 'AbortPromptError')
        throw new CliError('interrupted', 'Nothing was changed.')
      throw error
    } finally {
      stdin.off('keypress', onKey).off('pause', onPause)
    }
  }

  return {
    stdin,
    stdout,
    stderr,
    interactive,
    dumb: world.env.TERM === 'dumb',
    // the sixteen colours that a theme can change; nobody's background is guessed
    style: new Chalk({ level: options.color ? 1 : 0 }),
    graphics: () => graphicsOf(world.env, options.images.display, options.color),
    size: () => ({ columns: stdout.columns || Number(world.env.COLUMNS) || 80, rows: stdout.rows || 24 }),
    onExit: world.onExit,
    onInterrupt: world.onInterrupt,
    background: world.background,
    suspend: world.suspend,
    here: world.here,

    async confirm(question, flag, preset = false) {
      if (options.yes) return true
      if (!interactive) throw usage(`There is no terminal to ask in: ${question}`, `Add ${flag} to go ahead.`)
      return ask({ type: 'confirm', message: safe(question), default: preset })
    },

    secret(question) {
      return interactive ? ask({ type: 'password', message: safe(question) }) : Promise.resolve(null)
    },

    async edit(text) {
      if (!interactive) throw usage('There is no terminal to open an editor in.')
      const { spawn } = await import('node:child_process')
      const folder = mkdtempSync(join(tmpdir(), 'rote-'))
      const file = join(folder, 'card.md')
      writeFileSync(file, text, { mode: 0o600 })
      const editor = options.editor ?? 'vi'
      // as git does it: the setting is a shell command, the file is its last argument
      const child = spawn(`trap : INT; ${editor} "$ROTE_FILE"`, {
        shell: true,
        stdio: 'inherit',
        env: { ...world.env, ROTE_FILE: file },
      })
      // Ctrl-C is a key of the editor's: neither this program nor the shell ends with it
      const heed = world.ignoreInterrupts()
      const code = await new Promise<number | string | null>((resolve, reject) =>
        child.on('error', reject).on('exit', (code, signal) => resolve(code ?? signal)),
      ).finally(heed)
      const edited = readEdited(file, editor)
      const discard = () => rmSync(folder, { recursive: true, force: true })
      if (code === 0) return { text: edited, kept: file, discard }
      const untouched = edited === text
      if (untouched) discard()
      throw new CliError(
        'failure',
        code === 127
          ? `The editor "${editor}" was not found.`
          : `The editor "${editor}" failed (${typeof code === 'number' ? `exit code ${code}` : code}).`,
        untouched ? 'Name yours with: export EDITOR=nano' : `What you wrote is in ${file}`,
      )
    },
  }
}

/** What an editor has saved. One that does not leave a file that can be read has failed. */
function readEdited(file: string, editor: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const what = code === 'ENOENT' ? 'left no file' : `left a file that cannot be read (${message})`
    throw new CliError('failure', `The editor "${editor}" ${what}.`, `It was to be ${file}`)
  }
}
