import { usage } from '../errors.ts'
import { DIFFICULTY_LEVELS, type DifficultyLevel } from './card.ts'

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

/** The text that an editor opens with. */
export function draftText({ question, answer, tags, difficulty_level }: Draft): string {
  return `${mark('question')}
${question}

${mark('answer')}
${answer}

${mark('tags')}
${tags.join(', ')}

${mark('difficulty')}
${difficulty_level ?? ''}
`
}

/**
 * What a person made of it. Blank lines round a section are not part of it. Throws usage when a mark is missing or the
 * difficulty is none; whether question and answer are good is for `checkText`.
 */
export function parseDraft(text: string): Draft {
  const found = new Map<Section, string[]>()
  let lines: string[] | undefined
  for (const line of text.split(/\r?\n/)) {
    const section = SECTIONS.find((name) => line.trimEnd() === mark(name))
    if (section) {
      lines = []
      found.set(section, lines)
    } else lines?.push(line)
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
  return {
    question: section('question'),
    answer: section('answer'),
    tags: parseTags(section('tags')),
    difficulty_level,
  }
}

/** Tags as people type them: separated by commas, or by spaces where there is no comma. Each once. */
function parseTags(text: string): string[] {
  const parts = text.includes(',') ? text.split(',') : text.split(/\s+/)
  return [...new Set(parts.map((tag) => tag.trim()).filter((tag) => tag !== ''))]
}
