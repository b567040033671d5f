import type { Command, Option } from 'commander'

// Where on a command line somebody is, told from the commands themselves.

/** Something that can stand at the cursor, and what it is. */
export interface Candidate {
  value: string
  about: string
}

/** What can stand at the cursor of a line. */
export interface Expected {
  /** The command that the words before the cursor name. */
  command: Command
  /** Words that the program itself has: verbs, options and values of closed sets. */
  words: Candidate[]
  /** Whose names can stand there, too: what the argument or the option's value is called, such as `deck`; null: nobody's. */
  thing: string | null
  /** The part of the current word that is no part of the name, such as `--deck=`. */
  before: string
  /** What stands there may begin with a dash, or be called like a verb, and is a name all the same. */
  plain: boolean
  /** What stands before it for the same argument, which takes several. */
  given: string[]
  /** The values that options have on this line, by the names that Commander gives them. */
  options: Map<string, string>
}

/** The values that a parser takes, if it takes no others or suggests these; by name, with what each is. */
export function valuesOf({ parseArg, argChoices }: Pick<Option, 'parseArg' | 'argChoices'>): Candidate[] {
  const values = parseArg && 'values' in parseArg ? parseArg.values : argChoices
  if (Array.isArray(values)) return values.map((value) => ({ value: String(value), about: '' }))
  return Object.entries(values ?? {}).map(([value, about]) => ({ value, about: String(about) }))
}

/** What the value of an option is called in its flags: `deck` in `--after <deck>`; null when it takes none. */
export function valueName({ flags }: Option): string | null {
  return /[<[]([^\].>]+)(?:\.{3})?[\]>]/.exec(flags)?.[1] ?? null
}

/**
 * What can stand at the cursor, `words` being those before it without the program's own name, and `current` the beginning
 * of the word that the cursor is in.
 */
export function expectedAt(root: Command, words: readonly string[], current: string): Expected {
  if (words[0] === 'help') return helpAt(root, words.slice(1))
  let command = root
  let awaiting: Option | undefined
  let ended = false
  const given: string[] = []
  const flags = new Set<Option>()
  const options = new Map<string, string>()
  for (const word of words) {
    if (awaiting) {
      options.set(awaiting.attributeName(), word)
      awaiting = undefined
    } else if (word === '--' && !ended) {
      ended = true
    } else if (/^-./.test(word) && !ended) {
      const [, flag = word, value] = /^(--[^=]+)=(.*)$/s.exec(word) ?? []
      const option = optionsOf(command).find(({ long, short }) => long === flag || short === flag)
      if (!option) continue
      if (!valueName(option)) flags.add(option)
      else if (value !== undefined) options.set(option.attributeName(), value)
      else if (option.required) awaiting = option
    } else {
      const verb = given.length === 0 ? called(command, word) : undefined
      if (verb) command = verb
      else given.push(word)
    }
  }
  const at = { command, options, before: '', plain: ended, given: [] }
  if (awaiting) return { ...at, plain: true, ...valueAt(awaiting) }
  const [, before = '', long] = (ended ? null : /^((--[^=]+)=)/s.exec(current)) ?? []
  const assigned = optionsOf(command).find((option) => option.long === long && valueName(option))
  if (assigned) return { ...at, before, plain: true, ...valueAt(assigned) }
  const optionsHere = { ...at, words: optionWords(command, flags), thing: null }
  if (current.startsWith('-') && !ended) return optionsHere
  const { words: values, thing } = operandOf(command, given.length)
  const expected = [...(given.length === 0 && !ended ? verbWords(command) : []), ...values]
  // where nothing else can stand, the options are what there is to know
  const isComplete = given.length === command.registeredArguments.length
  if (expected.length === 0 && thing === null && current === '' && isComplete && !ended) return optionsHere
  return { ...at, words: expected, thing, given: given.slice(command.registeredArguments.length - 1) }
}

/** `rote help deck list`: commands, and nothing else. */
function helpAt(root: Command, words: readonly string[]): Expected {
  const command = words.reduce((command, word) => called(command, word) ?? command, root)
  return { ...NOTHING, command, words: verbWords(command) }
}

const NOTHING = { thing: null, before: '', plain: false, given: [], options: new Map<string, string>() }

function called(command: Command, word: string): Command | undefined {
  return command.commands.find((verb) => verb.name() === word || verb.aliases().includes(word))
}

/** Its own options and those that all commands have, the hidden ones with them. */
function optionsOf(command: Command): readonly Option[] {
  let root = command
  while (root.parent) root = root.parent
  return root === command ? command.options : [...command.options, ...root.options]
}

function verbWords(command: Command): Candidate[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .flatMap((verb) =>
      [verb.name(), ...verb.aliases()].map((value) => ({ value, about: verb.description() })),
    )
}

/** The options that a help shows, without those that are on the line already and say nothing when said twice. */
function optionWords(command: Command, there: ReadonlySet<Option>): Candidate[] {
  const help = command.createHelp()
  return [...help.visibleOptions(command), ...(command.parent ? help.visibleGlobalOptions(command) : [])]
    .filter((option) => !there.has(option))
    .flatMap(({ short, long, description }) =>
      [long, short].flatMap((value) => (value ? [{ value, about: description }] : [])),
    )
}

function valueAt(option: Option): Pick<Expected, 'words' | 'thing'> {
  const words = valuesOf(option)
  return { words, thing: words.length > 0 ? null : valueName(option) }
}

function operandOf({ registeredArguments }: Command, index: number): Pick<Expected, 'words' | 'thing'> {
  const last = registeredArguments.at(-1)
  const argument = registeredArguments[index] ?? (last?.variadic ? last : undefined)
  if (!argument) return { words: [], thing: null }
  const words = valuesOf(argument)
  return { words, thing: words.length > 0 ? null : argument.name() }
}
