import { CommanderError } from 'commander'
import { createProgram } from './commands/program.ts'
import type { GlobalFlags } from './config.ts'
import { createRun } from './context.ts'
import { databaseProblem } from './db/problem.ts'
import { CliError, EXIT } from './errors.ts'
import { ClosedPipe } from './ui/output.ts'
import { safe } from './ui/safe.ts'
import type { World } from './world.ts'

export { processWorld } from './world.ts'

/** Runs one command line, without the program's own name, and resolves with the exit code. The only catch. */
export async function main(argv: readonly string[], world: World): Promise<number> {
  let complaint = ''
  const root = createProgram((root) => createRun(root, world), {
    writeOut: (text) => world.stdout.write(text),
    // Commander's own errors wait here until they are shown in the one way in which all errors are
    writeErr: (text) => {
      complaint += text
    },
    outputError: (text, write) => write(text),
    getOutHelpWidth: () => world.stdout.columns ?? 80,
    getErrHelpWidth: () => world.stderr.columns ?? 80,
  })
  try {
    const line = argv[0] === 'help' ? [...argv.slice(1), '--help'] : [...argv]
    await Promise.race([root.parseAsync(line, { from: 'user' }), world.failure])
    return 0
  } catch (error) {
    if (error instanceof ClosedPipe) return 0
    if (error instanceof CommanderError && error.exitCode === 0) return 0
    return show(
      error instanceof CommanderError ? commandLineProblem(error, complaint) : error,
      root.opts(),
      world,
    )
  }
}

function commandLineProblem(error: CommanderError, complaint: string): CliError {
  // a noun without a verb: Commander wants to show help as an error
  if (error.code === 'commander.help') return new CliError('usage', complaint.trimEnd())
  const [first = '', ...rest] = error.message.replace(/^error: /, '').split('\n')
  const sentence = `${first.charAt(0).toUpperCase()}${first.slice(1)}${/[.?!]$/.test(first) ? '' : '.'}`
  return new CliError('usage', sentence, rest.join(' ').replace(/^\(|\)$/g, '') || 'See: rote --help')
}

function show(thrown: unknown, flags: GlobalFlags, { stderr }: World): number {
  const error =
    databaseProblem(thrown) ??
    systemProblem(thrown) ??
    new CliError(
      'bug',
      `This is a bug in rote: ${causeOf(thrown)}`,
      'Run it again with --debug, and report what you see.',
    )
  if (flags.json) {
    const { kind, message, hint } = error
    stderr.write(`${JSON.stringify({ error: { kind, message, hint: hint ?? null } })}\n`)
  } else if (!flags.quiet || error.kind !== 'interrupted') {
    stderr.write(`${safe(error.message)}\n${error.hint ? `${safe(error.hint)}\n` : ''}`)
  }
  if (flags.debug) stderr.write(`${safe(String(thrown instanceof Error ? thrown.stack : thrown))}\n`)
  return EXIT[error.kind]
}

/** What the operating system refused that nobody foresaw: a full disk behind stdout, say. No fault of rote's. */
function systemProblem(thrown: unknown): CliError | null {
  const { code, syscall, message } = (thrown ?? {}) as NodeJS.ErrnoException
  return code && syscall ? new CliError('failure', `The system refused: ${message}`) : null
}

/** What is behind an error that only says where it happened. */
function causeOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.cause ? causeOf(thrown.cause) : thrown.message) : String(thrown)
}
