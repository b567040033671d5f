import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { CliError } from '../../errors.ts'
import { fault } from './faults.ts'

type Engine = typeof import('node-sqlite3-wasm')
type Database = InstanceType<Engine['Database']>
export type Value = string | number | bigint | Uint8Array | null
export type Row = Record<string, Value>

/** The newest schema that is known, of Anki 2.1.50 and after. */
const NEWEST = 18
/** From here on note types and decks are tables, before it JSON. */
const TABLES = 15

/** A collection's tables; those after the first three may be missing. */
const KNOWN = ['col', 'notes', 'cards', 'revlog', 'notetypes', 'fields', 'templates', 'decks'] as const
type Table = (typeof KNOWN)[number]

/**
 * Anki's SQLite database, opened on a file that is ours to change. The file's folder is removed as soon as SQLite holds the
 * file open, so that nothing is left of it however the process ends (where the system cannot do that, in `close`).
 */
export class Collection {
  readonly #db: Database
  readonly #folder: string
  readonly #open = new Set<{ finalize(): void; isFinalized: boolean }>()
  #tables: ReadonlySet<string> = new Set()
  /** Anki's number of the schema: 11, or 15 to 18. */
  version = 0

  private constructor(db: Database, folder: string) {
    this.#db = db
    this.#folder = folder
  }

  /** Throws CliError('failure') for what is no collection, is damaged, or is newer than known. */
  static open(file: string): Collection {
    prepare(file)
    const folder = dirname(file)
    const { Database } = engine()
    let db: Database
    try {
      db = new Database(file, { fileMustExist: true })
    } catch (error) {
      throw damaged(error)
    }
    const collection = new Collection(db, folder)
    try {
      collection.#prepare()
      return collection
    } catch (error) {
      collection.close()
      throw damaged(error)
    }
  }

  #prepare(): void {
    this.#db.exec(
      'pragma locking_mode=exclusive; pragma journal_mode=off; pragma synchronous=off; pragma trusted_schema=off;' +
        'pragma cell_size_check=on; pragma ignore_check_constraints=on',
    )
    // Anki's own collation: without it SQLite refuses whatever touches a column of this kind, even to count
    this.#db.exec(
      `pragma writable_schema=on; begin immediate;
       update sqlite_schema set sql = replace(sql, 'unicase', 'nocase') where sql like '%unicase%';
       commit; pragma writable_schema=reset`,
    )
    this.#removeFile()
    const tables = this.all(
      `select name, sql from sqlite_schema where type = 'table' and name in (${KNOWN.map((name) => `'${name}'`).join()})`,
    )
    this.#tables = new Set(tables.map(({ name }) => String(name)))
    if (!this.has('col') || !this.has('notes') || !this.has('cards')) {
      throw fault('damaged', 'this SQLite database is no Anki collection')
    }
    // before the rest is looked at: a newer schema may be different in every way
    this.version = whole(this.all('select ver from col limit 1')[0]?.ver ?? null)
    if (this.version > NEWEST) {
      throw fault('tooNew', `this collection is of a newer Anki than rote knows (schema ${this.version})`)
    }
    for (const { name, sql } of tables) this.#check(String(name), String(sql))
  }

  /** Looks at a table's pages once, so that none leads in a circle later on, and that it has rows and no formulas. */
  #check(name: string, sql: string): void {
    const plain = /^\s*create\s+table\b/i.test(sql)
    const computed =
      plain && this.all(`select 1 from pragma_table_xinfo('${name}') where hidden <> 0`).length > 0
    if (!plain || computed)
      throw fault('damaged', `this collection has a table "${name}" that Anki would not make`)
    for (const { quick_check: found } of this.rows(`pragma quick_check('${name}')`)) {
      if (found !== 'ok')
        throw fault('damaged', 'this collection is damaged: SQLite cannot read all of it', found)
      break
    }
  }

  /** Whether note types and decks are in tables, and not in JSON. */
  get inTables(): boolean {
    return this.version >= TABLES && this.has('notetypes')
  }

  has(table: Table): boolean {
    return this.#tables.has(table)
  }

  /** Rows one by one; the statement is let go of when the loop ends. Throws CliError('failure') for a damaged database. */
  *rows(sql: string): Generator<Row> {
    let statement: ReturnType<Database['prepare']> | undefined
    try {
      statement = this.#db.prepare(sql)
      this.#open.add(statement)
      const rows = statement.iterate()
      for (let next = rows.next(); !next.done; next = rows.next()) yield next.value
    } catch (error) {
      throw damaged(error)
    } finally {
      if (statement) this.#finalize(statement)
    }
  }

  all(sql: string): Row[] {
    return [...this.rows(sql)]
  }

  count(table: Table): number {
    return this.has(table) ? whole(this.all(`select count(*) as n from ${table}`)[0]?.n ?? null) : 0
  }

  close(): void {
    try {
      for (const statement of this.#open) this.#finalize(statement)
      if (this.#db.isOpen) this.#db.close()
    } catch {
      // a broken file; the engine is dropped with all it holds
    }
    this.#removeFile()
  }

  #finalize(statement: { finalize(): void; isFinalized: boolean }): void {
    this.#open.delete(statement)
    try {
      if (!statement.isFinalized) statement.finalize()
    } catch {
      // it says once more what was wrong with the last row
    }
  }

  #removeFile(): void {
    try {
      rmSync(this.#folder, { recursive: true, force: true })
    } catch {
      // Windows, while the file is open
    }
  }
}

