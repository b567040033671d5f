import type { Command, Option } from 'commander'

// rote.1 in the man macros, which every man knows: https://man7.org/linux/man-pages/man7/man.7.html

/** What the page is made of. */
export interface ManSource {
  /** The whole program, every noun loaded. */
  root: Command
  version: string
  /** docs/cli.md, whose tables of the environment and the exit codes the page has. */
  reference: string
}

/** The page of all commands. */
export function manPage({ root, version, reference }: ManSource): string {
  const nouns = root.commands
  return [
    '.\\" Made by scripts/make-man.js from the commands themselves. Do not edit.',
    `.TH ROTE 1 "" "rote ${version}" "rote"`,
    ...['.SH NAME', `rote \\- ${text(lowerFirst(root.description().replace(/\.$/, '')))}`],
    ...['.SH SYNOPSIS', '.B rote', '[\\fIoptions\\fR] [\\fIcommand\\fR]'],
    ...[
      '.SH DESCRIPTION',
      text(
        'A bare rote shows what is due, and what to do next. Options may stand anywhere on the line; -- ends them.',
      ),
    ],
    ...['.SH OPTIONS', ...optionsOf(root)],
    ...['.SH COMMANDS', ...nouns.flatMap(commandSections)],
    ...[
      '.SH EXIT STATUS',
      ...tagged(
        table(reference, '## Exit codes').map(([code = '', kind = '', what = '']) => [
          code,
          [kind && `${kind}:`, what].filter(Boolean).join(' '),
        ]),
      ),
    ],
    ...['.SH ENVIRONMENT', ...environment(reference)],
    ...['.SH FILES', ...tagged(FILES)],
    ...['.SH EXAMPLES', ...examplesOf(root)],
    '',
  ].join('\n')
}

const FILES: [name: string, what: string][] = [
  [
    '~/.local/share/rote',
    'everything rote keeps on a machine, unless `ROTE_HOME` says otherwise; on macOS `~/Library/Application Support/rote`, on Windows `%LOCALAPPDATA%\\rote`',
  ],
  ['config.json', 'in that folder: the settings of the machine, as `rote config` writes them'],
  ['data', 'in that folder: the embedded database'],
  ['run', 'in that folder: its socket, its lock and its log'],
]

/** A command, and those below it: how it is called, what it does, its options and examples. */
function commandSections(command: Command): string[] {
  const help = command.createHelp()
  const verbs = help.visibleCommands(command)
  const called = help.commandUsage(command).replace(' [options] [command]', ' [options]')
  const own =
    verbs.length > 0 && command.registeredArguments.length === 0
      ? [`.SS "rote ${text(command.name())}"`, text(sentence(command.description()))]
      : [
          `.SS "${text(called)}"`,
          text(sentence(command.description())),
          ...tagged(
            help
              .visibleArguments(command)
              .map((argument) => [argument.name(), help.argumentDescription(argument)]),
          ),
          ...optionsOf(command),
          ...examplesOf(command),
        ]
  return [...own, ...verbs.flatMap(commandSections)]
}

/** Without --help, which every command has. */
function optionsOf(command: Command): string[] {
  const help = command.createHelp()
  const isHelp = (option: Option) => option.long === '--help'
  const options = help.visibleOptions(command).filter((option) => command.parent === null || !isHelp(option))
  return tagged(options.map((option) => [option.flags, help.optionDescription(option)]))
}

/** The examples that the help has behind everything else. */
function examplesOf(command: Command): string[] {
  let after = ''
  const print = command.configureOutput()
  command.configureOutput({
    ...print,
    writeOut: (written) => {
      after += written
    },
  })
  command.outputHelp()
  command.configureOutput(print)
  const [, examples = ''] = after.split(/^Examples?:\n/m)
  return examples
    .split('\n')
    .flatMap((line) =>
      line.startsWith('  # ')
        ? ['.PP', text(`${upperFirst(line.slice(4))}:`)]
        : line.startsWith('  $ ')
          ? ['.PP', '.RS 4', '.EX', text(line.slice(4)), '.EE', '.RE']
          : [],
    )
}

/** The rows of the first table below a heading of Markdown, cell by cell. */
function table(page: string, heading: string): string[][] {
  const rows = page.slice(page.indexOf(`${heading}\n`)).match(/(?:^\|.*\n)+/m)?.[0]
  if (!rows) throw new Error(`docs/cli.md has no table below ${heading}`)
  const cells = rows.trimEnd().split('\n').slice(2)
  // a | with a backslash before it is text
  return cells.map((row) =>
    row
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim()),
  )
}

function environment(reference: string): string[] {
  const rows = table(reference, '## Who, where, how')
  return tagged(
    rows.flatMap(([flag = '', variable = '', what = '']): [string, string][] =>
      variable === '' ? [] : [[variable, what || `as ${flag}`]],
    ),
  )
}

function tagged(entries: (readonly [tag: string, what: string])[]): string[] {
  return entries.flatMap(([tag, what]) => ['.TP', `\\fB${text(tag)}\\fR`, text(what)])
}

/** Plain text and the code of Markdown, as roff: nothing in it is an instruction. */
function text(plain: string): string {
  const escaped = plain
    .replace(/\\(?=[|\\])/g, '')
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('"', '\\(dq')
    .replaceAll("'", '\\(aq')
    .replaceAll('~', '\\(ti')
    .replaceAll('^', '\\(ha')
    .replace(/`([^`]*)`/g, '\\fB$1\\fR')
    .replaceAll('`', '\\(ga')
    .replace(
      /[^\0-\x7f]/gu,
      (character) => `\\[u${character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}]`,
    )
  return escaped.replace(/^\./gm, '\\&.')
}

const upperFirst = (words: string) => `${words.charAt(0).toUpperCase()}${words.slice(1)}`
const sentence = (words: string) =>
  `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.?!]$/.test(words) ? '' : '.'}`
const lowerFirst = (words: string) => `${words.charAt(0).toLowerCase()}${words.slice(1)}`
