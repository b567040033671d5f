import { type CardText, DIRECTIONS, GRADES } from '../core/card.ts'
import { distinct, readAnswers, readTags } from '../core/lists.ts'
import { ALIASES, comparable } from './columns.ts'
import type { FileAttempt, FileCard, FileImage, ParsedRecord, ReadOptions } from './format.ts'
import { toRecord, withMore } from './record.ts'

/**
 * The record in the text of one JSON value. The object's keys are found as the columns of a table are, by our names, by
 * their aliases, or by what `columns` says; keys we do not know are ignored. What besides text a card has goes by our names alone.
 */
export function jsonRecord(line: number, text: string, columns: ReadOptions['columns']): ParsedRecord {
  // on one line, and so one record of JSON Lines: inside its strings, JSON has no line breaks
  const raw = /[\r\n]/.test(text) ? text.replaceAll(/[\r\n]+/g, ' ').trim() : text
  // said without parsing, which is slow at failing: a file of another format is a million of these
  if (!/^\s*(?:\{|$)/.test(text)) return { line, problem: 'a card must be a JSON object', raw }
  let value: object
  try {
    value = JSON.parse(text)
  } catch {
    return { line, problem: 'this is not valid JSON', raw }
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

  const card = {
    question: required('question'),
    answer: required('answer'),
    tags: list('tags', readTags),
    difficulty_level: optional('difficulty_level'),
    accepted_answers: list('accepted_answers', readAnswers),
    external_id: optional('external_id'),
  }
  const more = moreOf(members, problems)
  if (problems[0] !== undefined) return { line, problem: problems[0], raw }
  const record = toRecord(line, card, raw)
  return more ? withMore(record, more) : record
}

/** What an object says of a card besides its text, or undefined for nothing; what is wrong with it goes to `problems`. */
function moreOf(members: ReadonlyMap<string, unknown>, problems: string[]): Partial<FileCard> | undefined {
  let more: Partial<FileCard> | undefined
  const take = <Name extends keyof FileCard>(
    name: Name,
    shape: string,
    read: (value: unknown) => FileCard[Name] | undefined,
  ) => {
    const value = members.get(name)
    if (value === undefined || value === null || value === '') return
    const found = read(value)
    if (found === undefined) problems.push(`"${name}" must be ${shape}`)
    else more = { ...more, [name]: found }
  }
  take('deck', 'text', text)
  take('note', 'text', (value) => (Number.isSafeInteger(value) ? String(value) : text(value)))
  take('reversible', 'true or false', truth)
  take('suspended', 'true or false', truth)
  take('images', 'a list of {"side", "url", "alt"}', (value) => listOf(value, image))
  take('attempts', 'a list of {"attempted_at", "confidence_status", "duration_ms", "direction"}', (value) =>
    listOf(value, attempt),
  )
  return more
}

const text = (value: unknown) => (typeof value === 'string' ? value : undefined)
const truth = (value: unknown) => (typeof value === 'boolean' ? value : undefined)

function listOf<Item>(value: unknown, read: (item: object) => Item | undefined): Item[] | undefined {
  if (!Array.isArray(value)) return undefined
  const items: Item[] = []
  for (const each of value) {
    const item = typeof each === 'object' && each !== null ? read(each) : undefined
    if (item === undefined) return undefined
    items.push(item)
  }
  return items
}

function image(value: { side?: unknown; url?: unknown; alt?: unknown }): FileImage | undefined {
  const { side, url, alt = null } = value
  if ((side !== 'question' && side !== 'answer') || typeof url !== 'string' || url === '') return undefined
  if (alt !== null && typeof alt !== 'string') return undefined
  return { side, url, alt }
}

/** ISO 8601 in UTC, as we write it. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z$/

function attempt(value: { [Name in keyof FileAttempt]?: unknown }): FileAttempt | undefined {
  const { attempted_at, duration_ms = null, confidence_status, direction = 'forward' } = value
  const grade = GRADES.find((known) => known === confidence_status)
  const way = DIRECTIONS.find((known) => known === direction)
  if (typeof attempted_at !== 'string' || !INSTANT.test(attempted_at)) return undefined
  if (Number.isNaN(Date.parse(attempted_at)) || grade === undefined || way === undefined) return undefined
  if (duration_ms !== null && !(Number.isSafeInteger(duration_ms) && Number(duration_ms) >= 0))
    return undefined
  return {
    attempted_at,
    confidence_status: grade,
    duration_ms: duration_ms === null ? null : Number(duration_ms),
    direction: way,
  }
}

/** A card as JSON, its keys in one order, without what there is nothing of besides its text. */
export function jsonCard(card: FileCard): string {
  const { question, answer, tags, difficulty_level, accepted_answers, external_id } = card
  return JSON.stringify({
    question,
    answer,
    tags,
    difficulty_level,
    accepted_answers,
    external_id,
    deck: card.deck,
    note: card.note,
    reversible: card.reversible || undefined,
    suspended: card.suspended || undefined,
    images: card.images?.length ? card.images : undefined,
    attempts: card.attempts?.length ? card.attempts : undefined,
  })
}
