import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { CliError } from '../errors.ts'

// docs/backup.md has the format: gzip of lines of JSON.
//
//   {"format":"rote backup",…}  { {"table":…,"columns":[…]}  [value, …] … } …  {"end":true,"rows":{…},"sha256":…}

/** The version of the format that this program writes, and the newest that it reads. */
export const FORMAT_VERSION = 1
const FORMAT = 'rote backup'

/** A line that is longer is in no backup: whoever restores has to have it in memory, and PostgreSQL too. */
export const LONGEST_LINE = 64_000_000
const LONGEST_HEADER = 10_000

/** The first line. */
export interface Header {
  /** The program's version. */
  program: string
  /** The newest migration of the database, as the time that it was generated at, in milliseconds. */
  migration: number
  /** An ISO 8601 instant. */
  created_at: string
  scope: 'all' | 'mine'
  /** Whose it is, when it is one person's. */
  user: string | null
  /** Of an automatic backup: the number of the next transaction, which tells whether anything has changed since. */
  xid?: string
}

/** What is between the first line and the last. */
export type Part =
  | { kind: 'table'; table: string; columns: string[] }
  /** Some rows of it: a JSON array each, each with a line feed behind it. */
  | { kind: 'rows'; count: number; lines: string }

/** The bytes of a backup with these parts in it. */
export async function* writeBackup(
  header: Header,
  parts: AsyncIterable<Part>,
): AsyncGenerator<Uint8Array, void> {
  const gzip = createGzip({ level: 3 })
  // read ahead: what is fetched and what is compressed can be done at once
  const fed = pipeline(Readable.from(lines(header, parts), { highWaterMark: 4 }), gzip)
  // it is thrown below, to whoever reads
  fed.catch(() => {})
  yield* gzip
  await fed
}

async function* lines(header: Header, parts: AsyncIterable<Part>): AsyncGenerator<string> {
  const sum = createHash('sha256')
  const rows: Record<string, number> = {}
  let table = ''
  const summed = (text: string) => {
    sum.update(text)
    return text
  }
  yield summed(`${JSON.stringify({ format: FORMAT, version: FORMAT_VERSION, ...header })}\n`)
  for await (const part of parts) {
    if (part.kind === 'table') {
      table = part.table
      rows[table] = 0
      yield summed(`${JSON.stringify({ table, columns: part.columns })}\n`)
    } else {
      rows[table] = (rows[table] ?? 0) + part.count
      yield summed(part.lines)
    }
  }
  yield `${JSON.stringify({ end: true, rows, sha256: sum.digest('hex') })}\n`
}

/** The fields of a line that is an object; none of any other. */
function fields(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
  } catch {
    return {}
  }
}

const isName = (value: unknown): value is string => typeof value === 'string'

/**
 * Reads a backup, called `name`, from its beginning to its end: a header first, then its parts. Throws failure, in a
 * sentence, for whatever is no backup, is of a newer format, is cut off or damaged. That can be at its very end, so
 * nothing of it is good before it has ended.
 */
