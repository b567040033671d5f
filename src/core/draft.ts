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

/** The part of a card that it has before anything else: what a candidate is. */
export type Sides = Pick<Draft, 'question' | 'answer'>

const SECTIONS = ['question', 'answer', 'tags', 'difficulty'] as const
type Section = (typeof SECTIONS)[number]

const mark = (section: Section) => `----- ${section} -----`

/** A line that is a mark, but for what stands before it. */
const MARKS = new RegExp(`^\\\\*----- (${SECTIONS.join('|')}) -----\\s*$`)

/** One that a person, or we, have put a backslash in front of. */
const ESCAPED = new RegExp(`^\\\\+----- (${SECTIONS.join('|')}) -----\\s*$`)

/** Lines of a card that look like a mark have a backslash in front, as do those that begin with one already. */
function escapeMarks(text: string): string {
  const lines = text.split('\n').map((line) => (MARKS.test(line) ? `\\${line}` : line))
  return lines.join('\n')
}

/** The text that an editor opens with, for both sides of a card and nothing else. */
export function sidesText({ question, answer }: Sides): string {
  return `${mark('question')}
${escapeMarks(question)}

${mark('answer')}
${escapeMarks(answer)}
`
}

/** The text that an editor opens with. */
export function draftText({ tags, difficulty_level, ...sides }: Draft): string {
  return `${sidesText(sides)}
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

/** As `parseDraft`, for what `sidesText` gave. */
export function parseSides(text: string, before: Sides): Sides {
  const read = (text: string): Sides => {
    const section = readSections(text, ['question', 'answer'])
    return { question: section('question'), answer: section('answer') }
  }
  const [sides, untouched] = [read(text), read(sidesText(before))]
  return {
    question: sides.question === untouched.question ? before.question : sides.question,
    answer: sides.answer === untouched.answer ? before.answer : sides.answer,
  }
}

function readDraft(text: string): Draft {
  const section = readSections(text, SECTIONS)
  const difficulty = section('difficulty').trim().toLowerCase()
  const difficulty_level = DIFFICULTY_LEVELS.find((level) => level === difficulty) ?? null
  if (difficulty !== '' && !difficulty_level) {
    throw usage(`"${difficulty}" is not a difficulty: write ${DIFFICULTY_LEVELS.join(', ')} or nothing.`)
  }
  const tags = section('tags')
  return {
    question: section('question'),
    answer: section('answer'),
    // with commas in it, the end of a line is one too
    tags: readTags(tags.includes(',') ? tags.replaceAll('\n', ',') : tags),
    difficulty_level,
  }
}

/** What stands below each mark. Throws usage for a mark that is there twice or not at all, and for text above the first. */
function readSections<Name extends Section>(text: string, names: readonly Name[]): (name: Name) => string {
  const found = new Map<Section, string[]>()
  const above: string[] = []
  let lines = above
  for (const line of text.split(/\r?\n/)) {
    const section = names.find((name) => line.trimEnd() === mark(name))
    if (section) {
      if (found.has(section)) {
        throw usage(
          `The line "${mark(section)}" is there twice.`,
          'One that is part of the text is written with a \\ in front.',
        )
      }
      lines = []
      found.set(section, lines)
    } else lines.push(ESCAPED.test(line) ? line.slice(1) : line)
  }
  const section = (name: Name) => {
    const content = found.get(name)
    if (!content) throw usage(`The line "${mark(name)}" is missing.`)
    return content.join('\n').replace(/^(\s*\n)+|\s+$/g, '')
  }
  for (const name of names) section(name)
  if (above.some((line) => line.trim() !== ''))
    throw usage(`There is text above the line "${mark('question')}".`)
  return section
}
