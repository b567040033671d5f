import { checkText } from '../core/card.ts'
import { type Draft, draftText, parseDraft, parseSides, type Sides, sidesText } from '../core/draft.ts'
import { databaseProblem } from '../db/problem.ts'
import { CliError } from '../errors.ts'
import type { Terminal } from '../ui/terminal.ts'

/**
 * Lets the person write a card in their editor, and gives what `save` makes of it; null when they left it as it was.
 * What they wrote is kept until it is saved: whatever comes between, the error says where it is.
 */
export function editDraft<Saved>(
  term: Terminal,
  before: Draft,
  save: (draft: Draft) => Promise<Saved>,
): Promise<Saved | null> {
  return edit(term, draftText(before), (text) => parseDraft(text, before), save)
}

/** As `editDraft`, for question and answer alone. */
export function editSides<Saved>(
  term: Terminal,
  before: Sides,
  save: (sides: Sides) => Promise<Saved>,
): Promise<Saved | null> {
  return edit(term, sidesText(before), (text) => parseSides(text, before), save)
}

async function edit<Written extends Sides, Saved>(
  term: Terminal,
  template: string,
  parse: (text: string) => Written,
  save: (written: Written) => Promise<Saved>,
): Promise<Saved | null> {
  const { text, kept, discard } = await term.edit(template)
  if (text === template) {
    discard()
    return null
  }
  try {
    const draft = parse(text)
    checkText('question', draft.question)
    checkText('answer', draft.answer)
    const saved = await save(draft)
    discard()
    return saved
  } catch (error) {
    const { kind, message, hint } =
      databaseProblem(error) ?? new CliError('bug', `This is a bug in rote: ${rootOf(error)}`)
    const where = `What you wrote is in ${kept}`
    throw new CliError(kind, message, hint ? `${hint}\n${where}` : where, { cause: error })
  }
}

/** What is behind an error that only says where it happened. */
function rootOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause ? rootOf(error.cause) : error.message
}
