/*
 * The worker thread that reads documents. What a file or a page makes it do, for ever or at the cost of all memory, ends
 * with the thread, and the program answers meanwhile: pdf.js takes no breath between pages, nor does Readability in a
 * page of ten thousand nested boxes. Only here are the libraries for it loaded.
 */
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { type MessagePort, parentPort } from 'node:worker_threads'
import { cleanPages, cleanText, type ReadPage } from '../core/generate/clean.ts'
import type { SourceText, SourceType } from '../core/generate/job.ts'
import { parsePages } from '../core/generate/page-spec.ts'
import { CliError, type ErrorKind } from '../errors.ts'

/** What the thread is given, as its first message. */
export interface Document {
  type: SourceType
  bytes: Uint8Array<ArrayBuffer>
  /** What it is called in messages. */
  name: string
  /** The pages wanted of a PDF; undefined for all. */
  pages: string | undefined
  /** What the server says about the encoding of a page or a text. */
  charset: string | undefined
}

/** What the thread tells. After `password` it waits for one: a string. */
export type Report =
  /** About to read a page, or to clean what was read of all. */
  | { report: 'page'; page: number | null; done: number; total: number }
  | { report: 'password'; wrong: boolean }
  | { report: 'text'; text: SourceText; article: boolean }
  | { report: 'problem'; kind: ErrorKind; message: string; hint: string | undefined }

/** With less text than this, signs other than space, it is worth a look whether a page is a picture. */
const LITTLE_TEXT = 200
/** pdf.js' operators for painting pictures, whole, as masks or repeated: OPS in its src/shared/util.js. */
const PAINT_IMAGE = { from: 83, to: 90 }

if (parentPort) listen(parentPort)

function listen(port: MessagePort): void {
  port.once('message', async (document: Document) => {
    const tell = (report: Report) => port.postMessage(report)
    try {
      switch (document.type) {
        case 'pdf':
          return tell({ report: 'text', text: await readPdf(document, port), article: true })
        case 'text':
          return tell({ report: 'text', text: readText(document), article: true })
        case 'webpage':
          return tell({ report: 'text', ...(await readPage(document)) })
      }
    } catch (error) {
      if (!(error instanceof CliError)) throw error
      tell({ report: 'problem', kind: error.kind, message: error.message, hint: error.hint })
    }
  })
}

/** What of pdf.js we use beside pdf-parse, which keeps its document to itself. */
interface PdfDocument {
  numPages: number
  getMetadata(): Promise<{ info: { Title?: unknown } }>
  getPage(page: number): Promise<PdfPage>
}

interface PdfPage {
  getOperatorList(): Promise<{ fnArray: number[] }>
  getTextContent(options: unknown): Promise<{ items: TextItem[] }>
  cleanup(): void
}

/** A piece of text, or the space between two, in units of the page; `transform` has the size of the font. */
interface TextItem {
  str?: string
  width: number
  transform: number[]
}

interface Pdf {
  document: PdfDocument
  /** The text of a page, counted from 1. */
  text(page: number): Promise<string>
}

async function readPdf({ bytes, name, pages: wanted }: Document, port: MessagePort): Promise<SourceText> {
  const { document, text } = await openPdf(bytes, name, port)
  const total = document.numPages
  const numbers =
    wanted === undefined ? Array.from({ length: total }, (_, at) => at + 1) : parsePages(wanted, total)
  const read: ReadPage[] = []
  const tell = (page: number | null) =>
    port.postMessage({ report: 'page', page, done: read.length, total: numbers.length } satisfies Report)
  for (const page of numbers) {
    tell(page)
    read.push(await readOnePage(document, page, text))
  }
  tell(null)
  const title = await document.getMetadata().then(
    ({ info }) => (typeof info.Title === 'string' ? oneLine(info.Title) : null),
    () => null,
  )
  return { title, ...cleanPages(read), page_count: total }
}

async function readOnePage(document: PdfDocument, page: number, text: Pdf['text']): Promise<ReadPage> {
  try {
    const found = await text(page)
    const isLittle = found.replace(/\s/g, '').length < LITTLE_TEXT
    // what cannot be drawn may be read all the same
    const images = isLittle && (await hasImages(document, page).catch(() => false))
    return { page, text: found, images }
  } catch {
    return { page, text: null, images: false }
  }
}

async function hasImages(document: PdfDocument, number: number): Promise<boolean> {
  const page = await document.getPage(number)
  const { fnArray } = await page.getOperatorList()
  page.cleanup()
  return fnArray.some((operator) => operator >= PAINT_IMAGE.from && operator <= PAINT_IMAGE.to)
}

/** Opens a document, asking for its password as often as it is refused. Throws not_found for one that is damaged. */
async function openPdf(bytes: Uint8Array<ArrayBuffer>, name: string, port: MessagePort): Promise<Pdf> {
  // pdf.js makes one of these while it is loaded, for drawing, which nobody does here; its own is in a native package
  if (!('DOMMatrix' in globalThis)) Object.assign(globalThis, { DOMMatrix: class {} })
  const { PDFParse } = await import('pdf-parse')
  const files = dirname(
    createRequire(createRequire(import.meta.url).resolve('pdf-parse')).resolve('pdfjs-dist/package.json'),
  )
  // pdf.js takes the bytes away from whoever hands them over, so what may be tried again is tried with a copy
  const encrypted = Buffer.from(bytes.buffer).includes('/Encrypt')
  for (let password: string | undefined; ; ) {
    const parser = new PDFParse({
      data: encrypted ? bytes.slice() : bytes,
      cMapUrl: `${files}/cmaps/`,
      isEvalSupported: false,
      ...(password === undefined ? {} : { password }),
    })
    try {
      const document = await (parser as unknown as { load(): Promise<PdfDocument> }).load()
      const text = async (page: number) => {
        tellGaps(await document.getPage(page))
        const [read] = (await parser.getText({ partial: [page] })).pages
        // what pdf-parse has found to be a gap itself is still one
        return (read?.text ?? '').replace(/\t[ \t]+/g, '\t')
      }
      return { document, text }
    } catch (error) {
      if (!(error instanceof Error)) throw error
      if (error.name !== 'PasswordException' || !encrypted) throw damaged(name, error)
      const asked = new Promise<string>((resolve) => port.once('message', resolve))
      port.postMessage({ report: 'password', wrong: password !== undefined } satisfies Report)
      password = await asked
    }
  }
}

