import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { deflateSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { showText } from '../../src/generate/source.ts'
import { pdf, rawPage, rawPdf } from '../support/pdf.ts'
import { failure, read, stdin } from './reading.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rote-sources-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Only our own watch is wound by hand; threads have theirs. */
const CLOCK = { toFake: ['setTimeout', 'clearTimeout', 'performance'] } satisfies Parameters<
  typeof vi.useFakeTimers
>[0]
afterEach(() => {
  vi.useRealTimers()
})

/** A file with this content; returns its path. */
function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

/** Words enough for a source, about a subject. */
const about = (subject: string) =>
  `What is said about ${subject} is long enough to make a card of it. `.repeat(4).trim()
/** The same in lines that fit on a page. */
const lines = (subject: string) => about(subject).replaceAll('. ', '.\n')

describe('PDFs', () => {
  test('page by page, with title and progress', async () => {
    const bytes = await pdf([lines('air'), lines('water'), lines('fire')], {
      info: { Title: ' The  Elements\0' },
    })
    const path = file('elements.pdf', bytes)
    const seen: string[] = []
    const source = await read(path, { onPage: (done, total) => seen.push(`${done}/${total}`) })
    expect(source).toEqual({
      source_type: 'pdf',
      source_url: path,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      text: {
        title: 'The Elements',
        page_count: 3,
        pages: [
          { page: 1, text: lines('air') },
          { page: 2, text: lines('water') },
          { page: 3, text: lines('fire') },
        ],
        notes: [],
      },
    })
    expect(seen).toEqual(['0/3', '1/3', '2/3', '3/3'])
    expect(showText(source)).toBe(
      `[page 1]\n${lines('air')}\n\n[page 2]\n${lines('water')}\n\n[page 3]\n${lines('fire')}\n`,
    )
  })

  test('the cells of a table are told apart', async () => {
    const table = 'Horizon\tDepth (cm)\tContent\nO\t0 to 5\tlitter\nA\t5 to 20\thumus and roots'
    const path = file('table.pdf', await pdf([`${lines('soil')}\n${table}\n${lines('roots')}`]))
    expect((await read(path)).text.pages[0]?.text).toBe(`${lines('soil')}\n${table}\n${lines('roots')}`)
  })

  test('only the pages wanted, and their own numbers', async () => {
    const path = file('five.pdf', await pdf(['a', 'b', 'c', 'd', 'e'].map(lines)))
    const { text } = await read(path, { pages: '4-,2' })
    expect(text.pages.map(({ page }) => page)).toEqual([2, 4, 5])
    expect(text.page_count).toBe(5)
    expect(await failure(path, { pages: '400' })).toEqual([
      'usage',
      '--pages 400: the document has 5 pages.',
      undefined,
    ])
  })

  test('six hundred pages with a running footer', async () => {
    const page = (n: number) =>
      `Fact ${n * 7} is one of those of which it is impor-\ntant to know that ${n * 3} follows.`
    const all = Array.from({ length: 600 }, (_, n) => `${page(n + 1)}\nA Book of Facts\n${n + 1}`)
    const { text } = await read(file('long.pdf', await pdf(all)))
    expect(text.pages).toHaveLength(600)
    expect(text.pages[411]?.text).toBe(
      'Fact 2884 is one of those of which it is important\nto know that 1236 follows.',
    )
  })

  test("of standard input, and with another program's lines before its beginning", async () => {
    const bytes = await pdf([lines('air')])
    expect(await read('-', { stdin: stdin(bytes) })).toMatchObject({ source_type: 'pdf', source_url: '-' })
    const path = file('junk.pdf', Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), bytes]))
    expect((await read(path)).text.pages).toHaveLength(1)
    expect((await read(file('no-suffix', readFileSync(path)))).source_type).toBe('pdf')
  })

  test('Japanese in an encoding that only its name tells', async () => {
    const text =
      'BT /F1 12 Tf 12 TL 72 700 Td ' +
      '(\x93\xfa\x96{\x8c\xea\x82\xcc\x83e\x83L\x83X\x83g) Tj T* '.repeat(30) +
      'ET'
    const bytes = rawPage(
      ['<<>>', Buffer.from(text, 'latin1')],
      [
        '<</Type/Font/Subtype/Type0/BaseFont/HeiseiMin-W3/Encoding/90ms-RKSJ-H/DescendantFonts[6 0 R]>>',
        '<</Type/Font/Subtype/CIDFontType0/BaseFont/HeiseiMin-W3/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)/Supplement 2>>/FontDescriptor 7 0 R>>',
        '<</Type/FontDescriptor/FontName/HeiseiMin-W3/Flags 4/FontBBox[0 0 1000 1000]/ItalicAngle 0/Ascent 800/Descent -200/CapHeight 700/StemV 80>>',
      ],
    )
    const { text: found } = await read(file('japanese.pdf', bytes))
    expect(found.pages[0]?.text.split('\n')[0]).toBe('日本語のテキスト')
  })

  describe('with a password', () => {
    const secret = (options: PDFKit.PDFDocumentOptions) => pdf([lines('secrets')], options)
    const asking = (...answers: (string | null)[]) => {
      const asked: boolean[] = []
      return {
        asked,
        password: async (wrong: boolean) => {
          asked.push(wrong)
          return answers.shift() ?? null
        },
      }
    }

    test.each([
      ['RC4 of 40 bits', {}],
      ['AES of 128 bits', { pdfVersion: '1.6' as const }],
      ['AES of 256 bits', { pdfVersion: '1.7ext3' as const }],
    ])('%s', async (_, version) => {
      const path = file('locked.pdf', await secret({ userPassword: 'sesame', ...version }))
      const { asked, password } = asking('Sesame', 'sesame')
      expect((await read(path, { password })).text.pages[0]?.text).toBe(lines('secrets'))
      expect(asked).toEqual([false, true])
    })

    test('nobody to ask, and no more than three tries', async () => {
      const path = file('locked.pdf', await secret({ userPassword: 'sesame' }))
      const hint = 'Set PDF_PASSWORD, or use --password-file.'
      expect(await failure(path)).toEqual(['not_found', `${path} needs a password.`, hint])
      const { asked, password } = asking('a', 'b', 'c', 'sesame')
      expect(await failure(path, { password })).toEqual([
        'not_found',
        `The password of ${path} is wrong.`,
        hint,
      ])
      expect(asked).toEqual([false, true, true])
    })

    test('a wrong one from a file, and nobody to ask for another', async () => {
      const path = file('locked.pdf', await secret({ userPassword: 'sesame' }))
      const [, message] = await failure(path, { password: asking('barley').password })
      expect(message).toBe(`The password of ${path} is wrong.`)
    })

    test('one that only guards against changes is not asked for', async () => {
      const path = file('owner.pdf', await secret({ ownerPassword: 'boss', permissions: { copying: false } }))
      expect((await read(path)).text.pages[0]?.text).toBe(lines('secrets'))
    })

    test('a question that is being thought about takes none of the time', async () => {
      const path = file('locked.pdf', await secret({ userPassword: 'sesame' }))
      vi.useFakeTimers(CLOCK)
      const password = async () => {
        vi.advanceTimersByTime(3_600_000)
        return 'sesame'
      }
      expect((await read(path, { password })).text.pages).toHaveLength(1)
    })
  })

  describe('without text', () => {
    test('all of it scanned', async () => {
      const path = file('scan.pdf', await pdf([{ image: true }, { image: true }]))
      expect(await failure(path)).toEqual([
        'not_found',
        `All 2 pages of ${path} are images (scanned).`,
        `Run: ocrmypdf ${path} with-text.pdf, then try again with with-text.pdf.`,
      ])
    })

    test('some of it scanned, and some blank', async () => {
      const picture = { text: lines('a picture'), image: true }
      const path = file('mixed.pdf', await pdf([lines('air'), { image: true }, '', picture, { image: true }]))
      const { text } = await read(path)
      expect(text.pages.map(({ page }) => page)).toEqual([1, 4])
      expect(text.notes).toEqual([
        { kind: 'blank', pages: [3] },
        { kind: 'scanned', pages: [2, 5] },
      ])
    })

    test('with a font that does not tell what its signs mean', async () => {
      const font =
        '<</Type/Font/Subtype/Type1/BaseFont/X/Encoding<</Type/Encoding/Differences[0/g0/g1/g2/g3/g4/g5]>>>>'
      const content = 'BT /F1 12 Tf 72 700 Td (\\000\\001\\002\\003\\004\\005\\001) Tj ET'
      const path = file('garbled.pdf', rawPage(['<<>>', Buffer.from(content)], [font]))
      expect(await failure(path)).toEqual([
        'not_found',
        `The only page of ${path} is garbled: the fonts do not tell what the signs mean.`,
        `Run: ocrmypdf --force-ocr ${path} with-text.pdf, then try again with with-text.pdf.`,
      ])
    })

    test('with a page that cannot be opened', async () => {
      const content: [string, Buffer] = [
        '<<>>',
        Buffer.from(
          `BT /F1 12 Tf 14 TL 72 700 Td ${lines('air')
            .split('\n')
            .map((line) => `(${line}) Tj T*`)
            .join(' ')} ET`,
        ),
      ]
      const bytes = rawPdf([
        '<</Type/Catalog/Pages 2 0 R>>',
        '<</Type/Pages/Kids[3 0 R (no page)]/Count 2>>',
        '<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>',
        content,
        '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
      ])
      const { text } = await read(file('hole.pdf', bytes))
      expect(text.pages).toEqual([{ page: 1, text: lines('air') }])
      expect(text.notes).toEqual([{ kind: 'failed', pages: [2] }])
    })

    test('or with too little of it', async () => {
      const path = file('short.pdf', await pdf(['Much too short.']))
      expect(await failure(path)).toEqual([
        'not_found',
        `${path} has only 15 characters of text: nothing to make cards from.`,
        undefined,
      ])
    })
  })

  describe('that are none, or not whole', () => {
    const repair = 'A PDF viewer may repair it: open it there and save it under another name.'
    test('cut off', async () => {
      const bytes = await pdf([lines('air'), lines('water')])
      const path = file('cut.pdf', bytes.subarray(0, 200))
      expect(await failure(path)).toEqual([
        'not_found',
        `${path} is damaged and cannot be opened (Invalid PDF structure).`,
        repair,
      ])
    })

    test('only the first line', async () => {
      const path = file('head.pdf', '%PDF-1.7\n')
      expect(await failure(path)).toEqual([
        'not_found',
        `${path} is damaged and cannot be opened (Invalid PDF structure).`,
        repair,
      ])
    })

    test.each([
      [
        'an error page',
        '<html><body>404',
        ' (it starts with "<html><body>"). Was the download an error page?',
        'To read it as a page, add: --type webpage',
      ],
      ['a zip archive', 'PK\x03\x04abcdefgh', ' (it starts with "PK abcdefgh").', undefined],
      ['a text', 'Dear all,\nyes.', ' (it starts with "Dear all, ye").', undefined],
      ['nothing that can be shown', '\x01\x02\x03', '.', undefined],
    ])('%s', async (_, content, begins, hint) => {
      const path = file('none.pdf', content)
      expect(await failure(path)).toEqual(['not_found', `${path} is not a PDF${begins}`, hint])
    })

    test('an empty file', async () => {
      const path = file('empty.pdf', '')
      expect(await failure(path)).toEqual(['not_found', `${path} is empty.`, undefined])
    })
  })

  describe('that never end', () => {
    /** Two kilobytes that are a page of 200 megabytes. */
    const bomb = () => {
      const once = deflateSync(Buffer.alloc(200_000_000, 'BT /F1 12 Tf 72 700 Td (word) Tj ET\n'), {
        level: 9,
      })
      return rawPage(['<</Filter[/FlateDecode/FlateDecode]>>', deflateSync(once, { level: 9 })])
    }

    test('a page that takes too long is stopped', async () => {
      const path = file('bomb.pdf', bomb())
      vi.useFakeTimers(CLOCK)
      expect(await failure(path, { onPage: () => vi.advanceTimersByTime(30_000) })).toEqual([
        'not_found',
        `Page 1 of ${path} took longer than 30 s and was stopped.`,
        'The file may be damaged or malicious. To read only a part of it: --pages 1-10',
      ])
    })

    test('so is a document', async () => {
      const path = file('bomb.pdf', bomb())
      vi.useFakeTimers(CLOCK)
      const onPage = () => vi.advanceTimersByTime(300_000)
      const [kind, message] = await failure(path, { onPage, pageMs: 600_000 })
      expect([kind, message]).toEqual([
        'not_found',
        `Reading ${path} took longer than 5 min and was stopped.`,
      ])
    })

    test('and an interrupt ends it', async () => {
      const path = file('bomb.pdf', bomb())
      const abort = new AbortController()
      const reading = failure(path, {
        signal: abort.signal,
        onPage: () => setTimeout(() => abort.abort(), 100),
      })
      expect(await reading).toEqual(['interrupted', 'Stopped.', undefined])
    })
  })
})

