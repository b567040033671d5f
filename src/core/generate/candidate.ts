// What a model proposes, and what is known about it before a person has looked.

/** How well the quote was found in the source: word for word, nearly, or not at all. */
export const GROUNDINGS = ['verified', 'close', 'unverified'] as const
export type Grounding = (typeof GROUNDINGS)[number]

/** What has become of a candidate. `dropped`: an exact duplicate, told apart from what a person has rejected. */
export const DECISIONS = ['proposed', 'accepted', 'rejected', 'dropped'] as const

/**
 * What may be wrong with a candidate, and what a person is told about it. Flags are shown, they drop nothing. A test of
 * form each, but for `number` and `name` (of the answer, not found in the source; of the question only larger numbers) and
 * `duplicate` (of another candidate, or of a card of the deck).
 */
export const FLAGS = {
  long: 'long answer',
  list: 'a list',
  yesno: 'yes or no',
  multi: 'several questions',
  refers: 'refers to the text',
  leak: 'the question holds the answer',
  vague: 'vague',
  lang: 'another language than the source',
  number: 'a number that is not in the source',
  name: 'a name that is not in the source',
  duplicate: 'like another card',
} as const satisfies Record<string, string>
export type Flag = keyof typeof FLAGS

/** Why a proposal is not even shown. */
export type DropReason = 'empty' | 'same' | 'markup' | 'leaked_prompt' | 'duplicate'

/** A card as the model wrote it; nothing in it is to be trusted. */
export interface Proposal {
  quote: string
  /** The page that the model believes it to be on; 0 for a source without pages. */
  page: number
  question: string
  answer: string
}

/** A proposal that has been looked at by the machine. */
export interface Checked {
  question: string
  answer: string
  /** Null: the model gave none. */
  quote: string | null
  /** Where the quote was found, by us; null for a source without pages, and for a quote that was not found. */
  page: number | null
  grounding: Grounding
  flags: Flag[]
}

/** Found in the source word for word, and nothing to remark: what may be accepted unseen by those who say so. */
export function isVerified({ grounding, flags }: Pick<Checked, 'grounding' | 'flags'>): boolean {
  return grounding === 'verified' && flags.length === 0
}
