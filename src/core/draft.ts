import { usage } from '../errors.ts'
import { DIFFICULTY_LEVELS, type DifficultyLevel } from './card.ts'
import { readTags, writeTagsToEdit } from './lists.ts'

/** A card as a person writes it in an editor. */
export interface Draft {
  question: string
  answer: string
  tags: string[]
  difficulty_level: DifficultyLevel | null
}

const SECTIONS = ['question', 'answer', 'tags', 'difficulty'] as const
type Section = (typeof SECTIONS)[number]

const mark = (section: Section) => `----- ${section} -----`

/** A line that is a mark, but for what stands before it. */
const MARKS = new RegExp(`^\\\\*----- (${SECTIONS.join('|')}) -----\\s*$`)

/** Lines of a card that look like a mark have a backslash in front, as do those that begin with one already. */
function escapeMarks(text: string): string {
  const lines = text.split('\n').map((line) => (MARKS.test(line) ? `\\${line}` : line))
  return lines.join('\n')
}

/** The text that an editor opens with. */
export function draftText({ question, answer, tags, difficulty_level }: Draft): string {
  return `${mark('question')}
${escapeMarks(question)}

${mark('answer')}
${escapeMarks(answer)}

${mark('tags')}
${writeTagsToEdit(tags)}

${mark('difficulty')}
${difficulty_level ?? ''}
`
}

/**
 * What a person made of `before`. What they left alone is exactly as it was, also blank lines at its ends, which are not
 * part of what is written. Throws usage when the marks are not all there once or the difficulty is none; whether question
 * and answer are good is for `checkText`.
 */
export function parseDraft(text: string, before: Draft): Draft {
  const draft = readDraft(text)
  const untouched = readDraft(draftText(before))
  const isSame = (key: keyof Draft) => JSON.stringify(draft[key]) === JSON.stringify(untouched[key])
  return {
    question: isSame('question') ? before.question : draft.question,
    answer: isSame('answer') ? before.answer : draft.answer,
    tags: isSame('tags') ? before.tags : draft.tags,
    difficulty_level: draft.difficulty_level,
  }
}

function readDraft(text: string): Draft {
  const found = new Map<Section, string[]>()
  const above: string[] = []
  let lines = above
  for (const line of text.split(/\r?\n/)) {
    const section = SECTIONS.find((name) => line.trimEnd() === mark(name))
    if (section) {
      if (found.has(section)) {
        throw usage(
          `The line "${mark(section)}" is there twice.`,
          'One that is part of the text is written with a \\ in front.',
        )
      }
      lines = []
      found.set(section, lines)
    } else lines.push(MARKS.test(line) ? line.slice(1) : line)
  }
  const section = (name: Section) => {
    const content = found.get(name)
    if (!content) throw usage(`The line "${mark(name)}" is missing.`)
    return content.join('\n').replace(/^(\s*\n)+|\s+$/g, '')
  }
  const difficulty = section('difficulty').trim().toLowerCase()
  const difficulty_level = DIFFICULTY_LEVELS.find((level) => level === difficulty) ?? null
  if (difficulty !== '' && !difficulty_level) {
    throw usage(`"${difficulty}" is not a difficulty: write ${DIFFICULTY_LEVELS.join(', ')} or nothing.`)
  }
  const tags = section('tags')
  const draft: Draft = {
    question: section('question'),
    answer: section('answer'),
    // with commas in it, the end of a line is one too
    tags: readTags(tags.includes(',') ? tags.replaceAll('\n', ',') : tags),
    difficulty_level,
  }
  if (above.some((line) => line.trim() !== ''))
    throw usage(`There is text above the line "${mark('question')}".`)
  return draft
}