describe('texts', () => {
  const text = about('birds')

  test('a file, by its whole path', async () => {
    const path = file('birds.md', `# Birds #\r\n\r\n${text}\0\r\n`)
    const source = await read(path)
    expect(source).toMatchObject({ source_type: 'text', source_url: path })
    expect(source.text).toEqual({
      title: 'Birds',
      pages: [{ page: null, text: `# Birds #\n\n${text}` }],
      page_count: null,
      notes: [],
    })
    expect(showText(source)).toBe(`# Birds #\n\n${text}\n`)
  })

  test.each([
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${text} ß`)],
    ['UTF-16, little end first', Buffer.from(`\ufeff${text} ß`, 'utf16le')],
    ['UTF-16, big end first', Buffer.from(`\ufeff${text} ß`, 'utf16le').swap16()],
  ])('%s', async (_, bytes) => {
    const { text: found } = await read(file('marked.txt', bytes))
    expect(found).toMatchObject({ title: null, pages: [{ page: null, text: `${text} ß` }] })
  })

  test.each([
    ['title: "Rivers of Asia"', 'Rivers of Asia'],
    ["title: 'Rivers'\ntags:\n  - water\n\naliases: [a, b]", 'Rivers'],
    ['Title: A: the beginning', 'A: the beginning'],
    ['tags: [water]', 'Water'],
  ])('one with fields before it has them for its title alone: %s', async (fields, title) => {
    const body = `# Water\n\n${about('water')}`
    const { text } = await read(file('notes.md', `---\n${fields}\n---\n\n${body}\n`))
    expect(text).toMatchObject({ title, pages: [{ text: body }] })
  })

  test('a line of hyphens at the beginning is a line', async () => {
    const body = `---\nIt begins so.\n---\n${about('water')}`
    expect((await read(file('line.md', body))).text.pages[0]?.text).toBe(body)
  })

  test('standard input', async () => {
    expect(await read('-', { stdin: stdin(text) })).toMatchObject({
      source_type: 'text',
      source_url: '-',
      text: { pages: [{ page: null, text }] },
    })
  })

  test('one that speaks of PDFs, or begins with a tag, is a text', async () => {
    for (const beginning of ['A file begins with %PDF-1.7 here.\n', '<div align="center">\n']) {
      expect((await read(file('about.md', beginning + text))).source_type).toBe('text')
    }
  })

  test('a page, told by its content or by the person', async () => {
    const page = `<!-- saved --><!DOCTYPE html><title>Birds</title><p>${about('birds').repeat(4)}</p>`
    expect(await read(file('birds.txt', page))).toMatchObject({
      source_type: 'webpage',
      text: { title: 'Birds', pages: [{ page: null, text: about('birds').repeat(4) }] },
    })
    expect((await read(file('birds.html', page), { type: 'text' })).text.pages[0]?.text).toBe(page)
  })

  test.each([
    [
      'latin.txt',
      Buffer.from('Größe', 'latin1'),
      'is not UTF-8.',
      'Convert it, for example with: iconv -f windows-1252 -t utf-8',
    ],
    [
      'book.epub',
      'PK\x03\x04 …',
      'is a zip archive, such as .docx or .epub, not a text.',
      'Save it as PDF or as text.',
    ],
    ['picture', '\x89PNG …', 'is a picture, not a text.', 'Save it as PDF or as text.'],
    ['binary', '\0\x01\x02abc', 'is not a text.', undefined],
  ])('%s', async (name, content, message, hint) => {
    const path = file(name, typeof content === 'string' ? Buffer.from(content, 'latin1') : content)
    expect(await failure(path)).toEqual(['not_found', `${path} ${message}`, hint])
  })

  test('too little of it', async () => {
    const path = file('little.txt', 'x')
    expect(await failure(path)).toEqual([
      'not_found',
      `${path} has only 1 character of text: nothing to make cards from.`,
      undefined,
    ])
    const blank = file('blank.txt', ' \n\n')
    expect((await failure(blank))[1]).toBe(`${blank} has no text: nothing to make cards from.`)
  })

  test('pages are of PDFs', async () => {
    const path = file('birds.txt', text)
    expect(await failure(path, { pages: '1' })).toEqual([
      'usage',
      `--pages is for PDFs, and ${path} is none.`,
      undefined,
    ])
  })
})

