/** The marks that a section has before the text of each page. */
const PAGE_MARK = /^\[page (\d+)\]$/gm
const SPELLING = /[\p{L}\p{N}]/u

/** So many letters are not found in a text by chance. */
const TELLING = 8

/**
 * Where in the text of a section a quote stands, as a range of it; null when it is not there. Only letters and digits
 * count, so that line breaks, hyphens and marks of pages are no difference. Of several places the first on `page` is
 * meant.
 */
export function findQuote(
  text: string,
  quote: string,
  page: number | null,
): { from: number; to: number } | null {
  const sought = spelling(quote).letters
  if (sought === '') return null
  // as long as what they stand for
  const unmarked = text.replace(PAGE_MARK, (mark) => ' '.repeat(mark.length))
  const { letters, places } = spelling(unmarked)
  const begin = page === null ? 0 : (pageStart(text, page) ?? 0)
  const first = places.findIndex((place) => place >= begin)
  const onPage = first === -1 ? -1 : letters.indexOf(sought, first)
  const found = onPage === -1 ? letters.indexOf(sought) : onPage
  const from = places[found]
  const last = places[found + sought.length - 1]
  if (found === -1 || from === undefined || last === undefined) return null
  return { from, to: last + String.fromCodePoint(text.codePointAt(last) ?? 0).length }
}

/** Where something like the quote begins: its half, or a smaller part of it; null when not even that is there. */
export function findNearly(text: string, quote: string, page: number | null): number | null {
  for (const parts of [2, 3, 4]) {
    const length = Math.floor(quote.length / parts)
    for (let part = 0; part < parts; part++) {
      const piece = quote.slice(part * length, (part + 1) * length)
      const found = spelling(piece).letters.length < TELLING ? null : findQuote(text, piece, page)
      if (found) return found.from
    }
  }
  return page === null ? null : pageStart(text, page)
}

/** Where the text of a page begins with its mark; null when it is not in the section. */
function pageStart(text: string, page: number): number | null {
  for (const mark of text.matchAll(PAGE_MARK)) if (Number(mark[1]) === page) return mark.index
  return null
}

/** The letters and digits of a text, without case and accents, each with its place in it. */
function spelling(text: string): { letters: string; places: number[] } {
  let letters = ''
  const places: number[] = []
  let place = 0
  for (const character of text) {
    for (const part of character.normalize('NFKD').toLowerCase()) {
      if (SPELLING.test(part)) {
        letters += part
        for (let unit = 0; unit < part.length; unit++) places.push(place)
      }
    }
    place += character.length
  }
  return { letters, places }
}
