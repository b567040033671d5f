import { Command, Help, type OutputConfiguration } from 'commander'
import { closest, distance } from 'fastest-levenshtein'
import type { Run } from '../context.ts'
import { type CliError, usage } from '../errors.ts'
import { program as rote } from '../program.ts'
import { examples, type Noun } from './verb.ts'

type Load = () => Promise<{ default: Noun }>

/**
 * Every noun, in the order of the help: what it is for, and where it is. A noun's file is loaded when it is named, so
 * that no command pays for another.
 */
const NOUNS: Record<string, [summary: string, load: Load]> = {
  deck: ['make, fill, show and export decks', () => import('./deck/deck.ts')],
  card: ['add, find, change and move cards', () => import('./card/card.ts')],
  playlist: ['put decks together and in order', () => import('./playlist/playlist.ts')],
  study: ['study what is due, card by card', () => import('./study/study.ts')],
  generate: ['make cards from a PDF, a text or a web page', () => import('./generate/generate.ts')],
  share: ['let others study your decks, or change their cards', () => import('./share/share.ts')],
  undo: ['take back your last change', () => import('./undo.ts')],
  trash: ['what was deleted, and how it comes back', () => import('./trash/trash.ts')],
  due: ['what is due now', () => import('./due.ts')],
  stats: ['how it goes: streak, retention, what is ahead', () => import('./stats.ts')],
  db: ['look after the database', () => import('./db/db.ts')],
  config: ['settings of this machine and of yours', () => import('./config/config.ts')],
  user: ['the people of a database, and their passwords', () => import('./user/user.ts')],
  login: ['log in, when you have a password', () => import('./login.ts')],
  logout: ['end your login on this machine', () => import('./logout.ts')],
  whoami: ['who you are to rote', () => import('./whoami.ts')],

  doctor: ['look for what is wrong, and say what to do', () => import('./doctor.ts')],
  completion: ['make your shell complete commands and names', () => import('./completion.ts')],
}

/** What arguments mean that many commands have, for those that do not say it themselves. */
const ARGUMENTS: Record<string, string> = {
  deck: 'its name, owner/name for one that is shared with you, or its id',
  'owner/deck': 'a deck that is shared with you',
  playlist: 'its name or its id',
  card: 'its id, or the beginning of it',
  job: 'its id, or the beginning of it',
  change: 'its id, or the beginning of it',
  thing: 'its id, or the beginning of it; for a deck or a playlist its name, too',
  image: 'its id, or the beginning of it',
  user: 'their name',
  name: 'what it is to be called',
  text: 'what to look for',
  file: 'a file, or - for standard input',
  input: '- for standard input',
}

/** The root command. What a noun adds is loaded when Commander is about to enter it. */
export function createProgram(makeRun: (root: Command) => Run, output: OutputConfiguration): Command {
  const root = new Command('rote')
  root
    .description('Flashcards for people who live in a terminal.')
    .version(rote.version, '--version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .option('--json', 'answer in JSON')
    .option('-q, --quiet', 'answer with ids only, say nothing')
    .option('--user <user>', 'who you are, when several people use one database')
    .option('--database-url <url>', 'the PostgreSQL server to use instead of the embedded database')
    .option('-y, --yes', 'go ahead without asking')
    .option('--no-color', 'no colours')
    .option('--debug', 'show where an error came from')
    .configureHelp({
      showGlobalOptions: true,
      minWidthToWrap: 20,
      visibleArguments: (command) => [...command.registeredArguments],
      argumentDescription: (argument) =>
        new Help().argumentDescription(argument) || (ARGUMENTS[argument.name()] ?? ''),
      // a word needs no quotes
      optionDescription: (option) =>
        new Help().optionDescription(option).replace(/\(default: "([^"]*)"\)$/, '(default: $1)'),
      // not those of `study`, which is a command with verbs of its own
      visibleGlobalOptions: (command) => (command.parent ? root.options.filter(({ hidden }) => !hidden) : []),
    })
    .configureOutput(output)
    .exitOverride()
    .helpCommand(false)
    .showSuggestionAfterError()
  examples(root, [
    ['rote deck create Spanish', 'make a deck'],
    ['rote card add Spanish -Q perro -A dog', 'put a card in it'],
    ['rote deck import words.csv', 'or take one from a file'],
    ['rote study', 'study what is due'],
  ])

  // Commander would answer with the help of the command above, as if that had been asked for
  root.addHelpText('beforeAll', ({ command }) => {
    const [first] = command.args
    // what follows `rote study` can be decks
    const takesNone = command.registeredArguments.length === 0
    if (takesNone && command.commands.length > 0 && first !== undefined && !first.startsWith('-'))
      throw unknownCommand(first, command)
    return ''
  })

  const run = makeRun(root)
  const loads = new Map<Command, Load | undefined>()
  for (const [name, [summary, load]] of Object.entries(NOUNS)) {
    loads.set(root.command(name).description(summary).helpCommand(false), load)
  }
  root.hook('preSubcommand', (_, noun) => enter(noun, loads, run))
  const home = run(async (context) => {
    const { default: home } = await import('./home.ts')
    await home(context)
  })
  // Commander would take a mistyped noun for an argument of the root command, and suggest nothing
  root.allowExcessArguments().action(async () => {
    const [unknown] = root.args
    if (unknown !== undefined) throw unknownCommand(unknown, root)
    await home()
  })
  return root
}

/** For what is no command of `parent`. */
function unknownCommand(name: string, parent: Command): CliError {
  const nearest = closest(
    name,
    parent.commands.map((command) => command.name()),
  )
  const near = distance(name, nearest) <= Math.max(1, name.length / 2)
  return usage(`Unknown command '${name}'.`, near ? `Did you mean ${nearest}?` : 'See: rote --help')
}

/** The whole program, every noun loaded: for whatever has to know all commands. */
export async function loadedProgram(
  makeRun: (root: Command) => Run,
  output: OutputConfiguration,
): Promise<Command> {
  const root = createProgram(makeRun, output)
  const run = makeRun(root)
  const loads = new Map(root.commands.map((noun) => [noun, NOUNS[noun.name()]?.[1]]))
  for (const noun of root.commands) await enter(noun, loads, run)
  return root
}

/** Puts in what a noun has, once. */
async function enter(noun: Command, loads: Map<Command, Load | undefined>, run: Run): Promise<void> {
  const load = loads.get(noun)
  loads.delete(noun)
  if (load) (await load()).default(noun, run, (other) => enter(other, loads, run))
}