describe('what cannot be read at all', () => {
  test('a file that is not there', async () => {
    expect(await failure('./no/such.pdf')).toEqual([
      'not_found',
      'Cannot read ./no/such.pdf: no such file.',
      undefined,
    ])
  })

  test('a folder', async () => {
    await mkdir(join(folder, 'notes'))
    expect(await failure(join(folder, 'notes'))).toEqual([
      'not_found',
      `${join(folder, 'notes')} is a folder, not a file.`,
      undefined,
    ])
  })

  test('a pipe in the file system, which nobody may ever write to', async () => {
    const path = join(folder, 'pipe')
    execFileSync('mkfifo', [path])
    expect(await failure(path)).toEqual([
      'not_found',
      `${path} is no regular file.`,
      `To read a pipe: rote generate - < ${path}`,
    ])
  })

  test('more than the limit, which may be raised', async () => {
    const path = file('large.txt', 'x'.repeat(1_200_000))
    const hint = 'To read it all the same, raise the limit with --max-bytes.'
    expect(await failure(path, { maxBytes: 1_000_000 })).toEqual([
      'not_found',
      `${path} is 1.2 MB; the limit is 1 MB.`,
      hint,
    ])
    expect(await failure('-', { stdin: stdin('x'.repeat(1001)), maxBytes: 1000 })).toEqual([
      'not_found',
      'Standard input is more than 1,000 bytes.',
      hint,
    ])
  })

  test('a terminal, and nothing', async () => {
    expect(await failure('-', { stdin: stdin(null) })).toEqual([
      'usage',
      'Nothing is piped into standard input.',
      'For example: pdftotext book.pdf - | rote generate -',
    ])
    expect(await failure('-')).toEqual(['usage', 'No text on standard input.', undefined])
  })

  test('bad pages are said first', async () => {
    expect((await failure('./no/such.pdf', { pages: '3-1' }))[0]).toBe('usage')
  })

  test('a pipe that never ends is left when the person has had enough', async () => {
    const abort = new AbortController()
    const endless = new PassThrough()
    endless.write('and on ')
    const reading = failure('-', { stdin: endless, signal: abort.signal })
    abort.abort()
    expect(await reading).toEqual(['interrupted', 'Stopped.', undefined])
  })
})

