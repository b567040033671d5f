// The closed sets and small shapes of a generation job, as its rows hold them.

export const SOURCE_TYPES = ['pdf', 'text', 'webpage'] as const
export type SourceType = (typeof SOURCE_TYPES)[number]

/** `processing` from the first section that a worker takes until the last one is settled. */
export const JOB_STATUSES = ['pending', 'processing', 'done', 'failed'] as const

/** How a job ended, in more detail than its status; null while it has not. */
export const JOB_OUTCOMES = ['complete', 'partial', 'empty', 'cancelled'] as const

/** `skipped`: nothing was asked of it, because fewer cards were wanted than there are sections. */
export const SECTION_STATUSES = ['pending', 'done', 'failed', 'skipped'] as const
export type SectionStatus = (typeof SECTION_STATUSES)[number]

/** What a job was asked for: everything that another worker needs to go on with it, and no secret. */
export interface JobOptions {
  /** Cards wanted in all; absent for as many as the text holds. */
  count?: number
  /** More was asked for once already, because too few had come. */
  topped_up?: true
  /** A language code or name; absent for that of the source. */
  language?: string
  /** A wish of the person's, for the prompt. */
  focus?: string
  /** Tags of the cards that are accepted. */
  tags?: string[]
  /** The job stops before it has used more tokens, prompts and replies together. */
  max_tokens?: number
  /** The same in the currency of the prices. */
  max_cost?: number
  /** Prices of a million tokens, in and out, as they were when the job was made. */
  price_in?: number
  price_out?: number
  temperature?: number
  reasoning_effort?: string
  /** What is done with the cards once all are there, if nobody is asked: without it they wait. */
  accept?: 'verified' | 'all'
  /** Prompts go to the clipboard and answers are pasted: no provider. */
  copy?: true
  /** The pages that were read, as they were given. */
  pages?: string
}

/** Pages that could not be used, and why. */
export interface SourceNote {
  kind: 'blank' | 'scanned' | 'garbled' | 'failed'
  /** Ascending, counted from 1. */
  pages: number[]
}

/** A source as it was read and cleaned: pages in order, without those that hold nothing. */
export interface SourceText {
  title: string | null
  /** A page of a PDF has its number, counted from 1; other sources are one page without number. */
  pages: { page: number | null; text: string }[]
  /** How many pages the document has; null for a source without pages. */
  page_count: number | null
  notes: SourceNote[]
}

/** A piece of a source for one request, in the order of the text. */
export interface Section {
  heading: string | null
  page_from: number | null
  page_to: number | null
  /** With a `[page N]` line before the text of each page of a source with pages. */
  text: string
  /** Estimated tokens of the text. */
  tokens: number
  /** Cards wanted from it; 0: it is skipped. */
  quota: number
}