/**
 * An instance of SQLite for one file. A broken file can leave the memory of an instance in any state, so none is used for a
 * second one; `require` is what can load a module twice.
 */
export function engine(): Engine {
  const load = createRequire(import.meta.url)
  const path = load.resolve('node-sqlite3-wasm')
  delete load.cache[path]
  try {
    return load(path) as Engine
  } finally {
    delete load.cache[path]
  }
}

/** Anki leaves the mark of a write-ahead log in the header, and without the log SQLite does not open such a file. */
function prepare(file: string): void {
  const fd = openSync(file, 'r+')
  try {
    const header = Buffer.alloc(100)
    const length = readSync(fd, header, 0, 100, 0)
    if (length < 100 || header.toString('latin1', 0, 16) !== 'SQLite format 3\0') {
      throw fault('damaged', 'this package holds no SQLite database where Anki keeps its collection')
    }
    if (header[18] === 2 || header[19] === 2) writeSync(fd, Uint8Array.of(1, 1), 0, 2, 18)
    checkSchema(fd, header.readUInt16BE(16))
  } finally {
    closeSync(fd)
  }
}

/**
 * The tree of the schema is read before anything can be asked of SQLite, so it is looked at here: a page that is reached
 * twice may be reached without end. https://www.sqlite.org/fileformat2.html#b_tree_pages
 */
function checkSchema(fd: number, size: number): void {
  const pageSize = size === 1 ? 65_536 : size
  if (pageSize < 512) throw fault('damaged', 'this collection is damaged: SQLite cannot read it')
  const page = Buffer.alloc(pageSize)
  const seen = new Set<number>()
  const left = [1]
  for (let number = left.pop(); number !== undefined; number = left.pop()) {
    // there is no page 0, which SQLite says itself
    if (number === 0) continue
    if (seen.has(number) || seen.size > 10_000)
      throw fault('damaged', 'this collection is damaged: its schema leads in a circle')
    seen.add(number)
    page.fill(0)
    readSync(fd, page, 0, pageSize, (number - 1) * pageSize)
    const start = number === 1 ? 100 : 0
    if (page[start] !== 5) continue
    left.push(page.readUInt32BE(start + 8))
    const cells = page.readUInt16BE(start + 3)
    for (let cell = 0; cell < cells; cell++) {
      const pointer = start + 12 + 2 * cell
      const at = pointer + 2 <= pageSize ? page.readUInt16BE(pointer) : pageSize
      if (at + 4 <= pageSize) left.push(page.readUInt32BE(at))
    }
  }
}

/** A number of Anki's: 0 for whatever is none, as a broken file may have. */
export function whole(value: Value): number {
  const number = typeof value === 'number' || typeof value === 'bigint' ? Number(value) : 0
  return Number.isInteger(number) ? number : 0
}

function damaged(error: unknown): CliError {
  if (error instanceof CliError) return error
  return fault('damaged', 'this collection is damaged: SQLite cannot read it', error)
}
