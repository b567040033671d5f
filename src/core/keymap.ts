import type { Phase, SessionEvent } from './session.ts'

/** Stands in a row for every key that no other row of its phase names. */
const ANY = 'any key'

type Action = 'again' | 'almost' | 'got_it' | 'help' | 'quit' | 'reveal' | 'close'

/** What a key does: the machine, the footer and the help overlay all read it here. */
interface Binding {
  action: Action
  event: SessionEvent
  /** Names as `readKeys` gives them, or ANY; the first is the one that hints show. */
  keys: readonly string[]
  /** One or two words for the footer. */
  label: string
  /** For the overlay; it must fit beside the key in a window of 40 columns. */
  help: string
  when: readonly Phase[]
}

/** All keys of the study loop, in the order in which hints show them. */
export const KEYS: readonly Binding[] = [
  {
    action: 'reveal',
    event: { type: 'reveal' },
    keys: [ANY],
    label: 'shows the answer',
    help: 'show the answer',
    when: ['question'],
  },
  {
    action: 'again',
    event: { type: 'grade', grade: 'again' },
    keys: ['1'],
    label: 'again',
    help: 'again: I did not know it',
    when: ['answer'],
  },
  {
    action: 'almost',
    event: { type: 'grade', grade: 'almost' },
    keys: ['2'],
    label: 'almost',
    help: 'almost: right, with effort',
    when: ['answer'],
  },
  {
    action: 'got_it',
    event: { type: 'grade', grade: 'got_it' },
    keys: ['3'],
    label: 'got it',
    help: 'got it: I knew it',
    when: ['answer'],
  },
  {
    action: 'help',
    event: { type: 'help' },
    keys: ['?'],
    label: 'keys',
    help: 'show these keys',
    when: ['question', 'answer'],
  },
  {
    action: 'quit',
    event: { type: 'quit' },
    keys: ['q', 'ctrl-c', 'ctrl-d'],
    label: 'quit',
    help: 'stop; answers are kept',
    when: ['question', 'answer', 'help'],
  },
  {
    action: 'close',
    event: { type: 'close' },
    keys: [ANY],
    label: 'closes this list',
    help: 'close this list',
    when: ['help'],
  },
]

/** What `key` means in `phase`; null when it means nothing there. */
export function eventFor(key: string, phase: Phase): SessionEvent | null {
  const here = KEYS.filter(({ when }) => when.includes(phase))
  const named = here.find(({ keys }) => keys.includes(key))
  const any = isPlain(key) ? here.find(({ keys }) => keys.includes(ANY)) : undefined
  return (named ?? any)?.event ?? null
}

/** Whether a key counts as "any key": control keys and unknown sequences are not pressed to see an answer. */
function isPlain(key: string): boolean {
  return key !== 'unknown' && !key.startsWith('ctrl-')
}
