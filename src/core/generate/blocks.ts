/*
 * A text as the blocks that it is laid out in: headings, tables, and paragraphs of everything else. Marked headings are
 * those of Markdown, which is also how web pages are handed on; in a PDF nothing is marked, so there a line is a heading
 * when it can hardly be anything else.
 */

export interface Block {
  kind: 'heading' | 'table' | 'text'
  /** With its line ends and the blank lines after it: the blocks of a text, put together, are the text. */
  text: string
}

/** The blocks of a text, in order. */
export function blocksOf(text: string): Block[] {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? []
  const blocks: Block[] = []
  let isFenced = false
  let isAfterBlank = true
  for (const [index, line] of lines.entries()) {
    const open = blocks.at(-1)
    const isBlank = line.trim() === ''
    const kind = isBlank || isFenced ? 'text' : kindOf(lines, index, isAfterBlank)
    const goesOn = open?.kind === kind && kind !== 'heading' && (!isAfterBlank || isFenced)
    const isUnderline = open?.kind === 'heading' && !isAfterBlank && isRule(line)
    if (open && (isBlank || goesOn || isUnderline)) open.text += line
    else blocks.push({ kind, text: line })
    if (/^\s{0,3}(?:```|~~~)/.test(line)) isFenced = !isFenced
    isAfterBlank = isBlank
  }
  return blocks
}

/** The words of a heading, without its marks. */
export function headingText(block: string): string {
  const [first = ''] = block.trim().split('\n')
  return first
    .replace(/^#{1,6}\s+|\s+#+$/g, '')
    .replace(/(\*\*|__)(.+?)\1/g, '$2')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, LONGEST_HEADING)
    .toWellFormed()
}

const LONGEST_HEADING = 200

/** A line that is a heading without being marked is no longer than this. */
const LONGEST_PLAIN = 80

const NUMBER_WORD =
  'one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|eins|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|un|deux|trois|quatre|cinq|uno|dos|tres|cuatro|cinco|due|tre|quattro|cinque|um|dois|três|quatro|een|twee|drie'
const CHAPTER =
  'chapter|part|section|appendix|lecture|unit|lesson|kapitel|teil|abschnitt|anhang|chapitre|partie|annexe|capítulo|parte|sección|seção|capitolo|sezione|hoofdstuk|deel|глава|часть|раздел'
/** With nothing after the number, or with a title: "Section 512 of the act" is how a line of text may begin. */
const NUMBERED = new RegExp(
  `^(?=\\p{Lu})(?:${anyCase(CHAPTER)})\\s+(?:\\d+|[IVXLC]+|[A-Z]|${anyCase(NUMBER_WORD)})(?:[.:]?$|\\s*[.:–—-]\\s+\\S[^.!?]*$|\\s+\\p{Lu}[^.!?]*$)`,
  'u',
)
const NUMBERED_CJK = /^第[\d一二三四五六七八九十百〇零]{1,5}[章節节部編编回課课]/

/** Two levels at least: "1. Water" may as well be an item of a list. */
const OUTLINE = /^\d{1,2}(?:\.\d{1,2})+\.?\s+\p{Lu}[^.!?;,]*$/u

/** Words with a small or capital first letter, or all in capitals. */
function anyCase(words: string): string {
  const forms = words
    .split('|')
    .flatMap((word) => [word, `${word[0]?.toUpperCase()}${word.slice(1)}`, word.toUpperCase()])
  return [...new Set(forms)].join('|')
}

function kindOf(lines: readonly string[], index: number, isAfterBlank: boolean): Block['kind'] {
  const line = (lines[index] ?? '').trim()
  const next = lines[index + 1] ?? ''
  if (/^#{1,6}\s+\S/.test(line)) return 'heading'
  if (isAfterBlank && isRule(next) && line.length <= LONGEST_HEADING && !isRow(line)) return 'heading'
  if (isRow(line) && (isRow(next) || isRow(lines[index - 1] ?? ''))) return 'table'
  return isPlainHeading(line, isAfterBlank, next) ? 'heading' : 'text'
}

function isPlainHeading(line: string, isAfterBlank: boolean, next: string): boolean {
  if (line.length > LONGEST_PLAIN) return false
  if (NUMBERED.test(line) || NUMBERED_CJK.test(line) || OUTLINE.test(line)) return true
  // capitals alone, between blank lines or at the beginning of a page
  const letters = line.match(/\p{L}/gu) ?? []
  const isShouted = letters.length >= 4 && /^[^\p{Ll}]+$/u.test(line) && /\p{Lu}{2}/u.test(line)
  return isShouted && isAfterBlank && (next.trim() === '' || !/[.,;]$/.test(line))
}

/** What underlines a heading in Markdown. */
const isRule = (line: string) => /^ {0,3}(?:={2,}|-{3,})\s*$/.test(line)

/** A row of a table: cells between tabs, or between bars. */
const isRow = (line: string) => /\S\t+\S/.test(line) || /^\s*\|.*\|\s*$/.test(line)
