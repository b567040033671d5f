import { ankiText } from './anki-text.ts'
import { apkg } from './apkg.ts'
import { csv } from './csv.ts'
import type { Format, FormatName, TextFormat, WrittenName } from './format.ts'
import { hascard } from './hascard.ts'
import { hashcards } from './hashcards.ts'
import { headings } from './headings.ts'
import { json } from './json.ts'
import { jsonl } from './jsonl.ts'
import { obsidian } from './obsidian.ts'
import { quizlet } from './quizlet.ts'
import { tsv } from './tsv.ts'

/** All formats. A new one is a file, a name in format.ts and a line here, and in sniff.ts what it is recognised by. */
export const formats = {
  csv,
  tsv,
  quizlet,
  'anki-text': ankiText,
  json,
  jsonl,
  hashcards,
  headings,
  hascard,
  obsidian,
  apkg,
} satisfies Record<FormatName, Format> & Record<WrittenName, Required<TextFormat>>
