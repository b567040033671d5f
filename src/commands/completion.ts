import type { Command } from 'commander'
import { type BashLine, bashReply, readBashLine } from '../complete/bash.ts'
import { type Candidate, type Expected, expectedAt } from '../complete/line.ts'
import { namesOf, takes } from '../complete/names.ts'
import { SCRIPTS, SHELLS, type Shell } from '../complete/scripts.ts'
import type { Config } from '../config.ts'
import { CliError, usage } from '../errors.ts'
import { oneLine } from '../ui/safe.ts'
import { examples, type Noun, oneOf } from './verb.ts'

/** Longer than a shell should wait. A database that is asleep wakes up in less. */
const PATIENCE_MS = 2_000
/** Of what something is, in characters. */
const ABOUT_LENGTH = 60
/** COMP_TYPE when bash only lists, and puts nothing in. */
const ONLY_LISTING = '63'

/** A line up to the cursor. */
type Line = Pick<BashLine, 'words' | 'current'> & Partial<BashLine>

const completion: Noun = (completion, run, load) => {
  const print = run.anyhow(async ({ out }, shell: Shell) => out.write(SCRIPTS[shell]))

  const answer = run.anyhow(
    async ({ config, out }, line: Line, at: Expected, show: (all: Candidate[]) => string[]) => {
      const { names, late } = await namesAt(at, line.current, config)
      const candidates = beginning(
        [...at.words.map((word) => ({ ...word, value: at.before + word.value })), ...names],
        line.current,
      )
      const files = candidates.length === 0 && at.thing !== null && takes(at.thing) === 'files'
      await out.write(`${[files ? 'files' : 'words', ...show(candidates)].join('\n')}\n`)
      // what hangs would keep this process, and the shell with it
      if (late) throw new CliError('interrupted', 'The database did not answer in time.')
    },
  )

  completion
    .argument('<shell>', SHELLS.join(', '), oneOf(SHELLS))
    .addOption(
      completion.createOption('--answer', 'what the script asks: how to go on with the line').hideHelp(),
    )
    .allowExcessArguments()
    .action(async (shell: Shell, options: { answer?: true }) => {
      const [, ...asked] = completion.args
      if (!options.answer) {
        if (asked.length > 0) throw usage('One shell at a time.', 'See: rote completion --help')
        return print(shell)
      }
      const line =
        shell === 'bash' ? bashLine(asked) : { words: asked.slice(0, -1), current: asked.at(-1) ?? '' }
      const at = await placeOf(line, completion.parent as Command, load)
      await answer(line, at, shell === 'bash' ? bashAnswer(line, asked[2]) : describedAnswer)
    })
  examples(completion, [
    ['source <(rote completion bash)', 'in ~/.bashrc; bash completes rote from then on'],
    ['source <(rote completion zsh)', 'in ~/.zshrc, behind compinit'],
    ['rote completion fish > ~/.config/fish/completions/rote.fish', 'once'],
  ])
}
export default completion

function bashLine([typed = '', replaced = '']: string[]): Line {
  const line = readBashLine(typed, replaced)
  return { ...line, words: line.words.slice(1) }
}

/** What can stand at the cursor. The noun's commands are there only when it is loaded. */
async function placeOf(
  { words, current }: Line,
  root: Command,
  load: Parameters<Noun>[2],
): Promise<Expected> {
  const first = expectedAt(root, words, current)
  await load(first.command)
  const at = expectedAt(root, words, current)
  // whose database it is about is said on that line
  for (const name of ['user', 'databaseUrl'])
    if (at.options.has(name)) root.setOptionValue(name, at.options.get(name))
  return at
}

/** Names from the database, as they are written at the cursor. Whatever keeps rote from it: then there are none. */
async function namesAt(
  at: Expected,
  current: string,
  config: Config,
): Promise<{ names: Candidate[]; late: boolean }> {
  if (at.thing === null || takes(at.thing) !== 'names') return { names: [], late: false }
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), PATIENCE_MS)
  })
  // a setting that cannot be read is an error only where it is used
  const asked = (async () => namesOf(config, at.thing ?? '', current.slice(at.before.length)))().catch(
    () => [],
  )
  const found = await Promise.race([asked, late])
  clearTimeout(timer)
  const names = (found ?? []).flatMap(({ value, about, otherwise }) => {
    const written = !at.plain && isTaken(value, at) ? otherwise : value
    if (written === null || at.given.includes(value) || /\p{Cc}/u.test(written)) return []
    return [{ value: at.before + written, about }]
  })
  return { names, late: found === null }
}

/** A name that would be an option or a verb where it stands. */
function isTaken(name: string, { command, words }: Expected): boolean {
  return name.startsWith('-') || (command.commands.length > 0 && words.some(({ value }) => value === name))
}

/** Those that begin with `start` as it is written, or if there are none, in capitals or not. */
function beginning(candidates: Candidate[], start: string): Candidate[] {
  const exactly = candidates.filter(({ value }) => value.startsWith(start))
  if (exactly.length > 0) return exactly
  const lower = start.toLowerCase()
  const nearly = candidates.filter(({ value }) => value.toLowerCase().startsWith(lower))
  return nearly.length > 0 ? nearly : []
}

/** bash puts in what it is told, so names are quoted here; it has no place for what they are except in a list. */
function bashAnswer(line: Line, kind: string | undefined): (all: Candidate[]) => string[] {
  const { kept = '', quote = '' } = line
  return (all) =>
    all.map(({ value, about }) => {
      const reply = bashReply(value, { kept, quote })
      return kind === ONLY_LISTING && all.length > 1 && about !== '' ? `${reply}  (${short(about)})` : reply
    })
}

function describedAnswer(all: Candidate[]): string[] {
  return all.map(({ value, about }) => `${value}\t${short(about)}`)
}

function short(about: string): string {
  const line = oneLine(about)
  const characters = [...line.slice(0, 2 * ABOUT_LENGTH)]
  return characters.length > ABOUT_LENGTH ? `${characters.slice(0, ABOUT_LENGTH - 1).join('')}…` : line
}
