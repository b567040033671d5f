import { ANY, type Binding, bound, characterOf } from '../keymap.ts'
import type { Phase, ReviewEvent } from './review.ts'

/** An event that a key can be; `edit` and `scroll` are not for the machine. */
export type ReviewKeyEvent =
  | Exclude<
      ReviewEvent,
      {
        type: 'edited' | 'type' | 'regenerated' | 'failed' | 'loaded' | 'refused' | 'refreshed' | 'notice'
      }
    >
  | { type: 'edit' }
  | { type: 'scroll'; by: 'line' | 'page'; down: boolean }

/** A row of the table. */
export type ReviewBinding = Binding<Phase, ReviewKeyEvent>

const LEAVE = ['ctrl-c', 'ctrl-d']
const READ = ['candidate', 'confirm', 'source', 'help', 'remark'] as const

/** All keys of the review, in the order in which hints show them: the letters of `git add -p` where it has the same. */
export const REVIEW_KEYS: readonly ReviewBinding[] = [
  {
    action: 'accept',
    event: { type: 'accept' },
    keys: ['y'],
    label: 'accept',
    help: 'accept: a card',
    when: ['candidate'],
  },
  {
    action: 'take',
    event: { type: 'take' },
    keys: ['enter', 'space'],
    label: null,
    help: 'accept what has the ⏎',
    when: ['candidate'],
  },
  {
    action: 'reject',
    event: { type: 'reject' },
    keys: ['n'],
    label: 'reject',
    help: 'reject: no card',
    when: ['candidate'],
  },
  {
    action: 'edit',
    event: { type: 'edit' },
    keys: ['e'],
    label: 'edit',
    help: 'edit it in your editor',
    when: ['candidate'],
  },
  {
    action: 'regenerate',
    event: { type: 'regenerate' },
    keys: ['r'],
    label: 'again',
    help: 'ask the model again',
    when: ['candidate'],
  },
  {
    action: 'accept_all',
    event: { type: 'accept_all' },
    keys: ['v'],
    label: null,
    help: 'accept all verified ones',
    when: ['candidate'],
  },
  {
    action: 'source',
    event: { type: 'source' },
    keys: ['w', 's'],
    label: null,
    help: 'the text around the quote',
    when: ['candidate'],
  },
  {
    action: 'next',
    event: { type: 'move', by: 1 },
    keys: ['j', 'right'],
    label: null,
    help: 'the next, undecided',
    when: ['candidate', 'end'],
  },
  {
    action: 'previous',
    event: { type: 'move', by: -1 },
    keys: ['k', 'left'],
    label: null,
    help: 'the one before',
    when: ['candidate', 'end'],
  },
  {
    action: 'down',
    event: { type: 'scroll', by: 'line', down: true },
    keys: ['down'],
    label: null,
    help: 'a line down, or the next',
    when: READ,
  },
  {
    action: 'up',
    event: { type: 'scroll', by: 'line', down: false },
    keys: ['up'],
    label: null,
    help: 'a line up, or one before',
    when: READ,
  },
  {
    action: 'page_down',
    event: { type: 'scroll', by: 'page', down: true },
    keys: ['pagedown', 'ctrl-f'],
    label: null,
    help: 'scroll a page down',
    when: READ,
  },
  {
    action: 'page_up',
    event: { type: 'scroll', by: 'page', down: false },
    keys: ['pageup', 'ctrl-b'],
    label: null,
    help: 'scroll a page up',
    when: READ,
  },
  {
    action: 'yes',
    event: { type: 'yes' },
    keys: ['y'],
    label: 'accept them',
    help: 'all verified: accept them',
    when: ['confirm'],
  },
  {
    action: 'submit',
    event: { type: 'submit' },
    keys: ['enter'],
    label: 'asks the model',
    help: 'remark: ask with it',
    when: ['remark'],
  },
  {
    action: 'erase',
    event: { type: 'erase', what: 'character' },
    keys: ['backspace', 'ctrl-h'],
    label: null,
    help: 'remark: erase a letter',
    when: ['remark'],
  },
  {
    action: 'erase_word',
    event: { type: 'erase', what: 'word' },
    keys: ['ctrl-w'],
    label: null,
    help: 'remark: erase a word',
    when: ['remark'],
  },
  {
    action: 'erase_line',
    event: { type: 'erase', what: 'line' },
    keys: ['ctrl-u'],
    label: null,
    help: 'remark: erase all',
    when: ['remark'],
  },
  {
    action: 'back',
    event: { type: 'close' },
    keys: ['escape'],
    label: 'back',
    help: 'remark: go back',
    when: ['remark'],
  },
  {
    action: 'call_off',
    event: { type: 'called_off' },
    keys: ['escape', ...LEAVE],
    label: 'calls it off',
    help: 'asking: call it off',
    when: ['asking'],
  },
  {
    action: 'undo',
    event: { type: 'undo' },
    keys: ['u'],
    label: 'undo',
    help: 'take the last step back',
    when: ['candidate', 'end'],
  },
  {
    action: 'help',
    event: { type: 'help' },
    keys: ['?'],
    label: 'keys',
    help: 'show these keys',
    when: ['candidate'],
  },
  {
    action: 'quit',
    event: { type: 'quit' },
    keys: ['q', ...LEAVE],
    label: 'quit',
    help: 'stop: the rest waits',
    when: ['candidate'],
  },
  {
    action: 'leave',
    event: { type: 'quit' },
    keys: LEAVE,
    label: null,
    help: 'stop, wherever you are',
    when: ['confirm', 'remark', 'source', 'help', 'end'],
  },
  {
    action: 'finish',
    event: { type: 'quit' },
    keys: ['enter', 'q', 'space'],
    label: 'done',
    help: 'at the end: done',
    when: ['end'],
  },
  {
    action: 'close',
    event: { type: 'close' },
    keys: [ANY],
    label: 'goes back',
    help: 'go back',
    when: ['confirm', 'source', 'help'],
  },
]

/** What `key` means in `phase`; null when it means nothing there. */
export function reviewEventFor(
  key: string,
  phase: Phase,
): ReviewKeyEvent | { type: 'type'; text: string } | null {
  const text = phase === 'remark' ? characterOf(key) : null
  return text === null ? bound(REVIEW_KEYS, key, phase) : { type: 'type', text }
}
