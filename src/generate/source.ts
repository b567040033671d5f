import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { SourceText, SourceType } from '../core/generate/job.ts'
import { checkPageSpec, pageRanges } from '../core/generate/page-spec.ts'
import { plural } from '../core/plural.ts'
import { CliError, usage } from '../errors.ts'
import type { Input } from '../world.ts'
import { abortable } from './abort.ts'
import { type Bytes, joined, sizeOf, tooLarge } from './bytes.ts'
import { extract } from './extract.ts'
import { fetchDocument, isAddress, type Network, withoutCredentials } from './web.ts'

/** A document that has been read and cleaned. */
export interface Source {
  source_type: SourceType
  /** An absolute path, `-`, or an address without credentials. */
  source_url: string
  /** Of the bytes that were read, in hexadecimal. */
  sha256: string
  text: SourceText
}

export interface ReadOptions {
  stdin: Input
  /** Which pages of a PDF, as in `1-10,15`. */
  pages?: string
  /** What the document is, whatever it looks like. */
  type?: SourceType
  /** The most that is read; 100 MB of a file, and 10 MB of a web page as it is when unpacked. */
  maxBytes?: number
  /** The password of an encrypted PDF, asked for up to three times; null: there is nobody to ask. */
  password(wrong: boolean): Promise<string | null>
  /** Ends everything at once. */
  signal: AbortSignal
  /** Pages read of those wanted, of a PDF. */
  onPage(done: number, total: number): void
  /** How long opening and each page may take; 30,000 ms. */
  pageMs?: number
  /** How long a document may take, questions aside; 300,000 ms. */
  totalMs?: number
  /** How long a web page may take in all, and a PDF from the web six times as long; 20,000 ms. */
  webMs?: number
  /** Node's own, unless a test has another. */
  network?: Network
  /** Whether to read on although a web page gave little or doubtful text, of which `excerpt` is the beginning, in one line. */
  dubious(message: string, excerpt: string): Promise<boolean>
}

const FILE_BYTES = 100_000_000
/** Less text than this, in characters, makes no cards. */
const TOO_SHORT = 200

/** A document before anybody has looked into it. */
interface Loaded {
  /** What it is called in messages. */
  name: string
  source_url: string
  bytes: Bytes
  sha256: string
  /** What the sender says that it is. */
  says: SourceType | undefined
  charset: string | undefined
}

/**
 * Reads a file, an http(s) address, or standard input for `-`, as clean text. What it is is told by its content, not by
 * its name. Throws usage for a page specification that the document does not have and for a terminal as standard input,
 * not_found for whatever cannot be read, and interrupted when the signal says so.
 */
export async function readSource(argument: string, options: ReadOptions): Promise<Source> {
  if (options.pages !== undefined) checkPageSpec(options.pages)
  const loaded = await load(argument, options)
  const type = typeOf(loaded, options.type)
  if (options.pages !== undefined && type !== 'pdf') {
    throw usage(`--pages is for PDFs, and ${loaded.name} is none.`)
  }
  const { name, source_url, sha256, bytes, charset } = loaded
  const { text, article } = await extract({ type, bytes, name, pages: options.pages, charset }, options)
  checkText(text, type, name)
  if (type === 'webpage') await checkPage(text, article, name, options)
  return { source_type: type, source_url, sha256, text }
}

/** What a person sees who asks what was read of a source: its text, with a line before each page that has a number. */
export function showText({ text }: Source): string {
  return text.pages
    .map(({ page, text }) => (page === null ? `${text}\n` : `[page ${page}]\n${text}\n`))
    .join('\n')
}

async function load(argument: string, options: ReadOptions): Promise<Loaded> {
  if (argument === '-') return await loadStdin(options)
  if (!isAddress(argument)) return await loadFile(argument, options)
  const name = withoutCredentials(argument)
  return { name, source_url: name, ...(await fetchDocument(argument, options)) }
}