describe('real books', () => {
  /** A word that no other page has. */
  const word = (n: number) => Array.from(String(100 + n), (digit) => 'abcdefghij'[Number(digit)]).join('')
  const page = (n: number) =>
    [
      `The power of ${word(n)} is what this page is about, and of pub-`,
      'lishers who were estab-',
      `lished by ${word(n)} kings.`,
    ].join('\n')
  const PAGES = 40
  const made = () =>
    pdf(
      Array.from({ length: PAGES }, (_, n) =>
        n % 2 ? `${page(n)}\nIDEAS ${n + 3}` : `${page(n)}\n${n + 3} A BOOK\n<http://example.org/get-it>`,
      ),
    )

  test('a made one: its running lines and hyphens go, and every sentence is there', async () => {
    const { text } = await read(file('ideas.pdf', await made()))
    expect(text.pages.map(({ text }) => text.replace(/\s+/g, ' '))).toEqual(
      Array.from(
        { length: PAGES },
        (_, n) =>
          `The power of ${word(n)} is what this page is about, and of publishers who were established by ${word(n)} kings.`,
      ),
    )
  })

  // not ours to give away; it is read where it lies beside the repository
  const lessig = new URL('../../../shared/data/pdf/freeculture.pdf', import.meta.url)
  const there = [lessig.pathname].filter((path) => existsSync(path))
  for (const path of there)
    test('Lawrence Lessig, Free Culture', async () => {
      const { text } = await read(path)
      const all = text.pages.map(({ text }) => text).join('\n')
      expect(text).toMatchObject({ title: 'Free Culture', page_count: 352 })
      expect(text.pages).toHaveLength(350)
      expect(all.match(/free-culture\.org\/get-it|\p{L}-\n\p{Ll}/gu)).toBeNull()
      expect(all.match(/^(?:\d+ FREE CULTURE|“PROPERTY” \d+)$/gm)).toBeNull()
      expect(text.pages.find(({ page }) => page === 20)?.text).toContain(
        'On the day after Christmas, 1933, four patents were issued to Armstrong\nfor his most significant invention—FM radio. Until then, consumer\nradio had been',
      )
    })
})
