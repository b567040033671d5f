import { usage } from '../errors.ts'
import type { Grade } from './card.ts'
import { graphemes } from './graphemes.ts'
import type { Phase, SessionEvent } from './session.ts'

/** Keys that no setting takes away: however the others are laid, there is a way out. */
const ALWAYS: Partial<Record<Action, string[]>> = { quit: ['ctrl-c', 'ctrl-d'] }

/** Stands for every key in a phase that needs no others. */
export const ANY = 'any key'

/** An event without what the loop adds to it: the id of an attempt. */
export type KeyEvent =
  | Exclude<SessionEvent, { type: 'grade' | 'take' | 'edited' | 'type' | 'refreshed' | 'notice' | 'gone' }>
  | { type: 'grade'; grade: Grade }
  | { type: 'take' }
  /** Not for the machine: the person wants to write, or to see more of a long text. */
  | { type: 'edit' }
  | { type: 'scroll'; by: 'line' | 'page'; down: boolean }

export type Action = (typeof ACTIONS)[number]['action']

/** What a key does, in a sitting of some phases and events: machine, footer and help overlay all read it here. */
export interface Binding<P extends string = Phase, E = KeyEvent> {
  action: string
  event: E
  /** Names as `readKeys` gives them, or ANY; the first is the one that hints show. */
  keys: readonly string[]
  /** One or two words for the footer; null: it stands only in the overlay. */
  label: string | null
  /** For the overlay; it must fit beside the keys in a window of 40 columns. */
  help: string
  when: readonly P[]
}

const ON_CARD = ['question', 'answer'] as const

/**
 * All keys of the study loop, in the order in which hints show them. The second key of the grades and of undo is a row
 * for one hand: j k l and the key beside them.
 */
const ACTIONS = [
  {
    action: 'reveal',
    event: { type: 'reveal' },
    keys: ['space', 'enter'],
    label: 'shows the answer',
    help: 'show the answer',
    when: ['question'],
  },
  {
    action: 'again',
    event: { type: 'grade', grade: 'again' },
    keys: ['1', 'j'],
    label: 'again',
    help: 'again: not known',
    when: ['answer'],
  },
  {
    action: 'almost',
    event: { type: 'grade', grade: 'almost' },
    keys: ['2', 'k'],
    label: 'almost',
    help: 'almost: with effort',
    when: ['answer'],
  },
  {
    action: 'got_it',
    event: { type: 'grade', grade: 'got_it' },
    keys: ['3', 'l'],
    label: 'got it',
    help: 'got it: known',
    when: ['answer'],
  },
  {
    action: 'take',
    event: { type: 'take' },
    keys: ['enter'],
    label: null,
    help: 'typed: take the grade',
    when: ['answer'],
  },
  {
    action: 'accept',
    event: { type: 'accept' },
    keys: ['a'],
    label: null,
    help: 'typed: accept it, too',
    when: ['answer'],
  },
  {
    action: 'undo',
    event: { type: 'undo' },
    keys: ['u', ';'],
    label: 'undo',
    help: 'take the last step back',
    when: ON_CARD,
  },
  {
    action: 'edit',
    event: { type: 'edit' },
    keys: ['e'],
    label: null,
    help: 'edit the card',
    when: ON_CARD,
  },
  {
    action: 'suspend',
    event: { type: 'suspend' },
    keys: ['s'],
    label: null,
    help: 'suspend: never ask',
    when: ON_CARD,
  },
  {
    action: 'bury',
    event: { type: 'bury' },
    keys: ['b'],
    label: null,
    help: 'bury: not before tomorrow',
    when: ON_CARD,
  },
  {
    action: 'skip',
    event: { type: 'skip' },
    keys: ['n'],
    label: null,
    help: 'next: ask it at the end',
    when: ON_CARD,
  },
  {
    action: 'difficulty',
    event: { type: 'difficulty' },
    keys: ['d'],
    label: null,
    help: 'mark easy, medium, hard',
    when: ON_CARD,
  },
  {
    action: 'source',
    event: { type: 'source' },
    keys: ['w'],
    label: null,
    help: 'file, page and quote',
    when: ON_CARD,
  },
  {
    action: 'down',
    event: { type: 'scroll', by: 'line', down: true },
    keys: ['down'],
    label: null,
    help: 'scroll a line down',
    when: ['question', 'typing', 'answer', 'help', 'source'],
  },
  {
    action: 'up',
    event: { type: 'scroll', by: 'line', down: false },
    keys: ['up'],
    label: null,
    help: 'scroll a line up',
    when: ['question', 'typing', 'answer', 'help', 'source'],
  },
  {
    action: 'page_down',
    event: { type: 'scroll', by: 'page', down: true },
    keys: ['pagedown', 'ctrl-f'],
    label: null,
    help: 'scroll a page down',
    when: ['question', 'typing', 'answer', 'help', 'source'],
  },
  {
    action: 'page_up',
    event: { type: 'scroll', by: 'page', down: false },
    keys: ['pageup', 'ctrl-b'],
    label: null,
    help: 'scroll a page up',
    when: ['question', 'typing', 'answer', 'help', 'source'],
  },
  {
    action: 'check',
    event: { type: 'reveal' },
    keys: ['enter'],
    label: 'checks what you typed',
    help: 'typing: check it',
    when: ['typing'],
  },
  {
    action: 'erase',
    event: { type: 'erase', what: 'character' },
    keys: ['backspace', 'ctrl-h'],
    label: null,
    help: 'typing: erase a letter',
    when: ['typing'],
  },
  {
    action: 'erase_word',
    event: { type: 'erase', what: 'word' },
    keys: ['ctrl-w'],
    label: null,
    help: 'typing: erase a word',
    when: ['typing'],
  },
  {
    action: 'erase_line',
    event: { type: 'erase', what: 'line' },
    keys: ['ctrl-u'],
    label: null,
    help: 'typing: erase all',
    when: ['typing'],
  },
  {
    action: 'commands',
    event: { type: 'escape' },
    keys: ['escape'],
    label: 'other keys',
    help: 'typing: other keys',
    when: ['typing'],
  },
  {
    action: 'help',
    event: { type: 'help' },
    keys: ['?'],
    label: 'keys',
    help: 'show these keys',
    when: ON_CARD,
  },
  {
    action: 'quit',
    event: { type: 'quit' },
    keys: ['q'],
    label: 'quit',
    help: 'stop; answers are kept',
    when: ON_CARD,
  },
  {
    action: 'close',
    event: { type: 'close' },
    keys: [ANY],
    label: 'closes this',
    help: 'close this list',
    when: ['help', 'source'],
  },
] as const satisfies readonly Binding[]