async function loadStdin({ stdin, maxBytes = FILE_BYTES, signal }: ReadOptions): Promise<Loaded> {
  const name = 'Standard input'
  if (stdin.isTTY) {
    throw usage(
      'Nothing is piped into standard input.',
      'For example: pdftotext book.pdf - | rote generate -',
    )
  }
  const parts: Buffer[] = []
  const hash = createHash('sha256')
  let size = 0
  const iterator = stdin[Symbol.asyncIterator]()
  for (;;) {
    const { done, value } = await abortable(iterator.next(), signal)
    if (done) break
    const part = Buffer.from(value)
    size += part.length
    if (size > maxBytes) throw tooLarge(`${name} is more than ${sizeOf(maxBytes)}`)
    hash.update(part)
    parts.push(part)
  }
  if (size === 0) throw usage('No text on standard input.')
  return {
    name,
    source_url: '-',
    bytes: joined(parts, size),
    sha256: hash.digest('hex'),
    says: undefined,
    charset: undefined,
  }
}

async function loadFile(path: string, { maxBytes = FILE_BYTES, signal }: ReadOptions): Promise<Loaded> {
  const found = await abortable(stat(path), signal).catch((error) => {
    throw unreadable(path, error)
  })
  if (found.isDirectory()) throw new CliError('not_found', `${path} is a folder, not a file.`)
  if (!found.isFile()) {
    throw new CliError(
      'not_found',
      `${path} is no regular file.`,
      found.isFIFO() ? `To read a pipe: rote generate - < ${path}` : undefined,
    )
  }
  if (found.size > maxBytes) {
    throw tooLarge(`${path} is ${sizeOf(found.size)}; the limit is ${sizeOf(maxBytes)}`)
  }
  if (found.size === 0) throw new CliError('not_found', `${path} is empty.`)
  const { bytes, sha256 } = await readWhole(path, found.size, signal).catch((error) => {
    throw unreadable(path, error)
  })
  return { name: path, source_url: resolve(path), bytes, sha256, says: undefined, charset: undefined }
}

/** So much is read and hashed in one go: a few milliseconds. */
const BLOCK = 4_000_000

async function readWhole(path: string, size: number, signal: AbortSignal) {
  // a pipe that has taken the file's place would not let itself be opened
  const file = await abortable(open(path, constants.O_RDONLY | constants.O_NONBLOCK), signal)
  try {
    const bytes: Bytes = new Uint8Array(size)
    const hash = createHash('sha256')
    let at = 0
    while (at < size) {
      const reading = file.read(bytes, at, Math.min(BLOCK, size - at), at)
      const { bytesRead } = await abortable(reading, signal)
      if (bytesRead === 0) break
      hash.update(bytes.subarray(at, at + bytesRead))
      at += bytesRead
    }
    return { bytes: at === size ? bytes : bytes.slice(0, at), sha256: hash.digest('hex') }
  } finally {
    // nobody waits for it: a read that hangs would hold it up
    file.close().catch(() => {})
  }
}

/** An error of the operating system in words; any other error as it is. */
function unreadable(path: string, error: NodeJS.ErrnoException): Error {
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new CliError('not_found', `Cannot read ${path}: no such file.`)
    case 'EACCES':
    case 'EPERM':
      return new CliError('not_found', `Cannot read ${path}: it may not be read by you.`)
  }
  // "ELOOP: too many symbolic links encountered, stat 'a'"
  const [, reason] = /^E[A-Z0-9]+: ([^,]+)/.exec(error.message) ?? []
  return reason ? new CliError('not_found', `Cannot read ${path}: ${reason}.`) : error
}

/** Where the first bytes of a PDF may stand; readers look so far for them, because servers put lines before them. */
const PDF_HEAD = 1024