export async function* readBackup(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<{ kind: 'header'; header: Header } | Part, void> {
  const gunzip = createGunzip({ chunkSize: 1_000_000 })
  const reading = new Reading(name)
  const fed = pipeline(bytes, gunzip)
  fed.catch(() => {})
  try {
    for await (const chunk of gunzip) yield* reading.push(chunk)
    await fed
  } catch (error) {
    throw reading.fault(error, gunzip.bytesWritten === 0)
  } finally {
    gunzip.destroy()
  }
  reading.end()
}

const LINE_FEED = 10
const BRACE = 123

/**
 * Where the reading of a backup is:
 *
 *   header ── its line ──► tables ── the last line ──► ended ── anything at all ──► damaged
 */
class Reading {
  readonly #name: string
  readonly #sum = createHash('sha256')
  readonly #rows: Record<string, number> = {}
  #state: 'header' | 'tables' | 'ended' = 'header'
  #table: string | null = null
  /** The beginning of a line that has not come to its end. */
  #rest: Buffer[] = []
  #waiting = 0

  constructor(name: string) {
    this.#name = name
  }

  *push(chunk: Buffer): Generator<{ kind: 'header'; header: Header } | Part> {
    const end = chunk.lastIndexOf(LINE_FEED) + 1
    if (end > 0) {
      const block = Buffer.concat([...this.#rest, chunk.subarray(0, end)])
      this.#rest = []
      this.#waiting = 0
      yield* this.#block(block)
    }
    if (end < chunk.length) {
      this.#rest.push(chunk.subarray(end))
      this.#waiting += chunk.length - end
    }
    if (this.#waiting > (this.#state === 'header' ? LONGEST_HEADER : LONGEST_LINE))
      throw this.#state === 'header' ? this.#foreign() : this.#damaged()
  }

  /** Whole lines. */
  *#block(block: Buffer): Generator<{ kind: 'header'; header: Header } | Part> {
    for (let at = 0; at < block.length; ) {
      if (this.#state === 'ended') throw this.#damaged()
      if (this.#state === 'header' || block[at] === BRACE) {
        const end = block.indexOf(LINE_FEED, at) + 1
        const line = block.subarray(at, end)
        at = end
        if (this.#state === 'header' && line.length > LONGEST_HEADER) throw this.#foreign()
        const part = this.#control(line)
        if (part) yield part
        continue
      }
      // no string of JSON has a line feed in it
      const next = block.indexOf('\n{', at)
      const run = block.subarray(at, next < 0 ? block.length : next + 1)
      at += run.length
      if (this.#table === null) throw this.#damaged()
      this.#sum.update(run)
      const count = linesIn(run)
      this.#rows[this.#table] = (this.#rows[this.#table] ?? 0) + count
      yield { kind: 'rows', count, lines: run.toString('utf8') }
    }
  }

  /** A line that is no row. */
  #control(line: Buffer): { kind: 'header'; header: Header } | Part | null {
    const said = fields(line.toString('utf8'))
    if (this.#state === 'header') {
      const header = this.#header(said)
      this.#state = 'tables'
      this.#sum.update(line)
      return { kind: 'header', header }
    }
    if (said.end === true) {
      const same = JSON.stringify(said.rows) === JSON.stringify(this.#rows)
      if (!same || said.sha256 !== this.#sum.digest('hex')) throw this.#damaged()
      this.#state = 'ended'
      return null
    }
    const { table, columns } = said
    if (!isName(table) || !Array.isArray(columns) || !columns.every(isName) || table in this.#rows)
      throw this.#damaged()
    this.#sum.update(line)
    this.#table = table
    this.#rows[table] = 0
    return { kind: 'table', table, columns }
  }

  #header({
    format,
    version,
    program,
    migration,
    created_at,
    scope,
    user,
    xid,
  }: Record<string, unknown>): Header {
    if (format !== FORMAT) throw this.#foreign()
    if (typeof version === 'number' && version > FORMAT_VERSION)
      throw newerBackup(this.#name, typeof program === 'string' ? program : null)
    const whose = user === null || typeof user === 'string'
    if (
      version !== FORMAT_VERSION ||
      typeof program !== 'string' ||
      typeof migration !== 'number' ||
      typeof created_at !== 'string' ||
      (scope !== 'all' && scope !== 'mine') ||
      !whose
    )
      throw this.#damaged()
    return { program, migration, created_at, scope, user, ...(typeof xid === 'string' ? { xid } : {}) }
  }

  /** To be called at the end of the bytes. Throws when the backup does not end there. */
  end(): void {
    if (this.#state !== 'ended') throw this.#cutOff()
    if (this.#waiting > 0) throw this.#damaged()
  }

  /** What is wrong, given what was thrown on the way, and whether there was anything at all. */
  fault(error: unknown, empty: boolean): unknown {
    const { code } = error as NodeJS.ErrnoException
    if (empty && code === 'Z_BUF_ERROR') return new CliError('failure', `${this.#name} is empty.`, NOTHING)
    if (code === 'Z_BUF_ERROR') return this.#cutOff()
    if (!code?.startsWith('Z_')) return error
    return this.#state === 'header' ? this.#foreign() : this.#damaged()
  }

  #foreign(): CliError {
    return new CliError('failure', `${this.#name} is not a backup of rote.`, NOTHING)
  }

  #damaged(): CliError {
    return new CliError('failure', `${this.#name} is damaged: it is not as it was written.`, NOTHING)
  }

  #cutOff(): CliError {
    return new CliError('failure', `${this.#name} is cut off: its end is missing.`, NOTHING)
  }
}

const NOTHING = 'Nothing was restored.'

/** For a backup that this program is too old for. */
export function newerBackup(name: string, program: string | null): CliError {
  const by = program === null ? 'a newer rote' : `a newer rote (${program})`
  return new CliError('failure', `${name} was written by ${by}.`, 'Update this rote. Nothing was restored.')
}

function linesIn(block: Buffer): number {
  let count = 0
  for (let at = block.indexOf(LINE_FEED); at >= 0; at = block.indexOf(LINE_FEED, at + 1)) count++
  return count
}
