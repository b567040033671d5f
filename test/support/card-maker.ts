// What the provider of the tests has in place of a model: it makes cards of sentences by rule, the same ones every time.

/** A card as a model writes it, before anybody has looked at it. */
export interface MadeCard {
  quote: string
  page: number
  question: string
  answer: string
  /** What is wrong with it on purpose. */
  planted?: Plant
}

/**
 * What can be planted among true cards: a quote that is nowhere in the source; a true quote with one word changed; a
 * true quote with an answer whose number, or whose name, is nowhere in the source; a card that was made before; the same
 * question with a full stop too many; an answer that goes on and on; an answer with another card's markup in it.
 */
export type Plant =
  | 'made_up_quote'
  | 'changed_word'
  | 'foreign_number'
  | 'foreign_name'
  | 'duplicate'
  | 'near_duplicate'
  | 'long_answer'
  | 'no_quote'

/** A number and a name that no source of a test has. */
export const FOREIGN_NUMBER = '48613'
export const FOREIGN_NAME = 'Zorblaxia Quillfeather'

/** Up to `quota` cards of the text between <source> and </source>, none of which asks what was `asked` before. */
export function makeCards(
  source: string,
  quota: number,
  asked: readonly string[],
  plants: readonly Plant[],
): MadeCard[] {
  const before = new Set(asked)
  const all = sentencesOf(source)
    .map(({ text, page }) => cardOf(text, page))
    .filter((card): card is MadeCard => card !== null && !before.has(card.question))
  const planted = plants.slice(0, quota)
  const cards = all.slice(0, Math.max(0, quota - planted.length))
  for (const [index, kind] of planted.entries()) {
    // a sentence of its own where there is one, so that only what is planted is wrong with the card
    const base = all[quota - planted.length + index] ?? all[index]
    if (base) cards.push({ ...plant(base, kind, cards[index] ?? base), planted: kind })
  }
  return cards
}

function plant(card: MadeCard, kind: Plant, other: MadeCard): MadeCard {
  switch (kind) {
    case 'made_up_quote':
      return {
        ...card,
        quote: 'Seventeen violet walruses negotiated a lasting peace among the harbour cranes at dawn.',
      }
    case 'changed_word': {
      const words = card.quote.split(' ')
      words[Math.floor(words.length / 2)] = 'marmalade'
      return { ...card, quote: words.join(' ') }
    }
    case 'foreign_number':
      return { ...card, answer: FOREIGN_NUMBER }
    case 'foreign_name':
      return { ...card, answer: FOREIGN_NAME }
    case 'duplicate':
      return { ...other }
    case 'near_duplicate':
      return { ...other, question: other.question.replace(/ …\?$/, ' … what?') }
    case 'long_answer':
      return {
        ...card,
        answer: Array(6)
          .fill(card.quote.replace(/[.!。]$/, ''))
          .join(', moreover '),
      }
    case 'no_quote':
      return { ...card, quote: '' }
  }
}

/** The sentences of a source, each with the page of the mark above it; 0 without marks. */
function sentencesOf(source: string): { text: string; page: number }[] {
  const found: { text: string; page: number }[] = []
  let page = 0
  for (const piece of source.split(/^(\[page \d+\])$/m)) {
    const mark = /^\[page (\d+)\]$/.exec(piece)
    if (mark) page = Number(mark[1])
    else
      for (const paragraph of piece.split(/\n\s*\n/))
        for (const [text] of paragraph
          .replace(/\s+/g, ' ')
          .matchAll(/[^.!?。！？]+(?:\.(?=\S)[^.!?。！？]*)*[.!?。！？]/g))
          found.push({ text: text.trim(), page })
  }
  return found
}

const UNSUITABLE =
  /[?;:<>{}[\]|？]|^\W*(?:it|this|that|these|those|they|he|she|we|i|you|there|its|their|his|her|here|such|and|but|or)\b|\b(?:text|passage|author|chapter|section|figure|table|page|above|below|following|according|previous|yes|no|true|false)\b/i

/** Null for a sentence that makes no good card. */
function cardOf(sentence: string, page: number): MadeCard | null {
  if (UNSUITABLE.test(sentence) || !/^["“«¿¡(]?[\p{Lu}\p{Lo}\p{N}]/u.test(sentence)) return null
  const bare = sentence.replace(/[.!。！]+$/u, '')
  const [begin, answer] = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u.test(bare)
    ? splitLetters(bare)
    : splitWords(bare)
  if (!begin || !answer) return null
  return { quote: sentence, page, question: `${begin} …?`, answer }
}

function splitLetters(text: string): [string?, string?] {
  const letters = Array.from(text)
  if (letters.length < 12 || letters.length > 80) return []
  const begin = letters
    .slice(0, -4)
    .join('')
    .replace(/[、，,]$/u, '')
  const answer = letters.slice(-4).join('')
  return begin.includes(answer) ? [] : [begin, answer]
}

/** The last words are the answer: as few as hold a word that the beginning has not. */
function splitWords(text: string): [string?, string?] {
  const words = text.split(' ')
  if (words.length < 6 || words.length > 45) return []
  for (let count = 1; count <= 4; count++) {
    const begin = words.slice(0, -count)
    const answer = words.slice(-count)
    const known = new Set(begin.map(core))
    if (!answer.some((word) => core(word).length >= 4 && !known.has(core(word)))) continue
    return [begin.join(' ').replace(/[,(“"]+$/, ''), answer.join(' ').replace(/^[("“]|[)"”]$/g, '')]
  }
  return []
}

const core = (word: string) => word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
