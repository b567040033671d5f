import type { Writable } from 'node:stream'
import type { ChalkInstance } from 'chalk'
import { type Cell, plain } from './cell.ts'
import { safe } from './safe.ts'

/** How a run answers; decided once. */
export type Mode = 'table' | 'tsv' | 'json' | 'quiet'

/** One column of a list. */
interface Column<Row> {
  header: string
  /** The whole value, as scripts get it. */
  value(row: Row): Cell
  /** What a person sees instead; the value when left out. */
  show?(row: Row): string
  align?: 'right'
  /** Gives way when the window is narrow. */
  flexible?: true
  /** Left out of the table: scripts get it all the same. */
  hidden?: true
}

/** How one kind of thing is shown. */
export interface View<Row> {
  columns: readonly Column<Row>[]
  /** What --quiet prints of it, and a change into a pipe; '' when there is nothing to name. */
  key(row: Row): string
  /** Said to a person when there is nothing: what to do about it; '' for nothing. */
  empty: string
}

/** The reader of our output has gone; what `head` does when it has enough. */
export class ClosedPipe extends Error {}

/** Where a command's answer goes. stdout is for the answer, stderr for talk. */
export interface Out {
  mode: Mode
  /** Many things, in the pages in which they come; nothing of a page is kept once it is written. */
  list<Row>(view: View<Row>, pages: AsyncIterable<Row[]> | Row[]): Promise<void>
  /** One thing, in full. */
  one<Row>(view: View<Row>, row: Row): Promise<void>
  /** A change: a sentence for a person, without what a terminal would obey; the id for a pipe, the object under --json. */
  done<Row>(view: View<Row>, row: Row, sentence: string): Promise<void>
  /** A change of several: sentences for a person, the ids for a pipe, an array under --json. */
  doneAll<Row>(view: View<Row>, rows: Row[], sentences: string): Promise<void>
  /** A change that was called off: said to a person, `null` under --json. */
  nothing(sentence: string): Promise<void>
  /** An answer that is no thing of ours: text for people and, as it is, for pipes; `value` under --json. */
  answer(text: string, value: unknown): Promise<void>
  /** Raw text of the answer, our own colours in it included, or bytes that are no text. */
  write(text: string | Uint8Array): Promise<void>
  /** Talk: for people, on stderr, and not under --quiet or --json. Plain text: nothing in it reaches a terminal raw. */
  say(text: string): void
}

/** Decides once how a run speaks. `columns` is the width of the window, read when it is needed. */
export function createOut(
  mode: Mode,
  stdout: Writable,
  stderr: Writable,
  style: ChalkInstance,
  columns: () => number,
): Out {
  async function write(text: string | Uint8Array): Promise<void> {
    if (text === '') return
    await new Promise<void>((resolve, reject) => {
      stdout.write(text, (error) => {
        if (!error) resolve()
        else reject((error as NodeJS.ErrnoException).code === 'EPIPE' ? new ClosedPipe() : error)
      })
    })
  }

  async function list<Row>(view: View<Row>, source: AsyncIterable<Row[]> | Row[]): Promise<void> {
    const pages = Array.isArray(source) ? [source] : source
    if (mode === 'table') {
      const rows: Row[] = []
      for await (const page of pages) rows.push(...page)
      if (rows.length === 0) return view.empty ? say(view.empty) : undefined
      const { table } = await import('./table.ts')
      return write(table(view, rows, style, columns()))
    }
    let written = 0
    for await (const page of pages) {
      if (mode === 'json') {
        await write(page.map((row, i) => `${written + i === 0 ? '[' : ','}\n  ${json(row)}`).join(''))
      } else {
        await write(page.map((row) => `${mode === 'quiet' ? view.key(row) : tsv(view, row)}\n`).join(''))
      }
      written += page.length
    }
    if (mode === 'json') await write(written === 0 ? '[]\n' : '\n]\n')
  }

  async function one<Row>(view: View<Row>, row: Row): Promise<void> {
    if (mode === 'table') {
      const { sheet } = await import('./table.ts')
      return write(sheet(view, row, style))
    }
    if (mode === 'json') return write(`${json(row, 2)}\n`)
    return write(`${mode === 'quiet' ? view.key(row) : tsv(view, row)}\n`)
  }

  async function done<Row>(view: View<Row>, row: Row, sentence: string): Promise<void> {
    if (mode === 'table') return write(`${safe(sentence)}\n`)
    if (mode === 'json') return write(`${json(row, 2)}\n`)
    const key = view.key(row)
    return write(key && `${key}\n`)
  }

  async function doneAll<Row>(view: View<Row>, rows: Row[], sentences: string): Promise<void> {
    if (mode === 'table') return write(`${safe(sentences)}\n`)
    if (mode === 'json') return list(view, rows)
    return write(rows.map((row) => `${view.key(row)}\n`).join(''))
  }

  async function nothing(sentence: string): Promise<void> {
    if (mode === 'json') return write('null\n')
    say(sentence)
  }

  async function answer(text: string, value: unknown): Promise<void> {
    if (mode === 'json') return write(`${json(value, 2)}\n`)
    return write(`${mode === 'table' ? safe(text) : text}\n`)
  }

  function say(text: string): void {
    if (mode !== 'quiet' && mode !== 'json') stderr.write(`${safe(text)}\n`)
  }

  return { mode, list, one, done, doneAll, nothing, answer, write, say }
}

/** JSON with the control characters escaped that JSON itself would let through to a terminal. */
function json(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function tsv<Row>(view: View<Row>, row: Row): string {
  const escaped = (text: string) =>
    text.replace(/[\\\t\n\r]/g, (c) => ({ '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' })[c] ?? c)
  return view.columns.map((column) => escaped(plain(column.value(row)))).join('\t')
}
