import { describe, expect, test } from 'vitest'
import { cleanPages, cleanText } from '../../../src/core/generate/clean.ts'
import { pick, random } from '../random.ts'

/** Pages counted from 1 with these texts, as they are after cleaning; a page that was left out is missing. */
function cleaned(...texts: string[]): string[] {
  return cleanPages(pagesOf(texts)).pages.map(({ text }) => text)
}

const pagesOf = (texts: readonly string[]) =>
  texts.map((text, index) => ({ page: index + 1, text, images: false }))

/** Pages of a book, each with lines of its own. */
const bodies = (count: number) =>
  Array.from(
    { length: count },
    (_, n) =>
      `Page ${'abcdefghijklmnopqrstuvwxyz'[n]} begins.\nIt goes on.\nIt ends ${'abcdefghijklmnopqrstuvwxyz'[n]}.`,
  )

describe('a text', () => {
  test.each([
    ['NUL and other control characters', 'a\0b\x1b[1mc\x9bd', 'ab[1mcd'],
    ['lone surrogates, and not pairs', 'a\ud800b 😀 \udc00c', 'ab 😀 c'],
    ['a byte order mark', '\ufeffa', 'a'],
    ['every kind of line end', 'a\r\nb\rc\u2028d\fe', 'a\nb\nc\nd\ne'],
    ['letters with their marks, composed', 'e\u0301', 'é'],
    ['ligatures as they are', 'ﬁsh', 'ﬁsh'],
    ['soft hyphens', 'Donau\u00addampf\u00ad\nschiff', 'Donaudampfschiff'],
    ['hyphens at the end of a line, which Markdown may mean', 'a-\nb', 'a-\nb'],
    ['space at the ends of lines', 'a  \n\t\nb', 'a\n\nb'],
    ['blank lines, one in a row', '\n\na\n\n\n\nb\n', 'a\n\nb'],
    ['indentation', '  a\n    b', '  a\n    b'],
    ['tabs between cells, without space around', 'a \t b\tc \t', 'a\tb\tc'],
  ])('%s', (_, text, clean) => {
    expect(cleanText(text)).toBe(clean)
    expect(cleanText(clean)).toBe(clean)
  })
})

describe('running lines', () => {
  test('a footer on every page goes, and so do page numbers', () => {
    const pages = bodies(5).map((body, n) => `${body}\n${n + 17}\nhttp://example.org/book`)
    expect(cleaned(...pages)).toEqual(bodies(5))
  })

  test('left and right pages have other headers, with the number inside', () => {
    const pages = bodies(12).map((body, n) =>
      n % 2 ? `THE CELL ${n + 3}\n${body}` : `${n + 3} BIOLOGY\n${body}`,
    )
    expect(cleaned(...pages)).toEqual(bodies(12))
  })

  test('chapters too short for a tenth of the pages', () => {
    const chapter = (n: number) => ['Air', 'Water', 'Earth', 'Fire', 'Aether'][Math.floor(n / 5)]
    const pages = bodies(25).map((body, n) => `${body}\n${chapter(n)}  ${n + 101}`)
    expect(cleaned(...pages)).toEqual(bodies(25))
  })

  test('numbers in Roman', () => {
    const roman = ['vii', 'viii', 'ix', 'x', 'xi']
    const pages = bodies(5).map((body, n) => `${roman[n]} PREFACE\n${body}`)
    expect(cleaned(...pages)).toEqual(bodies(5))
  })

  test('a line on two pages only stays', () => {
    const pages = bodies(4).map((body, n) => (n < 2 ? `Exercises\n${body}` : body))
    expect(cleaned(...pages)).toEqual(pages)
  })

  test('numbered headings stay, though they go up with the pages', () => {
    const heads = ['1 Air', '2 Water', '3 Earth', '4 Fire', '5 Aether']
    const pages = bodies(5).map((body, n) => `${heads[n]}\n${body}`)
    expect(cleaned(...pages)).toEqual(pages)
  })

  test('rows of numbers stay', () => {
    const pages = Array.from({ length: 6 }, (_, n) => `${n * 31}\t${n * 7}\n${n * 17}\t${n * 5}`)
    expect(cleaned(...pages)).toEqual(pages)
  })

  test('pages that are all alike are content', () => {
    const page = Array.from({ length: 9 }, (_, n) => `line ${'abcdefghi'[n]}`).join('\n')
    expect(cleaned(page, page, page, page)).toEqual([page, page, page, page])
  })
})