/** The keys by what they do, as a person has laid them. */
export type KeyChoice = Readonly<Record<string, readonly string[]>>

/** The table of keys, with a person's own in the place of the ones they have by default. */
export function bindings(chosen: KeyChoice | null): readonly Binding[] {
  return ACTIONS.map((binding) => {
    const always = ALWAYS[binding.action] ?? []
    return { ...binding, keys: [...(chosen?.[binding.action] ?? binding.keys), ...always] }
  })
}

/** What `key` means in `phase`; null when it means nothing there. */
export function eventFor(
  keys: readonly Binding[],
  key: string,
  phase: Phase,
): KeyEvent | { type: 'type'; text: string } | null {
  // typing, a key that leaves a character is that character, whatever it does elsewhere
  const text = phase === 'typing' ? characterOf(key) : null
  if (text !== null) return { type: 'type', text }
  if (phase !== 'done' && ALWAYS.quit?.includes(key)) return { type: 'quit' }
  return bound(keys, key, phase)
}

/** The event that a table has for `key` in `phase`; null when it has none. */
export function bound<P extends string, E>(keys: readonly Binding<P, E>[], key: string, phase: P): E | null {
  const here = keys.filter(({ when }) => when.includes(phase))
  const named = here.find(({ keys }) => keys.includes(key))
  const any = isPlain(key) ? here.find(({ keys }) => keys.includes(ANY)) : undefined
  return (named ?? any)?.event ?? null
}

/** Not ctrl-h, i, j and m, which a terminal sends for backspace, tab and enter, nor ctrl-z, which is always the shell's. */
const NAMED_KEYS =
  /^(space|enter|tab|backspace|delete|escape|up|down|left|right|home|end|pageup|pagedown|ctrl-[a-gkln-y])$/

/**
 * Reads keys as a person writes them in a setting: `got_it=3,l again=1`. Throws a usage error for an action or a key that
 * there is not, and for a key that would do two things at once.
 */
export function parseKeys(text: string): Record<string, string[]> {
  const chosen = Object.fromEntries(text.trim().split(/\s+/).map(parseChoice))
  const all = bindings(chosen)
  for (const [index, one] of all.entries()) {
    for (const other of all.slice(index + 1)) {
      const both = one.keys.find((key) => other.keys.includes(key))
      const together = one.when.some((phase) => (other.when as readonly Phase[]).includes(phase))
      // with a typed answer on the screen the one stands before the other
      if (both && together && !(one.action === 'take' || other.action === 'take'))
        throw usage(
          `The key "${both}" would be both ${one.action} and ${other.action}.`,
          'Give the other one another key, too.',
        )
    }
  }
  return chosen
}

/** Keys as `parseKeys` reads them. */
export function keysText(chosen: KeyChoice): string {
  return Object.entries(chosen)
    .map(([action, keys]) => `${action}=${keys.join(',')}`)
    .join(' ')
}

function parseChoice(choice: string): [action: string, keys: string[]] {
  const [, action = '', list = ''] = /^(\w+)=(.+)$/.exec(choice) ?? []
  const binding = ACTIONS.find((binding) => binding.action === action && binding.action !== 'close')
  if (!binding) {
    const names = ACTIONS.filter(({ action }) => action !== 'close').map(({ action }) => action)
    throw usage(
      `"${choice}" is no action with its keys.`,
      `Such as got_it=3,l; there are: ${names.join(', ')}`,
    )
  }
  const keys = list === ',' ? [','] : list.split(',')
  const wrong = keys.find((key) => !(isCharacter(key) && key !== 'space') && !NAMED_KEYS.test(key))
  if (wrong !== undefined)
    throw usage(
      `"${wrong}" is no key.`,
      'Write a character, or space, enter, escape, up, pagedown, ctrl-x and the like.',
    )
  return [action, keys]
}

/** The character that a key leaves where somebody types; null for a key that leaves none. */
export function characterOf(key: string): string | null {
  if (!isCharacter(key)) return null
  return key === 'space' ? ' ' : key
}

/** One grapheme, however many code points it is made of, or the space bar. */
function isCharacter(key: string): boolean {
  return key === 'space' || [...graphemes(key)].length === 1
}

/** Whether a key counts as "any key": control keys and unknown sequences are not pressed to close something. */
function isPlain(key: string): boolean {
  return key !== 'unknown' && !key.startsWith('ctrl-')
}
