import type { CardText } from '../core/card.ts'
import { distinct, readAnswers, readTags } from '../core/lists.ts'
import { ALIASES, comparable } from './columns.ts'
import type { ParsedRecord, ReadOptions } from './format.ts'
import { toRecord } from './record.ts'

/**
 * The record in the text of one JSON value. The object's keys are found as the columns of a table are, by our names, by
 * their aliases, or by what `columns` says; keys we do not know are ignored.
 */
export function jsonRecord(line: number, text: string, columns: ReadOptions['columns']): ParsedRecord {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { line, problem: 'this is not valid JSON' }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { line, problem: 'a card must be a JSON object' }
  }
  const members = new Map(Object.entries(value).map(([key, member]) => [comparable(key), member as unknown]))
  const problems: string[] = []

  const find = (field: keyof CardText) => {
    const names = columns[field] === undefined ? ALIASES[field] : [comparable(columns[field])]
    const key = names.find((name) => members.has(name))
    return { key: key ?? names[0], value: key === undefined ? undefined : members.get(key) }
  }
  const required = (field: 'question' | 'answer'): string => {
    const { key, value } = find(field)
    if (typeof value === 'string') return value
    problems.push(value === undefined ? `"${key}" is missing` : `"${key}" must be text`)
    return ''
  }
  const optional = (field: 'difficulty_level' | 'external_id'): string => {
    const { key, value } = find(field)
    if (typeof value === 'string') return value
    // Keys of database rows are numbers; a number too large to be exact here is not the key that the file says.
    if (field === 'external_id' && Number.isSafeInteger(value)) return String(value)
    if (value !== undefined && value !== null) problems.push(`"${key}" must be text`)
    return ''
  }
  const list = (field: 'tags' | 'accepted_answers', split: (text: string) => string[]): string[] => {
    const { key, value } = find(field)
    if (value === undefined || value === null) return []
    if (typeof value === 'string') return split(value)
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return distinct(value)
    problems.push(`"${key}" must be text or a list of texts`)
    return []
  }

  const raw = {
    question: required('question'),
    answer: required('answer'),
    tags: list('tags', readTags),
    difficulty_level: optional('difficulty_level'),
    accepted_answers: list('accepted_answers', readAnswers),
    external_id: optional('external_id'),
  }
  return problems[0] === undefined ? toRecord(line, raw) : { line, problem: problems[0] }
}
