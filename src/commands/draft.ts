import { checkText } from '../core/card.ts'
import { type Draft, draftText, parseDraft } from '../core/draft.ts'
import { databaseProblem } from '../db/problem.ts'
import { CliError } from '../errors.ts'
import type { Terminal } from '../ui/terminal.ts'

/**
 * Lets the person write a card in their editor, and gives what `save` makes of it; null when they left it as it was.
 * What they wrote is kept until it is saved: whatever comes between, the error says where it is.
 */
export async function editDraft<Saved>(
  term: Terminal,
  before: Draft,
  save: (draft: Draft) => Promise<Saved>,
): Promise<Saved | null> {
  const template = draftText(before)
  const { text, kept, discard } = await term.edit(template)
  if (text === template) {
    discard()
    return null
  }
  try {
    const draft = parseDraft(text, before)
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
