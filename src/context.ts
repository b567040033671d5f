import { Command } from 'commander'
import { type Config, type GlobalFlags, readConfigFile, resolveConfig } from './config.ts'
import type { Database } from './db/connect.ts'
import type { Author, CurrentUser } from './db/user.ts'
import { CliError } from './errors.ts'
import { createOut, type Out } from './ui/output.ts'
import { createTerminal, type Terminal } from './ui/terminal.ts'
import type { World } from './world.ts'

/** All that a command can depend on. Six members, and no more: no function below a handler takes a Context. */
export interface Context {
  db: Database
  user: CurrentUser & Author
  config: Config
  out: Out
  term: Terminal
  now: () => Date
}

/** What a command has that needs no database. */
type OfflineContext = Omit<Context, 'db' | 'user'>

/** What a command has that looks after the database itself, whatever state that is in. */
type AdminContext = Omit<Context, 'user'>

/** What a command has that goes by the settings as far as they can be read. */
type AnyhowContext = OfflineContext & {
  /** What is wrong with the config file; then everything is as without one. */
  trouble: CliError | null
  env: World['env']
  nodeVersion: string
}

type Action<Args extends unknown[]> = (...args: Args) => Promise<void>

/** Turns handlers into Commander actions: makes their context, and closes it behind them. */
export interface Run {
  <Args extends unknown[]>(handler: (context: Context, ...args: Args) => Promise<void>): Action<Args>
  offline<Args extends unknown[]>(
    handler: (context: OfflineContext, ...args: Args) => Promise<void>,
  ): Action<Args>
  admin<Args extends unknown[]>(
    handler: (context: AdminContext, ...args: Args) => Promise<void>,
  ): Action<Args>
  anyhow<Args extends unknown[]>(
    handler: (context: AnyhowContext, ...args: Args) => Promise<void>,
  ): Action<Args>
}

/** The `run` that every command is built with. The global flags are read when an action begins. */
export function createRun(root: Command, world: World): Run {
  const offline = (read?: typeof readConfigFile): OfflineContext => {
    const config = resolveConfig(root.opts<GlobalFlags>(), world, read)
    const term = createTerminal(world, config)
    const out = createOut(config.mode, world.stdout, world.stderr, term.style, () => term.size().columns)
    return { config, out, term, now: world.now }
  }

  const run: Run =
    (handler) =>
    async (...args) => {
      const context = offline()
      await connected(context.config, async (db) => {
        const { resolveUser } = await import('./db/user.ts')
        const { loginFile, readLogin } = await import('./db/login-file.ts')
        const { user: name, usualUser: usual } = context.config
        const login = readLogin(loginFile(context.config))
        const user = await resolveUser(db, { name, usual, login }, world.username)
        await handler({ ...context, db, user: { ...user, command: wordsOf(args.at(-1)) } }, ...args)
      })
    }
  run.offline =
    (handler) =>
    (...args) =>
      handler(offline(), ...args)
  run.admin =
    (handler) =>
    async (...args) => {
      const context = offline()
      await connected(context.config, (db) => handler({ ...context, db }, ...args))
    }
  run.anyhow =
    (handler) =>
    (...args) => {
      let trouble: CliError | null = null
      const context = offline((home) => {
        try {
          return readConfigFile(home)
        } catch (error) {
          if (!(error instanceof CliError)) throw error
          trouble = error
          return {}
        }
      })
      return handler({ ...context, trouble, env: world.env, nodeVersion: world.nodeVersion }, ...args)
    }
  return run
}

/** The words of the command that an action belongs to, which Commander hands to it last: `card edit`. */
function wordsOf(command: unknown): string {
  const words: string[] = []
  for (let at = command instanceof Command ? command : null; at?.parent; at = at.parent)
    words.unshift(at.name())
  return words.join(' ')
}

async function connected(config: Config, work: (db: Database) => Promise<void>): Promise<void> {
  // loaded here, because help and settings need no database
  const { openDatabase } = await import('./db/open.ts')
  const { db, close } = openDatabase(config)
  try {
    await work(db)
  } catch (error) {
    // whoever pressed Ctrl-C does not wait for a goodbye from a server that may be hanging
    const goodbye = close()
    if (error instanceof CliError && error.kind === 'interrupted') goodbye.catch(() => {})
    else await goodbye
    throw error
  }
  await close()
}