function typeOf({ name, bytes, says }: Loaded, wanted: SourceType | undefined): SourceType {
  const head = Buffer.from(bytes.buffer, 0, Math.min(PDF_HEAD, bytes.length)).toString('latin1')
  const called = /\.pdf$/i.test(name)
  const isPdf =
    /^\s*%PDF-/.test(head) ||
    (/%PDF-\d/.test(head) && (called || says === 'pdf' || /%PDF-\d\.\d\s+%[\x80-\xff]/.test(head)))
  if (isPdf && wanted !== 'text') return 'pdf'
  if (wanted === 'pdf' || says === 'pdf' || (called && wanted === undefined)) throw noPdf(name, head)
  const isPage =
    /^[\s\xef\xbb\xbf]*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*)*<(?:!doctype\s+html|html)\b/i.test(head)
  return wanted ?? says ?? (isPage ? 'webpage' : 'text')
}

function noPdf(name: string, head: string): CliError {
  const start = head
    .slice(0, 12)
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
  const begins = start === '' ? '' : ` (it starts with "${start}")`
  const isPage = /^\s*<(?:!doctype|html)/i.test(head)
  return new CliError(
    'not_found',
    `${name} is not a PDF${begins}.${isPage ? ' Was the download an error page?' : ''}`,
    isPage ? 'To read it as a page, add: --type webpage' : undefined,
  )
}

function checkText({ pages, notes, page_count }: SourceText, type: SourceType, name: string): void {
  const letters = pages.reduce((sum, { text }) => sum + text.length, 0)
  const unreadable = notes.filter(({ kind }) => kind !== 'blank')
  if (type === 'pdf' && unreadable.length > 0 && pages.every(({ text }) => text.length < 20)) {
    throw withoutText(name, unreadable, page_count ?? 0)
  }
  if (letters < TOO_SHORT) {
    const hint = type === 'webpage' ? PAGE_HINT : undefined
    const found = letters === 0 ? 'no text' : `only ${plural(letters, 'character')} of text`
    throw new CliError('not_found', `${name} has ${found}: nothing to make cards from.`, hint)
  }
}

function withoutText(name: string, notes: SourceText['notes'], total: number): CliError {
  const hint = (options: string) =>
    `Run: ocrmypdf ${options}${name} with-text.pdf, then try again with with-text.pdf.`
  const why = {
    blank: 'blank',
    scanned: 'images (scanned)',
    garbled: 'garbled: the fonts do not tell what the signs mean',
    failed: 'damaged',
  } as const
  const [first, ...more] = notes
  const isAll = first && more.length === 0 && first.pages.length === total
  const which = isAll
    ? total === 1
      ? `The only page of ${name} is`
      : `All ${total} pages of ${name} are`
    : ''
  const each = notes.map(({ kind, pages }) => `${pageRanges(pages)} (${kind})`)
  const message =
    isAll && first
      ? `${which} ${why[first.kind]}.`
      : `No page of ${name} has readable text: ${each.join('; ')}.`
  return new CliError(
    'not_found',
    message,
    hint(notes.some(({ kind }) => kind === 'garbled') ? '--force-ocr ' : ''),
  )
}

/** A web page with less text than this, in characters, may be no more than its frame. */
const SHORT_PAGE = 800
const EXCERPT = 200

/** Asks whether to go on with a page that may not be what the person sees in a browser. */
async function checkPage(
  { pages }: SourceText,
  article: boolean,
  name: string,
  { dubious, signal }: ReadOptions,
): Promise<void> {
  const text = pages.map(({ text }) => text).join('\n')
  const unknown = text.match(/\ufffd/g)?.length ?? 0
  const message =
    unknown > text.length / 100
      ? `Many characters of ${name} cannot be made out.`
      : text.length < SHORT_PAGE
        ? `Only ${plural(text.length, 'character')} of ${name} could be read.`
        : article
          ? null
          : `${name} does not look like something to read.`
  if (
    message === null ||
    (await abortable(dubious(message, text.slice(0, EXCERPT).replace(/\s+/g, ' ')), signal))
  )
    return
  throw new CliError('not_found', message, PAGE_HINT)
}

const PAGE_HINT =
  'It may need JavaScript, or consent: save it from your browser as PDF or text, and read that.'
