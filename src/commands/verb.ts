import { type Command, InvalidArgumentError } from 'commander'
import type { Run } from '../context.ts'

/** A command: adds itself to its parent, and runs its handler through `run`. */
export type Verb = (parent: Command, run: Run) => unknown

/** A noun, which is a command of the root. `load` puts in what another noun has, for those that have to know it. */
export type Noun = (parent: Command, run: Run, load: (noun: Command) => Promise<void>) => unknown

/** Adds examples to a command's help; each is a line that can be typed, and what it does. */
export function examples(command: Command, lines: readonly (readonly [line: string, what: string])[]): void {
  const text = lines.map(([line, what]) => `  # ${what}\n  $ ${line}`).join('\n')
  command.addHelpText('after', `\n${lines.length === 1 ? 'Example' : 'Examples'}:\n${text}`)
}

/** Parses a count for an option: a whole number, 1 or more. */
export function count(text: string): number {
  const number = Number(text)
  if (!/^\d+$/.test(text) || number < 1)
    throw new InvalidArgumentError('It must be a whole number, 1 or more.')
  return number
}

/** As `count`, but none is a count too. */
export function countOrNone(text: string): number {
  return text === '0' ? 0 : count(text)
}

/** Collects an option that may be given several times; it may have been taken back by its `--no-` before. */
export function several(value: string, before: string[] | false | undefined): string[] {
  return [...(before || []), value]
}

/** A parser that says which values there are, alone or each with what it is: shells complete them. */
export type Valued<Parse> = Parse & { readonly values: readonly string[] | Readonly<Record<string, string>> }

/** `parse`, with values to complete; it may take others, too. */
export function valued<Parse extends (text: string) => unknown>(
  values: Valued<Parse>['values'],
  parse: Parse,
): Valued<Parse> {
  return Object.assign(parse, { values })
}

/** An option that takes one of a closed set. */
export function oneOf<T extends string>(values: readonly T[]): Valued<(text: string) => T> {
  return valued(values, (text) => {
    const found = values.find((value) => value === text)
    if (!found)
      throw new InvalidArgumentError(`It must be ${values.slice(0, -1).join(', ')} or ${values.at(-1)}.`)
    return found
  })
}

/** Parses an amount: any number, 0 or more. */
export function amount(text: string): number {
  const number = Number(text)
  if (text.trim() === '' || !(number >= 0 && number < 1e9))
    throw new InvalidArgumentError('It must be a number, 0 or more.')
  return number
}