/** A space is wider than this, in ems, only between the cells of a table, and between columns that are drawn line by line. */
const CELL_GAP = 1.5

/** Has a page tell wide spaces as tabs: to pdf-parse, which reads the same page object, they are spaces like others. */
function tellGaps(page: PdfPage): void {
  const read = page.getTextContent.bind(page)
  page.getTextContent = async (options) => {
    const content = await read(options)
    for (const item of content.items) {
      const [a = 0, b = 0] = item.transform ?? []
      if (item.str === ' ' && item.width > CELL_GAP * Math.hypot(a, b)) item.str = '\t'
    }
    return content
  }
}

function damaged(name: string, { message }: Error): CliError {
  const why = message.trim().replace(/\.$/, '')
  return new CliError(
    'not_found',
    `${name} is damaged and cannot be opened (${why}).`,
    'A PDF viewer may repair it: open it there and save it under another name.',
  )
}

/** A title is for people to tell documents apart by. */
const LONGEST_TITLE = 300

/** A title, cleaned; null when nothing is left of it. */
function oneLine(title: string): string | null {
  return cleanText(title.slice(0, LONGEST_TITLE)).replace(/\s+/g, ' ').trim() || null
}

async function readPage({ bytes, charset }: Document): Promise<{ text: SourceText; article: boolean }> {
  const { decodePage, textOfPage } = await import('./page.ts')
  const page = textOfPage(decodePage(bytes, charset))
  const text = cleanText(page.text)
  const pages = text === '' ? [] : [{ page: null, text }]
  return {
    text: { title: oneLine(page.title ?? ''), pages, page_count: null, notes: [] },
    article: page.article,
  }
}

/** What a text may begin with that is none, and what such files are. */
const OTHER_FILES: [start: string, what: string][] = [
  ['PK\x03\x04', 'a zip archive, such as .docx or .epub'],
  ['\xd0\xcf\x11\xe0', 'an old Office document'],
  ['{\\rtf', 'an RTF document'],
  ['SQLite format 3\0', 'a database'],
  ['\x1f\x8b', 'compressed'],
  ['\x89PNG', 'a picture'],
  ['\xff\xd8\xff', 'a picture'],
  ['GIF8', 'a picture'],
]

function readText({ bytes, name, charset }: Document): SourceText {
  const start = Buffer.from(bytes.buffer, 0, Math.min(16, bytes.length)).toString('latin1')
  const [, what] = OTHER_FILES.find(([magic]) => start.startsWith(magic)) ?? []
  if (what) throw unreadable(`${name} is ${what}, not a text.`, 'Save it as PDF or as text.')
  const { text, title: named } = withoutFrontMatter(cleanText(decode(bytes, start, name, charset)))
  const [, heading = ''] = /^# +(.*)/.exec(text.slice(0, LONGEST_TITLE)) ?? []
  const title = oneLine(named ?? heading.replace(/#+$/, ''))
  return { title, pages: text === '' ? [] : [{ page: null, text }], page_count: null, notes: [] }
}

/** A text without the fields before it, between lines of hyphens, and the title among them; many note programs write such. */
function withoutFrontMatter(text: string): { text: string; title: string | null } {
  const whole = { text, title: null }
  const end = text.startsWith('---\n') ? text.indexOf('\n---\n', 3) : -1
  if (end === -1) return whole
  const fields = text.slice(4, end)
  const isField = (line: string) => /^(?:$|#|\s|- |[\w-]+:)/.test(line)
  if (!/^[\w-]+:/.test(fields) || !fields.split('\n').every(isField)) return whole
  const [, , title = null] = /^title:[ \t]*(["']?)(.*?)\1$/im.exec(fields) ?? []
  return { text: text.slice(end + 5).trimStart(), title }
}

function decode(bytes: Uint8Array, start: string, name: string, charset: string | undefined): string {
  const mark = start.startsWith('\xff\xfe')
    ? 'utf-16le'
    : start.startsWith('\xfe\xff')
      ? 'utf-16be'
      : undefined
  const encoding = mark ?? charset ?? 'utf-8'
  let text: string
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    throw unreadable(
      `${name} is not ${encoding.toUpperCase()}.`,
      encoding === 'utf-8' ? 'Convert it, for example with: iconv -f windows-1252 -t utf-8' : undefined,
    )
  }
  const controls = text.slice(0, 100_000).match(/(?!\s)\p{Cc}/gu)?.length ?? 0
  if (controls > Math.min(text.length, 100_000) / 10) throw unreadable(`${name} is not a text.`, undefined)
  return text
}

function unreadable(message: string, hint: string | undefined): CliError {
  return new CliError('not_found', message, hint)
}