describe('hyphens at the ends of lines', () => {
  test.each([
    ['a word is put together', 'It was im-\nportant to him.', 'It was important\nto him.'],
    ['a soft hyphen too', 'It was im\u00ad\nportant to him.', 'It was important\nto him.'],
    ['a word over three lines', 'Donau-\ndampf-\nschiff fahren', 'Donaudampfschiff\nfahren'],
    [
      'one that the text has with a hyphen keeps it',
      'A well-known one. A well-\nknown one.',
      'A well-known one. A well-known\none.',
    ],
    [
      'one that the text has without loses it',
      'Nobody was there. No-\nbody at all.',
      'Nobody was there. Nobody\nat all.',
    ],
    [
      'two words of the text',
      'Free love, and software. The free-\nsoftware movement',
      'Free love, and software. The free-software\nmovement',
    ],
    ['a name', 'The Anglo-\nSaxon kings', 'The Anglo-Saxon\nkings'],
    ['the last part of a long one', 'state-of-the-\nart engines', 'state-of-the-art\nengines'],
    ['half a word before a conjunction', 'Haupt-\nund Nebensätze', 'Haupt-\nund Nebensätze'],
    ['a range of years', '1914-\n1918', '1914-\n1918'],
    ['a dash', 'so --\nor not -\nperhaps', 'so --\nor not -\nperhaps'],
    ['the next row of a table', 'a\twell-\nknown\tb', 'a\twell-\nknown\tb'],
  ])('%s', (_, text, clean) => {
    expect(cleaned(text)).toEqual([clean])
  })

  test('a word that a page cuts stands where it begins', () => {
    const pages = ['It was the be-\n1', 'ginning of it all.\n2', 'And so it went.\n3']
    expect(cleaned(...pages)).toEqual(['It was the beginning', 'of it all.', 'And so it went.'])
  })

  test('not over a page that is missing', () => {
    const { pages } = cleanPages([
      { page: 1, text: 'It was the be-', images: false },
      { page: 3, text: 'ginning', images: false },
    ])
    expect(pages.map(({ text }) => text)).toEqual(['It was the be-', 'ginning'])
  })
})

describe('pages that hold nothing are left out and named', () => {
  test('by what is wrong with them', () => {
    const garbled = '\x01\x02\x03\x04 abc \ue001\ue002'
    expect(
      cleanPages([
        { page: 1, text: '  \n', images: false },
        { page: 2, text: 'Words.', images: true },
        { page: 3, text: '', images: true },
        { page: 4, text: garbled, images: false },
        { page: 5, text: null, images: false },
        { page: 6, text: garbled, images: true },
      ]),
    ).toEqual({
      pages: [{ page: 2, text: 'Words.' }],
      notes: [
        { kind: 'blank', pages: [1] },
        { kind: 'scanned', pages: [3] },
        { kind: 'garbled', pages: [4, 6] },
        { kind: 'failed', pages: [5] },
      ],
    })
  })

  test('a scan with nothing but a footer on it', () => {
    const pages = bodies(3).map((_, n) => ({
      page: n + 1,
      text: `Scanned by a machine\n${n + 1}`,
      images: true,
    }))
    expect(cleanPages(pages)).toEqual({ pages: [], notes: [{ kind: 'scanned', pages: [1, 2, 3] }] })
  })

  test('a few bullets of a symbol font are not garbled', () => {
    expect(cleaned('\uf0b7 The first of the points\n\uf0b7 The second of the points')).toHaveLength(1)
  })
})

describe('whatever the document', () => {
  const SYLLABLES = ['ka', 'lo', 'mi', 'nut', 'per', 'sol', 'tra', 'vin', 'grö', 'ßer', '16', '7'] as const

  /** A book: pages of words, some of them cut by hyphens, below a header and above a number. */
  function book(seed: number) {
    const next = random(seed)
    const words: string[][] = []
    const pages = Array.from({ length: 3 + Math.floor(next() * 20) }, (_, n) => {
      const own: string[] = []
      const lines = Array.from({ length: 3 + Math.floor(next() * 20) }, () => {
        const line = Array.from({ length: 3 + Math.floor(next() * 9) }, () =>
          Array.from({ length: 2 + Math.floor(next() * 3) }, () => pick(next, SYLLABLES)).join(''),
        )
        own.push(...line)
        return line.join(next() < 0.1 ? '\t' : ' ')
      })
      words.push(own)
      const text = lines
        .join('\n')
        .replace(/(?<=\p{Ll}{2})(?=\p{Ll}{2})/gu, (at) => (next() < 0.1 ? '-\n' : at))
      return `A Book of Cells\n${text}\n\n${n + 9}`
    })
    return { pages, words }
  }
  const seeds = Array.from({ length: 100 }, (_, seed) => [seed] as const)

  test.each(seeds)('cleaning again changes nothing, book %d', (seed) => {
    const once = cleanPages(pagesOf(book(seed).pages))
    const again = cleanPages(once.pages.map((page) => ({ ...page, images: false })))
    expect(again).toEqual({ pages: once.pages, notes: [] })
  })

  test.each(seeds)('no letter is lost and none is added, book %d', (seed) => {
    const { pages, words } = book(seed)
    const text = cleaned(...pages).join(' ')
    expect(text.replace(/[-\s]/g, '')).toBe(words.flat().join(''))
  })
})
